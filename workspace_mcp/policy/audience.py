"""Who sees what is written: the person is asked before the first change of a file that people outside see.

Under every tool, on the wire: once a session and file. A tool that changes several files, or something
else before, says so beforehand (`ahead`), because a call that was asked about may be repeated whole.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.errors import (
    ApiDisabledError,
    ForbiddenError,
    MissingScopeError,
    NotFoundError,
    PolicyError,
)
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import Answer
from workspace_mcp.google.resource import collection
from workspace_mcp.policy import written
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import Reach, Wire
from workspace_mcp.policy.folders import LOOKING
from workspace_mcp.policy.gate import PERMITS
from workspace_mcp.policy.rehearsal import REHEARSAL, Rehearsed, described
from workspace_mcp.policy.rules import Ask, Policy, own_domain
from workspace_mcp.scopes import Scope, missing

_FILES: Final = collection("https://www.googleapis.com/drive/v3/files")
_GRANTS: Final = "type,emailAddress,domain,deleted"
_FIELDS: Final = (
    f"name,mimeType,parents,driveId,owners(emailAddress),permissions({_GRANTS}),permissionIds"
)
_FOLDER: Final = "application/vnd.google-apps.folder"
_SHOWN, _LISTED, _GRANTED = 30, 10, 500
LASTS: Final = 600.0
"""Seconds for which it is remembered who sees a file."""
ANYONE: Final = "anyone with the link"
UNKNOWN: Final = "people who cannot be found out with this sign-in"
_TITLE: Final = "Write where people outside see it"


@dataclass(frozen=True, slots=True)
class Seen:
    """Who of elsewhere sees a file, when that was found out, and where it lies."""

    at: float
    by: frozenset[str] = frozenset()
    name: str = ""
    folder: bool = False
    parents: tuple[str, ...] = ()


class Audience:
    """What is known of who sees which file, and what the person said to it, until the server ends.

    `own`: the person's accounts. `granted`: an account's scopes, empty when unknown. `now`: seconds that
    never go back.
    """

    def __init__(
        self, policy: Callable[[], Policy], own: Callable[[], Iterable[str]],
        granted: Callable[[str], frozenset[str]], now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._policy = policy
        self._own = own
        self._granted = granted
        self._now = now
        self._seen: dict[tuple[str, str], Seen] = {}
        self._said: dict[tuple[str, str], frozenset[str]] = {}

    async def check(self, google: Google, wire: Wire) -> None:
        """Return when a change may leave.

        Raises:
            PolicyError: a limit forbids it, or the person said no.
            ApprovalNeededError: it waits for the person.
            Rehearsed: this is a dry run, and they would be asked.
        """
        if (call := WRITING.get()) is None or not self._asks:
            return
        places = written.into(wire)
        for one in written.beside(wire):
            places |= set((await self._look(google, one)).parents)
        if found := await self._open(google, places):
            await self._put(google, found, call, wire=wire)

    async def before(
        self, google: Google, files: Iterable[str], call: "Writing", what: str
    ) -> None:
        """Like `check`, for files that a call is going to change."""
        if self._asks and not REHEARSAL.get() and (found := await self._open(google, files)):
            await self._put(google, found, call, what)

    def heard(self, google: Google, wire: Wire, answer: Answer) -> None:
        """Remember what a change made; forget who sees what when that may be otherwise now."""
        if written.shows(wire):
            for key in [key for key in self._seen if key[0] == google.account]:
                del self._seen[key]
        if made := written.made(wire, answer.body):
            self._seen[google.account, made] = Seen(self._now())

    @property
    def _asks(self) -> bool:
        policy = self._policy()
        limited = policy.no_exfil or policy.share_domains is not None
        return limited or policy.ask is not Ask.NEVER

    async def _open(self, google: Google, files: Iterable[str]) -> dict[str, Seen]:
        """Those of some files that people outside see, as far as the person did not say yes to it."""
        found: dict[str, Seen] = {}
        for one in sorted(set(files) - {"root"}):
            seen = await self._look(google, one)
            said = [self._said.get((google.account, each)) for each in (one, *seen.parents)]
            if seen.by and not any(each is not None and seen.by <= each for each in said):
                found[one] = seen
        return found

    async def _put(
        self, google: Google, found: Mapping[str, Seen], call: "Writing", what: str = "",
        wire: Wire | None = None,
    ) -> None:  # fmt: skip
        consent, act = call.consent(google.account), _act(found, what)
        if wire is not None and REHEARSAL.get():
            if told := await consent.foretold(act):
                raise Rehearsed("The person would be asked first", f"{told}\n\n{described(wire)}")
            return
        permits = PERMITS.get()
        if permits is not None and permits.began:
            raise PolicyError(
                "A part of this call was done; the rest was stopped, because people outside see where it goes.",
                "Do the rest in a call of its own: the person is asked then.",
            )
        await consent(act)
        for one, seen in found.items():
            self._said[google.account, one] = seen.by

    async def _look(self, google: Google, identifier: str) -> Seen:
        kept = self._seen.get((google.account, identifier))
        if kept is not None and self._now() - kept.at < LASTS:
            return kept
        token = LOOKING.set(True)
        try:
            found = await google.get(
                _FILES.item(identifier), supportsAllDrives=True, fields=_FIELDS
            )
            grants = await self._grants(google, identifier, found)
            seen = Seen(
                self._now(), self._outside(found, grants, google.account), str(found.get("name", "")),
                found.get("mimeType") == _FOLDER, tuple(map(str, found.get("parents", ()))),
            )  # fmt: skip
        except NotFoundError:  # the change says so, where this sign-in sees all files
            granted = self._granted(google.account)
            hidden = bool(granted and missing([Scope.DRIVE_READONLY], granted))
            seen = Seen(self._now(), frozenset({UNKNOWN} if hidden else ()))
        except (ForbiddenError, ApiDisabledError, MissingScopeError):
            seen = Seen(self._now(), frozenset({UNKNOWN}))
        finally:
            LOOKING.reset(token)
        self._seen[google.account, identifier] = seen
        return seen

    async def _grants(
        self, google: Google, identifier: str, found: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        """Of files in shared drives they are asked for by themselves."""
        if "permissions" in found or not found.get("driveId"):
            return list(found.get("permissions", ()))
        place = _FILES.item(identifier).sub("permissions")
        return [
            one
            async for one in google.pages(
                place, "permissions", most=_GRANTED, supportsAllDrives=True, pageSize=100,
                fields=f"nextPageToken,permissions({_GRANTS})",
            )
        ]  # fmt: skip

    def _outside(
        self, found: Mapping[str, Any], grants: Iterable[Mapping[str, Any]], account: str
    ) -> frozenset[str]:
        """Addresses and domains of elsewhere, and anyone.

        Who may see a file tells only whom may share it; of others the owner is known.
        """
        owners = ({**one, "type": "user"} for one in found.get("owners", ()))
        names = {
            ANYONE
            if one.get("type") == "anyone"
            else str(one.get("emailAddress") or one.get("domain") or "").lower()
            for one in (*grants, *owners)
            if not one.get("deleted")
        }
        names |= {ANYONE for one in found.get("permissionIds", ()) if str(one).startswith("anyone")}
        own = {account, *(one.lower() for one in self._own())}
        return frozenset(
            clean_line(one)[:120] for one in names - own if one and not own_domain(one, account)
        )


@dataclass(frozen=True, slots=True)
class Writing:
    """How the call that runs asks its person, by account."""

    audience: Audience
    consent: Callable[[str], Consent]


WRITING: Final[ContextVar[Writing | None]] = ContextVar("WRITING", default=None)
"""Of the call that runs; None outside of calls, where nothing is written."""


async def ahead(google: Google, files: Iterable[str], what: str = "") -> None:
    """Return when files may be written into; `what` is put there ("a new document").

    Raises:
        PolicyError: a limit forbids it, or the person said no.
        ApprovalNeededError: it waits for the person.
    """
    if (call := WRITING.get()) is not None:
        await call.audience.before(google, files, call, what)


def _act(found: Mapping[str, Seen], what: str) -> Act:
    people = frozenset[str]().union(*(one.by for one in found.values()))
    shown = list(found.values())[:_LISTED]
    lines = [line for one in shown for line in (f'Into: "{_line(one.name)}"', _by(one.by))]
    lines += [f"and into {len(found) - _LISTED} more"] if len(found) > _LISTED else []
    inside = " and what lies in folders" if any(one.folder for one in shown) else ""
    lines.append(f"A yes counts for what is named here{inside}, until the server ends.")
    title = f"Put {what} where people outside see it" if what else _TITLE
    return Act(
        Reach.SHARES, title, tuple(lines), people, digest=" ".join(found), requests=0
    )  # fmt: skip


def _by(names: frozenset[str]) -> str:
    shown = sorted(names)[:_SHOWN]
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return f"Seen by: {', '.join([*shown, *more])}"


def _line(name: str) -> str:
    return clean_line(name).replace('"', "'")[:120] or "(no name)"
