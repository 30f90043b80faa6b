"""A table as it stands → requests that make it what it was. No I/O.

Source: developers.google.com/workspace/docs/api/how-tos/tables
"""

from collections.abc import Iterator, Sequence
from typing import Any

from workspace_mcp.journal.inverses.document.aligned import codes
from workspace_mcp.journal.inverses.document.model import (
    Cell,
    Json,
    Paragraph,
    Piece,
    Row,
    Table,
    digest,
)
from workspace_mcp.journal.inverses.document.writer import NoWayError, Writer


def make(writer: Writer, want: Table, at: int) -> None:
    """The table anew before the paragraph at `at`; a newline comes before it.

    Raises:
        NoWayError: it has what cannot be made again.
    """
    rows, columns = len(want.rows), want.columns
    writer.put("insertTable", location=writer.spot(at), rows=rows, columns=columns)
    start = at + 1
    width = 1 + 2 * columns
    blank = [_blank(start + 1 + number * width, columns) for number in range(rows)]
    writer.grew(at, 3 + rows * width)
    rewrite(writer, Table(start, start + 2 + rows * width, {}, tuple(blank)), want)


def _blank(at: int, columns: int) -> Row:
    style = {"namedStyleType": "NORMAL_TEXT", "direction": "LEFT_TO_RIGHT"}
    cells = [
        Cell(at + 1 + 2 * n, {}, (Paragraph(at + 2 + 2 * n, style, None, (Piece("\n", {}),)),))
        for n in range(columns)
    ]
    return Row(at, {}, tuple(cells))


def rewrite(writer: Writer, have: Table, want: Table) -> None:
    """Make `want` of a table that stands.

    Raises:
        NoWayError: rows and columns changed at once, or lines and merged cells.
    """
    if digest(have) == digest(want):
        return
    mine, goal = _spans(have), _spans(want)
    if mine != goal and (len(have.rows), have.columns) != (len(want.rows), want.columns):
        raise NoWayError("merged cells of a table whose rows or columns changed")
    for one in sorted(mine - goal):
        writer.put("unmergeTableCells", tableRange=_range(writer, have, one))
    if have.columns != want.columns:
        _columns(writer, have, want)
    else:
        _rows(writer, have, want)
    for one in sorted(goal - mine):  # their text is in the first cell by now, the others are empty
        writer.put("mergeTableCells", tableRange=_range(writer, have, one))


def _spans(found: Table) -> set[tuple[int, int, int, int]]:
    """Every merged cell: row, column, and over how many of both it goes."""
    every = (
        (r, c, cell.style.get("rowSpan", 1), cell.style.get("columnSpan", 1))
        for r, row in enumerate(found.rows)
        for c, cell in enumerate(row.cells)
    )
    return {one for one in every if one[2] * one[3] > 1}


def _range(writer: Writer, table: Table, span: tuple[int, int, int, int]) -> dict[str, Any]:
    row, column, rows, columns = span
    return {
        "tableCellLocation": _at(writer, table, row, column), "rowSpan": rows, "columnSpan": columns,
    }  # fmt: skip


def _rows(writer: Writer, have: Table, want: Table) -> None:
    mine, goal = [digest(one) for one in have.rows], [digest(one) for one in want.rows]
    looks: list[tuple[int, Row, Row]] = []
    for now, then, new in reversed(list(_steps(have.rows, want.rows, mine, goal))):
        if new is None:
            if len(have.rows) == 1:
                raise NoWayError("the only row of a table")
            writer.put("deleteTableRow", tableCellLocation=_at(writer, have, now, 0))
            width = _width(have, now)
            writer.grew(have.rows[now].at + width, -width)
            continue
        row = _row_added(writer, have, now) if then < 0 else have.rows[now]
        looks.append((abs(then) - (then < 0), row, new))
        _fill(writer, row, new)
    for number, row, new in reversed(looks):
        _row_look(writer, have, number, row, new)
    heads = [sum(bool(row.style.get("tableHeader")) for row in one.rows) for one in (have, want)]
    if heads[0] != heads[1]:
        writer.put(
            "pinTableHeaderRows",
            tableStartLocation=writer.spot(have.at),
            pinnedHeaderRowsCount=heads[1],
        )
    _widths(writer, have, want, range(want.columns))


def _steps(
    have: Sequence[Row], want: Sequence[Row], mine: Sequence[str], goal: Sequence[str]
) -> Iterator[tuple[int, int, Row | None]]:
    """(index now, index then, row): an index then of -1 - n for a row that comes, no row for one that goes."""
    for kind, i1, i2, j1, j2 in codes(mine, goal):
        both = min(i2 - i1, j2 - j1)
        if kind == "equal":
            continue
        for n in range(both):
            yield i1 + n, j1 + n, want[j1 + n]
        for n in range(i1 + both, i2):
            yield n, 0, None
        for n in range(j1 + both, j2):
            yield i1 + both, -1 - n, want[n]


def _width(table: Table, row: int) -> int:
    end = table.rows[row + 1].at if row + 1 < len(table.rows) else table.end - 1
    return end - table.rows[row].at


def _row_added(writer: Writer, have: Table, before: int) -> Row:
    """An empty row before the one of an index, or behind the last."""
    below = before >= len(have.rows)
    model = min(before, len(have.rows) - 1)
    writer.put("insertTableRow", tableCellLocation=_at(writer, have, model, 0), insertBelow=below)
    at = have.end - 1 if below else have.rows[before].at
    made = _blank(at, have.columns)
    writer.grew(at, 1 + 2 * have.columns)
    near = have.rows[model]
    cells = [Cell(one.at, near.cells[n].style, one.blocks) for n, one in enumerate(made.cells)]
    return Row(made.at, near.style, tuple(cells))


def _fill(writer: Writer, have: Row, want: Row) -> None:
    for cell, goal in reversed(list(zip(have.cells, want.cells, strict=True))):
        writer.blocks(cell.blocks, goal.blocks)


def _columns(writer: Writer, have: Table, want: Table) -> None:
    """Columns that came go, those that went come back; everything else of the table is as it was."""
    by = want.columns - have.columns
    if len(have.rows) != len(want.rows):
        raise NoWayError("rows and columns of a table at once")
    small, large = (have, want) if by > 0 else (want, have)
    for at in range(small.columns + 1):
        if all(
            list(map(digest, one.cells))
            == list(map(digest, (*row.cells[:at], *row.cells[at + abs(by) :])))
            for one, row in zip(small.rows, large.rows, strict=True)
        ):
            break
    else:
        raise NoWayError("columns of a table with changes in its other cells")
    if by < 0:
        for _ in range(-by):
            writer.put("deleteTableColumn", tableCellLocation=_at(writer, have, 0, at))
        for number in range(len(have.rows) - 1, -1, -1):
            row = have.rows[number]
            after = (
                row.cells[at - by].at if at - by < len(row.cells) else row.at + _width(have, number)
            )
            writer.grew(after, row.cells[at].at - after)
        _widths(writer, have, want, range(want.columns))
        return
    _columns_added(writer, have, want, at, by)
    _widths(writer, have, want, range(want.columns))


def _columns_added(writer: Writer, have: Table, want: Table, at: int, by: int) -> None:
    right = at >= have.columns
    place = _at(writer, have, 0, min(at, have.columns - 1))
    for _ in range(by):
        writer.put("insertTableColumn", tableCellLocation=place, insertRight=right)
    starts: list[int] = []
    for number, row in enumerate(have.rows):
        end = row.at + _width(have, number)
        starts.append((end if right else row.cells[at].at) + number * 2 * by)
        writer.grew(starts[-1], 2 * by)
    for number in range(len(have.rows) - 1, -1, -1):
        blank = _blank(starts[number] - 1, by)
        goal = want.rows[number].cells[at : at + by]
        _fill(writer, blank, Row(0, {}, goal))
    for number, row in enumerate(want.rows):
        model = have.rows[number].cells[min(at, have.columns - 1)]
        for column in range(at, at + by):
            _cell_look(writer, have, (number, column), model.style, row.cells[column].style)


def _at(writer: Writer, table: Table, row: int, column: int) -> dict[str, Any]:
    return {
        "tableStartLocation": writer.spot(table.at), "rowIndex": row, "columnIndex": column,
    }  # fmt: skip


def _row_look(writer: Writer, table: Table, number: int, have: Row, want: Row) -> None:
    names = [
        key
        for key in ("minRowHeight", "preventOverflow")
        if have.style.get(key) != want.style.get(key)
    ]
    if names:
        style = {key: want.style[key] for key in names if key in want.style}
        writer.put(
            "updateTableRowStyle", tableStartLocation=writer.spot(table.at), rowIndices=[number],
            tableRowStyle=style, fields=",".join(names),
        )  # fmt: skip
    for column, (cell, goal) in enumerate(zip(have.cells, want.cells, strict=True)):
        _cell_look(writer, table, (number, column), cell.style, goal.style)


def _cell_look(
    writer: Writer, table: Table, place: tuple[int, int], have: Json, want: Json
) -> None:
    gone = {"rowSpan", "columnSpan"}
    names = sorted(k for k in {*have, *want} - gone if have.get(k) != want.get(k))
    if names:
        cells = {"tableCellLocation": _at(writer, table, *place), "rowSpan": 1, "columnSpan": 1}
        style = {key: want[key] for key in names if key in want}
        writer.put(
            "updateTableCellStyle", tableRange=cells, tableCellStyle=style, fields=",".join(names)
        )


def _widths(writer: Writer, have: Table, want: Table, columns: Sequence[int]) -> None:
    mine, goal = (one.style.get("tableColumnProperties", ()) for one in (have, want))
    if len(mine) == len(goal) and mine == goal:
        return
    even = {"widthType": "EVENLY_DISTRIBUTED"}
    for number in columns:
        now = mine[number] if number < len(mine) else even
        then = goal[number] if number < len(goal) else even
        if now != then or len(mine) != len(goal):
            writer.put(
                "updateTableColumnProperties", tableStartLocation=writer.spot(have.at),
                columnIndices=[number], tableColumnProperties=then,
                fields="width,widthType" if "width" in then else "widthType",
            )  # fmt: skip
