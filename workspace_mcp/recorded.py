"""Around a tool's call: its changes go into the journal; a dry run ends at the first of them."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workspace_mcp.backends import Backend, Call
from workspace_mcp.errors import WorkspaceError
from workspace_mcp.registry import LoadedTool

if TYPE_CHECKING:
    from workspace_mcp.policy.rehearsal import Rehearsed
    from workspace_mcp.tools import View

LONGEST: Final = 200
"""Characters that an answer says of what cannot be taken back; workspace_history has the rest."""


async def view_of(loaded: LoadedTool, call: Call, arguments: Mapping[str, Any]) -> "View":
    """Run the tool."""
    filled = {name: call.provide(kind) for name, kind in loaded.arguments.injected.items()}
    return await loaded.tool.function(**filled, **arguments)


@dataclass(slots=True)
class Changed:
    """The journal's entry of a call, known at its end: its id when it can be taken back, what of it cannot."""

    id: str = ""
    lost: Sequence[str] = ()

    def line(self, *, undo: bool) -> str:
        """What the answer ends with; "" when nothing is to be said. `undo`: there is a tool for it."""
        lost = _short(self.lost)
        if self.id and undo:
            return f"Undo: {self.id} (in part; not {lost})" if lost else f"Undo: {self.id}"
        return f"No undo: {lost}" if lost else ""


@asynccontextmanager
async def recorded(backend: Backend, call: Call, tool: str) -> AsyncGenerator[Changed]:
    """One call: with permits of its own, and its changes in the journal, also when it fails half-way."""
    from workspace_mcp.journal import recorder  # with the first call, not with the start
    from workspace_mcp.policy.audience import WRITING
    from workspace_mcp.policy.gate import PERMITS, Permits

    mine = recorder.Recorder()
    permits, recording = PERMITS.set(Permits()), recorder.RECORDER.set(mine)
    writing = WRITING.set(call.writing())
    changed = Changed()
    try:
        yield changed
    finally:
        WRITING.reset(writing)
        PERMITS.reset(permits)
        recorder.RECORDER.reset(recording)
        await mine.settle()
        entry = recorder.write(backend.journal, mine, tool, backend.clock.now())
        changed.lost = mine.unsaid
        changed.id = entry.id if entry is not None and entry.back else ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a call would do: its first change, or its answer when it changes nothing."""

    view: "View | None" = None
    title: str = ""
    shown: str = ""
    line: str = ""
    """What of it could not be taken back; "" for nothing."""


async def rehearsed(loaded: LoadedTool, call: Call, arguments: Mapping[str, Any]) -> Rehearsal:
    """Follow a call to its first change."""
    from workspace_mcp.policy.rehearsal import REHEARSAL, Rehearsed

    token = REHEARSAL.set(True)
    ends: list[Rehearsed] = []
    try:
        return Rehearsal(await view_of(loaded, call, arguments))
    except Rehearsed as end:
        ends.append(end)
    except BaseExceptionGroup as group:  # several changes at once
        mine, others = group.split(Rehearsed)
        if others is not None or mine is None:
            raise
        ends += _leaves(mine)
    finally:
        REHEARSAL.reset(token)
    lost = _short(tuple(dict.fromkeys(one.lost for one in ends if one.lost)))
    line = f"Could not be taken back: {lost}." if lost else ""
    return Rehearsal(None, ends[0].title, ends[0].shown, line)


async def foreseen(loaded: LoadedTool, call: Call, arguments: Mapping[str, Any]) -> str:
    """What a tool's own dry run leaves to the frame: what could not be taken back, or why it would fail.

    The call is followed once more, to its first change; what it read is not asked for again.
    """
    from workspace_mcp.policy.rehearsal import FORESIGHT

    token = FORESIGHT.set(True)
    try:
        return (await rehearsed(loaded, call, {**arguments, "dry_run": False})).line
    except WorkspaceError as error:
        return f"It would fail now: {error.what}"
    finally:
        FORESIGHT.reset(token)


def _leaves(group: "BaseExceptionGroup[Rehearsed]") -> "Iterator[Rehearsed]":
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one


def _short(lost: Sequence[str]) -> str:
    said = "; ".join(lost)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
