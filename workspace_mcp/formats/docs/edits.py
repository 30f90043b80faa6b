"""One edit of a Doc's text → requests. What stays keeps its look, what comes takes that of the old. No I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.docs.blocks import Markdown, Span, Text, inline, parsed
from workspace_mcp.formats.docs.find import Match, whole
from workspace_mcp.formats.docs.inline import LINE_BREAK
from workspace_mcp.formats.docs.model import Paragraph, units
from workspace_mcp.formats.docs.style import (
    PARAGRAPH_FIELDS,
    PLAIN,
    TEXT_FIELDS,
    Marks,
)
from workspace_mcp.formats.docs.writing import PRESETS, How, Note, Request, Where, written

_ATTRIBUTES: Final = ("bold", "italic", "strike", "code", "underline", "raised", "link")
_FIELDS: Final = {
    "bold": "bold", "italic": "italic", "strike": "strikethrough", "code": "weightedFontFamily",
    "underline": "underline", "raised": "baselineOffset", "link": "link",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Requests for one place, whose indices are those of the document as it was read.

    Changes are applied from the last place to the first, so none moves another.
    """

    where: Where
    start: int
    end: int
    requests: tuple[Request, ...]
    before: str
    after: str
    notes: tuple[Note, ...] = ()


def replaced(match: Match, old: str, new: str, *, suggest: bool = False) -> Change:
    """`old`, found at `match`, becomes the Markdown `new`. A newline in running text parts paragraphs.

    Raises:
        ArgumentError: `new` has headings, lists or tables, and `old` is a part of a paragraph.
    """
    if not new.strip("\n"):
        return removed(match)
    source = parsed(new)
    if "\n" not in new.strip() and not _is_running(source) and _is_line(match, old, source):
        item = _item(match, old, source)
        spans = item or _spans(new, Markdown((Text(inline(new.strip())),)))
        return _inline(match, old, spans, whole_text=suggest and any(s.marks for s in spans))
    if _is_running(source):
        spans = _spans(new, parsed(re.sub(r"\n+", "\n\n", new)))
        return _inline(match, old, spans, whole_text=suggest and any(s.marks for s in spans))
    if suggest or not _whole_paragraphs(match):
        raise ArgumentError(
            "new has blocks (a heading, list, table …) and old is only a part of a paragraph.",
            "Give whole paragraphs as old, or insert the blocks with after or before.",
        )
    return exchanged(match, source)


def _item(match: Match, old: str, source: Markdown) -> list[Span]:
    """The text of a list's item, where `old` names one by its mark, which is not in the document."""
    if not match.markdown or _kinds(source) != _kinds(parsed(old)):
        return []
    return [
        span for one in source.pieces if isinstance(one, Text) and one.kind == "item"
        for span in one.spans
    ]  # fmt: skip


def _kinds(source: Markdown) -> set[tuple[str, str]]:
    return {(one.kind, one.glyph) for one in source.pieces if isinstance(one, Text)}


def _is_line(match: Match, old: str, source: Markdown) -> bool:
    """Whether "1. May" is a date and no list: `old` is a piece of a line, or looks like that as well."""
    if not _whole_paragraphs(match):
        return True
    kinds = _kinds(source)
    return kinds == _kinds(parsed(old)) and {kind for kind, _ in kinds} == {"item"}


def _is_running(source: Markdown) -> bool:
    """Whether it is text in paragraphs alone; leading blanks count as text."""
    return all(isinstance(one, Text) and one.kind == "text" for one in source.pieces)


def _spans(new: str, source: Markdown) -> list[Span]:
    """Running text as spans; paragraphs are parted by a newline, blanks at the ends are kept."""
    if not source.pieces:
        return [Span(new.strip("\n"))]
    spans: list[Span] = []
    for number, one in enumerate(source.pieces):
        assert isinstance(one, Text)
        spans += ([Span("\n")] if number else []) + list(one.spans)
    if any(span.kind for span in spans):
        raise ArgumentError(
            "new has an image or a footnote.", "docs_format adds images and footnotes."
        )
    lead = new[: len(new) - len(new.lstrip(" "))]
    trail = new[len(new.rstrip(" ")) :] if new.strip() else ""
    return [*([Span(lead)] if lead else []), *spans, *([Span(trail)] if trail else [])]


def _whole_paragraphs(match: Match) -> bool:
    flow, touched = match.flow, match.paragraphs
    starts = flow.places[match.start] == touched[0].start
    return starts and flow.places[match.end] == touched[-1].end - 1


# Running text


def _inline(match: Match, old: str, spans: Sequence[Span], *, whole_text: bool = False) -> Change:
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
    return _looks(where, first, span, other=last.bullet != first.bullet)


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


def _looks(where: Where, one: Paragraph, span: dict[str, Any], *, other: bool) -> list[Request]:
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


# Paragraphs


def removed(match: Match) -> Change:
    """Without the text; without its paragraphs when it is all of them."""
    flow = match.flow
    where = Where(flow.tab.id, flow.segment.id)
    before = flow.text[match.start : match.end]
    if not _whole_paragraphs(match):
        change = _inline(match, "", [])
        return Change(where, change.start, change.end, change.requests, before, "")
    touched = match.paragraphs
    requests, start, end = emptied(where, match, touched)
    return Change(where, start, max(end, start + 1), tuple(requests), before, "")


def emptied(
    where: Where, match: Match, touched: Sequence[Paragraph]
) -> tuple[list[Request], int, int]:
    """Requests that take whole paragraphs of a flow away, as far as Docs lets them go.

    The last paragraph of a container, or before a table, cannot go: then the one before it takes
    its place; the only one stays, empty.
    """
    flow = match.flow
    start, end = touched[0].start, touched[-1].end
    if touched[-1] is not flow.paragraphs[-1]:
        return [{"deleteContentRange": {"range": where.range(start, end)}}], start, end
    index = flow.paragraphs.index(touched[0])
    if index:
        previous = flow.paragraphs[index - 1]
        gone = where.range(start - 1, end - 1)
        other = previous.bullet != touched[-1].bullet
        looks = _looks(where, previous, where.range(start - 1, start), other=other)
        return [{"deleteContentRange": {"range": gone}}, *looks], start - 1, end - 1
    if end - 1 <= start:
        return [], start, end
    return [{"deleteContentRange": {"range": where.range(start, end - 1)}}], start, end - 1


def exchanged(match: Match, source: Markdown) -> Change:
    """Whole paragraphs become blocks."""
    flow = match.flow
    where = Where(flow.tab.id, flow.segment.id)
    touched = match.paragraphs
    before = flow.text[match.start : match.end]
    start, end = touched[0].start, touched[-1].end
    requests: list[Request] = []
    if end - 1 > start:
        requests.append({"deleteContentRange": {"range": where.range(start, end - 1)}})
    writer = written(
        where, start, "fill", source.pieces, source.notes,
        bulleted=any(one.bullet for one in touched),
    )  # fmt: skip
    requests += writer.requests
    return Change(
        where, start, end, tuple(requests), before, shown(source), _later(writer.pending, requests, writer.requests)
    )  # fmt: skip


def _later(
    pending: Sequence[Note], requests: Sequence[Request], own: Sequence[Request]
) -> tuple[Note, ...]:
    moved = len(requests) - len(own)
    return tuple(Note(one.request + moved, one.spans) for one in pending)


def placed(where: Where, at: int, how: How, source: Markdown, *, bulleted: bool = False) -> Change:
    """Blocks at a place that `writing.How` describes."""
    writer = written(where, at, how, source.pieces, source.notes, bulleted=bulleted)
    return Change(
        where, at, at + 1 if how == "fill" else at, tuple(writer.requests), "", shown(source),
        tuple(writer.pending),
    )  # fmt: skip


def shown(source: Markdown) -> str:
    """What was written, as lines of text."""
    lines: list[str] = []
    for piece in source.pieces:
        if isinstance(piece, Text):
            lines.append(piece.plain.replace(LINE_BREAK, "\n"))
        else:
            lines += [
                " | ".join("".join(s.text for s in cell) for cell in row) for row in piece.rows
            ]
    return "\n".join(line for line in lines if line)
