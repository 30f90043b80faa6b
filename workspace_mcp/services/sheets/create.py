"""New spreadsheets from rows or CSV, or as a copy of a template.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/create
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import a1, show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.newfile import copy_of, folder_id, made_in, told_when_lost
from workspace_mcp.policy.audience import ahead
from workspace_mcp.policy.consent import Consent
from workspace_mcp.scopes import Scope
from workspace_mcp.services.sheets import target
from workspace_mcp.services.sheets.cells import one_line
from workspace_mcp.services.sheets.local import rows_of
from workspace_mcp.services.sheets.spreadsheets import MIME, SPREADSHEETS, Address
from workspace_mcp.services.sheets.values import Rows, asked, entered, given, outside
from workspace_mcp.tools import Effect, JsonObject, View, tool

_ROWS: Final = 1000
_COLUMNS: Final = 26
_BOLD: Final = {"userEnteredFormat": {"textFormat": {"bold": True}}}


@dataclass(frozen=True, slots=True)
class Created(View):
    """A new spreadsheet, and what of it did not work out."""

    id: str
    tabs: Sequence[tuple[str, Rows]]
    problem: WorkspaceError | None = None
    notes: Sequence[str] = ()
    from_file: bool = False

    def text(self, fence: Fence) -> str:
        """Where it is and what is in it; what is missing, when something is."""
        lines = [f"Created [{self.id}] https://docs.google.com/spreadsheets/d/{self.id}/edit"]
        lines += [
            f"{fence.line(a1.quoted(name))}: {show.count(len(rows), 'row')}"
            for name, rows in self.tabs
        ]
        if self.from_file:  # nobody has seen its columns yet
            heads = self.tabs[0][1][0]
            named = [
                f"{a1.letters(n)} {one_line(str(one), 40)}" for n, one in enumerate(heads[:40])
            ]
            lines.append(fence.block("row 1", " | ".join(named)))
        lines += self.notes
        if self.problem is not None:
            lines.append(str(self.problem))
        return "\n".join(lines)


@tool(title="Create a spreadsheet", needs=[Scope.SHEETS], effect=Effect.WRITES)
async def sheets_create(
    google: Google,
    consent: Consent,
    files: LocalFiles,
    title: str,
    tabs: Annotated[
        dict[str, Any] | None, Field(description='{"Tab": [["Name", "Amount"], ["x", 1]]}')
    ] = None,
    csv: str | None = None,
    path: Annotated[str | None, Field(description="CSV file on this machine.")] = None,
    header: Annotated[bool, Field(description="First rows bold and frozen.")] = True,
    formulas: Annotated[bool, Field(description="=… is a formula, else text.")] = False,
    template: Annotated[str | None, Field(description="Spreadsheet to copy instead.")] = None,
    folder: Annotated[str | None, Field(description="Folder id or URL.")] = None,
) -> View:
    """Create a Google Sheet with tabs from rows or CSV, or as a copy of a template."""
    name = clean_line(title)
    if not name:
        raise ArgumentError("title is empty.")
    home = folder_id(folder) if folder else None
    if home:
        await ahead(google, [home], "a new spreadsheet")
    if template is not None:
        if tabs or csv or path:
            raise ArgumentError(
                "template comes without tabs, csv and path.", "Fill the copy with sheets_write."
            )
        return Created(await copy_of(google, Address.of(template).id, name, MIME, home), ())
    if sum(one is not None for one in (tabs, csv, path)) > 1:
        raise ArgumentError("Give one of tabs, csv and path.")
    if path is not None:
        stem, rows = await rows_of(files, path)
        wanted = [(clean_line(stem)[:100] or "Sheet1", rows)]
    else:
        wanted = _tabs(tabs, csv)
    notes = await asked(
        consent, [one for _, rows in wanted for one in outside(rows)] if formulas else [], 1
    )
    sheets = [_sheet(number, tab, rows, header=header) for number, (tab, rows) in enumerate(wanted)]
    identifier = await _made(google, name, sheets, home)
    try:
        if home is not None:
            await _set_up(google, Address(identifier), sheets)
        await _filled(google, Address(identifier), wanted, formulas=formulas)
    except WorkspaceError as error:
        return Created(identifier, wanted, _half(error), notes)
    return Created(identifier, wanted, notes=notes, from_file=path is not None)


def _tabs(tabs: Mapping[str, Any] | None, csv: str | None) -> list[tuple[str, Rows]]:
    if csv is not None:
        return [("Sheet1", given(None, csv))]
    found: list[tuple[str, Rows]] = []
    for name, rows in (tabs or {"Sheet1": []}).items():
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise ArgumentError("tabs maps a tab's name to a list of rows, each a list of cells.")
        title = clean_line(str(name))
        if not title or len(title) > 100:
            raise ArgumentError("A tab's name is empty or longer than 100 characters.")
        found.append((title, given(rows, None) if any(rows) else []))
    if len({title.casefold() for title, _ in found}) < len(found):
        raise ArgumentError("Two tabs have the same name.")
    return found


def _sheet(number: int, title: str, rows: Rows, *, header: bool) -> JsonObject:
    width = max((len(row) for row in rows), default=0)
    grid = {"rowCount": max(_ROWS, len(rows) + 100), "columnCount": max(_COLUMNS, width)}
    sheet: JsonObject = {"properties": {"title": title, "index": number, "gridProperties": grid}}
    if header and len(rows) > 1:
        grid["frozenRowCount"] = 1
        sheet["data"] = [{"rowData": [{"values": [_BOLD] * len(rows[0])}]}]
    return sheet


async def _made(google: Google, name: str, sheets: Sequence[JsonObject], home: str | None) -> str:
    """The id of a spreadsheet with these tabs; in a folder, still with the one that Google gives it."""
    empty = "an empty spreadsheet"
    if home is not None:
        return await made_in(google, home, name, MIME, empty)
    body: JsonObject = {"properties": {"title": name}, "sheets": list(sheets)}
    with told_when_lost(empty):
        made = await google.post(SPREADSHEETS, body, fields="spreadsheetId")
    return str(made["spreadsheetId"])


async def _set_up(google: Google, address: Address, sheets: Sequence[JsonObject]) -> None:
    """The tabs of a new spreadsheet: the one that it has becomes the first of them."""
    found = await google.get(address.resource, fields="sheets(properties(sheetId))")
    own = found["sheets"][0]["properties"].get("sheetId", 0)
    requests: list[JsonObject] = []
    for number, sheet in enumerate(sheets):
        key = (own + number) % 2**31
        properties = sheet["properties"] | {"sheetId": key}
        if number:
            requests.append({"addSheet": {"properties": properties}})
        else:
            grid = ",".join(properties["gridProperties"])
            requests.append(
                {
                    "updateSheetProperties": {
                        "properties": properties, "fields": f"title,gridProperties({grid})",
                    }
                }
            )  # fmt: skip
        if "data" in sheet:
            width = len(sheet["data"][0]["rowData"][0]["values"])
            place = Area(0, 0, 1, width).grid(key)
            bold = {"range": place, "cell": _BOLD, "fields": "userEnteredFormat.textFormat.bold"}
            requests.append({"repeatCell": bold})
    await target.send_requests(google, address, requests)


async def _filled(
    google: Google, address: Address, tabs: Sequence[tuple[str, Rows]], *, formulas: bool
) -> None:
    data: list[JsonObject] = []
    for name, rows in tabs:
        if rows:
            width = max(len(row) for row in rows)
            place = a1.place(name, Area(0, 0, len(rows), width))
            values = [[entered(one, formulas=formulas, raw=False) for one in row] for row in rows]
            data.append({"range": place, "values": values})
    if data:
        await target.send_values(google, address, data, raw=False)


def _half(error: WorkspaceError) -> WorkspaceError:
    return WorkspaceError(
        f"The spreadsheet was created, but not all of it could be done: {error.what}",
        f"Go on with sheets_write, or delete it. {error.remedy}".strip(),
    )
