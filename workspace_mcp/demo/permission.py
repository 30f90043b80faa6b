"""Who may do what: the permissions of a token, and people's roles. No I/O."""

from collections.abc import Collection
from typing import Final, Protocol

from workspace_mcp.demo.http import Refusal

_WRITERS: Final = frozenset({"writer", "fileOrganizer", "organizer", "owner"})


def need(granted: frozenset[str], scopes: Collection[str], service: str) -> None:
    """Refuse unless one of `scopes` was granted."""
    if granted & set(scopes):
        return
    raise Refusal(
        403, "Request had insufficient authentication scopes.", "insufficientPermissions",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": service},
            }
        ],
        headers={
            "www-authenticate": 'Bearer realm="https://accounts.google.com/", '
            f'error="insufficient_scope", scope="{" ".join(sorted(scopes))}"'
        },
    )  # fmt: skip


class Owned(Protocol):
    """A Doc or a spreadsheet."""

    owner: str
    editors: set[str]
    readers: set[str]


def need_role(thing: Owned, account: str, held: str | None, *, writing: bool) -> None:
    """Refuse who may not read, or not write. `held`: the role that Drive knows of.

    Raises:
        Refusal: 404 or 403.
    """
    if not held and account not in {thing.owner, *thing.editors, *thing.readers}:
        raise Refusal(404, "Requested entity was not found.")
    if writing and held not in _WRITERS and account not in {thing.owner, *thing.editors}:
        raise Refusal(403, "The caller does not have permission")
