"""A code → a credential, and whose it is.

Source: developers.google.com/identity/protocols/oauth2/native-app#exchange-authorization-code
"""

import base64
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error
from requests.adapters import HTTPAdapter

from auth_cli.oauth.callback import Code
from auth_cli.oauth.request import AUTHORIZE, Attempt
from workspace_mcp.credentials.clients import OAuthClient
from workspace_mcp.credentials.record import TOKEN_URI, Credential, good_token
from workspace_mcp.errors import ClientFileError, NetworkError, NotSignedInError, WorkspaceError

TIMEOUT: Final = 30.0
_ISSUERS: Final = frozenset({"https://accounts.google.com", "accounts.google.com"})
_CLIENT: Final = frozenset({"invalid_client", "deleted_client", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A credential with the address that Google says it is for."""

    email: str
    credential: Credential


class _Adapter(HTTPAdapter):
    """HTTPS by our one TLS setting."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """With the context."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """With the context, behind a proxy as well."""
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)


def exchange(client: OAuthClient, attempt: Attempt, code: Code, tls: ssl.SSLContext) -> SignedIn:
    """Exchange the code, once.

    Raises:
        NotSignedInError: Google does not take the code, or gave nothing to stay signed in with.
        ClientFileError: Google does not take the client.
        NetworkError: Google was not reached, or its answer could not be read.
    """
    for name in ("requests_oauthlib", "oauthlib", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at debug they write the code
    flow = _flow(client, attempt)
    session: Any = flow.oauth2session
    session.max_redirects = 0
    session.mount("https://", _Adapter(tls))
    try:
        token = _token(flow, code)
    except OAuth2Error as error:
        raise _refused(attempt.email, str(error.error)) from None
    except requests.exceptions.SSLError:
        raise NetworkError(
            "The certificate of Google's sign-in service is not trusted here, as happens behind a "
            "proxy that looks into TLS.",
            "Name the file with its CA certificate in SSL_CERT_FILE.",
        ) from None
    except (requests.RequestException, ValueError) as error:
        raise NetworkError(
            f"Google's sign-in service was not reached ({type(error).__name__}).", "Sign in again."
        ) from None
    return _signed_in(client, attempt, token)


def _flow(client: OAuthClient, attempt: Attempt) -> Flow:
    config = {
        "installed": {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "auth_uri": AUTHORIZE,
            "token_uri": TOKEN_URI,
        }
    }
    return Flow.from_client_config(
        config, scopes=list(attempt.scopes), redirect_uri=attempt.redirect_uri,
        code_verifier=attempt.verifier, autogenerate_code_verifier=False,
    )  # fmt: skip


def _token(flow: Flow, code: Code) -> Mapping[str, Any]:
    """The token answer; other scopes than asked for are no error, they are what was granted."""
    try:
        return flow.fetch_token(code=code.value, timeout=TIMEOUT)
    except Warning as changed:
        token = getattr(changed, "token", None)
        if not isinstance(token, dict):
            raise NetworkError("Google's answer could not be read.", "Sign in again.") from None
        return token


def _refused(email: str, code: str) -> WorkspaceError:
    if code in _CLIENT:
        return ClientFileError(
            f"Google does not take this OAuth client ({code}).",
            "Look whether it was deleted: https://console.cloud.google.com/auth/clients",
        )
    return NotSignedInError(
        email, "token_expired_or_revoked",
        hint="the code was used before or is too old, or this machine's clock is wrong.",
    )  # fmt: skip


def _signed_in(client: OAuthClient, attempt: Attempt, token: Mapping[str, Any]) -> SignedIn:
    access, refresh = str(token.get("access_token", "")), str(token.get("refresh_token", ""))
    if not good_token(access):
        raise NetworkError("Google's answer could not be read.", "Sign in again.")
    if not good_token(refresh):
        raise NotSignedInError(
            attempt.email, "no_refresh_token",
            hint="Google gave nothing to stay signed in with: remove the app's access at "
            "https://myaccount.google.com/connections and sign in again.",
        )  # fmt: skip
    scopes = token.get("scope", attempt.scopes)
    granted = tuple(scopes.split()) if isinstance(scopes, str) else tuple(scopes)
    life = token.get("expires_in", 3600)
    seconds = life if isinstance(life, int) and 0 < life < 90_000 else 60
    credential = Credential(
        refresh, client.client_id, client.client_secret, access, scopes=granted,
        expiry=datetime.now(UTC) + timedelta(seconds=seconds),
    )  # fmt: skip
    return SignedIn(identity(str(token.get("id_token", "")), client.client_id), credential)


def identity(id_token: str, client_id: str) -> str:
    """The confirmed address in an id token, which came straight from Google over TLS.

    Raises:
        NetworkError: it is for another client, of another issuer, or names no confirmed address.
    """
    try:
        middle = id_token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        good = claims["aud"] == client_id and claims["iss"] in _ISSUERS and claims["email_verified"]
        email = str(claims["email"]).lower()
    except (IndexError, KeyError, ValueError, TypeError):
        good, email = False, ""
    if not good or "@" not in email:
        raise NetworkError("Google did not say which account this is.", "Sign in again.")
    return email
