"""Exact text → its place in a Doc. Text is sought as a reader sees it, in runs of paragraphs. No I/O."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workspace_mcp.formats.clean import clean
from workspace_mcp.formats.docs.blocks import Grid, parsed
from workspace_mcp.formats.docs.inline import LINE_BREAK
from workspace_mcp.formats.docs.model import Block, Paragraph, Run, Segment, Tab, Table, units


@dataclass(frozen=True, slots=True)
class Flow:
    """Paragraphs that follow each other in one body, cell, header, footer or footnote.

    `text` has one character for each that can be seen, paragraphs parted by newlines; `places`
    says where each starts in the document, and one more where the last paragraph's newline is.
    """

    tab: Tab
    segment: Segment
    paragraphs: tuple[Paragraph, ...]
    text: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A piece of a flow's text, from `start` to `end` in its characters."""

    flow: Flow
    start: int
    end: int
    markdown: bool = field(default=False)
    """Whether what was sought had to be read as Markdown to be found."""

    @property
    def span(self) -> tuple[int, int]:
        """Indices in the document. The end is that of the last character, not of what follows."""
        flow = self.flow
        if self.start == self.end:
            return flow.places[self.start], flow.places[self.start]
        last = self.end - 1
        width = 1 if flow.text[last] == "\n" else units(flow.text[last])
        return flow.places[self.start], flow.places[last] + width

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Those that it touches."""
        start, end = self.span
        return tuple(
            one
            for one in self.flow.paragraphs
            if one.start < max(end, start + 1) and start < one.end
        )

    @property
    def runs(self) -> Iterator[Run]:
        """The runs that it touches."""
        start, end = self.span
        return (
            run
            for one in self.flow.paragraphs
            for run in one.runs
            if run.start < end and start < run.end
        )


def flows(tab: Tab) -> Iterator[Flow]:
    """Every flow of a tab, the body's first."""
    for segment in tab.segments():
        yield from _flows(tab, segment, segment.blocks)


def _flows(tab: Tab, segment: Segment, blocks: Sequence[Block]) -> Iterator[Flow]:
    held: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            held.append(block)
            continue
        if held:
            yield _flow(tab, segment, held)
        held = []
        if isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    yield from _flows(tab, segment, cell.blocks)
    if held:
        yield _flow(tab, segment, held)


def _flow(tab: Tab, segment: Segment, found: Sequence[Paragraph]) -> Flow:
    chars: list[str] = []
    places: list[int] = []
    for one in found:
        for run in one.runs:
            if run.deleted:
                continue
            at = run.start
            for char in run.text:
                if kept := _seen(char):
                    chars.append(kept)
                    places.append(at)
                at += units(char)
    last = found[-1].end - 1
    if chars and chars[-1] == "\n":
        chars.pop()
        places.pop()
    text = "".join(chars)
    return Flow(tab, segment, tuple(found), text, (*places, last))


def _seen(char: str) -> str:
    """`char` as `docs_read` shows it; "" for what it leaves out."""
    if " " <= char <= "~":
        return char
    if char in {LINE_BREAK, "\n", "\u2028"}:
        return "\n"
    if char in "\u200c\u200d\ufe0e\ufe0f":
        return char
    return " " if char == "\u00a0" else clean(char)


def matches(tabs: Sequence[Tab], wanted: str) -> list[Match]:
    """Every place where a text stands: as it is, else as the text of the Markdown that it is.

    Source of the Markdown is `docs_read`, whose marks and escapes are not in the document.
    """
    everything = [flow for tab in tabs for flow in flows(tab)]
    exact = _within(everything, _normal(wanted), markdown=False)
    if exact:
        return exact
    shown = "\n".join(
        one.plain for one in parsed(wanted).pieces if not isinstance(one, Grid) and one.plain
    )
    shown = _normal(shown)
    return _within(everything, shown, markdown=True) if shown != _normal(wanted) else []


def _normal(text: str) -> str:
    return "".join(map(_seen, text.replace("\r\n", "\n").strip("\n")))


def _within(everything: Sequence[Flow], wanted: str, *, markdown: bool) -> list[Match]:
    if not wanted:
        return []
    found: list[Match] = []
    for flow in everything:
        at = flow.text.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if whole(flow.text, at) and whole(flow.text, end):
                found.append(Match(flow, at, end, markdown))
            at = flow.text.find(wanted, at + 1)
    return found


def whole(text: str, at: int) -> bool:
    """Whether no character that a person sees is parted at `at`."""
    if not 0 < at < len(text):
        return True
    after, before = text[at], text[at - 1]
    joined = unicodedata.combining(after) or after in "\u200d\ufe0f\ufe0e" or before == "\u200d"
    return not (joined or "\U0001f3fb" <= after <= "\U0001f3ff")
