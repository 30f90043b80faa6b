"""What `workspace_delete` and the services agree on: each service's `deletion` module is a `Deletion`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource
from workspace_mcp.scopes import Scope


@dataclass(frozen=True, slots=True)
class Doomed:
    """One thing to delete. `what` describes it, foreign text included; `trash`: it can come back."""

    id: str
    what: str
    resource: Resource
    trash: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be deleted, and the ids that mean nothing. `back`: how it comes out of the trash."""

    doomed: Sequence[Doomed]
    lost: Sequence[str]
    back: str = "gmail_modify action=untrash takes it back, within 30 days."


class Deletion(Protocol):
    """How one service deletes its kinds of things."""

    def check(self, kind: str, granted: frozenset[str], *, permanent: bool) -> None:
        """Refuse what this sign-in may not delete for good.

        Raises:
            PolicyError: with what to do instead.
        """
        ...

    def needs(self, kind: str, *, permanent: bool) -> Sequence[Scope]:
        """The permissions that deleting takes."""
        ...

    async def plan(self, google: Google, kind: str, ids: Sequence[str], *, permanent: bool) -> Plan:
        """What the ids mean, and how each would go."""
        ...

    async def delete(self, google: Google, doomed: Doomed) -> None:
        """Delete one thing, or put it into the trash. Twice does no harm."""
        ...
