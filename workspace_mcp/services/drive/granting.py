"""Who is to see a file, and who does → what must be asked of Google. No I/O.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/permissions
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import show
from workspace_mcp.services.drive.access import Grant, may
from workspace_mcp.services.drive.wishes import Action, Wish

PEOPLE: Final = frozenset({"user", "group"})
"""Those whom Google can mail."""
_RANKS: Final = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")


@dataclass(frozen=True, slots=True)
class Told:
    """What Google's notification is to say; `mail` is None where Google sends none."""

    mail: bool | None
    message: str = ""

    def text(self) -> str:
        """In words."""
        if self.mail is None:
            return "Google mails nobody."
        if not self.mail:
            return "Google mails nobody: notify=false."
        return "Google mails each of them" + (", with the message." if self.message else ".")


@dataclass(slots=True)
class Change:
    """What is asked of Google, permission by permission."""

    add: list[Wish] = field(default_factory=list[Wish])
    change: list[tuple[Grant, Wish]] = field(default_factory=list[tuple[Grant, Wish]])
    remove: list[Grant] = field(default_factory=list[Grant])
    same: list[str] = field(default_factory=list[str])

    @property
    def wider(self) -> int:
        """How many permissions give more than before."""
        return len(self.add) + len(self.change)

    def without(self, failed: Container[str]) -> "Change":
        """What is left of it when these, in words, were refused."""
        return Change(
            [wish for wish in self.add if wish.whom() not in failed],
            [(old, wish) for old, wish in self.change if wish.whom() not in failed],
            [old for old in self.remove if said_of(old) not in failed],
            self.same,
        )

    def lines(self, zone: tzinfo) -> list[str]:
        """In words, before → after."""
        found = [f"{one.whom()} {may(one.role)}{_until(one.expires, zone)}" for one in self.add]
        found += [_changed(old, wish, zone) for old, wish in self.change]
        found += [f"{said_of(one)} no longer {may(one.role)}" for one in self.remove]
        return found + self.same


def _changed(old: Grant, wish: Wish, zone: tzinfo) -> str:
    until = _until(wish.expires, zone)
    if old.role != wish.role:
        return f"{wish.whom()}: {may(old.role)} -> {may(wish.role)}{until}"
    return f"{wish.whom()} {may(wish.role)}{until or ', without an end now'}"


def _until(expires: datetime | None, zone: tzinfo) -> str:
    return f", until {show.local(expires, zone)}" if expires else ""


def said_of(one: Grant) -> str:
    """Who has a permission, in words."""
    return Wish(one.kind, one.who or one.name, one.role, one.discoverable).whom()


def _matches(grant: Grant, wish: Wish) -> bool:
    if wish.kind == "anyone" or grant.kind == "anyone":
        return grant.kind == wish.kind
    kinds = {"domain"} if wish.kind == "domain" else {"user", "group"}
    return grant.kind in kinds and grant.who == wish.who


def changes(wishes: Sequence[Wish], have: Sequence[Grant], *, keep: bool) -> Change:
    """What must be asked of Google for the wishes.

    Raises:
        ArgumentError: somebody has no access that could be taken, or has it from a folder.
    """
    found = Change()
    for wish in wishes:
        old = next((one for one in have if _matches(one, wish)), None)
        if keep and old is not None and old.kind in PEOPLE and old.role != "owner":
            wish = replace(wish, expires=old.expires)  # noqa: PLW2901
        if not wish.role:
            _remove(found, wish, old)
        elif old is None or (not old.direct and _RANKS.index(old.role) < _RANKS.index(wish.role)):
            found.add.append(wish)
        elif old.role == "owner":
            raise ArgumentError(
                "The owner's access cannot be changed.", "action=transfer makes another owner."
            )
        elif not old.direct:
            found.same.append(f"{said_of(old)} {may(old.role)} already, from a folder above")
        elif old.kind in {"anyone", "domain"} and old.discoverable != wish.discoverable:
            found.remove.append(old)
            found.add.append(wish)
        elif old.role == wish.role and (keep or old.expires == wish.expires):
            found.same.append(f"{wish.whom()} {may(wish.role)}: so already")
        else:
            found.change.append((old, wish))
    return found


def _remove(found: Change, wish: Wish, old: Grant | None) -> None:
    if old is None:
        found.same.append(f"{wish.whom()} has no access: so already")
    elif old.role == "owner":
        raise ArgumentError(
            "The owner's access cannot be taken.", "action=transfer makes another owner."
        )
    elif not old.direct:
        raise ArgumentError(
            "That access comes from a folder above, and can be taken there alone.",
            "drive_info names the folder.",
        )
    else:
        found.remove.append(old)


def told(action: Action, change: Change, *, notify: bool, message: str | None) -> Told:
    """Whether Google mails anybody. It always does at a transfer, and never for a change of role."""
    people = [one for one in change.add if one.kind in PEOPLE]
    if action == "transfer":
        return Told(True, message or "")
    if not people:
        return Told(None)
    return Told(notify, (message or "") if notify else "")
