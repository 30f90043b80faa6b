"""Whole rows and columns: inserted, deleted, moved within a tab or to another one.

Source: developers.google.com/workspace/sheets/api/guides/row-column
"""

import re
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1, show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.google.client import Google
from workspace_mcp.services.sheets import target
from workspace_mcp.services.sheets.batch import WHOLE, lines_of
from workspace_mcp.services.sheets.cells import table
from workspace_mcp.services.sheets.spreadsheets import Address, Book, Place
from workspace_mcp.services.sheets.target import Written
from workspace_mcp.tools import JsonObject

_SHOWN: Final = 3_000
_SEVERAL: Final = re.compile(
    r"\s*\d+(:\d+)?(\s*,\s*\d+(:\d+)?)*\s*|\s*[A-Za-z]{1,3}(:[A-Za-z]{1,3})?(\s*,\s*[A-Za-z]{1,3}(:[A-Za-z]{1,3})?)+\s*"
)
"""`2,5:7`, `9`, `B,D:E`; one column alone could be a name, and is written `B:B`."""


def dimensions(place: Place, dimension: str, start: int, end: int) -> JsonObject:
    """A `DimensionRange`."""
    return {"sheetId": place.tab.id, "dimension": dimension, "startIndex": start, "endIndex": end}


def spans(book: Book, text: str) -> tuple[Place, str, list[tuple[int, int]]]:
    """Rows or columns of a tab, such as `Data!2,5:7`: a place in it, the dimension, their bounds.

    Raises:
        ArgumentError: rows and columns together, or what is neither.
    """
    tab, mark, rest = text.strip().rpartition("!")
    if not _SEVERAL.fullmatch(rest):
        place = book.place(text)
        dimension, start, end = lines_of(place)
        return place, dimension, [(start, end)]
    found: list[tuple[int, int]] = []
    dimensions_: set[str] = set()
    for one in rest.split(","):
        bare = one.strip()
        place = book.place(f"{tab}{mark}{bare if ':' in bare else f'{bare}:{bare}'}")
        dimension, start, end = lines_of(place)
        dimensions_.add(dimension)
        found.append((start, end))
    if len(dimensions_) > 1:
        raise ArgumentError("Rows and columns cannot go in one call.", WHOLE)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return place, dimension, joined  # pyright: ignore[reportPossiblyUnboundVariable] - one at least


def inserted(place: Place, dimension: str, start: int, end: int) -> JsonObject:
    """New lines, with the look of the line before them; below a header, of the line after.

    Raises:
        ArgumentError: they would leave a gap behind the tab's last line.
    """
    tab, rows = place.tab, dimension == "ROWS"
    most, frozen = (tab.rows, tab.frozen_rows) if rows else (tab.columns, tab.frozen_columns)
    if start > most:
        raise ArgumentError(
            f"The tab ends with {'row' if rows else 'column'} {most if rows else a1.letters(most - 1)}.",
            "New ones come before one that is there, or directly behind the last.",
        )
    if start == most:
        by = {"sheetId": tab.id, "dimension": dimension, "length": end - start}
        return {"appendDimension": by}
    lines = dimensions(place, dimension, start, end)
    return {"insertDimension": {"range": lines, "inheritFromBefore": start > max(frozen, 1)}}


async def delete(
    google: Google, address: Address, lines: tuple[Place, str, list[tuple[int, int]]], *, dry_run: bool
) -> Written:  # fmt: skip
    """Rows or columns go; what was in them is shown."""
    place, dimension, found = lines
    rows = dimension == "ROWS"
    most = place.tab.rows if rows else place.tab.columns
    found = [(start, min(end, most)) for start, end in found]
    size = sum(end - start for start, end in found)
    if size >= most:
        raise ArgumentError(
            "A tab keeps at least one row and one column.", "Clear it, or delete the tab."
        )
    parts = [
        place.at(Area(start, None, end) if rows else Area(None, start, None, end))
        for start, end in found
    ]
    grids = await target.before(google, address, parts)
    printed = [
        one
        for one in (table(grid, _SHOWN // len(found), unformatted=False) for grid in grids)
        if one.text
    ]
    notes = (
        ["More was in them than is shown."] if any(one.end is not None for one in printed) else []
    )
    if not dry_run:
        requests: list[JsonObject] = [
            {"deleteDimension": {"range": dimensions(place, dimension, start, end)}}
            for start, end in reversed(found)
        ]
        await target.send_requests(google, address, requests)
    noun = show.count(size, "row" if rows else "column")
    said = f"{'Would delete' if dry_run else 'Deleted'} {noun}: " + "{}. What was in them:"
    if not printed:
        said = said.replace(" What was in them:", " They were empty.")
    where = ", ".join([parts[0].text(), *(one.area.text() for one in parts[1:])])
    listed = {"cells": "\n".join(one.text for one in printed)}
    return Written(said, where, notes=notes, dry_run=dry_run, listed=listed)


async def move(
    google: Google, address: Address, book: Book, place: Place, to: str, *, dry_run: bool
) -> Written:
    """Rows or columns go before another one, or behind the last row with data of another tab."""
    dimension, start, end = lines_of(place)
    goal = _goal(book, place, to)
    same = goal.tab.id == place.tab.id
    if not same and dimension == "COLUMNS":
        raise ArgumentError("Columns can only be moved within their tab.")
    if goal.area == Area():
        at = await _end(google, address, goal)
    else:
        at = (goal.area.top if dimension == "ROWS" else goal.area.left) or 0
    if same and start <= at <= end:
        raise ArgumentError("They would stay where they are.")
    requests = (
        [
            {
                "moveDimension": {
                    "source": dimensions(place, dimension, start, end),
                    "destinationIndex": at,
                }
            }
        ]
        if same
        else _across(place, goal, start, end, at)
    )
    size = end - start
    first = at if not same or at < start else at - size
    area = (
        Area(first, None, first + size)
        if dimension == "ROWS"
        else Area(None, first, None, first + size)
    )
    if not dry_run:
        await target.send_requests(google, address, requests)
    now = goal.at(area).text()
    verb = "Would move" if dry_run else "Moved"
    noun = show.count(size, "row" if dimension == "ROWS" else "column")
    return Written(f"{verb} {noun} " + "{}.", f"{place.text()} → {now}", dry_run=dry_run)


def _goal(book: Book, place: Place, to: str) -> Place:
    """Where lines go: `9:9`, `Archive!9`, `Archive!C`, `Archive`."""
    found = re.fullmatch(r"(.*!)?([1-9]\d{0,7}|[A-Za-z]{1,3})", to.strip())
    if found and (found[1] or found[2].isdigit()):
        to = f"{found[1] or ''}{found[2]}:{found[2]}"
    goal = book.place(to)
    without_tab = a1.parsed(to)
    return (
        place.at(without_tab.area or Area())
        if without_tab.area and without_tab.tab is None
        else goal
    )


async def _end(google: Google, address: Address, goal: Place) -> int:
    """The row behind a tab's last one with data."""
    values = address.resource.sub("values").verb("batchGet")
    found = await google.get_large(values, ranges=[goal.text()], fields="valueRanges(values)")
    return len(found["valueRanges"][0].get("values", ()))


def _across(place: Place, goal: Place, start: int, end: int, at: int) -> list[JsonObject]:
    """Lines of another tab: room is made, they are copied with all they have, and go."""
    size, width = end - start, place.tab.columns
    requests = target.growth(goal, at if at >= goal.tab.rows else 0, width)
    requests.append(inserted(goal, "ROWS", at, at + size))
    source = Area(start, 0, end, width).grid(place.tab.id)
    into = Area(at, 0, at + size, width).grid(goal.tab.id)
    copy = {"source": source, "destination": into, "pasteType": "PASTE_NORMAL"}
    requests.append({"copyPaste": copy})
    requests.append({"deleteDimension": {"range": dimensions(place, "ROWS", start, end)}})
    return requests
