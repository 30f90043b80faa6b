"""Watches the changes of one call: reads what was there before, keeps how to take it back."""

import json
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import anyio

from workspace_mcp.errors import GoogleError, WorkspaceError
from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import Answer, JsonObject, Sending
from workspace_mcp.google.resource import Resource
from workspace_mcp.journal.entry import Entry, Step
from workspace_mcp.journal.file import Journal
from workspace_mcp.journal.inverses import RULES
from workspace_mcp.journal.inverses.gmail import gathered
from workspace_mcp.journal.rule import Before, Look, Pairs, Rule, Turn, rule_for, unknown
from workspace_mcp.policy.effects import Wire

Key = tuple[str, Pairs]
log = logging.getLogger(__name__)
LISTED: Final = 5_000
"""Items of a list that are read: in Gmail ten pages, of five units each."""
_PATIENCE: Final = 30.0
"""Seconds for the last looks of a call, also when it was cancelled."""


class Recorder:
    """The changes of one call, in their order."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._seen: dict[Key, Answer] = {}
        self._before: dict[str, Before] = {}
        self._google: Google | None = None
        self.account = ""
        self.undoes = ""

    def saw(self, sending: Sending, answer: Answer) -> None:
        """Remember what the call itself read, so that it is not asked for twice."""
        self._seen[_key(sending)] = answer

    def knows(self, sending: Sending) -> Answer | None:
        """What the call read there already."""
        return self._seen.get(_key(sending))

    async def lost_before(self, google: Google, wire: Wire) -> str:
        """What of a request that will not leave could not be taken back; "" for nothing."""
        found = rule_for(wire, RULES)
        if found is None:
            return unknown(wire).lost
        rule, match = found
        before = await self._looked(google, rule.looks(wire, match, self._asked))
        return rule.lost_before(wire, match, before)

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
        look = rule.looks(wire, match, self._asked)
        before = await self._looked(google, look)
        self._forget(look if rule.alone else None)

        def after(answer: Answer) -> None:
            self._before[key] = before
            self.turns.append(rule.turn(wire, match, before, _object(answer.body)))

        return after

    def _more(
        self, wire: Wire, rule: Rule, match: re.Match[str], first: Turn
    ) -> Callable[[Answer], None]:
        """Another change of the same thing: one turn, from before the first to after the last."""
        self._forget(None)

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

    def _forget(self, look: Look | None) -> None:
        """What is there may be otherwise from here on; only what `look` is about, when it is given."""
        kept = {} if look is None else self._seen
        self._seen = {key: one for key, one in kept.items() if look and key[0] not in look.urls}

    def _asked(self, url: str) -> Iterator[tuple[Pairs, JsonObject]]:
        for (where, query), answer in list(self._seen.items()):
            if where == url:
                yield query, _object(answer.body)

    async def _looked(self, google: Google, look: Look) -> list[JsonObject | None]:
        query = tuple(sorted(look.query))
        known = [self._seen.get((url, query)) for url in look.urls]
        if look.pages or not look.urls or any(one is None for one in known):
            found = await looked(google, replace(look, then=None))
        else:
            found = [None if one is None else _object(one.body) for one in known]
        return (
            found if look.then is None else [*found, *await self._looked(google, look.then(found))]
        )

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
            self.account, tool, tuple(one.what for one in turns), tuple(gathered(back)),
            tuple(dict.fromkeys(f"{one.what}: {one.lost}" for one in turns if one.lost)), self.undoes,
        )  # fmt: skip

    @property
    def unsaid(self) -> tuple[str, ...]:
        """What cannot be taken back, without what every answer says anyway."""
        return tuple(dict.fromkeys(one.lost for one in self.turns if one.lost and not one.plain))


async def looked(google: Google, look: Look, *, strict: bool = False) -> list[JsonObject | None]:
    """What is there now; None for what cannot be read, which then cannot be taken back.

    Raises:
        WorkspaceError: `strict`, and something cannot be read.
    """
    if not look.urls:
        return []
    fields: Any = {}
    for key, value in look.query:
        fields.setdefault(key, []).append(value)
    resources = [Resource(url, "journal") for url in look.urls]
    found: list[JsonObject | None] = []
    try:
        if look.pages:
            found += [await _listed(google, one, look.pages, fields) for one in resources]
        elif len(resources) == 1:
            found.append(await google.get_large(resources[0], **fields))
        else:
            many = await google.get_many(resources, **fields)
            found += [None if isinstance(one, GoogleError) else one for one in many]
    except WorkspaceError as error:
        if strict:
            raise
        log.info("what a change replaces could not be read: %s", error)
        return [None for _ in resources]
    if look.then is None:
        return found
    return [*found, *await looked(google, look.then(found), strict=strict)]


async def _listed(google: Google, resource: Resource, items: str, fields: Any) -> JsonObject:
    every = [one async for one in google.pages(resource, items, most=LISTED + 1, **fields)]
    return {items: every[:LISTED], "cut": len(every) > LISTED}


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


def _key(sending: Sending) -> Key:
    """What was asked where, whatever the order."""
    url, _, more = sending.resource.url.partition("?")
    return url, tuple(sorted((*parse_qsl(more, keep_blank_values=True), *sending.query)))


def _object(body: bytes) -> JsonObject:
    try:
        found: Any = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
