"""Whose mail it is: the addresses that an account may send from, with names and signatures.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from workspace_mcp.errors import ArgumentError, MissingScopeError
from workspace_mcp.formats.mime import Address
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.mailbox import SETTINGS

SEND_AS = SETTINGS.sub("sendAs")


@dataclass(frozen=True, slots=True)
class Alias:
    """One address to send from. `signature` is HTML."""

    address: Address
    signature: str = ""
    default: bool = False

    @classmethod
    def from_api(cls, entry: Mapping[str, Any]) -> Self:
        """Read a `SendAs`."""
        address = Address(entry.get("displayName", ""), entry["sendAsEmail"])
        return cls(address, entry.get("signature", ""), default=bool(entry.get("isDefault")))


@dataclass(frozen=True, slots=True)
class Identity:
    """Every address of an account, the default first."""

    aliases: Sequence[Alias]

    @classmethod
    async def fetch(cls, google: Google) -> Self:
        """Ask Gmail; without the permission for its settings, the account's own address alone."""
        try:
            answer = await google.get(SEND_AS)
        except MissingScopeError:
            return cls((Alias(Address("", google.account), default=True),))
        found = [
            Alias.from_api(entry)
            for entry in answer.get("sendAs", ())
            if entry.get("verificationStatus", "accepted") == "accepted"
        ]
        found.sort(key=lambda alias: not alias.default)
        return cls(tuple(found) or (Alias(Address("", google.account), default=True),))

    @property
    def own(self) -> frozenset[str]:
        """The addresses, lower-case."""
        return frozenset(alias.address.email.lower() for alias in self.aliases)

    def named(self, email: str) -> Alias:
        """The alias of an address or of "Name <address>".

        Raises:
            ArgumentError: the account may not send from it.
        """
        wanted = email.strip().lower()
        for alias in self.aliases:
            if wanted in {alias.address.email.lower(), str(alias.address).lower()}:
                return alias
        known = ", ".join(alias.address.email for alias in self.aliases)
        raise ArgumentError("This account may not send from that address.", f"It may use: {known}.")

    def for_mail(self, recipients: Iterable[str]) -> Alias:
        """The alias that a mail was sent to, else the default."""
        wanted = {one.lower() for one in recipients}
        hit = [alias for alias in self.aliases if alias.address.email.lower() in wanted]
        return (hit or list(self.aliases))[0]
