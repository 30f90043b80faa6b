"""Reading a document as Markdown: whole, by section, by tab; suggestions and comments in place.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/get
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import show
from workspace_mcp.formats.docs.model import Block, Doc, Tab
from workspace_mcp.formats.docs.to_markdown import markdown, segment_markdown
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.docs.colours import coloured
from workspace_mcp.services.docs.comments import Comment, annotated, comments_of, listed
from workspace_mcp.services.docs.documents import (
    Address,
    DocId,
    Suggestions,
    TabName,
    chosen,
    fetched,
    section_of,
)
from workspace_mcp.services.docs.outline import Outline
from workspace_mcp.tools import Effect, Tier, View, tool

_BYTES: Final = 9_000
_LONGEST: Final = 60_000
_TITLE: Final = 80
_TABS: Final = 20


@dataclass(frozen=True, slots=True)
class Read(View):
    """A document's text, or a piece of it. `edges`: its header and footer."""

    doc: Doc
    tab: Tab
    markdown: str
    edges: Sequence[tuple[str, str]]
    comments: Sequence[Comment]
    cut: show.Cut
    offset: int
    more_comments: bool = False

    def text(self, fence: Fence) -> str:
        """A line of ours, then the text, then what is missing and how to go on."""
        several = f" tab {self.tab.id}," if len(self.doc.tabs) > 1 else ""
        parts = [
            f"{fence.quoted(self.doc.title, _TITLE)} [{self.doc.id}],{several} revision {self.doc.revision}"
        ]
        if len(self.doc.tabs) > 1 and not self.offset:
            parts.append(self._tabs(fence))
        if not self.offset:
            parts += [fence.block(kind, text) for kind, text in self.edges if text]
        parts.append(
            fence.block("doc", self.cut.text) if self.cut.text else "There is no text here."
        )
        parts += listed(self._here(), fence, more=self.more_comments)
        if self.cut.end is not None:
            parts.append(f"{self.cut.left:,} more characters: offset={self.cut.end} continues.")
        return "\n".join(parts)

    def _here(self) -> list[Comment]:
        """Comments whose mark is in this piece; those without a place come with the first."""
        return [
            one
            for one in self.comments
            if (f"[comment {one.id}]" in self.cut.text if one.placed else not self.offset)
        ]

    def _tabs(self, fence: Fence) -> str:
        names = [f"{tab.id} {fence.quoted(tab.title, 40)}" for tab in self.doc.tabs[:_TABS]]
        left = len(self.doc.tabs) - _TABS
        more = f"; and {left} more (view=outline)" if left > 0 else ""
        return f"Tabs: {'; '.join(names)}{more}"


@tool(
    title="Read a document",
    needs=[Scope.DOCS_READONLY],
    effect=Effect.READS,
    tier=Tier.CORE,
)
async def docs_read(
    google: Google,
    doc: DocId,
    tab: TabName = None,
    section: Annotated[str | None, Field(description="A heading, or #number.")] = None,
    view: Literal["markdown", "outline"] = "markdown",
    suggestions: Annotated[
        Suggestions, Field(description="Shown as {++new++} {--old--}.")
    ] = "inline",
    comments: bool = False,
    colors: bool = False,
    offset: int | None = None,
    limit: Annotated[int, Field(ge=500, le=_LONGEST)] = _BYTES,
) -> View:
    """Read a Google Doc as Markdown, with its revision. A long one answers with its outline."""
    address = Address.of(doc)
    found = await fetched(google, address, suggestions)
    one = chosen(found, tab or address.tab)
    if view == "outline":
        within = section_of(one, section) if section else None
        return Outline(found, one, offset or 0, within=within)
    blocks: Sequence[Block] = section_of(one, section).blocks if section else one.body.blocks
    notes, more = await comments_of(google, address.id) if comments else ([], False)
    shown, placed = annotated(coloured(blocks) if colors else blocks, notes)
    text = markdown(one, shown)
    if offset is None and section is None and len(text.encode()) > limit:
        return Outline(found, one, long=True)
    if (offset or 0) > len(text):
        raise ArgumentError(f"offset is beyond the end: the text has {len(text):,} characters.")
    cut = _piece(text, offset or 0, limit)
    edges = [] if section else _edges(one)
    return Read(found, one, text, edges, placed, cut, offset or 0, more)


def _piece(text: str, offset: int, limit: int) -> show.Cut:
    """A piece of at most `limit` bytes."""
    room = limit
    cut = show.piece(text, offset, room)
    while len(cut.text.encode()) > limit and room > 100:
        room = room * 2 // 3
        cut = show.piece(text, offset, room)
    return cut


def _edges(tab: Tab) -> list[tuple[str, str]]:
    return [
        (one.kind, segment_markdown(tab, one))
        for kind in ("header", "footer")
        for one in tab.of_kind(kind)
    ]
