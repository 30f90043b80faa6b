"""Rows and columns inserted, deleted, moved."""

import pytest

from tests.conftest import Model
from tests.services.faults import Faults, count
from tests.services.sheets.made import batch, grid, made, values
from workspace_mcp.demo.sheets.api import FakeSheets


async def test_rows_are_inserted_and_formulas_follow(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    said = await model.call(
        "sheets_write", sheet="1b", range="Data!3:4", mode="insert", rows=[["New", 1]]
    )

    assert said.startswith("Inserted 2 rows: Data!A3:B3.")
    assert values(book, "Data!A2:B6", "FORMULA") == [
        ["Ana", 1200.5],
        ["New", 1],
        [],
        ["Bo", 80],
        ["Cy", "=B2*2"],
    ]


async def test_rows_that_are_wider_than_the_tab_are_inserted(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)
    width = book.tabs[0].columns + 2

    await model.call(
        "sheets_write", sheet="1b", range="Data!3:3", mode="insert", rows=[list(range(width))]
    )

    assert book.tabs[0].columns == width
    assert values(book, "Data!A3:AZ3")[0][-1] == str(width - 1)
    assert values(book, "Data!A4") == [["Bo"]]


async def test_an_insertion_that_breaks_off_says_that_the_rows_are_there(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)
    faults.lose_request("POST", "values:batchUpdate", 403)

    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Data!3:3", mode="insert", rows=[["New"]]
    )

    assert failure.startswith("The new rows are there, but empty: ")
    assert "Fill them with mode=set; inserting makes more." in failure
    assert values(book, "Data!A2:A4") == [["Ana"], [], ["Bo"]]


async def test_columns_are_inserted_and_deleted(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call("sheets_write", sheet="1b", range="Data!B:C", mode="insert")
    inserted = values(book, "Data!A4:E4", "FORMULA")
    said = await model.call("sheets_write", sheet="1b", range="Data!B:C", mode="delete")

    assert inserted == [["Cy", "", "", "=D2*2", 46361]]
    assert said == "Deleted 2 columns: Data!B:C. They were empty."
    assert values(book, "Data!B4", "FORMULA") == [["=B2*2"]]


async def test_deleted_rows_are_shown(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    said = await model.call("sheets_write", sheet="1b", range="Data!2:3", mode="delete")

    assert said == (
        "Deleted 2 rows: Data!2:3. What was in them:\n--- cells 7f3a00 ---\n\tA\tB\tC\tD\n"
        "2\tAna\t1,200.50\t2026-11-20\topen\n3\tBo\t80\t2026-12-01\tdone\n--- end 7f3a00 ---"
    )
    assert values(book, "Data!A1:B2", "FORMULA") == [["Name", "Amount"], ["Cy", "=#REF!*2"]]


@pytest.mark.parametrize(
    ("rows", "to", "order"),
    [
        ("2:2", "5:5", ["Bo", "Cy", "Ana"]),
        ("4:4", "2:2", ["Cy", "Ana", "Bo"]),
        ("2:3", "Data!5", ["Cy", "Ana", "Bo"]),
    ],
)
async def test_rows_move_within_their_tab(
    model: Model, sheets: FakeSheets, rows: str, to: str, order: list[str]
) -> None:
    book = made(sheets)

    await model.call("sheets_write", sheet="1b", range=f"Data!{rows}", mode="move", to=to)

    assert [row[0] for row in values(book, "Data!A2:A4")] == order


async def test_rows_move_to_another_tab_with_all_they_have(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)
    sheets.fill(book, "Notes!A1", [["Name"], ["Old"]])
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    batch(
        sheets,
        book,
        {
            "repeatCell": {
                "range": grid(0, 1, 0, 2, 1),
                "cell": bold,
                "fields": "userEnteredFormat.textFormat.bold",
            }
        },
    )

    said = await model.call("sheets_write", sheet="1b", range="Data!2:3", mode="move", to="Notes")

    assert said == "Moved 2 rows Data!2:3 → Notes!3:4."
    assert values(book, "Notes!A1:C4") == [
        ["Name"],
        ["Old"],
        ["Ana", "1,200.50", "2026-11-20"],
        ["Bo", "80", "2026-12-01"],
    ]
    assert book.tabs[1].cell(2, 0).look["textFormat"] == {"bold": True}
    assert values(book, "Data!A2:A4") == [["Cy"]]
    assert count(faults.seen, "POST /v4/spreadsheets/1b:batchUpdate") == 1


@pytest.mark.parametrize(
    ("text", "left", "said"),
    [
        ("Data!2,4:4", [["Name"], ["Bo"]], "Deleted 2 rows: Data!2:2, 4:4. What was in them:"),
        ("Data!4,2:3,3", [["Name"]], "Deleted 3 rows: Data!2:4. What was in them:"),
        ("2", [["Name"], ["Bo"], ["Cy"]], "Deleted 1 row: Data!2:2. What was in them:"),
    ],
)
async def test_rows_that_are_apart_are_deleted_in_one_call(
    model: Model, sheets: FakeSheets, faults: Faults, text: str, left: list[list[str]], said: str
) -> None:
    book = made(sheets)

    answer = await model.call("sheets_write", sheet="1b", range=text, mode="delete")

    assert values(book, "Data!A:A") == left
    assert answer.startswith(said)
    assert sum("batchUpdate" in one for one in faults.seen) == 1


async def test_columns_and_rows_come_behind_the_last(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call("sheets_write", sheet="1b", range="Data!AA:AB", mode="insert")
    await model.call("sheets_write", sheet="1b", range="Data!1001:1003", mode="insert")
    await model.call("sheets_write", sheet="1b", range="Data!AD1005", rows=[["far"]])
    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Data!3000:3001", mode="insert"
    )

    assert (book.tabs[0].rows, book.tabs[0].columns) == (1005, 30)
    assert values(book, "Data!AD1005") == [["far"]]
    assert failure.startswith("The tab ends with row 1005.")
