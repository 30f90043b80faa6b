"""SQL over a spreadsheet: filters, joins and sums without reading everything into an answer.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/batchGet
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import anyio.to_thread
from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1, show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.sheets.cells import one_line, raw
from workspace_mcp.services.sheets.relations import Loaded, Source, loaded, sources
from workspace_mcp.services.sheets.spreadsheets import Address, Book, Place, SheetId, fetched
from workspace_mcp.services.sheets.sql import Result, checked, selected
from workspace_mcp.tools import Effect, Tier, View, tool

_BYTES: Final = 8_500
_ALIAS: Final = re.compile(r"\s*([A-Za-z_]\w{0,60})\s*=\s*(.+)", re.DOTALL)
_CELLS: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Answer(View):
    """Rows of a query, and what they were made of."""

    result: Result
    loaded: Sequence[Loaded]

    def text(self, fence: Fence) -> str:
        """What was read, then a table; what is missing of it."""
        lines = [self._read(one, fence) for one in self.loaded]
        rows = ["\t".join(one_line(one, 100) for one in self.result.columns)]
        used = len(rows[0].encode())
        for row in self.result.rows:
            line = "\t".join("" if value is None else one_line(raw(value)) for value in row)
            used += len(line.encode()) + 1
            if used > _BYTES and len(rows) > 1:
                break
            rows.append(line)
        count = len(rows) - 1
        lines.append(
            f"{show.count(self.result.total, 'row')} found{'' if count == self.result.total else f', {count} shown'}"
        )
        lines.append(fence.block("rows", "\n".join(rows)))
        if count < self.result.total:
            lines.append(
                "Not all rows are shown: aggregate, filter, or go on with LIMIT and OFFSET."
            )
        return "\n".join(lines)

    @staticmethod
    def _read(one: Loaded, fence: Fence) -> str:
        place = a1.place(one.source.place.tab.title, one.area)
        rows = show.count(len(one.relation.rows), "row")
        said = f"Read {fence.line(one.source.name)} = {fence.line(place)}, {rows} below the header"
        odd = "; ".join(fence.line(text) for text in one.odd)
        return f"{said}\n  Mixed (texts do not sum): {odd}" if odd else said


@tool(
    title="Query a spreadsheet", needs=[Scope.SHEETS_READONLY], effect=Effect.READS, tier=Tier.CORE
)
async def sheets_query(
    google: Google,
    sheet: SheetId,
    sql: Annotated[str, Field(description="select Region, sum(Amount) from Sales group by 1")],
    ranges: Annotated[
        list[str] | None,
        Field(
            description="Default: tabs and tables that sql names. alias=Data!A3:F names one.",
            max_length=20,
        ),
    ] = None,
    max: Annotated[int, Field(ge=1, le=1000)] = 100,
) -> View:
    """Run one SQLite SELECT over a spreadsheet. A range's first row names its columns.

    rowid is the sheet's row number; dates are texts like 2026-11-20; blanks are NULL.
    """
    checked(sql)
    address = Address.of(sheet)
    book = await fetched(google, address)
    chosen = sources(_given(book, ranges) if ranges else _named(book, sql))
    cells = sum(one.place.box.height * one.place.box.width for one in chosen)
    if cells > _CELLS:
        raise ArgumentError(
            "These ranges have too many cells.", "Give ranges with fewer rows or columns."
        )
    found = await _loaded(google, address, chosen)
    result = await anyio.to_thread.run_sync(selected, [one.relation for one in found], sql, max)
    return Answer(result, found)


def _given(book: Book, ranges: Sequence[str]) -> list[tuple[str, Place]]:
    found: list[tuple[str, Place]] = []
    for one in ranges:
        alias = _ALIAS.fullmatch(one)
        name, text = (alias[1], alias[2]) if alias else ("", one)
        plain = a1.parsed(text)
        found.append((name or (plain.name if not plain.column else ""), book.place(text)))
    return found


def _named(book: Book, sql: str) -> list[tuple[str, Place]]:
    """The tables, named ranges and tabs whose names stand in the SQL."""
    low = sql.casefold()
    every = [(one.name, Place(tab, one.area, one)) for tab in book.tabs for one in tab.tables]
    every += [(one.name, Place(book.by_id(one.sheet), one.area)) for one in book.names]
    every += [(one.title, Place(one, a1.Area())) for one in book.tabs if one.kind == "GRID"]
    found: dict[str, tuple[str, Place]] = {}
    for name, place in every:
        if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", low):
            found.setdefault(name.casefold(), (name, place))
    return list(found.values())


async def _loaded(google: Google, address: Address, chosen: Sequence[Source]) -> list[Loaded]:
    if not chosen:
        return []
    values = address.resource.sub("values").verb("batchGet")
    ranges = [a1.place(one.place.tab.title, one.place.area) for one in chosen]
    query = {
        "ranges": ranges,
        "valueRenderOption": "UNFORMATTED_VALUE",
        "fields": "valueRanges(range,values)",
    }
    plain = await google.get_large(values, **query, dateTimeRenderOption="SERIAL_NUMBER")
    dated = await google.get_large(values, **query, dateTimeRenderOption="FORMATTED_STRING")
    return await anyio.to_thread.run_sync(
        lambda: [
            loaded(one, first, second)
            for one, first, second in zip(
                chosen, plain["valueRanges"], dated["valueRanges"], strict=True
            )
        ]
    )
