"""Images, people, breaks, footnotes, comments and names at a place → requests. No I/O."""

from collections.abc import Mapping
from typing import Any

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats.docs.blocks import inline
from workspace_mcp.formats.docs.model import Tab
from workspace_mcp.formats.docs.requests import Request, Where
from workspace_mcp.formats.docs.style import points
from workspace_mcp.services.docs.actions import Action
from workspace_mcp.services.docs.batch import note_requests
from workspace_mcp.services.docs.plan import Fields, Later, Step
from workspace_mcp.services.docs.styling import spans


def object_step(tab: Tab, action: Action, fields: Fields) -> Step:
    """Something that stands in the text, right behind a place.

    Raises:
        ArgumentError: fields that do not fit.
    """
    where, at = _behind(tab, fields)
    place = where.location(at)
    value = fields.get("value", "")
    later: tuple[Later, ...] = ()
    match action.do:
        case "image":
            if not value:
                raise ArgumentError("value is missing: the picture's address, drive:ID or path.")
            size = {name: points(fields[name]) for name in ("width", "height") if name in fields}
            image: dict[str, Any] = {"location": place, "uri": value}
            request: Request = {"insertInlineImage": image | ({"objectSize": size} if size else {})}
        case "person":
            request = {"insertPerson": {"location": place, "personProperties": {"email": value}}}
        case "page_break":
            request = {"insertPageBreak": {"location": place}}
        case "section_break":
            kind = "CONTINUOUS" if fields.get("kind") == "continuous" else "NEXT_PAGE"
            request = {"insertSectionBreak": {"location": place, "sectionType": kind}}
        case _:
            request = {"createFootnote": {"location": place}}

            def note(reply: Mapping[str, Any]) -> list[Request]:
                key = reply["createFootnote"]["footnoteId"]
                return note_requests(Where(tab.id, key), inline(value))

            later = (Later(0, note),)
    return Step(action.do, [request], (tab.id, at, at), later)


def _behind(tab: Tab, fields: Fields) -> tuple[Where, int]:
    """Right behind an exact text or a heading's text; the end of the body without."""
    if "heading" in fields or "text" in fields:
        where, _, end = spans(tab, {k: v for k, v in fields.items() if k != "all"})[0]
        return where, end
    return Where(tab.id), tab.body.end - 1


def comment_step(tab: Tab, fields: Fields) -> Step:
    """A remark that Docs ties to the text: a preview of Google's."""
    said = fields.get("value", "")
    if not said.strip():
        raise ArgumentError("value is missing: what to say.")
    where, start, end = spans(tab, fields)[0]
    insert = {"range": where.range(start, end), "content": said}
    return Step("comment", [{"insertComment": insert}])


def name_step(tab: Tab, action: Action, fields: Fields) -> Step:
    """A name for every match of a text, or a name less.

    Raises:
        ArgumentError: fields that do not fit. NotFoundError: no such name.
    """
    value = fields.get("value", "")
    if not value:
        raise ArgumentError("value is missing: the name.")
    if action.do == "unname":
        if value not in tab.ranges:
            raise NotFoundError("No range of this tab has that name.")
        criteria = {"tabIds": [tab.id]}
        return Step("unname", [{"deleteNamedRange": {"name": value, "tabsCriteria": criteria}}])
    places = spans(tab, fields)
    return Step(
        "name",
        [{"createNamedRange": {"name": value, "range": w.range(a, b)}} for w, a, b in places],
    )
