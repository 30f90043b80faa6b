"""A spreadsheet's JSON → tabs, cells and what lies over them, to be compared. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area

Json = Mapping[str, Any]
Place = tuple[int, int, int]
"""Tab, row, column."""
LISTS: Final = ("merges", "conditionalFormats", "basicFilter", "rowGroups", "columnGroups")
"""Over a tab's cells, without ids."""
IDS: Final[Mapping[str, str]] = {
    "protectedRanges": "protectedRangeId", "filterViews": "filterViewId", "charts": "chartId",
    "bandedRanges": "bandedRangeId", "tables": "tableId",
}  # fmt: skip
"""Over a tab's cells, with ids."""
OVERVIEW: Final = (
    "spreadsheetId,properties(title,locale,timeZone,autoRecalc),namedRanges,"
    f"sheets(properties,{','.join((*LISTS, *IDS))})"
)
CELL: Final = (
    "userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns", "pivotTable",
    "chipRuns",
)  # fmt: skip
_GRID: Final = f"startRow,startColumn,rowData(values({','.join(CELL)}))"
SIZES: Final = ("pixelSize", "hiddenByUser")
_MINE: Final = frozenset({"requestingUserCanEdit", "effectiveFormat"})


def grid_fields(*, sizes: bool) -> str:
    """The mask for cells; `sizes`: with heights and widths."""
    more = f",rowMetadata({','.join(SIZES)}),columnMetadata({','.join(SIZES)})" if sizes else ""
    return f"sheets(properties(sheetId),data({_GRID}{more}))"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a tab, half open."""

    tab: int
    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> int:
        """How many cells."""
        return max(self.bottom - self.top, 0) * max(self.right - self.left, 0)

    def holds(self, place: Place) -> bool:
        """Whether a cell lies in it."""
        tab, row, column = place
        return (
            tab == self.tab and self.top <= row < self.bottom and self.left <= column < self.right
        )

    def places(self) -> Iterator[Place]:
        """Every cell."""
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                yield self.tab, row, column


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tab: its properties, and what lies over it."""

    properties: Json
    over: Json

    @property
    def rows(self) -> int:
        """How many; 0 for a tab that is no grid."""
        return int(self.properties.get("gridProperties", {}).get("rowCount", 0))

    @property
    def columns(self) -> int:
        """How many; 0 for a tab that is no grid."""
        return int(self.properties.get("gridProperties", {}).get("columnCount", 0))

    def count(self, dimension: str) -> int:
        """Rows or columns."""
        return self.rows if dimension == "ROWS" else self.columns


@dataclass(frozen=True, slots=True)
class Book:
    """A spreadsheet without its cells."""

    properties: Json
    names: Mapping[str, Json]
    sheets: Mapping[int, Sheet]

    @classmethod
    def from_api(cls, found: Json) -> "Book":
        """Read what OVERVIEW asked for."""
        sheets = {
            int(one["properties"].get("sheetId", 0)): Sheet(
                one["properties"],
                {key: value for key, value in one.items() if key != "properties" and value},
            )
            for one in found.get("sheets", ())
        }
        names = {one["namedRangeId"]: one for one in found.get("namedRanges", ())}
        return cls(found.get("properties", {}), names, sheets)

    def whole(self, tab: int) -> Box:
        """All cells of a tab."""
        one = self.sheets[tab]
        return Box(tab, 0, 0, one.rows, one.columns)

    def box(self, grid: Json) -> Box | None:
        """A GridRange inside its tab; None when nothing of it is."""
        tab = int(grid.get("sheetId", 0))
        if tab not in self.sheets:
            return None
        one = self.sheets[tab]
        found = Box(
            tab, grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0),
            min(grid.get("endRowIndex", one.rows), one.rows),
            min(grid.get("endColumnIndex", one.columns), one.columns),
        )  # fmt: skip
        return found if found.size else None

    def text(self, box: Box) -> str:
        """A box in A1."""
        title = str(self.sheets[box.tab].properties.get("title", ""))
        return a1.place(title, Area(box.top, box.left, box.bottom, box.right))

    def objects(self) -> dict[tuple[str, str, str], Any]:
        """What is no cell: (tab or "", kind, id or field) → what it is."""
        found: dict[tuple[str, str, str], Any] = {
            ("", "namedRanges", key): one for key, one in self.names.items()
        }
        found |= {("", "properties", key): one for key, one in self.properties.items()}
        for tab, sheet in self.sheets.items():
            found |= dict(_over(str(tab), sheet))
        return found


def _over(tab: str, sheet: Sheet) -> Iterator[tuple[tuple[str, str, str], Any]]:
    for kind in LISTS:
        if kind in sheet.over:
            yield (tab, kind, ""), _plain(sheet.over[kind])
    for kind, key in IDS.items():
        for one in sheet.over.get(kind, ()):
            yield (tab, kind, str(one[key])), _plain(one)
    for key, value in sheet.properties.items():
        if key == "gridProperties":
            for name, inner in value.items():
                if name not in {"rowCount", "columnCount"} and inner:
                    yield (tab, "properties", f"gridProperties.{name}"), inner
        elif key not in {"sheetId", "sheetType"} and (value or key == "index"):
            yield (tab, "properties", key), value


def _plain(node: Any) -> Any:
    """Without what depends on who asks."""
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items() if key not in _MINE}
    return [_plain(one) for one in node] if isinstance(node, list) else node


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells that hold anything, and sizes: (tab, "ROWS" or "COLUMNS", index) → size."""

    cells: Mapping[Place, Json]
    sizes: Mapping[tuple[int, str, int], Json]

    @classmethod
    def from_api(cls, found: Json | None) -> "Grid":
        """Read what `grid_fields` asked for."""
        cells: dict[Place, Json] = {}
        sizes: dict[tuple[int, str, int], Json] = {}
        for sheet in (found or {}).get("sheets", ()):
            tab = int(sheet["properties"].get("sheetId", 0))
            for data in sheet.get("data", ()):
                top, left = data.get("startRow", 0), data.get("startColumn", 0)
                for down, row in enumerate(data.get("rowData", ())):
                    for across, cell in enumerate(row.get("values", ())):
                        if kept := {
                            k: v for k, v in cell.items() if k in CELL and v not in ({}, "", [])
                        }:
                            cells[tab, top + down, left + across] = kept
                for name, start, key in (("ROWS", top, "row"), ("COLUMNS", left, "column")):
                    for number, size in enumerate(data.get(f"{key}Metadata", ())):
                        sizes[tab, name, start + number] = {k: v for k, v in size.items() if v}
        return cls(cells, sizes)


def digest(value: Any) -> str:
    """Twelve letters that are the same for what is the same; "" for nothing."""
    if value in (None, {}, [], ""):
        return ""
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def covering(places: Sequence[Place]) -> list[Box]:
    """For each tab the box around its places."""
    found: list[Box] = []
    for tab in sorted({one for one, _, _ in places}):
        rows = [row for one, row, _ in places if one == tab]
        columns = [column for one, _, column in places if one == tab]
        found.append(Box(tab, min(rows), min(columns), max(rows) + 1, max(columns) + 1))
    return found
