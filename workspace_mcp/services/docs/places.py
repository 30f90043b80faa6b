"""What an edit asks for → changes at places of the document that was read. No I/O."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats.docs.blocks import Markdown, Text, parsed
from workspace_mcp.formats.docs.change import Change
from workspace_mcp.formats.docs.edits import placed, replaced, shown
from workspace_mcp.formats.docs.find import Match, matches
from workspace_mcp.formats.docs.model import Block, Break, Doc, Paragraph, Tab, Table, paragraphs
from workspace_mcp.formats.docs.requests import Request, Where
from workspace_mcp.formats.docs.to_markdown import Section, plain, sections
from workspace_mcp.formats.docs.writing import written
from workspace_mcp.services.docs.documents import number_of, section_of

_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """One edit as it was asked for."""

    new: str = ""
    old: str | None = None
    after: str | None = None
    before: str | None = None
    section: str | None = None
    nth: int | None = None
    all: bool = False

    def check(self, number: int) -> None:
        """Raise unless it says one thing."""
        places = [
            one for one in (self.old, self.after, self.before, self.section) if one is not None
        ]
        if len(places) > 1:
            raise ArgumentError(f"edits[{number}] has several of old, after, before and section.")
        if self.old is None and not self.new.strip():
            raise ArgumentError(f"edits[{number}] has no new text.")
        if self.old is not None and not self.old.strip("\n"):
            raise ArgumentError(f"edits[{number}].old is empty.")


def changes(doc: Doc, tab: Tab | None, wishes: Sequence[Wish], *, suggest: bool) -> list[Change]:
    """The changes of all edits, from the last place of a segment to its first.

    Raises:
        ArgumentError: a text or heading that is not there, or there several times; edits that
            touch each other.
    """
    made: list[tuple[int, Change]] = []
    for number, wish in enumerate(_joined(wishes)):
        wish.check(number)
        try:
            made += [(number, one) for one in _changes(doc, tab, wish, suggest=suggest)]
        except (ArgumentError, NotFoundError) as error:
            raise type(error)(f"edits[{number}]: {error.what}", error.remedy) from error
    order = sorted(
        made, key=lambda one: (one[1].where.tab, one[1].where.segment, one[1].start, one[0])
    )
    for (_, one), (_, other) in itertools.pairwise(order):
        if one.where == other.where and other.start < one.end:
            raise ArgumentError("Two edits change the same text.", "Make one of them.")
    return [one for _, one in reversed(order)]


def _joined(wishes: Sequence[Wish]) -> list[Wish]:
    """Appended texts in one."""
    added = [one for one in wishes if _appends(one)]
    rest = [one for one in wishes if not _appends(one)]
    if len(added) < 2:
        return list(wishes)
    return [*rest, replace(added[0], new="\n\n".join(one.new for one in added))]


def _appends(wish: Wish) -> bool:
    return wish.old is wish.after is wish.before is wish.section is None


def _changes(doc: Doc, tab: Tab | None, wish: Wish, *, suggest: bool) -> list[Change]:
    one = tab or doc.tabs[0]
    if wish.old is not None:
        tabs = [tab] if tab else doc.tabs
        return [
            replaced(match, wish.old, wish.new, suggest=suggest)
            for match in found(tabs, wish.old, wish)
        ]
    source = parsed(wish.new)
    if suggest and not _plain_paragraphs(source):
        raise ArgumentError("Only paragraphs of text can be suggested as new.")
    if wish.section is not None:
        if suggest:
            raise ArgumentError("A whole section cannot be suggested: give old and new.")
        return [_named(one, wish.section, wish.new) or _section(one, wish.section, source)]
    if wish.after is not None or wish.before is not None:
        return [beside(one, wish, source)]
    return [_appended(one, source)]


def _plain_paragraphs(source: Markdown) -> bool:
    return all(isinstance(one, Text) and one.kind == "text" for one in source.pieces)


def found(tabs: Sequence[Tab], wanted: str, wish: Wish) -> list[Match]:
    """The one place of a text; all of them, or the nth, when the wish says so.

    Raises:
        NotFoundError: it is nowhere. ArgumentError: it is in several places.
    """
    every = matches(tabs, wanted)
    if not every:
        raise NotFoundError(
            "The document does not have this text.",
            "A table is edited cell by cell: give the text of one cell, or use docs_format do=cell."
            if "|" in wanted
            else "Give it exactly as docs_read shows it, without what is cut or marked.",
        )
    if wish.all:
        return _apart(every)
    if len(every) == 1:
        return every
    if wish.nth is not None:
        if not 1 <= wish.nth <= len(every):
            raise ArgumentError(f"nth is {wish.nth}; the text is there {len(every)} times.")
        return [every[wish.nth - 1]]
    places = [f"{n}: {_place(one)}" for n, one in enumerate(every[:_LISTED], 1)]
    more = [f"and {len(every) - _LISTED} more"] if len(every) > _LISTED else []
    raise ArgumentError(
        f"The text is there {len(every)} times:\n" + "\n".join([*places, *more]),
        "Give more of the text around it, or nth, or all=true.",
    )


def _apart(every: Sequence[Match]) -> list[Match]:
    """Matches without those that begin inside of an earlier one, as "aa" twice in "aaa"."""
    found: list[Match] = []
    for one in every:
        if not found or found[-1].flow is not one.flow or one.start >= found[-1].end:
            found.append(one)
    return found


def _place(match: Match) -> str:
    """Where a match is, in our words: tab, section and paragraph by number."""
    flow = match.flow
    start, _ = match.span
    kind = "" if flow.segment.kind == "body" else f"{flow.segment.kind}, "
    every = [one.heading for one in sections(flow.segment)]
    heads = [n for n, one in enumerate(every, 1) if one.start <= start]
    first = every[heads[-1] - 1].start if heads else 0
    below = [
        one
        for one in paragraphs(flow.segment.blocks)
        if first <= one.start <= start and one.text.strip()
    ]
    section = f"section #{heads[-1]}, " if heads else ""
    return f"tab {flow.tab.id}, {kind}{section}paragraph {len(below)}"


# Inserting


def _anchor(tab: Tab, wanted: str, wish: Wish) -> tuple[Match | None, Paragraph]:
    """The heading with this text, else the paragraph around this exact text."""
    heads = [one for one in sections(tab.body) if plain(one.heading) == wanted.strip().lstrip("# ")]
    if len(heads) == 1 or wanted.startswith("#"):
        heading = section_of(tab, wanted).heading
        return None, heading
    match = found([tab], wanted, wish)[0]
    touched = match.paragraphs
    return match, touched[-1] if wish.after is not None else touched[0]


def beside(tab: Tab, wish: Wish, source: Markdown) -> Change:
    """Blocks behind or before an anchor; at the end without one."""
    if wish.after is None and wish.before is None:
        return _appended(tab, source)
    wanted = wish.after if wish.after is not None else wish.before
    match, one = _anchor(tab, wanted or "", wish)
    container = match.flow.paragraphs if match else _siblings(tab.body.blocks, one)
    where = Where(tab.id, match.flow.segment.id if match else "")
    if wish.before is not None:
        return placed(where, one.start, "before", source, bulleted=one.bullet is not None)
    index = next(n for n, other in enumerate(container) if other.start == one.start)
    if index + 1 < len(container):
        following = container[index + 1]
        bulleted = following.bullet is not None
        return placed(where, following.start, "before", source, bulleted=bulleted)
    return placed(where, one.end - 1, "after", source, bulleted=one.bullet is not None)


def _siblings(blocks: Sequence[Block], one: Paragraph) -> list[Paragraph]:
    """The paragraphs that follow each other around `one`."""
    run: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            run.append(block)
        elif any(other.start == one.start for other in run):
            break
        else:
            run = []
    return run


def _appended(tab: Tab, source: Markdown) -> Change:
    where = Where(tab.id)
    last = tab.body.blocks[-1]
    assert isinstance(last, Paragraph), "a body ends in a paragraph"
    bulleted = last.bullet is not None
    if last.end - last.start == 1:
        return placed(where, last.start, "fill", source, bulleted=bulleted)
    return placed(where, last.end - 1, "after", source, bulleted=bulleted)


# Sections


def _named(tab: Tab, wanted: str, new: str) -> Change | None:
    """The text of a named range anew, when that is what `wanted` names; its look stays."""
    held = tab.ranges.get(wanted, {}).get("namedRanges", ())
    spans = [one for group in held for one in group.get("ranges", ())]
    if not spans or any(wanted.casefold() == one.title.casefold() for one in sections(tab.body)):
        return None
    span = spans[0]
    where = Where(tab.id, span.get("segmentId", ""))
    content = {"namedRangeName": wanted, "text": new, "tabsCriteria": {"tabIds": [tab.id]}}
    start, end = span.get("startIndex", 0), max(one["endIndex"] for one in spans)
    request: Request = {"replaceNamedRangeContent": content}
    return Change(where, start, end, (request,), f"({wanted})", new)


def _blocks(tab: Tab, wanted: str, source: Markdown) -> tuple[Section | None, list[Block]]:
    """A section and what of it is written anew; all of the tab for `*`."""
    if wanted.strip() == "*":
        return None, [one for one in tab.body.blocks if one.start]
    section = section_of(tab, wanted)
    first = source.pieces[0] if source.pieces else None
    whole = isinstance(first, Text) and first.kind in {"heading", "title", "subtitle"}
    blocks = list(section.blocks)
    while isinstance(blocks[-1], Break):
        blocks.pop()
    return section, blocks if whole else blocks[1:]


def _section(tab: Tab, wanted: str, source: Markdown) -> Change:
    """The text below a heading anew; the heading too when the new text starts with one."""
    section, blocks = _blocks(tab, wanted, source)
    where = Where(tab.id)
    if section is not None and not blocks:
        wish = Wish(after=f"#{number_of(sections(tab.body), section)}")
        return beside(tab, wish, source)
    start, end = blocks[0].start, blocks[-1].end
    following = next((one for one in tab.body.blocks if one.start == end), None)
    before = "\n".join(one.text for one in paragraphs(blocks) if one.text)
    requests: list[Request] = []
    if isinstance(following, Paragraph):
        requests.append({"deleteContentRange": {"range": where.range(start, end)}})
        bulleted, how = following.bullet is not None, "before"
    else:
        if end - 1 > start:
            requests.append({"deleteContentRange": {"range": where.range(start, end - 1)}})
        bulleted = any(
            isinstance(one, Table) or one.bullet for one in blocks if not isinstance(one, Break)
        )
        how = "fill"
    writer = written(where, start, how, source.pieces, source.notes, bulleted=bulleted)
    moved = len(requests)
    notes = tuple(replace(one, request=one.request + moved) for one in writer.pending)
    return Change(
        where, start, end, tuple(requests + writer.requests), before, shown(source), notes
    )  # fmt: skip
