"""Rows and columns come, go and move; references, ranges and what lies over a tab follow. No I/O."""

from collections.abc import Callable, Mapping
from typing import Any

from workspace_mcp.demo.sheets.book import Cell, FakeSpreadsheet, Json, Tab, bad
from workspace_mcp.demo.sheets.masks import ranges
from workspace_mcp.demo.sheets.references import shifted

Moved = Callable[[int], int | None]


def span(tab: Tab, given: Mapping[str, Any], *, beyond: int = 0) -> tuple[str, int, int]:
    """Dimension, start and end of a DimensionRange.

    Raises:
        Refusal: it is not inside the grid.
    """
    dimension = str(given.get("dimension", ""))
    if dimension not in {"ROWS", "COLUMNS"}:
        raise bad("Invalid requests[0]: dimension is required.")
    most = tab.rows if dimension == "ROWS" else tab.columns
    start, end = int(given.get("startIndex", 0)), int(given.get("endIndex", most))
    if not 0 <= start < end or end > most + beyond or start > most:
        raise bad(
            f"Invalid requests[0]: range.endIndex[{end}] is after last "
            f"{'row' if dimension == 'ROWS' else 'column'} in grid[{most}]"
        )
    return dimension, start, end


def insert(
    book: FakeSpreadsheet, tab: Tab, dimension: str, at: int, count: int, *, before: bool
) -> None:
    """New rows or columns at an index, with the look of those before or after."""
    tab.grow(dimension, count)
    _rearranged(book, tab, dimension, lambda one: one + count if one >= at else one)
    model = at - 1 if before else at + count
    axis = 0 if dimension == "ROWS" else 1
    looks = [
        (place, cell.look)
        for place, cell in tab.cells.items()
        if place[axis] == model and cell.look
    ]
    for place, look in looks:
        for new in range(at, at + count):
            row, column = (new, place[1]) if axis == 0 else (place[0], new)
            tab.cells[row, column] = Cell(look=look)


def delete(book: FakeSpreadsheet, tab: Tab, dimension: str, start: int, end: int) -> None:
    """Rows or columns go, with what is in them.

    Raises:
        Refusal: none would be left.
    """
    size = tab.rows if dimension == "ROWS" else tab.columns
    if end - start >= size:
        noun = "rows" if dimension == "ROWS" else "columns"
        raise bad(
            f"Invalid requests[0].deleteDimension: You can't delete all the {noun} on the sheet."
        )

    def moved(one: int) -> int | None:
        return one if one < start else None if one < end else one - (end - start)

    _rearranged(book, tab, dimension, moved)
    tab.grow(dimension, start - end)
    grid = tab.properties["gridProperties"]
    frozen = "frozenRowCount" if dimension == "ROWS" else "frozenColumnCount"
    if start < grid.get(frozen, 0):
        grid[frozen] -= min(end, grid[frozen]) - start


def move(book: FakeSpreadsheet, tab: Tab, dimension: str, start: int, end: int, to: int) -> None:
    """Rows or columns go before the one that has the index `to` now.

    Raises:
        Refusal: `to` lies among them or outside.
    """
    size = tab.rows if dimension == "ROWS" else tab.columns
    if start < to < end or not 0 <= to <= size:
        raise bad("Invalid requests[0].moveDimension: Destination index is not valid.")
    order = [one for one in range(size) if not start <= one < end]
    at = to if to <= start else to - (end - start)
    order[at:at] = range(start, end)
    where = {old: new for new, old in enumerate(order)}
    _rearranged(book, tab, dimension, where.get)


def _rearranged(book: FakeSpreadsheet, tab: Tab, dimension: str, moved: Moved) -> None:
    axis = 0 if dimension == "ROWS" else 1
    cells: dict[tuple[int, int], Cell] = {}
    for place, cell in tab.cells.items():
        new = moved(place[axis])
        if new is not None:
            cells[(new, place[1]) if axis == 0 else (place[0], new)] = cell
    tab.cells = cells
    tab.sizes[dimension] = {
        new: size for one, size in tab.sizes[dimension].items() if (new := moved(one)) is not None
    }
    for other in book.tabs:
        for cell in other.cells.values():
            if "formulaValue" in cell.entered:
                text = shifted(
                    str(cell.entered["formulaValue"]), other.title, tab.title, dimension, moved
                )
                cell.entered = {"formulaValue": text}
        for grid in ranges(other.over):
            if int(grid.get("sheetId", 0)) == tab.id:
                _bounds(grid, dimension, moved)
    for name in book.names:
        if int(name["range"].get("sheetId", 0)) == tab.id:
            _bounds(name["range"], dimension, moved)
    tab.over["merges"] = [one for one in tab.over.get("merges", []) if _lives(one)]
    book.calculated.clear()


def _bounds(grid: Json, dimension: str, moved: Moved) -> None:
    first, last = ("startRowIndex", "endRowIndex") if dimension == "ROWS" else (
        "startColumnIndex", "endColumnIndex",
    )  # fmt: skip
    if first not in grid and last not in grid:
        return
    start = int(grid.get(first, 0))
    if last in grid:
        kept = [new for one in range(start, int(grid[last])) if (new := moved(one)) is not None]
        grid[first] = min(kept, default=start)
        grid[last] = max(kept, default=start - 1) + 1
    elif (new := moved(start)) is not None:
        grid[first] = new


def _lives(grid: Json) -> bool:
    return all(
        grid.get(end, 1) > grid.get(start, 0)
        for start, end in (
            ("startRowIndex", "endRowIndex"),
            ("startColumnIndex", "endColumnIndex"),
        )
    )
