"""Requests of a batch that change cells. Each takes the change and gives its reply. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from collections.abc import Mapping
from typing import Any

from workspace_mcp.demo.sheets.batch import Batch, table_of
from workspace_mcp.demo.sheets.book import Box, Cell, FakeSpreadsheet, Json, bad
from workspace_mcp.demo.sheets.entered import stored
from workspace_mcp.demo.sheets.formulas import value_of
from workspace_mcp.demo.sheets.masks import cell_paths, written
from workspace_mcp.demo.sheets.references import copied
from workspace_mcp.demo.sheets.values import may_edit


def repeat_cell(batch: Batch, given: Json) -> Json:
    """The same for every cell; formulas count from the first."""
    tab, box = batch.box(given["range"])
    mask = cell_paths(given.get("fields", ""))
    for row, column in box.places():
        data = dict(given.get("cell", {}))
        formula = data.get("userEnteredValue", {}).get("formulaValue")
        if formula:
            text = copied(formula, row - box.top, column - box.left)
            data["userEnteredValue"] = {"formulaValue": text}
        written(tab.cell(row, column), data, mask)
    return {}


def update_cells(batch: Batch, given: Json) -> Json:
    """Each cell by itself; those of `range` without data are emptied."""
    mask = cell_paths(given.get("fields", ""))
    rows = given.get("rows", [])
    if "range" in given:
        tab, box = batch.box(given["range"])
    else:
        start = given["start"]
        tab = batch.book.tab(start.get("sheetId"))
        top, left = int(start.get("rowIndex", 0)), int(start.get("columnIndex", 0))
        width = max((len(row.get("values", ())) for row in rows), default=0)
        grid = {
            "startRowIndex": top, "startColumnIndex": left,
            "endRowIndex": top + len(rows), "endColumnIndex": left + width,
        }  # fmt: skip
        tab, box = batch.box({"sheetId": tab.id, **grid})
    for row, column in box.places():
        down, across = row - box.top, column - box.left
        values = rows[down].get("values", []) if down < len(rows) else []
        if across < len(values) or "range" in given:
            data = values[across] if across < len(values) else {}
            _chips(data)
            written(tab.cell(row, column), data, mask)
    return {}


def _chips(data: Mapping[str, Any]) -> None:
    text = data.get("userEnteredValue", {}).get("stringValue", "")
    for run in data.get("chipRuns", ()):
        if "chip" in run and text[run.get("startIndex", 0) :][:1] != "@":
            raise bad("Invalid requests[0].updateCells: Chip placeholder '@' is missing.")


def append_cells(batch: Batch, given: Json) -> Json:
    """Rows behind the last row with data; with a table's id, behind that table's body."""
    mask = cell_paths(given.get("fields", ""))
    rows = given.get("rows", [])
    if table := given.get("tableId"):
        tab, found = table_of(batch.book, table)
        at, left = found["range"]["endRowIndex"], found["range"]["startColumnIndex"]
        if any(row >= at and not cell.empty for (row, _), cell in tab.cells.items()):
            tab.cells = {
                ((row + len(rows), column) if row >= at else (row, column)): cell
                for (row, column), cell in tab.cells.items()
            }
        found["range"]["endRowIndex"] = at + len(rows)
    else:
        tab = batch.book.tab(given.get("sheetId"))
        at, left = tab.used()[0], 0
    tab.grow("ROWS", max(at + len(rows) - tab.rows, 0))
    width = max((len(row.get("values", ())) for row in rows), default=1)
    may_edit(
        batch.book, tab, Box(at, left, at + max(len(rows), 1), left + max(width, 1)), batch.account
    )
    for down, row in enumerate(rows):
        for across, data in enumerate(row.get("values", ())):
            written(tab.cell(at + down, left + across), data, mask)
    return {}


def copy_paste(batch: Batch, given: Json) -> Json:
    """A copy, repeated as often as it fits."""
    source, box = batch.box(given["source"], writing=False)
    target, into = batch.box(_stretched(batch.book, given["destination"], box))
    kind = given.get("pasteType", "PASTE_NORMAL")
    height, width = box.bottom - box.top, box.right - box.left
    copies = {place: _clone(source.cells.get(place, Cell())) for place in box.places()}
    for row, column in into.places():
        origin = box.top + (row - into.top) % height, box.left + (column - into.left) % width
        cell = copies[origin]
        mine = target.cell(row, column)
        if kind != "PASTE_FORMAT":
            mine.entered = cell.entered
            if formula := cell.entered.get("formulaValue"):
                moved = copied(formula, row - origin[0], column - origin[1])
                mine.entered = {"formulaValue": moved}
                if kind == "PASTE_VALUES":
                    value = value_of(batch.book, source, *origin)
                    mine.entered, _ = stored(value, "RAW", {}, batch.year)
        if kind in {"PASTE_NORMAL", "PASTE_FORMAT"}:
            mine.look, mine.rest = cell.look, cell.rest
    return {}


def _stretched(book: FakeSpreadsheet, grid: Json, box: Box) -> Json:
    """A destination that is at least as large as the source."""
    tab = book.tab(grid.get("sheetId"))
    top, left = grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0)
    height, width = box.bottom - box.top, box.right - box.left
    bottom = max(grid.get("endRowIndex", tab.rows), top + height)
    right = max(grid.get("endColumnIndex", tab.columns), left + width)
    return {
        "sheetId": tab.id, "startRowIndex": top, "startColumnIndex": left,
        "endRowIndex": min(bottom, tab.rows) if bottom > top + height else bottom,
        "endColumnIndex": min(right, tab.columns) if right > left + width else right,
    }  # fmt: skip


def _clone(cell: Cell) -> Cell:
    return Cell(cell.entered, cell.look, cell.rest)


def cut_paste(batch: Batch, given: Json) -> Json:
    """Cells go elsewhere, as they are."""
    source, box = batch.box(given["source"])
    to = given["destination"]
    target = batch.book.tab(to.get("sheetId"))
    top, left = int(to.get("rowIndex", 0)), int(to.get("columnIndex", 0))
    grid = {
        "sheetId": target.id, "startRowIndex": top, "startColumnIndex": left,
        "endRowIndex": top + box.bottom - box.top, "endColumnIndex": left + box.right - box.left,
    }  # fmt: skip
    batch.box(grid)
    taken = {place: source.cells.pop(place) for place in box.places() if place in source.cells}
    for row, column in box.places():
        place = top + row - box.top, left + column - box.left
        target.cells.pop(place, None)
        if (row, column) in taken:
            target.cells[place] = taken[row, column]
    return {}
