"""Actions of `docs_format` → steps: requests at a place, and what is written once ids are known. No I/O."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats.docs.blocks import Markdown, inline, parsed, pictures
from workspace_mcp.formats.docs.model import Doc, Paragraph, Segment, Tab
from workspace_mcp.formats.docs.style import points
from workspace_mcp.formats.docs.writing import PRESETS, Request, Where, written
from workspace_mcp.services.docs import grid, looks
from workspace_mcp.services.docs.actions import Action, given
from workspace_mcp.services.docs.batch import note_requests
from workspace_mcp.services.docs.documents import section_of
from workspace_mcp.services.docs.places import Wish, beside, found

Fields = Mapping[str, Any]
_FULL: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Later:
    """Requests that need the id which a reply tells: `make(reply)` gives them."""

    request: int
    make: Callable[[Mapping[str, Any]], list[Request]]
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one action does. `span`: the indices that it moves; None when it moves none."""

    said: str
    requests: list[Request]
    span: tuple[str, int, int] | None = None
    later: tuple[Later, ...] = ()


def step(doc: Doc, tab: Tab, action: Action) -> Step:
    """An action against the document that was read.

    Raises:
        ArgumentError: fields that do not fit. NotFoundError: no such text, table, name.
    """
    fields = given(action)
    where = Where(tab.id)
    match action.do:
        case "style" | "list" | "unlist":
            return _styled(tab, action, fields)
        case (
            "cell"
            | "add_rows"
            | "delete_rows"
            | "add_columns"
            | "delete_columns"
            | "merge"
            | "unmerge"
        ):
            return _moving(where, tab, action.do, fields)
        case "cell_style" | "widths" | "header_rows":
            return Step(action.do, _STILL[action.do](where, tab, fields))
        case "header" | "footer":
            return _edge(tab, action.do, fields.get("value", ""), fields.get("kind", "default"))
        case "page":
            return Step("page", [_page(tab, fields)])
        case "name" | "unname":
            return _name(tab, action, fields)
        case "add_tab" | "rename_tab" | "delete_tab":
            return _tab(doc, tab, action.do, fields)
        case "comment":
            return _comment(tab, fields)
        case "table":
            source = grid.grid_of(fields.get("rows", ()))
            change = beside(tab, _wish(fields), Markdown((source,)))
            return Step("table", list(change.requests), (tab.id, change.start, change.end))
        case "image" | "person" | "page_break" | "section_break" | "footnote":
            return _object(tab, action, fields)


def _page(tab: Tab, fields: Fields) -> Request:
    """The look of all pages, or of the section that a text or heading stands in."""
    if "heading" in fields or "text" in fields:
        where, start, end = _spans(tab, fields)[0]
        style = _some(looks.section_look(fields))
        place = {"range": where.range(start, end), "sectionStyle": style}
        return {"updateSectionStyle": {**place, "fields": ",".join(style)}}
    style = _some(looks.page_look(fields))
    return {
        "updateDocumentStyle": {"documentStyle": style, "fields": ",".join(style), "tabId": tab.id}
    }


def _wish(fields: Fields) -> Wish:
    return Wish(after=fields.get("heading") or fields.get("text"), nth=fields.get("nth"))


def _some(style: dict[str, Any]) -> dict[str, Any]:
    if not style:
        raise ArgumentError("Nothing is to change: give what it should look like.")
    return style


# Styles


def _spans(tab: Tab, fields: Fields) -> list[tuple[Where, int, int]]:
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


def _styled(tab: Tab, action: Action, fields: Fields) -> Step:
    requests: list[Request] = []
    for where, start, end in _spans(tab, fields):
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


# Tables


_MOVES: Final = {
    "cell": grid.cell, "add_rows": grid.add_rows, "delete_rows": grid.delete_rows,
    "add_columns": grid.add_columns, "delete_columns": grid.delete_columns, "merge": grid.merge,
    "unmerge": grid.unmerge,
}  # fmt: skip
_STILL: Final = {
    "cell_style": grid.cell_style, "widths": grid.widths, "header_rows": grid.header_rows,
}  # fmt: skip


def _moving(where: Where, tab: Tab, name: str, fields: Fields) -> Step:
    requests = _MOVES[name](where, tab, fields)
    table = grid.table_of(tab, fields)
    start, end = table.start, table.end
    if name == "cell":
        one = table.rows[fields["row"] - 1][fields["column"] - 1]
        start, end = one.start, one.end
    return Step(name, requests, (tab.id, start, end))


# Things in the text


def _object(tab: Tab, action: Action, fields: Fields) -> Step:
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
        where, _, end = _spans(tab, {k: v for k, v in fields.items() if k != "all"})[0]
        return where, end
    return Where(tab.id), tab.body.end - 1


# Headers and footers


_PAGES: Final = {"default": "default", "first": "firstPage", "even": "evenPage"}


def _edge(tab: Tab, kind: str, value: str, pages: str) -> Step:
    """The text of a header or footer, made when there is none; "" takes it away."""
    if pages not in _PAGES:
        raise ArgumentError(f"kind of a {kind}: {', '.join(_PAGES)}.")
    title = kind.title()
    own = tab.raw.get("documentStyle", {}).get(f"{_PAGES[pages]}{title}Id")
    old = next((one for one in tab.of_kind(kind) if one.id == own), None)
    if old is None and pages != "default":
        raise NotFoundError(
            f"There is no {kind} for {pages} pages, and the API makes none.",
            f"In Docs: Insert > Headers & footers > Options. Or leave kind away: the {kind} of all pages.",
        )
    if old is not None:
        if not value:
            gone = {f"{kind}Id": old.id, "tabId": tab.id}
            return Step(f"no {kind}", [{f"delete{title}": gone}])
        return Step(kind, _rewritten(tab, old, value), (f"{tab.id}/{old.id}", 0, _FULL))
    if not value:
        raise NotFoundError(f"There is no {kind}.")
    create = {"type": "DEFAULT", "sectionBreakLocation": {"index": 0, "tabId": tab.id}}

    source = parsed(value)

    def fill(reply: Mapping[str, Any]) -> list[Request]:
        where = Where(tab.id, reply[f"create{title}"][f"{kind}Id"])
        return written(where, 0, "fill", source.pieces, source.notes).requests

    return Step(
        kind, [{f"create{title}": create}], None, (Later(0, fill, tuple(pictures(source))),)
    )


def _rewritten(tab: Tab, segment: Segment, value: str) -> list[Request]:
    where = Where(tab.id, segment.id)
    source = parsed(value)
    requests: list[Request] = []
    if segment.end > 1:
        requests.append({"deleteContentRange": {"range": where.range(0, segment.end - 1)}})
    bulleted = any(isinstance(one, Paragraph) and one.bullet for one in segment.blocks)
    writer = written(where, 0, "fill", source.pieces, source.notes, bulleted=bulleted)
    return requests + writer.requests


# Names, comments and tabs


def _comment(tab: Tab, fields: Fields) -> Step:
    """A remark that Docs ties to the text: a preview of Google's."""
    said = fields.get("value", "")
    if not said.strip():
        raise ArgumentError("value is missing: what to say.")
    where, start, end = _spans(tab, fields)[0]
    insert = {"range": where.range(start, end), "content": said}
    return Step("comment", [{"insertComment": insert}])


def _name(tab: Tab, action: Action, fields: Fields) -> Step:
    value = fields.get("value", "")
    if not value:
        raise ArgumentError("value is missing: the name.")
    if action.do == "unname":
        if value not in tab.ranges:
            raise NotFoundError("No range of this tab has that name.")
        criteria = {"tabIds": [tab.id]}
        return Step("unname", [{"deleteNamedRange": {"name": value, "tabsCriteria": criteria}}])
    spans = _spans(tab, fields)
    return Step(
        "name",
        [{"createNamedRange": {"name": value, "range": w.range(a, b)}} for w, a, b in spans],
    )


def _tab(doc: Doc, tab: Tab, name: str, fields: Fields) -> Step:
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


def together(steps: Sequence[Step]) -> tuple[list[Request], list[Later]]:
    """One batch: what moves nothing first, then the rest from the last place to the first.

    Raises:
        ArgumentError: two steps move the same place.
    """
    still = [one for one in steps if one.span is None and not _is_tab(one)]
    tabs = [one for one in steps if one.span is None and _is_tab(one)]
    moving = sorted(
        ((one.span, number, one) for number, one in enumerate(steps) if one.span is not None),
        key=lambda found: (found[0], found[1]),
    )
    for (one, _, _), (other, _, _) in itertools.pairwise(moving):
        if one[0] == other[0] and other[1] < one[2]:
            raise ArgumentError(
                "Two actions change the same place, and the second depends on the first.",
                "Make them in two calls.",
            )
    requests: list[Request] = []
    later: list[Later] = []
    for one in [*still, *(last[2] for last in reversed(moving)), *tabs]:
        later += [replace(item, request=item.request + len(requests)) for item in one.later]
        requests += one.requests
    return requests, later


def _is_tab(one: Step) -> bool:
    return one.said.endswith("_tab")
