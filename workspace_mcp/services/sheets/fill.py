"""One row repeated down a range: values as they are, formulas counting on as when somebody drags them.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#CopyPasteRequest
"""

from collections.abc import Iterator

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.formats import show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets import target
from workspace_mcp.services.sheets.cells import Grid, raw
from workspace_mcp.services.sheets.job import Job, shown
from workspace_mcp.services.sheets.spreadsheets import Place
from workspace_mcp.services.sheets.target import Change, Written
from workspace_mcp.services.sheets.values import MOST, Value
from workspace_mcp.tools import JsonObject


async def fill(job: Job) -> Written:
    """Write the row, copy it down with its look, and read what all of it shows."""
    if len(job.rows) != 1:
        raise ArgumentError("fill takes one row.", "It is repeated down to the range's end.")
    place = await _down(job)
    top, left = place.area.top or 0, place.area.left or 0
    every = job.rows * ((place.area.bottom or 0) - top)
    (old,) = await target.before(job.google, job.address, [place])
    target.guard(old, (top, left), every, overwrite=job.overwrite)
    if job.dry_run:
        planned = tuple(target.changes(old, (top, left), shown(every), every))
        return Written("Would fill {}.", place.text(), planned, dry_run=True)
    notes = await job.asked()
    if grow := target.growth(place, place.area.bottom or 0, place.area.right or 0):
        await target.send_requests(job.google, job.address, grow)
    first = place.at(Area(top, left, top + 1, place.area.right))
    body: JsonObject = {"range": first.text(), "values": job.sent(job.rows)}
    await target.send_values(job.google, job.address, [body], raw=job.raw)
    try:
        await target.send_requests(job.google, job.address, _copies(place, job.rows[0]))
    except WorkspaceError as error:
        error.after("Only its first row was written:")
        raise
    (now,) = await target.before(job.google, job.address, [place])
    changed = tuple(_changes(place, job.rows[0], old, now))
    said = "Filled {}" + f": {show.count(len(changed), 'cell')} changed."
    return Written(said, place.text(), changed, notes)


async def _down(job: Job) -> Place:
    """The cells to fill: as wide as the row; without an end, down to the tab's last row with data."""
    area, width = job.place.area, len(job.rows[0])
    top, left = area.top or 0, area.left or 0
    if area.right is not None and width > area.right - left:
        raise ArgumentError(
            f"The row has {show.count(width, 'cell')}, and the range has "
            f"{show.count(area.right - left, 'column')}."
        )
    bottom = area.bottom
    if bottom is None:
        values = job.address.resource.sub("values").verb("batchGet")
        whole = job.place.at(Area()).text()
        found = await job.google.get_large(values, ranges=[whole], fields="valueRanges(values)")
        bottom = len(found["valueRanges"][0].get("values", ()))
    if bottom - top < 2:
        raise ArgumentError("There is nothing to fill.", "Give it all, such as H2:J13 or H2:J.")
    if (bottom - top) * width > MOST:
        raise ArgumentError(f"That would fill more than {MOST:,} cells.")
    return job.place.at(Area(top, left, bottom, left + width))


def _copies(place: Place, row: list[Value]) -> list[JsonObject]:
    """A request for each run of columns that are filled, not kept."""
    top, left, bottom = place.area.top or 0, place.area.left or 0, place.area.bottom
    runs: list[tuple[int, int]] = []
    for n, value in enumerate(row):
        if value is None:
            continue
        if runs and runs[-1][1] == n:
            runs[-1] = runs[-1][0], n + 1
        else:
            runs.append((n, n + 1))
    return [
        {
            "copyPaste": {
                "source": Area(top, left + start, top + 1, left + end).grid(place.tab.id),
                "destination": Area(top + 1, left + start, bottom, left + end).grid(place.tab.id),
                "pasteType": "PASTE_NORMAL",
            }
        }
        for start, end in runs
    ]


def _changes(place: Place, row: list[Value], old: Grid, now: Grid) -> Iterator[Change]:
    top, left = place.area.top or 0, place.area.left or 0
    for down in range(top, place.area.bottom or 0):
        for across, value in enumerate(row):
            if value is None:
                continue
            before, after = old.at(down, left + across), now.at(down, left + across)
            was = target.formula(before) or str(before.get("formattedValue", ""))
            text, formula = str(after.get("formattedValue", "")), target.formula(after)
            plain = not was and not formula and text == raw(value)
            if formula and down == top and formula != text:
                text = f"{formula} ({text})"
            if was != text:
                yield Change(down, left + across, was, text, plain)
