"""Requests on tables, applied to a Doc of the demo.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from workspace_mcp.demo.docs import tables
from workspace_mcp.demo.docs.batch import Batch, Change, Given
from workspace_mcp.demo.docs.segment import Segment, bad


def _insert_table(batch: Batch, given: Given) -> None:
    segment, at = batch.place(given)
    tables.insert_table(segment, at, int(given.get("rows", 0)), int(given.get("columns", 0)))


def _cell(batch: Batch, given: Given) -> Segment:
    return batch.segment(given["tableCellLocation"]["tableStartLocation"])


def _insert_row(batch: Batch, given: Given) -> None:
    below = bool(given.get("insertBelow"))
    tables.insert_row(_cell(batch, given), given["tableCellLocation"], below=below)


def _insert_column(batch: Batch, given: Given) -> None:
    right = bool(given.get("insertRight"))
    tables.insert_column(_cell(batch, given), given["tableCellLocation"], right=right)


def _delete_row(batch: Batch, given: Given) -> None:
    tables.delete_row(_cell(batch, given), given["tableCellLocation"])


def _delete_column(batch: Batch, given: Given) -> None:
    tables.delete_column(_cell(batch, given), given["tableCellLocation"])


def _merge_cells(batch: Batch, given: Given) -> None:
    tables.merge(_cell(batch, given["tableRange"]), given["tableRange"])


def _unmerge_cells(batch: Batch, given: Given) -> None:
    tables.unmerge(_cell(batch, given["tableRange"]), given["tableRange"])


def _cell_style(batch: Batch, given: Given) -> None:
    names = set(given.get("fields", "").split(","))
    if "tableRange" in given:
        segment = _cell(batch, given["tableRange"])
        table, pairs = tables.cells_of(segment, given["tableRange"])
    else:
        segment = batch.segment(given["tableStartLocation"])
        table = tables.table_at(segment, int(given["tableStartLocation"].get("index", 0)))
        pairs = [(r, c) for r, row in enumerate(table.rows) for c in range(len(row.cells))]
    for row, column in pairs:
        at = table.rows[row].cells[column].at
        tables.mark(segment, at, "tableCellStyle", given["tableCellStyle"], names)


def _row_style(batch: Batch, given: Given) -> None:
    segment = batch.segment(given["tableStartLocation"])
    table = tables.table_at(segment, int(given["tableStartLocation"].get("index", 0)))
    names = set(given.get("fields", "").split(","))
    for index in given.get("rowIndices") or range(len(table.rows)):
        at = table.rows[index].at
        tables.mark(segment, at, "tableRowStyle", given["tableRowStyle"], names)


def _pin_rows(batch: Batch, given: Given) -> None:
    segment = batch.segment(given["tableStartLocation"])
    table = tables.table_at(segment, int(given["tableStartLocation"].get("index", 0)))
    for number, row in enumerate(table.rows):
        head = number < int(given.get("pinnedHeaderRowsCount", 0))
        tables.mark(segment, row.at, "tableRowStyle", {"tableHeader": head}, {"tableHeader"})


def _column_properties(batch: Batch, given: Given) -> None:
    segment = batch.segment(given["tableStartLocation"])
    at = int(given["tableStartLocation"].get("index", 0))
    table = tables.table_at(segment, at)
    count = len(table.rows[0].cells)
    style = segment.units[at].value.get("tableStyle", {})
    known = list(style.get("tableColumnProperties", ()))[:count]
    columns = known + [{"widthType": "EVENLY_DISTRIBUTED"}] * (count - len(known))
    if any(not 0 <= index < count for index in given.get("columnIndices", ())):
        raise bad("The table has no such column.")
    for index in given.get("columnIndices") or range(count):
        columns[index] = dict(given["tableColumnProperties"])
    value = {**segment.units[at].value, "tableStyle": {"tableColumnProperties": columns}}
    segment.units[at] = replace(segment.units[at], value=value)


KINDS: Final[Mapping[str, Change]] = {
    "insertTable": _insert_table,
    "insertTableRow": _insert_row,
    "insertTableColumn": _insert_column,
    "deleteTableRow": _delete_row,
    "deleteTableColumn": _delete_column,
    "mergeTableCells": _merge_cells,
    "unmergeTableCells": _unmerge_cells,
    "updateTableCellStyle": _cell_style,
    "updateTableRowStyle": _row_style,
    "updateTableColumnProperties": _column_properties,
    "pinTableHeaderRows": _pin_rows,
}
"""Request → what it does."""
