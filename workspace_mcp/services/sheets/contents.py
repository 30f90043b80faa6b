"""Actions on what stands in cells, and on who may change it → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from typing import Any

from workspace_mcp.errors import ArgumentError
from workspace_mcp.services.sheets.batch import Fields, Step, need
from workspace_mcp.services.sheets.headers import Heads, column_of
from workspace_mcp.services.sheets.spreadsheets import Book, Place
from workspace_mcp.tools import JsonObject


def protect_step(place: Place, fields: Fields) -> Step:
    """A range that only some may edit, or that warns."""
    protected: JsonObject = {"range": place.grid}
    if "value" in fields:
        protected["description"] = fields["value"]
    kind = str(fields.get("kind", ""))
    if kind not in {"", "warn"}:
        raise ArgumentError("kind is warn, or nothing.")
    if kind == "warn":
        protected["warningOnly"] = True
    elif "who" in fields:
        protected["editors"] = {"users": list(fields["who"])}
    if "index" in fields:
        protected["protectedRangeId"] = fields["index"]
        mask = ",".join(one for one in protected if one != "protectedRangeId")
        return Step(
            "protect",
            place.text(),
            [{"updateProtectedRange": {"protectedRange": protected, "fields": mask}}],
        )
    return Step("protect", place.text(), [{"addProtectedRange": {"protectedRange": protected}}])


def comment_step(place: Place, fields: Fields) -> Step:
    """A comment at a cell; Google tells the people of the file."""
    text = str(need(fields, "value", "what to say"))
    if place.box.height * place.box.width != 1:
        raise ArgumentError("A comment stands at one cell.")
    request: JsonObject = {"insertComment": {"content": text, "coordinate": place.corner}}
    return Step("comment at", place.text(), [request])


def data_step(book: Book, place: Place | None, heads: Heads, do: str, fields: Fields) -> Step:
    """Find and replace, duplicates, blanks, splitting, copying.

    Raises:
        ArgumentError: fields that do not fit.
    """
    if do == "replace":
        return _replaced(book, place, fields)
    if place is None:
        raise ArgumentError("range is missing.")
    grid: dict[str, Any] = place.box.grid(place.tab.id)
    match do:
        case "trim":
            request: JsonObject = {"trimWhitespace": {"range": grid}}
        case "dedupe":
            columns = [column_of(place, heads, str(one)) for one in fields.get("columns", ())]
            spans = [
                {
                    "sheetId": place.tab.id,
                    "dimension": "COLUMNS",
                    "startIndex": one,
                    "endIndex": one + 1,
                }
                for one in columns
            ]
            request = {
                "deleteDuplicates": {"range": grid}
                | ({"comparisonColumns": spans} if spans else {})
            }
        case "split":
            mark = str(fields.get("value", ","))
            request = {
                "textToColumns": {"source": grid, "delimiter": mark, "delimiterType": "CUSTOM"}
            }
        case _:
            return _copied(book, place, do, fields)
    return Step(do, place.text(), [request])


def _replaced(book: Book, place: Place | None, fields: Fields) -> Step:
    kinds = {one.strip() for one in str(fields.get("kind", "")).split(",") if one.strip()}
    if kinds - {"regex", "cell", "case", "formulas"}:
        raise ArgumentError("kind is regex, cell, case, formulas, or several with commas.")
    request: JsonObject = {
        "find": need(fields, "value", "what to find"),
        "replacement": fields.get("to", ""),
    }
    flags = {
        "regex": "searchByRegex",
        "cell": "matchEntireCell",
        "case": "matchCase",
        "formulas": "includeFormulas",
    }
    request |= {flags[one]: True for one in sorted(kinds)}
    if place is not None:
        return Step("replace in", place.text(), [{"findReplace": request | {"range": place.grid}}])
    if "tab" in fields:
        tab = book.tab(str(fields["tab"]))
        return Step("replace in", tab.title, [{"findReplace": request | {"sheetId": tab.id}}])
    return Step("replace in every tab", "", [{"findReplace": request | {"allSheets": True}}])


def _copied(book: Book, place: Place, do: str, fields: Fields) -> Step:
    goal = book.goal(str(need(fields, "to", "where to")), place)
    said = f"{place.text()} → {goal.text()}"
    source = place.box.grid(place.tab.id)
    if do == "cut":
        request: JsonObject = {
            "source": source,
            "destination": goal.corner,
            "pasteType": "PASTE_NORMAL",
        }
        return Step(do, said, [{"cutPaste": request}])
    kinds = {
        "": "PASTE_NORMAL",
        "values": "PASTE_VALUES",
        "format": "PASTE_FORMAT",
        "formulas": "PASTE_FORMULA",
    }
    kind = str(fields.get("kind", ""))
    if kind not in kinds:
        raise ArgumentError("kind is values, format or formulas.")
    into = goal.box.grid(goal.tab.id)
    return Step(
        do, said, [{"copyPaste": {"source": source, "destination": into, "pasteType": kinds[kind]}}]
    )
