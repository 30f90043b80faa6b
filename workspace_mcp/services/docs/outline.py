"""The outline of a document: tabs, headings with their sizes, tables. Small, whatever its length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.formats import show
from workspace_mcp.formats.docs.model import Doc, Tab, tables
from workspace_mcp.formats.docs.to_markdown import Section, sections
from workspace_mcp.formats.fence import Fence
from workspace_mcp.tools import View

_BYTES: Final = 1_500
_TITLE: Final = 70


@dataclass(frozen=True, slots=True)
class Outline(View):
    """The tabs of a document, and the headings of one."""

    doc: Doc
    tab: Tab
    offset: int = 0
    long: bool = False
    """Whether the outline is shown instead of a text that is too long."""
    within: Section | None = None
    """The section whose headings alone are shown."""

    def text(self, fence: Fence) -> str:
        """Our line, the tabs when there are several, the headings with their numbers."""
        size = self.tab.body.end
        parts = [
            f"{fence.quoted(self.doc.title, _TITLE)}: {_kilo(size)} characters, "
            f"{show.count(len(list(tables(self.tab.body.blocks))), 'table')}, "
            f"{show.count(len(self.tab.images), 'image')}. [revision {self.doc.revision}]"
        ]
        tabs = self._tabs(fence) if len(self.doc.tabs) > 1 else []
        lines, left, level = self._lines(fence)
        if tabs or lines:
            parts.append(fence.block("outline", "\n".join([*tabs, *lines])))
        if not lines and not self.offset:
            parts.append("It has no headings.")
        if left:
            parts.append(left)
        if level < 6:
            parts.append(
                f"Headings below level {level} are left out: view=outline section=#number shows a section's."
            )
        if self.long:
            parts.append(
                "Too long to show whole: section=HEADING or #number, or offset=0 for pages."
            )
        return "\n".join(parts)

    def _tabs(self, fence: Fence) -> list[str]:
        return [
            f"{'  ' * tab.depth}tab {tab.id}: {fence.line(tab.title, _TITLE)}"
            f"{' (below)' if tab is self.tab else ''}"
            for tab in self.doc.tabs[:12]
        ] + ([f"and {len(self.doc.tabs) - 12} more tabs"] if len(self.doc.tabs) > 12 else [])

    def _lines(self, fence: Fence) -> tuple[list[str], str, int]:
        """Headings from the offset on, those of the deepest level that fits; how to go on."""
        every = [(n, one) for n, one in enumerate(sections(self.tab.body), 1) if self._holds(one)]
        levels = _levels([one.heading.level for _, one in every])
        lines: list[str] = []
        for level in reversed(levels):
            shown = [(n, one) for n, one in every if one.heading.level <= level]
            lines = [
                f"#{n} {'#' * one.heading.level} {fence.line(one.title, _TITLE)} ({_kilo(one.characters)})"
                for n, one in shown
            ]
            if show.fitting(lines, _BYTES, least=0) == len(lines):
                return lines[self.offset :], "", level if len(shown) < len(every) else 6
        lines = lines[self.offset :]
        kept = show.fitting(lines, _BYTES, least=0)
        more = f"{len(lines) - kept} more headings: view=outline offset={self.offset + kept}."
        return lines[:kept], more, levels[0] if len(levels) > 1 else 6

    def _holds(self, one: Section) -> bool:
        if self.within is None:
            return True
        start = self.within.heading.start
        return start <= one.heading.start < start + self.within.characters


def _levels(every: Sequence[int]) -> list[int]:
    """The levels of headings, from the first of which there are several: a title alone is no outline."""
    levels = sorted(set(every))
    while len(levels) > 1 and sum(one <= levels[0] for one in every) == 1:
        levels = levels[1:]
    return levels or [6]


def _kilo(count: int) -> str:
    return f"{count / 1000:.0f}k" if count >= 10_000 else f"{count:,}"
