"""A fresh access token for an account: one refresh however many calls, servers and logins there are."""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from workspace_mcp.credentials.record import Credential
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import CredentialFileError, NetworkError, NotSignedInError, WorkspaceError

log = logging.getLogger(__name__)

EARLY: Final = timedelta(minutes=10)
"""Before the end from which a refresh is tried; one that fails keeps the token."""
LATEST: Final = timedelta(minutes=4)
"""Before the end from which a token is not used any more."""
LOCK: Final = 10.0
_TESTING: Final = (timedelta(days=6.5), timedelta(days=8))
Result = TypeVar("Result")
Refresh = Callable[[str, Credential], Credential]


async def apart(function: Callable[[], Result]) -> Result:
    """The result of a blocking function, from a thread that the end of the process does not wait for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def tell(deliver: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if done.done() else deliver())

    def run() -> None:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - handed over, not handled
            failure = error
            tell(lambda: done.set_exception(failure))
        else:
            tell(lambda: done.set_result(result))

    threading.Thread(target=run, daemon=True).start()
    return await done


class Tokens:
    """Access tokens by account. `refresh` is only called when a token is needed and too old."""

    def __init__(
        self,
        store: CredentialStore,
        refresh: Refresh,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._refresh = refresh
        self._now = now
        self._turns: dict[str, asyncio.Lock] = {}
        self._dead: dict[str, tuple[str, WorkspaceError]] = {}
        self._unsaved: dict[str, tuple[Credential, Credential]] = {}
        """Account → (the file's credential, ours, which could not be written)."""

    def granted(self, email: str) -> frozenset[str]:
        """Scopes as the account's file states them.

        Raises:
            CredentialFileError: the file cannot be used.
        """
        credential = self._store.read(email)
        return frozenset(credential.scopes if credential else ())

    async def access_token(self, email: str, refused: str | None = None) -> str:
        """A token that works for some minutes at least. `refused` is one that Google did not take.

        Raises:
            NotSignedInError: no file, or a refresh token that Google does not take any more.
            CredentialFileError: the file cannot be used.
            NetworkError: Google was not reached.
        """
        held = self._usable(email, refused, EARLY)
        if held is not None:
            return held
        async with self._turns.setdefault(email, asyncio.Lock()):
            held = self._usable(email, refused, EARLY)
            if held is not None:
                return held
            spare = self._usable(email, refused, LATEST)
            try:
                return await apart(lambda: self._renew(email, refused))
            except (NetworkError, CredentialFileError):
                if spare is None:
                    raise
                log.info(
                    "A refresh for %s did not work; its token is good for some minutes.", email
                )
                return spare

    def _current(self, email: str) -> Credential:
        """What the file says now, or what could not be written of it."""
        found = self._store.read(email)
        if found is None:
            self._dead.pop(email, None)
            raise NotSignedInError(email, "not_signed_in", known=self._store.emails())
        kept = self._unsaved.get(email)
        if kept is not None and kept[0] == found:
            return kept[1]
        return found

    def _usable(self, email: str, refused: str | None, margin: timedelta) -> str | None:
        credential = self._current(email)
        self._check_dead(email, credential)
        if credential.token != refused and credential.fresh(self._now(), margin):
            return credential.token
        return None

    def _check_dead(self, email: str, credential: Credential) -> None:
        dead = self._dead.get(email)
        if dead is None:
            return
        if dead[0] == _mark(credential):
            raise dead[1]
        del self._dead[email]

    def _renew(self, email: str, refused: str | None) -> str:
        """Refresh under the account's lock, unless another process just did."""
        with self._store.lock(email, LOCK):
            credential = self._current(email)
            self._check_dead(email, credential)
            if credential.token != refused and credential.fresh(self._now(), EARLY):
                return credential.token
            try:
                new = self._refresh(email, credential)
            except NotSignedInError as error:
                return self._after_refusal(email, credential, error)
            self._save(email, credential, new)
            return new.token

    def _after_refusal(self, email: str, credential: Credential, error: NotSignedInError) -> str:
        """A sign-in may have come in meanwhile, whose lock did not work: then its token counts."""
        latest = self._store.read(email)
        if latest is not None and _mark(latest) != _mark(credential):
            if latest.fresh(self._now(), LATEST):
                return latest.token
            new = self._refresh(email, latest)
            self._save(email, latest, new)
            return new.token
        final = NotSignedInError(email, error.reason, hint=error.hint or self._likely(email))
        self._dead[email] = (_mark(credential), final)
        raise final

    def _likely(self, email: str) -> str:
        """The seven days after which Google ends sign-ins of apps in Testing, when the age fits."""
        written = self._store.signed_in_at(email)
        if written is None:
            return ""
        age = self._now() - written
        if not _TESTING[0] <= age <= _TESTING[1]:
            return ""
        return (
            "the sign-in is 7 days old and the OAuth app is in Testing (publish it: "
            "https://console.cloud.google.com/auth/audience)."
        )

    def _save(self, email: str, old: Credential, new: Credential) -> None:
        """Write what was refreshed, unless a sign-in replaced it meanwhile; keep it when that fails."""
        self._unsaved.pop(email, None)
        try:
            self._store.write(email, new, replacing=old)
        except CredentialFileError as error:
            before = self._store.read(email)
            if before is not None:
                self._unsaved[email] = (before, new)
            log.warning("%s The new token is kept in memory.", error.what)


def _mark(credential: Credential) -> str:
    """What tells one sign-in from another, and tells nothing else."""
    return hashlib.sha256(
        f"{credential.client_id}\n{credential.refresh_token}".encode()
    ).hexdigest()
