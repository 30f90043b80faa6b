"""How changes in Drive are taken back. No I/O.

What was made goes into the trash; new content stays, for the earlier one is a version of the file.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from workspace_mcp.journal.entry import Step
from workspace_mcp.journal.rule import Before, Json, Look, Rule, Turn
from workspace_mcp.policy.effects import Wire

_FILES: Final = "https://www.googleapis.com/drive/v3/files"
_ALL: Final = (("supportsAllDrives", "true"),)
_KEPT: Final = ("name", "description", "starred", "trashed", "copyRequiresWriterPermission",
                "writersCanShare")  # fmt: skip
_FIELDS: Final = f"id,parents,properties,contentRestrictions(readOnly),{','.join(_KEPT)}"
_GRANT: Final = "id,type,role,emailAddress,domain,allowFileDiscovery,expirationTime"


def _file_look(wire: Wire, match: re.Match[str]) -> Look:
    del wire
    return Look((f"{_FILES}/{match['file']}",), (("fields", _FIELDS), *_ALL))


def _file_turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    """Fields and place as they were."""
    del after
    old = before[0] if before else None
    what = f"file {match['file']} changed"
    if old is None:
        return Turn(what, lost="what it was before could not be read")
    body = wire.json()
    back: dict[str, Any] = {key: old.get(key, "") for key in _KEPT if key in body}
    if "properties" in body:
        had = old.get("properties", {})
        back["properties"] = {key: had.get(key) for key in body["properties"]}
    if "contentRestrictions" in body:
        locked = any(one.get("readOnly") for one in old.get("contentRestrictions", ()))
        back["contentRestrictions"] = [{"readOnly": locked}]
    query, lost = _ALL, ""
    if "addParents" in wire.query:
        parents = old.get("parents", ())
        if parents:
            query += (("addParents", parents[0]), ("removeParents", wire.query["addParents"]))
        else:
            lost = "the place: the folder where it was is not this account's to see"
    if not back and query == _ALL:
        return Turn(what, lost=lost)
    expect = {
        key: body[key] for key in ("name", "description", "trashed") if body.get(key) is not None
    }
    url = f"{_FILES}/{match['file']}"
    look = f"{url}?supportsAllDrives=true&fields={','.join(expect)}" if expect else ""
    return Turn(what, (Step("PATCH", url, query, back, expect, look),), lost)


def _made(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    """Something new goes into the trash."""
    del wire, match, before
    identifier = str(after.get("id", ""))
    if not identifier:
        return Turn("file uploaded in parts", lost="Google's answer did not say which")
    step = Step("PATCH", f"{_FILES}/{identifier}", _ALL, {"trashed": True})
    return Turn(f"file {identifier} made", (step,))


def _content(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del wire, before, after
    return Turn(
        f"content of file {match['file']} changed",
        lost="the earlier content is a version of the file: drive_info shows it, drive_read saves it",
    )


def _lost(what: str, lost: str, *, plain: bool = False) -> Callable[[Wire, re.Match[str], Before, Json], Turn]:
    def turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
        del wire, before, after
        return Turn(f"{what} {match['file']}", lost=lost, plain=plain)

    return turn


def _grant_look(wire: Wire, match: re.Match[str]) -> Look:
    del match
    return Look((f"https://{wire.host}{wire.path}",), (("fields", _GRANT), *_ALL))


def _granted(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del before
    identifier, file = str(after.get("id", "")), match["file"]
    if wire.json().get("role") == "owner" or not identifier:
        return Turn(
            f"file {file} given to another owner", lost="ownership: the new owner alone can give it back"
        )
    mailed = wire.query.get("sendNotificationEmail") == "true"
    step = Step("DELETE", f"{_FILES}/{file}/permissions/{identifier}", _ALL)
    lost = "the mail that Google sends about it" if mailed else ""
    return Turn(f"access to file {file} given", (step,), lost)


def _regranted(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del after
    old, file = before[0] if before else None, match["file"]
    if old is None or wire.json().get("role") == "owner":
        return Turn(f"access to file {file} changed", lost="what it was cannot be brought back")
    body = {key: old[key] for key in ("role", "expirationTime") if key in old}
    ends = () if "expirationTime" in old else (("removeExpiration", "true"),)
    step = Step("PATCH", f"https://{wire.host}{wire.path}", (*_ALL, *ends), body)
    return Turn(f"access to file {file} changed", (step,))


def _revoked(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del wire, after
    old, file = before[0] if before else None, match["file"]
    if old is None:
        return Turn(f"access to file {file} taken", lost="what it was could not be read")
    keep = ("type", "role", "emailAddress", "domain", "allowFileDiscovery", "expirationTime")
    body = {key: old[key] for key in keep if key in old}
    told = (("sendNotificationEmail", "false"),) if "emailAddress" in old else ()
    step = Step("POST", f"{_FILES}/{file}/permissions", (*_ALL, *told), body)
    return Turn(f"access to file {file} taken", (step,))


def _said(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    """A comment or an answer: it is deleted again."""
    del before
    identifier, file = str(after.get("id", "")), match["file"]
    if wire.json().get("action"):
        return Turn(
            f"comment of file {file} resolved or reopened", lost="comment does the opposite"
        )
    if not identifier:
        return Turn(f"comment on file {file}", lost="Google's answer did not say which")
    step = Step("DELETE", f"https://{wire.host}{wire.path}/{identifier}")
    return Turn(f"comment {identifier} on file {file}", (step,))


def _text_look(wire: Wire, match: re.Match[str]) -> Look:
    del match
    return Look((f"https://{wire.host}{wire.path}",), (("fields", "id,content"),))


def _reworded(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del after
    old, what = before[0] if before else None, f"comment on file {match['file']} changed"
    if old is None:
        return Turn(what, lost="what it was could not be read")
    step = Step(
        "PATCH", f"https://{wire.host}{wire.path}", (("fields", "id"),), {"content": old["content"]}
    )
    return Turn(what, (step,))


def _rule(method: str, path: str, turn: Any, look: Any = None) -> Rule:
    compiled = re.compile(r"www\.googleapis\.com" + path)
    return Rule(method, compiled, look, turn) if look else Rule(method, compiled, turn=turn)


_ONE: Final = r"/drive/v3/files/(?P<file>[^/]+)"
RULES: Final = (
    _rule("PATCH", _ONE, _file_turn, _file_look),
    _rule("POST", r"(?:/upload)?/drive/v3/files", _made),
    _rule("POST", rf"{_ONE}/copy", _made),
    _rule("PATCH", r"/upload/drive/v3/files/(?P<file>[^/]+)", _content),
    _rule("DELETE", _ONE, _lost("deleted for good: file", "what is deleted for good", plain=True)),
    _rule("POST", rf"{_ONE}/permissions", _granted),
    _rule("PATCH", rf"{_ONE}/permissions/[^/]+", _regranted, _grant_look),
    _rule("DELETE", rf"{_ONE}/permissions/[^/]+", _revoked, _grant_look),
    _rule("POST", rf"{_ONE}/comments(?:/[^/]+/replies)?", _said),
    _rule("PATCH", rf"{_ONE}/comments/[^/]+(?:/replies/[^/]+)?", _reworded, _text_look),
    _rule("DELETE", rf"{_ONE}/comments/.+",
          _lost("comment deleted from file", "a comment that is deleted", plain=True)),
    _rule("PATCH", rf"{_ONE}/revisions/[^/]+",
          _lost("version kept or let go of file", "drive_organize does the opposite")),
)  # fmt: skip
