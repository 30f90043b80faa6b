"""A request → the cells that it may change, and how rows, columns and tabs move by it. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.journal.inverses.spreadsheet.book import Book, Box, Json

WHOLE: Final = frozenset({
    "insertDimension", "deleteDimension", "moveDimension", "insertRange", "deleteRange", "cutPaste",
    "deleteSheet",
})  # fmt: skip
"""What formulas anywhere follow."""
_STILL: Final = frozenset({
    "updateSpreadsheetProperties", "addNamedRange", "updateNamedRange", "deleteNamedRange", "addChart",
    "updateChartSpec", "updateEmbeddedObjectPosition", "updateEmbeddedObjectBorder", "addProtectedRange",
    "updateProtectedRange", "deleteProtectedRange", "addBanding", "updateBanding", "deleteBanding",
    "addFilterView", "updateFilterView", "duplicateFilterView", "deleteFilterView", "setBasicFilter",
    "clearBasicFilter", "addConditionalFormatRule", "updateConditionalFormatRule",
    "deleteConditionalFormatRule", "addDimensionGroup", "deleteDimensionGroup", "deleteEmbeddedObject",
    "appendDimension", "addSheet", "duplicateSheet",
})  # fmt: skip
"""What changes no cell that was there."""
_RANGES: Final = frozenset({
    "updateCells", "repeatCell", "updateBorders", "setDataValidation", "mergeCells", "unmergeCells",
    "sortRange", "trimWhitespace", "deleteDuplicates", "copyPaste", "randomizeRange", "addTable",
    "updateTable",
})  # fmt: skip
_TABS: Final = frozenset({
    "appendCells", "findReplace", "textToColumns", "autoFill", "pasteData", "updateSheetProperties",
})  # fmt: skip
_SIZES: Final = frozenset({
    "updateDimensionProperties", "autoResizeDimensions", "deleteDimension", "deleteSheet",
})  # fmt: skip
_LOOKS: Final = frozenset({
    "updateBorders", "setDataValidation", "mergeCells", "unmergeCells", "sortRange", "updateTable", "addTable",
    "randomizeRange", "updateSheetProperties",
})  # fmt: skip
"""What leaves each cell's contents as they are, wherever these go."""
CELLS: Final = frozenset({"updateCells", "repeatCell", "updateBorders", "setDataValidation"})
"""What changes cells alone: no grid, nothing that lies over it."""
NAMED: Final = {
    "insertComment": "a comment",
    "addSlicer": "a slicer",
    "updateSlicerSpec": "a slicer",
}
"""In words, what has no way back."""
KNOWN: Final = WHOLE | _STILL | _RANGES | _TABS | _SIZES | {"deleteTable"}


@dataclass(frozen=True, slots=True)
class Move:
    """Rows or columns that came (`insert`), went (`delete`) or moved to before the index `to`."""

    kind: str
    tab: int
    dimension: str
    start: int
    end: int
    to: int = 0

    def forth(self, index: int) -> int | None:
        """Where an index is after it; None when it is gone."""
        count = self.end - self.start
        match self.kind:
            case "insert":
                return index + count if index >= self.start else index
            case "delete":
                return index if index < self.start else None if index < self.end else index - count
            case _:
                order = self.to if self.to <= self.start else self.to - count
                if self.start <= index < self.end:
                    return order + index - self.start
                left = index if index < self.start else index - count
                return left if left < order else left + count

    @property
    def opposite(self) -> "Move":
        """What takes it back."""
        count = self.end - self.start
        match self.kind:
            case "insert" | "delete":
                kind = "delete" if self.kind == "insert" else "insert"
                return Move(kind, self.tab, self.dimension, self.start, self.end)
            case _ if self.to <= self.start:
                return Move("move", self.tab, self.dimension, self.to, self.to + count, self.end)
            case _:
                start = self.to - count
                return Move("move", self.tab, self.dimension, start, self.to, self.start)

    def request(self) -> Json:
        """The change as a request."""
        span = {
            "sheetId": self.tab, "dimension": self.dimension, "startIndex": self.start,
            "endIndex": self.end,
        }  # fmt: skip
        match self.kind:
            case "insert":
                return {"insertDimension": {"range": span, "inheritFromBefore": self.start > 0}}
            case "delete":
                return {"deleteDimension": {"range": span}}
            case _:
                return {"moveDimension": {"source": span, "destinationIndex": self.to}}


def moves(requests: Sequence[Json], before: Book, after: Book) -> list[Move]:
    """Every move of a batch in its order; growth that no request names is at the end."""
    found: list[Move] = []
    for request in requests:
        for kind, given in request.items():
            if kind not in {"insertDimension", "deleteDimension", "moveDimension"}:
                continue
            span = given.get("source") or given["range"]
            tab, dimension = int(span.get("sheetId", 0)), span["dimension"]
            size = before.sheets[tab].count(dimension) if tab in before.sheets else 0
            start, end = span.get("startIndex", 0), span.get("endIndex", size)
            found.append(
                Move(kind.removesuffix("Dimension"), tab, dimension, start, end,
                     given.get("destinationIndex", 0))
            )  # fmt: skip
    return [*found, *_grown(found, before, after)]


def _grown(found: Sequence[Move], before: Book, after: Book) -> Iterator[Move]:
    for tab in before.sheets.keys() & after.sheets.keys():
        for dimension in ("ROWS", "COLUMNS"):
            old, new = before.sheets[tab].count(dimension), after.sheets[tab].count(dimension)
            for one in found:
                if (one.tab, one.dimension) == (tab, dimension) and one.kind != "move":
                    count = one.end - one.start
                    old += count if one.kind == "insert" else -count
            if new > old:
                yield Move("insert", tab, dimension, old, new)
            elif new < old:
                yield Move("delete", tab, dimension, new, old)


def boxes(requests: Sequence[Json], book: Book, other: Book | None = None) -> list[Box]:
    """The cells that may change; in the end (`other`: as it was before) also those that are new."""
    kinds = {kind for request in requests for kind in request}
    if kinds <= {"insertDimension"} | _STILL and _one_each(requests):
        return [*_inserted(requests, book, other), *(_new(book, other) if other else ())]
    found: list[Box] = []
    for request in requests:
        for kind, given in request.items():
            if (
                kind in WHOLE
                or kind not in KNOWN
                or (kind == "findReplace" and given.get("allSheets"))
            ):
                return [book.whole(tab) for tab in book.sheets]
            found += _boxes(kind, given, book)
    if other is not None:
        found += _new(book, other)
    return [one for one in dict.fromkeys(found) if one.size]


def _one_each(requests: Sequence[Json]) -> bool:
    """Whether no tab gets lines at two places, which would move each other."""
    tabs = [
        int(one["insertDimension"]["range"].get("sheetId", 0))
        for one in requests
        if "insertDimension" in one
    ]
    return len(tabs) == len(set(tabs))


def _inserted(requests: Sequence[Json], book: Book, other: Book | None) -> Iterator[Box]:
    """Lines that came; before they do, nothing: when they go again, formulas are as they were."""
    for one in requests:
        if other is not None and "insertDimension" in one:
            box = _lines(one["insertDimension"], book)
            yield from [box] if box.size else []


def going(requests: Sequence[Json], book: Book) -> list[Box] | None:
    """Lines that go, from the last on; None when the batch does anything else to cells."""
    found: list[Box] = []
    for kind, given in (pair for one in requests for pair in one.items()):
        if kind == "deleteDimension":
            box = _lines(given, book)
            if any(one.tab == box.tab and not _ahead_of(box, one) for one in found):
                return None
            found.append(box)
        elif kind not in _STILL:
            return None
    return found or None


def _ahead_of(one: Box, other: Box) -> bool:
    """Whether lines stand wholly before others of the same kind."""
    return one.bottom <= other.top or (one.top == other.top and one.right <= other.left)


def contents(requests: Sequence[Json], book: Book) -> list[Box]:
    """The cells of which the contents change or go, and do not only move."""
    found: list[Box] = []
    for kind, given in (pair for one in requests for pair in one.items()):
        fields = str(given.get("fields", "*"))
        if kind in {"deleteDimension", "deleteSheet"}:
            found += [_lines(given, book)] if kind == "deleteDimension" else _sheet(given, book)
        elif kind == "deleteRange":
            found += _found(book, given.get("range", {}))
        elif kind not in WHOLE | _STILL | _SIZES | _LOOKS and (
            "*" in fields or "userEnteredValue" in fields or "chipRuns" in fields
        ):
            found += _boxes(kind, given, book)
    return found


def _lines(given: Json, book: Book) -> Box:
    span = given["range"]
    tab, rows = int(span.get("sheetId", 0)), span.get("dimension") == "ROWS"
    whole = book.whole(tab) if tab in book.sheets else Box(tab, 0, 0, 0, 0)
    start, end = span.get("startIndex", 0), span.get("endIndex", 1 << 40)
    if rows:
        return Box(tab, start, 0, min(end, whole.bottom), whole.right)
    return Box(tab, 0, start, whole.bottom, min(end, whole.right))


def _sheet(given: Json, book: Book) -> list[Box]:
    tab = int(given.get("sheetId", 0))
    return [book.whole(tab)] if tab in book.sheets else []


def _new(book: Book, before: Book) -> Iterator[Box]:
    for tab, sheet in book.sheets.items():
        old = before.sheets.get(tab)
        if old is None:
            yield book.whole(tab)
            continue
        if sheet.rows > old.rows:
            yield Box(tab, old.rows, 0, sheet.rows, sheet.columns)
        if sheet.columns > old.columns:
            yield Box(tab, 0, old.columns, sheet.rows, sheet.columns)


def _boxes(kind: str, given: Json, book: Book) -> Iterator[Box]:
    if kind in _SIZES:
        span = given.get("range") or given["dimensions"]
        tab, rows = int(span.get("sheetId", 0)), span.get("dimension") == "ROWS"
        if tab in book.sheets:
            whole = book.whole(tab)
            start, end = span.get("startIndex", 0), span.get("endIndex", 1 << 40)
            yield (
                Box(tab, start, 0, min(end, whole.bottom), 1) if rows
                else Box(tab, 0, start, 1, min(end, whole.right))
            )  # fmt: skip
    elif kind == "deleteTable":
        for sheet in book.sheets.values():
            for one in sheet.over.get("tables", ()):
                if one["tableId"] == given.get("tableId"):
                    yield from _found(book, one["range"])
    elif kind == "updateCells" and "start" in given:
        start = given["start"]
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        width = max((len(one.get("values", ())) for one in given.get("rows", ())), default=0)
        area = Area(top, left, top + len(given.get("rows", ())), left + width)
        yield from _found(book, area.grid(start.get("sheetId", 0)))
    elif kind == "copyPaste":
        source, goal = given["source"], given["destination"]
        tab = book.sheets.get(int(goal.get("sheetId", 0)))
        if tab is not None:
            top, left = goal.get("startRowIndex", 0), goal.get("startColumnIndex", 0)
            height = source.get("endRowIndex", tab.rows) - source.get("startRowIndex", 0)
            width = source.get("endColumnIndex", tab.columns) - source.get("startColumnIndex", 0)
            bottom = max(goal.get("endRowIndex", tab.rows), top + height)
            right = max(goal.get("endColumnIndex", tab.columns), left + width)
            yield from _found(book, Area(top, left, bottom, right).grid(goal.get("sheetId", 0)))
    elif kind in _RANGES:
        for grid in _grids(given):
            yield from _found(book, grid)
    elif kind in _TABS and _touches_cells(kind, given):
        for tab in _tabs(given, book):
            yield book.whole(tab)


def _touches_cells(kind: str, given: Json) -> bool:
    return kind != "updateSheetProperties" or "gridProperties" in given.get("properties", {})


def _found(book: Book, grid: Json) -> Iterator[Box]:
    if (box := book.box(grid)) is not None:
        yield box


def _tabs(node: Any, book: Book) -> set[int]:
    """Every tab that a request names."""
    found: set[int] = set()
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "sheetId":
                found.add(int(value))
            elif key == "tableId":
                found |= {
                    tab for tab, sheet in book.sheets.items()
                    if any(one["tableId"] == value for one in sheet.over.get("tables", ()))
                }  # fmt: skip
            else:
                found |= _tabs(value, book)
        if not found and {"endRowIndex", "rowIndex", "gridProperties"} & node.keys():
            found.add(0)
    elif isinstance(node, list):
        for value in node:
            found |= _tabs(value, book)
    return found & book.sheets.keys()


def _grids(node: Any) -> Iterator[Json]:
    """Every GridRange of a request."""
    if isinstance(node, Mapping):
        bounds = {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
        if node.keys() & bounds or set(node) == {"sheetId"}:
            yield node
            return
        for value in node.values():
            yield from _grids(value)


def named(text: str, book: Book, rows: int = 0, columns: int = 0) -> list[Box]:
    """The cells of a range in A1 or by name; from its first one on, so many when they are given."""
    try:
        found = a1.parsed(text)
    except ArgumentError:
        return []
    titles = {str(one.properties.get("title", "")).lower(): key for key, one in book.sheets.items()}
    grid: Json | None = None
    if found.tab is not None and found.tab.lower() in titles:
        grid = (found.area or Area()).grid(titles[found.tab.lower()])
    elif found.name and found.name.lower() in titles:
        grid = {"sheetId": titles[found.name.lower()]}
    elif found.name:
        same = [
            one for one in book.names.values() if one.get("name", "").lower() == found.name.lower()
        ]
        grid = same[0]["range"] if same else None
    elif found.tab is None and found.area is not None and book.sheets:
        first = min(book.sheets, key=lambda key: book.sheets[key].properties.get("index", 0))
        grid = found.area.grid(first)
    if grid is not None and rows:
        top, left = grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0)
        grid = Area(top, left, top + rows, left + max(columns, 1)).grid(grid.get("sheetId", 0))
    box = book.box(grid) if grid is not None else None
    return [box] if box is not None else []
