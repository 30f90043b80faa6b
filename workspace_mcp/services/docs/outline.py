"""The outline of a document: tabs, headings with their sizes, tables. Small, whatever its length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.formats import show
from workspace_mcp.formats.docs.model import Doc, Tab, tables
from workspace_mcp.formats.docs.to_markdown import sections
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
            parts.append(f"Deeper headings than level {level} are left out; section shows them.")
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
        every = list(enumerate(sections(self.tab.body), 1))
        lines: list[str] = []
        for level in (6, 5, 4, 3, 2, 1):
            shown = [(n, one) for n, one in every if one.heading.level <= level]
            lines = [
                f"#{n} {'#' * one.heading.level} {fence.line(one.title, _TITLE)} ({_kilo(one.characters)})"
                for n, one in shown
            ][self.offset :]
            kept = _fitting(lines)
            if kept == len(lines):
                return lines, "", level if len(shown) < len(every) else 6
        kept = _fitting(lines)
        more = f"{len(lines) - kept} more headings: view=outline offset={self.offset + kept}."
        deeper = any(one.heading.level > 1 for _, one in every)
        return lines[:kept], more, 1 if deeper else 6


def _fitting(lines: Sequence[str]) -> int:
    size = 0
    for number, line in enumerate(lines):
        size += len(line.encode()) + 1
        if size > _BYTES:
            return number
    return len(lines)


def _kilo(count: int) -> str:
    return f"{count / 1000:.0f}k" if count >= 10_000 else f"{count:,}"
