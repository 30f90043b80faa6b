"""Requests on the whole of a Doc of the demo: named ranges, page and sections, tabs.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from workspace_mcp.demo.docs.batch import Batch, Change, Given
from workspace_mcp.demo.docs.document import DocTab
from workspace_mcp.demo.docs.segment import bad
from workspace_mcp.demo.docs.units import code_units


def _named_range(batch: Batch, given: Given) -> dict[str, Any]:
    segment = batch.segment(given["range"])
    start, end = segment.span(given["range"])
    key = batch.number("kix.nr")
    batch.tab(given["range"]).ranges[key] = str(given.get("name", ""))
    segment.edit(range(start, end), lambda unit: replace(unit, ranges=unit.ranges | {key}))
    return {"createNamedRange": {"namedRangeId": key}}


def _named(batch: Batch, given: Given, identifier: str, name: str) -> list[tuple[DocTab, str]]:
    found = [
        (tab, key)
        for tab in batch.doc.tabs.values()
        for key, title in tab.ranges.items()
        if key == given.get(identifier) or title == given.get(name)
    ]
    if not found:
        raise bad("No named range matches.")
    return found


def _delete_named_range(batch: Batch, given: Given) -> None:
    for tab, key in _named(batch, given, "namedRangeId", "name"):
        del tab.ranges[key]


def _replace_named_range(batch: Batch, given: Given) -> None:
    for tab, key in _named(batch, given, "namedRangeId", "namedRangeName"):
        for segment in tab.segments.values():
            held = [at for at, unit in enumerate(segment.units) if key in unit.ranges]
            if held:
                first = segment.units[held[0]]
                made = [replace(first, char=c) for c in code_units(given.get("text", ""))]
                segment.units[held[0] : held[-1] + 1] = made


def _document_style(batch: Batch, given: Given) -> None:
    tab = batch.tab(given)
    for name in given.get("fields", "").split(","):
        tab.style.pop(name, None)
        tab.style |= {k: v for k, v in given["documentStyle"].items() if k == name}


def _section_style(batch: Batch, given: Given) -> None:
    segment = batch.segment(given["range"])
    start, _ = segment.span(given["range"])
    at = max(n for n in range(start + 1) if segment.units[n].kind == "section")
    unit = segment.units[at]
    style = {**unit.value.get("sectionStyle", {})}
    for name in given.get("fields", "").split(","):
        style.pop(name, None)
        style |= {k: v for k, v in given["sectionStyle"].items() if k == name}
    segment.units[at] = replace(unit, value={"sectionStyle": style})


def _add_tab(batch: Batch, given: Given) -> dict[str, Any]:
    wish = given.get("tabProperties", {})
    parent = wish.get("parentTabId", "")
    if parent:
        batch.doc.tab(parent)
    title = wish.get("title") or f"Tab {len(batch.doc.tabs) + 1}"
    made = DocTab(f"t.{batch.doc.number():010x}", title, parent, wish.get("iconEmoji", ""))
    order = list(batch.doc.tabs.values())
    beside = [n for n, tab in enumerate(order) if tab.parent == parent]
    index = int(wish.get("index", len(beside)))
    at = beside[index] if index < len(beside) else len(order)
    order.insert(at, made)
    batch.doc.tabs = {tab.id: tab for tab in order}
    properties = {"tabId": made.id, "title": title, "index": index}
    return {
        "addDocumentTab": {
            "tabProperties": properties | ({"parentTabId": parent} if parent else {})
        }
    }


def _delete_tab(batch: Batch, given: Given) -> None:
    tab = batch.tab(given)
    gone = {tab.id, *(one.id for one in batch.doc.in_order(tab.id))}
    if gone >= set(batch.doc.tabs):
        raise bad("The last tab of a document cannot be deleted.")
    batch.doc.tabs = {key: one for key, one in batch.doc.tabs.items() if key not in gone}


def _update_tab(batch: Batch, given: Given) -> None:
    wish = given["tabProperties"]
    tab = batch.tab(wish)
    names = set(given.get("fields", "").split(","))
    tab.title = wish.get("title", "") if "title" in names else tab.title
    tab.emoji = wish.get("iconEmoji", "") if "iconEmoji" in names else tab.emoji


KINDS: Final[Mapping[str, Change]] = {
    "createNamedRange": _named_range,
    "deleteNamedRange": _delete_named_range,
    "replaceNamedRangeContent": _replace_named_range,
    "updateDocumentStyle": _document_style,
    "updateSectionStyle": _section_style,
    "addDocumentTab": _add_tab,
    "deleteTab": _delete_tab,
    "updateDocumentTabProperties": _update_tab,
}
"""Request → what it does."""
