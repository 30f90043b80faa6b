"""Rows matched by a key."""

import pytest

from tests.conftest import Model
from tests.services.sheets.made import SALES, made, table, values
from workspace_mcp.demo.sheets.api import FakeSheets


async def test_rows_of_a_key_are_updated_and_others_appended(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)

    said = await model.call(
        "sheets_write", sheet="1b", range="Data", mode="upsert", key="name",
        rows=[["State", "Name", "Due"], ["done", "Ana", None], ["open", "Di", "2026-12-24"], ["done", "Bo",
         "2026-12-01"]],
    )  # fmt: skip

    assert said == (
        "Updated 1 row (2), appended 1 (5): Data.\n--- before → after 7f3a00 ---\nD2: open → done\n"
        "A5: (empty) → Di\nC5: (empty) → 2026-12-24\nD5: (empty) → open\n--- end 7f3a00 ---"
    )
    assert values(book, "Data!A2:D5") == [
        ["Ana", "1,200.50", "2026-11-20", "done"], ["Bo", "80", "2026-12-01", "done"],
        ["Cy", "2401", "2026-12-05", "open"], ["Di", "", "2026-12-24", "open"],
    ]  # fmt: skip


async def test_an_upsert_twice_changes_nothing(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    rows = [["Name", "Amount"], ["Ana", "1,200.50"], ["Zoe", "12%"]]

    await model.call("sheets_write", sheet="1b", range="Data", mode="upsert", key="Name", rows=rows)
    before = values(book, "Data!A1:D10", "FORMULA")
    said = await model.call(
        "sheets_write", sheet="1b", range="Data", mode="upsert", key="Name", rows=rows
    )

    assert said == "Updated 0 rows, appended 0: Data."
    assert values(book, "Data!A1:D10", "FORMULA") == before


async def test_an_upsert_appends_to_a_table(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    table(sheets, book)

    await model.call(
        "sheets_write",
        sheet="1b",
        range="Orders",
        mode="upsert",
        key="Name",
        rows=[["Name", "State"], ["Bo", "open"], ["Di", "new"]],
    )

    assert values(book, "Data!A3:D5") == [
        ["Bo", "80", "2026-12-01", "open"],
        ["Cy", "2401", "2026-12-05", "open"],
        ["Di", "", "", "new"],
    ]
    assert book.tabs[0].list("tables")[0]["range"]["endRowIndex"] == 5


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["Name", "Nope"], ["Ana", 1]], "rows[0][1]: no column has that name."),
        ([["State", "Due"], ["x", 1]], "key is not among the names of rows[0]."),
        ([["Name", "Due"], ["", 1]], "rows[1] has no key, or more cells than rows[0] has names."),
        ([["Name", "Due"], ["a", 1], ["A", 1]], "rows[2] has the key of an earlier row."),
        ([["Name", "Amount"], ["Cy", 1]], "Nothing was written; with a formula: B4."),
    ],
)
async def test_an_upsert_that_is_not_clear_is_refused(
    model: Model, sheets: FakeSheets, rows: list[list[object]], said: str
) -> None:
    made(sheets)

    failure = await model.call_failing(
        "sheets_write", sheet="1b", range="Data", mode="upsert", key="Name", rows=rows
    )

    assert failure.startswith(said)


async def test_a_key_that_is_there_twice_is_refused(model: Model, sheets: FakeSheets) -> None:
    made(sheets, [*SALES, ["ana", 1]])

    failure = await model.call_failing(
        "sheets_write",
        sheet="1b",
        range="Data",
        mode="upsert",
        key="Name",
        rows=[["Name", "State"], ["Bo", "x"]],
    )

    assert failure.startswith("The sheet has that key twice, in rows 2 and 5.")
