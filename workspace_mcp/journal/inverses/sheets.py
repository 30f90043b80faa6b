"""How changes of Sheets are taken back. No I/O.

The places that a request may change are read before it and after it; what differs is kept, with what
lies over the cells. Sheets has no revisions: before a change is taken back, its cells must be as it left
them.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote

from workspace_mcp.journal.entry import Step
from workspace_mcp.journal.inverses.docs import MOST, trashed
from workspace_mcp.journal.inverses.spreadsheet.back import worked
from workspace_mcp.journal.inverses.spreadsheet.book import (
    OVERVIEW,
    Book,
    Box,
    Grid,
    grid_fields,
)
from workspace_mcp.journal.inverses.spreadsheet.reach import (
    CELLS,
    KNOWN,
    NAMED,
    Move,
    boxes,
    contents,
    going,
    moves,
    named,
)
from workspace_mcp.journal.inverses.spreadsheet.state import NoWayError, kept, watched
from workspace_mcp.journal.rule import Before, Json, Look, Rule, Turn, Way, Worked
from workspace_mcp.policy.effects import Wire

LARGEST: Final = 200_000
"""Cells that are read before and after a change."""
_RANGES: Final = 60
_REFERRED: Final = "formulas elsewhere that name the deleted cells"
_MANY: Final = f"more than {LARGEST:,} cells that may change"
_SHEETS: Final = "https://sheets.googleapis.com/v4/spreadsheets"


def _url(match: re.Match[str]) -> str:
    return f"{_SHEETS}/{match['sheet']}"


def _key(match: re.Match[str]) -> str:
    return f"spreadsheet {match['sheet']}"


def _requests(wire: Wire) -> Sequence[Json]:
    return wire.json().get("requests", ())


def _places(
    wire: Wire, book: Book, before: Book | None = None, after: Json | None = None
) -> list[Box]:
    """The cells that a request may change; with `after`, Google's answer, those that it did change."""
    body, path = wire.json(), unquote(wire.path)
    if path.endswith(":batchUpdate") and "/values:" not in path:
        found = boxes(_requests(wire), book, before)
        if not _too_many(found):
            return found
        gone = going(_requests(wire), before or book)
        return found if gone is None else gone if before is None else []
    name = path.partition("/values/")[2]
    if _inserts(wire):
        if "tableRange" not in (
            after or {}
        ):  # without data there, it is written where it was asked for
            rows = body.get("values", ())
            width = max((len(row) for row in rows), default=0)
            return named(name.removesuffix(":append"), book, len(rows), width)
        written = named(str((after or {}).get("updates", {}).get("updatedRange", "")), book)
        return [Box(one.tab, one.top, 0, one.bottom, book.whole(one.tab).right) for one in written]
    if path.endswith(":append"):
        tabs = {one.tab for one in named(name.removesuffix(":append"), book)}
        return [book.whole(one) for one in tabs]
    if path.endswith(":clear"):
        return named(name.removesuffix(":clear"), book)
    if path.endswith(":batchClear"):
        return [box for one in body.get("ranges", ()) for box in named(str(one), book)]
    given = (
        body.get("data", ()) if path.endswith("/values:batchUpdate") else [{**body, "range": name}]
    )
    found: list[Box] = []
    for one in given:
        rows = one.get("values", ())
        height, width = len(rows), max((len(row) for row in rows), default=0)
        if one.get("majorDimension") == "COLUMNS":
            height, width = width, height
        found += named(str(one.get("range", "")), book, height, width) if rows else []
    return found


def _inserts(wire: Wire) -> bool:
    """Whether rows go below data, and those below them make room."""
    query = wire.query.get("insertDataOption")
    return wire.path.endswith(":append") and query == "INSERT_ROWS"


def _looking(url: str, book: Book, found: Sequence[Box]) -> Look:
    """What is in cells; nothing is read that is too much."""
    if not found or sum(one.size for one in found) > LARGEST or len(found) > _RANGES:
        return Look()
    ranges = tuple(("ranges", book.text(one)) for one in found)
    return Look((url,), (*ranges, ("fields", grid_fields(sizes=True))))


def _overview(url: str, places: Callable[[Book], list[Box]]) -> Look:
    """The spreadsheet, then the cells of `places(book)`."""

    def then(found: Before) -> Look:
        if not found or found[0] is None:
            return Look()
        book = Book.from_api(found[0])
        return _looking(url, book, places(book))

    return Look((url,), (("fields", OVERVIEW),), then)


def _look(wire: Wire, match: re.Match[str]) -> Look:
    return _overview(_url(match), lambda book: _places(wire, book))


def _made(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del wire, match, before
    identifier = str(after.get("spreadsheetId", ""))
    if not identifier:
        return Turn("spreadsheet made", lost="Google's answer did not say which")
    what = f"spreadsheet {identifier} made"
    return Turn(what, (trashed(identifier),), key=f"spreadsheet {identifier}", made=True)


def _turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    what = f"spreadsheet {match['sheet']} changed"
    if not before or before[0] is None or (len(before) > 1 and before[1] is None):
        return Turn(what, lost="what it was before could not be read")
    if unknown := _unknown(wire):
        return Turn(what, lost=unknown)
    old = Book.from_api(before[0])
    had = Grid.from_api(before[1] if len(before) > 1 else None)
    still = _still(wire)
    if still:  # the grid and what lies over it are as they were
        look = _looking(_url(match), old, _places(wire, old))
    else:
        look = _overview(_url(match), lambda book: _places(wire, book, old, after))

    def settle(found: Before) -> Turn:
        found = [before[0], *found] if still else found
        if not found or found[0] is None or (len(found) > 1 and found[1] is None):
            return Turn(what, lost="all of it: what it is now could not be read")
        new = Book.from_api(found[0])
        if _too_many(_places(wire, old)) or _too_many(_places(wire, new, old, after)):
            return Turn(what, lost=_MANY)
        has = Grid.from_api(found[1] if len(found) > 1 else None)
        there = Grid({}, {}) if _inserts(wire) and "tableRange" in after else had
        found_moves = _moves(wire, after, old, new)
        turn = _difference(what, _url(match), found_moves, (old, there), (new, has))
        return replace(turn, lost=_REFERRED) if _partly(wire, old) and turn.back else turn

    return Turn(what, key=_key(match), look=look, settle=settle, lost="what it is now was not read")


def _partly(wire: Wire, book: Book) -> bool:
    """Whether the spreadsheet is so large that formulas elsewhere are not looked at."""
    return _too_many(boxes(_requests(wire), book)) and not _too_many(_places(wire, book))


def _still(wire: Wire) -> bool:
    """Whether it changes cells alone."""
    kinds = {kind for one in _requests(wire) for kind in one}
    return kinds <= CELLS if kinds else not wire.path.endswith(":append")


def _unknown(wire: Wire) -> str:
    """Requests that have no way back here; "" for none."""
    found = sorted({str(next(iter(one), "")) for one in _requests(wire)} - KNOWN)
    return ", ".join(NAMED.get(one, one) for one in found)[:120]


def _ahead(wire: Wire, match: re.Match[str], before: Before) -> str:
    """What the requests touch that has no way back."""
    del match
    if unknown := _unknown(wire):
        return unknown
    if not before or before[0] is None or (len(before) > 1 and before[1] is None):
        return "all of it: what is there could not be read"
    book = Book.from_api(before[0])
    if _too_many(_places(wire, book)):
        return _MANY
    grid = Grid.from_api(before[1] if len(before) > 1 else None)
    harmed = list(_harmed(wire, book, grid))
    return ", ".join([*harmed, _REFERRED] if _partly(wire, book) else harmed)


def _harmed(wire: Wire, book: Book, grid: Grid) -> Iterator[str]:
    """Tabs that are no grid and go, slicers, smart chips in cells whose contents change."""
    for kind, given in (pair for one in _requests(wire) for pair in one.items()):
        sheet = book.sheets.get(int(given.get("sheetId", 0))) if kind == "deleteSheet" else None
        if sheet is not None and sheet.properties.get("sheetType", "GRID") != "GRID":
            yield "a tab that is no grid"
    inside = contents(_requests(wire), book) if _requests(wire) else _places(wire, book)
    if any(
        "chipRuns" in cell and any(one.holds(place) for one in inside)
        for place, cell in grid.cells.items()
    ):
        yield "a smart chip in a cell"


def _too_many(found: Sequence[Box]) -> bool:
    return sum(one.size for one in found) > LARGEST or len(found) > _RANGES


def _moves(wire: Wire, after: Json, old: Book, new: Book) -> list[Move]:
    """How rows and columns moved. Rows that `append` made are where it wrote, not at the end."""
    found = moves(_requests(wire), old, new)
    if not _inserts(wire) or "tableRange" not in after:
        return found
    grown = [one for one in found if (one.kind, one.dimension) == ("insert", "ROWS")]
    written = named(str(after.get("updates", {}).get("updatedRange", "")), new)
    if len(grown) != 1 or not written:
        return found
    one = grown[0]
    start = written[0].top
    return [
        Move("insert", one.tab, "ROWS", start, start + one.end - one.start),
        *(other for other in found if other is not one),
    ]


def _difference(
    what: str,
    url: str,
    found: Sequence[Move],
    before: tuple[Book, Grid],
    after: tuple[Book, Grid],
) -> Turn:
    try:
        first, rest = kept(found, before, after)
    except NoWayError as error:
        return Turn(what, lost=str(error))
    bodies = [{"url": url, **one} for one in (first, rest) if one]
    if not bodies:
        return Turn("")  # it is as it was
    if len(json.dumps(bodies).encode()) > MOST:
        return Turn(what, lost=f"more was replaced than is kept ({MOST >> 10} kB)")
    return Turn(
        what, tuple(Step("POST", f"{url}:batchUpdate", (), one, way="sheets") for one in bodies)
    )


def _copied(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    """A tab that went into a spreadsheet as a copy is deleted there."""
    del match, before
    goal = str(wire.json().get("destinationSpreadsheetId", ""))
    what = f"tab copied into spreadsheet {goal}"
    if "sheetId" not in after:
        return Turn(what, lost="Google's answer did not say which tab it is there")
    body = {"requests": [{"deleteSheet": {"sheetId": after["sheetId"]}}]}
    return Turn(what, (Step("POST", f"{_SHEETS}/{goal}:batchUpdate", (), body),))


def _now(found: Json) -> Look:
    if "checks" not in found:
        return Look((found["url"],), (("fields", OVERVIEW),))
    return _overview(found["url"], lambda book: _clipped(watched(found), book))


def _clipped(found: Sequence[Box], book: Book) -> list[Box]:
    """What of some cells is still inside the grid; few large boxes rather than many."""
    inside: dict[int, Box] = {}
    for one in found:
        sheet = book.sheets.get(one.tab)
        if sheet is None:
            continue
        top, left, bottom, right = one.top, one.left, one.bottom, one.right
        if (other := inside.get(one.tab)) is not None:
            top, left = min(top, other.top), min(left, other.left)
            bottom, right = max(bottom, other.bottom), max(right, other.right)
        inside[one.tab] = Box(
            one.tab, top, left, min(bottom, sheet.rows), min(right, sheet.columns)
        )
    return [one for one in inside.values() if one.size]


def _back(found: Json, now: Before) -> Worked:
    grid = Grid.from_api(now[1] if len(now) > 1 else None)
    return worked(found, Book.from_api(now[0] or {}), grid)


WAY: Final = Way(_now, _back)


def _rule(method: str, path: str, turn: Any, **more: Any) -> Rule:
    compiled = re.compile(r"sheets\.googleapis\.com/v4/spreadsheets" + path)
    return Rule(method, compiled, turn=turn, **more)


_ONE: Final = r"/(?P<sheet>[^/:]+)"
RULES: Final = (
    _rule("POST", "", _made),
    _rule("POST", rf"{_ONE}:batchUpdate", _turn, look=_look, key=_key, ahead=_ahead),
    _rule("PUT", rf"{_ONE}/values/.+", _turn, look=_look, key=_key, ahead=_ahead),
    _rule("POST", rf"{_ONE}/values/.+:(?:append|clear)", _turn, look=_look, key=_key, ahead=_ahead),
    _rule(
        "POST",
        rf"{_ONE}/values:(?:batchUpdate|batchClear)",
        _turn,
        look=_look,
        key=_key,
        ahead=_ahead,
    ),
    _rule("POST", rf"{_ONE}/sheets/[^/]+:copyTo", _copied),
)
