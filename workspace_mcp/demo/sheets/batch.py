"""A batch of requests under way, and where they find their tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workspace_mcp.demo.sheets.book import Box, FakeSpreadsheet, Json, Tab, bad
from workspace_mcp.demo.sheets.values import may_edit


@dataclass(slots=True)
class Batch:
    """Whose batch it is, and on what."""

    book: FakeSpreadsheet
    account: str
    year: int
    said: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Comments of the batch: id, text, the text of their cell."""

    def box(self, grid: Mapping[str, Any], *, writing: bool = True) -> tuple[Tab, Box]:
        """A GridRange's tab and bounds, when the account may write there."""
        tab = self.book.tab(grid.get("sheetId"))
        box = tab.box(grid)
        if writing:
            may_edit(self.book, tab, box, self.account)
        return tab, box


def table_of(book: FakeSpreadsheet, identifier: str) -> tuple[Tab, Json]:
    """A table and its tab.

    Raises:
        Refusal: there is none.
    """
    for tab in book.tabs:
        for one in tab.list("tables"):
            if one["tableId"] == identifier:
                return tab, one
    raise bad(f"Invalid requests[0]: No table with id: {identifier}")
