"""`workspace-auth login`: ask, wait, save."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auth_cli.console import say
from auth_cli.oauth import browser, pages
from auth_cli.oauth.callback import Code, Refusal
from auth_cli.oauth.exchange import SignedIn, exchange
from auth_cli.oauth.loopback import Listener
from auth_cli.oauth.request import Attempt
from workspace_mcp import scopes
from workspace_mcp.credentials.clients import OAuthClient, client_of
from workspace_mcp.credentials.paths import places
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import (
    ClientFileError,
    CredentialFileError,
    DeniedError,
    MissingScopeError,
    OtherAccountError,
    PolicyError,
    TimedOutError,
    UsageError,
    WorkspaceError,
    login_command,
)
from workspace_mcp.tls import tls_context

LOCK = 30.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line. `email` is None when any account will do."""

    email: str | None
    services: tuple[str, ...]
    read_only: bool = False
    client: Path | None = None
    port: int = 0
    browser: str | None = None
    open_browser: bool = True
    seconds: float = 300.0

    def arguments(self, seconds: float) -> list[str]:
        """The same wish as flags, with another patience."""
        flags = ["--services", ",".join(self.services), "--timeout", str(seconds)]
        flags += [self.email] if self.email else []
        flags += ["--read-only"] if self.read_only else []
        flags += ["--client", str(self.client.absolute())] if self.client else []
        flags += ["--port", str(self.port)] if self.port else []
        flags += ["--browser", self.browser] if self.browser else []
        return flags if self.open_browser else [*flags, "--no-browser"]


def login(
    wish: Wish, environ: Mapping[str, str], told: Callable[[str], None] = lambda url: None
) -> SignedIn:
    """Sign in, and write what was granted. `told` is called with the address to open.

    Raises:
        WorkspaceError: it did not work; nothing was written, unless it is MissingScopeError, which
            says what was not granted of what was asked for.
    """
    store = CredentialStore(places(environ))
    client = _client(wish, store, environ)
    tls = tls_context(environ)
    wanted = _wanted(wish, store)
    with Listener(wish.port, pages.stray) as listener:
        attempt = Attempt.start(listener.redirect_uri, wanted, wish.email)
        listener.state = attempt.state
        url = attempt.url(client.client_id)
        say(f"Open this address to sign in:\n{url}")
        told(url)
        if wish.open_browser and browser.start(url, environ, wish.browser):
            say("A browser should have opened it.")
        answer = listener.wait(wish.seconds)
        command = login_command(wish.email or "")
        try:
            signed = _finished(client, attempt, answer, tls, wish)
            _save(store, signed)
        except WorkspaceError as error:
            listener.finish(pages.failed(error.what, command))
            raise
        granted, missing = _services(wish, signed)
        again = f"{login_command(signed.email)} --services {','.join(missing)}"
        listener.finish(pages.signed_in(signed.email, granted, missing, again))
    if missing:
        raise MissingScopeError(signed.email, ",".join(missing), missing)
    return signed


def _client(wish: Wish, store: CredentialStore, environ: Mapping[str, str]) -> OAuthClient:
    """The client that was named, else the one that the account signed in with before."""
    found = client_of(environ, wish.client)
    if found is not None:
        return found
    emails = [wish.email] if wish.email else store.emails()
    for email in emails:
        try:
            before = store.read(email)
        except CredentialFileError:
            continue
        if before is not None and before.client_id and before.client_secret:
            return OAuthClient(before.client_id, before.client_secret)
    raise ClientFileError(
        "Signing in needs an OAuth client, and none is named.",
        "Create one of the type Desktop app at https://console.cloud.google.com/auth/clients, download "
        "its JSON, and name it: workspace-auth login --client FILE",
    )


def _wanted(wish: Wish, store: CredentialStore) -> tuple[str, ...]:
    """What to ask for: the services', and what the account has already."""
    asked = scopes.requested(wish.services, read_only=wish.read_only)
    try:
        before = store.read(wish.email) if wish.email else None
    except CredentialFileError:
        before = None
    kept = before.scopes if before is not None and not wish.read_only else ()
    covered = frozenset[str]().union(
        *(scopes.COVERS.get(one, frozenset()) for one in (*asked, *kept))
    )
    return tuple(one for one in dict.fromkeys((*asked, *kept)) if one not in covered)


def _finished(
    client: OAuthClient,
    attempt: Attempt,
    answer: Code | Refusal | None,
    tls: ssl.SSLContext,
    wish: Wish,
) -> SignedIn:
    match answer:
        case None:
            raise TimedOutError(
                f"Nobody signed in within {wish.seconds:.0f} seconds.", "Sign in again."
            )
        case Refusal("access_denied"):
            raise DeniedError(
                "The sign-in was refused in the browser.", "Sign in again and allow it."
            )
        case Refusal("admin_policy_enforced" | "org_internal" as error):
            raise PolicyError(
                f"Your organisation does not allow this app ({error}).",
                f"An administrator can: client id {client.client_id}, at admin.google.com, Security, API controls.",
            )
        case Refusal(error):
            raise DeniedError(f"Google ended the sign-in ({error}).", "Sign in again.")
        case Code():
            signed = exchange(client, attempt, answer, tls)
    if wish.email and signed.email != wish.email:
        raise OtherAccountError(
            f"You chose {signed.email}, and {wish.email} was asked for. Nothing was written.",
            f"To sign that account in: {login_command(signed.email)}",
        )
    return signed


def _save(store: CredentialStore, signed: SignedIn) -> None:
    """Write under the account's lock, and read back."""
    with store.lock(signed.email, LOCK):
        store.write(signed.email, signed.credential)
        if store.read(signed.email) != signed.credential:
            raise CredentialFileError(
                f"The sign-in of {signed.email} was written, and reads back as something else.",
                f"Look at {store.places.credentials}.",
            )


def _services(wish: Wish, signed: SignedIn) -> tuple[list[str], list[str]]:
    """Services that were granted wholly, and those that were not."""
    table = scopes.READ_ONLY if wish.read_only else scopes.FULL
    missing = [
        name for name in wish.services if scopes.missing(table[name], signed.credential.scopes)
    ]
    return [name for name in wish.services if name not in missing], missing


def chosen_services(named: Sequence[str]) -> tuple[str, ...]:
    """Services by name; those that have tools when none is named.

    Raises:
        UsageError: a name that is no service.
    """
    wanted = [word for name in named for word in name.replace(",", " ").split()]
    if unknown := sorted(set(wanted) - set(scopes.SERVICES)):
        raise UsageError(
            f"Unknown service: {', '.join(unknown)}.", f"Services: {', '.join(scopes.SERVICES)}."
        )
    return tuple(dict.fromkeys(wanted)) or ("gmail",)
