"""Requests on tabs and names: added, copied, changed, deleted."""

import copy

from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import Box, Cell, FakeSpreadsheet, Json, Tab, bad
from workspace_mcp.demo.sheets.masks import merged, paths, ranges
from workspace_mcp.demo.sheets.objects import fresh
from workspace_mcp.demo.sheets.values import may_edit


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


def add_name(batch: Batch, given: Json) -> Json:
    """A name for a range."""
    one = dict(given["namedRange"])
    if batch.book.named(one["name"]):
        raise bad(
            f"Invalid requests[0].addNamedRange: A named range with name {one['name']} already exists."
        )
    batch.box(one["range"], writing=False)
    taken = {other["namedRangeId"] for other in batch.book.names}
    one["namedRangeId"] = fresh(one.get("namedRangeId"), taken, str(batch.book.number()))
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
