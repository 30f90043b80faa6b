"""Places of a Doc, and what the requests for them are made of. No I/O.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from workspace_mcp.formats.docs.blocks import Span

Request = dict[str, Any]
PRESETS: Final = {
    "": "BULLET_DISC_CIRCLE_SQUARE",
    "1": "NUMBERED_DECIMAL_ALPHA_ROMAN",
    "x": "BULLET_CHECKBOX",
}
How = Literal["fill", "after", "before"]
"""Into an empty paragraph; after a paragraph (the place is its newline); before one (its start)."""


@dataclass(frozen=True, slots=True)
class Where:
    """A segment of a tab; makes locations and ranges of it."""

    tab: str
    segment: str = ""

    def location(self, index: int) -> dict[str, Any]:
        """A `Location`."""
        return {"index": index, **self._home()}

    def range(self, start: int, end: int) -> dict[str, Any]:
        """A `Range`."""
        return {"startIndex": start, "endIndex": end, **self._home()}

    def _home(self) -> dict[str, Any]:
        home = {"tabId": self.tab} if self.tab else {}
        return home | ({"segmentId": self.segment} if self.segment else {})


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote that is still to be filled: the request that makes it, and its text."""

    request: int
    spans: tuple[Span, ...]
