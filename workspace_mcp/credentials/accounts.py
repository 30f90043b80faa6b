"""Which account a call means: alias, default or address. And the book that says so."""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final

from workspace_mcp.credentials import disk
from workspace_mcp.credentials.paths import Places
from workspace_mcp.errors import CredentialFileError, NotSignedInError

LOCK: Final = 10.0
_Table = Mapping[str, str]


def _table() -> "_Table":
    return {}


@dataclass(frozen=True, slots=True)
class Book:
    """What `accounts.toml` says. Addresses and aliases are in small letters."""

    default: str = ""
    aliases: _Table = field(default_factory=_table)
    """Alias → account."""
    created: _Table = field(default_factory=_table)
    """Account → when it signed in, ISO 8601 in UTC."""
    clients: _Table = field(default_factory=_table)
    """Account → the name of its OAuth client."""
    domains: _Table = field(default_factory=_table)
    """Domain → the name of the OAuth client of its accounts."""
    delegated: _Table = field(default_factory=_table)
    """Account → the file of the service account's key that acts for it."""

    @classmethod
    def read(cls, path: Path) -> "Book":
        """The book at `path`; an empty one when there is none.

        Raises:
            CredentialFileError: it is not TOML, or not of this form.
        """
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            raise CredentialFileError(
                f"{path} cannot be read.", "Mend or delete it; sign-ins stay."
            ) from error
        default = found.get("default", "")
        names = [one.name for one in fields(cls) if one.name != "default"]
        tables = {name: found.get(name, {}) for name in names}
        if not isinstance(default, str) or not all(isinstance(t, dict) for t in tables.values()):
            raise CredentialFileError(
                f"{path} has another form than it should.", "Delete it; sign-ins stay."
            )
        lowered = {
            name: {str(key).lower(): str(value) for key, value in table.items()}
            for name, table in tables.items()
        }
        lowered["aliases"] = {name: email.lower() for name, email in lowered["aliases"].items()}
        return cls(default.lower(), **lowered)

    def render(self) -> str:
        """The book as TOML; what is empty is left away."""
        lines = [f"default = {_quoted(self.default)}", ""] if self.default else []
        for one in fields(self):
            table = getattr(self, one.name)
            if one.name == "default" or not table:
                continue
            lines.append(f"[{one.name}]")
            lines += [f"{_quoted(key)} = {_quoted(table[key])}" for key in sorted(table)]
            lines.append("")
        return "\n".join(lines)

    def having(self, table: str, key: str, value: str) -> "Book":
        """With one entry more, or another one."""
        return replace(self, **{table: {**getattr(self, table), key.lower(): value}})

    def without(self, table: str, key: str) -> "Book":
        """Without an entry."""
        kept = {name: value for name, value in getattr(self, table).items() if name != key.lower()}
        return replace(self, **{table: kept})

    def forgetting(self, email: str) -> "Book":
        """Without everything about an account."""
        book = self if self.default != email else replace(self, default="")
        for table in ("created", "clients", "delegated"):
            book = book.without(table, email)
        kept = {name: target for name, target in book.aliases.items() if target != email}
        return replace(book, aliases=kept)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def change(places: Places, how: Callable[[Book], Book]) -> Book:
    """Change the book of accounts under its lock; as it is afterwards.

    Raises:
        CredentialFileError: it cannot be read or written, or another process holds it.
    """
    with disk.lock(places.book_lock, LOCK, "the book of accounts"):
        before = Book.read(places.accounts)
        after = how(before)
        if after != before:
            try:
                disk.replace(places.accounts, after.render().encode())
            except OSError as error:
                raise CredentialFileError(
                    f"{places.accounts} could not be written ({error.strerror}).",
                    "Nothing was lost: what was there is there still.",
                ) from error
        return after


def resolve(
    asked: str | None, known: Sequence[str], aliases: Mapping[str, str], default: str | None
) -> str:
    """The account that is meant: exactly, by alias, by default only when none was named, or the only one.

    Raises:
        NotSignedInError: it is not signed in, nobody is, or several are and none was named.
    """
    if asked and asked.strip():
        wanted = asked.strip().lower()
        wanted = aliases.get(wanted, wanted)
        if wanted in known:
            return wanted
        reason = "unknown_account" if known else "not_signed_in"
        raise NotSignedInError(wanted, reason, known=known)
    if default:
        chosen = aliases.get(default.lower(), default.lower())
        if chosen in known:
            return chosen
        raise NotSignedInError(chosen, "not_signed_in", known=known)
    if len(known) == 1:
        return known[0]
    raise NotSignedInError("", "several_accounts" if known else "not_signed_in", known=known)
