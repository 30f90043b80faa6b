"""What stands around the cells: tabs, names, tables, filters, charts, pivot tables, protection.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError, NotFoundError, OutcomeUnknownError, WorkspaceError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.google.client import Google
from workspace_mcp.journal.inverses.spreadsheet.book import OVERVIEW
from workspace_mcp.policy.effects import fetching
from workspace_mcp.scopes import Scope
from workspace_mcp.services.sheets import charts, contents, order, pivots, tables, target
from workspace_mcp.services.sheets.actions import NEEDS_HEADERS, TAKES, Action, Do
from workspace_mcp.services.sheets.batch import Acted, Fields, Step, given, need
from workspace_mcp.services.sheets.spreadsheets import Address, Book, Place, SheetId, fetched
from workspace_mcp.services.sheets.tabs import name_step, tab_step
from workspace_mcp.tools import Effect, View, tool

_OVER: Final = frozenset({"copy", "cut", "split", "pivot"})
"""Kinds that write over cells which are not their range."""
Heads = Mapping[int, Sequence[str]]
"""Number of the action → the first row of its range."""


@tool(title="Structure of a spreadsheet", needs=[Scope.SHEETS], effect=Effect.WRITES)
async def sheets_structure(
    google: Google,
    sheet: SheetId,
    actions: Annotated[list[Action], Field(min_length=1, max_length=50)],
    overwrite: bool = False,
    dry_run: bool = False,
) -> View:
    """Tabs, names, tables, filters, sorting, charts, pivots, protection, replacing, copying.

    All actions or none, in order. Columns by header or letter.
    """
    address = Address.of(sheet)
    book = await fetched(google, address, OVERVIEW)
    elsewhere = [one for one in actions if one.do == "copy_tab" and one.to]
    here = [one for one in actions if not (one.do == "copy_tab" and one.to)]
    here = await _titled(google, address, here)
    heads = await _heads(google, address, book, here)
    steps = _steps(book, here, heads)
    await _quiet(google, address, book, here)
    if not overwrite:
        await _free(google, address, book, here)
    away = [_away(book, one) for one in elsewhere]
    if dry_run:
        return Acted([*steps, *(step for step, _, _ in away)], (), dry_run=True)
    requests = [one for step in steps for one in step.requests]
    replies = await target.send_requests(google, address, requests) if requests else ()
    for number, (step, tab, goal) in enumerate(away):
        resource = address.resource.sub("sheets").item(str(tab)).verb("copyTo")
        try:
            await google.post(resource, {"destinationSpreadsheetId": goal.id})
        except OutcomeUnknownError as error:
            raise target.lost(error) from error
        except WorkspaceError as error:
            if not steps and number == 0:
                raise
            problem = WorkspaceError(f"Not done: {step.said}. {error.what}", error.remedy)
            return Acted(steps, replies, problem=problem)
        steps.append(step)
    return Acted(steps, replies)


def _steps(book: Book, actions: Sequence[Action], heads: Heads) -> list[Step]:
    steps: list[Step] = []
    for number, action in enumerate(actions):
        try:
            found = step(book, action, heads.get(number, ()))
        except (ArgumentError, NotFoundError) as error:
            raise type(error)(f"actions[{number}]: {error.what}", error.remedy) from error
        book = found.book or book
        steps.append(found)
    return steps


def step(book: Book, action: Action, heads: Sequence[str] = ()) -> Step:
    """What an action sends.

    Raises:
        ArgumentError: fields that do not fit. NotFoundError: no such name or table.
    """
    fields = given(action, action.do, TAKES)
    place = book.place(action.range) if action.range is not None else None
    match action.do:
        case (
            "rename" | "add_tab" | "rename_tab" | "copy_tab" | "delete_tab" | "move_tab"
            | "hide_tab" | "show_tab" | "color_tab" | "gridlines"
        ):  # fmt: skip
            return tab_step(book, action.do, fields)
        case "name" | "rename_name" | "unname":
            return name_step(book, action.do, fields)
        case "table" | "rename_table" | "resize_table" | "delete_table":
            if action.do in {"table", "resize_table"}:
                need(fields, "range")
            return tables.table_step(book, place, heads, action.do, fields)
        case "unfilter" | "delete_chart" | "unprotect" | "move_chart":
            return _by_number(book, action.do, fields)
        case "replace" | "dedupe" | "trim" | "split" | "copy" | "cut":
            return contents.data_step(book, place, heads, action.do, fields)
        case "filter" | "sort" | "chart" | "pivot" | "protect" | "comment":
            if place is None:
                raise ArgumentError("range is missing.")
            return _of_range(book, place, heads, action.do, fields)


def _of_range(book: Book, place: Place, heads: Sequence[str], do: Do, fields: Fields) -> Step:
    match do:
        case "filter":
            return order.filter_step(place, heads, fields)
        case "sort":
            return order.sort_step(place, heads, fields)
        case "chart":
            return charts.chart_step(book, place, heads, fields)
        case "pivot":
            return pivots.pivot_step(book, place, heads, fields)
        case "comment":
            return contents.comment_step(place, fields)
        case _:
            return contents.protect_step(place, fields)


def _by_number(book: Book, do: Do, fields: Fields) -> Step:
    if do == "unfilter" and "index" not in fields:
        tab = book.tab(str(need(fields, "tab", "or the filter view's number as index")))
        return Step(do, tab.title, [{"clearBasicFilter": {"sheetId": tab.id}}])
    if do == "move_chart":
        return charts.moved_chart(book, fields)
    number = int(need(fields, "index", "its number, as sheets_read shows it"))
    request = {
        "unfilter": {"deleteFilterView": {"filterId": number}},
        "delete_chart": {"deleteEmbeddedObject": {"objectId": number}},
        "unprotect": {"deleteProtectedRange": {"protectedRangeId": number}},
    }[do]
    return Step(f"{do} #{number}", "", [request])


def _away(book: Book, action: Action) -> tuple[Step, int, Address]:
    """A tab into another spreadsheet."""
    fields = given(action, action.do, TAKES)
    if {"value", "index"} & set(fields):
        raise ArgumentError(
            "A tab that goes to another spreadsheet keeps its name: give tab and to alone."
        )
    tab = book.tab(str(need(fields, "tab")))
    goal = Address.of(action.to or "")
    goal.resource  # noqa: B018 - an id that is none is refused before anything is done
    return Step("copy_tab into the other spreadsheet:", tab.title, ()), tab.id, goal


async def _titled(google: Google, address: Address, actions: list[Action]) -> list[Action]:
    """Actions in which a chart that is made anew keeps its title, unless it gets another."""
    partly = [one for one in actions if one.do == "chart" and one.index is not None]
    if all(one.value is not None for one in partly):
        return actions
    fields = "sheets(charts(chartId,spec(title)))"
    answer = await google.get(address.resource, fields=fields)
    titles = {
        one["chartId"]: one.get("spec", {}).get("title")
        for sheet in answer.get("sheets", ())
        for one in sheet.get("charts", ())
    }
    return [
        one.model_copy(update={"value": titles.get(one.index)})
        if one in partly and one.value is None
        else one
        for one in actions
    ]


async def _heads(google: Google, address: Address, book: Book, actions: Sequence[Action]) -> Heads:
    """The first rows of the ranges whose columns may be named by their headers."""
    places: dict[int, Place] = {}
    for number, action in enumerate(actions):
        if action.do not in NEEDS_HEADERS or action.range is None:
            continue
        try:
            place = book.place(action.range)
        except ArgumentError:
            continue  # a tab that an earlier action makes; `step` says when there is none
        box = place.box
        places[number] = place.at(Area(box.top, box.left, (box.top or 0) + 1, box.right))
    if not places:
        return {}
    values = address.resource.sub("values").verb("batchGet")
    ranges = [a1.place(one.tab.title, one.area) for one in places.values()]
    answer = await google.get(values, ranges=ranges, fields="valueRanges(values)")
    found = answer.get("valueRanges", ())
    return {
        number: [str(cell) for cell in (one.get("values") or [[]])[0]]
        for number, one in zip(places, found, strict=True)
    }


async def _quiet(google: Google, address: Address, book: Book, actions: Sequence[Action]) -> None:
    """Nothing, when no text that is split has a formula in it which fetches from elsewhere.

    Raises:
        ArgumentError: it has: Sheets reads the parts as if somebody typed them.
    """
    for action in actions:
        if action.do == "replace" and fetching(action.to or ""):
            raise ArgumentError(
                "A replacement may not be a formula that fetches from other places."
            )
        if action.do == "split" and action.range is not None:
            (grid,) = await target.before(google, address, [book.place(action.range)])
            mark = action.value or ","
            for row, column, cell in grid.cells():
                if any(map(fetching, str(cell.get("formattedValue", "")).split(mark))):
                    raise ArgumentError(
                        f"{a1.cell(row, column)} holds a formula as text that would fetch from other places.",
                        "Look at it first: splitting would make it work.",
                    )


async def _free(google: Google, address: Address, book: Book, actions: Sequence[Action]) -> None:
    """Nothing, when the cells that would be written over are empty.

    Raises:
        ArgumentError: which are not.
    """
    places = [found for one in actions if one.do in _OVER and (found := _covered(book, one))]
    if not places:
        return
    for place, grid in zip(places, await target.before(google, address, places), strict=True):
        del place
        full = [
            a1.cell(row, column)
            for row, column, cell in grid.cells()
            if cell.get("userEnteredValue")
        ]
        if full:
            more = f", +{len(full) - 12}" if len(full) > 12 else ""
            raise ArgumentError(
                f"Nothing was changed; filled already: {', '.join(full[:12])}{more}.",
                "Choose another place, or repeat with overwrite=true.",
            )


def _covered(book: Book, action: Action) -> Place | None:
    """The cells that an action writes over, as far as they can be known."""
    if action.range is None or action.kind == "format":
        return None
    try:
        source = book.place(action.range)
        goal = source if action.do == "split" else book.goal(action.to or "", source)
    except ArgumentError:
        return None  # a tab that an earlier action makes: it is empty
    box = source.box
    if action.do == "split":
        right = min((box.right or 0) + 5, source.tab.columns)
        return (
            source.at(Area(box.top, box.right, box.bottom, right))
            if right > (box.right or 0)
            else None
        )
    top, left = goal.area.top or 0, goal.area.left or 0
    height, width = (1, 1) if action.do == "pivot" else (box.height, box.width)
    if action.do == "copy" and goal.area.bottom and goal.area.right:
        height, width = max(height, goal.area.bottom - top), max(width, goal.area.right - left)
    area = Area(top, left, min(top + height, goal.tab.rows), min(left + width, goal.tab.columns))
    return goal.at(area)
