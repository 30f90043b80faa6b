"""A change of Drive, Docs, Sheets … → where it puts something that others may read there. No I/O."""

import json
import re
from typing import Any, Final

from workspace_mcp.errors import PolicyError
from workspace_mcp.policy.effects import WWW, Wire
from workspace_mcp.policy.touched import touched

_COPY: Final = re.compile(r"/drive/v3/files/(?P<id>[^/]+)/copy")
_TAB: Final = re.compile(r"/v4/spreadsheets/[^/]+/sheets/[^/]+:copyTo")
_FILE: Final = re.compile(r"(?:/upload)?/drive/v3/files/(?P<id>[^/]+)")
_ASKED: Final = re.compile(r"/drive/v3/files/[^/]+/(permissions|accessproposals|watch)(/.*)?")
_REVISION: Final = re.compile(r"/drive/v3/files/[^/]+/revisions/[^/]+")
_QUIET: Final = frozenset({"starred", "trashed", "viewedByMeTime", "folderColorRgb", "keepForever"})
"""What of a file tells others nothing that was written."""
_IDS: Final = ("id", "documentId", "spreadsheetId", "presentationId", "formId", "scriptId")


def into(wire: Wire) -> frozenset[str]:
    """Files and folders that a change puts something into. What takes away, or shares, puts nothing."""
    if wire.method == "DELETE" or (wire.host == WWW and _ASKED.fullmatch(wire.path)):
        return frozenset()
    if wire.host == "sheets.googleapis.com" and _TAB.fullmatch(wire.path):
        return frozenset(filter(None, [str(wire.json().get("destinationSpreadsheetId", ""))]))
    try:
        found = touched(wire).files
    except PolicyError:  # no file: a shared drive, a script that runs
        return frozenset()
    if wire.host != WWW:
        return found
    if copied := _COPY.fullmatch(wire.path):
        return found - {copied["id"]} | (frozenset(_parents(wire)) & {copied["id"]})
    one = _FILE.fullmatch(wire.path)
    if wire.method == "PATCH" and (one or _REVISION.fullmatch(wire.path)) and _quiet(wire):
        return frozenset(_parents(wire))
    return found


def beside(wire: Wire) -> frozenset[str]:
    """Files in whose folders something is put: a copy for which none is named."""
    found = _COPY.fullmatch(wire.path) if wire.host == WWW and wire.method == "POST" else None
    return frozenset({found["id"]} if found and not _parents(wire) else ())


def shows(wire: Wire) -> bool:
    """Whether a change can let others see a file than before: by access, or by another folder."""
    return wire.host == WWW and (
        bool(_ASKED.fullmatch(wire.path))
        or {"addParents", "removeParents"} & set(wire.query) != set()
    )


def made(wire: Wire, body: bytes) -> str:
    """The id of the file that a change made, by Google's answer; "" when it made none."""
    try:
        if wire.method != "POST" or not touched(wire).makes:
            return ""
        found: Any = json.loads(body)
    except (PolicyError, ValueError, RecursionError):
        return ""
    ids = [found[name] for name in _IDS if name in found] if isinstance(found, dict) else []
    return str(next(iter(ids), ""))


def _parents(wire: Wire) -> list[str]:
    named = [str(one) for one in wire.json().get("parents", ())]
    return named + [one for one in wire.query.get("addParents", "").split(",") if one]


def _quiet(wire: Wire) -> bool:
    """Whether a change of a file's own fields writes nothing that others read."""
    if wire.path.startswith("/upload"):
        return False
    body = wire.json()
    locks = body.get("contentRestrictions", ())
    said = [one for one in locks if not isinstance(one, dict) or one.get("reason")]
    return not said and set(body) - {"contentRestrictions"} <= _QUIET
