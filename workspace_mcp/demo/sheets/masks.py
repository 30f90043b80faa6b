"""Field masks of requests: `userEnteredFormat(numberFormat,textFormat.bold)`. No I/O.

Source: developers.google.com/workspace/sheets/api/guides/field-masks
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workspace_mcp.demo.sheets.book import Cell, Json, bad

_CELL: Final = {
    "userEnteredValue", "userEnteredFormat", "note", "dataValidation", "pivotTable", "chipRuns",
    "textFormatRuns", "dataSourceTable", "dataSourceFormula",
}  # fmt: skip
_LOOK: Final = {
    "numberFormat", "backgroundColor", "backgroundColorStyle", "borders", "padding",
    "horizontalAlignment", "verticalAlignment", "wrapStrategy", "textDirection", "textFormat",
    "hyperlinkDisplayType", "textRotation",
}  # fmt: skip


def paths(mask: str) -> list[tuple[str, ...]]:
    """Every path of a mask.

    Raises:
        Refusal: it is empty or cannot be read.
    """
    if not mask:
        raise bad("Invalid requests[0]: At least one field must be listed in 'fields'.")
    found, end = _read(mask, 0)
    if end != len(mask):
        raise bad(f"Invalid field mask: {mask}")
    return found


def _read(mask: str, at: int) -> tuple[list[tuple[str, ...]], int]:
    found: list[tuple[str, ...]] = []
    while True:
        name = re.compile(r"[A-Za-z*]+(?:\.[A-Za-z]+)*").match(mask, at)
        if name is None:
            raise bad(f"Invalid field mask: {mask}")
        at = name.end()
        path = tuple(name[0].split("."))
        if mask[at : at + 1] == "(":
            inner, at = _read(mask, at + 1)
            found += [(*path, *one) for one in inner]
            at += 1
        else:
            found.append(path)
        if mask[at : at + 1] != ",":
            return found, at
        at += 1


def merged(
    target: Mapping[str, Any], source: Mapping[str, Any], mask: Sequence[tuple[str, ...]]
) -> Json:
    """`target` with the paths of `mask` as they are in `source`; what is not there goes."""
    result = copy.deepcopy(dict(target))
    for path in mask:
        if path == ("*",):
            return copy.deepcopy(dict(source))
        _put(result, source, path)
    return result


def _put(result: Json, source: Mapping[str, Any], path: tuple[str, ...]) -> None:
    name, rest = path[0], path[1:]
    if not rest:
        if name in source:
            result[name] = copy.deepcopy(source[name])
        else:
            result.pop(name, None)
        return
    inner = dict(result.get(name, {}))
    _put(inner, source.get(name, {}), rest)
    if inner:
        result[name] = inner
    else:
        result.pop(name, None)


def cell_paths(mask: str) -> list[tuple[str, ...]]:
    """The paths of a mask over CellData.

    Raises:
        Refusal: it names what no cell has, or what can only be read.
    """
    found = paths(mask)
    for path in found:
        known = path == ("*",) or path[0] in _CELL
        if not known or (path[0] == "userEnteredFormat" and len(path) > 1 and path[1] not in _LOOK):
            raise bad(f"Invalid field: {'.'.join(path)}")
    return found


def data_of(cell: Cell) -> Json:
    """A cell as the CellData that somebody entered."""
    found: Json = dict(cell.rest)
    if cell.entered:
        found["userEnteredValue"] = cell.entered
    if cell.look:
        found["userEnteredFormat"] = cell.look
    return found


def written(cell: Cell, data: Mapping[str, Any], mask: Sequence[tuple[str, ...]]) -> None:
    """Change a cell to what `data` says, as far as the mask goes."""
    found = merged(data_of(cell), data, mask)
    cell.entered = found.pop("userEnteredValue", {})
    cell.look = found.pop("userEnteredFormat", {})
    cell.rest = {key: value for key, value in found.items() if value not in ("", [], {}, None)}


def ranges(node: Any) -> Iterator[Json]:
    """Every GridRange somewhere inside."""
    if isinstance(node, dict):
        if node.keys() & {"startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex"}:
            yield node
        for value in node.values():
            yield from ranges(value)
    elif isinstance(node, list):
        for value in node:
            yield from ranges(value)
