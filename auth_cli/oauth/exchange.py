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

from auth_cli.explain import refusal
from auth_cli.oauth.callback import Code
from auth_cli.oauth.request import AUTHORIZE, Attempt
from auth_cli.web import USERINFO, Answer, Web
from workspace_mcp.credentials.clients import OAuthClient
from workspace_mcp.credentials.record import TOKEN_URI, Credential, good_token
from workspace_mcp.errors import NetworkError

TIMEOUT: Final = 30.0
_ISSUERS: Final = frozenset({"https://accounts.google.com", "accounts.google.com"})
_UNREADABLE: Final = ("Google's answer could not be read.", "Sign in again.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A credential with the address that Google says it is for. Its refresh token may be ""."""

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


def exchange(
    client: OAuthClient, attempt: Attempt, code: Code, tls: ssl.SSLContext, web: Web
) -> SignedIn:
    """Exchange the code, once, and learn whose it is.

    Raises:
        CodeRefusedError: Google does not take the code.
        ClientFileError: Google does not take the client.
        PolicyError: the organisation does not allow it.
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
        raise refusal(str(error.error), attempt.email, client.client_id) from None
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
    return signed_in(client, token, attempt.scopes, web)


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
    """The token answer; other scopes than asked for are no error, they are what was granted.

    A connection that could not be made is tried once more: nothing was sent then.
    """
    for last in (False, True):
        try:
            return flow.fetch_token(code=code.value, timeout=TIMEOUT)
        except Warning as changed:
            token = getattr(changed, "token", None)
            if not isinstance(token, dict):
                raise NetworkError(*_UNREADABLE) from None
            return token
        except (requests.exceptions.SSLError, requests.exceptions.ProxyError):
            raise
        except requests.exceptions.ConnectionError as error:
            if last or "NewConnectionError" not in repr(error):
                raise
    raise AssertionError


def signed_in(
    client: OAuthClient, token: Mapping[str, Any], asked: tuple[str, ...], web: Web
) -> SignedIn:
    """What an answer of the token endpoint gives, and whose it is.

    Raises:
        NetworkError: there is no token in it, or nobody's.
    """
    access, refresh = str(token.get("access_token", "")), str(token.get("refresh_token") or "")
    if not good_token(access) or (refresh and not good_token(refresh)):
        raise NetworkError(*_UNREADABLE)
    scopes = token.get("scope", asked)
    granted = tuple(scopes.split()) if isinstance(scopes, str) else tuple(scopes)
    life = token.get("expires_in", 3600)
    seconds = life if isinstance(life, int) and 0 < life < 90_000 else 60
    credential = Credential(
        refresh, client.client_id, client.client_secret, access, scopes=granted,
        expiry=datetime.now(UTC) + timedelta(seconds=seconds),
    )  # fmt: skip
    if token.get("id_token"):
        return SignedIn(identity(str(token["id_token"]), client.client_id), credential)
    return SignedIn(_address(web.get(USERINFO, access)), credential)


def identity(id_token: str, client_id: str) -> str:
    """The confirmed address in an id token, which came straight from Google over TLS.

    Its times are not looked at, so that a wrong clock here does no harm: it was made just now.

    Raises:
        NetworkError: it is for another client, of another issuer, or names no confirmed address.
    """
    try:
        middle = id_token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        good = claims["aud"] == client_id and claims["iss"] in _ISSUERS
        good = good and claims["email_verified"] is True
        email = str(claims["email"]).lower()
    except (IndexError, KeyError, ValueError, TypeError):
        good, email = False, ""
    if not good or not _like_an_address(email):
        raise NetworkError("Google did not say which account this is.", "Sign in again.")
    return email


def _address(answer: Answer) -> str:
    email = str(answer.body.get("email", "")).lower()
    confirmed = answer.body.get("email_verified") in {True, "true"}
    if answer.status != 200 or not confirmed or not _like_an_address(email):
        raise NetworkError("Google did not say which account this is.", "Sign in again.")
    return email


def _like_an_address(email: str) -> bool:
    name, at, domain = email.rpartition("@")
    return bool(name and at and domain) and email.isprintable() and " " not in email
