"""`history`: what agents changed on this machine, and each change before → after."""

from dataclasses import asdict
from itertools import islice
from typing import Annotated, Final

import typer

from auth_cli.console import Session
from auth_cli.options import AsJson, session
from workspace_mcp.errors import UsageError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.journal.entry import Entry, undone
from workspace_mcp.journal.file import Journal
from workspace_mcp.journal.told import told

_LOOKED: Final = 1_000
_LINES: Final = 100


def history(
    context: typer.Context,
    change: Annotated[
        str | None, typer.Argument(metavar="ID", help="A change, to see it before → after.")
    ] = None,
    most: Annotated[int, typer.Option("--max", min=1, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """What agents changed through this server, newest first; with an id, that change before → after."""
    del as_json
    run = session(context)
    journal = Journal(run.places.journal)
    every = list(islice(journal.newest_first(), _LOOKED))
    gone = undone(every[::-1])
    if change is not None:
        _one(run, journal.find(change), gone)
        return
    if run.as_json:
        run.answer("", [asdict(one) for one in every[:most]])
        return
    for one in every[:most]:
        run.answer(_line(one, gone), {})
    if not every:
        run.say("Nothing was changed through this server yet.")
    else:
        run.say("One of them before → after: workspace-auth history ID")


def _line(one: Entry, gone: frozenset[str]) -> str:
    state = "taken back" if one.id in gone else f"undo: {one.can_undo}"
    parts = (one.id, one.tool, one.account, "; ".join(one.what), f"({state})")
    return "  ".join((f"{one.moment.astimezone():%Y-%m-%d %H:%M}", *map(clean_line, parts)))


def _one(run: Session, found: Entry | None, gone: frozenset[str]) -> None:
    if found is None:
        raise UsageError("The journal has no such change.", "workspace-auth history lists them.")
    lines = told(found)
    if run.as_json:
        shown = [{"where": one.where, "before": one.before, "after": one.after} for one in lines]
        run.answer("", {**asdict(found), "shown": shown})
        return
    run.answer(_line(found, gone), {})
    for one in lines[:_LINES]:
        run.answer(f"  {one.text()}", {})
    if len(lines) > _LINES:
        run.answer(f"  and {len(lines) - _LINES} more; --json has all", {})
    for lost in found.lost:
        run.answer(f"  Cannot be taken back: {clean_line(lost)}", {})
    if found.back and found.id not in gone:
        run.say(f"To take it back, tell the agent: undo {found.id}")
