"""Writing cells: set, append, clear, upsert; rows and columns inserted, deleted, moved.

Source: developers.google.com/workspace/sheets/api/guides/values
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, OutcomeUnknownError, WorkspaceError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import a1, show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.google.client import Google
from workspace_mcp.journal.inverses.spreadsheet.book import OVERVIEW
from workspace_mcp.policy.consent import Consent
from workspace_mcp.scopes import Scope
from workspace_mcp.services.sheets import lines, target
from workspace_mcp.services.sheets.batch import lines_of
from workspace_mcp.services.sheets.fill import fill
from workspace_mcp.services.sheets.job import Job, shown
from workspace_mcp.services.sheets.local import rows_of
from workspace_mcp.services.sheets.spreadsheets import Address, Place, SheetId, Table, fetched
from workspace_mcp.services.sheets.target import Change, Written
from workspace_mcp.services.sheets.upsert import upsert
from workspace_mcp.services.sheets.values import data, given
from workspace_mcp.tools import Effect, JsonObject, Tier, View, tool

Mode = Literal["set", "append", "fill", "clear", "upsert", "insert", "delete", "move"]


@tool(title="Write into a spreadsheet", needs=[Scope.SHEETS], effect=Effect.WRITES, tier=Tier.CORE)
async def sheets_write(
    google: Google,
    consent: Consent,
    files: LocalFiles,
    sheet: SheetId,
    range: Annotated[
        str,
        Field(
            description="Data!B2, tab, table, name; insert, move: Data!5:7, C:D; delete: Data!2,5:7."
        ),
    ],
    mode: Mode = "set",
    rows: Annotated[list[list[Any]] | None, Field(description="null keeps a cell.")] = None,
    csv: str | None = None,
    path: Annotated[str | None, Field(description="CSV file on this machine.")] = None,
    key: Annotated[
        str | None, Field(description="upsert: column name; rows[0] is the header.")
    ] = None,
    to: Annotated[
        str | None,
        Field(description="move: before this row or column (Archive!9:9), or a tab's end."),
    ] = None,
    formulas: Annotated[bool, Field(description="=… is a formula, else text.")] = False,
    raw: Annotated[bool, Field(description="Texts stay texts: no dates, no numbers.")] = False,
    overwrite: Annotated[bool, Field(description="Filled cells and formulas too.")] = False,
    dry_run: bool = False,
) -> View:
    """Write rows into a Google Sheet, append, clear, upsert by key; insert, delete, move lines.

    fill: rows[0] all down the range, formulas counting on. Filled cells and formulas are kept
    unless overwrite. Answers with each cell before → after.
    """
    address = Address.of(sheet)
    some = any(one is not None for one in (rows, csv, path))
    takes_rows = mode in {"set", "append", "fill", "upsert"} or (mode == "insert" and some)
    if some and not takes_rows:
        raise ArgumentError(f"mode={mode} takes no rows.")
    if path is not None and (rows is not None or csv is not None):
        raise ArgumentError("Give rows, csv or path, one of them.")
    if path is not None:
        _, found = await rows_of(files, path)
    else:
        found = given(rows, csv) if takes_rows else []
    if (key is None) == (mode == "upsert"):
        raise ArgumentError(
            "upsert needs key, the name of a column." if key is None else "key is for mode=upsert."
        )
    if (to is None) == (mode == "move"):
        raise ArgumentError("move needs to." if to is None else "to is for mode=move.")
    book = await fetched(google, address, OVERVIEW)
    if mode == "delete":
        return await lines.delete(google, address, lines.spans(book, range), dry_run=dry_run)
    place = book.place(range, beyond=mode in {"set", "fill", "insert"})
    job = Job(google, address, place, found, formulas, raw, overwrite, dry_run, consent)
    match mode:
        case "set":
            return await _set(job)
        case "append":
            return await _append(job)
        case "fill":
            return await fill(job)
        case "clear":
            return await _clear(job)
        case "upsert":
            return await upsert(
                google, address, job.place, found, job.sent(found), key or "",
                overwrite=overwrite, raw=raw, formulas=formulas, dry_run=dry_run, ask=job.asked,
            )  # fmt: skip
        case "insert":
            return await _insert(job)
        case "move":
            return await lines.move(google, address, book, job.place, to or "", dry_run=dry_run)


async def _set(job: Job) -> Written:
    place = target.sized(job.place, job.rows)
    area = place.area
    assert area.top is not None
    assert area.left is not None
    at = area.top, area.left
    (old,) = await target.before(job.google, job.address, [place])
    target.guard(old, at, job.rows, overwrite=job.overwrite)
    if job.dry_run:
        planned = tuple(target.changes(old, at, shown(job.rows), job.rows))
        return Written("Would write {}.", place.text(), planned, dry_run=True)
    notes = await job.asked()
    if grow := target.growth(place, area.bottom or 0, area.right or 0):
        await target.send_requests(job.google, job.address, grow)
    body: JsonObject = {"range": place.text(), "values": job.sent(job.rows)}
    (answer,) = await target.send_values(job.google, job.address, [body], raw=job.raw)
    now = answer.get("updatedData", {}).get("values", ())
    changed = tuple(target.changes(old, at, now, job.rows))
    said = "Wrote {}" + f": {show.count(len(changed), 'cell')} changed."
    return Written(said, str(answer["updatedRange"]), changed, notes)


async def _append(job: Job) -> Written:
    if table := _table(job.place):
        return await _append_to_table(job, table)
    if job.dry_run:
        said = f"Would append {show.count(len(job.rows), 'row')} below the data of " + "{}."
        return Written(said, job.place.text(), dry_run=True)
    notes = await job.asked()
    values = job.address.resource.sub("values").segment(job.place.text()).verb("append")
    try:
        answer = await job.google.post(
            values, {"values": job.sent(job.rows)},
            valueInputOption="RAW" if job.raw else "USER_ENTERED", insertDataOption="INSERT_ROWS",
            includeValuesInResponse=True,
        )  # fmt: skip
    except OutcomeUnknownError as error:
        raise target.lost(error) from error
    updates = answer["updates"]
    area = a1.parsed(str(updates["updatedRange"])).area or Area(0, 0)
    now = updates.get("updatedData", {}).get("values", ())
    added = tuple(target.added((area.top or 0, area.left or 0), now, job.rows))
    return Written("Appended {}.", str(updates["updatedRange"]), added, notes)


def _table(place: Place) -> Table | None:
    """The native table that is meant: by its name, or as the only one of a whole tab."""
    if place.table is not None:
        return place.table
    whole = place.area == Area()
    return place.tab.tables[0] if whole and len(place.tab.tables) == 1 else None


async def _append_to_table(job: Job, table: Table) -> Written:
    width, most = max(len(row) for row in job.rows), len(table.columns)
    if width > most:
        raise ArgumentError(
            f"A row has {width} cells, and the table has {show.count(most, 'column')}."
        )
    end = table.area.bottom or 0
    left = table.area.left or 0
    area = Area(end, left, end + len(job.rows), left + width)
    place = job.place.at(area)
    added = target.added((end, left), shown(job.rows), job.rows)
    if job.dry_run:
        return Written("Would append {} to the table.", place.text(), added, dry_run=True)
    notes = await job.asked()
    rows = [
        {
            "values": [
                data(value, table.columns[n][1], formulas=job.formulas, raw=job.raw)
                for n, value in enumerate(row)
            ]
        }
        for row in job.rows
    ]
    request = {"appendCells": {"tableId": table.id, "rows": rows, "fields": "userEnteredValue"}}
    await target.send_requests(job.google, job.address, [request])
    return Written("Appended {} to the table.", place.text(), added, notes)


async def _clear(job: Job) -> Written:
    place = job.place
    (old,) = await target.before(job.google, job.address, [place])
    filled = [
        (row, column, cell) for row, column, cell in old.cells() if cell.get("userEnteredValue")
    ]
    with_formula = [a1.cell(row, column) for row, column, cell in filled if target.formula(cell)]
    if with_formula and not job.overwrite:
        raise ArgumentError(
            f"Nothing was cleared; with a formula: "
            f"{', '.join(with_formula[:12])}{', …' if len(with_formula) > 12 else ''}.",
            "Clear the others by themselves, or repeat with overwrite=true.",
        )
    gone = [
        Change(row, column, target.formula(cell) or str(cell.get("formattedValue", "")), "")
        for row, column, cell in filled
    ]
    if job.dry_run:
        return Written("Would clear {}.", place.text(), gone, dry_run=True)
    values = job.address.resource.sub("values").verb("batchClear")
    answer = await job.google.post(values, {"ranges": [place.text()]}, safe=True)
    return Written("Cleared {}; formats stay.", str(answer["clearedRanges"][0]), gone)


async def _insert(job: Job) -> Written:
    dimension, start, end = lines_of(job.place)
    if job.rows and dimension == "COLUMNS":
        raise ArgumentError("rows go into new rows; write into new columns afterwards.")
    if len(job.rows) > end - start:
        raise ArgumentError(f"There are {len(job.rows)} rows for {end - start} new ones.")
    request = lines.inserted(job.place, dimension, start, end)
    noun = show.count(end - start, "row" if dimension == "ROWS" else "column")
    at = Area(start, 0, start + max(len(job.rows), 1))
    if job.dry_run:
        return Written(f"Would insert {noun} at " + "{}.", job.place.text(), dry_run=True)
    notes = await job.asked()
    width = max((len(row) for row in job.rows), default=0)
    requests = [request, *target.growth(job.place, 0, width)]
    await target.send_requests(job.google, job.address, requests)
    said = f"Inserted {noun}: " + "{}."
    if not job.rows:
        return Written(said, job.place.text())
    place = target.sized(job.place.at(at), job.rows)
    body: JsonObject = {"range": place.text(), "values": job.sent(job.rows)}
    try:
        (answer,) = await target.send_values(job.google, job.address, [body], raw=job.raw)
    except WorkspaceError as error:
        error.after(
            "The new rows are there, but empty:", "Fill them with mode=set; inserting makes more."
        )
        raise
    now = answer.get("updatedData", {}).get("values", ())
    return Written(
        said, str(answer["updatedRange"]), target.added((start, 0), now, job.rows), notes
    )
