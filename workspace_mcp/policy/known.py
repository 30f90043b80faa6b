"""Who is no stranger: the person's own addresses, and those that they wrote to before."""

from collections.abc import Callable, Iterable
from typing import Final

from workspace_mcp.errors import GoogleError, MissingScopeError
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import collection
from workspace_mcp.policy.consent import ADDRESS
from workspace_mcp.scopes import Scope, missing

_MESSAGES: Final = collection("https://gmail.googleapis.com/gmail/v1/users/me/messages")
_MOST: Final = 25
"""Addresses of one act that are looked up; the others count as new."""


class Acquaintances:
    """Remembers, for the life of the process, whom an account wrote to."""

    def __init__(self, own: Callable[[], Iterable[str]]) -> None:
        self._own = own
        self._written: set[tuple[str, str]] = set()

    async def among(
        self, google: Google, granted: frozenset[str], addresses: Iterable[str]
    ) -> frozenset[str]:
        """Those of `addresses` that `google`'s account knows.

        Raises:
            WorkspaceError: Google was not reached.
        """
        own = {one.lower() for one in self._own()}
        found = {one for one in addresses if one in own}
        rest = [one for one in sorted(set(addresses) - found) if ADDRESS.fullmatch(one)]
        if granted and missing([Scope.GMAIL_READONLY], granted):
            return frozenset(found)
        for address in rest[:_MOST]:
            if (google.account, address) in self._written or await _wrote(google, address):
                self._written.add((google.account, address))
                found.add(address)
        return frozenset(found)


async def _wrote(google: Google, address: str) -> bool:
    """Whether there is mail to an address among what was sent."""
    try:
        page = await google.get(
            _MESSAGES, q=f"in:sent to:{address}", maxResults=1, fields="messages(id)"
        )
    except (GoogleError, MissingScopeError):
        return False  # who cannot be looked up is new
    return bool(page.get("messages"))
