"""Requests on borders, merges and what cells take."""

from typing import Final

from workspace_mcp.demo.sheets import kinds
from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import Box, Json, bad

_SIDES: Final = ("top", "bottom", "left", "right")


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
    kinds.check(given.get("rule", {}).get("condition", {}), "validation", "setDataValidation")
    for row, column in box.places():
        cell = tab.cell(row, column)
        rest = {key: value for key, value in cell.rest.items() if key != "dataValidation"}
        cell.rest = rest | ({"dataValidation": given["rule"]} if "rule" in given else {})
        boolean = given.get("rule", {}).get("condition", {}).get("type") == "BOOLEAN"
        if boolean and cell.empty:
            cell.entered = {"boolValue": False}
    return {}
