"""Tables of a document by number: rows, columns and cells → requests. No I/O.

Rows and columns count from 1, as a person counts. Source: …/docs/api/how-tos/tables
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats import show
from workspace_mcp.formats.docs.blocks import Grid, inline
from workspace_mcp.formats.docs.model import Cell, Tab, Table, tables
from workspace_mcp.formats.docs.requests import Request, Where
from workspace_mcp.formats.docs.style import points
from workspace_mcp.formats.docs.writing import Writer
from workspace_mcp.services.docs.looks import cell_look, row_look

Fields = Mapping[str, Any]


def table_of(tab: Tab, fields: Fields) -> Table:
    """The table with a number; the only one without.

    Raises:
        NotFoundError: there is none. ArgumentError: there are several.
    """
    every = list(tables(tab.body.blocks))
    number = fields.get("table", 1 if len(every) == 1 else None)
    if number is None and every:
        raise ArgumentError(f"There are {len(every)} tables.", "Give table, counted from 1.")
    if number is None or not 1 <= number <= len(every):
        raise NotFoundError(
            f"There is no such table: the tab has {show.count(len(every), 'table')}."
        )
    return every[number - 1]


def _row(table: Table, fields: Fields, name: str = "row") -> int:
    number = fields.get(name)
    most = len(table.rows) if name == "row" else len(table.rows[0])
    if number is None:
        raise ArgumentError(f"{name} is missing.", f"The table has {most} {name}s.")
    if not 1 <= number <= most:
        raise ArgumentError(f"{name} is {number}; the table has {most} {name}s.")
    return number - 1


def _location(where: Where, table: Table, row: int, column: int) -> dict[str, Any]:
    place = where.location(table.start)
    return {"tableStartLocation": place, "rowIndex": row, "columnIndex": column}


def _cell(table: Table, row: int, column: int) -> Cell:
    return table.rows[row][column]


def filled(where: Where, cell: Cell, markdown: str) -> list[Request]:
    """A cell's content anew; what it was goes."""
    start, end = cell.start + 1, cell.end
    requests: list[Request] = []
    if end - 1 > start:
        requests.append({"deleteContentRange": {"range": where.range(start, end - 1)}})
    writer = Writer(where, start)
    writer.cell(inline(markdown.replace("\n", "<br>")))
    return requests + writer.requests


def cell(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`cell`: another content."""
    table = table_of(tab, fields)
    one = _cell(table, _row(table, fields), _row(table, fields, "column"))
    return filled(where, one, fields.get("value", ""))


def grid_of(rows: Sequence[Sequence[str]]) -> Grid:
    """Rows of Markdown cells as a table; short rows are filled up.

    Raises:
        ArgumentError: there is no cell.
    """
    width = max((len(row) for row in rows), default=0)
    if not width:
        raise ArgumentError(
            "rows is empty.", 'Give cells, such as [["Name", "Price"], ["A", "1"]].'
        )
    made = tuple(
        tuple(inline(one.replace("\n", "<br>")) for one in [*row, *[""] * (width - len(row))])
        for row in rows
    )
    return Grid(made, ("START",) * width)


def add_rows(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`add_rows`: below a row (0: above the first; without: at the end), filled in."""
    table = table_of(tab, fields)
    content: Sequence[Sequence[str]] = fields.get("rows") or [[]] * fields.get("count", 1)
    columns = len(table.rows[0])
    if any(len(row) > columns for row in content):
        raise ArgumentError(f"A row has more cells than the table's {columns} columns.")
    after = fields.get("row", len(table.rows))
    if not 0 <= after <= len(table.rows):
        raise ArgumentError(f"row is {after}; the table has {len(table.rows)} rows.")
    beside = max(after - 1, 0)
    add = {"tableCellLocation": _location(where, table, beside, 0), "insertBelow": after > 0}
    requests: list[Request] = [{"insertTableRow": dict(add)} for _ in content]
    writer = Writer(where, table.rows[after - 1][-1].end if after else table.start + 1)
    for row in content:
        writer.at += 1
        for column in range(columns):
            writer.at += 1
            writer.cell(inline(row[column].replace("\n", "<br>")) if column < len(row) else ())
            writer.at += 1
    return requests + writer.requests


def add_columns(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`add_columns`: right of a column (0: left of the first; without: at the end), filled in."""
    table = table_of(tab, fields)
    columns, height = len(table.rows[0]), len(table.rows)
    content: Sequence[Sequence[str]] = fields.get("rows") or []
    count = max((len(row) for row in content), default=fields.get("count", 1))
    after = fields.get("column", columns)
    if not 0 <= after <= columns or len(content) > height:
        raise ArgumentError(f"The table has {height} rows and {columns} columns.")
    beside = max(after - 1, 0)
    add = {"tableCellLocation": _location(where, table, 0, beside), "insertRight": after > 0}
    requests: list[Request] = [{"insertTableColumn": dict(add)} for _ in range(count)]
    moved = 0
    for number, row in enumerate(table.rows):
        at = (row[after - 1].end if after else row[0].start) + moved
        writer = Writer(where, at)
        given = content[number] if number < len(content) else []
        for column in range(count):
            writer.at += 1
            writer.cell(inline(given[column].replace("\n", "<br>")) if column < len(given) else ())
            writer.at += 1
        requests += writer.requests
        moved += writer.at - at
    return requests


def delete_rows(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`delete_rows`: `count` from a row on."""
    table = table_of(tab, fields)
    first, count = _row(table, fields), fields.get("count", 1)
    _many(first, count, len(table.rows), "rows")
    one = {"tableCellLocation": _location(where, table, first, 0)}
    return [{"deleteTableRow": dict(one)} for _ in range(count)]


def delete_columns(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`delete_columns`: `count` from a column on."""
    table = table_of(tab, fields)
    first, count = _row(table, fields, "column"), fields.get("count", 1)
    _many(first, count, len(table.rows[0]), "columns")
    one = {"tableCellLocation": _location(where, table, 0, first)}
    return [{"deleteTableColumn": dict(one)} for _ in range(count)]


def _many(first: int, count: int, most: int, noun: str) -> None:
    if count < 1 or first + count > most:
        raise ArgumentError(f"From there the table has {most - first} {noun}; count is {count}.")


def _range(where: Where, table: Table, fields: Fields) -> dict[str, Any]:
    row, column = _row(table, fields), _row(table, fields, "column")
    rows, columns = fields.get("count", 1), fields.get("columns", 1)
    _many(row, rows, len(table.rows), "rows")
    _many(column, columns, len(table.rows[0]), "columns")
    place = _location(where, table, row, column)
    return {"tableCellLocation": place, "rowSpan": rows, "columnSpan": columns}


def merge(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`merge`: `count` rows by `columns` columns from a cell on become one."""
    return [{"mergeTableCells": {"tableRange": _range(where, table_of(tab, fields), fields)}}]


def unmerge(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`unmerge`: the same back."""
    return [{"unmergeTableCells": {"tableRange": _range(where, table_of(tab, fields), fields)}}]


def cell_style(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`cell_style`: the look of cells, from one on, of a whole row or of the whole table; rows' height."""
    table = table_of(tab, fields)
    cells, rows = cell_look(fields), row_look(fields)
    if not cells and not rows:
        raise ArgumentError("Nothing is to change: give css.")
    place: dict[str, Any] = {"tableStartLocation": where.location(table.start)}
    numbers: list[int] = []
    if "row" in fields:
        whole = {"column": 1, "columns": len(table.rows[0])} if "column" not in fields else {}
        place = {"tableRange": _range(where, table, {**fields, **whole})}
        first = _row(table, fields)
        numbers = list(range(first, first + fields.get("count", 1)))
    requests: list[Request] = []
    if cells:
        names = ",".join(cells)
        requests.append(
            {"updateTableCellStyle": {**place, "tableCellStyle": cells, "fields": names}}
        )
    if rows:
        update = {
            "tableStartLocation": where.location(table.start), "rowIndices": numbers,
            "tableRowStyle": rows, "fields": ",".join(rows),
        }  # fmt: skip
        requests.append({"updateTableRowStyle": update})
    return requests


def widths(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`widths`: a column's width, or that of all."""
    table = table_of(tab, fields)
    columns = [_row(table, fields, "column")] if "column" in fields else []
    if "width" in fields:
        properties = {"widthType": "FIXED_WIDTH", "width": points(fields["width"])}
    else:
        properties = {"widthType": "EVENLY_DISTRIBUTED"}
    return [
        {
            "updateTableColumnProperties": {
                "tableStartLocation": where.location(table.start), "columnIndices": columns,
                "tableColumnProperties": properties,
                "fields": "width,widthType" if "width" in fields else "widthType",
            }
        }
    ]  # fmt: skip


def header_rows(where: Where, tab: Tab, fields: Fields) -> list[Request]:
    """`header_rows`: so many rows are repeated on every page."""
    table = table_of(tab, fields)
    count = fields.get("count", 1)
    place = where.location(table.start)
    return [{"pinTableHeaderRows": {"tableStartLocation": place, "pinnedHeaderRowsCount": count}}]
