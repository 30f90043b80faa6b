"""OAuth clients: the file that Google's console gives for a Desktop app, checked before it is used."""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workspace_mcp.errors import ClientFileError

_CONSOLE: Final = "https://console.cloud.google.com/auth/clients"
_DESKTOP: Final = f"Create a client of the type Desktop app at {_CONSOLE} and download its JSON."
_FILES: Final = ("GOOGLE_CLIENT_SECRET_PATH", "GOOGLE_CLIENT_SECRETS")
_ID: Final = re.compile(
    r"[0-9]+-[0-9a-z]+\.apps\.googleusercontent\.com|[0-9]{6,}\.apps\.googleusercontent\.com"
)
_LARGEST: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The id and secret of a Desktop app; endpoints are Google's, whatever a file says."""

    client_id: str
    client_secret: str = field(repr=False)


def client_of(environ: Mapping[str, str], file: Path | None = None) -> OAuthClient | None:
    """The client of `file`, else of the environment; None when neither names one.

    Raises:
        ClientFileError: it is named, and cannot be used.
    """
    if file is None and environ.get("GOOGLE_OAUTH_CLIENT_ID", "").strip():
        secret = environ.get("GOOGLE_OAUTH_CLIENT_SECRET", "")
        return checked(environ["GOOGLE_OAUTH_CLIENT_ID"], secret, "GOOGLE_OAUTH_CLIENT_ID")
    named = next((environ[name] for name in _FILES if environ.get(name, "").strip()), None)
    place = file or (Path(named).expanduser() if named else None)
    return None if place is None else read(place)


def read(place: Path) -> OAuthClient:
    """The client of a file.

    Raises:
        ClientFileError: it cannot be read, or is no client of a Desktop app.
    """
    try:
        data = place.read_bytes()[: _LARGEST + 1]
    except OSError as error:
        raise ClientFileError(f"{place} cannot be read ({error.strerror}).", _DESKTOP) from error
    try:
        found: Any = json.loads(_decoded(data))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and "web" in found:
        raise ClientFileError(f"{place} is a client of the type Web application.", _DESKTOP)
    installed = found.get("installed") if isinstance(found, dict) else None
    if not isinstance(installed, dict):
        raise ClientFileError(f"{place} is not the file of an OAuth client.", _DESKTOP)
    return checked(installed.get("client_id"), installed.get("client_secret"), str(place))


def _decoded(data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig")


def checked(client_id: Any, client_secret: Any, source: str) -> OAuthClient:
    """A client whose id and secret can be Google's.

    Raises:
        ClientFileError: one is missing or a placeholder.
    """
    if not isinstance(client_id, str) or not _ID.fullmatch(client_id.strip()):
        raise ClientFileError(f"{source} holds no client id of Google's.", _DESKTOP)
    if not isinstance(client_secret, str) or not re.fullmatch(
        r"[\x21-\x7e]{10,200}", client_secret.strip()
    ):
        raise ClientFileError(f"{source} holds no client secret.", _DESKTOP)
    return OAuthClient(client_id.strip(), client_secret.strip())
