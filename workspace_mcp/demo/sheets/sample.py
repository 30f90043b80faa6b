"""Spreadsheets of a demo file ↔ Sheets of the demo: each tab as rows of what somebody would type."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import FakeSpreadsheet, Json, Tab, a1
from workspace_mcp.demo.sheets.display import DATES
from workspace_mcp.demo.sheets.render import formatted

KNOWN = {"account", "id", "title", "tabs", "names", "readers", "editors"}
_TAB = {"title", "rows", "frozen", "table", "bold"}


def put(sheets: FakeSheets, owner: str, entry: Mapping[str, Any]) -> FakeSpreadsheet:
    """A spreadsheet as an entry describes it.

    Raises:
        KeyError: no title. ValueError: a key of a tab that is not known. Refusal: what Sheets does not take.
    """
    tabs: Sequence[Mapping[str, Any]] = entry.get("tabs") or [{"title": "Sheet1"}]
    titles = [str(one.get("title", f"Sheet{number}")) for number, one in enumerate(tabs, 1)]
    book = sheets.add(owner, str(entry["title"]), str(entry.get("id", "")), titles)
    book.readers |= set(entry.get("readers", ()))
    book.editors |= set(entry.get("editors", ()))
    for tab, one in zip(book.tabs, tabs, strict=True):
        if unknown := sorted(set(one) - _TAB):
            raise ValueError(f"a tab has no {', '.join(unknown)}")
        _fill(sheets, book, tab, one)
    for name, place in dict(entry.get("names", {})).items():
        requests = [{"addNamedRange": {"namedRange": {"name": name, "range": _grid(book, place)}}}]
        sheets.update(book, owner, {"requests": requests})
    return book


def _fill(sheets: FakeSheets, book: FakeSpreadsheet, tab: Tab, one: Mapping[str, Any]) -> None:
    rows = one.get("rows", ())
    if rows:
        sheets.fill(book, _quoted(tab.title), rows)
    requests: list[Json] = []
    if frozen := int(one.get("frozen", 0)):
        grid = {"sheetId": tab.id, "gridProperties": {"frozenRowCount": frozen}}
        update = {"properties": grid, "fields": "gridProperties.frozenRowCount"}
        requests.append({"updateSheetProperties": update})
    for place in one.get("bold", ()):
        bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
        area = _grid(book, f"{_quoted(tab.title)}!{place}")
        mask = "userEnteredFormat.textFormat.bold"
        requests.append({"repeatCell": {"range": area, "cell": bold, "fields": mask}})
    if table := one.get("table"):
        area = _grid(book, f"{_quoted(tab.title)}!{table['range']}")
        requests.append({"addTable": {"table": {"name": table["name"], "range": area}}})
    if requests:
        sheets.update(book, book.owner, {"requests": requests})


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"


def _grid(book: FakeSpreadsheet, place: str) -> Json:
    tab, box = book.range(place)
    return {
        "sheetId": tab.id, "startRowIndex": box.top, "endRowIndex": box.bottom,
        "startColumnIndex": box.left, "endColumnIndex": box.right,
    }  # fmt: skip


def entries(sheets: FakeSheets) -> Iterator[dict[str, Any]]:
    """Every spreadsheet as an entry that `put` reads; looks and charts are not written."""
    for book in sheets.spreadsheets.values():
        yield {
            "account": book.owner,
            "id": book.id,
            "title": book.title,
            "readers": sorted(book.readers),
            "editors": sorted(book.editors),
            "tabs": [_entry(book, tab) for tab in book.tabs],
            "names": {one["name"]: _place(book, one["range"]) for one in book.names},
        }


def _entry(book: FakeSpreadsheet, tab: Tab) -> dict[str, Any]:
    height, width = tab.used()
    rows = [[_typed(book, tab, row, column) for column in range(width)] for row in range(height)]
    found: dict[str, Any] = {"title": tab.title, "rows": rows}
    if frozen := tab.properties["gridProperties"].get("frozenRowCount"):
        found["frozen"] = frozen
    if tables := tab.list("tables"):
        place = _place(book, tables[0]["range"]).rpartition("!")[2]
        found["table"] = {"name": tables[0]["name"], "range": place}
    return found


def _place(book: FakeSpreadsheet, grid: Mapping[str, Any]) -> str:
    tab = book.tab(grid.get("sheetId"))
    return a1(tab, tab.box(grid))


def _typed(book: FakeSpreadsheet, tab: Tab, row: int, column: int) -> Any:
    """What somebody would type to have this cell again."""
    cell = tab.cells.get((row, column))
    if cell is None or cell.empty:
        return ""
    kind, value = next(iter(cell.entered.items()))
    number = cell.look.get("numberFormat", {}).get("type")
    if kind == "numberValue" and number in DATES:
        return formatted(book, tab, row, column)
    if kind == "numberValue" and number == "PERCENT":
        return f"{round(value * 100, 10):g}%"
    return f"'{value}" if kind == "stringValue" else value
