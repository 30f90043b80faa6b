"""Spreadsheets of the demo → Google's JSON: `Spreadsheet`, `GridData`, `ValueRange`. No I/O."""

import re
from collections.abc import Sequence
from typing import Any, Final

from workspace_mcp.demo.sheets.book import Box, FakeSpreadsheet, Json, Tab, a1
from workspace_mcp.demo.sheets.display import DATES, shown
from workspace_mcp.demo.sheets.formulas import value_of
from workspace_mcp.demo.sheets.functions import Unknown, Wrong
from workspace_mcp.demo.sheets.masks import data_of

_LINK: Final = re.compile(r'=HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)
_FLAGS: Final = frozenset({"hidden", "rightToLeft"})


def spreadsheet(book: FakeSpreadsheet, ranges: Sequence[str], *, grid: bool, sizes: bool) -> Json:
    """A `Spreadsheet`; with `ranges`, only the tabs that they touch."""
    boxes = [book.range(one) for one in ranges]
    tabs = [tab for tab in book.tabs if not boxes or any(tab is one for one, _ in boxes)]
    found: Json = {
        "spreadsheetId": book.id,
        "properties": book.properties,
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
        "sheets": [
            _sheet(book, tab, [box for one, box in boxes if one is tab], grid=grid, sizes=sizes)
            for tab in tabs
        ],
    }
    if book.names:
        found["namedRanges"] = book.names
    return found


def _sheet(
    book: FakeSpreadsheet, tab: Tab, boxes: Sequence[Box], *, grid: bool, sizes: bool
) -> Json:
    properties = {k: v for k, v in tab.properties.items() if k not in _FLAGS or v}
    found: Json = {"properties": properties}
    found |= {name: value for name, value in tab.over.items() if value}
    if grid:
        whole = Box(0, 0, tab.rows, tab.columns)
        found["data"] = [_grid(book, tab, box, sizes=sizes) for box in boxes or [whole]]
    return found


def _grid(book: FakeSpreadsheet, tab: Tab, box: Box, *, sizes: bool) -> Json:
    rows: list[Json] = []
    bottom = min(box.bottom, 1 + max((row for row, _ in tab.cells), default=-1))
    for row in range(box.top, max(bottom, box.top)):
        values = [cell_data(book, tab, row, column) for column in range(box.left, box.right)]
        while values and not values[-1]:
            values.pop()
        rows.append({"values": values} if values else {})
    while rows and not rows[-1]:
        rows.pop()
    found: Json = {"rowData": rows} if rows else {}
    if box.top:
        found["startRow"] = box.top
    if box.left:
        found["startColumn"] = box.left
    if sizes:
        found["rowMetadata"] = [
            tab.sizes["ROWS"].get(row, {"pixelSize": 21}) for row in range(box.top, box.bottom)
        ]
        found["columnMetadata"] = [
            tab.sizes["COLUMNS"].get(one, {"pixelSize": 100}) for one in range(box.left, box.right)
        ]
    return found


def cell_data(book: FakeSpreadsheet, tab: Tab, row: int, column: int) -> Json:
    """A `CellData`; {} for a cell with nothing in it."""
    cell = tab.cells.get((row, column))
    if cell is None:
        return {}
    found = data_of(cell)
    if cell.look:
        found["effectiveFormat"] = cell.look
    if cell.entered:
        value = value_of(book, tab, row, column)
        found["effectiveValue"] = _effective(value, cell.entered)
        found["formattedValue"] = formatted(book, tab, row, column)
    link = cell.look.get("textFormat", {}).get("link", {}).get("uri")
    formula = _LINK.match(cell.entered.get("formulaValue", ""))
    if link or formula:
        found["hyperlink"] = link or (formula and formula[1])
    return found


def _effective(value: Any, entered: Json) -> Json:
    match value:
        case Unknown():
            return {"stringValue": entered["formulaValue"]}
        case Wrong():
            return {"errorValue": {"type": value.kind, "message": value.shown}}
        case bool():
            return {"boolValue": value}
        case int() | float():
            return {"numberValue": value}
        case _:
            return {"stringValue": str(value)}


def formatted(book: FakeSpreadsheet, tab: Tab, row: int, column: int) -> str:
    """What a cell shows. A formula that is not calculated here shows itself."""
    cell = tab.cells.get((row, column))
    if cell is None or cell.empty:
        return ""
    value = value_of(book, tab, row, column)
    if isinstance(value, Unknown):
        return str(cell.entered["formulaValue"])
    return value.shown if isinstance(value, Wrong) else shown(value, cell.look)


def rendered(
    book: FakeSpreadsheet, tab: Tab, row: int, column: int, option: str, moments: str
) -> Any:
    """A cell in a `ValueRange`."""
    cell = tab.cells.get((row, column))
    if cell is None or cell.empty:
        return ""
    if option == "FORMULA" and "formulaValue" in cell.entered:
        return cell.entered["formulaValue"]
    kind = cell.look.get("numberFormat", {}).get("type")
    if option == "FORMATTED_VALUE" or (moments == "FORMATTED_STRING" and kind in DATES):
        return formatted(book, tab, row, column)
    value = value_of(book, tab, row, column)
    return formatted(book, tab, row, column) if isinstance(value, Unknown | Wrong) else value


def value_range(
    book: FakeSpreadsheet, tab: Tab, box: Box, option: str, moments: str, major: str = "ROWS"
) -> Json:
    """A `ValueRange` without what is blank at its ends."""
    rows: list[list[Any]] = []
    bottom = min(box.bottom, 1 + max((row for row, _ in tab.cells), default=-1))
    if major == "COLUMNS":
        lines = [
            [(row, one) for row in range(box.top, bottom)] for one in range(box.left, box.right)
        ]
    else:
        lines = [
            [(row, one) for one in range(box.left, box.right)] for row in range(box.top, bottom)
        ]
    for line in lines:
        values = [rendered(book, tab, row, column, option, moments) for row, column in line]
        while values and values[-1] == "":
            values.pop()
        rows.append(values)
    while rows and not rows[-1]:
        rows.pop()
    found: Json = {"range": a1(tab, box), "majorDimension": major}
    return found | ({"values": rows} if rows else {})
