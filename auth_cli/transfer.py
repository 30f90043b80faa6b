"""`export` and `import`: a sign-in carried to another machine, proved by a refresh before it is written.

Read are: what `export` writes, files of workspace-mcp 1.x and 2.x, gcloud's application default
credentials, and what gws (`authorized_user` JSON) and gog (a refresh token without its client) export.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from auth_cli.explain import refusal
from auth_cli.login import LOCK, noted
from auth_cli.oauth.exchange import identity
from auth_cli.web import TOKEN, TOKENINFO, USERINFO, Web
from workspace_mcp.credentials.accounts import change
from workspace_mcp.credentials.clients import OAuthClient
from workspace_mcp.credentials.record import TOKEN_URIS, Credential, good_token
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import (
    CodeRefusedError,
    CredentialFileError,
    NetworkError,
    OtherAccountError,
    UsageError,
)

MARK: Final = "workspace-auth-1:"
LARGEST: Final = 64 << 10
_UNSAID: Final = "Google does not say whose sign-in this is."
_PLACES: Final = (
    (USERINFO, "email"),
    ("https://gmail.googleapis.com/gmail/v1/users/me/profile", "emailAddress"),
    ("https://www.googleapis.com/drive/v3/about?fields=user(emailAddress)", "user.emailAddress"),
    ("https://www.googleapis.com/calendar/v3/calendars/primary?fields=id", "id"),
)
"""Where an account's own address stands, with an access token of whatever was granted."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A sign-in that came from elsewhere. `email` is only what its file claims."""

    refresh_token: str = field(repr=False)
    client: OAuthClient | None
    email: str = ""
    kind: str = ""


def armoured(email: str, credential: Credential) -> str:
    """A sign-in as one line."""
    facts = {
        "email": email, "refresh_token": credential.refresh_token,
        "client_id": credential.client_id, "client_secret": credential.client_secret,
        "scopes": list(credential.scopes),
    }  # fmt: skip
    return MARK + base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")


def authorized_user(credential: Credential) -> str:
    """A sign-in as the JSON that Google's own libraries read."""
    return json.dumps(
        {
            "type": "authorized_user",
            "client_id": credential.client_id,
            "client_secret": credential.client_secret,
            "refresh_token": credential.refresh_token,
        },
        indent=2,
    )


def carried(data: bytes) -> Carried:
    """The sign-in in a file, whichever program wrote it.

    Raises:
        UsageError: there is none in it.
    """
    found = _object(data)
    if isinstance(found.get("installed"), dict) or isinstance(found.get("web"), dict):
        raise UsageError("This is an OAuth client.", "Add it: workspace-auth client add FILE")
    if found.get("type") == "service_account":
        raise UsageError(
            "This is a service account's key.",
            "workspace-auth service-account add KEY --subject EMAIL",
        )
    if found.get("type") not in {None, "", "authorized_user"}:
        raise UsageError(f"Credentials of the type {found['type']!r} cannot be imported.")
    uri = found.get("token_uri")
    if uri and uri not in TOKEN_URIS:
        raise UsageError("Its token_uri is not Google's, so it is not used.")
    token = found.get("refresh_token")
    if not isinstance(token, str) or not good_token(token):
        raise UsageError(
            "There is no refresh token in it.", "Export it anew, or sign in: workspace-auth login"
        )
    return Carried(token, _client(found), _email(found), _kind(found))


def _object(data: bytes) -> Mapping[str, Any]:
    if len(data) > LARGEST:
        raise UsageError("This file is too large to be a sign-in.")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig").strip()
        if text.startswith(MARK):
            coded = text.removeprefix(MARK)
            text = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(
            "This is no sign-in that can be read.",
            "Use what workspace-auth export wrote, or a JSON file of workspace-mcp, gcloud, gws or gog.",
        )
    return found


def _client(found: Mapping[str, Any]) -> OAuthClient | None:
    client_id, secret = found.get("client_id"), found.get("client_secret")
    good = all(isinstance(one, str) and good_token(one) for one in (client_id, secret))
    return OAuthClient(str(client_id), str(secret)) if good else None


def _email(found: Mapping[str, Any]) -> str:
    value = found.get("email") or found.get("account") or ""
    return value.strip().lower() if isinstance(value, str) and "@" in value else ""


def _kind(found: Mapping[str, Any]) -> str:
    if found.get("type") == "authorized_user":
        return "authorized_user"
    return "workspace-mcp" if "expiry" in found else "export"


def proved(
    web: Web, one: Carried, client: OAuthClient, email: str | None
) -> tuple[str, Credential]:
    """Whose sign-in it is by Google's word, with an access token that Google just gave.

    Raises:
        CodeRefusedError: Google does not take it.
        ClientFileError: Google does not take its client.
        OtherAccountError: it is another's than `email`, or than its file claims.
        NetworkError: Google was not reached, or does not say whose it is.
    """
    answer = web.form(
        TOKEN,
        {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "grant_type": "refresh_token",
            "refresh_token": one.refresh_token,
        },
    )
    if answer.status != 200:
        if answer.status >= 500 or answer.error == "unknown":
            raise NetworkError("Google's sign-in service gave no usable answer.", "Try again.")
        if answer.error == "invalid_grant":
            raise CodeRefusedError(
                "Google does not take this sign-in any more, or it belongs to another OAuth client. "
                "Nothing was written.",
                "Sign in here instead: workspace-auth login; or name its client with --client.",
            )
        raise refusal(answer.error, email or "", client.client_id)
    access = str(answer.body.get("access_token", ""))
    if not good_token(access):
        raise NetworkError("Google's answer could not be read.", "Try again.")
    granted = answer.body.get("scope")
    life = answer.body.get("expires_in")
    rotated = answer.body.get("refresh_token")
    credential = Credential(
        rotated if isinstance(rotated, str) and good_token(rotated) else one.refresh_token,
        client.client_id, client.client_secret, access,
        scopes=tuple(granted.split()) if isinstance(granted, str) else (),
        expiry=datetime.now(UTC) + timedelta(seconds=life if isinstance(life, int) else 60),
    )  # fmt: skip
    found = whose(web, access, answer.body.get("id_token"), client)
    for claimed in filter(None, (email, one.email)):
        if found != claimed:
            raise OtherAccountError(
                f"This is the sign-in of {found}, and {claimed} was expected. Nothing was written.",
                f"To import it as what it is: workspace-auth import FILE {found}",
            )
    if not credential.scopes:
        info = web.form(TOKENINFO, {"access_token": access}).body.get("scope")
        credential = replace(
            credential, scopes=tuple(info.split()) if isinstance(info, str) else ()
        )
    return found, credential


def whose(web: Web, access: str, id_token: Any, client: OAuthClient) -> str:
    """The address of the account that an access token opens, by Google's word.

    Raises:
        NetworkError: none of the places where it stands may be read with it.
    """
    if isinstance(id_token, str):
        return identity(id_token, client.client_id)
    for place, path in _PLACES:
        answer = web.get(place, access)
        value: Any = answer.body if answer.status == 200 else None
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str) and "@" in value:
            return value.lower()
    raise NetworkError(_UNSAID, "Nothing was written. Sign in with workspace-auth login instead.")


def keep(store: CredentialStore, email: str, credential: Credential, client: str) -> None:
    """Write an imported sign-in as a login would.

    Raises:
        CredentialFileError: it could not be written; what was there is there still.
    """
    with store.lock(email, LOCK):
        store.write(email, credential)
        if store.read(email) != credential:
            raise CredentialFileError(f"The sign-in of {email} reads back as something else.")
    change(store.places, lambda book: noted(book, email, client, datetime.now(UTC)))
