"""The limits that a person set: pure decisions. No I/O."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from workspace_mcp.errors import PolicyError
from workspace_mcp.policy.effects import OUTWARD, Reach, Wire, reach, service_of

_CHANGE: Final = "The person who set this server up can change that."
CONSUMER: Final = frozenset({"gmail.com", "googlemail.com"})
"""Domains that say nothing about who somebody is."""
BUDGETS: Final[Mapping[Reach, int]] = {Reach.SENDS: 100, Reach.SHARES: 100, Reach.DELETES: 500}
"""How many of each a day, when nothing else is set."""
PER_MINUTE: Final = 300
"""Changes a minute, when nothing else is set: what runs away stops, what a person means does not."""
SWITCHES: Final = ("read_only", "no_send", "no_exfil", "lockdown")
LISTS: Final = ("recipients", "share_domains", "folders", "allowed_tools", "disabled_tools")
_FOLDER: Final = re.compile(r"(?:https?://\S*/folders/)?([A-Za-z0-9_-]{4,100})(?:[/?#]\S*)?")


class Ask(StrEnum):
    """When a person is asked before something reaches others or is deleted."""

    ALL = "all"
    FIRST_CONTACT = "first-contact"
    NEVER = "never"


_STRICT: Final = (Ask.ALL, Ask.FIRST_CONTACT, Ask.NEVER)
_RUNGS: Final[Mapping[str, frozenset[Reach]]] = {
    "readonly": frozenset({Reach.READS}),
    "organize": frozenset({Reach.READS, Reach.WRITES}),
    "manage": frozenset({Reach.READS, Reach.WRITES}),
    "drafts": frozenset({Reach.READS, Reach.WRITES}),
    "send": frozenset({Reach.READS, Reach.WRITES, Reach.SENDS}),
    "full": frozenset(Reach),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one source says: flags and variables, or the file. None and empty: nothing."""

    switches: frozenset[str] = frozenset()
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    ask: Ask | None = None
    budgets: Mapping[Reach, int] = field(default_factory=dict[Reach, int])
    per_minute: int | None = None
    standing: frozenset[str] = frozenset()
    """Standing approvals: own_domain, replies. The file alone has them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Upper bounds: no argument of a tool can relax one. None: no such limit."""

    read_only: bool = False
    no_send: bool = False
    no_exfil: bool = False
    recipients: frozenset[str] | None = None
    """Addresses and domains that mail, invitations and messages may go to."""
    share_domains: frozenset[str] | None = None
    """Domains and addresses that may be given access."""
    folders: tuple[frozenset[str], ...] = ()
    """Ids of Drive's folders: a file must lie in one of each set."""
    lockdown: bool = False
    """Whether the text of mail from people whom the account does not know is withheld."""
    ask: Ask = Ask.ALL
    budgets: Mapping[Reach, int] = field(default_factory=lambda: dict(BUDGETS))
    per_minute: int = PER_MINUTE
    levels: Mapping[str, frozenset[str]] | None = None

    def check_wire(self, wire: Wire) -> Reach:
        """What a request does, when it may.

        Raises:
            PolicyError: it may not.
        """
        found = reach(wire)
        if found is Reach.READS:
            return found
        self._check(found)
        service = service_of(wire)
        if self.levels is not None and service:
            allowed = [_RUNGS.get(rung, frozenset()) for rung in self.levels.get(service, ())]
            if found not in frozenset[Reach]().union(*allowed):
                raise PolicyError(f"--permissions does not allow {service} to do this.", _CHANGE)
        return found

    def check_act(self, kind: Reach) -> None:
        """Nothing, when an act of this kind may happen at all: so nobody is asked in vain.

        Raises:
            PolicyError: it may not.
        """
        self._check(kind)

    def check_outward(self) -> None:
        """Nothing, when something may be sent elsewhere than to Google.

        Raises:
            PolicyError: it may not.
        """
        self._check(Reach.SENDS)

    def _check(self, found: Reach) -> None:
        if self.read_only:
            raise PolicyError("This server is read-only: nothing was changed.", _CHANGE)
        if self.no_send and found is Reach.SENDS:
            raise PolicyError("This server may not send: nothing was sent.", _CHANGE)
        if self.no_exfil and found in OUTWARD:
            raise PolicyError("This server may let nothing out (--no-exfil).", _CHANGE)

    def check_people(self, kind: Reach, addresses: Iterable[str]) -> None:
        """Nothing, when each of `addresses` may be reached.

        Raises:
            PolicyError: naming those who may not.
        """
        allowed = self.share_domains if kind is Reach.SHARES else self.recipients
        if allowed is None:
            return
        refused = sorted(one for one in addresses if not matches(one, allowed))
        if refused:
            verb = "given access" if kind is Reach.SHARES else "written to"
            raise PolicyError(
                f"May not be {verb} from here: {', '.join(refused)}. Nothing was done.",
                f"Allowed: {', '.join(sorted(allowed)) or 'nobody'}. {_CHANGE}",
            )

    def lines(self) -> list[str]:
        """What is in force, a line each."""
        found = ["read-only: nothing can be changed or sent"] if self.read_only else []
        found += ["no sending"] if self.no_send and not self.no_exfil else []
        found += ["nothing may leave the account (no-exfil)"] if self.no_exfil else []
        if self.recipients is not None:
            found.append(f"may write to: {', '.join(sorted(self.recipients)) or 'nobody'}")
        if self.share_domains is not None:
            found.append(f"may share with: {', '.join(sorted(self.share_domains)) or 'nobody'}")
        for ids in self.folders:
            found.append(f"files in these folders alone: {', '.join(sorted(ids))}")
        if self.lockdown:
            found.append("no text of mail from people whom the account does not know (lockdown)")
        if not self.read_only:
            found.append(f"asks the person before it sends, shares or deletes: {self.ask.value}")
            limits = ", ".join(f"{count} {kind.value}" for kind, count in self.budgets.items())
            found.append(f"a day at most: {limits}; a minute: {self.per_minute} changes")
        for service, rungs in (self.levels or {}).items():
            found.append(f"{service}: {', '.join(sorted(rungs))}")
        return found


def matches(address: str, allowed: Iterable[str]) -> bool:
    """Whether an address, or its domain, is among `allowed`. A subdomain is another domain."""
    lower = address.strip().lower()
    return lower in (known := frozenset(allowed)) or lower.rpartition("@")[2] in known


def own_domain(address: str, account: str) -> bool:
    """Whether an address is of the account's organisation; consumer domains are nobody's."""
    domain = account.rpartition("@")[2].lower()
    return domain not in CONSUMER and address.lower().rpartition("@")[2] == domain


def stricter(one: Ask | None, other: Ask | None) -> Ask:
    """The one that asks more; to ask always when neither is set."""
    chosen = [ask for ask in (one, other) if ask is not None]
    return min(chosen, key=_STRICT.index, default=Ask.ALL)


def narrower(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """What both allow."""
    if one is None or other is None:
        return one if other is None else other
    return frozenset(
        entry for entry in one | other if matches(entry, one) and matches(entry, other)
    )


def combined(
    flags: Limits, file: Limits, levels: Mapping[str, frozenset[str]] | None = None
) -> Policy:
    """Flags and the file together: each can only narrow what the other allows.

    A budget of the flags may be larger than the usual one, never larger than the file's.
    """
    on = flags.switches | file.switches
    lists = {name: narrower(flags.lists.get(name), file.lists.get(name)) for name in LISTS[:2]}
    budgets = {**BUDGETS, **flags.budgets} | {
        kind: min(count, flags.budgets.get(kind, count)) for kind, count in file.budgets.items()
    }
    paces = [one for one in (flags.per_minute, file.per_minute) if one is not None]
    return Policy(
        read_only="read_only" in on, no_send="no_send" in on, no_exfil="no_exfil" in on,
        lockdown="lockdown" in on, recipients=lists["recipients"],
        share_domains=lists["share_domains"],
        folders=tuple(one.lists["folders"] for one in (flags, file) if "folders" in one.lists),
        ask=stricter(flags.ask, file.ask), budgets=budgets,
        per_minute=min(paces, default=PER_MINUTE), levels=levels,
    )  # fmt: skip


def listed(name: str, text: str) -> str:
    """An entry of a list of limits as it is compared: addresses in small letters, folders as ids.

    Raises:
        ValueError: it is no folder's id or URL.
    """
    match name:
        case "folders":
            found = _FOLDER.fullmatch(text.strip())
            if found is None:
                raise ValueError(f"{text[:60]!r} is no id or URL of a folder")
            return found[1]
        case "allowed_tools" | "disabled_tools":
            return text
        case _:
            return text.strip().lower().lstrip("@")
