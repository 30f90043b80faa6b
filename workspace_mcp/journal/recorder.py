"""Watches the changes of one call: reads what was there before, keeps how to take it back."""

import json
import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import anyio

from workspace_mcp.errors import GoogleError, WorkspaceError
from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import Answer, JsonObject
from workspace_mcp.google.resource import Resource
from workspace_mcp.journal.entry import Entry, Step
from workspace_mcp.journal.file import Journal
from workspace_mcp.journal.inverses import RULES
from workspace_mcp.journal.rule import Before, Look, Rule, Turn, rule_for, unknown
from workspace_mcp.policy.effects import Wire

log = logging.getLogger(__name__)
_PATIENCE: Final = 30.0
"""Seconds for the last looks of a call, also when it was cancelled."""


class Recorder:
    """The changes of one call, in their order."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._seen: dict[tuple[str, tuple[tuple[str, str], ...]], JsonObject] = {}
        self._before: dict[str, Before] = {}
        self._google: Google | None = None
        self.account = ""
        self.undoes = ""

    def saw(self, wire: Wire) -> Callable[[Answer], None]:
        """Remembers what the call itself read, so that it is not asked for twice."""
        key = f"https://{wire.host}{wire.path}", tuple(sorted(wire.query.items()))

        def keep(answer: Answer) -> None:
            self._seen[key] = _object(answer.body)

        return keep

    async def before(self, google: Google, wire: Wire) -> Callable[[Answer], None]:
        """Look at what a change is going to replace; what to do with Google's answer."""
        self.account = google.account
        self._google = google
        found = rule_for(wire, RULES)
        if found is None:
            await self._settle()
            return lambda answer: self.turns.append(unknown(wire))
        rule, match = found
        key = rule.key(match)
        same = next((one for one in self.turns if key and one.key == key), None)
        if same is not None and same.made:
            return lambda answer: None  # what this call made goes as a whole
        if same is not None and same.whole:
            return self._more(wire, rule, match, same)
        await self._settle()
        before = await self._looked(google, rule.look(wire, match))
        self._seen.clear()  # from here on it may be otherwise

        def after(answer: Answer) -> None:
            self._before[key] = before
            self.turns.append(rule.turn(wire, match, before, _object(answer.body)))

        return after

    def _more(
        self, wire: Wire, rule: Rule, match: re.Match[str], first: Turn
    ) -> Callable[[Answer], None]:
        """Another change of the same thing: one turn, from before the first to after the last."""
        self._seen.clear()

        def after(answer: Answer) -> None:
            last = rule.turn(wire, match, self._before[first.key], _object(answer.body))
            self.turns[self.turns.index(first)] = last

        return after

    async def settle(self) -> None:
        """Look at what the changes left, as far as a turn needs it; also when the call was cancelled."""
        with anyio.move_on_after(_PATIENCE, shield=True):
            await self._settle(every=True)

    async def _settle(self, *, every: bool = False) -> None:
        for number, turn in enumerate(self.turns):
            if turn.settle is None or self._google is None or (turn.whole and not every):
                continue
            self.turns[number] = turn.settle(await looked(self._google, turn.look))

    async def _looked(self, google: Google, look: Look) -> Before:
        query = tuple(sorted(look.query))
        known = [self._seen.get((url, query)) for url in look.urls]
        if look.then is None and (not look.urls or all(one is not None for one in known)):
            return known
        return await looked(google, look)

    def entry(self, tool: str, now: datetime) -> Entry | None:
        """All of it as one entry; None when nothing was changed."""
        turns = [one for one in self.turns if one.what]
        if not turns:
            return None
        back: list[Step] = []
        spent: set[str] = set()
        for one in reversed(turns):
            back += [step for step in one.back if step.url not in spent]
            spent |= {one.spent}
        return Entry(
            f"j{secrets.token_hex(4)}", now.astimezone(UTC).isoformat(timespec="seconds"),
            self.account, tool, tuple(one.what for one in turns), tuple(back),
            tuple(dict.fromkeys(f"{one.what}: {one.lost}" for one in turns if one.lost)), self.undoes,
        )  # fmt: skip


async def looked(google: Google, look: Look) -> list[JsonObject | None]:
    """What is there now; None for what cannot be read, which then cannot be taken back."""
    if not look.urls:
        return []
    fields: Any = {}
    for key, value in look.query:
        fields.setdefault(key, []).append(value)
    resources = [Resource(url, "journal") for url in look.urls]
    found: list[JsonObject | None] = []
    try:
        if len(resources) == 1:
            found.append(await google.get_large(resources[0], **fields))
        else:
            many = await google.get_many(resources, **fields)
            found += [None if isinstance(one, GoogleError) else one for one in many]
    except WorkspaceError as error:
        log.info("what a change replaces could not be read: %s", error)
        return [None for _ in resources]
    return found if look.then is None else [*found, *await looked(google, look.then(found))]


RECORDER: Final[ContextVar[Recorder | None]] = ContextVar("RECORDER", default=None)
"""That of the call that runs."""


def write(journal: Journal, recorder: Recorder, tool: str, now: datetime) -> Entry | None:
    """Write what a call changed; None when it changed nothing, or that could not be kept."""
    entry = recorder.entry(tool, now)
    if entry is None:
        return None
    try:
        journal.add(entry, now)
    except WorkspaceError as error:  # the change itself is made, and that must not look otherwise
        log.warning("%s", error)
        return None
    return entry


def _object(body: bytes) -> JsonObject:
    try:
        found: Any = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
