"""Changing many messages and threads at once: labels, archive, star, trash.

Source: developers.google.com/workspace/gmail/api/guides/labels,
…/reference/rest/v1/users.messages/batchModify
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import anyio
from pydantic import Field

from workspace_mcp.errors import ArgumentError, NotFoundError, WorkspaceError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.kinds import (
    FEW,
    OF_MESSAGE,
    OF_THREAD,
    Found,
    labels_of,
    look,
    matching,
    sort_out,
)
from workspace_mcp.services.gmail.labelling import Action, Change, State
from workspace_mcp.services.gmail.mailbox import MESSAGES, THREADS, Labels
from workspace_mcp.services.gmail.query import fit_for_google, includes_spam_and_trash
from workspace_mcp.tools import Clock, Effect, Tier, View, tool

MOST: Final = 1_000
_SECONDS: Final = 40.0
"""For changing items one by one; what is not done by then is listed."""
_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How changing went, by id: what items are now, and why some could not be changed."""

    after: dict[str, State] = field(default_factory=dict[str, State])
    failed: dict[str, WorkspaceError] = field(default_factory=dict[str, WorkspaceError])


@dataclass(frozen=True, slots=True)
class Modified(View):
    """What changed, before → after, or would."""

    found: Found
    change: Change
    labels: Labels
    outcome: Outcome
    dry_run: bool

    def text(self, fence: Fence) -> str:
        """A line of counts, then each item while they are few, then what went wrong."""
        good = [one for one in self.found.states if one.id not in self.outcome.failed]
        touched = [one for one in good if one.changes(self.change)]
        lines = [self._first(touched, fence)] if good else []
        shown = [one for one in good if one.messages is not None]
        lines += [one.text(self._after(one), self.labels, fence) for one in shown]
        if 0 < len(shown) < len(good):
            lines.append(f"and {len(good) - len(shown):,} more")
        lines += self._troubles()
        if self.dry_run:
            lines.append("Nothing was changed: dry_run.")
        return "\n".join(lines)

    def _first(self, touched: Sequence[State], fence: Fence) -> str:
        what = self.change.text(self.labels, fence)
        if not touched:
            return f"Nothing to change: {what} is so already."
        threads = [one for one in touched if one.thread]
        inside = sum(len(self._after(one).messages or ()) for one in threads)
        parts: list[str] = []
        if threads:
            whole = f" ({show.count(inside, 'message')})" if inside else ""
            parts.append(show.count(len(threads), "thread") + whole)
        if len(touched) > len(threads):
            parts.append(show.count(len(touched) - len(threads), "message"))
        return f"{'Would change' if self.dry_run else 'Changed'} {' and '.join(parts)}: {what}."

    def _after(self, state: State) -> State:
        """What Google says that it is now, else what it must be."""
        return self.outcome.after.get(state.id) or state.changed(self.change)

    def _troubles(self) -> list[str]:
        lines = [f"Not found: {_some(self.found.missing)}"] if self.found.missing else []
        reasons: dict[str, list[str]] = {}
        for one, error in self.outcome.failed.items():
            reasons.setdefault(error.what, []).append(one)
        return lines + [f"Not changed: {_some(ids)}. {why}" for why, ids in reasons.items()]


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")


@tool(
    title="Change mail",
    needs=[Scope.GMAIL_MODIFY],
    effect=Effect.WRITES,
    tier=Tier.CORE,
    level="organize",
)
async def gmail_modify(
    google: Google,
    clock: Clock,
    ids: Annotated[list[str] | None, Field(description="Threads or messages, 1-1000.")] = None,
    query: Annotated[str | None, Field(description="Instead of ids; needs expect.")] = None,
    expect: Annotated[int | None, Field(description="How many it matches.")] = None,
    action: Action | None = None,
    add: Annotated[list[str] | None, Field(description="Labels by name.")] = None,
    remove: list[str] | None = None,
    dry_run: bool = False,
) -> View:
    """Archive, mark, star, label, trash or restore mail."""
    if bool(ids) == bool(query):
        raise ArgumentError("Give either ids or query.", "gmail_search finds ids.")
    labels = await Labels.fetch(google)
    change = Change.of(labels, action, add or (), remove or ())
    if query:
        found = await _queried(google, fit_for_google(query, clock.zone), expect)
    else:
        found = await _given(google, list(dict.fromkeys(ids or ())))
    if dry_run:
        first = await labels_of(google, [one for one in found.states[:FEW] if not one.messages])
        return Modified(_with(found, first), change, labels, Outcome(), dry_run)
    outcome = await changed(google, [one for one in found.states if one.changes(change)], change)
    if outcome.failed.keys() == {one.id for one in found.states}:
        raise next(iter(outcome.failed.values()))
    return Modified(found, change, labels, outcome, dry_run)


async def _given(google: Google, ids: Sequence[str]) -> Found:
    if len(ids) > MOST:
        raise ArgumentError(f"{len(ids):,} ids were given; {MOST:,} can be.")
    found = await look(google, ids) if len(ids) <= FEW else await sort_out(google, ids)
    if not found.states:
        raise NotFoundError("None of these ids exists.", "Search again: ids go stale.")
    return found


async def _queried(google: Google, query: str, expect: int | None) -> Found:
    """The messages that a query matches, when they are as many as was expected."""
    everywhere = includes_spam_and_trash(query)
    hits = await matching(google, query, MOST, everywhere=everywhere)
    threads = len({thread for _, thread in hits})
    if not hits:
        raise NotFoundError("The query matches no message. Nothing was changed.")
    if expect not in {len(hits), threads}:
        said = "expect was not given" if expect is None else f"expect was {expect}"
        raise ArgumentError(
            f"The query matches {show.count(len(hits), 'message')} in "
            f"{show.count(threads, 'thread')}, and {said}. Nothing was changed.",
            "Look at them with gmail_search, then repeat with one of these numbers as expect.",
        )
    found = Found([State(message, thread=False) for message, _ in hits], ())
    return _with(found, await labels_of(google, found.states)) if len(hits) <= FEW else found


def _with(found: Found, looked: Sequence[State]) -> Found:
    """`found`, with those that were looked at in their places."""
    seen: Mapping[str, State] = {one.id: one for one in looked}
    return Found([seen.get(one.id, one) for one in found.states], found.missing)


async def changed(google: Google, states: Sequence[State], change: Change) -> Outcome:
    """Change every item: many messages in one request, the rest one by one. Twice does no harm."""
    outcome = Outcome()
    alone = [one for one in states if one.thread]
    messages = [one for one in states if not one.thread]
    if len(messages) <= FEW:
        alone += messages
    else:
        await _together(google, [one.id for one in messages], change, outcome)
    with anyio.move_on_after(_SECONDS):
        async with anyio.create_task_group() as tasks:
            for one in alone:
                tasks.start_soon(_one, google, one, change, outcome)
    for one in alone:
        if one.id not in outcome.after and one.id not in outcome.failed:
            outcome.failed[one.id] = WorkspaceError("There was no time left: call again for these.")
    return outcome


async def _together(google: Google, ids: Sequence[str], change: Change, outcome: Outcome) -> None:
    for start in range(0, len(ids), MOST):
        part = ids[start : start + MOST]
        try:
            await google.post(MESSAGES.sub("batchModify"), {"ids": part, **change.body}, safe=True)
        except WorkspaceError as error:
            outcome.failed.update(dict.fromkeys(part, error))


async def _one(google: Google, state: State, change: Change, outcome: Outcome) -> None:
    kind, fields = (THREADS, OF_THREAD) if state.thread else (MESSAGES, OF_MESSAGE)
    try:
        answer = await google.post(
            kind.item(state.id).sub("modify"), change.body, safe=True, fields=fields
        )
        outcome.after[state.id] = State.from_api(state.id, answer)
    except WorkspaceError as error:
        outcome.failed[state.id] = error
