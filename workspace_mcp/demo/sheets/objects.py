"""What a tab has lists of: charts, protected ranges, banding, filter views; each with a number of its own."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import FakeSpreadsheet, Json, Tab, bad
from workspace_mcp.demo.sheets.masks import merged, paths, ranges


def fresh(given: Any, taken: set[Any], otherwise: Any) -> Any:
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


def added(name: str, key: str, kind: str, wrap: str) -> Callable[[Batch, Json], Json]:
    """The request that adds one."""

    def add(batch: Batch, given: Json) -> Json:
        one = copy.deepcopy(given[kind])
        tab = batch.book.tab(_with_tab(one))
        for grid in ranges(one):
            batch.book.tab(grid.get("sheetId")).box(grid)
        taken = {other[key] for every in batch.book.tabs for other in every.list(name)}
        one[key] = fresh(one.get(key), taken, batch.book.number())
        tab.list(name).append(one)
        return {wrap: {kind: one}}

    return add


def _owner(book: FakeSpreadsheet, name: str, key: str, identifier: Any) -> tuple[Tab, int]:
    for tab in book.tabs:
        for number, one in enumerate(tab.list(name)):
            if one[key] == identifier:
                return tab, number
    raise bad(f"Invalid requests[0]: No object with id: {identifier}")


def gone(name: str, key: str, given_key: str) -> Callable[[Batch, Json], Json]:
    """The request that takes one away."""

    def delete(batch: Batch, given: Json) -> Json:
        tab, number = _owner(batch.book, name, key, given[given_key])
        tab.list(name).pop(number)
        return {}

    return delete


def updated(name: str, key: str, kind: str) -> Callable[[Batch, Json], Json]:
    """The request that changes one."""

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


def editable(add: Callable[[Batch, Json], Json]) -> Callable[[Batch, Json], Json]:
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
