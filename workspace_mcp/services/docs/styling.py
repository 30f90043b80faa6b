"""Styles of text, paragraphs, lists and pages → requests; where an action goes. No I/O."""

import re
from typing import Any

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.docs.model import Tab
from workspace_mcp.formats.docs.requests import PRESETS, Request, Where
from workspace_mcp.services.docs import looks
from workspace_mcp.services.docs.actions import Action
from workspace_mcp.services.docs.documents import section_of
from workspace_mcp.services.docs.places import Wish, found
from workspace_mcp.services.docs.plan import Fields, Step


def page_request(tab: Tab, fields: Fields) -> Request:
    """The look of all pages, or of the section that a text or heading stands in."""
    if "heading" in fields or "text" in fields:
        where, start, end = spans(tab, fields)[0]
        style = _some(looks.section_look(fields))
        place = {"range": where.range(start, end), "sectionStyle": style}
        return {"updateSectionStyle": {**place, "fields": ",".join(style)}}
    style = _some(looks.page_look(fields))
    return {
        "updateDocumentStyle": {"documentStyle": style, "fields": ",".join(style), "tabId": tab.id}
    }


def _some(style: dict[str, Any]) -> dict[str, Any]:
    if not style:
        raise ArgumentError("Nothing is to change: give what it should look like.")
    return style


def spans(tab: Tab, fields: Fields) -> list[tuple[Where, int, int]]:
    """Where a style goes: a heading's paragraph, or every match of an exact text."""
    if "heading" in fields:
        one = section_of(tab, fields["heading"]).heading
        return [(Where(tab.id), one.start, one.end - 1)]
    if "text" not in fields:
        raise ArgumentError("text or heading is missing.")
    wish = Wish(nth=fields.get("nth"), all=fields.get("all", False))
    return [
        (Where(tab.id, match.flow.segment.id), *match.span)
        for match in found([tab], fields["text"], wish)
    ]


def styled(tab: Tab, action: Action, fields: Fields) -> Step:
    """Text and paragraphs get a look, or a list's bullets.

    Raises:
        ArgumentError: nothing is to change, or there is no such place.
    """
    requests: list[Request] = []
    for where, start, end in spans(tab, fields):
        place = where.range(start, end)
        if action.do == "unlist":
            requests.append({"deleteParagraphBullets": {"range": place}})
        elif action.do == "list":
            preset = _preset(fields.get("kind", "bullet"))
            requests.append({"createParagraphBullets": {"range": place, "bulletPreset": preset}})
        else:
            requests += _look(place, fields)
    return Step(action.do, requests)


def _preset(kind: str) -> str:
    """bullet, number, check, or one of Google's presets by its name."""
    glyph = {"bullet": "", "number": "1", "check": "x"}.get(kind)
    if glyph is not None:
        return PRESETS[glyph]
    if not re.fullmatch(r"(BULLET|NUMBERED)_[A-Z0-9_]+", kind):
        raise ArgumentError(
            "kind of a list: bullet, number, check, or a preset such as NUMBERED_UPPERROMAN_UPPERALPHA_DECIMAL."
        )
    return kind


def _look(place: dict[str, Any], fields: Fields) -> list[Request]:
    requests: list[Request] = []
    paragraph, text = looks.paragraph_look(fields), looks.text_look(fields)
    _some({**paragraph, **text})
    if paragraph:
        names = ",".join(paragraph)
        requests.append(
            {"updateParagraphStyle": {"range": place, "paragraphStyle": paragraph, "fields": names}}
        )
    if text:
        kept = {name: value for name, value in text.items() if value != {}}
        requests.append(
            {"updateTextStyle": {"range": place, "textStyle": kept, "fields": ",".join(text)}}
        )
    return requests
