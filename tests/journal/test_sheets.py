"""What Sheets' tools change is in the journal, and is taken back to the last cell."""

from copy import deepcopy
from typing import Any

import pytest

from tests.conftest import Model
from tests.journal.test_drive import latest
from tests.services.sheets.made import batch, grid, made, table
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import FakeSpreadsheet
from workspace_mcp.demo.sheets.masks import data_of
from workspace_mcp.demo.world import World

pytestmark = pytest.mark.anyio


def state(book: FakeSpreadsheet) -> Any:
    """All that a person sees of a spreadsheet."""
    plain = {"ROWS": {"pixelSize": 21}, "COLUMNS": {"pixelSize": 100}}
    return deepcopy({
        "title": book.title,
        "names": sorted(str(sorted(one.items())) for one in book.names),
        "tabs": [
            (
                {k: v for k, v in tab.properties.items() if v},
                {place: data for place, cell in tab.cells.items() if (data := data_of(cell))},
                {name: value for name, value in tab.over.items() if value},
                {
                    (name, at): size for name, sizes in tab.sizes.items()
                    for at, size in sizes.items() if size != plain[name]
                },
            )
            for tab in book.tabs
        ],
    })  # fmt: skip


async def taken_back(
    model: Model, book: FakeSpreadsheet, tool: str, *, same: bool = False, **given: Any
) -> str:
    """The undo's answer, when the spreadsheet is then as it was; and again forth, and back.

    `same`: the way forth may differ, as a name whose cells are all gone cannot be made.
    """
    before = state(book)
    await model.call(tool, sheet=book.id, **given)
    changed = state(book)
    answer = await model.call("workspace_undo", id=await latest(model))
    assert changed != before
    assert state(book) == before
    await model.call("workspace_undo", id=await latest(model))
    assert state(book) == changed or same
    await model.call("workspace_undo", id=await latest(model))
    assert state(book) == before
    return answer


@pytest.mark.parametrize(
    "given",
    [
        {"range": "Data!A2", "rows": [["Zoe", 5]], "overwrite": True},
        {"range": "Data!F9", "rows": [["x", None, "2026-01-02"], ["=1+1"]], "formulas": True},
        {"range": "Data!Y999", "rows": [["x"] * 4] * 4},
        {"range": "Data!A1", "mode": "append", "rows": [["Di", "3"], ["Ed", "4"]]},
        {"range": "Notes", "mode": "append", "rows": [["first"]]},
        {"range": "Data!B2:C4", "mode": "clear", "overwrite": True},
        {"range": "Data", "mode": "upsert", "key": "Name", "overwrite": True,
         "rows": [["Name", "Amount"], ["Bo", "81"], ["Fi", "7"]]},
        {"range": "Data!2:3", "mode": "insert", "rows": [["new"]]},
        {"range": "Data!B:B", "mode": "insert"},
        {"range": "Data!2:2", "mode": "delete"},
        {"range": "Data!B:C", "mode": "delete"},
        {"range": "Data!2:3", "mode": "move", "to": "Data!9:9"},
        {"range": "Data!3:3", "mode": "move", "to": "Data!2:2"},
    ],
    ids=lambda one: f"{one.get('mode', 'set')} {one['range']}",
)  # fmt: skip
async def test_written_cells_and_lines_are_taken_back(
    model: Model, sheets: FakeSheets, given: dict[str, Any]
) -> None:
    book = made(sheets)
    sheets.fill(book, "Notes!C1", [["=Data!B2", "=SUM(Data!B2:B4)"]])
    batch(
        sheets, book,
        {"updateDimensionProperties": {
            "range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2},
            "properties": {"pixelSize": 50}, "fields": "pixelSize",
        }},
        {"addNamedRange": {"namedRange": {"name": "amounts", "range": grid(0, 1, 1, 4, 2)}}},
        {"mergeCells": {"range": grid(0, 5, 0, 7, 2), "mergeType": "MERGE_ALL"}},
    )  # fmt: skip

    await taken_back(model, book, "sheets_write", same=given.get("range") == "Data!B:C", **given)


@pytest.mark.parametrize(
    "action",
    [
        {"do": "style", "range": "Data!A1:D1", "css": "font-weight:bold; background:#eee"},
        {"do": "number", "range": "Data!B2:B4", "kind": "currency", "value": "€#,##0.00"},
        {"do": "borders", "range": "Data!A1:D4", "value": "outer"},
        {"do": "merge", "range": "Data!F1:G2"},
        {"do": "conditional", "range": "Data!B2:B4", "value": "> 100", "css": "color:#f00"},
        {"do": "validate", "range": "Data!D2:D9", "kind": "list", "value": "open,done"},
        {"do": "validate", "range": "Data!F2:F4", "kind": "checkbox"},
        {"do": "freeze", "range": "Data!1:1"},
        {"do": "size", "range": "Data!B:C", "value": "70"},
        {"do": "hide", "range": "Data!3:4"},
        {"do": "group", "range": "Data!2:3"},
        {"do": "note", "range": "Data!A2", "value": "Ask her."},
        {"do": "link", "range": "Data!A3", "value": "https://example.com"},
        {"do": "banding", "range": "Data!A1:D4"},
        {"do": "clear", "range": "Data!B2:C4"},
    ],
    ids=lambda one: f"{one['do']} {one.get('kind', '')}",
)  # fmt: skip
async def test_looks_are_taken_back(
    model: Model, sheets: FakeSheets, action: dict[str, Any]
) -> None:
    await taken_back(model, made(sheets), "sheets_format", actions=[action])


@pytest.mark.parametrize(
    "action",
    [
        {"do": "rename", "value": "Plan"},
        {"do": "add_tab", "value": "More", "index": 1},
        {"do": "rename_tab", "tab": "Data", "value": "Sales"},
        {"do": "copy_tab", "tab": "Data", "value": "Data 2"},
        {"do": "delete_tab", "tab": "Data"},
        {"do": "delete_tab", "tab": "Notes"},
        {"do": "move_tab", "tab": "Notes", "index": 1},
        {"do": "hide_tab", "tab": "Notes"},
        {"do": "color_tab", "tab": "Notes", "value": "#f00"},
        {"do": "gridlines", "tab": "Notes", "value": "off"},
        {"do": "name", "range": "Data!A1:A4", "value": "people"},
        {"do": "rename_name", "value": "amounts", "to": "sums"},
        {"do": "unname", "value": "amounts"},
        {"do": "table", "range": "Data!A1:D4", "value": "Deals"},
        {"do": "filter", "range": "Data!A1:D4", "columns": ["State=open"]},
        {"do": "sort", "range": "Data!A1:D4", "columns": ["Name desc"]},
        {"do": "chart", "range": "Data!A1:B4", "kind": "bar", "value": "Sums"},
        {"do": "protect", "range": "Data!A1:D1", "value": "head"},
        {"do": "replace", "range": "Data!A1:D4", "value": "open", "to": "shut"},
        {"do": "trim", "range": "Data!A1:D4"},
        {"do": "dedupe", "range": "Data!A1:D4", "columns": ["Name"]},
        {"do": "copy", "range": "Data!A1:B4", "to": "Data!G1"},
        {"do": "cut", "range": "Data!A2:B3", "to": "Data!G1"},
    ],
    ids=lambda one: f"{one['do']} {one.get('tab', '')}",
)  # fmt: skip
async def test_structure_is_taken_back(
    model: Model, sheets: FakeSheets, action: dict[str, Any]
) -> None:
    book = made(sheets)
    sheets.fill(book, "Notes!C1", [["=Data!B2", "  two  words "]])
    sheets.fill(book, "Data!A4", [["Ana"]])
    sheets.fill(book, "Data!D4", [[" open "]])
    batch(
        sheets,
        book,
        {"addNamedRange": {"namedRange": {"name": "amounts", "range": grid(0, 1, 1, 4, 2)}}},
    )

    await taken_back(model, book, "sheets_structure", actions=[action])


async def test_tables_and_charts_that_went_come_back(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    table(sheets, book)
    await model.call("sheets_structure", sheet=book.id, actions=[
        {"do": "chart", "range": "Data!A1:B4", "kind": "bar", "value": "Sums"},
        {"do": "protect", "range": "Data!A1:D1", "value": "head"},
    ])  # fmt: skip
    chart = book.tabs[0].list("charts")[0]["chartId"]
    protection = book.tabs[0].list("protectedRanges")[0]["protectedRangeId"]

    for action in (
        {"do": "rename_table", "value": "Orders", "to": "Deals"},
        {"do": "resize_table", "value": "Orders", "range": "Data!A1:D3"},
        {"do": "delete_chart", "index": chart},
        {"do": "move_chart", "index": chart, "to": "Data!K9"},
        {"do": "unprotect", "index": protection},
        {"do": "delete_table", "value": "Orders"},
    ):
        await taken_back(model, book, "sheets_structure", actions=[action])


async def test_a_spreadsheet_that_was_made_goes_into_the_trash(
    model: Model, sheets: FakeSheets, drive: Any
) -> None:
    await model.call("sheets_create", title="New", csv="a,b\n1,2")
    book = list(sheets.spreadsheets.values())[-1]
    listed = await model.call("workspace_history")

    await model.call("workspace_undo", id=await latest(model))

    assert f"spreadsheet {book.id} made  (undo: yes)" in listed
    assert drive.store.files[book.id].trashed


async def test_cells_that_somebody_changed_since_are_named_and_left_alone(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)
    rows = [["Zoe", 5], ["Yan", 6]]
    await model.call("sheets_write", sheet=book.id, range="Data!A2", rows=rows, overwrite=True)
    sheets.fill(book, "Data!B3", [["7"]])
    sheets.fill(book, "Data!D9", [["elsewhere"]])
    after = state(book)

    failure = await model.call_failing("workspace_undo", id=await latest(model))

    assert failure.startswith("Changed since then: tab 1 B3. Nothing was taken back.")
    assert state(book) == after


async def test_what_somebody_wrote_into_new_rows_is_not_deleted_with_them(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)
    await model.call("sheets_write", sheet=book.id, range="Data!2:2", mode="insert")
    sheets.fill(book, "Data!E2", [["mine"]])

    failure = await model.call_failing("workspace_undo", id=await latest(model))

    assert failure.startswith("Changed since then: tab 1 E2.")


async def test_what_is_written_elsewhere_since_stays(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    await model.call("sheets_write", sheet=book.id, range="Data!A2", rows=[["Zoe"]], overwrite=True)
    sheets.fill(book, "Data!D9", [["elsewhere"]])

    await model.call("workspace_undo", id=await latest(model))

    assert book.tabs[0].cells[1, 0].entered == {"stringValue": "Ana"}
    assert book.tabs[0].cells[8, 3].entered == {"stringValue": "elsewhere"}


async def test_a_dry_run_shows_each_cell_now_and_then(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    rows = [["Zoe", 5]]
    await model.call("sheets_write", sheet=book.id, range="Data!A2", rows=rows, overwrite=True)
    after = state(book)

    answer = await model.call("workspace_undo", id=await latest(model), dry_run=True)

    assert answer == (
        "Would take back: spreadsheet 1b changed.\n"
        "--- before → after 7f3a00 ---\n"
        "A2: Zoe → Ana\n"
        "B2: 5 → 1200.5\n"
        "--- end 7f3a00 ---\n"
        "Nothing was changed: dry_run."
    )
    assert state(book) == after


async def test_in_a_large_spreadsheet_lines_come_and_go_and_little_is_read(
    model: Model, sheets: FakeSheets, world: World
) -> None:
    book = made(sheets, [["Name", "Amount"], ["Ana", "1"], ["Bo", "2"], ["Cy", "3"]])
    size = {"sheetId": 0, "gridProperties": {"rowCount": 60_000, "columnCount": 10}}
    mask = "gridProperties.rowCount,gridProperties.columnCount"
    batch(sheets, book, {"updateSheetProperties": {"properties": size, "fields": mask}})
    before = state(book)

    for given in ({"mode": "insert"}, {"mode": "delete"}):
        world.requests.clear()
        said = await model.call("sheets_write", sheet=book.id, range="Data!2:3", **given)
        assert len(world.requests) <= 6
        assert state(book) != before
        await model.call("workspace_undo", id=await latest(model))
        assert state(book) == before
    assert "(in part; not formulas elsewhere that name the deleted cells)" in said
    many = [{"do": "trim", "range": "Data!A1:J60000"}]
    answer = await model.call("sheets_structure", sheet=book.id, actions=many)
    assert "\nNo undo: more than 200,000 cells" in answer


async def test_one_cell_costs_one_read_before_and_one_after(
    model: Model, sheets: FakeSheets, world: World
) -> None:
    book = made(sheets)
    world.requests.clear()

    await model.call("sheets_write", sheet=book.id, range="Data!A2", rows=[["x"]], overwrite=True)

    assert [method for method, _, _ in world.requests] == ["GET", "GET", "GET", "POST", "GET"]


async def test_taking_a_look_back_says_that_it_is_a_look(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    red = {"do": "style", "range": "Data!A1:Z1", "css": "color:#f00"}

    answer = await taken_back(model, book, "sheets_format", actions=[red])

    assert "A1: Name → (its earlier look)" in answer
    assert "Z1" not in answer
