"""Which account a call means: alias, default or address. And the book that says so."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workspace_mcp.errors import CredentialFileError, NotSignedInError


@dataclass(frozen=True, slots=True)
class Book:
    """What `accounts.toml` says. `created` is when an account signed in, ISO 8601 in UTC."""

    default: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    created: Mapping[str, str] = field(default_factory=dict[str, str])

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
        tables = [found.get(name, {}) for name in ("aliases", "created")]
        if not isinstance(default, str) or not all(isinstance(table, dict) for table in tables):
            raise CredentialFileError(
                f"{path} has another form than it should.", "Delete it; sign-ins stay."
            )
        aliases, created = ({str(k).lower(): str(v) for k, v in table.items()} for table in tables)
        return cls(
            default.lower(), {name: email.lower() for name, email in aliases.items()}, created
        )


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
