"""One segment of a Doc — body, header, footer or footnote — and Google's rules of its indices.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from workspace_mcp.demo.docs.units import PLAIN, Style, Unit, code_units, splits_pair, stripped
from workspace_mcp.demo.http import Refusal

NEWLINE = Unit("\n", paragraph={"namedStyleType": "NORMAL_TEXT", "direction": "LEFT_TO_RIGHT"})


def bad(why: str) -> Refusal:
    """Google's 400 for a request that does not fit the document."""
    return Refusal(400, why, "badRequest")


@dataclass(slots=True)
class Segment:
    """`units` in order; the last is a newline that cannot be deleted."""

    units: list[Unit] = field(default_factory=lambda: [NEWLINE])
    kind: str = "body"

    def copy(self) -> "Segment":
        """The same units, in a list of its own."""
        return Segment(list(self.units), self.kind)

    # Positions

    def insertable(self, at: int) -> None:
        """Refuse unless text may be inserted at `at`.

        Raises:
            Refusal: outside, between the halves of a character, or not inside a paragraph.
        """
        if not 0 <= at < len(self.units):
            raise bad(
                f"Index {at} must be less than the end index of the referenced segment, "
                f"{len(self.units)}."
            )
        if splits_pair(self.units, at):
            raise bad("The insertion index cannot be within a grapheme cluster.")
        if not self.units[at].inline:
            raise bad(
                "The insertion index must be inside the bounds of an existing paragraph. You can "
                "still create new paragraphs by inserting newlines."
            )

    def span(self, given: Mapping[str, Any]) -> tuple[int, int]:
        """Start and end of a range.

        Raises:
            Refusal: empty, outside, or it splits a character.
        """
        start, end = int(given.get("startIndex", 0)), int(given.get("endIndex", 0))
        if start >= end:
            raise bad("The range should not be empty.")
        if start < 0 or end > len(self.units):
            raise bad(
                f"Index {end} must be less than or equal to the end index of the referenced "
                f"segment, {len(self.units)}."
            )
        if splits_pair(self.units, start) or splits_pair(self.units, end):
            raise bad("The range cannot start or end within a grapheme cluster.")
        return start, end

    def newline(self, at: int) -> int:
        """Where the paragraph around `at` ends: the index of its newline."""
        while not self.units[at].ends_paragraph:
            at += 1
        return at

    def start(self, at: int) -> int:
        """Where the paragraph around `at` starts."""
        while at > 0 and self.units[at - 1].inline and not self.units[at - 1].ends_paragraph:
            at -= 1
        return at

    def paragraphs(self, start: int, end: int) -> Iterator[int]:
        """The newline of every paragraph that overlaps the range, in order."""
        at = self.newline(start)
        while True:
            yield at
            at += 1
            while at < len(self.units) and not self.units[at].inline:
                at += 1
            if at >= len(self.units) or at >= end:
                return
            at = self.newline(at)

    # Changes

    def insert(self, at: int, text: str, suggestion: str = "") -> int:
        """Insert text with the style of its neighbours; how many units it is."""
        self.insertable(at)
        ending = self.units[self.newline(at)]
        style = self._style_at(at)
        made = [
            replace(ending, style=style, inserted=suggestion, deleted="", ranges=frozenset())
            if char == "\n"
            else Unit(char, style, inserted=suggestion)
            for char in code_units(stripped(text).replace("\r\n", "\n").replace("\r", "\n"))
        ]
        self.units[at:at] = made
        return len(made)

    def _style_at(self, at: int) -> Style:
        before = self.units[at - 1] if at else NEWLINE
        after = self.units[at]
        if before.ends_paragraph or not before.inline:
            return after.style
        if "link" in before.style and before.style.get("link") != after.style.get("link"):
            plain = {"link", "underline", "foregroundColor"}
            return {key: value for key, value in before.style.items() if key not in plain}
        return before.style

    def put(self, at: int, unit: Unit) -> None:
        """Insert one thing that is no text."""
        self.insertable(at)
        self.units.insert(at, replace(unit, style=unit.style or PLAIN))

    def delete(self, start: int, end: int, merging: Literal["first", "last"]) -> None:
        """Delete a range.

        Raises:
            Refusal: what would be left is no valid structure.
        """
        self._deletable(start, end)
        ending = next((u for u in self.units[start:end] if u.ends_paragraph and u.inline), None)
        partly = self.start(start) != start
        del self.units[start:end]
        if ending is not None and partly and merging == "first":
            at = self.newline(start)
            self.units[at] = replace(
                self.units[at], paragraph=ending.paragraph, bullet=ending.bullet
            )

    def _deletable(self, start: int, end: int) -> None:
        if end >= len(self.units):
            raise bad("The range cannot include the newline character at the end of the segment.")
        refusal = bad("Invalid deletion range. Cannot delete the requested range.")
        depth = 0
        for at in range(start, end):
            kind = self.units[at].kind
            if kind == "table":
                depth += 1
            elif (kind in {"row", "cell", "end"} or (kind == "section" and not at)) and not depth:
                raise refusal
            elif kind == "end":
                depth -= 1
        after = self.units[end]
        if depth or (self.units[end - 1].ends_paragraph and not after.inline):
            raise refusal

    def edit(self, places: Sequence[int], change: Callable[[Unit], Unit]) -> None:
        """Replace the units at `places`."""
        for at in places:
            self.units[at] = change(self.units[at])
