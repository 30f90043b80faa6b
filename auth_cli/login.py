"""`workspace-auth login`: ask, wait, save."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from auth_cli.apis import answers, switched_off
from auth_cli.asking import DEVICE, Asked, asked, short
from auth_cli.oauth import browser, pages
from auth_cli.oauth.callback import Code, Refusal, brought, pasted
from auth_cli.oauth.exchange import SignedIn, exchange, signed_in
from auth_cli.oauth.loopback import Listener, Turn
from auth_cli.oauth.probe import probe
from auth_cli.oauth.request import Attempt
from auth_cli.surroundings import Surroundings, look
from auth_cli.web import Web
from workspace_mcp.credentials.accounts import Book, change
from workspace_mcp.credentials.clients import Chosen, OAuthClient, choose
from workspace_mcp.credentials.record import Credential
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import (
    ClientFileError,
    CodeRefusedError,
    CredentialFileError,
    DeniedError,
    NetworkError,
    OtherAccountError,
    TimedOutError,
    UsageError,
    WorkspaceError,
    login_command,
)
from workspace_mcp.scopes import SERVICES, Scope
from workspace_mcp.tls import tls_context

LOCK: Final = 30.0
_HINT: Final = 45.0
_QUIET: Final = 60.0


class Told(Protocol):
    """Hears of each step: its name, words for a person, facts for a program."""

    def __call__(self, event: str, text: str, **facts: Any) -> None:
        """One step."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line. `email` is None when any account will do."""

    email: str | None = None
    services: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    read_only: bool = False
    only: bool = False
    client: str | None = None
    any_account: bool = False
    force_consent: bool = False
    port: int = 0
    browser: str | None = None
    open_browser: bool = True
    seconds: float = 300.0
    paste: bool = False
    """Whether a pasted address is read from stdin while it listens."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who is signed in now, what was granted, and what was not of what was asked for."""

    email: str
    granted: tuple[str, ...]
    missing: tuple[str, ...]
    again: str
    """The command that asks for what is missing."""

    @property
    def said(self) -> str:
        """For a person."""
        head = f"{self.email} is signed in for {', '.join(self.granted) or 'nothing that was asked for'}."
        if not self.missing:
            return f"{head}\nRunning servers use it from their next call on."
        return (
            f"{head}\nNot granted: {', '.join(self.missing)}. Their tools will ask for it. To grant it now, "
            f"run this and tick every box:\n    {self.again}"
        )

    @property
    def facts(self) -> Mapping[str, Any]:
        """For a program."""
        return {
            "email": self.email, "granted": list(self.granted), "missing": list(self.missing),
            **({"command": self.again} if self.missing else {}),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is settled before the browser opens."""

    wish: Wish
    client: OAuthClient
    named: str
    """The name that the client is kept under; "" when it has none."""
    asked: Asked
    before: Credential | None
    alive: bool
    """Whether `before` works."""

    @property
    def consent(self) -> bool:
        """Whether Google must show its permissions, and so give a new refresh token."""
        has = frozenset(self.before.scopes if self.before else ())
        return self.wish.force_consent or not self.alive or not has.issuperset(self.asked.scopes)


def plan(wish: Wish, store: CredentialStore, environ: Mapping[str, str], web: Web, told: Told,
         offered: tuple[str, ...]) -> Plan:  # fmt: skip
    """Settle the client, what to ask for, and whether the client works.

    Raises:
        ClientFileError: there is no client, or Google does not take it.
    """
    before = _before(store, wish.email)
    chosen = client_for(wish, store, environ)
    wanted = asked(
        wish.services, wish.scopes, before.scopes if before else (), offered,
        read_only=wish.read_only, only=wish.only,
    )  # fmt: skip
    alive = False
    try:
        alive = probe(web, chosen.client, before)
    except NetworkError as error:
        if "certificate" in error.what:
            raise
        told("note", f"{error.what} Going on: it may be back when the browser is done.")
    return Plan(wish, chosen.client, chosen.name, wanted, before, alive)


def client_for(wish: Wish, store: CredentialStore, environ: Mapping[str, str]) -> Chosen:
    """The client that was named or fits, else the one that the account signed in with before.

    Raises:
        ClientFileError: there is none.
    """
    found = choose(environ, store.places, wish.email, wish.client)
    if found is not None:
        return found
    for email in [wish.email] if wish.email else store.emails():
        before = _before(store, email)
        if before is not None and before.client_id and before.client_secret:
            return Chosen(
                OAuthClient(before.client_id, before.client_secret), f"the client of {email}"
            )
    raise ClientFileError(
        "Signing in needs an OAuth client, and none is known here.",
        "workspace-auth setup shows the way, in five minutes. With a client's JSON at hand:\n"
        "    workspace-auth client add FILE",
    )


def _before(store: CredentialStore, email: str | None) -> Credential | None:
    try:
        return store.read(email) if email else None
    except CredentialFileError:
        return None  # a new sign-in mends it


def login(
    wish: Wish, environ: Mapping[str, str], store: CredentialStore, told: Told,
    offered: tuple[str, ...], attempted: Callable[[Attempt, Plan], None] | None = None,
) -> Outcome:  # fmt: skip
    """Sign in, and write what was granted. `attempted` hears of each address that is shown.

    Raises:
        WorkspaceError: it did not work, and nothing was written.
    """
    web = Web(environ)
    settled = plan(wish, store, environ, web, told, offered)
    tls = tls_context(environ)
    around = look(environ)
    with Listener(wish.port, pages.stray) as listener:
        consent = settled.consent
        while True:
            attempt = Attempt.start(
                listener.redirect_uri, settled.asked.scopes, wish.email, consent=consent
            )
            url = attempt.url(settled.client.client_id)
            turn = listener.expect(attempt.state, url)
            if attempted is not None:
                attempted(attempt, settled)
            _announce(settled, listener, url, around, environ, told)
            try:
                answer = _wait(turn, wish, told)
                code = _code(answer, settled)
                signed = exchange(settled.client, attempt, code, tls, web)
                signed = checked(settled, signed, consent=consent)
                if signed.credential.refresh_token:
                    outcome = save(store, settled, signed, told)
                    break
            except WorkspaceError as error:
                listener.finish(pages.failed(error.what, login_command(wish.email or "")))
                raise
            told("again", "Google gave nothing to stay signed in with; asking for consent.")
            consent = True
        listener.finish(
            pages.signed_in(outcome.email, outcome.granted, outcome.missing, outcome.again)
        )
    _tell_of_apis(web, signed, outcome, told)
    return outcome


def _tell_of_apis(web: Web, signed: SignedIn, outcome: Outcome, told: Told) -> None:
    """Name the granted services whose API is switched off: their first call would fail."""
    token = signed.credential.token
    for name, error in switched_off(answers(web, token, outcome.email, outcome.granted)):
        told("api_disabled", str(error), service=name, remedy=error.remedy)


def complete(
    wish: Wish, attempt: Attempt, answer: Code | Refusal, environ: Mapping[str, str],
    store: CredentialStore, told: Told, offered: tuple[str, ...],
) -> Outcome:  # fmt: skip
    """Finish a sign-in whose answer was copied from a browser, without a listener. Raises as `login` does."""
    web = Web(environ)
    settled = plan(wish, store, environ, web, told, offered)
    code = _code(answer, settled)
    signed = exchange(settled.client, attempt, code, tls_context(environ), web)
    return save(store, settled, checked(settled, signed, consent=True), told)


def device_login(
    wish: Wish, environ: Mapping[str, str], store: CredentialStore, told: Told
) -> Outcome:
    """Sign in by a code that is typed on another device.

    Raises:
        UsageError: more was asked for than Google allows this way; nothing was asked of Google.
        WorkspaceError: it did not work, and nothing was written.
    """
    from auth_cli.oauth import device

    refuse_for_device(wish)
    client = client_for(wish, store, environ)
    web = Web(environ)
    shown = device.begin(web, client.client, DEVICE)
    told(
        "device", f"On any device open:\n{shown.page}\nand type:\n    {shown.user_code}",
        url=shown.page, user_code=shown.user_code, expires_in=int(shown.seconds),
    )  # fmt: skip
    token = device.wait(web, client.client, shown, wish.seconds)
    wanted = Asked(tuple(map(str, DEVICE)), (), (str(Scope.DRIVE_FILE),))
    settled = Plan(wish, client.client, client.name, wanted, None, alive=False)
    signed = signed_in(client.client, token, wanted.scopes, web)
    return save(store, settled, checked(settled, signed, consent=True), told)


def refuse_for_device(wish: Wish) -> None:
    """Nothing, unless more is asked for than Google allows on a device.

    Raises:
        UsageError: with what to do instead.
    """
    more = [name for name in wish.services if name != "drive"]
    more += [short(one) for one in wish.scopes if one not in DEVICE]
    if more or wish.read_only:
        raise UsageError(
            f"Google does not allow {', '.join(more) or 'reading alone'} with --device: only who you are, "
            "and the Drive files that this app makes or is given (drive.file).",
            "Without a browser on this machine: workspace-auth login --no-browser, open the address "
            "anywhere, and paste the address of the last page. In an agent's shell: --start, then --finish.",
        )


def _announce(
    settled: Plan, listener: Listener, url: str, around: Surroundings,
    environ: Mapping[str, str], told: Told,
) -> None:  # fmt: skip
    """The address first, then the browser, then what the place demands."""
    wish = settled.wish
    told(
        "authorize", f"Open this address to sign in:\n{url}",
        url=url, port=listener.port, expires_in=int(wish.seconds),
    )  # fmt: skip
    chosen = wish.browser or environ.get("BROWSER")  # editors set it to one on the person's side
    elsewhere = (around.ssh or around.container) and not chosen
    started = wish.open_browser and not elsewhere and browser.start(url, environ, wish.browser)
    if started:
        told("browser", "A browser should have opened it.", started=True)
    if (elsewhere or not started) and (text := around.advice(listener.port, can_paste=wish.paste)):
        told("advice", text, advice=text)
    elif wish.paste:
        told("advice", "If the last page fails to load, paste its address here.")


def _wait(turn: Turn, wish: Wish, told: Told) -> Code | Refusal | None:
    """The answer of the browser or of a pasted line; None when none came in time."""
    if wish.paste:
        threading.Thread(target=_read_pasted, args=(turn, told), daemon=True).start()
    left, pause = wish.seconds, _HINT
    while left > 0 and not turn.came.wait(min(left, pause)):
        left -= pause
        if left > 0:
            told(
                "waiting",
                f"Still waiting, {left:.0f} s more. Does the browser show an error? What it means: "
                "workspace-auth explain CODE",
                seconds_left=int(left),
            )  # fmt: skip
        pause = _QUIET
    return turn.answer


def _read_pasted(turn: Turn, told: Told) -> None:
    """Take pasted lines until one is the answer; the end of the input ends nothing else."""
    while not turn.came.is_set():
        try:
            line = sys.stdin.readline()
        except (OSError, ValueError):
            return
        if not line:
            return
        if not line.strip() or turn.came.is_set():
            continue
        found = brought(pasted(line), turn.state)
        if found is not None:
            turn.take(found)
        else:
            told(
                "pasted",
                "That is not the answer to this sign-in. It looks like http://127.0.0.1:…/oauth2/callback?"
                "state=…&code=… and belongs to the newest address above.",
            )  # fmt: skip


def _code(answer: Code | Refusal | None, settled: Plan) -> Code:
    from auth_cli.explain import refusal

    match answer:
        case None:
            raise TimedOutError(
                f"Nobody signed in within {settled.wish.seconds:.0f} seconds.", "Sign in again."
            )
        case Refusal("access_denied"):
            raise DeniedError(
                "The sign-in was refused in the browser.",
                "Sign in again and allow it. If the page said 403 or spoke of testers: "
                "workspace-auth explain access_denied",
            )
        case Refusal(error):
            raise refusal(error, settled.wish.email or "", settled.client.client_id)
        case Code():
            return answer


def checked(settled: Plan, signed: SignedIn, *, consent: bool) -> SignedIn:
    """The same, when it may be written: the right account, and something to stay signed in with.

    A refresh token may be left away by Google while an earlier one works; then that one stays. It is
    "" when neither is there and consent can still be asked for.

    Raises:
        OtherAccountError: another account than was asked for.
        CodeRefusedError: consent was asked for, and there is no refresh token.
    """
    wish = settled.wish
    if wish.email and signed.email != wish.email and not wish.any_account:
        raise OtherAccountError(
            f"You chose {signed.email}, and {wish.email} was asked for. Nothing was written.",
            f"To sign that account in:\n    {login_command(signed.email)}",
        )
    if signed.credential.refresh_token:
        return signed
    same = settled.before is not None and signed.email == wish.email
    if same and settled.alive and settled.before is not None:
        kept = replace(signed.credential, refresh_token=settled.before.refresh_token)
        return replace(signed, credential=kept)
    if consent:
        raise CodeRefusedError(
            "Google gave nothing to stay signed in with. Nothing was written.",
            "Remove the app's access at https://myaccount.google.com/connections and sign in again.",
        )
    return signed


def save(store: CredentialStore, settled: Plan, signed: SignedIn, told: Told) -> Outcome:
    """Write under the account's lock, read back, and note when.

    Raises:
        CredentialFileError: it could not be written; what was there is there still.
    """
    email = signed.email
    with store.lock(email, LOCK):
        store.write(email, signed.credential)
        if store.read(email) != signed.credential:
            raise CredentialFileError(
                f"The sign-in of {email} was written, and reads back as something else.",
                f"Look at {store.places.credentials}.",
            )
    try:
        change(store.places, lambda book: noted(book, email, settled.named, datetime.now(UTC)))
    except CredentialFileError as error:  # the sign-in itself is written
        told("note", str(error))
    granted, missing = settled.asked.outcome(signed.credential.scopes)
    return Outcome(email, tuple(granted), tuple(missing), _again(email, missing))


def noted(book: Book, email: str, client: str, now: datetime) -> Book:
    """With what is known of an account that just signed in. `client`: the name it is kept under, or ""."""
    book = book.having("created", email, f"{now:%Y-%m-%dT%H:%M:%SZ}").without("delegated", email)
    return book.having("clients", email, client) if client else book


def _again(email: str, missing: Sequence[str]) -> str:
    """The command that asks for what was not granted."""
    services = [one for one in missing if one in SERVICES]
    single = [one for one in missing if one not in SERVICES]
    words = [login_command(email)]
    words += ["--services", ",".join(services)] if services else []
    words += ["--scopes", ",".join(single)] if single else []
    return " ".join(words)
