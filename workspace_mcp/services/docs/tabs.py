"""Tabs made, renamed and deleted → requests. No I/O."""

from collections.abc import Mapping
from typing import Any

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.docs.blocks import parsed, pictures
from workspace_mcp.formats.docs.model import Doc, Tab
from workspace_mcp.formats.docs.requests import Request, Where
from workspace_mcp.formats.docs.writing import written
from workspace_mcp.services.docs.plan import Fields, Later, Step


def tab_step(doc: Doc, tab: Tab, name: str, fields: Fields) -> Step:
    """A tab made and filled, renamed or deleted.

    Raises:
        ArgumentError: fields that do not fit.
    """
    title = fields.get("value", "")
    if name == "delete_tab":
        if len(doc.tabs) == 1:
            raise ArgumentError("The only tab of a document cannot be deleted.")
        return Step(name, [{"deleteTab": {"tabId": tab.id}}])
    if not title:
        raise ArgumentError("value is missing: the tab's title.")
    if name == "rename_tab":
        properties = {"tabId": tab.id, "title": title}
        return Step(
            name,
            [{"updateDocumentTabProperties": {"tabProperties": properties, "fields": "title"}}],
        )
    source = parsed(fields.get("text", ""))

    def fill(reply: Mapping[str, Any]) -> list[Request]:
        key = reply["addDocumentTab"]["tabProperties"]["tabId"]
        writer = written(Where(key), 1, "fill", source.pieces, source.notes)
        return writer.requests

    later = (Later(0, fill, tuple(pictures(source))),) if source.pieces else ()
    wanted: dict[str, Any] = {"title": title}
    if fields.get("kind", "child") != "child":
        raise ArgumentError("kind of add_tab: child, for a tab below the one that tab names.")
    if "kind" in fields:
        wanted["parentTabId"] = tab.id
    if "nth" in fields:
        wanted["index"] = max(0, fields["nth"] - 1)
    return Step(name, [{"addDocumentTab": {"tabProperties": wanted}}], None, later)
