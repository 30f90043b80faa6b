"""The limits that a person set: pure decisions. No I/O."""

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
class Policy:
    """Upper bounds: no argument of a tool can relax one. None: no such limit."""

    read_only: bool = False
    no_send: bool = False
    no_exfil: bool = False
    recipients: frozenset[str] | None = None
    """Addresses and domains that mail, invitations and messages may go to."""
    share_domains: frozenset[str] | None = None
    """Domains and addresses that may be given access."""
    ask: Ask = Ask.ALL
    budgets: Mapping[Reach, int] = field(default_factory=lambda: dict(BUDGETS))
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
        if not self.read_only:
            found.append(f"asks the person before it sends, shares or deletes: {self.ask.value}")
            limits = ", ".join(f"{count} {kind.value}" for kind, count in self.budgets.items())
            found.append(f"a day at most: {limits}")
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
