"""How changes of Docs are taken back. No I/O.

A document is read before a call's first change of it and after its last; what differs is kept. What is
sent to take it back is worked out against the document of that moment, and only for its revision.
"""

import json
import re
from typing import Any, Final

from workspace_mcp.journal.entry import Step
from workspace_mcp.journal.inverses.document.ahead import lost
from workspace_mcp.journal.inverses.document.model import Document
from workspace_mcp.journal.inverses.document.state import kept, worked
from workspace_mcp.journal.inverses.document.writer import NoWayError
from workspace_mcp.journal.rule import Before, Json, Look, Rule, Turn, Way, Worked
from workspace_mcp.policy.effects import Wire

MOST: Final = 512 << 10
"""Bytes that one change may take in the journal."""
_SUGGESTED: Final = "a suggestion is rejected in the document, by whoever reads it"
_FILES: Final = "https://www.googleapis.com/drive/v3/files"
_CONTENT: Final = "body,lists,headers,footers,footnotes,inlineObjects,namedRanges,documentStyle"
_WHOLE: Final = (
    ("includeTabsContent", "true"),
    ("suggestionsViewMode", "SUGGESTIONS_INLINE"),
    (
        "fields",
        f"documentId,title,revisionId,tabs(tabProperties,documentTab({_CONTENT}),childTabs)",
    ),
)
"""What the tools ask for too, so that a call that has read the document does not read it twice."""


def trashed(identifier: str) -> Step:
    """Into the trash with a new file."""
    query = (("supportsAllDrives", "true"), ("fields", "id"))
    return Step("PATCH", f"{_FILES}/{identifier}", query, {"trashed": True})


def _key(match: re.Match[str]) -> str:
    return f"doc {match['doc']}"


def _url(match: re.Match[str]) -> str:
    return f"https://docs.googleapis.com/v1/documents/{match['doc']}"


def _look(wire: Wire, match: re.Match[str]) -> Look:
    del wire
    return Look((_url(match),), _WHOLE)


def _made(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del wire, match, before
    identifier = str(after.get("documentId", ""))
    if not identifier:
        return Turn("document made", lost="Google's answer did not say which")
    what = f"document {identifier} made"
    return Turn(what, (trashed(identifier),), key=f"doc {identifier}", made=True)


def _turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    what = f"document {match['doc']} changed"
    if wire.json().get("writeControl", {}).get("writeMode") == "SUGGEST":
        return Turn(
            f"changes of document {match['doc']} suggested",
            lost=_SUGGESTED,
        )
    old = before[0] if before else None
    if old is None:
        return Turn(what, lost="what it was before could not be read")
    revision = after.get("writeControl", {}).get("requiredRevisionId", "")

    def settle(found: Before) -> Turn:
        new = found[0] if found else None
        if new is None:
            return Turn(what, lost="what it is now could not be read")
        if revision and new.get("revisionId") != revision:
            return Turn(what, lost="somebody else wrote into it at the same moment")
        return _difference(what, _url(match), old, new)

    return Turn(
        what, key=_key(match), look=Look((_url(match),), _WHOLE), settle=settle, whole=True,
        lost="what it is now was not read",
    )  # fmt: skip


def _ahead(wire: Wire, match: re.Match[str], before: Before) -> str:
    """What stands where the batch deletes and cannot be made again."""
    del match
    body = wire.json()
    if body.get("writeControl", {}).get("writeMode") == "SUGGEST":
        return _SUGGESTED
    old = before[0] if before else None
    if old is None:
        return "all of it: what is there could not be read"
    return ", ".join(lost(body.get("requests", ()), Document.from_api(old)))


def _difference(what: str, url: str, old: Json, new: Json) -> Turn:
    before, after = Document.from_api(old), Document.from_api(new)
    try:
        found = kept(before, after)
        worked(found, after)  # a proof that there is a way
    except NoWayError as error:
        return Turn(what, lost=str(error))
    if not found:
        return Turn("")  # it is as it was
    if len(json.dumps(found).encode()) > MOST:
        return Turn(what, lost=f"more was replaced than is kept ({MOST >> 10} kB)")
    step = Step("POST", f"{url}:batchUpdate", (), {"url": url, **found}, way="docs")
    return Turn(what, (step,))


def _now(found: Json) -> Look:
    return Look((found["url"],), _WHOLE)


def _back(found: Json, now: Before) -> Worked:
    return worked(found, Document.from_api(now[0] or {}))


WAY: Final = Way(_now, _back)
_DOCS: Final = r"docs\.googleapis\.com/v1/documents"


def _rule(path: str, turn: Any, **more: Any) -> Rule:
    return Rule("POST", re.compile(_DOCS + path), turn=turn, **more)


RULES: Final = (
    _rule("", _made),
    _rule(r"/(?P<doc>[^/:]+):batchUpdate", _turn, look=_look, key=_key, ahead=_ahead),
)
