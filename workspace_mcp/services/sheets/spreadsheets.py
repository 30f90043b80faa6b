"""Spreadsheets as the tools share them: ids and addresses, tabs, and ranges by any of their names.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource, collection

SPREADSHEETS: Final = collection("https://sheets.googleapis.com/v4/spreadsheets")
MIME: Final = "application/vnd.google-apps.spreadsheet"
_URL: Final = re.compile(r"https?://docs\.google\.com/(?:\w+/)*d/([\w-]+)(\S*)", re.ASCII)
_TAB: Final = (
    "properties(sheetId,title,index,sheetType,hidden,gridProperties),"
    "tables(tableId,name,range,columnProperties)"
)
FIELDS: Final = f"spreadsheetId,properties(title),namedRanges,sheets({_TAB})"
CELLS: Final = 10_000_000
"""Google's most in a spreadsheet."""
SheetId = Annotated[str, Field(description="Id or URL.")]
LOOK: Final = "sheets_read without ranges shows the tabs, names and tables."


@dataclass(frozen=True, slots=True)
class Address:
    """A spreadsheet, and the tab that its URL names."""

    id: str
    tab: int | None = None

    @classmethod
    def of(cls, given: str) -> "Address":
        """From an id or a URL of Google's."""
        found = _URL.fullmatch(given.strip())
        if found is None:
            return cls(given.strip())
        tab = re.search(r"[?&#]gid=(\d{1,10})", found[2])
        return cls(found[1], int(tab[1]) if tab else None)

    @property
    def resource(self) -> Resource:
        """Where the API has it.

        Raises:
            ArgumentError: it is no id.
        """
        return SPREADSHEETS.item(self.id)


@dataclass(frozen=True, slots=True)
class Table:
    """A native table. `columns` are names and Google's types; the area has the header in it."""

    id: str
    name: str
    area: Area
    columns: tuple[tuple[str, str], ...]

    @classmethod
    def from_api(cls, table: Mapping[str, Any]) -> "Table":
        """Read a `Table`."""
        columns = tuple(
            (str(one.get("columnName", "")), str(one.get("columnType", "")))
            for one in table.get("columnProperties", ())
        )
        area = Area.from_api(table["range"])
        return cls(table["tableId"], table.get("name", ""), area, columns)


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet with its grid. `rows` and `columns` are the grid's, whether filled or not."""

    id: int
    title: str
    index: int
    rows: int
    columns: int
    hidden: bool = False
    frozen_rows: int = 0
    frozen_columns: int = 0
    kind: str = "GRID"
    tables: tuple[Table, ...] = ()

    @classmethod
    def from_api(cls, sheet: Mapping[str, Any]) -> "Tab":
        """Read a `Sheet`."""
        properties = sheet["properties"]
        grid = properties.get("gridProperties", {})
        return cls(
            properties.get("sheetId", 0), properties.get("title", ""), properties.get("index", 0),
            grid.get("rowCount", 0), grid.get("columnCount", 0), properties.get("hidden", False),
            grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0),
            properties.get("sheetType", "GRID"),
            tuple(Table.from_api(one) for one in sheet.get("tables", ())),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A range of a tab; of a native table when it was asked for by name."""

    tab: Tab
    area: Area
    table: Table | None = None

    @property
    def box(self) -> Area:
        """The range with all its bounds, inside the grid."""
        return self.area.within(self.tab.rows, self.tab.columns)

    @property
    def grid(self) -> dict[str, int]:
        """As a `GridRange`."""
        return self.area.grid(self.tab.id)

    @property
    def corner(self) -> dict[str, int]:
        """Its first cell as a `GridCoordinate`."""
        return {
            "sheetId": self.tab.id,
            "rowIndex": self.area.top or 0,
            "columnIndex": self.area.left or 0,
        }

    def text(self) -> str:
        """As people write it, with the tab. The tab's name is a stranger's text."""
        return a1.place(self.tab.title, self.area)

    def at(self, area: Area) -> "Place":
        """Another range of the same tab."""
        return replace(self, area=area)


@dataclass(frozen=True, slots=True)
class Name:
    """A named range."""

    id: str
    name: str
    sheet: int
    area: Area


@dataclass(frozen=True, slots=True)
class Book:
    """A spreadsheet as ranges are looked up in it."""

    id: str
    title: str
    tabs: tuple[Tab, ...]
    names: tuple[Name, ...] = ()
    first: int | None = None
    """The tab that the URL named."""

    @classmethod
    def from_api(cls, answer: Mapping[str, Any], first: int | None = None) -> "Book":
        """Read a `Spreadsheet` that was fetched with FIELDS."""
        names = tuple(
            Name(one["namedRangeId"], one["name"], one["range"].get("sheetId", 0), Area.from_api(one["range"]))
            for one in answer.get("namedRanges", ())
        )  # fmt: skip
        tabs = tuple(Tab.from_api(one) for one in answer.get("sheets", ()))
        return cls(answer["spreadsheetId"], answer["properties"]["title"], tabs, names, first)

    def tab(self, title: str) -> Tab:
        """The tab of a name.

        Raises:
            ArgumentError: there is none.
        """
        exact = [one for one in self.tabs if one.title == title]
        found = exact or [one for one in self.tabs if one.title.casefold() == title.casefold()]
        if not found:
            raise ArgumentError("There is no tab of that name.", LOOK)
        return found[0]

    def by_id(self, sheet: int) -> Tab:
        """The tab of Google's number for it.

        Raises:
            ArgumentError: there is none.
        """
        for one in self.tabs:
            if one.id == sheet:
                return one
        raise ArgumentError("That tab is not there any more.", LOOK)

    def home(self) -> Tab:
        """The tab that is meant when none is named: the URL's, else the first that is shown."""
        if self.first is not None and any(one.id == self.first for one in self.tabs):
            return self.by_id(self.first)
        shown = [one for one in self.tabs if not one.hidden]
        return (shown or self.tabs)[0]

    def place(self, text: str, *, beyond: bool = False) -> Place:
        """The cells that `text` means; `beyond`: the grid may grow for them.

        Raises:
            ArgumentError: no such tab, name or table; two of them; or outside of the grid.
        """
        return _inside(self._place(a1.parsed(text)), beyond=beyond)

    def goal(self, text: str, source: Place) -> Place:
        """Where something goes: cells without a tab are of the tab that it comes from.

        Raises:
            ArgumentError: as `place`.
        """
        found = a1.parsed(text)
        place = self._place(found)
        if found.tab is None and found.area is not None:
            place = source.at(found.area)
        return _inside(place, beyond=False)

    def _place(self, found: a1.Reference) -> Place:
        if found.tab is not None:
            return Place(self.tab(found.tab), found.area or Area())
        if found.area is not None:
            if any(one.title.casefold() == found.text().casefold() for one in self.tabs):
                raise ArgumentError(
                    f"{found.text()} is a cell and a tab here.",
                    f"Write '{found.text()}' in quotes for the tab, or Tab!{found.text()} for the cell.",
                )
            return Place(self.home(), found.area)
        return self._by_name(found.name, found.column)

    def _by_name(self, name: str, column: str) -> Place:
        key = name.casefold()
        ranges = [
            Place(self.by_id(one.sheet), one.area)
            for one in self.names
            if one.name.casefold() == key
        ]
        tables = [
            Place(tab, one.area, one)
            for tab in self.tabs for one in tab.tables if one.name.casefold() == key
        ]  # fmt: skip
        if column:
            return _column(tables[0], column) if tables else self._none()
        tabs = [Place(one, Area()) for one in self.tabs if one.title.casefold() == key]
        every = [*ranges, *tables, *tabs]
        if len(every) > 1:
            raise ArgumentError(
                "That name stands for more than one of: a tab, a table, a named range.",
                "Write the tab's name in quotes, or the range in A1.",
            )
        return every[0] if every else self._none()

    def _none(self) -> Place:
        raise ArgumentError("No tab, named range or table has that name, and it is no range.", LOOK)


def _column(place: Place, column: str) -> Place:
    table = place.table
    assert table is not None
    for number, (name, _) in enumerate(table.columns):
        if name.casefold() == column.strip().casefold():
            left = (table.area.left or 0) + number
            top = (table.area.top or 0) + 1
            return Place(place.tab, Area(top, left, table.area.bottom, left + 1), table)
    raise ArgumentError("The table has no column of that name.", LOOK)


def _inside(place: Place, *, beyond: bool) -> Place:
    tab, area = place.tab, place.area
    if tab.kind != "GRID":
        raise ArgumentError("That tab has no cells: it is a chart or connected data.")
    rows, columns = max(tab.rows, area.bottom or 0), max(tab.columns, area.right or 0)
    if beyond and rows * columns <= CELLS:
        return place
    if (area.top or 0) >= tab.rows or (area.left or 0) >= tab.columns:
        raise ArgumentError(
            f"That is outside of the tab: it has {tab.rows:,} rows and {tab.columns} columns, "
            f"up to {a1.cell(tab.rows - 1, tab.columns - 1)}."
        )
    return place


async def fetched(google: Google, address: Address, fields: str = FIELDS) -> Book:
    """Tabs, named ranges and tables, without any cell."""
    answer = await google.get(address.resource, fields=fields)
    return Book.from_api(answer, address.tab)


def where(places: Sequence[Place]) -> list[str]:
    """The places as Google takes them as `ranges`."""
    return [a1.place(one.tab.title, one.area) for one in places]
