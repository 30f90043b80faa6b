"""What is in a spreadsheet, in one answer that a model can plan from.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.formats import a1, show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.sheets.cells import one_line
from workspace_mcp.services.sheets.looks import described
from workspace_mcp.services.sheets.spreadsheets import Address, Book, Tab
from workspace_mcp.tools import View

_HEADERS: Final = 40
_HEAD_ROWS: Final = 5
_LINES: Final = 30
_MOST: Final = 40
"""Tabs whose first rows are read."""
_FIELDS: Final = (
    "spreadsheetId,properties(title,locale,timeZone),namedRanges,sheets(properties,tables,merges,"
    "protectedRanges,basicFilter(range),filterViews(filterViewId,title,range),conditionalFormats,"
    "bandedRanges(range),charts(chartId,position,spec(title,basicChart(chartType),pieChart(legendPosition),altText)))"
)


@dataclass(frozen=True, slots=True)
class Overview(View):
    """A spreadsheet's parts. `heads`: for each tab's id, its first row with anything in it."""

    book: Book
    answer: Mapping[str, Any]
    heads: Mapping[int, tuple[int, Sequence[str]]]

    def text(self, fence: Fence) -> str:
        """Tabs with their headers, then what lies over them."""
        properties = self.answer["properties"]
        first = (
            f"{fence.quoted(self.book.title, 80)} [{self.book.id}], {show.count(len(self.book.tabs), 'tab')}, "
            f"locale {properties.get('locale', '?')}, zone {properties.get('timeZone', '?')}"
        )
        return f"{first}\n{fence.block('spreadsheet', chr(10).join(self._lines()))}"

    def _lines(self) -> Iterator[str]:
        for tab, sheet in zip(self.book.tabs, self.answer["sheets"], strict=True):
            yield self._tab(tab)
            yield from self._over(tab, sheet)
        names = [
            f"{one.name} = {a1.place(self._title(one.sheet), one.area)}" for one in self.book.names
        ]
        yield from _listed("names", names)

    def _title(self, sheet: int) -> str:
        return next((one.title for one in self.book.tabs if one.id == sheet), "?")

    def _tab(self, tab: Tab) -> str:
        if tab.kind != "GRID":
            return f"{a1.quoted(tab.title)} ({tab.kind.lower()})"
        notes = [f"{tab.rows:,} rows x {tab.columns} columns ({a1.letters(tab.columns - 1)})"]
        notes += ["hidden"] if tab.hidden else []
        if tab.frozen_rows or tab.frozen_columns:
            notes.append(f"frozen {tab.frozen_rows} rows, {tab.frozen_columns} columns")
        line = f"{a1.quoted(tab.title)}: {', '.join(notes)}"
        row, cells = self.heads.get(tab.id, (0, ()))
        if not cells:
            return f"{line}; nothing in rows 1-{min(_HEAD_ROWS, tab.rows)}"
        named = [f"{a1.letters(n)} {one_line(text, 40)}" for n, text in enumerate(cells) if text]
        more = f" … +{len(named) - _HEADERS}" if len(named) > _HEADERS else ""
        return f"{line}\n  row {row + 1}: {' | '.join(named[:_HEADERS])}{more}"

    def _over(self, tab: Tab, sheet: Mapping[str, Any]) -> Iterator[str]:
        tables = [
            f"{one.name} {one.area.text()} ({', '.join(_column(*column) for column in one.columns)})"
            for one in tab.tables
        ]
        yield from _listed("tables", tables, indent="  ")
        yield from _listed("charts", [_chart(one) for one in sheet.get("charts", ())], indent="  ")
        protected = [_protected(one) for one in sheet.get("protectedRanges", ())]
        yield from _listed("protected", protected, indent="  ")
        if "basicFilter" in sheet:
            yield f"  filter: {_area(sheet['basicFilter'])}"
        views = [
            f"#{one['filterViewId']} {one.get('title', '')} {_area(one)}"
            for one in sheet.get("filterViews", ())
        ]
        yield from _listed("filter views", views, indent="  ")
        rules = [f"#{n} {_rule(one)}" for n, one in enumerate(sheet.get("conditionalFormats", ()))]
        yield from _listed("conditional formats", rules, indent="  ")
        merges = [Area.from_api(one).text() for one in sheet.get("merges", ())]
        if merges:
            more = f" … +{len(merges) - _LINES}" if len(merges) > _LINES else ""
            yield f"  merged: {' '.join(merges[:_LINES])}{more}"
        if banded := [_area(one) for one in sheet.get("bandedRanges", ())]:
            yield f"  banded: {' '.join(banded[:_LINES])}"


def _listed(name: str, lines: Sequence[str], indent: str = "") -> Iterator[str]:
    if lines:
        yield f"{indent}{name}:"
        yield from (f"{indent}  {one_line(one, 600)}" for one in lines[:_LINES])
        if len(lines) > _LINES:
            yield f"{indent}  and {len(lines) - _LINES} more"


def _column(name: str, kind: str) -> str:
    plain = kind in {"", "COLUMN_TYPE_UNSPECIFIED", "TEXT"}
    return name if plain else f"{name} {kind.lower()}"


def _area(one: Mapping[str, Any]) -> str:
    return Area.from_api(one.get("range", {})).text() or "the whole tab"


def _chart(chart: Mapping[str, Any]) -> str:
    spec = chart.get("spec", {})
    kind = (
        spec.get("basicChart", {})
        .get("chartType", "pie" if "pieChart" in spec else "other")
        .lower()
    )
    anchor = chart.get("position", {}).get("overlayPosition", {}).get("anchorCell", {})
    at = a1.cell(anchor.get("rowIndex", 0), anchor.get("columnIndex", 0))
    return f"#{chart['chartId']} {kind} {spec.get('title', '')} at {at}"


def _protected(one: Mapping[str, Any]) -> str:
    who = ", ".join(one.get("editors", {}).get("users", ()))
    rule = "warns" if one.get("warningOnly") else f"only {who or 'its owner'}"
    mine = "" if one.get("requestingUserCanEdit", True) else ", not you"
    said = one.get("description", "")
    return f"#{one['protectedRangeId']} {_area(one)} ({rule}{mine}) {said}".rstrip()


def _rule(rule: Mapping[str, Any]) -> str:
    where = " ".join(Area.from_api(one).text() or "all" for one in rule.get("ranges", ()))
    if "gradientRule" in rule:
        return f"{where} colour scale"
    condition = rule.get("booleanRule", {}).get("condition", {})
    values = " ".join(one.get("userEnteredValue", "") for one in condition.get("values", ()))
    look = described(rule.get("booleanRule", {}).get("format", {}))
    return f"{where} {condition.get('type', '').lower()} {values} -> {look}"


async def overview(google: Google, address: Address) -> Overview:
    """Everything but the cells, and the first rows of each tab: two requests."""
    answer = await google.get(address.resource, fields=_FIELDS)
    book = Book.from_api(answer, address.tab)
    tabs = [one for one in book.tabs if one.kind == "GRID" and one.rows][:_MOST]
    ranges = [a1.place(one.title, Area(0, None, min(_HEAD_ROWS, one.rows), None)) for one in tabs]
    heads: dict[int, tuple[int, Sequence[str]]] = {}
    if ranges:
        values = address.resource.sub("values").verb("batchGet")
        found = await google.get(values, ranges=ranges, fields="valueRanges(values)")
        for tab, one in zip(tabs, found.get("valueRanges", ()), strict=False):
            for row, cells in enumerate(one.get("values", ())):
                if any(cells):
                    heads[tab.id] = row, [str(cell) for cell in cells]
                    break
    return Overview(book, answer, heads)
