"""Revisions, changes, shared drives, and what the account has: `about`.

Source: developers.google.com/workspace/drive/api/guides/manage-changes, …/manage-revisions
"""

from typing import Any, Final

from workspace_mcp.demo.drive import content
from workspace_mcp.demo.drive.call import DRIVE, FILE, READONLY, Call, needs_fields
from workspace_mcp.demo.drive.exports import EXPORTS, IMPORTS
from workspace_mcp.demo.drive.records import Change, File, Revision
from workspace_mcp.demo.drive.shapes import file_json, revision, stamp, user
from workspace_mcp.demo.http import Refusal, Response, answer

_QUOTA: Final = 15 << 30


def about(call: Call) -> Response:
    """The account and its storage."""
    call.need(DRIVE, READONLY, FILE)
    needs_fields(call)
    mine = [one for one in call.store.files.values() if one.owner == call.me and not one.native]
    used = sum(len(one.data) for one in mine)
    trash = sum(len(one.data) for one in mine if call.store.trashed(one))
    imports: dict[str, list[str]] = {}
    for mime, native in IMPORTS.items():
        imports.setdefault(mime, []).append(native)
    return answer(
        {
            "kind": "drive#about", "user": user(call.store, call.me, call.me),
            "storageQuota": {
                "limit": str(_QUOTA), "usage": str(used), "usageInDrive": str(used),
                "usageInDriveTrash": str(trash),
            },
            "importFormats": imports,
            "exportFormats": {native: list(made) for native, made in EXPORTS.items()},
            "maxUploadSize": "5242880000000", "canCreateDrives": True,
        }
    )  # fmt: skip


def revisions(call: Call, rest: list[str]) -> tuple[Response, str]:
    """`files/{id}/revisions…`."""
    file = call.file(rest[0], drives=True)
    call.need(DRIVE, FILE, *((READONLY,) if call.method == "GET" else ()))
    call.at_least(file, "writer")
    if not file.revisions:
        raise Refusal(403, "The file does not support revisions.", "revisionsNotSupported")
    match call.method, rest[2:]:
        case "GET", []:
            rows = [revision(call.store, file, one, call.me) for one in file.revisions]
            page, token = call.page(rows, 200, 1000)
            body: dict[str, Any] = {"kind": "drive#revisionList", "revisions": page}
            return answer(body | ({"nextPageToken": token} if token else {})), "revisions"
        case "GET", [one]:
            kind = "" if call.one("alt") == "media" else "revision"
            return _get(call, file, _find(file, one)), kind
        case "PATCH", [one]:
            found = _find(file, one)
            if file.native:
                raise Refusal(400, "keepForever is only for files with bytes.", "badRequest")
            found.keep = bool(call.body.get("keepForever", found.keep))
            return answer(revision(call.store, file, found, call.me)), "revision"
        case "DELETE", [one]:
            if file.native or len(file.revisions) == 1:
                raise Refusal(
                    403, "The revision cannot be deleted.", "revisionDeletionNotSupported"
                )
            file.revisions.remove(_find(file, one))
            return answer(None), ""
        case _:
            raise Refusal(404, "The requested URL was not found on this server.")


def _find(file: File, identifier: str) -> Revision:
    wanted = file.revisions[-1].id if identifier == "head" else identifier
    for one in file.revisions:
        if one.id == wanted:
            return one
    raise Refusal(404, f"Revision not found: {identifier}.", "notFound")


def _get(call: Call, file: File, one: Revision) -> Response:
    if call.one("alt") != "media":
        return answer(revision(call.store, file, one, call.me))
    if file.native:
        raise Refusal(
            403, "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
            "fileNotDownloadable",
        )  # fmt: skip
    return content.ranged(call.request, one.data, one.mime)


def drives(call: Call, rest: list[str]) -> tuple[Response, str]:
    """`drives…`, to be read."""
    call.need(DRIVE, READONLY)
    mine = [
        one
        for one in call.store.drives.values()
        if call.store.role(call.store.files[one.id], call.me)
    ]
    match call.method, rest:
        case "GET", []:
            rows = [_drive(call, one.id) for one in mine]
            page, token = call.page(rows, 10, 100)
            body: dict[str, Any] = {"kind": "drive#driveList", "drives": page}
            return answer(body | ({"nextPageToken": token} if token else {})), ""
        case "GET", [identifier] if identifier in {one.id for one in mine}:
            return answer(_drive(call, identifier)), ""
        case "GET", [identifier]:
            raise Refusal(404, f"Shared drive not found: {identifier}", "notFound")
        case _:
            raise Refusal(404, "The requested URL was not found on this server.")


def _drive(call: Call, identifier: str) -> dict[str, Any]:
    one = call.store.drives[identifier]
    return {
        "kind": "drive#drive", "id": one.id, "name": one.name, "createdTime": stamp(one.created),
        "hidden": (call.me, one.id) in call.store.hidden,
    }  # fmt: skip


def changes(call: Call, rest: list[str]) -> tuple[Response, str]:
    """`changes…`: the last state of each file that changed since a token."""
    call.need(DRIVE, READONLY, FILE)
    store = call.store
    if rest == ["startPageToken"]:
        token = str(len(store.changes) + 1)
        return answer({"kind": "drive#startPageToken", "startPageToken": token}), ""
    start = call.one("pageToken") or ""
    if rest or not start.isdigit() or not 0 < int(start) <= len(store.changes) + 1:
        raise Refusal(400, "Invalid Value", "invalid")
    last: dict[str, Change] = {}
    size = max(1, min(int(call.one("pageSize") or 100), 1000))
    end = int(start) - 1
    for one in store.changes[int(start) - 1 :]:
        if len(last) == size and one.file not in last:
            break
        end = one.id
        if call.me in one.before or call.me in _now(call, one):
            last.pop(one.file, None)
            last[one.file] = one
    rows = [row for one in last.values() if (row := _row(call, one)) is not None]
    body: dict[str, Any] = {"kind": "drive#changeList", "changes": rows}
    more = end < len(store.changes)
    return answer(
        body | {"nextPageToken" if more else "newStartPageToken": str(end + 1)}
    ), "changes"


def _now(call: Call, one: Change) -> frozenset[str]:
    file = call.store.files.get(one.file)
    return call.store.viewers(file) if file else frozenset()


def _row(call: Call, one: Change) -> dict[str, Any] | None:
    file = call.store.files.get(one.file)
    gone = file is None or not call.store.role(file, call.me)
    if gone and call.one("includeRemoved") == "false":
        return None
    if file is not None and file.drive and call.one("includeItemsFromAllDrives") != "true":
        return None
    row: dict[str, Any] = {
        "kind": "drive#change", "changeType": "file", "type": "file", "fileId": one.file,
        "time": stamp(one.at), "removed": gone,
    }  # fmt: skip
    return row if gone or file is None else row | {"file": file_json(call.store, file, call.me)}
