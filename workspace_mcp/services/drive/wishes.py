"""Who is to see a file: what a model asked for, checked as far as it can be without Google. No I/O.

Source: developers.google.com/workspace/drive/api/guides/manage-sharing
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, Literal

from workspace_mcp.errors import ArgumentError
from workspace_mcp.policy.consent import ADDRESS
from workspace_mcp.tools import Clock

Action = Literal["grant", "revoke", "link", "transfer", "limit"]
Role = Literal["reader", "commenter", "writer", "fileOrganizer", "organizer", "off"]
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to have which role ("" for none), and until when."""

    kind: str
    who: str
    role: str
    discoverable: bool = False
    expires: datetime | None = None

    def whom(self) -> str:
        """In words."""
        if self.kind == "anyone":
            return "anyone on the web" if self.discoverable else "anyone with the link"
        if self.kind == "domain":
            return f"everybody at {self.who}" + ("" if self.discoverable else " who has the link")
        return self.who


def expiry(text: str | None, clock: Clock) -> datetime | None:
    """A moment; a bare date ends with its day.

    Raises:
        ArgumentError: no date, or none to come.
    """
    if text is None or text == "off":
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ArgumentError("expires is no date.", "Write it like 2026-12-31.") from None
    if len(text.strip()) == 10:
        found = datetime.combine(found.date(), time(23, 59, 59))
    found = found if found.tzinfo else found.replace(tzinfo=clock.zone)
    if found <= clock.now():
        raise ArgumentError("expires is over already.")
    return found


def wishes(
    action: Action, who: Sequence[str] | None, role: str | None,
    expires: datetime | None, *, discoverable: bool,
) -> list[Wish]:  # fmt: skip
    """What is asked for, checked as far as it can be without Google.

    Raises:
        ArgumentError: something is missing, or no address or domain.
    """
    people = list(dict.fromkeys(one.strip().lower() for one in who or ()))
    if len(people) > MOST:
        raise ArgumentError(f"{len(people)} were named; {MOST} can be at a time.")
    if action == "link":
        return _link(people, role, expires, discoverable=discoverable)
    if not people:
        raise ArgumentError(
            f"{action} needs who.", "E-mail addresses, or a domain such as example.com."
        )
    if action == "transfer":
        if len(people) != 1 or not ADDRESS.fullmatch(people[0]):
            raise ArgumentError("transfer needs one e-mail address.")
        return [Wish("user", people[0], "owner")]
    if action == "grant" and role in {None, "off"}:
        raise ArgumentError("grant needs role.", "reader, commenter or writer.")
    chosen = role if action == "grant" and role else ""
    return [_wish(one, chosen, expires, discoverable=discoverable) for one in people]


def _wish(one: str, role: str, expires: datetime | None, *, discoverable: bool) -> Wish:
    kind, _, address = one.rpartition(":")
    if kind in {"", "group"} and ADDRESS.fullmatch(address):
        return Wish(kind or "user", address, role, expires=expires)
    if one.replace("-", "").replace(".", "").isalnum() and "." in one.strip("."):
        return Wish("domain", one, role, discoverable)
    if one == "anyone" and not role:
        return Wish("anyone", "", "")
    raise ArgumentError("who holds something that is no e-mail address and no domain.")


def _link(
    domains: Sequence[str], role: str | None, expires: datetime | None, *, discoverable: bool
) -> list[Wish]:
    if role not in {"reader", "commenter", "writer", "off"}:
        raise ArgumentError("link needs role: reader, commenter, writer or off.")
    if expires:
        raise ArgumentError(
            "Google ends links by hand alone.", "expires goes with grant, to people."
        )
    chosen = "" if role == "off" else role
    if not domains:
        return [Wish("anyone", "", chosen, discoverable)]
    found = [_wish(one, chosen, None, discoverable=discoverable) for one in domains]
    if any(one.kind != "domain" for one in found):
        raise ArgumentError(
            "link takes domains, or nobody for anyone.", "grant gives people access."
        )
    return found
