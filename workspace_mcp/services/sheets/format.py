"""How cells look and what they take: formats, borders, merges, rules, drop-downs, sizes.

Source: developers.google.com/workspace/sheets/api/samples/formatting
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.google.client import Google
from workspace_mcp.journal.inverses.spreadsheet.book import OVERVIEW
from workspace_mcp.scopes import Scope
from workspace_mcp.services.sheets.batch import Acted, Step
from workspace_mcp.services.sheets.format_actions import Action
from workspace_mcp.services.sheets.format_steps import step
from workspace_mcp.services.sheets.spreadsheets import Address, Book, SheetId, fetched
from workspace_mcp.services.sheets.target import before, send_requests
from workspace_mcp.tools import Effect, JsonObject, View, tool


@tool(title="Format a spreadsheet", needs=[Scope.SHEETS], effect=Effect.WRITES)
async def sheets_format(
    google: Google,
    sheet: SheetId,
    actions: Annotated[list[Action], Field(min_length=1, max_length=100)],
    dry_run: bool = False,
) -> View:
    """Styles, number formats, borders, merges, conditional formats, drop-downs, sizes, notes.

    All actions or none.
    """
    address = Address.of(sheet)
    book = await fetched(google, address, OVERVIEW)
    kept = await _rules_kept(google, address, book, actions)
    steps: list[Step] = []
    for number, action in enumerate(actions):
        try:
            steps.append(step(book, action, kept.get(number)))
        except (ArgumentError, NotFoundError) as error:
            raise type(error)(f"actions[{number}]: {error.what}", error.remedy) from error
    await _unharmed(google, address, book, actions)
    if dry_run:
        return Acted(steps, (), dry_run=True)
    replies = await send_requests(google, address, [one for step in steps for one in step.requests])
    return Acted(steps, replies)


async def _unharmed(
    google: Google, address: Address, book: Book, actions: Sequence[Action]
) -> None:
    """Nothing, when no chip and no merge would take away what a cell holds.

    Raises:
        ArgumentError: which cells.
    """
    risky = [(one, book.place(one.range)) for one in actions if one.do in {"merge", "chip"}]
    if not risky:
        return
    grids = await before(google, address, [place for _, place in risky])
    for (action, place), grid in zip(risky, grids, strict=True):
        lost = [
            a1.cell(row, column)
            for row, column, cell in grid.cells()
            if cell.get("userEnteredValue") and not _kept(action, place.box, row, column)
        ]
        if lost:
            more = f", +{len(lost) - 12}" if len(lost) > 12 else ""
            raise ArgumentError(
                f"Nothing was changed: {action.do} would take away what is in {', '.join(lost[:12])}{more}.",
                "Move it, or clear it with sheets_write mode=clear, then repeat.",
            )


def _kept(action: Action, box: Area, row: int, column: int) -> bool:
    """Whether a merge leaves what a cell holds."""
    first_row, first_column = row == box.top, column == box.left
    if action.do == "chip":
        return False
    by_kind = {"rows": first_column, "columns": first_row}
    return by_kind.get(action.kind or "", first_row and first_column)


async def _rules_kept(
    google: Google, address: Address, book: Book, actions: Sequence[Action]
) -> Mapping[int, JsonObject]:
    """Number of the action → the rule that it changes, where it does not say all of it anew."""
    partly = {
        number: one
        for number, one in enumerate(actions)
        if one.do == "conditional" and one.index is not None
        and (one.value is None or one.css is None or book.place(one.range).area == Area())
    }  # fmt: skip
    if not partly:
        return {}
    answer = await google.get(
        address.resource, fields="sheets(properties(sheetId),conditionalFormats)"
    )
    found = {
        one["properties"].get("sheetId", 0): one.get("conditionalFormats", ())
        for one in answer["sheets"]
    }
    return {
        number: of_tab[one.index]
        for number, one in partly.items()
        if one.index is not None
        and one.index in range(len(of_tab := found[book.place(one.range).tab.id]))
    }
