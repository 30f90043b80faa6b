"""Ranges → tables of a query: names, column names and types, dates as texts that sort. No I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from workspace_mcp.formats import a1, show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets.spreadsheets import Place
from workspace_mcp.services.sheets.sql import Relation, Value

_EPOCH: Final = datetime(1899, 12, 30)
_FIRST_DAY: Final = -600_000
_LAST_DAY: Final = 2_958_465
"""9999-12-31; what is said to be a date beyond it stays a number."""
_FIRST: Final = 3
"""Odd cells of a column that are named."""


@dataclass(frozen=True, slots=True)
class Source:
    """A range that a query reads, under the name that it has there."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Loaded:
    """A relation and what a reader of its answer must know."""

    source: Source
    relation: Relation
    area: Area
    odd: Sequence[str]
    """Columns that hold texts among numbers, each with its first places."""


def unique(wanted: str, taken: set[str]) -> str:
    """`wanted`, or `wanted_2` …, in no letter case among `taken`."""
    name, number = wanted, 2
    while name.casefold() in taken:
        name, number = f"{wanted}_{number}", number + 1
    taken.add(name.casefold())
    return name


def loaded(source: Source, plain: Mapping[str, Any], dated: Mapping[str, Any]) -> Loaded:
    """A `ValueRange` with dates as numbers, and the same with dates as texts, as one relation.

    The first row with anything in it is the header. What is a number in one and a text in the other is a date.
    """
    area = a1.parsed(str(plain["range"])).area or source.place.box
    rows = [
        [_value(value, other) for value, other in zip(row, _padded(second, len(row)), strict=False)]
        for row, second in zip(plain.get("values", ()), dated.get("values", ()), strict=False)
    ]
    first = next((n for n, row in enumerate(rows) if any(one is not None for one in row)), 0)
    width = max((len(row) for row in rows), default=0)
    filled = [[*row, *([None] * (width - len(row)))] for row in rows[first:]]
    used = [n for n in range(width) if any(row[n] is not None for row in filled)]
    top, left = (area.top or 0) + first, area.left or 0
    taken = {"rowid"}
    names = [unique(_header(filled[0][n]) or a1.letters(left + n), taken) for n in used]
    body: list[tuple[int, list[Value]]] = [
        (top + number + 1, [row[n] for n in used])
        for number, row in enumerate(filled[1:], 1)
        if any(value is not None for value in row)
    ]
    columns = [[(row, values[at]) for row, values in body] for at in range(len(used))]
    kinds = [_kind([value for _, value in one]) for one in columns]
    found = (_odd(names[at], a1.letters(left + n), columns[at]) for at, n in enumerate(used))
    relation = Relation(
        source.name,
        names or ["A"],
        kinds or [""],
        [(row, *values) for row, values in body] if used else [],
    )
    return Loaded(source, relation, area, [one for one in found if one])


def _padded(row: Sequence[Any], width: int) -> Sequence[Any]:
    return [*row, *([""] * (width - len(row)))]


def _value(value: Any, other: Any) -> Value:
    if value == "":
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        dated = isinstance(other, str) and _FIRST_DAY <= value <= _LAST_DAY
        return _moment(float(value)) if dated else value
    return str(value)


def _moment(days: float) -> str:
    """`2026-11-20`, `2026-11-20 09:30:00`; a time alone is `09:30:00`."""
    moment = _EPOCH + timedelta(seconds=round(days * 86_400))
    if 0 <= days < 1:
        return f"{moment:%H:%M:%S}"
    clock = moment.hour or moment.minute or moment.second
    return moment.isoformat(" ") if clock else moment.date().isoformat()


def _header(value: Value) -> str:
    text = "" if value is None else str(value)
    return re.sub(r"\s+", " ", text).strip()[:100]


def _kind(values: Sequence[Value]) -> str:
    """No affinity where types are mixed: what is compared stays what it was."""
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        return "NUMERIC"
    return "TEXT" if kinds == {str} else ""


def _odd(name: str, letter: str, values: Sequence[tuple[int, Value]]) -> str:
    numbers = [row for row, value in values if isinstance(value, int | float)]
    texts = [row for row, value in values if isinstance(value, str)]
    if not numbers or not texts:
        return ""
    few, noun = (texts, "text") if len(texts) <= len(numbers) else (numbers, "number")
    places = ", ".join(f"{letter}{row}" for row in few[:_FIRST])
    more = "" if len(few) <= _FIRST else ", …"
    other = show.count(max(len(numbers), len(texts)), "number" if noun == "text" else "text")
    return f"{name}: {show.count(len(few), noun)} among {other} ({places}{more})"


def sources(places: Sequence[tuple[str, Place]]) -> list[Source]:
    """Each range under a name: the given one, the table's, or the tab's."""
    taken: set[str] = set()
    return [
        Source(unique(name or (place.table.name if place.table else place.tab.title), taken), place)
        for name, place in places
    ]
