"""Actions on tabs and on named ranges → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/samples/sheet
"""

from dataclasses import replace
from typing import Any

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.services.sheets.batch import (
    Fields,
    Step,
    fresh_id,
    need,
    with_tab,
    without_tab,
)
from workspace_mcp.services.sheets.looks import colour
from workspace_mcp.services.sheets.spreadsheets import LOOK, Book, Name, Tab
from workspace_mcp.tools import JsonObject


def tab_step(book: Book, do: str, fields: Fields) -> Step:
    """An action on a tab, or on the spreadsheet's title.

    Raises:
        ArgumentError: fields that do not fit.
    """
    value = clean_line(str(fields.get("value", "")))
    if do == "rename":
        properties = {"title": _title(book, value, taken=False)}
        request = {"updateSpreadsheetProperties": {"properties": properties, "fields": "title"}}
        return Step(do, value, [request], replace(book, title=value))
    if do == "add_tab":
        return _added(book, value, fields)
    tab = book.tab(str(need(fields, "tab")))
    match do:
        case "rename_tab":
            title = _title(book, value, tab)
            request = _update(tab, {"title": title}, "title")
            return Step(
                do, f"{tab.title} → {title}", [request], with_tab(book, replace(tab, title=title))
            )
        case "delete_tab":
            if len([one for one in book.tabs if not one.hidden and one.id != tab.id]) == 0:
                raise ArgumentError("The only tab that is shown cannot be deleted.")
            return Step(
                do, tab.title, [{"deleteSheet": {"sheetId": tab.id}}], without_tab(book, tab)
            )
        case "copy_tab":
            return _copied(book, tab, value, fields)
        case "move_tab":
            return _moved(book, tab, int(need(fields, "index")))
        case "hide_tab" | "show_tab":
            hidden = do == "hide_tab"
            request = _update(tab, {"hidden": hidden}, "hidden")
            return Step(do, tab.title, [request], with_tab(book, replace(tab, hidden=hidden)))
        case "color_tab":
            none = value.lower() in {"", "none"}
            shade: JsonObject = {} if none else {"tabColorStyle": colour(value)}
            return Step(do, tab.title, [_update(tab, shade, "tabColorStyle")])
        case _:
            if value.lower() not in {"on", "off"}:
                raise ArgumentError("value is on or off.")
            grid = {"gridProperties": {"hideGridlines": value.lower() == "off"}}
            return Step(do, tab.title, [_update(tab, grid, "gridProperties.hideGridlines")])


def _update(tab: Tab, properties: JsonObject, mask: str) -> JsonObject:
    given = {"sheetId": tab.id, **properties}
    return {"updateSheetProperties": {"properties": given, "fields": mask}}


def _title(book: Book, value: str, own: Tab | None = None, *, taken: bool = True) -> str:
    if not value or len(value) > 100:
        raise ArgumentError("value is missing or too long: the title.")
    others = [one for one in book.tabs if own is None or one.id != own.id]
    if taken and any(one.title.casefold() == value.casefold() for one in others):
        raise ArgumentError("A tab of that name is there already.")
    return value


def _added(book: Book, value: str, fields: Fields) -> Step:
    title = _title(book, value)
    properties: dict[str, Any] = {"sheetId": fresh_id(book), "title": title}
    if "index" in fields:
        properties["index"] = max(int(fields["index"]) - 1, 0)
    tab = Tab(properties["sheetId"], title, 0, 1000, 26)
    after = _placed(book, tab, properties.get("index", len(book.tabs)))
    return Step("add_tab", title, [{"addSheet": {"properties": properties}}], after)


def _placed(book: Book, tab: Tab, at: int) -> Book:
    """The spreadsheet with a tab at a place, counted from 0, wherever it was before."""
    tabs = [one for one in sorted(book.tabs, key=lambda one: one.index) if one.id != tab.id]
    tabs.insert(at, tab)
    return replace(book, tabs=tuple(replace(one, index=n) for n, one in enumerate(tabs)))


def _copied(book: Book, tab: Tab, value: str, fields: Fields) -> Step:
    title = _title(book, value)
    made = replace(tab, id=fresh_id(book), title=title, tables=())
    at = max(int(fields["index"]) - 1, 0) if "index" in fields else len(book.tabs)
    request = {
        "sourceSheetId": tab.id, "newSheetId": made.id, "newSheetName": title, "insertSheetIndex": at,
    }  # fmt: skip
    after = _placed(book, made, at)
    return Step("copy_tab", f"{tab.title} → {title}", [{"duplicateSheet": request}], after)


def _moved(book: Book, tab: Tab, place: int) -> Step:
    """Google counts the new index before the tab is taken out."""
    order = [one.id for one in sorted(book.tabs, key=lambda one: one.index)]
    if not 1 <= place <= len(order):
        raise ArgumentError(f"index is {place}; there are {len(order)} tabs.")
    now = order.index(tab.id)
    wanted = place - 1
    index = wanted + 1 if wanted > now else wanted
    request = _update(tab, {"index": index}, "index")
    return Step("move_tab", tab.title, [request], _placed(book, tab, wanted))


# Named ranges


def name_step(book: Book, do: str, fields: Fields) -> Step:
    """An action on a named range: set, rename, take away.

    Raises:
        ArgumentError: a name that cannot be. NotFoundError: no such name.
    """
    value = str(need(fields, "value", "the name"))
    old = next((one for one in book.names if one.name.casefold() == value.casefold()), None)
    if do == "name":
        return _named(book, value, old, fields)
    if old is None:
        raise NotFoundError("No range has that name.", LOOK)
    others = tuple(one for one in book.names if one.id != old.id)
    if do == "unname":
        request: JsonObject = {"deleteNamedRange": {"namedRangeId": old.id}}
        return Step(do, value, [request], replace(book, names=others))
    new = str(need(fields, "to", "the new name"))
    named = {"namedRangeId": old.id, "name": new}
    request = {"updateNamedRange": {"namedRange": named, "fields": "name"}}
    return Step(
        do, f"{value} → {new}", [request], replace(book, names=(*others, replace(old, name=new)))
    )


def _named(book: Book, value: str, old: Name | None, fields: Fields) -> Step:
    place = book.place(str(need(fields, "range")))
    where = f"{value} = {place.text()}"
    if old is not None:
        named = {"namedRangeId": old.id, "range": place.grid}
        return Step("name", where, [{"updateNamedRange": {"namedRange": named, "fields": "range"}}])
    request = {"addNamedRange": {"namedRange": {"name": value, "range": place.grid}}}
    made = Name("", value, place.tab.id, place.area)
    return Step("name", where, [request], replace(book, names=(*book.names, made)))
