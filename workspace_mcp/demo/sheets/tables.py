"""Requests on tables, filters and conditional formats."""

import copy

from workspace_mcp.demo.sheets import kinds
from workspace_mcp.demo.sheets.batch import Batch, table_of
from workspace_mcp.demo.sheets.book import Json, Tab, bad
from workspace_mcp.demo.sheets.formulas import value_of
from workspace_mcp.demo.sheets.masks import merged, paths
from workspace_mcp.demo.sheets.objects import fresh


def add_table(batch: Batch, given: Json) -> Json:
    """A table over cells whose first row is its header."""
    one = copy.deepcopy(given["table"])
    tab, box = batch.box(one["range"])
    if any(tab.box(other["range"]).meets(box) for other in tab.list("tables")):
        raise bad("Invalid requests[0].addTable: You can't add a table that overlaps with another table.")  # fmt: skip
    names = {other["name"].lower() for every in batch.book.tabs for other in every.list("tables")}
    if one.get("name", "").lower() in names:
        raise bad("Invalid requests[0].addTable: Table name already exists.")
    taken = {other["tableId"] for every in batch.book.tabs for other in every.list("tables")}
    one["tableId"] = fresh(one.get("tableId"), taken, f"t{batch.book.number()}")
    one.setdefault("name", f"Table{len(names) + 1}")
    given_columns = {c.get("columnIndex", 0): c for c in one.get("columnProperties", ())}
    columns: list[Json] = []
    for number in range(box.right - box.left):
        header = (
            str(value_of(batch.book, tab, box.top, box.left + number)) or f"Column {number + 1}"
        )
        kept = {k: v for k, v in given_columns.get(number, {}).items() if k != "columnIndex"}
        place = {"columnIndex": number} if number else {}
        columns.append({**place, "columnName": header, **kept})
        tab.cell(box.top, box.left + number).entered = {"stringValue": columns[-1]["columnName"]}
    one["columnProperties"] = columns
    tab.list("tables").append(one)
    return {"addTable": {"table": one}}


def update_table(batch: Batch, given: Json) -> Json:
    """A table's name, range or columns."""
    tab, one = table_of(batch.book, given["table"]["tableId"])
    new = merged(one, given["table"], paths(given.get("fields", "")))
    tab.list("tables")[tab.list("tables").index(one)] = new
    return {}


def delete_table(batch: Batch, given: Json) -> Json:
    """A table goes, with its cells."""
    tab, one = table_of(batch.book, given["tableId"])
    for place in tab.box(one["range"]).places():
        tab.cells.pop(place, None)
    tab.list("tables").remove(one)
    return {}


def check_filter(one: Json, request: str) -> None:
    """Refuse a filter with a condition that filters cannot have."""
    for spec in one.get("filterSpecs", ()):
        kinds.check(spec.get("filterCriteria", {}).get("condition", {}), "filter", request)


def set_filter(batch: Batch, given: Json) -> Json:
    """The filter of a tab."""
    one = copy.deepcopy(given["filter"])
    tab, _ = batch.box(one["range"])
    check_filter(one, "setBasicFilter")
    tab.over["basicFilter"] = one
    return {}


def clear_filter(batch: Batch, given: Json) -> Json:
    """No filter."""
    batch.book.tab(given.get("sheetId")).over.pop("basicFilter", None)
    return {}


def add_rule(batch: Batch, given: Json) -> Json:
    """A conditional format; those before it win."""
    rule = copy.deepcopy(given["rule"])
    tab = batch.book.tab(rule["ranges"][0].get("sheetId"))
    for grid in rule["ranges"]:
        batch.box(grid)
    if "booleanRule" not in rule and "gradientRule" not in rule:
        raise bad("Invalid requests[0].addConditionalFormatRule: No rule set.")
    kinds.check(
        rule.get("booleanRule", {}).get("condition", {}), "format", "addConditionalFormatRule"
    )
    tab.list("conditionalFormats").insert(int(given.get("index", 0)), rule)
    return {}


def _rule(batch: Batch, given: Json) -> tuple[Tab, int]:
    grids = given.get("rule", {}).get("ranges", [{}])
    tab = batch.book.tab(given.get("sheetId", grids[0].get("sheetId")))
    at = int(given.get("index", 0))
    if at >= len(tab.list("conditionalFormats")):
        raise bad(f"Invalid requests[0]: No conditional format on sheet: {tab.id} at index: {at}")
    return tab, at


def update_rule(batch: Batch, given: Json) -> Json:
    """Another rule at the same place, or the same at another."""
    tab, at = _rule(batch, given)
    rules = tab.list("conditionalFormats")
    old = rules[at]
    if "rule" in given:
        told = given["rule"].get("booleanRule", {}).get("condition", {})
        kinds.check(told, "format", "updateConditionalFormatRule")
        rules[at] = copy.deepcopy(given["rule"])
    else:
        rules.insert(int(given.get("newIndex", 0)), rules.pop(at))
    return {"updateConditionalFormatRule": {"oldRule": old, "newRule": rules[at]}}


def delete_rule(batch: Batch, given: Json) -> Json:
    """A conditional format goes."""
    tab, at = _rule(batch, given)
    return {"deleteConditionalFormatRule": {"rule": tab.list("conditionalFormats").pop(at)}}
