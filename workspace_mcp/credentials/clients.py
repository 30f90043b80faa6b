"""OAuth clients: the file that Google's console gives for a Desktop app, checked before it is used.

Several can be kept by name (`workspace-auth client add`); which one an account signs in with follows
from the account, its domain, the environment, or there being only one.
"""

import codecs
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workspace_mcp.credentials import disk
from workspace_mcp.credentials.accounts import Book
from workspace_mcp.credentials.paths import Places
from workspace_mcp.errors import ClientFileError, CredentialFileError

CONSOLE: Final = "https://console.cloud.google.com/auth/clients"
_DESKTOP: Final = f"Create a client of the type Desktop app at {CONSOLE} and download its JSON."
_FILES: Final = ("GOOGLE_CLIENT_SECRET_PATH", "GOOGLE_CLIENT_SECRETS")
_ID: Final = re.compile(
    r"[0-9]+-[0-9a-z]+\.apps\.googleusercontent\.com|[0-9]{6,}\.apps\.googleusercontent\.com"
)
_PLACEHOLDER: Final = re.compile(r"your[-_ ]|<|x{4,}|.*[-_ ]here$", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LARGEST: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The id and secret of a Desktop app; endpoints are Google's, whatever a file says."""

    client_id: str
    client_secret: str = field(repr=False)

    @property
    def project(self) -> str:
        """The number of the Cloud project, which every client id begins with."""
        return self.client_id.partition("-")[0].partition(".")[0]

    def render(self) -> bytes:
        """A client file as Google's console gives it."""
        fields = {"client_id": self.client_id, "client_secret": self.client_secret}
        return json.dumps({"installed": fields}, indent=2).encode()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A client, and why it is this one. `name` is "" when it has none here."""

    client: OAuthClient
    why: str
    name: str = ""


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


def names(places: Places) -> list[str]:
    """The clients that are kept by name, sorted."""
    try:
        found = os.listdir(places.clients)
    except OSError:
        return []
    return sorted(
        name.removesuffix(".json")
        for name in found
        if name.endswith(".json") and _NAME.fullmatch(name.removesuffix(".json"))
    )


def kept(places: Places, name: str) -> OAuthClient:
    """The client that is kept as `name`.

    Raises:
        ClientFileError: there is none, or its file cannot be used.
    """
    if name not in (known := names(places)):
        raise ClientFileError(
            f"There is no OAuth client named {name!r}.",
            f"Known: {', '.join(known) or 'none'}. Add one: workspace-auth client add FILE",
        )
    return read(places.clients / f"{name}.json")


def keep(places: Places, name: str, client: OAuthClient) -> None:
    """Keep a client as `name`, for its owner alone.

    Raises:
        ClientFileError: the name cannot be one of a file.
        CredentialFileError: it could not be written.
    """
    if not _NAME.fullmatch(name):
        raise ClientFileError(
            f"{name!r} cannot be the name of a client.", "Use letters, digits, dots and dashes."
        )
    path = places.clients / f"{name}.json"
    try:
        disk.replace(path, client.render())
    except OSError as error:
        raise CredentialFileError(f"{path} could not be written ({error.strerror}).") from error


def drop(places: Places, name: str) -> None:
    """Forget the client that is kept as `name`.

    Raises:
        ClientFileError: there is none.
        CredentialFileError: it cannot be deleted.
    """
    kept(places, name)
    try:
        (places.clients / f"{name}.json").unlink(missing_ok=True)
    except OSError as error:
        raise CredentialFileError(f"The client {name} cannot be deleted ({error}).") from error


def choose(
    environ: Mapping[str, str], places: Places, email: str | None, named: str | None = None
) -> Chosen | None:
    """The client for an account: named now, the account's, its domain's, the environment's, the only one.

    `named` is a kept client's name, or a file. None when there is nothing to go by.

    Raises:
        ClientFileError: the one that is meant cannot be used.
        CredentialFileError: the book of accounts cannot be read.
    """
    known = names(places)
    if named:
        if named in known:
            return Chosen(kept(places, named), f"the client {named}", named)
        return Chosen(read(Path(named).expanduser()), named)
    book = Book.read(places.accounts)
    if email and (name := book.clients.get(email)) in known and name:
        return Chosen(kept(places, name), f"the client {name} of this account", name)
    domain = (email or "").rpartition("@")[2]
    if domain and (name := book.domains.get(domain)) in known and name:
        return Chosen(kept(places, name), f"the client {name} of {domain}", name)
    if (found := client_of(environ)) is not None:
        return Chosen(found, "the environment's client")
    if len(known) == 1:
        return Chosen(kept(places, known[0]), f"the client {known[0]}", known[0])
    if "default" in known:
        return Chosen(kept(places, "default"), "the client default", "default")
    return None


def read(place: Path) -> OAuthClient:
    """The client of a file.

    Raises:
        ClientFileError: it cannot be read, or is no client of a Desktop app.
    """
    try:
        with place.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ClientFileError(f"{place} cannot be read ({error.strerror}).", _DESKTOP) from error
    return parsed(data, str(place))


def parsed(data: bytes, source: str) -> OAuthClient:
    """The client of a file's bytes; UTF-8 or UTF-16, with a mark or without.

    Raises:
        ClientFileError: it is no client of a Desktop app.
    """
    try:
        found: Any = json.loads(_decoded(data)) if len(data) <= _LARGEST else None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and "web" in found:
        raise ClientFileError(f"{source} is a client of the type Web application.", _DESKTOP)
    if isinstance(found, dict) and found.get("type") in {"service_account", "authorized_user"}:
        other = "service-account add" if found["type"] == "service_account" else "import"
        raise ClientFileError(
            f"{source} is no OAuth client (its type is {found['type']}).",
            f"For such a file: workspace-auth {other}",
        )
    installed = found.get("installed") if isinstance(found, dict) else None
    if not isinstance(installed, dict):
        raise ClientFileError(f"{source} is not the file of an OAuth client.", _DESKTOP)
    return checked(installed.get("client_id"), installed.get("client_secret"), source)


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
    if _PLACEHOLDER.match(client_secret.strip()):
        raise ClientFileError(f"{source} holds a placeholder for its secret.", _DESKTOP)
    return OAuthClient(client_id.strip(), client_secret.strip())
