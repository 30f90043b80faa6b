"""How changes in Drive are taken back. No I/O.

What was made goes into the trash. Earlier content is a version of the file, as long as Google keeps that
(30 days, unless it is kept forever), and is uploaded again.

Source: developers.google.com/workspace/drive/api/guides/manage-revisions
"""

import re
from collections.abc import Callable
from typing import Any, Final

from workspace_mcp.errors import ConflictError
from workspace_mcp.journal.entry import Step
from workspace_mcp.journal.rule import Before, Json, Look, Rule, Turn, Way, Worked
from workspace_mcp.policy.effects import Wire

_FILES: Final = "https://www.googleapis.com/drive/v3/files"
_UPLOADS: Final = "https://www.googleapis.com/upload/drive/v3/files"
LARGEST: Final = 20 << 20
"""Bytes of a file's earlier content that one call fetches and uploads again."""
_ALL: Final = (("supportsAllDrives", "true"),)
_KEPT: Final = ("name", "description", "starred", "trashed", "copyRequiresWriterPermission",
                "writersCanShare")  # fmt: skip
_CHECKED: Final = ("name", "description", "trashed", "starred")
_FIELDS: Final = f"id,parents,properties,contentRestrictions(readOnly),{','.join(_KEPT)}"
_DONE: Final = {"resolve": "resolved", "reopen": "reopened"}
_GRANT: Final = "id,type,role,emailAddress,domain,allowFileDiscovery,expirationTime"


def _file_look(wire: Wire, match: re.Match[str]) -> Look:
    del wire
    return Look((f"{_FILES}/{match['file']}",), (("fields", _FIELDS), *_ALL))


def _file_turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    """Fields and place as they were."""
    del after
    old = before[0] if before else None
    what = f"file {match['file']} {_done(wire)}"
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
    expect = {key: body[key] for key in _CHECKED if body.get(key) is not None}
    expect |= {
        f"properties.{key}": value
        for key, value in body.get("properties", {}).items()
        if "." not in key
    }
    if "addParents" in wire.query:
        expect["parents"] = [wire.query["addParents"]]
    url = f"{_FILES}/{match['file']}"
    return Turn(what, (Step("PATCH", url, query, back, expect, _seen(url, expect)),), lost)


def _seen(url: str, expect: Json) -> str:
    """Where what is expected is looked at."""
    names = dict.fromkeys(key.partition(".")[0] for key in expect)
    return f"{url}?supportsAllDrives=true&fields={','.join(names) or 'id'}"


def _done(wire: Wire) -> str:
    """What a change of a file's fields and place does, in a word or two."""
    body = wire.json()
    said = ["renamed"] if "name" in body else []
    said += ["moved"] if "addParents" in wire.query else []
    if "trashed" in body:
        said.append("put into the trash" if body["trashed"] else "restored from the trash")
    if "starred" in body:
        said.append("starred" if body["starred"] else "unstarred")
    return ", ".join(said) or "changed"


def _made(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    """Something new goes into the trash."""
    del wire, match, before
    identifier = str(after.get("id", ""))
    if not identifier:
        return Turn("file uploaded in parts", lost="Google's answer did not say which")
    step = Step("PATCH", f"{_FILES}/{identifier}", _ALL, {"trashed": True})
    return Turn(f"file {identifier} made", (step,))


def _content_look(wire: Wire, match: re.Match[str]) -> Look:
    del wire
    query = (("fields", "headRevisionId,mimeType,size,name"), *_ALL)
    return Look((f"{_FILES}/{match['file']}",), query)


def _content(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    """What was there is a version of the file; Google's own types have theirs in the editor alone."""
    del after
    old, what = before[0] if before else None, f"content of file {match['file']} changed"
    if old is None:
        return Turn(what, lost="the content: what it was could not be read")
    if "headRevisionId" not in old:
        return Turn(what, lost="the content: the editor's version history brings it back")
    if int(old.get("size", 0)) > LARGEST:
        lost = (
            f"content of more than {LARGEST >> 20} MB: it is a version of the file, see drive_info"
        )
        return Turn(what, lost=lost)

    def settle(found: Before) -> Turn:
        new = found[0] if found else None
        if new is None:
            return Turn(what, lost="the content: what it is now could not be read")
        if new.get("headRevisionId") == old["headRevisionId"]:
            if wire.query.get("uploadType") != "resumable":
                return Turn("")  # Google refused it
            return Turn(what, lost="content whose upload goes on later")
        kept = {
            "file": match["file"], "revision": old["headRevisionId"], "left": new.get("headRevisionId"),
            "mime": old.get("mimeType", ""), "size": int(old.get("size", 0)),
        }  # fmt: skip
        if new.get("name") != old.get("name"):
            kept["name"] = old.get("name")
        url = f"{_UPLOADS}/{match['file']}"
        return Turn(what, (Step("PATCH", url, (), kept, way="version"),))

    return Turn(
        what,
        look=_content_look(wire, match),
        settle=settle,
        lost="the content: it is a version of the file",
    )


def _content_ahead(wire: Wire, match: re.Match[str], before: Before) -> str:
    turn = _content(wire, match, before, {})
    return "" if turn.settle is not None else turn.lost


def _version_now(found: Json) -> Look:
    file = f"{_FILES}/{found['file']}"
    version = Look((f"{file}/revisions/{found['revision']}",), (("fields", "id"),))
    return Look((file,), (("fields", "headRevisionId"), *_ALL), lambda _: version)


def _version_back(found: Json, now: Before) -> Worked:
    if (now[0] or {}).get("headRevisionId") != found["left"]:
        raise ConflictError(
            "The file's content was changed again since then, so nothing was taken back.",
            "drive_info with revisions=true shows its versions; drive_read saves one.",
        )
    return Worked(
        found, [("the content of now", f"the version before it, {found['size']:,} bytes")]
    )


WAY: Final = Way(_version_now, _version_back)


def _lost(
    what: str, lost: str, *, plain: bool = False
) -> Callable[[Wire, re.Match[str], Before, Json], Turn]:
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
            f"file {file} given to another owner",
            lost="ownership: the new owner alone can give it back",
        )
    mailed = wire.query.get("sendNotificationEmail") == "true"
    url = f"{_FILES}/{file}/permissions/{identifier}"
    expect = {"role": wire.json().get("role")}
    step = Step("DELETE", url, _ALL, None, expect, _seen(url, expect))
    lost = "the mail that Google sends about it" if mailed else ""
    return Turn(f"access to file {file} given", (step,), lost)


def _regranted(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del after
    old, file = before[0] if before else None, match["file"]
    if old is None or wire.json().get("role") == "owner":
        return Turn(f"access to file {file} changed", lost="the access that was there before")
    body = {key: old[key] for key in ("role", "expirationTime") if key in old}
    ends = () if "expirationTime" in old else (("removeExpiration", "true"),)
    url, expect = f"https://{wire.host}{wire.path}", {"role": wire.json().get("role")}
    step = Step("PATCH", url, (*_ALL, *ends), body, expect, _seen(url, expect))
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
    """A comment or an answer is deleted again, unless somebody answered; a resolved one is reopened."""
    del before
    identifier, file = str(after.get("id", "")), match["file"]
    url = f"https://{wire.host}{wire.path}"
    action = wire.json().get("action")
    if action:
        body = {"action": "reopen" if action == "resolve" else "resolve"}
        expect = {"resolved": action == "resolve"}
        look = f"{url.removesuffix('/replies')}?fields=resolved"
        step = Step("POST", url, (("fields", "id"),), body, expect, look)
        lost = "the text that was said with it" if wire.json().get("content") else ""
        return Turn(f"comment of file {file} {_DONE[action]}", (step,), lost)
    if not identifier:
        return Turn(
            f"comment on file {file}", lost="the comment: Google's answer did not say which"
        )
    answered = wire.path.endswith("/replies")
    expect = {} if answered else {"replies": []}
    look = f"{url}/{identifier}?fields={'id' if answered else 'replies(id)'}"
    step = Step("DELETE", f"{url}/{identifier}", (), None, expect, look)
    return Turn(f"comment {identifier} on file {file}", (step,))


def _text_look(wire: Wire, match: re.Match[str]) -> Look:
    del match
    return Look((f"https://{wire.host}{wire.path}",), (("fields", "id,content"),))


def _reworded(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del after
    old, what = before[0] if before else None, f"comment on file {match['file']} changed"
    if old is None:
        return Turn(what, lost="what it was could not be read")
    url, expect = f"https://{wire.host}{wire.path}", {"content": wire.json().get("content")}
    body = {"content": old["content"]}
    step = Step("PATCH", url, (("fields", "id"),), body, expect, f"{url}?fields=content")
    return Turn(what, (step,))


def _kept_look(wire: Wire, match: re.Match[str]) -> Look:
    del match
    return Look((f"https://{wire.host}{wire.path}",), (("fields", "id,keepForever"),))


def _kept(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del after
    old, what = before[0] if before else None, f"version of file {match['file']} kept or let go"
    if old is None:
        return Turn(what, lost="whether it was kept before could not be read")
    url, body = f"https://{wire.host}{wire.path}", {"keepForever": bool(old.get("keepForever"))}
    return Turn(what, (Step("PATCH", url, (("fields", "id"),), body),))


def _rule(method: str, path: str, turn: Any, look: Any = None) -> Rule:
    compiled = re.compile(r"www\.googleapis\.com" + path)
    return Rule(method, compiled, look, turn) if look else Rule(method, compiled, turn=turn)


_ONE: Final = r"/drive/v3/files/(?P<file>[^/]+)"
RULES: Final = (
    _rule("PATCH", _ONE, _file_turn, _file_look),
    _rule("POST", r"(?:/upload)?/drive/v3/files", _made),
    _rule("POST", rf"{_ONE}/copy", _made),
    Rule("PATCH", re.compile(r"www\.googleapis\.com/upload/drive/v3/files/(?P<file>[^/]+)"),
         _content_look, _content, ahead=_content_ahead),
    _rule("DELETE", _ONE, _lost("deleted for good: file", "what is deleted for good", plain=True)),
    _rule("POST", rf"{_ONE}/permissions", _granted),
    _rule("PATCH", rf"{_ONE}/permissions/[^/]+", _regranted, _grant_look),
    _rule("DELETE", rf"{_ONE}/permissions/[^/]+", _revoked, _grant_look),
    _rule("POST", rf"{_ONE}/comments(?:/[^/]+/replies)?", _said),
    _rule("PATCH", rf"{_ONE}/comments/[^/]+(?:/replies/[^/]+)?", _reworded, _text_look),
    _rule("DELETE", rf"{_ONE}/comments/.+",
          _lost("comment deleted from file", "a comment that is deleted", plain=True)),
    _rule("PATCH", rf"{_ONE}/revisions/[^/]+", _kept, _kept_look),
)  # fmt: skip
