"""Spreadsheets of the demo as plain data: tabs, cells, and what lies over them. No I/O."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.demo.http import Refusal

Json = dict[str, Any]
_CELL: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)")
_OPEN: Final = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d+)?:\$?([A-Za-z]{1,3})?\$?(\d+)?")


def bad(message: str) -> Refusal:
    """400, as Sheets says it."""
    return Refusal(400, message)


def letters(column: int) -> str:
    """0 → A."""
    found, number = "", column + 1
    while number > 0:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def index(column: str) -> int:
    """A → 0."""
    number = 0
    for letter in column.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(slots=True)
class Cell:
    """One cell. `entered` is an ExtendedValue, `look` a CellFormat; `rest`: note, chips, pivot …"""

    entered: Json = field(default_factory=dict[str, Any])
    look: Json = field(default_factory=dict[str, Any])
    rest: Json = field(default_factory=dict[str, Any])

    @property
    def empty(self) -> bool:
        """Nothing was entered."""
        return not self.entered


@dataclass(frozen=True, slots=True)
class Box:
    """Rows and columns of a tab, half open, with all bounds."""

    top: int
    left: int
    bottom: int
    right: int

    def places(self) -> Iterator[tuple[int, int]]:
        """Every cell of it, row by row."""
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                yield row, column

    def meets(self, other: "Box") -> bool:
        """Whether the two share a cell."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(slots=True)
class Tab:
    """A sheet. `properties` is its SheetProperties; `over` is the rest of Google's Sheet."""

    properties: Json
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict[tuple[int, int], Cell])
    over: dict[str, Any] = field(default_factory=dict[str, Any])
    sizes: dict[str, dict[int, Json]] = field(default_factory=lambda: {"ROWS": {}, "COLUMNS": {}})

    @property
    def id(self) -> int:
        """Google's number of it."""
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        """Its name."""
        return str(self.properties["title"])

    @property
    def rows(self) -> int:
        """How many rows the grid has."""
        return int(self.properties["gridProperties"]["rowCount"])

    @property
    def columns(self) -> int:
        """How many columns the grid has."""
        return int(self.properties["gridProperties"]["columnCount"])

    def grow(self, dimension: str, by: int) -> None:
        """More (or fewer) rows or columns at the end."""
        grid = self.properties["gridProperties"]
        grid["rowCount" if dimension == "ROWS" else "columnCount"] += by

    def cell(self, row: int, column: int) -> Cell:
        """The cell, made when there is none."""
        return self.cells.setdefault((row, column), Cell())

    def list(self, name: str) -> list[Json]:
        """One of the lists of `over`: tables, charts, merges …"""
        return self.over.setdefault(name, [])

    def box(self, grid: Mapping[str, Any]) -> Box:
        """A GridRange's bounds inside this tab.

        Raises:
            Refusal: it goes beyond the grid.
        """
        bottom, right = grid.get("endRowIndex", self.rows), grid.get("endColumnIndex", self.columns)
        top, left = grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0)
        if bottom > self.rows or right > self.columns or top >= bottom or left >= right:
            raise bad(
                f"Invalid requests: GridRange out of grid limits: rows {top}-{bottom} of {self.rows}, "
                f"columns {left}-{right} of {self.columns}"
            )
        return Box(top, left, bottom, right)

    def used(self) -> tuple[int, int]:
        """Rows and columns up to the last cell that holds something."""
        places = [place for place, cell in self.cells.items() if not cell.empty]
        return (
            max((row for row, _ in places), default=-1) + 1,
            max((column for _, column in places), default=-1) + 1,
        )


@dataclass(slots=True)
class FakeSpreadsheet:
    """One spreadsheet. `calculated` holds values of formulas until something changes."""

    id: str
    owner: str
    number: Callable[[], int]
    properties: Json
    tabs: list[Tab] = field(default_factory=list[Tab])
    names: list[Json] = field(default_factory=list[dict[str, Any]])
    editors: set[str] = field(default_factory=set[str])
    readers: set[str] = field(default_factory=set[str])
    calculated: dict[tuple[int, int, int], Any] = field(
        default_factory=dict[tuple[int, int, int], Any]
    )

    @property
    def title(self) -> str:
        """Its name."""
        return str(self.properties["title"])

    def add_tab(self, given: Mapping[str, Any]) -> Tab:
        """A new tab of these SheetProperties.

        Raises:
            Refusal: one of that name or number exists.
        """
        title = str(given.get("title") or self._fresh())
        number = int(given.get("sheetId", self.number() if self.tabs else 0))
        if any(one.title.lower() == title.lower() for one in self.tabs):
            raise bad(f'A sheet with the name "{title}" already exists. Please enter another name.')
        if any(one.id == number for one in self.tabs):
            raise bad(f"A sheet with id {number} already exists.")
        grid = {"rowCount": 1000, "columnCount": 26, **given.get("gridProperties", {})}
        at = min(int(given.get("index", len(self.tabs))), len(self.tabs))
        kept = {
            key: value for key, value in given.items() if key not in {"index", "gridProperties"}
        }
        made = Tab(
            {**kept, "sheetId": number, "title": title, "sheetType": "GRID", "gridProperties": grid}
        )
        self.tabs.insert(at, made)
        self.renumber()
        return made

    def _fresh(self) -> str:
        taken = {one.title for one in self.tabs}
        return next(f"Sheet{n}" for n in range(1, 10_000) if f"Sheet{n}" not in taken)

    def renumber(self) -> None:
        """The tabs' indices as they stand."""
        for number, one in enumerate(self.tabs):
            one.properties["index"] = number

    def tab(self, identifier: Any) -> Tab:
        """The tab of a number.

        Raises:
            Refusal: there is none.
        """
        wanted = int(identifier or 0)
        for one in self.tabs:
            if one.id == wanted:
                return one
        raise bad(f"Invalid requests[0]: No grid with id: {wanted}")

    def titled(self, title: str) -> Tab | None:
        """The tab of a name."""
        return next((one for one in self.tabs if one.title.lower() == title.lower()), None)

    def named(self, name: str) -> Json | None:
        """The named range of a name."""
        return next((one for one in self.names if one["name"].lower() == name.lower()), None)

    def range(self, text: str) -> tuple[Tab, Box]:
        """A range in A1, a named range or a tab.

        Raises:
            Refusal: it cannot be read, or starts outside of the grid.
        """
        tab, grid = self._parsed(text)
        top, left = grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0)
        if top >= tab.rows or left >= tab.columns:
            raise bad(
                f"Range ({text}) exceeds grid limits. Max rows: {tab.rows}, max columns: {tab.columns}"
            )
        bottom = min(grid.get("endRowIndex", tab.rows), tab.rows)
        right = min(grid.get("endColumnIndex", tab.columns), tab.columns)
        return tab, Box(top, left, bottom, right)

    def _parsed(self, text: str) -> tuple[Tab, Json]:
        title, rest = _split(text)
        if title is None and (name := self.named(text)):
            return self.tab(name["range"].get("sheetId")), name["range"]
        if title is None and (grid := _bounds(rest)) is not None:
            return self.tabs[0], grid
        tab = self.titled(rest if title is None else title)
        if tab is None:
            raise bad(f"Unable to parse range: {text}")
        if title is None or rest == "":
            return tab, {}
        grid = _bounds(rest)
        if grid is None:
            raise bad(f"Unable to parse range: {text}")
        return tab, grid


def _split(text: str) -> tuple[str | None, str]:
    if text.startswith("'"):
        found = re.fullmatch(r"'((?:[^']|'')+)'(?:!(.+))?", text, re.DOTALL)
        if found is None:
            raise bad(f"Unable to parse range: {text}")
        return found[1].replace("''", "'"), found[2] or ""
    title, mark, rest = text.rpartition("!")
    return (title if mark else None), rest


def _bounds(text: str) -> Json | None:
    if one := _CELL.fullmatch(text):
        row, column = int(one[2]) - 1, index(one[1])
        if row < 0:
            return None
        return {
            "startRowIndex": row, "endRowIndex": row + 1,
            "startColumnIndex": column, "endColumnIndex": column + 1,
        }  # fmt: skip
    found = _OPEN.fullmatch(text)
    if found is None:
        return None
    left, top, right, bottom = found.groups()
    if (left is None) != (right is None) or not ((left or top) and (right or bottom)):
        return None
    if left is None and not (top and bottom):
        return None
    grid: Json = {}
    if left is not None and right is not None:
        grid["startColumnIndex"] = min(index(left), index(right))
        grid["endColumnIndex"] = max(index(left), index(right)) + 1
    rows = sorted(int(one) for one in (top, bottom) if one)
    if rows:
        grid["startRowIndex"] = rows[0] - 1
    if len(rows) == 2:
        grid["endRowIndex"] = rows[1]
    return grid if not rows or rows[0] > 0 else None


def a1(tab: Tab, box: Box) -> str:
    """A range as Google writes it."""
    title = tab.title
    if not re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", title) or re.fullmatch(
        r"[A-Za-z]{1,3}\d+", title
    ):
        title = "'" + title.replace("'", "''") + "'"
    first = f"{letters(box.left)}{box.top + 1}"
    last = f"{letters(box.right - 1)}{box.bottom}"
    return f"{title}!{first}" if first == last else f"{title}!{first}:{last}"
