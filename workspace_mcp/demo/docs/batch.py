"""One batch of requests on a Doc of the demo: where each goes. The requests are in texts, things, cells, whole."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workspace_mcp.demo.docs.document import DocTab, FakeDocument
from workspace_mcp.demo.docs.segment import Segment

Given = Mapping[str, Any]
Merging = Literal["first", "last"]


@dataclass(slots=True)
class Batch:
    """One batch on one document. `suggestion`: "" for direct edits, else the suggestion's id."""

    doc: FakeDocument
    merging: Merging
    suggestion: str = ""
    remarks: list[tuple[str, str, str]] | None = None
    """Comments of this batch: id, text that is meant, what is said. None: they are refused."""
    kept: Collection[str] = ()
    """Addresses of the pictures that the demo's Docs hold."""

    def tab(self, given: Given) -> DocTab:
        """The tab of a location or range; the first without."""
        return self.doc.tab(given.get("tabId", ""))

    def segment(self, given: Given) -> Segment:
        """The segment of a location or range; the body without."""
        return self.tab(given).segment(given.get("segmentId", ""))

    def place(self, given: Given) -> tuple[Segment, int]:
        """Where something is inserted."""
        if "endOfSegmentLocation" in given:
            segment = self.segment(given["endOfSegmentLocation"])
            return segment, len(segment.units) - 1
        where = given.get("location", {})
        return self.segment(where), int(where.get("index", 0))

    def number(self, prefix: str) -> str:
        """A new id."""
        return f"{prefix}{self.doc.number():08d}"


Change = Callable[[Batch, Given], dict[str, Any] | None]
"""Does one request; its reply, where it has one."""
