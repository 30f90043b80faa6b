"""Watches the changes of one call: reads what was there before, keeps how to take it back."""

import json
import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from workspace_mcp.errors import GoogleError, WorkspaceError
from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import Answer, JsonObject
from workspace_mcp.google.resource import Resource
from workspace_mcp.journal.entry import Entry, Step
from workspace_mcp.journal.file import Journal
from workspace_mcp.journal.inverses import RULES
from workspace_mcp.journal.rule import Look, Turn, rule_for, unknown
from workspace_mcp.policy.effects import Wire

log = logging.getLogger(__name__)


class Recorder:
    """The changes of one call, in their order."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._seen: dict[tuple[str, tuple[tuple[str, str], ...]], JsonObject] = {}
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
        found = rule_for(wire, RULES)
        if found is None:
            return lambda answer: self.turns.append(unknown(wire))
        rule, match = found
        before = await self._looked(google, rule.look(wire, match))
        self._seen.clear()  # from here on it may be otherwise

        def after(answer: Answer) -> None:
            self.turns.append(rule.turn(wire, match, before, _object(answer.body)))

        return after

    async def _looked(self, google: Google, look: Look) -> list[JsonObject | None]:
        """What is there now; None for what cannot be read, which then cannot be taken back."""
        query = tuple(sorted(look.query))
        known = [self._seen.get((url, query)) for url in look.urls]
        if not look.urls or all(one is not None for one in known):
            return known
        fields: Any = dict(look.query)
        resources = [Resource(url, "journal") for url in look.urls]
        try:
            found = await google.get_many(resources, **fields)
        except WorkspaceError as error:
            log.info("what a change replaces could not be read: %s", error)
            return [None for _ in resources]
        return [None if isinstance(one, GoogleError) else one for one in found]

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
