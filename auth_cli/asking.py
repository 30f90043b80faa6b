"""What a sign-in asks Google for, and what came of it. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp import scopes
from workspace_mcp.errors import UsageError
from workspace_mcp.scopes import IDENTITY, Scope

USUAL: Final = (
    "gmail",
    "drive",
    "calendar",
    "docs",
    "sheets",
    "slides",
    "forms",
    "tasks",
    "contacts",
)
"""What every account can have, a private one as well; asked for when nothing is named."""
NEVER: Final = frozenset({"https://www.googleapis.com/auth/cloud-platform"})
"""Asking for it brings Google Cloud's session control over the sign-in."""
DEVICE: Final = (*IDENTITY, Scope.DRIVE_FILE)
"""All that Google allows without a browser beside the program."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The scopes to ask for, and the services that they are for."""

    scopes: tuple[str, ...]
    services: tuple[str, ...]
    extra: tuple[str, ...] = ()
    read_only: bool = False

    def outcome(self, granted: Iterable[str]) -> tuple[list[str], list[str]]:
        """What was granted and what was not: services by name, single permissions in short."""
        table = scopes.READ_ONLY if self.read_only else scopes.FULL
        has = tuple(granted)
        lacking = [name for name in self.services if scopes.missing(table[name], has)]
        missing = lacking + [short(one) for one in scopes.missing(self.extra, has)]
        given = [name for name in self.services if name not in lacking]
        return given + [short(one) for one in self.extra if short(one) not in missing], missing


def asked(
    services: Sequence[str], extra: Sequence[str], had: Iterable[str], offered: Sequence[str],
    *, read_only: bool, only: bool,
) -> Asked:  # fmt: skip
    """What to ask for. `had`: what the account has, which stays unless `only`; `offered`: services with tools."""
    kept = () if only or read_only else tuple(one for one in had if one not in NEVER)
    named = tuple(services)
    if not named and not extra:
        named = tuple(one for one in offered if not scopes.missing(scopes.FULL[one], kept))
        named = named or tuple(one for one in USUAL if one in offered)
    wanted = tuple(dict.fromkeys((
        *map(str, IDENTITY), *scopes.requested(named, read_only=read_only), *extra, *kept,
    )))  # fmt: skip
    covered = frozenset[str]().union(*(scopes.COVERS.get(one, frozenset()) for one in wanted))
    return Asked(tuple(one for one in wanted if one not in covered), named, tuple(extra), read_only)


def chosen_services(named: Sequence[str]) -> tuple[str, ...]:
    """Services by name, several in one text or several texts.

    Raises:
        UsageError: a name that is no service.
    """
    wanted = [word.lower() for name in named for word in name.replace(",", " ").split()]
    if "all" in wanted:
        return scopes.SERVICES
    if unknown := sorted(set(wanted) - set(scopes.SERVICES)):
        raise UsageError(
            f"Unknown service: {', '.join(unknown)}.",
            f"Services: {', '.join(scopes.SERVICES)}, or all.",
        )
    return tuple(dict.fromkeys(wanted))


def chosen_scopes(named: Sequence[str]) -> tuple[str, ...]:
    """Permissions by their short name (`gmail.readonly`) or by Google's address.

    Raises:
        UsageError: one that this program has no use for.
    """
    known = {short(one): str(one) for one in Scope} | {str(one): str(one) for one in Scope}
    words = [word for name in named for word in name.replace(",", " ").split()]
    if unknown := [word for word in words if word not in known]:
        raise UsageError(
            f"Unknown permission: {', '.join(unknown)}.",
            f"Known: {', '.join(sorted(short(one) for one in Scope))}.",
        )
    return tuple(dict.fromkeys(known[word] for word in words))


def short(scope: str) -> str:
    """`gmail.readonly` of a permission's address."""
    return str(scope).removeprefix("https://www.googleapis.com/auth/")
