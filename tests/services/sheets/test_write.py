"""Writing cells: what goes where, what is kept, what is said about it."""

from pathlib import Path

import pytest

from tests.conftest import Model
from tests.services.faults import Faults, count
from tests.services.sheets.made import SALES, batch, grid, made, table, values
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.world import World


async def test_rows_are_written_and_each_change_is_shown(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)

    said = await model.call(
        "sheets_write",
        sheet="1b",
        range="Data!A5",
        rows=[["Di", 12.5, "2026-12-24"], ["Ed", "7%", None]],
    )

    assert said == (
        "Wrote Data!A5:C6: 5 cells changed.\n--- before → after 7f3a00 ---\nA5: (empty) → Di\n"
        "B5: (empty) → 12.5\nC5: (empty) → 2026-12-24\nA6: (empty) → Ed\nB6: (empty) → 7%\n--- end 7f3a00 ---"
    )
    assert values(book, "Data!A5:C6", "UNFORMATTED_VALUE") == [["Di", 12.5, 46380], ["Ed", 0.07]]
    assert len(faults.seen) == 3


async def test_csv_is_written_beyond_the_grid(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call("sheets_write", sheet="1b", range="Notes!Z1000", csv='a,"b, c"\n1,2\n')

    assert values(book, "Notes!Z1000:AA1001") == [["a", "b, c"], ["1", "2"]]


@pytest.mark.parametrize(
    ("value", "shows"),
    [
        ("=1+1", "=1+1"), ("+1+1", "+1+1"), ("-A1", "-A1"), ("@x", "@x"), ("007", "007"), ("+49 151 23",
         "+49 151 23"),
        ("'quoted", "'quoted"), ("4111111111111111", "4111111111111111"), (" =A1", " =A1"), ("-5", "-5"),
         ("-5.5%", "-5.50%"),
        ("+", "+"), ("-", "-"), ("-5+3", "-5+3"), ("-$A$1", "-$A$1"), ("- item", "- item"), ("-1,200", "-1,200"),
        (True, "TRUE"), (1.5, "1.5"), ("plain", "plain"), ("", ""),
    ],
)  # fmt: skip
async def test_a_text_stays_what_it_is(
    model: Model, sheets: FakeSheets, value: object, shows: str
) -> None:
    book = made(sheets)

    await model.call("sheets_write", sheet="1b", range="Notes!B2", rows=[[value]])

    assert (values(book, "Notes!B2") or [[""]])[0][0] == shows
    assert "formulaValue" not in book.tabs[1].cell(1, 1).entered


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, True), ({"formulas": True}, False), ({"raw": True}, False)],
)
async def test_a_formula_that_was_written_as_text_is_said_to_be_one(
    model: Model, sheets: FakeSheets, given: dict[str, bool], told: bool
) -> None:
    made(sheets)

    said = await model.call("sheets_write", sheet="1b", range="Data!B5", rows=[["=1+1"]], **given)

    assert ("formulas=true makes formulas of it" in said) is told


async def test_formulas_are_formulas_when_asked(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    said = await model.call(
        "sheets_write", sheet="1b", range="Data!B5", rows=[["=SUM(B2:B4)"]], formulas=True
    )

    assert "B5: (empty) → =SUM(B2:B4) (3681.5)" in said
    assert values(book, "Data!B5", "FORMULA") == [["=SUM(B2:B4)"]]


async def test_raw_texts_are_no_dates(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call(
        "sheets_write", sheet="1b", range="Notes!A1", rows=[["2026-01-02", "=1", "5%"]], raw=True
    )

    assert values(book, "Notes!A1:C1", "UNFORMATTED_VALUE") == [["2026-01-02", "=1", "5%"]]


async def test_filled_cells_and_formulas_are_kept(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Data!A3:B5", rows=[["Bo", 1], ["x", 2], ["y", 3]]
    )

    assert failure == (
        "Nothing was written; filled already: B3, A4; with a formula: B4.\n"
        "Read them, write elsewhere, give null for cells to keep, or repeat with overwrite=true."
    )
    assert values(book, "Data!A1:D4") == [[str(one) for one in row] for row in SALES[:3]] + [
        ["Cy", "2401", "2026-12-05", "open"]
    ]


async def test_overwrite_replaces_them_and_shows_what_was(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    said = await model.call(
        "sheets_write", sheet="1b", range="Data!B3:B4", rows=[[81], [5]], overwrite=True
    )

    assert "B3: 80 → 81\nB4: =B2*2 → 5\n" in said
    assert values(book, "Data!B3:B4") == [["81"], ["5"]]


async def test_null_keeps_a_cell(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call(
        "sheets_write", sheet="1b", range="Data!A4:E4", rows=[[None, None, None, None, "new"]]
    )

    assert values(book, "Data!A4:E4") == [["Cy", "2401", "2026-12-05", "open", "new"]]


@pytest.mark.parametrize("mode", ["set", "append", "clear", "upsert", "insert", "delete", "move"])
async def test_a_dry_run_sends_no_change(
    model: Model, sheets: FakeSheets, faults: Faults, mode: str
) -> None:
    book = made(sheets)
    before = values(book, "Data!A1:D10", "FORMULA")
    more = {
        "set": {"range": "Data!A9", "rows": [["x"]]}, "append": {"range": "Data", "rows": [["x"]]},
        "clear": {"range": "Data!A2:A3"}, "upsert": {"range": "Data", "rows": [["Name", "State"], ["Ana", "x"]],
         "key": "Name"},
        "insert": {"range": "Data!2:3"}, "delete": {"range": "Data!2:3"}, "move": {"range": "Data!2:2",
         "to": "Notes"},
    }[mode]  # fmt: skip

    said = await model.call("sheets_write", sheet="1b", mode=mode, dry_run=True, **more)

    assert said.startswith("Would ")
    assert said.endswith("Nothing was written: dry_run.")
    assert values(book, "Data!A1:D10", "FORMULA") == before
    assert [one for one in faults.seen if not one.startswith("GET")] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"range": "Data!A1:B2", "rows": [[1], [2], [3]]},
            "There are 3 rows, and the range has 2 rows.",
        ),
        (
            {"range": "Data!A1:B2", "rows": [[1, 2, 3]]},
            "A row has 3 cells, and the range has 2 columns.",
        ),
        ({"range": "Data!A9"}, "Give rows or csv, one of them."),
        ({"range": "Data!A9", "rows": []}, "There are no rows."),
        (
            {"range": "Data!A9", "rows": [[{"a": 1}]]},
            "rows[0][0] is no text, number, true, false or null.",
        ),
        (
            {"range": "Data!A9", "rows": [["x" * 50_001]]},
            "rows[0][0] has 50,001 characters; a cell holds 50,000.",
        ),
        ({"range": "Nowhere!A9", "rows": [[1]]}, "There is no tab of that name."),
        ({"range": "Data!A9", "mode": "clear", "rows": [[1]]}, "mode=clear takes no rows."),
        (
            {"range": "Data", "mode": "upsert", "rows": [[1]]},
            "upsert needs key, the name of a column.",
        ),
        ({"range": "Data!2:2", "mode": "move"}, "move needs to."),
        ({"range": "Data!A2:B2", "mode": "delete"}, "These are not whole rows or columns."),
        (
            {"range": "Data!1:1000", "mode": "delete"},
            "A tab keeps at least one row and one column.",
        ),
        ({"range": "Data!2:3", "mode": "move", "to": "3:3"}, "They would stay where they are."),
        (
            {"range": "Data!A:A", "mode": "move", "to": "Notes"},
            "Columns can only be moved within their tab.",
        ),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_sent(
    model: Model, sheets: FakeSheets, faults: Faults, arguments: dict[str, object], said: str
) -> None:
    made(sheets)

    failure = await model.call_failing("sheets_write", sheet="1b", **arguments)

    assert failure.startswith(said)
    assert [one for one in faults.seen if not one.startswith("GET")] == []


async def test_rows_are_appended_below_the_data(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets, tabs=("Ärger / 1?", "Notes"))

    said = await model.call(
        "sheets_write",
        sheet="1b",
        range="Ärger / 1?",
        mode="append",
        rows=[["Di", 5], ["Ed", "=A1"]],
    )

    assert said.startswith("Appended 'Ärger / 1?'!A5:B6.\n--- before → after")
    assert values(book, "'Ärger / 1?'!A4:B6", "FORMULA") == [
        ["Cy", "=B2*2"],
        ["Di", 5],
        ["Ed", "=A1"],
    ]
    assert "formulaValue" not in book.tabs[0].cell(5, 1).entered


async def test_rows_are_appended_to_a_table_which_grows(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    sheets.fill(book, "Data!A6", [["below the table"]])
    table(
        sheets,
        book,
        [{"columnIndex": 1, "columnType": "CURRENCY"}, {"columnIndex": 2, "columnType": "DATE"}],
    )

    said = await model.call(
        "sheets_write",
        sheet="1b",
        range="orders",
        mode="append",
        rows=[["Di", "1,500", "2026-12-24", "=x"]],
    )

    assert said.startswith("Appended Data!A5:D5 to the table.")
    assert values(book, "Data!A5:D5", "UNFORMATTED_VALUE") == [["Di", 1500, 46380, "=x"]]
    assert book.tabs[0].list("tables")[0]["range"]["endRowIndex"] == 5
    assert values(book, "Data!A7") == [["below the table"]]


async def test_a_table_takes_no_wider_rows(model: Model, sheets: FakeSheets) -> None:
    table(sheets, made(sheets))

    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Orders", mode="append", rows=[[1, 2, 3, 4, 5]]
    )

    assert failure.startswith("A row has 5 cells, and the table has 4 columns.")


async def test_clearing_shows_what_was_there_and_keeps_formulas(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)

    failure = await model.call_failing("sheets_write", sheet="1b", range="Data!A2:B4", mode="clear")
    said = await model.call("sheets_write", sheet="1b", range="Data!A2:B3", mode="clear")
    forced = await model.call(
        "sheets_write", sheet="1b", range="Data!B4", mode="clear", overwrite=True
    )

    assert failure.startswith("Nothing was cleared; with a formula: B4.")
    assert said == (
        "Cleared Data!A2:B3; formats stay.\n--- before → after 7f3a00 ---\nA2: Ana → (empty)\nB2: 1,200.50 → (empty)\n"
        "A3: Bo → (empty)\nB3: 80 → (empty)\n--- end 7f3a00 ---"
    )
    assert "B4: =B2*2 → (empty)" in forced
    assert values(book, "Data!A2:B4") == [[], [], ["Cy"]]


async def test_a_protected_range_is_googles_refusal(model: Model, sheets: FakeSheets) -> None:
    book = sheets.add("bo@example.com", "Shared", "1s")
    book.editors.add("me@example.com")
    batch(sheets, book, {"addProtectedRange": {"protectedRange": {"range": grid(0, 0, 0, 2, 2)}}})

    failure = await model.call_failing("sheets_write", sheet="1s", range="Sheet1!B2", rows=[[1]])

    assert "You are trying to edit a protected cell or object." in failure
    assert (await model.call("sheets_write", sheet="1s", range="Sheet1!C3", rows=[[1]])).startswith(
        "Wrote Sheet1!C3"
    )


async def test_a_reader_may_not_write(model: Model, sheets: FakeSheets) -> None:
    book = sheets.add("bo@example.com", "Shared", "1s")
    book.readers.add("me@example.com")

    failure = await model.call_failing("sheets_write", sheet="1s", range="Sheet1!B2", rows=[[1]])

    assert "The caller does not have permission" in failure


async def test_a_lost_answer_to_an_append_is_not_repeated(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)
    faults.lose_answer("POST", ":append")

    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Data", mode="append", rows=[["x"]]
    )

    assert failure == (
        "Google's answer was lost: the change may have been made, or not.\nLook with sheets_read before repeating it."
    )
    assert values(book, "Data!A4:A6") == [["Cy"], ["x"]]


async def test_a_lost_answer_to_a_set_is_sent_again(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)
    faults.lose_answer("POST", "values:batchUpdate")

    await model.call("sheets_write", sheet="1b", range="Notes!A1", rows=[["x"]])

    assert values(book, "Notes!A1") == [["x"]]
    assert count(faults.seen, "POST /v4/spreadsheets/1b/values:batchUpdate") == 2


async def test_of_many_cells_only_those_are_listed_that_show_something_else(
    model: Model, sheets: FakeSheets, world: World
) -> None:
    made(sheets)

    said = await model.call(
        "sheets_write", sheet="1b", range="Notes!A1",
        rows=[[n, n, "1,000"] for n in range(1, 2_001)],
    )  # fmt: skip
    over = await model.call(
        "sheets_write", sheet="1b", range="Notes!A1", overwrite=True,
        rows=[[n + 1] for n in range(1, 2_001)],
    )  # fmt: skip

    assert said == (
        "Wrote Notes!A1:C2000: 6,000 cells changed.\n6,000 empty cells took what was given, as it is."
    )
    assert over.startswith("Wrote Notes!A1:A2000: 2,000 cells changed.")
    assert "A1: 1 → 2\n" in over
    assert over.endswith("and 1,960 more changed cells")
    assert len(over) < 2_000
    assert world.spreadsheets is sheets


async def test_what_sheets_reads_otherwise_is_listed_among_many(
    model: Model, sheets: FakeSheets
) -> None:
    made(sheets)

    said = await model.call(
        "sheets_write", sheet="1b", range="Notes!A1", formulas=True,
        rows=[[n, "2026-1-5" if n == 7 else "x"] for n in range(1, 15)] + [["=SUM(A1:A14)", ""]],
    )  # fmt: skip

    assert said == (
        "Wrote Notes!A1:B15: 29 cells changed.\n--- now, empty before 7f3a00 ---\n"
        "\tA\tB\n7\t\t2026-01-05\n15\t=SUM(A1:A14) (105)\n--- end 7f3a00 ---\n"
        "27 empty cells took what was given, as it is."
    )


async def test_a_row_is_filled_down_and_formulas_count_on(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets, [["a", "b"], [1, 2], [3, 4], [5, 6]])

    said = await model.call(
        "sheets_write", sheet="1b", range="Data!C2:E", mode="fill", formulas=True,
        rows=[["=A2+B2", None, "x"]],
    )  # fmt: skip
    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Data!A2:A4", mode="fill", rows=[[0]]
    )

    assert values(book, "Data!C2:E4") == [["3", "", "x"], ["7", "", "x"], ["11", "", "x"]]
    assert book.tabs[0].cell(3, 2).entered == {"formulaValue": "=A4+B4"}
    assert said == (
        "Filled Data!C2:E4: 6 cells changed.\n--- before → after 7f3a00 ---\n"
        "C2: (empty) → =A2+B2 (3)\nE2: (empty) → x\nC3: (empty) → 7\nE3: (empty) → x\n"
        "C4: (empty) → 11\nE4: (empty) → x\n--- end 7f3a00 ---"
    )
    assert failure.startswith("Nothing was written; filled already: A2, A3, A4.")


async def test_a_fill_that_breaks_off_says_how_far_it_came(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)
    faults.lose_request("POST", "1b:batchUpdate", 403)

    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Notes!A1:A3", mode="fill", rows=[["x"]]
    )
    dry = await model.call(
        "sheets_write", sheet="1b", range="Notes!B1:B3", mode="fill", rows=[["x"]], dry_run=True
    )

    assert "Only its first row was written: " in failure
    assert values(book, "Notes!A1:B3") == [["x"]]
    assert dry.startswith("Would fill Notes!B1:B3.")


async def test_a_permission_that_went_away_halfway_is_told_as_such(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    made(sheets)
    faults.lose_request("POST", "1b:batchUpdate", 401, times=3)

    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Notes!A1:A3", mode="fill", rows=[["x"]]
    )

    assert failure.startswith("Only its first row was written: GOOGLE_LOGIN_REQUIRED account=me@")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b'Item,Amount\nRent,"1,200"\n'),
        ("a.tsv", b"Item\tAmount\nRent\t1,200\n"),
        ("a.csv", "\ufeffItem;Amount\r\nRent;1,200\r\n".encode()),
        ("a.csv", "Item|Amount\nRent|1,200\n".encode("utf-16")),
    ],
)
async def test_a_file_on_this_machine_is_written(
    model: Model, sheets: FakeSheets, folder: Path, name: str, data: bytes
) -> None:
    book = made(sheets)
    (folder / name).write_bytes(data)

    await model.call("sheets_write", sheet="1b", range="Notes!B2", path=name)

    assert values(book, "Notes!B2:C4") == [["Item", "Amount"], ["Rent", "1,200"]]
    assert book.tabs[1].cell(2, 2).entered == {"numberValue": 1200}


async def test_a_file_that_cannot_be_written_is_refused(
    model: Model, sheets: FakeSheets, folder: Path, faults: Faults
) -> None:
    made(sheets)
    (folder / "a.xlsx").write_bytes(b"PK\x03\x04\0\0")
    (folder / "big.csv").write_text("1,2,3,4,5,6\n" * 9_000)

    for path, said in [
        ("a.xlsx", "That file is no CSV."),
        ("big.csv", "The file has more than 50,000 cells."),
        ("/etc/passwd", "'passwd' is outside the allowed folders."),
    ]:
        failure = await model.call_failing("sheets_write", sheet="1b", range="Notes", path=path)
        assert failure.startswith(said)
    both = await model.call_failing(
        "sheets_write", sheet="1b", range="Notes", path="a.csv", csv="a"
    )
    assert both.startswith("Give rows, csv or path, one of them.")
    assert faults.seen == []
