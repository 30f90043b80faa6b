"""Whose mail it is: the addresses that an account may send from, with names and signatures.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from workspace_mcp.errors import ArgumentError, MissingScopeError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.mime import Address, addresses
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.mailbox import SETTINGS

SEND_AS = SETTINGS.sub("sendAs")


@dataclass(frozen=True, slots=True)
class Alias:
    """One address to send from. `signature` is HTML, "" for none."""

    address: Address
    signature: str = ""
    default: bool = False

    @classmethod
    def from_api(cls, entry: Mapping[str, Any]) -> Self:
        """Read a `SendAs`."""
        address = Address(clean_line(entry.get("displayName", "")), entry["sendAsEmail"])
        return cls(address, entry.get("signature", ""), default=bool(entry.get("isDefault")))


@dataclass(frozen=True, slots=True)
class Identity:
    """Every address of an account that may be used, the default first.

    `refusal` is why Gmail did not tell them: then only the account's own address is known.
    """

    aliases: Sequence[Alias]
    refusal: MissingScopeError | None = None

    @classmethod
    async def fetch(cls, google: Google) -> Self:
        """Ask Gmail; without the permission for its settings, the account's own address alone."""
        alone = Alias(Address("", google.account), default=True)
        try:
            answer = await google.get(SEND_AS)
        except MissingScopeError as error:
            return cls((alone,), error)
        return cls(tuple(_usable(answer.get("sendAs", ()))) or (alone,))

    @property
    def default(self) -> Alias:
        """The one for mail that answers nothing."""
        return self.aliases[0]

    @property
    def own(self) -> frozenset[str]:
        """The addresses, lower-case."""
        return frozenset(alias.address.email.lower() for alias in self.aliases)

    def named(self, wanted: str) -> Alias:
        """The alias of an address; "Name <address>" also changes the name that is shown.

        Raises:
            ArgumentError: the account may not send from it; the text lists what it may use.
            MissingScopeError: that cannot be known without another permission.
        """
        found = addresses([wanted])
        if len(found) != 1:
            raise ArgumentError("from is one address.", self._allowed())
        alias = self.find(found[0].email)
        if alias is None and self.refusal is not None:
            raise self.refusal
        if alias is None:
            raise ArgumentError(f"{found[0].email} is no address of this account.", self._allowed())
        name = found[0].name or alias.address.name
        return replace(alias, address=Address(name, alias.address.email))

    def find(self, email: str) -> Alias | None:
        """The alias with that address, in any case of letters."""
        same = (one for one in self.aliases if one.address.email.lower() == email.lower())
        return next(same, None)

    def for_mail(self, recipients: Iterable[str]) -> Alias:
        """The alias that a mail was sent to, else the default."""
        hits = (found for email in recipients if (found := self.find(email)))
        return next(hits, self.default)

    def _allowed(self) -> str:
        return f"It may send from: {', '.join(alias.address.email for alias in self.aliases)}."


def _usable(entries: Iterable[Mapping[str, Any]]) -> list[Alias]:
    """Confirmed aliases, the default first."""
    found = [
        Alias.from_api(entry)
        for entry in entries
        if entry.get("verificationStatus", "accepted") == "accepted"
    ]
    return sorted(found, key=lambda alias: not alias.default)
