"""Requests of a batch that change cells. Each takes the change and gives its reply. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.demo.sheets.book import Box, Cell, FakeSpreadsheet, Json, Tab, bad
from workspace_mcp.demo.sheets.display import general
from workspace_mcp.demo.sheets.entered import stored
from workspace_mcp.demo.sheets.formulas import copied, value_of
from workspace_mcp.demo.sheets.masks import cell_paths, written
from workspace_mcp.demo.sheets.values import may_edit

_SIDES: Final = ("top", "bottom", "left", "right")


@dataclass(slots=True)
class Batch:
    """Whose batch it is, and on what."""

    book: FakeSpreadsheet
    account: str
    year: int
    said: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Comments of the batch: id, text, the text of their cell."""

    def box(self, grid: Mapping[str, Any], *, writing: bool = True) -> tuple[Tab, Box]:
        """A GridRange's tab and bounds, when the account may write there."""
        tab = self.book.tab(grid.get("sheetId"))
        box = tab.box(grid)
        if writing:
            may_edit(self.book, tab, box, self.account)
        return tab, box


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


def table_of(book: FakeSpreadsheet, identifier: str) -> tuple[Tab, Json]:
    """A table and its tab.

    Raises:
        Refusal: there is none.
    """
    for tab in book.tabs:
        for one in tab.list("tables"):
            if one["tableId"] == identifier:
                return tab, one
    raise bad(f"Invalid requests[0]: No table with id: {identifier}")


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


def sort_range(batch: Batch, given: Json) -> Json:
    """Rows in another order: numbers before texts, blanks last."""
    tab, box = batch.box(given["range"])
    order = list(range(box.top, box.bottom))
    for spec in reversed(given.get("sortSpecs", [])):
        column = int(spec.get("dimensionIndex", 0))
        down = spec.get("sortOrder") == "DESCENDING"
        filled = [row for row in order if value_of(batch.book, tab, row, column) != ""]
        blank = [row for row in order if row not in set(filled)]
        filled.sort(
            key=lambda row, at=column: _rank(value_of(batch.book, tab, row, at)), reverse=down
        )
        order = filled + blank
    before = {place: tab.cells.pop(place, Cell()) for place in box.places()}
    for row, old in zip(range(box.top, box.bottom), order, strict=True):
        for column in range(box.left, box.right):
            cell = before[old, column]
            if formula := cell.entered.get("formulaValue"):
                cell.entered = {"formulaValue": copied(formula, row - old, 0)}
            tab.cells[row, column] = cell
    return {}


def _rank(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    return (0, value) if isinstance(value, int | float) else (1, str(value).lower())


def find_replace(batch: Batch, given: Json) -> Json:
    """Another text for what is found."""
    if "range" in given:
        tab, box = batch.box(given["range"])
        places = [(tab, place) for place in box.places()]
    else:
        wanted = given.get("sheetId")
        tabs = batch.book.tabs if given.get("allSheets") else [batch.book.tab(wanted)]
        places = [(tab, place) for tab in tabs for place in sorted(tab.cells)]
    flags = 0 if given.get("matchCase") else re.IGNORECASE
    text = given.get("find", "")
    pattern = re.compile(text if given.get("searchByRegex") else re.escape(text), flags)
    found = {"occurrencesChanged": 0, "valuesChanged": 0, "formulasChanged": 0}
    rows: set[tuple[int, int]] = set()
    for tab, place in places:
        cell = tab.cells.get(place)
        old = _searched(cell, formulas=bool(given.get("includeFormulas"))) if cell else None
        if cell is None or old is None:
            continue
        if given.get("matchEntireCell") and not pattern.fullmatch(old):
            continue
        new, count = pattern.subn(lambda _: given.get("replacement", ""), old)
        if count:
            found["occurrencesChanged"] += count
            found["formulasChanged" if "formulaValue" in cell.entered else "valuesChanged"] += 1
            rows.add((tab.id, place[0]))
            cell.entered, _ = stored(new, "USER_ENTERED", cell.look, batch.year)
    kept = {key: value for key, value in found.items() if value}
    counts = {"rowsChanged": len(rows), "sheetsChanged": len({tab for tab, _ in rows})}
    return {"findReplace": kept | (counts if rows else {})}


def _searched(cell: Cell, *, formulas: bool) -> str | None:
    kind = next(iter(cell.entered), "")
    value: Any = cell.entered.get(kind)
    if kind == "formulaValue":
        return str(value) if formulas else None
    return (
        general(value) if kind == "numberValue" else str(value) if kind == "stringValue" else None
    )


def delete_duplicates(batch: Batch, given: Json) -> Json:
    """Rows that are like an earlier one go; those below move up."""
    tab, box = batch.box(given["range"])
    columns = [
        one
        for spec in given.get("comparisonColumns", ())
        for one in range(spec.get("startIndex", 0), spec["endIndex"])
    ] or list(range(box.left, box.right))
    seen: set[tuple[Any, ...]] = set()
    kept: list[int] = []
    for row in range(box.top, box.bottom):
        key = tuple(value_of(batch.book, tab, row, column) for column in columns)
        if key not in seen:
            kept.append(row)
        seen.add(key)
    cells = {place: tab.cells.pop(place, Cell()) for place in box.places()}
    for new, old in enumerate(kept, box.top):
        for column in range(box.left, box.right):
            tab.cells[new, column] = cells[old, column]
    gone = box.bottom - box.top - len(kept)
    return {"deleteDuplicates": {"duplicatesRemovedCount": gone} if gone else {}}


def trim_whitespace(batch: Batch, given: Json) -> Json:
    """Texts without blanks at their ends, and single ones inside."""
    tab, box = batch.box(given["range"])
    count = 0
    for place in box.places():
        cell = tab.cells.get(place)
        text = cell.entered.get("stringValue") if cell else None
        if cell and text is not None and (new := " ".join(text.split())) != text:
            cell.entered = {"stringValue": new}
            count += 1
    return {"trimWhitespace": {"cellsChangedCount": count} if count else {}}


def text_to_columns(batch: Batch, given: Json) -> Json:
    """One column becomes several."""
    tab, box = batch.box(given["source"])
    if box.right - box.left != 1:
        raise bad("Invalid requests[0].textToColumns: The source must span exactly one column.")
    marks = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}
    mark = given.get("delimiter") if given.get("delimiterType") == "CUSTOM" else marks.get(
        given.get("delimiterType", "COMMA"), ","
    )  # fmt: skip
    for row in range(box.top, box.bottom):
        text = tab.cell(row, box.left).entered.get("stringValue")
        for across, part in enumerate(text.split(mark) if text else ()):
            cell = tab.cell(row, box.left + across)
            cell.entered, _ = stored(part.strip(), "USER_ENTERED", cell.look, batch.year)
    return {}


def update_borders(batch: Batch, given: Json) -> Json:
    """Lines around and inside of a range."""
    tab, box = batch.box(given["range"])
    for row, column in box.places():
        edges = {
            "top": row == box.top, "bottom": row == box.bottom - 1,
            "left": column == box.left, "right": column == box.right - 1,
        }  # fmt: skip
        cell = tab.cell(row, column)
        borders = dict(cell.look.get("borders", {}))
        for side in _SIDES:
            inner = "innerHorizontal" if side in {"top", "bottom"} else "innerVertical"
            line = given.get(side if edges[side] else inner)
            if line is not None and line.get("style") == "NONE":
                borders.pop(side, None)
            elif line is not None:
                borders[side] = {"width": 1, **line}
        cell.look = {key: value for key, value in cell.look.items() if key != "borders"}
        if borders:
            cell.look["borders"] = borders
    return {}


def merge_cells(batch: Batch, given: Json) -> Json:
    """Cells become one; only the first keeps what it holds."""
    tab, box = batch.box(given["range"])
    if any(tab.box(one).meets(box) for one in tab.list("merges")):
        raise bad(
            "Invalid requests[0].mergeCells: You must select all cells in a merged range to merge or "
            "unmerge them."
        )
    pieces = {
        "MERGE_ROWS": [
            Box(row, box.left, row + 1, box.right) for row in range(box.top, box.bottom)
        ],
        "MERGE_COLUMNS": [
            Box(box.top, one, box.bottom, one + 1) for one in range(box.left, box.right)
        ],
    }.get(given.get("mergeType", "MERGE_ALL"), [box])
    for piece in pieces:
        tab.list("merges").append(
            {
                "sheetId": tab.id, "startRowIndex": piece.top, "endRowIndex": piece.bottom,
                "startColumnIndex": piece.left, "endColumnIndex": piece.right,
            }
        )  # fmt: skip
        for place in piece.places():
            if place != (piece.top, piece.left) and place in tab.cells:
                tab.cells[place].entered = {}
    return {}


def unmerge_cells(batch: Batch, given: Json) -> Json:
    """Merged cells become single again."""
    tab, box = batch.box(given["range"])
    tab.over["merges"] = [one for one in tab.list("merges") if not tab.box(one).meets(box)]
    return {}


def set_data_validation(batch: Batch, given: Json) -> Json:
    """What may be entered; anything, without a rule."""
    tab, box = batch.box(given["range"])
    for row, column in box.places():
        cell = tab.cell(row, column)
        rest = {key: value for key, value in cell.rest.items() if key != "dataValidation"}
        cell.rest = rest | ({"dataValidation": given["rule"]} if "rule" in given else {})
        boolean = given.get("rule", {}).get("condition", {}).get("type") == "BOOLEAN"
        if boolean and cell.empty:
            cell.entered = {"boolValue": False}
    return {}
