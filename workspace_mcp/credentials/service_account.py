"""The second kind of credential: a service account that acts for people of its domain.

Source: developers.google.com/identity/protocols/oauth2/service-account#delegatingauthority
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from workspace_mcp.errors import ClientFileError, UsageError

FILE: Final = "GOOGLE_SERVICE_ACCOUNT_KEY_FILE"
TEXT: Final = "GOOGLE_SERVICE_ACCOUNT_KEY_JSON"
_NEEDED: Final = ("client_email", "private_key", "client_id")


@dataclass(frozen=True, slots=True)
class ServiceAccountKey:
    """A key file's content. `domains`: whose people it may act for; empty for any."""

    info: Mapping[str, Any] = field(repr=False)
    domains: frozenset[str] = frozenset()

    @property
    def email(self) -> str:
        """The service account's own address."""
        return str(self.info["client_email"])

    @property
    def client_id(self) -> str:
        """What an administrator delegates to."""
        return str(self.info["client_id"])


def key_of(environ: Mapping[str, str]) -> ServiceAccountKey | None:
    """The key that the environment names; None when it names none.

    Raises:
        UsageError: the file cannot be read or is no key of a service account.
    """
    domains = frozenset(environ.get("DWD_ALLOWED_DOMAINS", "").replace(",", " ").lower().split())
    if place := environ.get(FILE, "").strip():
        return replace(key_file(Path(place).expanduser(), FILE), domains=domains)
    if text := environ.get(TEXT, "").strip():
        return replace(_key(text, TEXT), domains=domains)
    return None


def key_file(place: Path, source: str = "") -> ServiceAccountKey:
    """The key in a file. `source`: what names it, for errors.

    Raises:
        UsageError: it cannot be read or is no key of a service account.
    """
    try:
        text = place.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        says = f"{source}: {place}" if source else str(place)
        raise UsageError(f"{says} cannot be read.", "Name the key's JSON file.") from error
    return _key(text, source or str(place))


def _key(text: str, source: str) -> ServiceAccountKey:
    try:
        info: Any = json.loads(text)
    except (ValueError, RecursionError):
        info = None
    if (
        not isinstance(info, dict)
        or info.get("type") != "service_account"
        or not all(info.get(n) for n in _NEEDED)
    ):
        raise UsageError(
            f"{source} is not the key of a service account.", "Download it anew as JSON."
        )
    info["token_uri"] = "https://oauth2.googleapis.com/token"
    return ServiceAccountKey(info)


def check_domain(key: ServiceAccountKey, email: str) -> None:
    """Nothing, when the key may act for `email`.

    Raises:
        UsageError: DWD_ALLOWED_DOMAINS does not name its domain.
    """
    if key.domains and email.rpartition("@")[2].lower() not in key.domains:
        raise UsageError(f"DWD_ALLOWED_DOMAINS does not allow {email}.")


def token_for(
    key: ServiceAccountKey, email: str, scopes: Sequence[str], request: Any
) -> tuple[str, datetime]:
    """An access token of `email`, and when it ends. `request` is a google-auth transport.

    Raises:
        ClientFileError: the administrator has not delegated these scopes, or the key is wrong.
        TransportError: google-auth's, when there was no usable answer.
    """
    from google.auth.exceptions import RefreshError
    from google.oauth2 import service_account

    try:
        theirs = service_account.Credentials.from_service_account_info(
            dict(key.info), scopes=list(scopes), subject=email
        )
        theirs.refresh(request)
    except (RefreshError, ValueError) as error:
        raise _refused(key, email, scopes, error) from None
    expiry = (
        theirs.expiry.replace(tzinfo=UTC)
        if theirs.expiry
        else datetime.now(UTC) + timedelta(minutes=1)
    )
    return str(theirs.token), expiry


def _refused(
    key: ServiceAccountKey, email: str, scopes: Sequence[str], error: Exception
) -> ClientFileError:
    text = str(error)
    if "unauthorized_client" in text or "access_denied" in text:
        return ClientFileError(
            f"The service account {key.email} may not act for {email}.",
            "An administrator must allow it: admin.google.com, Security, API controls, Domain-wide "
            f"delegation, client id {key.client_id}, scopes {','.join(scopes)}",
        )
    if "invalid_grant" in text:
        return ClientFileError(
            f"Google does not take the service account's word for {email}.",
            "Look whether the address exists, the key was deleted, and this machine's clock is right.",
        )
    return ClientFileError(
        f"The key of the service account {key.email} cannot be used.", "Download a new key."
    )
