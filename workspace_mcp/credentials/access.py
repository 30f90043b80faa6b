"""The accounts of this machine, as a server uses them: who there is, what was granted, a token."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from workspace_mcp.credentials.accounts import Book, resolve
from workspace_mcp.credentials.paths import places
from workspace_mcp.credentials.service_account import (
    ServiceAccountKey,
    check_domain,
    key_file,
    key_of,
)
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import CredentialFileError, UsageError, WorkspaceError

if TYPE_CHECKING:
    import ssl

    import httpx2

    from workspace_mcp.credentials.record import Credential
    from workspace_mcp.credentials.tokens import Tokens

log = logging.getLogger(__name__)

TEST_TOKEN_URI: Final = "WORKSPACE_MCP_TEST_TOKEN_URI"
"""For tests: where the token endpoint is asked instead; loopback only."""
_MARGIN: Final = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account, as far as it is known without asking Google."""

    email: str
    aliases: tuple[str, ...]
    granted: frozenset[str]
    default: bool
    problem: str


class Access:
    """What the environment gives access to. `default`: the account of a call that names none."""

    def __init__(
        self, environ: Mapping[str, str], default: str | None, scopes: Sequence[str] = ()
    ) -> None:
        self._environ = environ
        self._default = default
        self._scopes = tuple(scopes)
        self._delegated: dict[str, tuple[str, datetime]] = {}
        self.store = CredentialStore(places(environ))
        self.key: ServiceAccountKey | None = key_of(environ)
        if self.key is not None:
            if not default:
                raise UsageError(
                    "A service account acts for somebody, and nobody is named.",
                    "Name the account with --account EMAIL or USER_GOOGLE_EMAIL.",
                )
            check_domain(self.key, default)

    def emails(self) -> list[str]:
        """Every account: that of the service account, or those with a file or a key here."""
        if self.key is not None and self._default:
            return [self._default]
        try:
            delegated = self._book().delegated
        except CredentialFileError as error:  # a call that needs the book says so itself
            log.warning("%s", error.what)
            delegated = {}
        return sorted({*self.store.emails(), *delegated})

    def _book(self) -> Book:
        return Book() if self.key is not None else Book.read(self.store.places.accounts)

    def resolve(self, asked: str | None) -> str:
        """The account that is meant. Raises as `accounts.resolve` does."""
        book = self._book()
        default = self._default or book.default or None
        return resolve(asked, self.emails(), book.aliases, default)

    def list(self) -> Sequence[KnownAccount]:
        """Every account, the default first."""
        book, emails = self._book(), self.emails()
        default = self._default or book.default or (emails[0] if len(emails) == 1 else "")
        found = [self._known(email, book, default) for email in emails]
        return sorted(found, key=lambda one: (not one.default, one.email))

    def _known(self, email: str, book: Book, default: str) -> KnownAccount:
        problem, granted = "", frozenset[str]()
        try:
            granted = self.granted(email)
        except CredentialFileError as error:
            problem = error.what
        aliases = tuple(sorted(name for name, target in book.aliases.items() if target == email))
        return KnownAccount(email, aliases, granted, email == default, problem)

    def granted(self, email: str) -> frozenset[str]:
        """Scopes as the credential states them; empty when it does not."""
        if self._delegates(email):
            return frozenset(self._scopes)
        credential = self.store.read(email)
        return frozenset(credential.scopes if credential else ())

    async def token(self, email: str, refused: str | None) -> str:
        """A usable access token. Raises as `Tokens.access_token` does."""
        if self._delegates(email):
            return await self._delegated_token(email, refused)
        return await self._tokens.access_token(email, refused)

    def stored_token(self, email: str) -> str | None:
        """The access token that is stored, working or not; None when there is none."""
        if self._delegates(email):
            return None
        credential = self.store.read(email)
        return credential.token or None if credential else None

    def _delegates(self, email: str) -> bool:
        return self.key is not None or email in self._book().delegated

    async def _delegated_token(self, email: str, refused: str | None) -> str:
        from workspace_mcp.credentials.tokens import apart

        token, ends = self._delegated.get(email, ("", datetime.now(UTC)))
        if not token or token == refused or ends - datetime.now(UTC) < _MARGIN:
            self._delegated[email] = await apart(lambda: self._delegate(email))
        return self._delegated[email][0]

    def _delegate(self, email: str) -> tuple[str, datetime]:
        from google.auth.exceptions import TransportError

        from workspace_mcp.credentials.refresh import SafeRequest, network_error
        from workspace_mcp.credentials.service_account import token_for

        key = self.key or key_file(
            self.store.places.keys / Path(self._book().delegated[email]).name
        )
        try:
            with self._http() as http:
                return token_for(key, email, self._scopes, SafeRequest(http, self._endpoint))
        except TransportError as error:
            raise network_error(error) from None

    @cached_property
    def _tokens(self) -> "Tokens":
        from workspace_mcp.credentials.tokens import Tokens

        return Tokens(self.store, self._refreshed)

    def _refreshed(self, email: str, credential: "Credential") -> "Credential":
        """A refresh; google-auth is loaded by the first one."""
        from workspace_mcp.credentials.refresh import refreshed

        with self._http() as http:
            return refreshed(email, credential, http, self._endpoint)

    def _http(self) -> "httpx2.Client":
        import httpx2

        return httpx2.Client(verify=self._tls, follow_redirects=False)

    @cached_property
    def _tls(self) -> "ssl.SSLContext":
        from workspace_mcp.tls import tls_context

        return tls_context(self._environ)

    def _endpoint(self, uri: str) -> str:
        return (
            self._environ.get(TEST_TOKEN_URI) and _loopback(self._environ[TEST_TOKEN_URI])
        ) or uri


def _loopback(uri: str) -> str:
    if urlsplit(uri).hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise WorkspaceError(f"{TEST_TOKEN_URI} is for tests, on loopback only.")
    return uri
