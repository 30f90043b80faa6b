"""Drive's REST methods over the `Store`: path and verb → answer.

Source: developers.google.com/workspace/drive/api/reference/rest/v3
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import unquote

from workspace_mcp.demo import masks, uploads
from workspace_mcp.demo.drive import content, listing, sharing, talk, versions
from workspace_mcp.demo.drive.call import DRIVE, FILE, READONLY, Call
from workspace_mcp.demo.drive.records import FOLDER, NATIVE, SHORTCUT, File, Permission
from workspace_mcp.demo.drive.shapes import file_json
from workspace_mcp.demo.drive.store import Store
from workspace_mcp.demo.http import Refusal, Request, Response, answer

HOSTS: Final = frozenset({"www.googleapis.com", "drive.usercontent.google.com"})
_SLIM: Final = "kind,id,name,mimeType"
_DEFAULTS: Final[Mapping[str, str]] = {
    "files": f"kind,incompleteSearch,nextPageToken,files({_SLIM})",
    "file": _SLIM,
    "permissions": "kind,nextPageToken,permissions(id,type,kind,role)",
    "permission": "id,type,kind,role",
    "revisions": "kind,nextPageToken,revisions(id,mimeType,kind,modifiedTime)",
    "revision": "id,mimeType,kind,modifiedTime",
    "changes": "kind,nextPageToken,newStartPageToken,changes(kind,removed,fileId,changeType,time,"
    f"file({_SLIM}))",
}
"""What comes back without `fields`."""
_METADATA: Final = {
    "id", "name", "mimeType", "description", "parents", "starred", "trashed", "properties",
    "appProperties", "shortcutDetails", "contentRestrictions", "copyRequiresWriterPermission",
    "writersCanShare", "createdTime", "modifiedTime", "folderColorRgb", "originalFilename",
}  # fmt: skip


def owns(request: Request) -> bool:
    """Whether a request is for Drive."""
    if request.host == "drive.usercontent.google.com":
        return True
    path = re.sub(r"^/(resumable/)?(upload/)?", "/", request.path)
    return request.host == "www.googleapis.com" and path.startswith("/drive/v3/")


def handle(store: Store, account: str, granted: frozenset[str], request: Request) -> Response:
    """The answer to a request.

    Raises:
        Refusal: Google's error for it.
    """
    if request.host != "www.googleapis.com":
        return content.ticket(store, request)
    if request.one("uploadType") == "resumable":
        return store.uploads.step(request, partial(_answer, store, account, granted))
    return _answer(store, account, granted, request)


def _answer(store: Store, account: str, granted: frozenset[str], request: Request) -> Response:
    media = uploads.taken(request)
    path = re.sub(r"^/(resumable/)?(upload/)?drive/v3/", "", request.path)
    call = Call(store, account, granted, request, media)
    response, kind = _routed(call, [unquote(part) for part in path.split("/")])
    if "json" not in response.headers.get("content-type", ""):
        return response
    mask = request.one("fields") or _DEFAULTS.get(kind)
    return masks.masked(response, None if mask == "*" else mask)


_Handler = Callable[[Call, list[str]], tuple[Response, str]]


def _routed(call: Call, parts: list[str]) -> tuple[Response, str]:
    match parts:
        case ["about"]:
            return versions.about(call), "about"
        case ["files", *rest]:
            return _files(call, rest)
        case ["drives", *rest]:
            return versions.drives(call, rest)
        case ["changes", *rest]:
            return versions.changes(call, rest)
        case ["operations", name]:
            return content.operation(call, name), "operation"
        case _:
            raise Refusal(404, "The requested URL was not found on this server.")


_SUBS: Final[Mapping[str, _Handler]] = {
    "permissions": sharing.handle, "comments": talk.handle, "revisions": versions.revisions,
}  # fmt: skip


def _files(call: Call, rest: list[str]) -> tuple[Response, str]:
    match call.method, rest:
        case "GET", []:
            call.need(DRIVE, READONLY, FILE)
            return listing.files(call), "files"
        case "POST", []:
            return _create(call), "file"
        case "GET", ["generateIds"]:
            call.need(DRIVE, FILE)
            count = int(call.one("count") or 10)
            ids = [call.store.fresh() for _ in range(count)]
            return answer({"kind": "drive#generatedIds", "space": "drive", "ids": ids}), "ids"
        case "GET", [one]:
            return _get(call, call.file(one)), "" if call.one("alt") == "media" else "file"
        case "PATCH", [one]:
            return _update(call, call.file(one)), "file"
        case "DELETE", [one]:
            return _delete(call, call.file(one)), ""
        case "POST", [one, "copy"]:
            return _copy(call, call.file(one)), "file"
        case "GET", [one, "export"]:
            return content.export(call, call.file(one, drives=True)), ""
        case "POST", [one, "download"]:
            return content.begin(call, call.file(one, drives=True)), "operation"
        case _, [_, kind, *_] if kind in _SUBS:
            return _SUBS[kind](call, rest)
        case _:
            raise Refusal(404, "The requested URL was not found on this server.")


def _get(call: Call, file: File) -> Response:
    call.need(DRIVE, READONLY, FILE)
    if call.one("alt") == "media":
        return content.media(call, file)
    return answer(file_json(call.store, file, call.me))


def _create(call: Call) -> Response:
    call.need(DRIVE, FILE)
    body = _known(call.body)
    mime = (
        body.get("mimeType")
        or (call.media.mime if call.media else "")
        or "application/octet-stream"
    )
    parent = call.folder(body.get("parents"))
    moment = call.store.now()
    file = File(
        body.get("id") or call.store.fresh(), body.get("name", "Untitled"), mime, moment, moment,
        call.me, parent.id,
    )  # fmt: skip
    if file.id in call.store.files:
        raise Refusal(409, "A file already exists with the provided ID.", "fileIdInUse")
    if mime == SHORTCUT:
        file.target = call.file(body.get("shortcutDetails", {}).get("targetId", "")).id
    _describe(call, file, body)
    call.store.put(file)
    if mime in {FOLDER, SHORTCUT}:
        return answer(file_json(call.store, file, call.me))
    content.fill(call, file)
    return answer(file_json(call.store, file, call.me))


def _known(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A body without what cannot be written.

    Raises:
        Refusal: 403, as Google answers for fields of its own.
    """
    if unknown := set(body) - _METADATA - {"kind"}:
        name = sorted(unknown)[0]
        raise Refusal(
            403, f"The resource body includes fields which are not directly writable: {name}.",
            "fieldNotWritable",
        )  # fmt: skip
    return body


def _describe(call: Call, file: File, body: Mapping[str, Any]) -> None:
    """Take over what a body says about a file, besides its place and content."""
    file.description = str(body.get("description", file.description))
    if body.get("starred") is not None:
        (file.starred.add if body["starred"] else file.starred.discard)(call.me)
    for name, kept in (("properties", file.properties), ("appProperties", file.app_properties)):
        for key, value in (body.get(name) or {}).items():
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = str(value)
    file.no_copy = bool(body.get("copyRequiresWriterPermission", file.no_copy))
    file.writers_share = bool(body.get("writersCanShare", file.writers_share))


def _update(call: Call, file: File) -> Response:
    call.need(DRIVE, FILE)
    body = _known(call.body)
    before = call.store.viewers(file)
    own = set(body) <= {"starred"} and not call.media and not call.one("addParents")
    call.at_least(file, "reader" if own else "writer")
    restricted = bool(file.restriction and file.restriction.get("readOnly"))
    if restricted and (call.media or "name" in body):
        raise Refusal(403, "The file has content restrictions.", "fileContentRestricted")
    if "trashed" in body:
        _trash(call, file, trashed=bool(body["trashed"]))
    if body.get("mimeType", file.mime) != file.mime and file.native:
        raise Refusal(
            400, "Bad Request. The mimeType of a Google file cannot be changed.", "badRequest"
        )
    _move(call, file)
    file.name = str(body.get("name", file.name))
    if not file.native and body.get("mimeType") and not body["mimeType"].startswith(NATIVE):
        file.mime = body["mimeType"]
    _describe(call, file, body)
    _restrict(call, file, body)
    if call.media:
        content.fill(call, file)
    else:
        if not own:
            file.by = call.me
        call.store.changed(file, before)
    return answer(file_json(call.store, file, call.me))


def _restrict(call: Call, file: File, body: Mapping[str, Any]) -> None:
    for one in body.get("contentRestrictions", ())[:1]:
        file.restriction = (
            {**one, "type": "globalContentRestriction"} if one.get("readOnly") else None
        )


def _trash(call: Call, file: File, *, trashed: bool) -> None:
    _managed(call, file)
    file.trashed = call.store.now() if trashed else None
    file.trashed_by = call.me if trashed else ""


def _managed(call: Call, file: File) -> None:
    """Refuse, unless the caller may take a file away."""
    allowed = (
        call.store.may(file, call.me, "fileOrganizer") if file.drive else file.owner == call.me
    )
    if not allowed or file.root:
        raise Refusal(
            403, "The user does not have sufficient permissions for this file.",
            "insufficientFilePermissions",
        )  # fmt: skip


def _move(call: Call, file: File) -> None:
    add, remove = call.one("addParents"), call.one("removeParents")
    if not add and not remove:
        return
    if not add:
        raise Refusal(403, "A file must have exactly one parent.", "cannotAddParent")
    parent = call.folder(add.split(","))
    if remove is None or file.parent not in remove.split(","):
        raise Refusal(403, "Increasing the number of parents is not allowed", "cannotAddParent")
    if parent.id == file.id or any(one.id == file.id for one in call.store.ancestors(parent)):
        raise Refusal(403, "The specified parent would create a cycle.", "cyclicalFolder")
    file.parent = parent.id
    if file.drive != parent.drive:
        _change_drive(call, file, parent.drive)


def _change_drive(call: Call, file: File, drive: str) -> None:
    """A shared drive owns what is moved into it; what is moved out belongs to who moved it."""
    for one in (file, *call.store.below(file)):
        one.drive = drive
        one.permissions = [kept for kept in one.permissions if kept.role != "owner"]
        if not drive:
            one.permissions.append(
                Permission("user", call.me, "owner", call.store.name_of(call.me))
            )


def _delete(call: Call, file: File) -> Response:
    call.need(DRIVE, FILE)
    if file.drive:
        call.at_least(file, "organizer")
    _managed(call, file)
    call.store.remove(file)
    return answer(None)


def _copy(call: Call, file: File) -> Response:
    call.need(DRIVE, FILE)
    if file.mime == FOLDER:
        raise Refusal(403, "This file cannot be copied by the user.", "cannotCopyFile")
    if file.no_copy:
        call.at_least(file, "writer")
    body = _known(call.body)
    given: Sequence[str] = body.get("parents") or (
        [file.parent] if _writes(call, file.parent) else []
    )
    parent = call.folder(given)
    moment = call.store.now()
    made = File(
        call.store.fresh(), body.get("name", f"Copy of {file.name}"), file.mime, moment, moment,
        call.me, parent.id, target=file.target, description=file.description,
    )  # fmt: skip
    _describe(call, made, body)
    call.store.put(made)
    wanted = body.get("mimeType", file.mime)
    if wanted != file.mime:
        made.mime = wanted
        content.convert(call, made, file.data, file.mime)
    else:
        call.store.write(made, file.data, file.mime, call.me)
        if file.mime in call.store.copiers:
            call.store.copiers[file.mime](file.id, made.id)
    if call.one("copyComments") == "true":
        talk.copy_open(file, made, call.store)
    return answer(file_json(call.store, made, call.me))


def _writes(call: Call, folder: str) -> bool:
    found = call.store.files.get(folder)
    return found is not None and call.store.may(found, call.me, "writer")
