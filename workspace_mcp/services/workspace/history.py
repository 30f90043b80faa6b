"""What was changed through this server, and taking it back."""

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from typing import Annotated, Any, Final

from pydantic import Field

from workspace_mcp.errors import (
    ArgumentError,
    ConflictError,
    ForbiddenError,
    MissingScopeError,
    NotFoundError,
    WorkspaceError,
)
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.media import Media
from workspace_mcp.google.resource import Resource
from workspace_mcp.journal.entry import Entry, Step, undone
from workspace_mcp.journal.file import Journal
from workspace_mcp.journal.inverses import WAYS
from workspace_mcp.journal.inverses.drive import LARGEST
from workspace_mcp.journal.recorder import RECORDER, looked
from workspace_mcp.journal.rule import Worked
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.audience import ahead
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import GUARDED, Reach, Wire, reach
from workspace_mcp.policy.written import into
from workspace_mcp.scopes import Scope, missing
from workspace_mcp.tools import Accounts, Clock, Effect, View, tool

LATEST: Final = 500
"""Entries that are looked through."""
_LINES: Final = 20
_WIDTH: Final = 120


@dataclass(frozen=True, slots=True)
class History(View):
    """Entries, the newest first."""

    entries: Sequence[Entry]
    gone: frozenset[str]
    clock: Clock

    def text(self, fence: Fence) -> str:
        """A line each: time, id, tool, account, what, and whether it can be taken back."""
        del fence
        return (
            "\n".join(map(self._line, self.entries))
            or "Nothing was changed through this server yet."
        )

    def _line(self, one: Entry) -> str:
        at = one.moment.astimezone(self.clock.zone)
        what = "; ".join(one.what[:3]) + (
            f"; and {len(one.what) - 3} more" if len(one.what) > 3 else ""
        )
        state = "taken back" if one.id in self.gone else f"undo: {one.can_undo}"
        return f"{at:%Y-%m-%d %H:%M}  [{one.id}]  {one.tool}  {one.account}  {what}  ({state})"


@tool(title="History", effect=Effect.READS)
async def workspace_history(
    journal: Journal,
    clock: Clock,
    max: Annotated[int, Field(ge=1, le=100)] = 20,
) -> View:
    """Changes made through this server, newest first, with ids for workspace_undo."""
    every = list(islice(journal.newest_first(), LATEST))
    return History(every[:max], undone(every[::-1]), clock)


@dataclass(frozen=True, slots=True)
class Undone(View):
    """What was taken back, or would be."""

    entry: Entry
    dry_run: bool
    shown: Sequence[tuple[str, str]] = ()
    """Now → then, where it can be shown."""

    def text(self, fence: Fence) -> str:
        """What, then what stays."""
        return "\n".join(self._lines(fence))

    def _lines(self, fence: Fence) -> Iterator[str]:
        verb = "Would take back" if self.dry_run else "Took back"
        yield f"{verb}: {'; '.join(self.entry.what)}."
        if self.shown:
            told = [f"{_word(now)} → {_word(then)}" for now, then in self.shown[:_LINES]]
            yield fence.block("before → after", "\n".join(told))
        if len(self.shown) > _LINES:
            yield f"and {len(self.shown) - _LINES} more places"
        yield from (f"Not taken back: {one}." for one in self.entry.lost)
        if self.dry_run:
            yield "Nothing was changed: dry_run."


@tool(title="Undo", effect=Effect.WRITES, level="organize")
async def workspace_undo(
    google: Google,
    accounts: Accounts,
    journal: Journal,
    consent: Consent,
    id: Annotated[str, Field(description="From workspace_history.")],
    dry_run: bool = False,
) -> View:
    """Take back a change of any service. Sent mail stays sent."""
    entry = journal.find(id)
    if entry is None:
        raise NotFoundError(f"The journal has no {id[:20]!r}.", "workspace_history lists ids.")
    if entry.account != google.account:
        raise ArgumentError(
            f"That change was made as {entry.account}.",
            f'Repeat the call with account="{entry.account}".',
        )
    if entry.id in undone(list(islice(journal.newest_first(), LATEST))[::-1]):
        raise ArgumentError(
            "That was taken back already.", "workspace_history shows the newer entry."
        )
    if not entry.back:
        raise ArgumentError(f"This cannot be taken back: {'; '.join(entry.lost)}.")
    granted = accounts.granted(google.account)
    for service, needed in wants(entry):
        if granted and (lacking := missing([needed], granted)):
            raise MissingScopeError(google.account, service, lacking)
    with _explained(google.account):
        for step in entry.back:
            await _unchanged(google, step)
        first = await _first(google, entry)
    if dry_run:
        return Undone(entry, dry_run, [one for found in first.values() for one in found.shown])
    await ahead(
        google,
        {one for at, step in enumerate(entry.back) for one in into(_wire(step, first.get(at)))},
    )
    for kind in GUARDED:
        if count := sum(_reach(step, first.get(at)) is kind for at, step in enumerate(entry.back)):
            await consent(_act(entry, kind, count))
    shown: list[tuple[str, str]] = []
    for number, step in enumerate(entry.back):
        try:
            worked = await _worked(google, step) if step.way else Worked(step.body)
            kind = _reach(step, worked)
            if step.way and number not in first and kind in GUARDED:
                await consent(_act(entry, kind, 1))
            if not step.way or worked.body is not None:
                await _send(google, replace(step, body=worked.body))
            shown += worked.shown
        except WorkspaceError as error:
            error.remedy = f"{error.remedy}\n{_so_far(number, len(entry.back))}".strip()
            raise
    if (recorder := RECORDER.get()) is not None:
        recorder.undoes = entry.id
    return Undone(entry, dry_run, shown)


def _so_far(done: int, of: int) -> str:
    if not done:
        return "Nothing was taken back."
    return (
        f"{done} of {of} steps were taken back before that; workspace_history has them as a change of its own. "
        "To try again, take that one back first."
    )


@contextmanager
def _explained(account: str) -> Generator[None]:
    """Say what it means that what was changed cannot be looked at.

    Raises:
        NotFoundError, ForbiddenError: it is gone, or not this account's any more.
    """
    try:
        yield
    except NotFoundError as error:
        raise NotFoundError(
            f"What was changed is gone, or {account} may not see it any more. Nothing was taken back.",
            "In the trash? workspace_history shows that change: take it back first. Else ask its owner.",
            status=error.status, reason=error.reason,
        ) from error  # fmt: skip
    except ForbiddenError as error:
        raise ForbiddenError(
            f"{account} may not change it any more. Nothing was taken back.",
            "Ask its owner for access, then repeat this call.",
            status=error.status, reason=error.reason,
        ) from error  # fmt: skip


_NEEDS: Final = (
    (r"gmail\.googleapis\.com/.*/settings/", "gmail", Scope.GMAIL_SETTINGS),
    (r"gmail\.googleapis\.com/.*/labels", "gmail", Scope.GMAIL_LABELS),
    (r"gmail\.googleapis\.com/.*/drafts", "gmail", Scope.GMAIL_COMPOSE),
    (r"gmail\.googleapis\.com/", "gmail", Scope.GMAIL_MODIFY),
    (r"www\.googleapis\.com/(upload/)?drive/", "drive", Scope.DRIVE_FILE),
    (r"docs\.googleapis\.com/", "docs", Scope.DOCS),
    (r"sheets\.googleapis\.com/", "sheets", Scope.SHEETS),
)
"""Where a step goes → the service, and the permission without which it cannot be sent."""


def wants(entry: Entry) -> Iterator[tuple[str, Scope]]:
    """What taking it back needs."""
    for step in entry.back:
        place = step.url.removeprefix("https://")
        found = next((one for one in _NEEDS if re.match(one[0], place)), None)
        if found is not None:
            yield found[1], found[2]


def _word(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…") or "(empty)"


async def _first(google: Google, entry: Entry) -> dict[int, Worked]:
    """What the first step of each thing would send; what its later ones do shows once it is done.

    Raises:
        ConflictError: somebody changed it since.
    """
    found: dict[int, Worked] = {}
    seen: set[str] = set()
    for number, step in enumerate(entry.back):
        if step.way and step.url not in seen:
            seen.add(step.url)
            found[number] = await _worked(google, step)
    return found


async def _worked(google: Google, step: Step) -> Worked:
    way, kept = WAYS[step.way], dict(step.body or {})
    return way.make(kept, await looked(google, way.look(kept), strict=True))


async def _unchanged(google: Google, step: Step) -> None:
    """Nothing, when what the change left is still so.

    Raises:
        ConflictError: somebody changed it since.
    """
    if not step.look:
        return
    now = await google.get(Resource(step.look, "journal"))
    if any((_at(now, key) or None) != (value or None) for key, value in step.expect.items()):
        raise ConflictError(
            "It was changed again since then, so nothing was taken back.",
            "workspace_history shows newer changes: take those back first.",
        )


def _at(found: Mapping[str, Any], path: str) -> Any:
    value: Any = found
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _act(entry: Entry, kind: Reach, count: int) -> Act:
    """Taking back can delete what was made: the person is asked as for any deleting."""
    return Act(kind, "Take a change back", entry.what, digest=entry.id, requests=count)


def _reach(step: Step, worked: Worked | None) -> Reach:
    """What a step does; with what was worked out for it, where it has to be."""
    return reach(_wire(step, worked))


def _wire(step: Step, worked: Worked | None) -> Wire:
    host, _, path = step.url.removeprefix("https://").partition("/")
    sent = worked.body if worked is not None else None if step.way else step.body
    body = json.dumps(dict(sent or {})).encode()
    return Wire(step.method, host, f"/{path}", dict(step.query), body)


async def _send(google: Google, step: Step) -> None:
    resource = Resource(step.url, "journal")
    query: Any = dict(step.query)
    if step.way == "version":
        await _uploaded(google, resource, dict(step.body or {}))
        return
    match step.method:
        case "DELETE":
            await google.delete(resource, **query)
        case "PUT":
            await google.put(resource, dict(step.body or {}), **query)
        case "PATCH":
            await google.patch(resource, dict(step.body or {}), safe=True, **query)
        case _:
            await google.post(resource, dict(step.body or {}), **query)


async def _uploaded(google: Google, resource: Resource, kept: Mapping[str, Any]) -> None:
    """An earlier version of a file as its content again."""
    version = Resource(
        f"https://www.googleapis.com/drive/v3/files/{kept['file']}/revisions/{kept['revision']}",
        "journal",
    )
    data = bytearray()
    await google.download(version, data.extend, limit_bytes=LARGEST, restart=data.clear)
    metadata = {"mimeType": kept["mime"]} | ({"name": kept["name"]} if "name" in kept else {})
    media = Media(kept["mime"], len(data), lambda: BytesIO(data))
    await google.upload(
        resource, metadata, media, method="PATCH", supportsAllDrives=True, fields="id"
    )
