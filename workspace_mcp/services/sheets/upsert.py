"""Rows matched by a key column: those that are there are updated, the others appended.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/batchUpdate
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.formats import a1, show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.google.client import Google
from workspace_mcp.services.sheets import target
from workspace_mcp.services.sheets.cells import Grid, raw, scalar
from workspace_mcp.services.sheets.spreadsheets import Address, Place, Table
from workspace_mcp.services.sheets.target import Change, Written
from workspace_mcp.services.sheets.values import Rows, Value, data
from workspace_mcp.tools import JsonObject

_FEW: Final = 10
Ask = Callable[[int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upsert writes. `updates`: (row, column, value as sent, value as given)."""

    updates: Sequence[tuple[int, int, Value, Value]]
    fresh: Sequence[Sequence[Value]]
    """New rows, in the order of the sheet's columns."""
    shown: Sequence[Sequence[Value]]
    """The same as they were given."""
    at: int
    left: int
    formulas: Sequence[str]
    """Cells with a formula that would be overwritten."""


async def upsert(
    google: Google, address: Address, place: Place, rows: Rows, sent: Rows, key: str, *,
    overwrite: bool, raw: bool, formulas: bool, dry_run: bool, ask: Ask,
) -> Written:  # fmt: skip
    """Update the rows whose key is there, append the rest."""
    (grid,) = await target.before(google, address, [place])
    plan = planned(grid, rows, sent, key, place.table)
    if plan.formulas and not overwrite:
        raise ArgumentError(
            f"Nothing was written; with a formula: {', '.join(plan.formulas[:_FEW])}.",
            "Leave their columns out, or repeat with overwrite=true.",
        )
    if (
        place.area.bottom is not None
        and place.table is None
        and plan.fresh
        and plan.at >= place.area.bottom
    ):
        raise ArgumentError(
            "The range has no room for new rows.", "Give a range without an end, such as Data!A1:F."
        )
    width = max((len(row) for row in plan.fresh), default=0)
    whole = place.at(
        Area(plan.at, plan.left, plan.at + max(len(plan.fresh), 1), plan.left + max(width, 1))
    )
    changed = [
        Change(
            row,
            column,
            target.formula(grid.at(row, column))
            or str(grid.at(row, column).get("formattedValue", "")),
            str(value),
        )
        for row, column, _, value in plan.updates
    ]
    added = target.added(
        (plan.at, plan.left), [[_text(one) for one in row] for row in plan.shown],
        [list(row) for row in plan.shown],
    )  # fmt: skip
    verb = "Would update" if dry_run else "Updated"
    touched = sorted({row for row, *_ in plan.updates})
    fresh = range(plan.at, plan.at + len(plan.fresh))
    said = (
        f"{verb} {show.count(len(touched), 'row')}{_numbers(touched)}, "
        f"{'append' if dry_run else 'appended'} {len(plan.fresh)}{_numbers(fresh)}: " + "{}."
    )
    if dry_run or not (plan.updates or plan.fresh):
        return Written(said, place.text(), [*changed, *added], dry_run=dry_run)
    notes = await ask(2 if place.table is not None and plan.updates and plan.fresh else 1)
    body: list[JsonObject] = [
        {
            "range": a1.place(place.tab.title, Area(row, column, row + 1, column + 1)),
            "values": [[value]],
        }
        for row, column, value, _ in plan.updates
    ]
    if place.table is None and plan.fresh:
        room = target.growth(whole, plan.at + len(plan.fresh), plan.left + width)
        if room:
            await target.send_requests(google, address, room)
        body.append({"range": whole.text(), "values": [list(row) for row in plan.fresh]})
    if body:
        await target.send_values(google, address, body, raw=raw)
    if place.table is not None and plan.fresh:
        await _into_table(google, address, place.table, plan, formulas=formulas, raw=raw)
    return Written(said, place.text(), [*changed, *added], notes)


async def _into_table(
    google: Google, address: Address, table: Table, plan: Plan, *, formulas: bool, raw: bool
) -> None:
    rows = [
        {
            "values": [
                data(value, table.columns[n][1], formulas=formulas, raw=raw)
                for n, value in enumerate(row)
            ]
        }
        for row in plan.shown
    ]
    request = {"appendCells": {"tableId": table.id, "rows": rows, "fields": "userEnteredValue"}}
    try:
        await target.send_requests(google, address, [request])
    except WorkspaceError as error:
        if plan.updates:
            error.after("The rows that were there are updated; the new ones are not:")
        raise


def planned(grid: Grid, rows: Rows, sent: Rows, key: str, table: Table | None) -> Plan:
    """What to write where.

    Raises:
        ArgumentError: columns that are not there, or keys that are there twice.
    """
    head = [str(cell.get("formattedValue", "")) for cell in grid.rows[0]] if grid.rows else []
    columns = _columns(head, [str(one if one is not None else "") for one in rows[0]])
    names = [str(one).strip().casefold() for one in rows[0]]
    if key.strip().casefold() not in names:
        raise ArgumentError(
            "key is not among the names of rows[0].", "The first row gives the columns' names."
        )
    at_key = names.index(key.strip().casefold())
    known = _known(grid, columns[at_key])
    updates: list[tuple[int, int, Value, Value]] = []
    fresh: list[list[Value]] = []
    shown: list[list[Value]] = []
    seen: set[str] = set()
    blocked: list[str] = []
    for number, (row, out) in enumerate(zip(rows[1:], sent[1:], strict=True), 1):
        if len(row) > len(columns) or len(row) <= at_key or row[at_key] in (None, ""):
            raise ArgumentError(f"rows[{number}] has no key, or more cells than rows[0] has names.")
        word = _word(row[at_key])
        if word in seen:
            raise ArgumentError(f"rows[{number}] has the key of an earlier row.")
        seen.add(word)
        if word not in known:
            fresh.append(_ordered(columns, out, len(head)))
            shown.append(_ordered(columns, row, len(head)))
            continue
        for across, value in enumerate(row):
            place = known[word], grid.left + columns[across]
            cell = grid.at(*place)
            if value is None or across == at_key or _held(cell, value):
                continue
            if target.formula(cell):
                blocked.append(a1.cell(*place))
            updates.append((*place, out[across], value))
    end = table.area.bottom if table and table.area.bottom else grid.top + len(grid.rows)
    return Plan(updates, fresh, shown, end, grid.left, blocked)


def _columns(head: Sequence[str], names: Sequence[str]) -> list[int]:
    low = [one.strip().casefold() for one in head]
    found: list[int] = []
    for number, name in enumerate(names):
        places = [n for n, one in enumerate(low) if one == name.strip().casefold() and one]
        if len(places) != 1:
            raise ArgumentError(
                f"rows[0][{number}]: {'no column has' if not places else 'several columns have'} that name.",
                "The first row of the range must hold the columns' names, and rows[0] some of them.",
            )
        found.append(places[0])
    return found


def _known(grid: Grid, column: int) -> Mapping[str, int]:
    """Key → row. A key counts as it is shown and as its plain value."""
    found: dict[str, int] = {}
    for down in range(1, len(grid.rows)):
        cell = grid.at(grid.top + down, grid.left + column)
        words = {str(cell.get("formattedValue", "")), raw(scalar(cell.get("userEnteredValue", {})))}
        for word in {_word(one) for one in words if one}:
            if word in found and found[word] != grid.top + down:
                raise ArgumentError(
                    f"The sheet has that key twice, in rows {found[word] + 1} and {grid.top + down + 1}.",
                    "Choose a column whose values are all different.",
                )
            found[word] = grid.top + down
    return found


def _numbers(rows: Sequence[int]) -> str:
    """` (rows 8, 10-12)`, as people count them."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and spans[-1][1] == row:
            spans[-1][1] = row + 1
        else:
            spans.append([row, row + 1])
    said = [f"{top + 1}-{end}" if end - top > 1 else str(end) for top, end in spans]
    more = f" … +{len(said) - _FEW}" if len(said) > _FEW else ""
    return f" ({', '.join(said[:_FEW])}{more})" if said else ""


def _text(value: Value) -> str:
    return "" if value is None else raw(value)


def _word(value: Any) -> str:
    return raw(value).strip().casefold()


def _held(cell: Mapping[str, Any], value: Value) -> bool:
    if not cell.get("userEnteredValue"):
        return value == ""
    held = next(iter(cell["userEnteredValue"].values()))
    return held == value or (isinstance(value, str) and value == cell.get("formattedValue"))


def _ordered(columns: Sequence[int], row: Sequence[Value], width: int) -> list[Value]:
    found: list[Value] = [None] * width
    for at, value in zip(columns, row, strict=False):
        found[at] = value
    while found and found[-1] is None:
        found.pop()
    return found
