"""The methods of the Sheets API over the demo's spreadsheets: path and verb → answer.

Source: developers.google.com/workspace/sheets/api/reference/rest
"""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import unquote

from workspace_mcp.demo.http import Refusal, Request, Response, answer
from workspace_mcp.demo.permission import need, need_role
from workspace_mcp.demo.sheets import render, values
from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import FakeSpreadsheet, Json, Tab, a1, bad
from workspace_mcp.demo.sheets.masks import written
from workspace_mcp.demo.sheets.requests import REQUESTS
from workspace_mcp.demo.sheets.state import restored, snapshot
from workspace_mcp.demo.sheets.tabs import duplicate

HOST: Final = "sheets.googleapis.com"
MIME: Final = "application/vnd.google-apps.spreadsheet"
_AUTH: Final = "https://www.googleapis.com/auth/"
FULL: Final = f"{_AUTH}spreadsheets"
_WRITERS: Final = frozenset({FULL, f"{_AUTH}drive", f"{_AUTH}drive.file"})
_READERS: Final = _WRITERS | {f"{_AUTH}spreadsheets.readonly", f"{_AUTH}drive.readonly"}
_PATH: Final = re.compile(
    r"/v4/spreadsheets(?:/([^/:]+)(?:(:batchUpdate)|/values(?:/([^/]+?))?(:[A-Za-z]+)?|"
    r"/sheets/(\d+):copyTo)?)?"
)


class Files(Protocol):
    """Where a spreadsheet is a file: the demo's Drive."""

    def add(self, id: str, name: str, mime_type: str, owner: str) -> None:
        """A new file in the owner's root folder."""
        ...

    def rename(self, id: str, name: str) -> None:
        """Another name for a file."""
        ...

    def comment(self, id: str, by: str, said: tuple[str, str, str]) -> None:
        """A comment on a file: its id, its text, and the text that it is about."""
        ...


@dataclass(slots=True)
class FakeSheets:
    """Every spreadsheet of the demo. `year`: which one a date without a year means."""

    number: Callable[[], int]
    files: Files | None = None
    role: Callable[[str, str], str | None] = lambda identifier, account: None
    """What an account may do with a spreadsheet, by Drive; None where Drive does not know it."""
    year: int = 2026
    spreadsheets: dict[str, FakeSpreadsheet] = field(default_factory=dict[str, FakeSpreadsheet])

    def add(
        self, owner: str, title: str, identifier: str = "", tabs: Sequence[str] = ("Sheet1",)
    ) -> FakeSpreadsheet:
        """A new spreadsheet with empty tabs."""
        key = identifier or f"1Sheet{self.number():028d}"
        properties = {
            "title": title, "locale": "en_US", "timeZone": "Etc/GMT", "autoRecalc": "ON_CHANGE",
        }  # fmt: skip
        made = FakeSpreadsheet(key, owner, self.number, properties)
        for name in tabs:
            made.add_tab({"title": name})
        self.spreadsheets[key] = made
        if self.files is not None:
            self.files.add(key, title, MIME, owner)
        return made

    def fill(
        self,
        book: FakeSpreadsheet,
        place: str,
        rows: Sequence[Sequence[Any]],
        option: str = "USER_ENTERED",
    ) -> None:
        """Write values as the owner, on a grid that grows as needed."""
        name, _, first = place.partition("!")
        tab, box = book.range(f"{name}!{first.partition(':')[0]}" if first else f"{name}!A1")
        tab.grow("ROWS", max(box.top + len(rows) - tab.rows, 0))
        width = max((len(row) for row in rows), default=0)
        tab.grow("COLUMNS", max(box.left + width - tab.columns, 0))
        values.put(book, book.owner, tab, (box.top, box.left), rows, option, self.year)

    def find(self, identifier: str, account: str, *, writing: bool = False) -> FakeSpreadsheet:
        """A spreadsheet that an account may read, or write.

        Raises:
            Refusal: 404 or 403.
        """
        book = self.spreadsheets.get(identifier)
        if book is None:
            raise Refusal(404, "Requested entity was not found.")
        need_role(book, account, self.role(identifier, account), writing=writing)
        return book

    def handle(self, account: str, granted: frozenset[str], request: Request) -> Response:
        """The answer to a request below `/v4/spreadsheets`.

        Raises:
            Refusal: Google's error for it.
        """
        found = _PATH.fullmatch(request.path)
        if found is None:
            raise Refusal(404, "The requested URL was not found on this server.")
        identifier, batch, name, verb, sheet = found.groups()
        reads = request.method == "GET"
        need(granted, _READERS if reads else _WRITERS, HOST)
        if identifier is None:
            if reads:
                raise Refusal(404, "The requested URL was not found on this server.")
            return answer(self._create(account, request.json()))
        book = self.find(unquote(identifier), account, writing=not reads)
        if batch:
            return answer(self.update(book, account, request.json()))
        if sheet is not None:
            return answer(self._copy(book, account, int(sheet), request.json()))
        if request.path.partition(identifier)[2] == "":
            return answer(_get(book, request))
        return answer(self._values(book, account, unquote(name or ""), verb or "", request))

    def _create(self, account: str, body: Json) -> Json:
        properties = body.get("properties", {})
        title = str(properties.get("title") or "Untitled spreadsheet")
        book = self.add(account, title, tabs=())
        book.properties |= properties
        wanted: list[Json] = body.get("sheets") or [{"properties": {"title": "Sheet1"}}]
        for given in wanted:
            tab = book.add_tab(given.get("properties", {}))
            for grid in given.get("data", ()):
                _put(tab, grid)
        return render.spreadsheet(book, (), grid=False, sizes=False)

    def _copy(self, book: FakeSpreadsheet, account: str, sheet: int, body: Json) -> Json:
        into = self.find(str(body.get("destinationSpreadsheetId", "")), account, writing=True)
        tab = book.tab(sheet)
        made = duplicate(
            book, tab, into, {"title": f"Copy of {tab.title}", "index": len(into.tabs)}
        )
        return made.properties

    def _values(
        self, book: FakeSpreadsheet, account: str, name: str, verb: str, request: Request
    ) -> Json:
        option = request.one("valueInputOption") or ""
        body = request.json()
        match request.method, verb, bool(name):
            case "GET", ":batchGet", False:
                ranges = [_read(book, one, request) for one in request.many("ranges")]
                found: Json = {"spreadsheetId": book.id}
                return found | ({"valueRanges": ranges} if ranges else {})
            case "GET", "", True:
                return _read(book, name, request)
            case "PUT", "", True:
                rows = _rows(body)
                tab, box = values.written(book, account, name, rows, option, self.year)
                return values.updated(book, tab, box, dict(request.query), _count(rows))
            case "POST", ":batchUpdate", False:
                return self._batch(book, account, body)
            case "POST", ":append", True:
                rows = _rows(body)
                adding = request.one("insertDataOption") or "OVERWRITE"
                tab, table, box = values.appended(
                    book, account, name, rows, option, adding, self.year
                )
                updates = values.updated(book, tab, box, dict(request.query), _count(rows))
                place = {"tableRange": a1(tab, table)} if table else {}
                return {"spreadsheetId": book.id, **place, "updates": updates}
            case "POST", ":clear", True:
                return {
                    "spreadsheetId": book.id,
                    "clearedRange": values.cleared(book, account, name),
                }
            case "POST", ":batchClear", False:
                for one in body.get("ranges", ()):
                    book.range(one)
                cleared = [values.cleared(book, account, one) for one in body.get("ranges", ())]
                return {"spreadsheetId": book.id, "clearedRanges": cleared}
            case _:
                raise Refusal(404, "The requested URL was not found on this server.")

    def _batch(self, book: FakeSpreadsheet, account: str, body: Json) -> Json:
        before = snapshot(book)
        found: list[Json] = []
        try:
            for one in body.get("data", ()):
                rows = _rows(one)
                tab, box = values.written(
                    book,
                    account,
                    one["range"],
                    rows,
                    str(body.get("valueInputOption", "")),
                    self.year,
                )
                found.append(values.updated(book, tab, box, body, _count(rows)))
        except Refusal as refusal:
            restored(book, before)
            raise bad(f"Invalid data[{len(found)}]: {refusal.message}") from refusal
        return {
            "spreadsheetId": book.id,
            "totalUpdatedRows": sum(one["updatedRows"] for one in found),
            "totalUpdatedColumns": sum(one["updatedColumns"] for one in found),
            "totalUpdatedCells": sum(one["updatedCells"] for one in found),
            "totalUpdatedSheets": len({one["updatedRange"].rpartition("!")[0] for one in found}),
            "responses": found,
        }

    def update(self, book: FakeSpreadsheet, account: str, body: Mapping[str, Any]) -> Json:
        """All requests of a batch, or none of them.

        Raises:
            Refusal: a request that does not fit; its number is named.
        """
        before = snapshot(book)
        batch = Batch(book, account, self.year)
        requests = body.get("requests", [])
        if not requests:
            raise bad("Must specify at least one request.")
        replies: list[Json] = []
        for number, request in enumerate(requests):
            (name, given) = next(iter(request.items()))
            change = REQUESTS.get(name)
            try:
                if change is None or len(request) != 1:
                    raise bad(f"Invalid requests[0]: {name} is not known to the demo.")
                replies.append(copy.deepcopy(change(batch, given)))
            except Refusal as refusal:
                restored(book, before)
                said = refusal.message.removeprefix("Invalid requests[0]").lstrip(":").strip()
                gap = "" if said.startswith(".") else ": "
                raise bad(f"Invalid requests[{number}]{gap}{said}") from refusal
            book.calculated.clear()
        if self.files is not None and book.title != before[1]["title"]:
            self.files.rename(book.id, book.title)
        for said in batch.said:
            if self.files is not None:
                self.files.comment(book.id, account, said)
        return {"spreadsheetId": book.id, "replies": replies}


def _get(book: FakeSpreadsheet, request: Request) -> Json:
    mask = request.one("fields") or ""
    grid = bool(re.search(r"\bdata\b", mask)) if mask else request.one("includeGridData") == "true"
    sizes = not mask or "Metadata" in mask
    return render.spreadsheet(book, request.many("ranges"), grid=grid, sizes=sizes)


def _read(book: FakeSpreadsheet, name: str, request: Request) -> Json:
    tab, box = book.range(name)
    option = request.one("valueRenderOption") or "FORMATTED_VALUE"
    moments = request.one("dateTimeRenderOption") or "SERIAL_NUMBER"
    major = request.one("majorDimension") or "ROWS"
    return render.value_range(book, tab, box, option, moments, major)


def _rows(body: Mapping[str, Any]) -> list[list[Any]]:
    rows = body.get("values", [])
    if not all(isinstance(row, list) for row in rows):
        raise bad("Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue)")
    if any(isinstance(value, list | dict) for row in rows for value in row):
        raise bad("Invalid values[0][0]: list_value")
    if body.get("majorDimension") == "COLUMNS":
        height = max((len(row) for row in rows), default=0)
        return [[row[n] if n < len(row) else None for row in rows] for n in range(height)]
    return rows


def _count(rows: Sequence[Sequence[Any]]) -> int:
    return sum(1 for row in rows for value in row if value is not None)


def _put(tab: Tab, grid: Mapping[str, Any]) -> None:
    mask = [("*",)]
    for down, row in enumerate(grid.get("rowData", ())):
        for across, data in enumerate(row.get("values", ())):
            place = grid.get("startRow", 0) + down, grid.get("startColumn", 0) + across
            written(tab.cell(*place), data, mask)
