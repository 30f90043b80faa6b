"""Actions of `sheets_format` → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/samples/formatting
"""

import re
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets import looks, rules
from workspace_mcp.services.sheets.batch import Fields, Step, given, integer, lines_of, need
from workspace_mcp.services.sheets.chips import chips_request
from workspace_mcp.services.sheets.format_actions import TAKES, Action, Do
from workspace_mcp.services.sheets.frames import (
    banding_request,
    borders_request,
    number_request,
    repeated,
)
from workspace_mcp.services.sheets.spreadsheets import Book, Place
from workspace_mcp.tools import JsonObject

_MERGES: Final = {"all": "MERGE_ALL", "rows": "MERGE_ROWS", "columns": "MERGE_COLUMNS"}


def step(book: Book, action: Action, rule: JsonObject | None = None) -> Step:
    """What an action sends. `rule`: the conditional format that it changes.

    Raises:
        ArgumentError: fields that do not fit.
    """
    fields = given(action, action.do, TAKES)
    place = book.place(action.range)
    return Step(action.do, place.text(), _requests(action.do, place, fields, rule or {}))


def _requests(do: Do, place: Place, fields: Fields, rule: JsonObject) -> list[JsonObject]:
    value, kind = str(fields.get("value", "")), str(fields.get("kind", ""))
    match do:
        case "style":
            look, mask = looks.declared(str(need(fields, "css")))
            return [repeated(place, {"userEnteredFormat": look}, mask)]
        case "number":
            return [number_request(place, kind, value)]
        case "borders":
            return [borders_request(place, value, kind, str(fields.get("css", "")))]
        case "merge":
            if (kind or "all") not in _MERGES:
                raise ArgumentError("kind is all, rows or columns.")
            return [{"mergeCells": {"range": place.grid, "mergeType": _MERGES[kind or "all"]}}]
        case "unmerge":
            return [{"unmergeCells": {"range": place.grid}}]
        case "conditional" | "unconditional":
            return [_conditional(place, do, fields, rule)]
        case "validate":
            valid = rules.validation(
                kind,
                value,
                a1.cell(place.box.top or 0, place.box.left or 0),
                strict=bool(fields.get("strict")),
            )
            return [{"setDataValidation": {"range": place.grid, "rule": valid}}]
        case "unvalidate":
            return [{"setDataValidation": {"range": place.grid}}]
        case "freeze":
            return [_freeze(place)]
        case "size" | "hide" | "unhide":
            return [_lines(place, do, value)]
        case "group" | "ungroup":
            name = "addDimensionGroup" if do == "group" else "deleteDimensionGroup"
            return [{name: {"range": _dimensions(place)}}]
        case "note":
            return [repeated(place, {"note": value} if value else {}, ["note"])]
        case "link":
            link = {"textFormat": {"link": {"uri": _address(value)}}} if value else {}
            return [
                repeated(place, {"userEnteredFormat": link}, ["userEnteredFormat.textFormat.link"])
            ]
        case "chip":
            return [chips_request(place, value)]
        case "banding":
            return [banding_request(place, str(fields.get("css", "")))]
        case "clear":
            return [repeated(place, {}, ["userEnteredFormat"])]


def _conditional(place: Place, do: Do, fields: Fields, old: JsonObject) -> JsonObject:
    """A new rule comes first; one with a number is changed, and keeps what is not said anew."""
    index = fields.get("index")
    if do == "unconditional":
        if index is None:
            raise ArgumentError("index is missing: the rule's number, as sheets_read shows it.")
        return {"deleteConditionalFormatRule": {"sheetId": place.tab.id, "index": index}}
    whole = place.area == Area() and "ranges" in old
    rule: JsonObject = {"ranges": old["ranges"] if whole else [place.grid]}
    if fields.get("kind") == "gradient":
        rule["gradientRule"] = rules.gradient(str(need(fields, "value", "the scale's points")))
    else:
        first = Area.from_api(old["ranges"][0]) if whole else place.box
        cell = a1.cell(first.top or 0, first.left or 0)
        rule["booleanRule"] = _boolean(fields, old.get("booleanRule", {}), cell)
    if index is None:
        return {"addConditionalFormatRule": {"rule": rule, "index": 0}}
    return {"updateConditionalFormatRule": {"sheetId": place.tab.id, "index": index, "rule": rule}}


def _boolean(fields: Fields, old: JsonObject, cell: str) -> JsonObject:
    if "value" in fields or "condition" not in old:
        condition = rules.condition(str(need(fields, "value", "the condition")), "format", cell)
    else:
        condition = old["condition"]
    if "css" not in fields and "format" in old:
        return {"condition": condition, "format": old["format"]}
    look, _ = looks.declared(str(need(fields, "css", "how they should look")))
    return {"condition": condition, "format": look}


def _freeze(place: Place) -> JsonObject:
    """Up to the last of the rows or columns; a whole tab is not frozen any more."""
    area = place.area
    grid: dict[str, int] = {}
    if area == Area():
        grid = {"frozenRowCount": 0, "frozenColumnCount": 0}
    if area.bottom is not None and area.top == 0:
        grid["frozenRowCount"] = area.bottom
    if area.right is not None and not area.left and area.top in {None, 0}:
        grid["frozenColumnCount"] = area.right
    if not grid:
        raise ArgumentError(
            "Only the first rows and columns can be frozen.",
            "Give Data!1:2, Data!A:B, or the tab to undo it.",
        )
    mask = ",".join(f"gridProperties.{one}" for one in grid)
    properties = {"sheetId": place.tab.id, "gridProperties": grid}
    return {"updateSheetProperties": {"properties": properties, "fields": mask}}


def _dimensions(place: Place) -> JsonObject:
    dimension, start, end = lines_of(place)
    return {"sheetId": place.tab.id, "dimension": dimension, "startIndex": start, "endIndex": end}


def _lines(place: Place, do: Do, value: str) -> JsonObject:
    lines = _dimensions(place)
    if do == "size":
        if value in {"", "auto"}:
            return {"autoResizeDimensions": {"dimensions": lines}}
        size = integer(value.removesuffix("px"), "value")
        properties: dict[str, Any] = {"pixelSize": size}
    else:
        properties = {"hiddenByUser": do == "hide"}
    mask = next(iter(properties))
    return {"updateDimensionProperties": {"range": lines, "properties": properties, "fields": mask}}


def _address(value: str) -> str:
    if not re.match(r"(https?://|mailto:|#)", value):
        raise ArgumentError("value is no address.", "Give https://…, mailto:… or #gid=…")
    return value
