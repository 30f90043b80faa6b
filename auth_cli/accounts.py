"""How each account stands on this machine, and taking one away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from auth_cli.explain import AUDIENCE
from auth_cli.web import REVOKE, Web
from workspace_mcp.credentials.access import Access, KnownAccount
from workspace_mcp.credentials.accounts import Book, change
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import CredentialFileError, NetworkError, login_command
from workspace_mcp.scopes import FULL, grants

LOCK: Final = 30.0
_TESTING: Final = (timedelta(days=5), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Standing:
    """One account, as its files say, and what Google said when it was asked."""

    email: str
    aliases: tuple[str, ...] = ()
    default: bool = False
    granted: str = ""
    since: datetime | None = None
    client: str = ""
    file: str = ""
    kind: str = "signed in"
    notes: tuple[str, ...] = field(default=())
    problem: str = ""
    checked: str = ""
    exit_code: int = 0

    @property
    def marks(self) -> str:
        """`default, alias work`; "" when there is none."""
        return ", ".join(
            [*(["default"] if self.default else []), *(f"alias {a}" for a in self.aliases)]
        )

    @property
    def line(self) -> str:
        """`ana@example.com (default): gmail, drive`."""
        head = f"{self.email} ({self.marks})" if self.marks else self.email
        return f"{head}: {self.problem.splitlines()[0] if self.problem else self.granted}"

    @property
    def text(self) -> str:
        """Some lines."""
        lines = [f"{self.email} ({self.marks})" if self.marks else self.email]
        lines.append(f"  may     {self.granted}")
        if self.since is not None:
            lines.append(f"  since   {self.since:%Y-%m-%d %H:%M}Z")
        lines += [f"  client  {self.client}"] if self.client else []
        lines += [f"  file    {self.file}"] if self.file else []
        lines += [f"  google  {self.checked}"] if self.checked and not self.problem else []
        for word, says in (("warning", self.notes), ("error", tuple(filter(None, [self.problem])))):
            for text in says:
                first, *rest = text.splitlines()
                lines += [f"  {word}  {first}", *(f"    {line.strip()}" for line in rest)]
        return "\n".join(lines)

    @property
    def facts(self) -> Mapping[str, Any]:
        """For a program."""
        return {
            "email": self.email, "default": self.default, "aliases": list(self.aliases),
            "granted": self.granted, "since": self.since.isoformat() if self.since else None,
            "client": self.client or None, "file": self.file or None, "kind": self.kind,
            "warnings": list(self.notes), "problem": self.problem or None,
            "works": None if not self.checked else not self.problem, "exit_code": self.exit_code,
        }  # fmt: skip


def access(environ: Mapping[str, str]) -> Access:
    """The accounts of this machine, a service account's tokens for everything."""
    scopes = tuple(dict.fromkeys(scope for one in FULL.values() for scope in one))
    return Access(environ, environ.get("USER_GOOGLE_EMAIL", "").strip().lower() or None, scopes)


def standing(
    reach: Access, store: CredentialStore, now: datetime | None = None
) -> Sequence[Standing]:
    """How every account stands, the default first."""
    book = Book.read(store.places.accounts)
    moment = now or datetime.now(UTC)
    return [_one(one, reach, store, book, moment) for one in reach.list()]


def _one(
    known: KnownAccount, reach: Access, store: CredentialStore, book: Book, now: datetime
) -> Standing:
    same = Standing(known.email, known.aliases, default=known.default)
    if reach.key is not None or known.email in book.delegated:
        name = reach.key.email if reach.key else Path(book.delegated[known.email]).stem
        return replace(
            same, granted="what its administrator delegated", client=name, kind="service account"
        )
    since = store.signed_in_at(known.email)
    notes = _notes(since, now)
    client = book.clients.get(known.email, "")
    if not known.problem:
        credential = store.read(known.email)
        client = client or (credential.client_id if credential else "")
        if credential and not credential.refresh_token:
            again = f"    {login_command(known.email)} --force-consent"
            notes = (*notes, f"it cannot be renewed: there is no refresh token.\n{again}")
    return replace(
        same, granted=grants(known.granted), since=since, client=client,
        file=str(store.file(known.email)), notes=notes, problem=known.problem,
        exit_code=11 if known.problem else 0,
    )  # fmt: skip


def _notes(since: datetime | None, now: datetime) -> tuple[str, ...]:
    if since is None or not _TESTING[0] <= now - since < _TESTING[1]:
        return ()
    left = since + _TESTING[1] - now
    return (
        f"if the OAuth app is in Testing, Google ends this sign-in in {left / timedelta(hours=1):.0f} h. "
        f"Publish it: {AUDIENCE}",
    )


def sign_out(
    environ: Mapping[str, str], store: CredentialStore, email: str, *, revoke: bool
) -> str:
    """Forget an account; with `revoke`, Google is told first. What was done, for a person.

    Raises:
        NetworkError: Google was not reached; nothing was done.
        CredentialFileError: a file cannot be deleted.
    """
    said = f"{email} is signed out on this machine."
    with store.lock(email, LOCK):
        if revoke:
            said = f"{_revoke(environ, store, email)} {said}"
        store.forget(email)
        undelegate(store, email)
        change(store.places, lambda book: book.forgetting(email))
    if not revoke:
        said += " Google still lists the app: https://myaccount.google.com/connections"
    return said


def undelegate(store: CredentialStore, email: str) -> None:
    """Let no service account act for an account any more; a key that acts for nobody is deleted.

    Raises:
        CredentialFileError: the book of accounts cannot be written.
    """
    key = Book.read(store.places.accounts).delegated.get(email)
    after = change(store.places, lambda book: book.without("delegated", email))
    if key and key not in after.delegated.values():
        (store.places.keys / Path(key).name).unlink(missing_ok=True)


def _revoke(environ: Mapping[str, str], store: CredentialStore, email: str) -> str:
    try:
        credential = store.read(email)
    except CredentialFileError:
        credential = None
    token = (credential.refresh_token or credential.token) if credential else ""
    if not token:
        return "There was nothing to take back at Google."
    answer = Web(environ).form(REVOKE, {"token": token})
    if answer.status == 200:
        return "Google took the sign-in back, for the whole Cloud project."
    if answer.error in {"invalid_token", "invalid_grant"}:
        return "Google had taken the sign-in back already."
    raise NetworkError(
        f"Google did not take the sign-in back ({answer.status}).",
        "Nothing was deleted. Try again, or without --revoke and then at "
        "https://myaccount.google.com/connections",
    )
