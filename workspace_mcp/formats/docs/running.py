"""Running text that becomes other running text: its characters, its look, its paragraphs. No I/O."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from workspace_mcp.formats.docs.blocks import Span, inline
from workspace_mcp.formats.docs.change import Change
from workspace_mcp.formats.docs.find import Match, whole
from workspace_mcp.formats.docs.inline import LINE_BREAK
from workspace_mcp.formats.docs.model import Paragraph, units
from workspace_mcp.formats.docs.requests import PRESETS, Request, Where
from workspace_mcp.formats.docs.style import (
    PARAGRAPH_FIELDS,
    PLAIN,
    TEXT_FIELDS,
    Marks,
)

_ATTRIBUTES: Final = ("bold", "italic", "strike", "code", "underline", "raised", "link")
_FIELDS: Final = {
    "bold": "bold", "italic": "italic", "strike": "strikethrough", "code": "weightedFontFamily",
    "underline": "underline", "raised": "baselineOffset", "link": "link",
}  # fmt: skip


def rewritten(match: Match, old: str, spans: Sequence[Span], *, whole_text: bool = False) -> Change:
    """Only the characters that differ are exchanged; what comes takes the look of what goes."""
    flow = match.flow
    shown = flow.text[match.start : match.end]
    new = "".join(span.text for span in spans)
    head, tail = (0, 0) if whole_text else _common(shown, new.replace(LINE_BREAK, "\n"))
    where = Where(flow.tab.id, flow.segment.id)
    cut = Match(flow, match.start + head, match.end - tail)
    middle = new[head : len(new) - tail]
    start, end = cut.span
    size = units(middle)
    requests: list[Request] = []
    if middle:
        requests += _inserted(where, cut, middle, start)
    if end > start:
        requests.append({"deleteContentRange": {"range": where.range(start + size, end + size)}})
        if len(cut.paragraphs) > 1 or "\n" in flow.text[cut.start : cut.end]:
            requests += _joined(where, cut, start + size)
    places = [flow.places[match.start + n] for n in range(head)]
    here = start
    for char in middle:
        places.append(here)
        here += units(char)
    moved = size - (end - start)
    places += [flow.places[n] + moved for n in range(cut.end, match.end)]
    requests += _marked(where, match, old, spans, places)
    first, last = match.span
    return Change(where, first, max(last, first + 1), tuple(requests), shown, new)


def _common(one: str, other: str) -> tuple[int, int]:
    """How many characters are the same at the start and at the end, in whole characters."""
    head = 0
    most = min(len(one), len(other))
    while head < most and one[head] == other[head]:
        head += 1
    while head and not (whole(one, head) and whole(other, head)):
        head -= 1
    tail = 0
    while tail < most - head and one[-tail - 1] == other[-tail - 1]:
        tail += 1
    while tail and not (whole(one, len(one) - tail) and whole(other, len(other) - tail)):
        tail -= 1
    return head, tail


def _inserted(where: Where, cut: Match, text: str, at: int) -> list[Request]:
    style = _style_at(cut)
    return [
        {"insertText": {"location": where.location(at), "text": text}},
        {
            "updateTextStyle": {
                "range": where.range(at, at + units(text)), "textStyle": dict(style),
                "fields": ",".join(TEXT_FIELDS),
            }
        },
    ]  # fmt: skip


def _style_at(cut: Match) -> Mapping[str, Any]:
    """The look that new text takes: of what it replaces, else of what it follows."""
    for run in cut.runs:
        if not run.kind and run.text.strip():
            return _own(run.style)
    start, _ = cut.span
    before: Mapping[str, Any] = {}
    for one in cut.flow.paragraphs:
        if one.start <= start < one.end:
            for run in one.runs:
                if run.kind or not run.text.strip("\n"):
                    continue
                if run.start < start or not before:
                    before = run.style
                if run.start >= start:
                    break
    return _own(before)


def _own(style: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in style.items() if key in TEXT_FIELDS}


def _joined(where: Where, cut: Match, at: int) -> list[Request]:
    """Paragraphs that became one look like the first of them. `at` is in that paragraph now."""
    touched = [
        one for one in cut.flow.paragraphs if cut.span[0] < one.end and one.start <= cut.span[1]
    ]
    first, last = touched[0], touched[-1]
    if first is last:
        return []
    span = where.range(at, at + _width(cut))
    return looks(where, first, span, other=last.bullet != first.bullet)


def _width(cut: Match) -> int:
    """Indices of the character right behind: a range must not part it."""
    _, end = cut.span
    for one in cut.flow.paragraphs:
        for run in one.runs:
            if run.start <= end < run.end:
                here = run.start
                for char in run.text:
                    if here == end:
                        return units(char)
                    here += units(char)
    return 1


def looks(where: Where, one: Paragraph, span: dict[str, Any], *, other: bool) -> list[Request]:
    """The paragraph around `span` looks as `one` did. `other`: its bullet may have changed."""
    requests: list[Request] = []
    if other and one.bullet is None:
        requests.append({"deleteParagraphBullets": {"range": span}})
    elif other and one.bullet is not None:
        level = one.bullet.level
        if level:
            place = where.location(one.start)
            requests.append({"insertText": {"location": place, "text": "\t" * level}})
        requests.append(
            {
                "createParagraphBullets": {
                    "range": where.range(one.start, one.start + level) if level else span,
                    "bulletPreset": PRESETS[one.bullet.glyph],
                }
            }
        )
    style = {key: value for key, value in one.style.items() if key in PARAGRAPH_FIELDS}
    requests.append(
        {
            "updateParagraphStyle": {
                "range": span, "paragraphStyle": style, "fields": ",".join(PARAGRAPH_FIELDS),
            }
        }
    )  # fmt: skip
    return requests


def _marked(
    where: Where, match: Match, old: str, spans: Sequence[Span], places: Sequence[int]
) -> list[Request]:
    """Marks of the new text; those that the old one was given with and the new one lacks go.

    `places`: where each character of the new text stands then.
    """
    lost = _marks_in(old) if match.markdown else PLAIN
    requests: list[Request] = []
    done = 0
    for span in spans:
        first, done = done, done + len(span.text)
        fields = [
            _FIELDS[name]
            for name in _ATTRIBUTES
            if getattr(span.marks, name) or getattr(lost, name)
        ]
        if fields and span.text.strip():
            style = {key: value for key, value in span.marks.style().items() if key in fields}
            end = places[done - 1] + units(span.text[-1])
            requests.append(
                {
                    "updateTextStyle": {
                        "range": where.range(places[first], end), "textStyle": style,
                        "fields": ",".join(fields),
                    }
                }
            )  # fmt: skip
    return requests


def _marks_in(markdown: str) -> Marks:
    """Every mark that a piece of Markdown has anywhere."""
    found = [span.marks for span in inline(markdown.strip())]
    return Marks(
        any(one.bold for one in found), any(one.italic for one in found),
        any(one.strike for one in found), any(one.code for one in found),
        any(one.underline for one in found), max((one.raised for one in found), default=""),
        max((one.link for one in found), default=""),
    )  # fmt: skip
