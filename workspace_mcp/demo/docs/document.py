"""A Doc of the demo: tabs with their segments, lists, objects and named ranges."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workspace_mcp.demo.docs.segment import NEWLINE, Segment, bad
from workspace_mcp.demo.docs.units import Unit

JsonObject = dict[str, Any]


def new_body() -> Segment:
    """An empty document: the section break at 0, a newline at 1."""
    return Segment([Unit(kind="section"), NEWLINE])


@dataclass(slots=True)
class DocTab:
    """One tab. Segments are by id; the body's is ""."""

    id: str
    title: str
    parent: str = ""
    emoji: str = ""
    segments: dict[str, Segment] = field(default_factory=lambda: {"": new_body()})
    lists: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    objects: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    ranges: dict[str, str] = field(default_factory=dict[str, str])
    """Named ranges: id → name."""
    style: JsonObject = field(default_factory=dict[str, Any])

    def copy(self) -> "DocTab":
        """As it is now, whatever happens to this one."""
        segments = {key: one.copy() for key, one in self.segments.items()}
        return DocTab(
            self.id, self.title, self.parent, self.emoji, segments, dict(self.lists),
            dict(self.objects), dict(self.ranges), dict(self.style),
        )  # fmt: skip

    def segment(self, identifier: str) -> Segment:
        """A segment of this tab.

        Raises:
            Refusal: there is none.
        """
        if identifier not in self.segments:
            raise bad(f"Segment with ID {identifier} was not found.")
        return self.segments[identifier]

    def drop_notes(self) -> None:
        """Forget the footnotes whose marks are gone."""
        marks = {
            unit.value["footnoteId"]
            for one in self.segments.values()
            for unit in one.units
            if unit.kind == "footnote"
        }
        for key, _ in list(self.of_kind("footnote")):
            if key not in marks:
                del self.segments[key]

    def of_kind(self, kind: str) -> Iterator[tuple[str, Segment]]:
        """Headers, footers or footnotes."""
        return ((key, one) for key, one in self.segments.items() if one.kind == kind)


@dataclass(slots=True)
class FakeDocument:
    """One Doc. `editors` may read and write it."""

    id: str
    title: str
    owner: str
    number: Callable[[], int]
    tabs: dict[str, DocTab] = field(default_factory=lambda: {"t.0": DocTab("t.0", "Tab 1")})
    revision: int = 1
    editors: set[str] = field(default_factory=set[str])
    readers: set[str] = field(default_factory=set[str])
    suggestions: list[str] = field(default_factory=list[str])

    @property
    def revision_id(self) -> str:
        """What `requiredRevisionId` is compared with."""
        return f"ALm37BW{self.revision:06d}{self.id[-6:]}"

    def tab(self, identifier: str = "") -> DocTab:
        """A tab; the first one without an id.

        Raises:
            Refusal: there is none.
        """
        if not identifier:
            return next(iter(self.tabs.values()))
        if identifier not in self.tabs:
            raise bad(f"Tab with ID {identifier} was not found.")
        return self.tabs[identifier]

    def children(self, parent: str) -> list[DocTab]:
        """Tabs below another one; "" for those at the top."""
        return [tab for tab in self.tabs.values() if tab.parent == parent]

    def in_order(self, parent: str = "") -> Iterator[DocTab]:
        """Every tab, parents before their children."""
        for tab in self.children(parent):
            yield tab
            yield from self.in_order(tab.id)

    def text(self, tab: str = "", segment: str = "") -> str:
        """The text of a segment; a table's cells are paragraphs like all others."""
        from workspace_mcp.demo.docs.units import text_of

        return text_of(self.tab(tab).segment(segment).units)
