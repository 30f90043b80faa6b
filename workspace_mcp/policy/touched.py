"""A request → the files of Drive that it touches. No I/O.

Docs, Sheets, Slides, Forms and scripts are files of Drive: an id means the same everywhere. A
request of these services that is not known here is refused while folders limit what may be touched.
"""

import re
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import PolicyError
from workspace_mcp.policy.effects import WWW, Wire

_EDITORS: Final = {
    "docs.googleapis.com": "/v1/documents",
    "sheets.googleapis.com": "/v4/spreadsheets",
    "slides.googleapis.com": "/v1/presentations",
    "forms.googleapis.com": "/v1/forms",
    "script.googleapis.com": "/v1/projects",
}
_FREE: Final = re.compile(
    r"/drive/v3/(about|drives|drives/[^/]+|files/generateIds|changes/startPageToken|operations/.+)"
)
_LISTS: Final = re.compile(r"/drive/v3/(files|changes)")
_FILE: Final = re.compile(r"(?:/upload)?/drive/v3/files/(?P<id>[^/]+)(?P<rest>/.*)?")
_PART: Final = re.compile(rb"^GET (\S+) HTTP/1\.1", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a request touches. `named` alone is read about, not read: its metadata."""

    files: frozenset[str] = frozenset()
    """Files that it reads, changes or puts something into."""
    named: frozenset[str] = frozenset()
    makes: bool = False
    """Whether its answer is a new file."""
    lists: bool = False
    """Whether its answer is a list of files."""

    def __or__(self, other: "Touched") -> "Touched":
        return Touched(
            self.files | other.files, self.named | other.named,
            self.makes or other.makes, self.lists or other.lists,
        )  # fmt: skip


def touched(wire: Wire) -> Touched:
    """What a request touches; nothing for services that have no files.

    Raises:
        PolicyError: which files it touches cannot be told.
    """
    if wire.host in _EDITORS:
        return _editor(wire, _EDITORS[wire.host])
    if wire.host != WWW or "/drive/" not in wire.path:
        return Touched()
    if wire.path == "/batch/drive/v3":
        found = Touched()
        for path in _PART.findall(wire.body or b""):
            part = path.decode("ascii", "replace").partition("?")
            found |= _drive(
                Wire("GET", WWW, part[0], {"alt": "media"} if "alt=media" in part[2] else {})
            )
        return found
    return _drive(wire)


def _editor(wire: Wire, base: str) -> Touched:
    if wire.method == "POST" and wire.path == base:
        return Touched(makes=True)
    found = re.fullmatch(re.escape(base) + r"/([^/:]+)([:/].*)?", wire.path)
    if found is None:
        raise _unclear()
    other = wire.json().get("destinationSpreadsheetId")
    return Touched(frozenset({found[1], *([str(other)] if other else [])}))


def _drive(wire: Wire) -> Touched:
    if wire.method == "GET" and _FREE.fullmatch(wire.path):
        return Touched()
    if _LISTS.fullmatch(wire.path) and wire.method == "GET":
        return Touched(lists=True)
    body = wire.json()
    into = frozenset(map(str, body.get("parents", ())))
    if wire.method == "POST" and wire.path in {"/drive/v3/files", "/upload/drive/v3/files"}:
        return Touched(into, makes=True)
    found = _FILE.fullmatch(wire.path)
    if found is None or found["id"] in {"trash", "generateIds"}:
        raise _unclear()
    one = frozenset({found["id"]})
    if wire.method == "GET" and not found["rest"] and wire.query.get("alt") != "media":
        return Touched(named=one)
    into |= frozenset(filter(None, wire.query.get("addParents", "").split(",")))
    return Touched(one | into, makes=found["rest"] == "/copy")


def _unclear() -> PolicyError:
    return PolicyError(
        "This server works in certain folders alone, and which files this touches cannot be told.",
        "Nothing was done. The person who set this server up can change that (--folders).",
    )
