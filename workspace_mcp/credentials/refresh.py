"""A fresh access token from Google's token endpoint, through a transport that cannot be led astray.

google-auth does the OAuth; it is given our own transport, because its usual one follows redirects
with the refresh token in hand, takes pages for tokens and waits for ever.

Source: developers.google.com/identity/protocols/oauth2/native-app#offline
"""

import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import google.auth.transport
import httpx2
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.oauth2.credentials import Credentials

from workspace_mcp.credentials.record import Credential, good_token
from workspace_mcp.errors import (
    ClientFileError,
    NetworkError,
    NotSignedInError,
    WorkspaceError,
    login_command,
)

log = logging.getLogger(__name__)

DEADLINE: Final = 10.0
"""Seconds for one refresh in all, repeats included."""
LARGEST: Final = 64 << 10
LIFE: Final = 3600
_CLIENT: Final = frozenset({"invalid_client", "deleted_client", "unauthorized_client"})
_TEMPORARY: Final = frozenset(
    {"temporarily_unavailable", "internal_failure", "server_error", "slow_down"}
)
Endpoint = Callable[[str], str]


class _Answer(google.auth.transport.Response):
    """An answer in google-auth's form."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._status, self._headers, self._data = status, headers, data

    @property
    def status(self) -> int:
        """HTTP's status."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields."""
        return self._headers

    @property
    def data(self) -> bytes:
        """The body."""
        return self._data


class SafeRequest(google.auth.transport.Request):
    """google-auth's transport over httpx2: no redirects, one deadline, small answers, real tokens.

    `endpoint` maps the token URI to where it is asked: itself, except in tests on loopback.
    """

    def __init__(
        self, http: httpx2.Client, endpoint: Endpoint = str, seconds: float = DEADLINE
    ) -> None:
        self._http = http
        self._endpoint = endpoint
        self._until = time.monotonic() + seconds

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **kwargs: Any,
    ) -> _Answer:
        """One request.

        Raises:
            TransportError: no answer in time, a redirect, or a good status without a usable token.
        """
        del timeout, kwargs
        left = self._until - time.monotonic()
        if left <= 0:
            raise TransportError("no answer in time")
        try:
            with self._http.stream(
                method, self._endpoint(url), content=body, headers=dict(headers or {}),
                timeout=httpx2.Timeout(left),
            ) as answer:  # fmt: skip
                data = self._body(answer)
                status = answer.status_code
                found = {name.lower(): value for name, value in answer.headers.items()}
        except httpx2.HTTPError as error:
            raise TransportError(type(error).__name__) from error
        if 300 <= status < 400:
            raise TransportError("a redirect, which is not followed with a token in hand")
        return _Answer(status, found, _token_answer(data) if status == 200 else data)

    def _body(self, answer: httpx2.Response) -> bytes:
        data = b""
        for chunk in answer.iter_bytes():
            data += chunk
            if len(data) > LARGEST or time.monotonic() > self._until:
                raise TransportError("an answer that does not end")
        return data


def _token_answer(data: bytes) -> bytes:
    """The answer of a token endpoint, with nothing in it that would harm a credential.

    Raises:
        TransportError: it is no JSON object with an access token.
    """
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TransportError("an answer that is no token")
    token = found.get("access_token")
    if not (isinstance(token, str) and good_token(token)):
        raise TransportError("an answer that is no token")
    rotated = found.get("refresh_token")
    if not (isinstance(rotated, str) and good_token(rotated)):
        found.pop("refresh_token", None)
    life = found.get("expires_in")
    if not isinstance(life, int | float) or isinstance(life, bool) or not 0 < life < 90_000:
        found["expires_in"] = LIFE if life is None else 60
    return json.dumps(found).encode()


class Refresh(Protocol):
    """Makes a fresh credential of one."""

    def __call__(self, account: str, credential: Credential) -> Credential:
        """Raises as `refreshed` does."""
        ...


def refreshed(
    account: str, credential: Credential, http: httpx2.Client, endpoint: Endpoint = str
) -> Credential:
    """`credential` with a new access token.

    Raises:
        NotSignedInError: Google does not take the refresh token any more.
        ClientFileError: Google does not take the OAuth client any more.
        NetworkError: no usable answer; the credential is as good as before.
    """
    if not credential.refresh_token:
        raise NotSignedInError(account, "no_refresh_token")
    theirs = Credentials(
        token=None,
        refresh_token=credential.refresh_token,
        token_uri=credential.token_uri,
        client_id=credential.client_id,
        client_secret=credential.client_secret,
    )
    try:
        theirs.refresh(SafeRequest(http, endpoint))
    except RefreshError as error:
        raise refusal(account, error) from None
    except TransportError as error:
        raise network_error(error) from None
    except GoogleAuthError as error:
        raise NetworkError(f"Signing in did not work ({type(error).__name__}).") from None
    expiry = (
        theirs.expiry.replace(tzinfo=UTC)
        if theirs.expiry
        else datetime.now(UTC) + timedelta(seconds=60)
    )
    return credential.refreshed(str(theirs.token), expiry, str(theirs.refresh_token or ""))


def refusal(account: str, error: RefreshError) -> WorkspaceError:
    """What Google's refusal means."""
    body = next((one for one in error.args if isinstance(one, dict)), {})
    text = str(error.args[0]) if error.args else ""
    code = str(body.get("error", "")) or text.partition(":")[0].strip()
    if "rapt" in str(body.get("error_subtype", "")) or "Reauthentication is needed" in text:
        return NotSignedInError(
            account, "session_expired",
            hint="the organisation ends sign-ins after some hours; its administrator can exempt this app.",
        )  # fmt: skip
    if code == "invalid_grant":
        return NotSignedInError(account, "token_expired_or_revoked")
    if code in _CLIENT:
        return ClientFileError(
            f"Google does not know the OAuth client of {account} any more ({code}).",
            "It was deleted, or its secret changed. Make a client of the type Desktop app at "
            f"https://console.cloud.google.com/auth/clients, then: {login_command(account)}",
        )
    if error.retryable or code in _TEMPORARY or not body:
        return NetworkError(
            "Google's sign-in service gave no usable answer.", "Try again in a minute."
        )
    safe = code if code.replace("_", "").isalnum() and len(code) < 60 else "unknown error"
    return NotSignedInError(account, "token_expired_or_revoked", hint=f"Google says {safe}.")


def network_error(error: Exception) -> NetworkError:
    """Why Google's sign-in service was not reached, in words that help."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NetworkError(
                "The certificate of Google's sign-in service is not trusted here, as happens behind "
                "a proxy that looks into TLS.",
                "Name the file with its CA certificate in SSL_CERT_FILE.",
            )
        if isinstance(cause, httpx2.ProxyError):
            return NetworkError(
                "The proxy did not let the sign-in through.", "Look at HTTPS_PROXY and NO_PROXY."
            )
        cause = cause.__cause__ or cause.__context__
    why = error if isinstance(error, TransportError) else type(error).__name__
    return NetworkError(
        f"Google's sign-in service was not reached ({why}).", "The sign-in is kept; try again."
    )
