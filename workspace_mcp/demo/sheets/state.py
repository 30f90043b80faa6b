"""A spreadsheet as it was, for a batch that fails halfway. No I/O."""

import copy

from workspace_mcp.demo.sheets.book import Cell, FakeSpreadsheet, Json, Tab

State = tuple[list[tuple[Tab, Json, dict[tuple[int, int], Cell], Json, Json]], Json, list[Json]]


def snapshot(book: FakeSpreadsheet) -> State:
    """What a spreadsheet is now."""
    tabs = [
        (
            tab, copy.deepcopy(tab.properties),
            {place: Cell(one.entered, one.look, one.rest) for place, one in tab.cells.items()},
            copy.deepcopy(tab.over), copy.deepcopy(tab.sizes),
        )
        for tab in book.tabs
    ]  # fmt: skip
    return tabs, copy.deepcopy(book.properties), copy.deepcopy(book.names)


def restored(book: FakeSpreadsheet, state: State) -> None:
    """Make it again what it was."""
    tabs, book.properties, book.names = state
    book.tabs = [tab for tab, *_ in tabs]
    for tab, properties, kept, over, sizes in tabs:
        tab.properties, tab.cells, tab.over, tab.sizes = properties, kept, over, sizes
    book.calculated.clear()
