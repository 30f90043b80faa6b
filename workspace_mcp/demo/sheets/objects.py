"""Requests of a batch that change what lies over the cells: tabs, names, tables, charts. No I/O."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

from workspace_mcp.demo.sheets import dimensions
from workspace_mcp.demo.sheets.book import Box, Cell, FakeSpreadsheet, Json, Tab, bad
from workspace_mcp.demo.sheets.cells import Batch, table_of
from workspace_mcp.demo.sheets.formulas import value_of
from workspace_mcp.demo.sheets.masks import merged, paths, ranges
from workspace_mcp.demo.sheets.values import may_edit

# Rows and columns


def _dimension(
    batch: Batch, given: Mapping[str, Any], beyond: int = 0
) -> tuple[Tab, str, int, int]:
    tab = batch.book.tab(given.get("sheetId"))
    dimension, start, end = dimensions.span(tab, given, beyond=beyond)
    whole = Box(start, 0, end, tab.columns) if dimension == "ROWS" else Box(0, start, tab.rows, end)
    may_edit(batch.book, tab, whole, batch.account)
    return tab, dimension, start, end


def insert_dimension(batch: Batch, given: Json) -> Json:
    """New rows or columns."""
    tab, dimension, start, end = _dimension(batch, given["range"], beyond=10_000)
    before = bool(given.get("inheritFromBefore"))
    if before and start == 0:
        raise bad(
            "Invalid requests[0].insertDimension: inheritFromBefore cannot be true at index 0."
        )
    dimensions.insert(batch.book, tab, dimension, start, end - start, before=before)
    return {}


def delete_dimension(batch: Batch, given: Json) -> Json:
    """Rows or columns go."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    dimensions.delete(batch.book, tab, dimension, start, end)
    return {}


def move_dimension(batch: Batch, given: Json) -> Json:
    """Rows or columns go elsewhere in their tab."""
    tab, dimension, start, end = _dimension(batch, given["source"])
    dimensions.move(batch.book, tab, dimension, start, end, int(given.get("destinationIndex", 0)))
    return {}


def append_dimension(batch: Batch, given: Json) -> Json:
    """Rows or columns at the end."""
    tab = batch.book.tab(given.get("sheetId"))
    tab.grow(str(given["dimension"]), int(given["length"]))
    return {}


def update_dimension_properties(batch: Batch, given: Json) -> Json:
    """Sizes, and whether they are hidden."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    mask = paths(given.get("fields", ""))
    default = 21 if dimension == "ROWS" else 100
    for one in range(start, end):
        old = tab.sizes[dimension].get(one, {"pixelSize": default})
        new = merged(old, given.get("properties", {}), mask)
        tab.sizes[dimension][one] = {key: value for key, value in new.items() if value is not False}
    return {}


def auto_resize(batch: Batch, given: Json) -> Json:
    """Sizes that fit; here by the longest text, 7 pixels a letter."""
    tab, dimension, start, end = _dimension(batch, given["dimensions"])
    for one in range(start, end):
        texts = [
            str(value_of(batch.book, tab, *place)) for place in tab.cells
            if place[0 if dimension == "ROWS" else 1] == one
        ]  # fmt: skip
        size = 21 if dimension == "ROWS" else 10 + 7 * max(map(len, texts), default=0)
        tab.sizes[dimension][one] = {**tab.sizes[dimension].get(one, {}), "pixelSize": size}
    return {}


def add_group(batch: Batch, given: Json) -> Json:
    """Rows or columns that can be folded."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    name = "rowGroups" if dimension == "ROWS" else "columnGroups"
    depth = 1 + sum(
        1 for one in tab.list(name)
        if one["range"]["startIndex"] <= start and end <= one["range"]["endIndex"]
    )  # fmt: skip
    tab.list(name).append({"range": given["range"], "depth": depth})
    return {"addDimensionGroup": {"dimensionGroups": tab.list(name)}}


def delete_group(batch: Batch, given: Json) -> Json:
    """No longer foldable."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    name = "rowGroups" if dimension == "ROWS" else "columnGroups"
    found = [
        one for one in tab.list(name)
        if (one["range"]["startIndex"], one["range"]["endIndex"]) == (start, end)
    ]  # fmt: skip
    if not found:
        raise bad("Invalid requests[0].deleteDimensionGroup: Group does not exist.")
    tab.list(name).remove(found[-1])
    return {"deleteDimensionGroup": {"dimensionGroups": tab.list(name)}}


# Tabs


def add_sheet(batch: Batch, given: Json) -> Json:
    """A new tab."""
    made = batch.book.add_tab(given.get("properties", {}))
    return {"addSheet": {"properties": made.properties}}


def delete_sheet(batch: Batch, given: Json) -> Json:
    """A tab goes."""
    tab = batch.book.tab(given.get("sheetId"))
    may_edit(batch.book, tab, Box(0, 0, tab.rows, tab.columns), batch.account)
    visible = [
        one for one in batch.book.tabs if not one.properties.get("hidden") and one is not tab
    ]
    if not visible:
        raise bad(
            "Invalid requests[0].deleteSheet: You can't remove all the visible sheets in a document."
        )
    batch.book.tabs.remove(tab)
    batch.book.names = [one for one in batch.book.names if one["range"].get("sheetId", 0) != tab.id]
    batch.book.renumber()
    return {}


def duplicate(book: FakeSpreadsheet, tab: Tab, into: FakeSpreadsheet, properties: Json) -> Tab:
    """A copy of a tab, in this spreadsheet or another one."""
    given = {**copy.deepcopy(tab.properties), **properties}
    given = {key: value for key, value in given.items() if key != "sheetId" or key in properties}
    made = into.add_tab(given)
    made.cells = {place: Cell(one.entered, one.look, one.rest) for place, one in tab.cells.items()}
    made.sizes = copy.deepcopy(tab.sizes)
    kept = {name: value for name, value in tab.over.items() if name not in {"tables", "charts"}}
    made.over = copy.deepcopy(kept)
    for grid in ranges(made.over):
        grid["sheetId"] = made.id
    del book
    return made


def duplicate_sheet(batch: Batch, given: Json) -> Json:
    """A copy of a tab."""
    tab = batch.book.tab(given.get("sourceSheetId"))
    title = given.get("newSheetName") or _copy_name(batch.book, tab.title)
    properties: Json = {
        "title": title,
        "index": given.get("insertSheetIndex", len(batch.book.tabs)),
    }
    if "newSheetId" in given:
        properties["sheetId"] = given["newSheetId"]
    made = duplicate(batch.book, tab, batch.book, properties)
    return {"duplicateSheet": {"properties": made.properties}}


def _copy_name(book: FakeSpreadsheet, title: str) -> str:
    name, number = f"Copy of {title}", 2
    while book.titled(name):
        name, number = f"Copy of {title} {number}", number + 1
    return name


def update_sheet(batch: Batch, given: Json) -> Json:
    """A tab's name, place, colour, frozen rows …"""
    new = given["properties"]
    tab = batch.book.tab(new.get("sheetId"))
    mask = paths(given.get("fields", ""))
    other = batch.book.titled(str(new.get("title", "")))
    if ("title",) in mask and (not new.get("title") or (other is not None and other is not tab)):
        raise bad(
            f'Invalid requests[0].updateSheetProperties: A sheet with the name "{new.get("title")}" '
            "already exists. Please enter another name."
        )
    result = merged(tab.properties, new, mask)
    frozen = result["gridProperties"].get("frozenRowCount", 0)
    if frozen >= tab.rows or result["gridProperties"].get("frozenColumnCount", 0) >= tab.columns:
        raise bad(
            "Invalid requests[0].updateSheetProperties: You can't freeze all visible rows or columns "
            "on the sheet."
        )
    if ("hidden",) in mask and new.get("hidden"):
        shown = [
            one for one in batch.book.tabs if not one.properties.get("hidden") and one is not tab
        ]
        if not shown:
            raise bad(
                "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document."
            )
    if ("index",) in mask:  # an index counts before the tab is taken out
        wanted = min(int(new.get("index", 0)), len(batch.book.tabs))
        now = batch.book.tabs.index(tab)
        batch.book.tabs.insert(wanted, tab)
        batch.book.tabs.pop(now if now < wanted else now + 1)
    tab.properties = result
    batch.book.renumber()
    return {}


def update_spreadsheet(batch: Batch, given: Json) -> Json:
    """The whole file's properties."""
    mask = paths(given.get("fields", ""))
    batch.book.properties = merged(batch.book.properties, given.get("properties", {}), mask)
    return {}


# Names and protection


def add_name(batch: Batch, given: Json) -> Json:
    """A name for a range."""
    one = dict(given["namedRange"])
    if batch.book.named(one["name"]):
        raise bad(
            f"Invalid requests[0].addNamedRange: A named range with name {one['name']} already exists."
        )
    batch.box(one["range"], writing=False)
    taken = {other["namedRangeId"] for other in batch.book.names}
    one["namedRangeId"] = _fresh(one.get("namedRangeId"), taken, str(batch.book.number()))
    batch.book.names.append(one)
    return {"addNamedRange": {"namedRange": one}}


def update_name(batch: Batch, given: Json) -> Json:
    """Another name, or another range."""
    new = given["namedRange"]
    for number, one in enumerate(batch.book.names):
        if one["namedRangeId"] == new["namedRangeId"]:
            batch.book.names[number] = merged(one, new, paths(given.get("fields", "")))
            return {}
    raise bad(f"Invalid requests[0].updateNamedRange: No named range with id {new['namedRangeId']}")


def delete_name(batch: Batch, given: Json) -> Json:
    """A name goes; the cells stay."""
    left = [one for one in batch.book.names if one["namedRangeId"] != given["namedRangeId"]]
    if len(left) == len(batch.book.names):
        raise bad(f"Invalid requests[0].deleteNamedRange: No named range with id {given['namedRangeId']}")  # fmt: skip
    batch.book.names = left
    return {}


# Lists of a tab: what is made has a number of its own


def _fresh(given: Any, taken: set[Any], otherwise: Any) -> Any:
    """The id that was given, or a new one.

    Raises:
        Refusal: it is taken.
    """
    if given in taken:
        raise bad(f"Invalid requests[0]: An object with id {given} already exists.")
    return given or otherwise


def _with_tab(one: Mapping[str, Any]) -> Any:
    if "position" in one:
        overlay = one["position"].get("overlayPosition", {}).get("anchorCell", {})
        return overlay.get("sheetId")
    return one["range"].get("sheetId")


def _added(name: str, key: str, kind: str, wrap: str) -> Callable[[Batch, Json], Json]:
    def add(batch: Batch, given: Json) -> Json:
        one = copy.deepcopy(given[kind])
        tab = batch.book.tab(_with_tab(one))
        for grid in ranges(one):
            batch.book.tab(grid.get("sheetId")).box(grid)
        taken = {other[key] for every in batch.book.tabs for other in every.list(name)}
        one[key] = _fresh(one.get(key), taken, batch.book.number())
        tab.list(name).append(one)
        return {wrap: {kind: one}}

    return add


def _owner(book: FakeSpreadsheet, name: str, key: str, identifier: Any) -> tuple[Tab, int]:
    for tab in book.tabs:
        for number, one in enumerate(tab.list(name)):
            if one[key] == identifier:
                return tab, number
    raise bad(f"Invalid requests[0]: No object with id: {identifier}")


def _gone(name: str, key: str, given_key: str) -> Callable[[Batch, Json], Json]:
    def delete(batch: Batch, given: Json) -> Json:
        tab, number = _owner(batch.book, name, key, given[given_key])
        tab.list(name).pop(number)
        return {}

    return delete


def _updated(name: str, key: str, kind: str) -> Callable[[Batch, Json], Json]:
    def update(batch: Batch, given: Json) -> Json:
        tab, number = _owner(batch.book, name, key, given[kind][key])
        mask = paths(given.get("fields", ""))
        tab.list(name)[number] = merged(tab.list(name)[number], given[kind], mask)
        return {}

    return update


def update_chart(batch: Batch, given: Json) -> Json:
    """A chart's spec anew."""
    tab, number = _owner(batch.book, "charts", "chartId", given["chartId"])
    tab.list("charts")[number]["spec"] = given["spec"]
    return {}


def move_chart(batch: Batch, given: Json) -> Json:
    """A chart's place and size."""
    tab, number = _owner(batch.book, "charts", "chartId", given["objectId"])
    chart = tab.list("charts").pop(number)
    mask = paths(given.get("fields", ""))
    overlay = chart["position"].get("overlayPosition", {})
    if mask == [("*",)]:
        overlay = given["newPosition"]["overlayPosition"]
    else:
        overlay = merged(overlay, given["newPosition"].get("overlayPosition", {}), mask)
    chart["position"] = {"overlayPosition": overlay}
    target = batch.book.tab(overlay.get("anchorCell", {}).get("sheetId", tab.id))
    target.list("charts").append(chart)
    return {"updateEmbeddedObjectPosition": {"position": chart["position"]}}


# Tables and filters


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
    one["tableId"] = _fresh(one.get("tableId"), taken, f"t{batch.book.number()}")
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


def set_filter(batch: Batch, given: Json) -> Json:
    """The filter of a tab."""
    one = copy.deepcopy(given["filter"])
    tab, _ = batch.box(one["range"])
    tab.over["basicFilter"] = one
    return {}


def clear_filter(batch: Batch, given: Json) -> Json:
    """No filter."""
    batch.book.tab(given.get("sheetId")).over.pop("basicFilter", None)
    return {}


# Conditional formats


def add_rule(batch: Batch, given: Json) -> Json:
    """A conditional format; those before it win."""
    rule = copy.deepcopy(given["rule"])
    tab = batch.book.tab(rule["ranges"][0].get("sheetId"))
    for grid in rule["ranges"]:
        batch.box(grid)
    if "booleanRule" not in rule and "gradientRule" not in rule:
        raise bad("Invalid requests[0].addConditionalFormatRule: No rule set.")
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
        rules[at] = copy.deepcopy(given["rule"])
    else:
        rules.insert(int(given.get("newIndex", 0)), rules.pop(at))
    return {"updateConditionalFormatRule": {"oldRule": old, "newRule": rules[at]}}


def delete_rule(batch: Batch, given: Json) -> Json:
    """A conditional format goes."""
    tab, at = _rule(batch, given)
    return {"deleteConditionalFormatRule": {"rule": tab.list("conditionalFormats").pop(at)}}


def _editable(add: Callable[[Batch, Json], Json]) -> Callable[[Batch, Json], Json]:
    """Google adds whether the asking person may edit, and the owner among the editors."""

    def change(batch: Batch, given: Json) -> Json:
        reply = add(batch, given)
        one = reply["addProtectedRange"]["protectedRange"]
        one["requestingUserCanEdit"] = True
        if not one.get("warningOnly"):
            users = [batch.book.owner, *one.get("editors", {}).get("users", ())]
            one["editors"] = {**one.get("editors", {}), "users": list(dict.fromkeys(users))}
        return reply

    return change


OBJECTS: Final[Mapping[str, Callable[[Batch, Json], Json]]] = {
    "insertDimension": insert_dimension, "deleteDimension": delete_dimension,
    "moveDimension": move_dimension, "appendDimension": append_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize, "addDimensionGroup": add_group,
    "deleteDimensionGroup": delete_group,
    "addSheet": add_sheet, "deleteSheet": delete_sheet, "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet, "updateSpreadsheetProperties": update_spreadsheet,
    "addNamedRange": add_name, "updateNamedRange": update_name, "deleteNamedRange": delete_name,
    "addTable": add_table, "updateTable": update_table, "deleteTable": delete_table,
    "setBasicFilter": set_filter, "clearBasicFilter": clear_filter,
    "addConditionalFormatRule": add_rule, "updateConditionalFormatRule": update_rule,
    "deleteConditionalFormatRule": delete_rule,
    "updateChartSpec": update_chart, "updateEmbeddedObjectPosition": move_chart,
    "addChart": _added("charts", "chartId", "chart", "addChart"),
    "deleteEmbeddedObject": _gone("charts", "chartId", "objectId"),
    "addProtectedRange": _editable(
        _added("protectedRanges", "protectedRangeId", "protectedRange", "addProtectedRange")
    ),
    "updateProtectedRange": _updated("protectedRanges", "protectedRangeId", "protectedRange"),
    "deleteProtectedRange": _gone("protectedRanges", "protectedRangeId", "protectedRangeId"),
    "addBanding": _added("bandedRanges", "bandedRangeId", "bandedRange", "addBanding"),
    "deleteBanding": _gone("bandedRanges", "bandedRangeId", "bandedRangeId"),
    "addFilterView": _added("filterViews", "filterViewId", "filter", "addFilterView"),
    "deleteFilterView": _gone("filterViews", "filterViewId", "filterId"),
}  # fmt: skip
"""Request → what it does."""
