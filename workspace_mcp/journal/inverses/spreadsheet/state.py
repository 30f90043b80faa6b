"""What a change did to a spreadsheet, as the journal keeps it. No I/O.

Kept are cells, sizes and objects as they were, and short marks of what the change left: it is taken back
only where that still stands. Rows, columns and tabs come and go first; the rest fits the grid then.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Final

from workspace_mcp.journal.inverses.spreadsheet.book import (
    SIZES,
    Book,
    Box,
    Grid,
    Json,
    Place,
    covering,
    digest,
)
from workspace_mcp.journal.inverses.spreadsheet.reach import Move

_SHOWN: Final = 50
_LEFT: Final = 200
"""Characters of what a change left in a cell that are kept for a reader, and of how many cells."""
_PLAIN_SIZE: Final = {"ROWS": 21, "COLUMNS": 100}


class NoWayError(Exception):
    """Google has no request that brings it back; the text says what."""


def kept(
    moves: Sequence[Move], before: tuple[Book, Grid], after: tuple[Book, Grid]
) -> tuple[Json, Json]:
    """What takes a change back: first what moves the grid, then the rest; {} for nothing to do.

    Raises:
        NoWayError: a part of it cannot be brought back.
    """
    (old, had), (new, has) = before, after
    gone, made = old.sheets.keys() - new.sheets.keys(), new.sheets.keys() - old.sheets.keys()
    if any(old.sheets[one].properties.get("sheetType", "GRID") != "GRID" for one in gone):
        raise NoWayError("a tab that is no grid")
    back = [one.opposite for one in reversed(moves)]
    then = _moved(has.cells, back, made)
    dropped = set(_under(old, new)) & (had.cells.keys() | then.keys())
    places = [
        place for place in had.cells.keys() | then.keys() | dropped
        if digest(had.cells.get(place)) != digest(then.get(place)) or place in dropped
    ]  # fmt: skip
    if any("chipRuns" in had.cells.get(place, {}) for place in places):
        raise NoWayError("a smart chip in a cell")
    bands = _bands(moves, new, made)
    rest: dict[str, Any] = {}
    if places:
        rest["cells"] = [[*place, had.cells.get(place, {})] for place in sorted(places)]
        rest["left"] = [_typed(then.get(place, {})) for place in sorted(places)[:_SHOWN]]
    fresh = _fresh(back, old)
    if fresh:
        rest["fresh"] = [[one.tab, one.dimension, one.start] for one in fresh]
    if sizes := _sizes(had, _moved_sizes(has, back, made), fresh):
        rest["sizes"] = sizes
    if objects := _objects(old, new, made):
        rest["objects"] = objects
    structure: list[Json] = [{"deleteSheet": {"sheetId": one}} for one in sorted(made)]
    structure += [one.request() for one in back]
    structure += [
        {"addSheet": {"properties": old.sheets[one].properties}}
        for one in sorted(gone, key=lambda one: old.sheets[one].properties.get("index", 0))
    ]
    checks = {
        _key(place): digest(has.cells.get(place))
        for place in _forth(places, moves, gone) + [one for one in has.cells if _inside(one, bands)]
    }
    watch = {
        "checks": checks, "bands": [[one.tab, one.top, one.left, one.bottom, one.right] for one in bands],
        "counts": {str(key): [one.rows, one.columns] for key, one in new.sheets.items()} if structure else {},
    }  # fmt: skip
    if structure:
        return {"structure": structure, **watch}, rest
    return {}, ({**watch, **rest} if rest else {})


def _moved(cells: Mapping[Place, Json], back: Sequence[Move], made: Set[int]) -> dict[Place, Json]:
    """Cells where they stand once the grid is as it was."""
    found: dict[Place, Json] = {}
    for (tab, row, column), cell in cells.items():
        place = _through((tab, row, column), back)
        if place is not None and tab not in made:
            found[place] = cell
    return found


def _through(place: Place, moves: Sequence[Move]) -> Place | None:
    tab, row, column = place
    for one in moves:
        if one.tab != tab:
            continue
        index = one.forth(row if one.dimension == "ROWS" else column)
        if index is None:
            return None
        row, column = (index, column) if one.dimension == "ROWS" else (row, index)
    return tab, row, column


def _forth(places: Sequence[Place], moves: Sequence[Move], gone: Set[int]) -> list[Place]:
    """Where changed cells stand now, those that are gone left out."""
    found = [_through(one, moves) for one in places if one[0] not in gone]
    return [one for one in found if one is not None]


def _moved_sizes(
    has: Grid, back: Sequence[Move], made: Set[int]
) -> dict[tuple[int, str, int], Json]:
    found: dict[tuple[int, str, int], Json] = {}
    for (tab, dimension, index), size in has.sizes.items():
        at: int | None = index
        for one in back:
            if (one.tab, one.dimension) == (tab, dimension) and at is not None:
                at = one.forth(at)
        if at is not None and tab not in made:
            found[tab, dimension, at] = size
    return found


def _sizes(
    had: Grid, then: Mapping[tuple[int, str, int], Json], fresh: Sequence[Move]
) -> list[list[Any]]:
    """[tab, dimension, start, end, size] of lines that had another size, and of those that come back."""
    new = {(one.tab, one.dimension, one.start) for one in fresh}
    found: list[list[Any]] = []
    for key in sorted(had.sizes):
        tab, dimension, index = key
        plain = {"pixelSize": _PLAIN_SIZE[dimension]}
        size = {k: v for k, v in had.sizes[key].items() if k in SIZES}
        same = size == {k: v for k, v in then.get(key, plain).items() if k in SIZES}
        if same and key not in new:
            continue
        if found and found[-1][:2] == [tab, dimension] and found[-1][3:] == [index, size]:
            found[-1][3] = index + 1
        else:
            found.append([tab, dimension, index, index + 1, size])
    return found


def _under(old: Book, new: Book) -> Iterator[Place]:
    """Cells of tables that came, which go with the table; and of merges that went, which empties them."""
    had, has = old.objects(), new.objects()
    for key, one in has.items():
        if key[1] == "tables" and key not in had and (box := old.box(one["range"])) is not None:
            yield from box.places()
    for key, merges in had.items():
        if key[1] == "merges":
            for one in merges:
                if one not in has.get(key, ()) and (box := old.box(one)) is not None:
                    yield from box.places()


def _fresh(back: Sequence[Move], old: Book) -> list[Move]:
    """Lines that come back, where they are then: Google gives them the look of their neighbours."""
    found: list[Move] = []
    for number, one in enumerate(back):
        if one.kind != "insert" or one.tab not in old.sheets:
            continue
        lines = _lines(range(one.start, one.end), back[number + 1 :], one)
        found += [Move("insert", one.tab, one.dimension, at, at + 1) for at in lines]
    return found


def _bands(moves: Sequence[Move], new: Book, made: Set[int]) -> list[Box]:
    """What goes with lines and tabs that came: nobody may have written there since."""
    found = [new.whole(one) for one in sorted(made)]
    for number, one in enumerate(moves):
        if one.kind != "insert" or one.tab not in new.sheets:
            continue
        lines = _lines(range(one.start, one.end), moves[number + 1 :], one)
        whole = new.whole(one.tab)
        found += [
            Box(one.tab, at, 0, at + 1, whole.right) if one.dimension == "ROWS"
            else Box(one.tab, 0, at, whole.bottom, at + 1)
            for at in lines
        ]  # fmt: skip
    return found


def _lines(lines: Sequence[int], later: Sequence[Move], mine: Move) -> list[int]:
    found: list[int] = []
    for line in lines:
        at: int | None = line
        for one in later:
            if (one.tab, one.dimension) == (mine.tab, mine.dimension) and at is not None:
                at = one.forth(at)
        found += [] if at is None else [at]
    return found


def _inside(place: Place, bands: Sequence[Box]) -> bool:
    tab, row, column = place
    return any(
        one.tab == tab and one.top <= row < one.bottom and one.left <= column < one.right
        for one in bands
    )


def _objects(old: Book, new: Book, made: Set[int]) -> list[list[Any]]:
    """[tab, kind, id, what it was or None, mark of what it is] of all that differ."""
    had, has = old.objects(), new.objects()
    found: list[list[Any]] = []
    for key in sorted(had.keys() | has.keys()):
        tab, kind, _ = key
        if (tab and int(tab) in made) or had.get(key) == has.get(key):
            continue
        if tab and int(tab) not in new.sheets and kind == "properties":
            continue  # the tab comes back with them
        if kind == "properties" and key[2] == "index" and len(old.sheets) != len(new.sheets):
            continue  # so do the places of the others
        found.append([*key, had.get(key), digest(has.get(key))])
    return found


def _typed(cell: Json) -> str:
    value = next(iter(cell.get("userEnteredValue", {}).values()), None)
    return ("(look)" if cell else "(empty)") if value is None else str(value)[:_LEFT]


def _key(place: Place) -> str:
    return " ".join(map(str, place))


def place_of(key: str) -> Place:
    """A key of `checks` as a place."""
    tab, row, column = key.split()
    return int(tab), int(row), int(column)


def watched(found: Json) -> list[Box]:
    """The cells to look at before a change is taken back."""
    places = [place_of(one) for one in found.get("checks", {})]
    return [*covering(places), *(Box(*one) for one in found.get("bands", ()))]
