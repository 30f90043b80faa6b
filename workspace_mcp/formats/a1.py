"""A1 as people write it ↔ rows and columns. No I/O.

Rows and columns count from 0 here and end before their bound, as in Google's GridRange.

Source: developers.google.com/workspace/sheets/api/guides/concepts#cell
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.errors import ArgumentError

COLUMNS: Final = 18_278
"""ZZZ is the last column that Google counts."""
ROWS: Final = 10_000_000
_CELL: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,7})")
_HALF: Final = re.compile(r"(?:\$?([A-Za-z]{1,3}))?(?:\$?([1-9][0-9]{0,7}))?")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AMBIGUOUS: Final = re.compile(
    r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*([Cc][0-9]*)?|[Cc][0-9]*|true|false", re.I
)
_TABLE: Final = re.compile(r"([^\s\[\]'!:]+)\[([^\[\]]+)\]")
_REMEDY: Final = (
    "Write it like Data!A1:F50, 'My tab'!B2:D, A:C, 5:20, or the name of a range or tab."
)


def letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    found = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def number_of(column: str) -> int:
    """A → 0, AA → 26; upper or lower case."""
    number = 0
    for letter in column.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a tab. None: up to that edge of the tab."""

    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    @classmethod
    def from_api(cls, grid: Mapping[str, Any]) -> "Area":
        """Read a `GridRange`; its sheet is left away."""
        return cls(
            grid.get("startRowIndex"), grid.get("startColumnIndex"),
            grid.get("endRowIndex"), grid.get("endColumnIndex"),
        )  # fmt: skip

    def grid(self, sheet: int) -> dict[str, int]:
        """As a `GridRange` of a sheet."""
        bounds = {
            "startRowIndex": self.top, "startColumnIndex": self.left,
            "endRowIndex": self.bottom, "endColumnIndex": self.right,
        }  # fmt: skip
        return {"sheetId": sheet} | {
            key: value for key, value in bounds.items() if value is not None
        }

    def text(self) -> str:
        """`A1:B2`, `C3`, `A:C`, `5:20`, `B2:D`; "" for a whole tab."""
        top, left = self.top or 0, self.left or 0
        if self.bottom is None and self.right is None:
            return f"{letters(left)}{top + 1}:{letters(COLUMNS - 1)}" if top or left else ""
        if self.right is None and not left:
            return f"{top + 1}:{self.bottom}"
        last = letters((self.right or COLUMNS) - 1)
        if self.bottom is None:
            return f"{letters(left)}{top + 1 if top else ''}:{last}"
        first, end = f"{letters(left)}{top + 1}", f"{last}{self.bottom}"
        return first if first == end else f"{first}:{end}"

    def within(self, rows: int, columns: int) -> "Area":
        """All four bounds, inside a tab of so many rows and columns."""
        bottom, right = self.bottom or rows, self.right or columns
        return Area(self.top or 0, self.left or 0, min(bottom, rows), min(right, columns))

    @property
    def height(self) -> int:
        """Rows; the bounds must be known."""
        assert self.bottom is not None
        return self.bottom - (self.top or 0)

    @property
    def width(self) -> int:
        """Columns; the bounds must be known."""
        assert self.right is not None
        return self.right - (self.left or 0)


def cell(row: int, column: int) -> str:
    """`B3` of row 2, column 1."""
    return f"{letters(column)}{row + 1}"


@dataclass(frozen=True, slots=True)
class Reference:
    """What somebody wrote. Without `tab` and `area` it is a `name`: a tab's, a range's, a table's."""

    tab: str | None = None
    area: Area | None = None
    name: str = ""
    column: str = ""
    """A table's column, of `Orders[Amount]`."""

    def text(self) -> str:
        """As Google reads it."""
        if self.name:
            return f"{self.name}[{self.column}]" if self.column else self.name
        return place(self.tab, self.area or Area())


def quoted(tab: str) -> str:
    """A tab's name as it stands before "!": in quotes where it could be read as something else."""
    if _PLAIN.fullmatch(tab) and not _AMBIGUOUS.fullmatch(tab):
        return tab
    return "'" + tab.replace("'", "''") + "'"


def place(tab: str | None, area: Area) -> str:
    """`'My tab'!A1:B2`; the tab alone when the area is all of it."""
    text = area.text()
    if tab is None:
        return text
    return f"{quoted(tab)}!{text}" if text else quoted(tab)


def parsed(text: str) -> Reference:
    """What `text` refers to.

    Raises:
        ArgumentError: it is no range, and no name either.
    """
    given = text.strip()
    if given.startswith("'"):
        return _after_quotes(given)
    tab, mark, rest = given.rpartition("!")
    if mark:
        return Reference(_named(tab), _area(rest) if rest.strip() else Area())
    if area := _tried(given):
        return Reference(area=area)
    if found := _TABLE.fullmatch(given):
        return Reference(name=found[1], column=found[2])
    return Reference(name=_named(given))


def _after_quotes(given: str) -> Reference:
    found = re.fullmatch(r"'((?:[^']|'')+)'(?:!(.*))?", given, re.DOTALL)
    if found is None:
        raise ArgumentError("A quoted tab name is not closed, or is empty.", _REMEDY)
    tab = _named(found[1].replace("''", "'"))
    return Reference(tab, _area(found[2]) if found[2] else Area())


def _named(text: str) -> str:
    if not text or re.search(r"[\x00-\x1f\x7f]", text) or len(text) > 250:
        raise ArgumentError("That is no range.", _REMEDY)
    return text


def _area(text: str) -> Area:
    found = _tried(text.strip())
    if found is None:
        raise ArgumentError("What stands behind the ! is no range of cells.", _REMEDY)
    return found


def _tried(text: str) -> Area | None:
    """`text` as an area; None when it is none."""
    first, colon, last = (part.strip() for part in text.partition(":"))
    if not colon:
        one = _CELL.fullmatch(first)
        return _spanned(one[1], one[2], one[1], one[2]) if one else None
    one, two = _HALF.fullmatch(first), _HALF.fullmatch(last)
    if not (first and last and one and two):
        return None
    return _spanned(one[1], one[2], two[1], two[2])


def _spanned(
    left: str | None, top: str | None, right: str | None, bottom: str | None
) -> Area | None:
    if (left is None) != (right is None) or (top is None and bottom is not None and left is None):
        return None
    if left is None and (top is None or bottom is None):
        return None
    columns = sorted(number_of(one) for one in (left, right) if one)
    if top is None and bottom is not None:  # A:B5 is what Google calls A5:B
        top, bottom = bottom, None
    rows = [int(one) - 1 for one in (top, bottom) if one]
    if bottom is not None:
        rows.sort()
    if any(column >= COLUMNS for column in columns) or any(row >= ROWS for row in rows):
        return None
    return Area(
        rows[0] if rows else None,
        columns[0] if columns else None,
        rows[1] + 1 if len(rows) == 2 else None,
        columns[1] + 1 if columns else None,
    )
