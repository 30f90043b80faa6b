"""Every request that a batch may hold."""

from collections.abc import Callable, Mapping
from typing import Final

from workspace_mcp.demo.sheets import cells, framing, lines, objects, sorting, tables, tabs, talk
from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import Json

REQUESTS: Final[Mapping[str, Callable[[Batch, Json], Json]]] = {
    "repeatCell": cells.repeat_cell, "updateCells": cells.update_cells,
    "appendCells": cells.append_cells, "copyPaste": cells.copy_paste, "cutPaste": cells.cut_paste,
    "sortRange": sorting.sort_range, "findReplace": sorting.find_replace,
    "deleteDuplicates": sorting.delete_duplicates, "trimWhitespace": sorting.trim_whitespace,
    "textToColumns": sorting.text_to_columns, "updateBorders": framing.update_borders,
    "mergeCells": framing.merge_cells, "unmergeCells": framing.unmerge_cells,
    "setDataValidation": framing.set_data_validation, "insertComment": talk.insert_comment,
    "insertDimension": lines.insert_dimension, "deleteDimension": lines.delete_dimension,
    "moveDimension": lines.move_dimension, "appendDimension": lines.append_dimension,
    "updateDimensionProperties": lines.update_dimension_properties,
    "autoResizeDimensions": lines.auto_resize, "addDimensionGroup": lines.add_group,
    "deleteDimensionGroup": lines.delete_group,
    "addSheet": tabs.add_sheet, "deleteSheet": tabs.delete_sheet, "duplicateSheet": tabs.duplicate_sheet,
    "updateSheetProperties": tabs.update_sheet, "updateSpreadsheetProperties": tabs.update_spreadsheet,
    "addNamedRange": tabs.add_name, "updateNamedRange": tabs.update_name, "deleteNamedRange": tabs.delete_name,
    "addTable": tables.add_table, "updateTable": tables.update_table, "deleteTable": tables.delete_table,
    "setBasicFilter": tables.set_filter, "clearBasicFilter": tables.clear_filter,
    "addConditionalFormatRule": tables.add_rule, "updateConditionalFormatRule": tables.update_rule,
    "deleteConditionalFormatRule": tables.delete_rule,
    "updateChartSpec": objects.update_chart, "updateEmbeddedObjectPosition": objects.move_chart,
    "addChart": objects.added("charts", "chartId", "chart", "addChart"),
    "deleteEmbeddedObject": objects.gone("charts", "chartId", "objectId"),
    "addProtectedRange": objects.editable(
        objects.added("protectedRanges", "protectedRangeId", "protectedRange", "addProtectedRange")
    ),
    "updateProtectedRange": objects.updated("protectedRanges", "protectedRangeId", "protectedRange"),
    "deleteProtectedRange": objects.gone("protectedRanges", "protectedRangeId", "protectedRangeId"),
    "addBanding": objects.added("bandedRanges", "bandedRangeId", "bandedRange", "addBanding"),
    "deleteBanding": objects.gone("bandedRanges", "bandedRangeId", "bandedRangeId"),
    "addFilterView": objects.added("filterViews", "filterViewId", "filter", "addFilterView"),
    "deleteFilterView": objects.gone("filterViews", "filterViewId", "filterId"),
}  # fmt: skip
"""Request → what it does."""
