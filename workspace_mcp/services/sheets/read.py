"""Reading a spreadsheet: what is in it, or cells as compact tables.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/get
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError, InvalidRequestError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.sheets.cells import Grid, Printed, Show, extras, fields, table
from workspace_mcp.services.sheets.overview import overview
from workspace_mcp.services.sheets.spreadsheets import Address, Book, Place, SheetId, Tab, fetched
from workspace_mcp.tools import Effect, Tier, View, tool

_BYTES: Final = 8_500
_LONGEST: Final = 60_000
_WINDOW: Final = 40_000
"""Cells that are asked for at once."""
_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A range as it was asked for, and the part of it that is read now."""

    tab: str
    area: Area
    window: Area

    @classmethod
    def of(cls, tab: str, area: Area) -> "Wanted":
        """With a window that is never larger than what an answer could show."""
        width = 26 if area.right is None else area.right - (area.left or 0)
        most = min(_ROWS, max(_WINDOW // max(width, 1), 20))
        top = area.top or 0
        if area.bottom is not None and area.bottom - top <= most:
            return cls(tab, area, area)
        left = area.left if area.right is not None else None
        return cls(tab, area, Area(top, left, top + most, area.right))


@dataclass(frozen=True, slots=True)
class Part:
    """A range with its cells, as far as they were read."""

    wanted: Wanted
    tab: Tab
    grid: Grid


@dataclass(frozen=True, slots=True)
class Cells(View):
    """Ranges as tables; what is missing, and how to go on."""

    title: str
    id: str
    parts: Sequence[Part]
    show: Sequence[Show]
    unformatted: bool
    limit: int

    def text(self, fence: Fence) -> str:
        """A heading and a block a range."""
        lines = [f"{fence.quoted(self.title, 80)} [{self.id}]"]
        left, rest = self.limit, list[str]()
        for number, part in enumerate(self.parts):
            share = max(left // (len(self.parts) - number), 200)
            said, more = self._part(part, share, fence)
            left -= len(said.encode())
            lines.append(said)
            rest += [more] if more else []
        if rest:
            lines.append(
                "To go on: ranges=[" + ", ".join(f'"{fence.line(one)}"' for one in rest) + "]"
            )
        return "\n".join(lines)

    def _part(self, part: Part, limit: int, fence: Fence) -> tuple[str, str]:
        """What is shown of a range, and the range that is left."""
        printed = table(part.grid, limit, unformatted=self.unformatted)
        box = part.wanted.area.within(part.tab.rows, part.tab.columns)
        read_to = part.wanted.window.within(part.tab.rows, part.tab.columns).bottom or 0
        end = printed.end if printed.end is not None else read_to
        cut = end < (box.bottom or 0)
        seen = Area(box.top, box.left, end, box.right)
        lines = [fence.line(a1.place(part.tab.title, seen))]
        if cut:
            lines[0] += (
                f" (rows {end + 1}-{box.bottom} are not shown; the tab has {part.tab.rows:,} rows)"
            )
        lines.append(self._block(part, printed, end, limit, fence))
        if printed.cut:
            lines.append("…+n: n more characters; read that cell alone for all of it.")
        rest = Area(end, part.wanted.area.left, part.wanted.area.bottom, part.wanted.area.right)
        if cut and rest.right is None:
            rest = Area(end, box.left, part.wanted.area.bottom, box.right)
        return "\n".join(lines), a1.place(part.tab.title, rest) if cut else ""

    def _block(self, part: Part, printed: Printed, end: int, limit: int, fence: Fence) -> str:
        more = extras(part.grid, self.show, end)
        room = max(limit - len(printed.text.encode()), limit // 2)
        kept: list[str] = []
        for line in more:
            room -= len(line.encode()) + 1
            if room < 0:
                break
            kept.append(line)
        body = "\n".join(one for one in [printed.text, *kept] if one)
        said = fence.block("cells", body) if body else "These cells are empty."
        if len(kept) < len(more):
            said += (
                f"\n{len(more) - len(kept)} more lines on {', '.join(self.show)}: read fewer rows."
            )
        return said


@tool(
    title="Read a spreadsheet", needs=[Scope.SHEETS_READONLY], effect=Effect.READS, tier=Tier.CORE
)
async def sheets_read(
    google: Google,
    sheet: SheetId,
    ranges: Annotated[
        list[str] | None,
        Field(
            description="Data!A1:F50, 'My tab'!A:C, a tab, table, Table[Column] or named range.",
            max_length=20,
        ),
    ] = None,
    show: list[Show] | None = None,
    unformatted: Annotated[bool, Field(description="Plain numbers; dates as day numbers.")] = False,
    limit: Annotated[int, Field(ge=500, le=_LONGEST, description="Bytes.")] = _BYTES,
) -> View:
    """Without ranges: tabs, sizes, headers, tables, names, charts. With ranges: cells in rows.

    Rows and columns carry their true numbers and letters; blank rows are left out. For filters
    and sums over many rows use sheets_query.
    """
    address = Address.of(sheet)
    if not ranges:
        return await overview(google, address)
    wanted = await _wanted(google, address, ranges)
    chosen = show or ["values"]
    mask = fields(chosen, unformatted=unformatted)
    try:
        answer = await google.get(
            address.resource,
            ranges=[a1.place(one.tab, one.window) for one in wanted],
            fields="spreadsheetId,properties(title),sheets(properties(sheetId,title,index,gridProperties),"
            f"data(startRow,startColumn,rowData(values({mask}))))",
        )
    except InvalidRequestError:
        _places(await fetched(google, address), ranges)  # says which one is wrong, and why
        raise
    return Cells(
        answer["properties"]["title"], answer["spreadsheetId"], _parts(wanted, answer), chosen,
        unformatted, limit,
    )  # fmt: skip


async def _wanted(google: Google, address: Address, ranges: Sequence[str]) -> list[Wanted]:
    """What each text means; the spreadsheet is only asked when a text needs it."""
    found = [a1.parsed(one) for one in ranges]
    if all(one.tab is not None and one.area is not None for one in found):
        return [Wanted.of(one.tab or "", one.area or Area()) for one in found]
    places = _places(await fetched(google, address), ranges)
    return [Wanted.of(one.tab.title, one.area) for one in places]


def _places(book: Book, ranges: Sequence[str]) -> list[Place]:
    """The cells of each range.

    Raises:
        ArgumentError: there are none; with the range's number among several.
    """
    found: list[Place] = []
    for number, one in enumerate(ranges):
        try:
            found.append(book.place(one))
        except ArgumentError as error:
            if len(ranges) == 1:
                raise
            raise ArgumentError(f"ranges[{number}]: {error.what}", error.remedy) from error
    return found


def _parts(wanted: Sequence[Wanted], answer: Mapping[str, Any]) -> list[Part]:
    """Google gives the data by tab, and in each tab in the order of the ranges."""
    tabs = {one.title.casefold(): one for one in map(Tab.from_api, answer["sheets"])}
    data = {
        str(one["properties"]["title"]).casefold(): iter(one.get("data", ()))
        for one in answer["sheets"]
    }
    return [
        Part(one, tabs[one.tab.casefold()], Grid.from_api(next(data[one.tab.casefold()])))
        for one in wanted
    ]
