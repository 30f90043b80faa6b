"""The collection `spreadsheets.values`: read, write, append, clear. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workspace_mcp.demo.sheets.book import Box, FakeSpreadsheet, Json, Tab, a1, bad, letters
from workspace_mcp.demo.sheets.dimensions import insert
from workspace_mcp.demo.sheets.entered import stored
from workspace_mcp.demo.sheets.render import value_range

PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to "
    "remove protection if you need to edit."
)


def may_edit(book: FakeSpreadsheet, tab: Tab, box: Box, account: str) -> None:
    """Nothing, when an account may write there.

    Raises:
        Refusal: somebody protected it.
    """
    for one in tab.list("protectedRanges"):
        if one.get("warningOnly") or account == book.owner:
            continue
        allowed = account in one.get("editors", {}).get("users", ())
        open_ = any(_covers(tab.box(free), box) for free in one.get("unprotectedRanges", ()))
        if not allowed and not open_ and tab.box(one.get("range", {})).meets(box):
            raise bad(PROTECTED)


def _covers(outer: Box, inner: Box) -> bool:
    across = outer.left <= inner.left and inner.right <= outer.right
    return across and outer.top <= inner.top and inner.bottom <= outer.bottom


def written(
    book: FakeSpreadsheet,
    account: str,
    name: str,
    rows: Sequence[Sequence[Any]],
    option: str,
    year: int,
) -> tuple[Tab, Box]:
    """Write values at a range; where they went.

    Raises:
        Refusal: they do not fit, or may not be written.
    """
    if option not in {"RAW", "USER_ENTERED"}:
        raise bad("'valueInputOption' is required but not specified")
    tab, box = book.range(name)
    height, width = len(rows), max((len(row) for row in rows), default=0)
    single = box.bottom - box.top == 1 and box.right - box.left == 1
    if not single and height > box.bottom - box.top:
        raise bad(
            f"Requested writing within range [{a1(tab, box)}], but tried writing to row [{box.bottom + 1}]"
        )
    if not single and width > box.right - box.left:
        raise bad(
            f"Requested writing within range [{a1(tab, box)}], but tried writing to column "
            f"[{letters(box.right)}]"
        )
    if box.top + height > tab.rows or box.left + width > tab.columns:
        raise bad(
            f"Range ({name}) exceeds grid limits. Max rows: {tab.rows}, max columns: {tab.columns}"
        )
    put(book, account, tab, (box.top, box.left), rows, option, year)
    return tab, Box(box.top, box.left, box.top + max(height, 1), box.left + max(width, 1))


def put(
    book: FakeSpreadsheet, account: str, tab: Tab, at: tuple[int, int],
    rows: Sequence[Sequence[Any]], option: str, year: int,
) -> None:  # fmt: skip
    """Write values from a cell on. None leaves a cell as it is."""
    width = max((len(row) for row in rows), default=0)
    may_edit(book, tab, Box(at[0], at[1], at[0] + len(rows), at[1] + max(width, 1)), account)
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if value is None:
                continue
            cell = tab.cell(at[0] + down, at[1] + across)
            cell.entered, number = stored(value, option, cell.look, year)
            if "numberValue" in cell.entered and number and "numberFormat" not in cell.look:
                cell.look = {**cell.look, "numberFormat": number}
            cell.rest = {k: v for k, v in cell.rest.items() if k != "chipRuns"}
    book.calculated.clear()


def appended(
    book: FakeSpreadsheet, account: str, name: str, rows: Sequence[Sequence[Any]], option: str,
    adding: str, year: int,
) -> tuple[Tab, Box | None, Box]:  # fmt: skip
    """Write values behind the last table that a range touches: its place before, and theirs."""
    tab, box = book.range(name)
    table = _table(tab, box)
    at = (table.bottom, table.left) if table else (box.top, box.left)
    width = max((len(row) for row in rows), default=0)
    if adding == "INSERT_ROWS" and table:
        may_edit(book, tab, Box(at[0], 0, at[0] + 1, tab.columns), account)
        insert(book, tab, "ROWS", at[0], len(rows), before=True)
    tab.grow("ROWS", max(at[0] + len(rows) - tab.rows, 0))
    tab.grow("COLUMNS", max(at[1] + width - tab.columns, 0))
    put(book, account, tab, at, rows, option, year)
    return tab, table, Box(at[0], at[1], at[0] + max(len(rows), 1), at[1] + max(width, 1))


def _table(tab: Tab, box: Box) -> Box | None:
    """The lowest block of neighbouring cells that touches a box."""
    filled = {place for place, cell in tab.cells.items() if not cell.empty}
    found: Box | None = None
    seen: set[tuple[int, int]] = set()
    for start in sorted(filled):
        if start in seen:
            continue
        block, waiting = {start}, [start]
        while waiting:
            row, column = waiting.pop()
            around = [(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
            fresh = [one for one in around if one in filled and one not in block]
            block.update(fresh)
            waiting += fresh
        seen |= block
        rows, columns = [row for row, _ in block], [column for _, column in block]
        one = Box(min(rows), min(columns), max(rows) + 1, max(columns) + 1)
        if one.meets(box) and (found is None or one.bottom > found.bottom):
            found = one
    return found


def cleared(book: FakeSpreadsheet, account: str, name: str) -> str:
    """Take the values out of a range; the range."""
    tab, box = book.range(name)
    may_edit(book, tab, box, account)
    for place, cell in tab.cells.items():
        if box.top <= place[0] < box.bottom and box.left <= place[1] < box.right:
            cell.entered = {}
    book.calculated.clear()
    return a1(tab, box)


def updated(
    book: FakeSpreadsheet, tab: Tab, box: Box, asked: Mapping[str, Any], cells: int
) -> Json:
    """An `UpdateValuesResponse`."""
    found: Json = {
        "spreadsheetId": book.id, "updatedRange": a1(tab, box), "updatedRows": box.bottom - box.top,
        "updatedColumns": box.right - box.left, "updatedCells": cells,
    }  # fmt: skip
    if str(asked.get("includeValuesInResponse", "")).lower() == "true":
        option = str(asked.get("responseValueRenderOption") or "FORMATTED_VALUE")
        moments = str(asked.get("responseDateTimeRenderOption") or "SERIAL_NUMBER")
        found["updatedData"] = value_range(book, tab, box, option, moments)
    return found
