"""One edit of a Doc's text → requests. What stays keeps its look, what comes takes that of the old. No I/O."""

import re
from collections.abc import Sequence

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.docs.blocks import Markdown, Span, Text, inline, parsed
from workspace_mcp.formats.docs.change import Change
from workspace_mcp.formats.docs.find import Match
from workspace_mcp.formats.docs.inline import LINE_BREAK
from workspace_mcp.formats.docs.model import Paragraph
from workspace_mcp.formats.docs.requests import How, Note, Request, Where
from workspace_mcp.formats.docs.running import looks, rewritten
from workspace_mcp.formats.docs.writing import written


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
        return rewritten(match, old, spans, whole_text=suggest and any(s.marks for s in spans))
    if _is_running(source):
        spans = _spans(new, parsed(re.sub(r"\n+", "\n\n", new)))
        return rewritten(match, old, spans, whole_text=suggest and any(s.marks for s in spans))
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


def removed(match: Match) -> Change:
    """Without the text; without its paragraphs when it is all of them."""
    flow = match.flow
    where = Where(flow.tab.id, flow.segment.id)
    before = flow.text[match.start : match.end]
    if not _whole_paragraphs(match):
        change = rewritten(match, "", [])
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
        again = looks(where, previous, where.range(start - 1, start), other=other)
        return [{"deleteContentRange": {"range": gone}}, *again], start - 1, end - 1
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
