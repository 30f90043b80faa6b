"""Spreadsheets that the tests start from."""

from collections.abc import Sequence
from typing import Any

from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import FakeSpreadsheet
from workspace_mcp.demo.sheets.render import value_range

ME = "me@example.com"
SALES = [
    ["Name", "Amount", "Due", "State"],
    ["Ana", "1,200.50", "2026-11-20", "open"],
    ["Bo", "80", "2026-12-01", "done"],
    ["Cy", "=B2*2", "2026-12-05", "open"],
]


def made(
    sheets: FakeSheets,
    rows: Sequence[Sequence[Any]] = SALES,
    tabs: Sequence[str] = ("Data", "Notes"),
) -> FakeSpreadsheet:
    """A spreadsheet of the account, its first tab with these rows."""
    book = sheets.add(ME, "Budget", "1b", tabs)
    if rows:
        sheets.fill(book, f"'{tabs[0]}'!A1", rows)
    return book


def values(book: FakeSpreadsheet, place: str, option: str = "FORMATTED_VALUE") -> list[list[Any]]:
    """What a range shows."""
    tab, box = book.range(place)
    return value_range(book, tab, box, option, "SERIAL_NUMBER").get("values", [])


def batch(
    sheets: FakeSheets, book: FakeSpreadsheet, *requests: dict[str, Any]
) -> list[dict[str, Any]]:
    """Changes of the owner's; their replies."""
    return sheets.update(book, book.owner, {"requests": list(requests)})["replies"]


def grid(tab: int, top: int, left: int, bottom: int, right: int) -> dict[str, int]:
    """A GridRange."""
    return {
        "sheetId": tab, "startRowIndex": top, "startColumnIndex": left,
        "endRowIndex": bottom, "endColumnIndex": right,
    }  # fmt: skip


def table(
    sheets: FakeSheets, book: FakeSpreadsheet, columns: Sequence[dict[str, Any]] = ()
) -> None:
    """A native table Orders over A1:D4 of the first tab."""
    one: dict[str, Any] = {"name": "Orders", "range": grid(0, 0, 0, 4, 4)}
    batch(
        sheets,
        book,
        {"addTable": {"table": one | ({"columnProperties": list(columns)} if columns else {})}},
    )
