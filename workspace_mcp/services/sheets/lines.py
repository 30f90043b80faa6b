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
from workspace_mcp.services.sheets.cells import table
from workspace_mcp.services.sheets.spreadsheets import Address, Book, Place
from workspace_mcp.services.sheets.target import Written
from workspace_mcp.tools import JsonObject

_WHOLE: Final = "Give whole rows or columns, such as Data!5:7 or Data!C:D."
_SHOWN: Final = 3_000


def span(place: Place) -> tuple[str, int, int]:
    """The dimension and bounds of whole rows or columns.

    Raises:
        ArgumentError: it is another range.
    """
    area = place.area
    if area.left is None and area.top is not None and area.bottom is not None:
        return "ROWS", area.top, area.bottom
    if area.top is None and area.left is not None and area.right is not None:
        return "COLUMNS", area.left, area.right
    raise ArgumentError("These are not whole rows or columns.", _WHOLE)


def dimensions(place: Place, dimension: str, start: int, end: int) -> JsonObject:
    """A `DimensionRange`."""
    return {"sheetId": place.tab.id, "dimension": dimension, "startIndex": start, "endIndex": end}


def inserted(place: Place, dimension: str, start: int, end: int) -> JsonObject:
    """New lines, with the look of the line before them; below a header, of the line after."""
    frozen = place.tab.frozen_rows if dimension == "ROWS" else place.tab.frozen_columns
    before = start > max(frozen, 1)
    lines = dimensions(place, dimension, start, end)
    return {"insertDimension": {"range": lines, "inheritFromBefore": before}}


async def _content(google: Google, address: Address, place: Place) -> tuple[str, bool]:
    (grid,) = await target.before(google, address, [place])
    printed = table(grid, _SHOWN, unformatted=False)
    return printed.text, printed.end is not None


async def delete(google: Google, address: Address, place: Place, *, dry_run: bool) -> Written:
    """Rows or columns go; what was in them is shown."""
    dimension, start, end = span(place)
    most = place.tab.rows if dimension == "ROWS" else place.tab.columns
    end = min(end, most)
    if end - start >= most:
        raise ArgumentError(
            "A tab keeps at least one row and one column.", "Clear it, or delete the tab."
        )
    noun = show.count(end - start, "row" if dimension == "ROWS" else "column")
    text, cut = await _content(google, address, place)
    notes = ["More was in them than is shown."] if cut else []
    if not dry_run:
        request: JsonObject = {
            "deleteDimension": {"range": dimensions(place, dimension, start, end)}
        }
        await target.send_requests(google, address, [request])
    said = f"{'Would delete' if dry_run else 'Deleted'} {noun}: " + "{}. What was in them:"
    if not text:
        said = said.replace(" What was in them:", " They were empty.")
    return Written(said, place.text(), notes=notes, dry_run=dry_run, listed={"cells": text})


async def move(
    google: Google, address: Address, book: Book, place: Place, to: str, *, dry_run: bool
) -> Written:
    """Rows or columns go before another one, or behind the last row with data of another tab."""
    dimension, start, end = span(place)
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
