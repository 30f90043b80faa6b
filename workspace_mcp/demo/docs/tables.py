"""Tables of the demo's Docs: made, and changed by row and column. No I/O.

Source: developers.google.com/workspace/docs/api/how-tos/tables
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workspace_mcp.demo.docs.segment import NEWLINE, Segment, bad
from workspace_mcp.demo.docs.units import Unit


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a cell's mark stands, and where the cell ends."""

    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """Where a row's mark stands, its cells, and where it ends."""

    at: int
    cells: tuple[Cell, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table that starts at `at`; its last unit is `end - 1`."""

    at: int
    rows: tuple[Row, ...]
    end: int


def table_at(segment: Segment, at: int) -> Table:
    """The table whose first unit is at `at`.

    Raises:
        Refusal: none starts there.
    """
    units = segment.units
    if not 0 <= at < len(units) or units[at].kind != "table":
        raise bad("Invalid table start location. Must specify the start index of the table.")
    rows: list[Row] = []
    here = at + 1
    while units[here].kind == "row":
        start, cells = here, list[Cell]()
        here += 1
        while units[here].kind == "cell":
            begin = here
            here = _after_content(units, here + 1)
            cells.append(Cell(begin, here))
        rows.append(Row(start, tuple(cells), here))
    return Table(at, tuple(rows), here + 1)


def _after_content(units: list[Unit], at: int) -> int:
    depth = 0
    while depth or units[at].kind not in {"cell", "row", "end"}:
        depth += {"table": 1, "end": -1}.get(units[at].kind, 0)
        at += 1
    return at


def blank(rows: int, columns: int) -> list[Unit]:
    """A table of empty cells.

    Raises:
        Refusal: it would have no cell.
    """
    if rows < 1 or columns < 1:
        raise bad("The number of rows and columns must be at least 1.")
    row = [Unit(kind="row"), *[Unit(kind="cell"), NEWLINE] * columns]
    return [Unit(kind="table"), *row * rows, Unit(kind="end")]


def insert_table(segment: Segment, at: int, rows: int, columns: int) -> None:
    """A newline and a table at `at`."""
    if segment.kind == "footnote":
        raise bad("Tables cannot be inserted inside a footnote.")
    segment.insertable(at)
    segment.insert(at, "\n")
    segment.units[at + 1 : at + 1] = blank(rows, columns)


def located(segment: Segment, where: Mapping[str, Any]) -> tuple[Table, int, int]:
    """The table, row and column of a `TableCellLocation`.

    Raises:
        Refusal: there is no such cell.
    """
    table = table_at(segment, int(where["tableStartLocation"].get("index", 0)))
    row, column = int(where.get("rowIndex", 0)), int(where.get("columnIndex", 0))
    if not (0 <= row < len(table.rows) and 0 <= column < len(table.rows[0].cells)):
        raise bad("Invalid table cell location: the row or column index is out of range.")
    return table, row, column


def insert_row(segment: Segment, where: Mapping[str, Any], *, below: bool) -> None:
    """An empty row above or below a cell."""
    table, row, _ = located(segment, where)
    at = table.rows[row].end if below else table.rows[row].at
    segment.units[at:at] = blank(1, len(table.rows[row].cells))[1:-1]


def insert_column(segment: Segment, where: Mapping[str, Any], *, right: bool) -> None:
    """An empty column beside a cell."""
    table, _, column = located(segment, where)
    for row in reversed(table.rows):
        cell = row.cells[column]
        at = cell.end if right else cell.at
        segment.units[at:at] = [Unit(kind="cell"), NEWLINE]


def delete_row(segment: Segment, where: Mapping[str, Any]) -> None:
    """Without the row; without the table when it was the last."""
    table, row, _ = located(segment, where)
    one = table.rows[row] if len(table.rows) > 1 else table
    del segment.units[one.at : one.end]


def delete_column(segment: Segment, where: Mapping[str, Any]) -> None:
    """Without the column; without the table when it was the last."""
    table, _, column = located(segment, where)
    if len(table.rows[0].cells) == 1:
        del segment.units[table.at : table.end]
        return
    for row in reversed(table.rows):
        cell = row.cells[column]
        del segment.units[cell.at : cell.end]


def cells_of(segment: Segment, given: Mapping[str, Any]) -> tuple[Table, list[tuple[int, int]]]:
    """The table and the (row, column) pairs of a `TableRange`."""
    table, row, column = located(segment, given["tableCellLocation"])
    rows, columns = int(given.get("rowSpan", 1)), int(given.get("columnSpan", 1))
    if row + rows > len(table.rows) or column + columns > len(table.rows[0].cells):
        raise bad("The table range is outside the table.")
    found = [(r, c) for r in range(row, row + rows) for c in range(column, column + columns)]
    return table, found


def mark(segment: Segment, at: int, key: str, value: Mapping[str, Any], names: set[str]) -> None:
    """Change the style that a table's, row's or cell's mark carries."""
    unit = segment.units[at]
    style = {name: one for name, one in unit.value.get(key, {}).items() if name not in names}
    style |= {name: value[name] for name in names if name in value}
    segment.units[at] = replace(unit, value={**unit.value, key: style})


def merge(segment: Segment, given: Mapping[str, Any]) -> None:
    """The cells of a range become one; the text of all goes into the first."""
    table, pairs = cells_of(segment, given)
    first = pairs[0]
    gathered: list[Unit] = []
    for row, column in reversed(pairs[1:]):
        cell = table.rows[row].cells[column]
        content = segment.units[cell.at + 1 : cell.end]
        if len(content) > 1:
            gathered = content + gathered
        segment.units[cell.at + 1 : cell.end] = [NEWLINE]
        mark(segment, cell.at, "tableCellStyle", {"rowSpan": 0}, {"rowSpan"})
    cell = table.rows[first[0]].cells[first[1]]
    segment.units[cell.end : cell.end] = gathered
    spans = {"rowSpan": given.get("rowSpan", 1), "columnSpan": given.get("columnSpan", 1)}
    mark(segment, cell.at, "tableCellStyle", spans, set(spans))


def unmerge(segment: Segment, given: Mapping[str, Any]) -> None:
    """Merged cells of a range stand alone again."""
    table, pairs = cells_of(segment, given)
    for row, column in pairs:
        mark(
            segment, table.rows[row].cells[column].at, "tableCellStyle", {},
            {"rowSpan", "columnSpan"},
        )  # fmt: skip
