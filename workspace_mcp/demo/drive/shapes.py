"""Records → Google's JSON. No I/O.

Source: developers.google.com/workspace/drive/api/reference/rest/v3
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from workspace_mcp.demo.drive.exports import EXPORTS
from workspace_mcp.demo.drive.records import (
    DOC,
    FOLDER,
    ROLES,
    SHEET,
    SHORTCUT,
    SLIDES,
    Comment,
    File,
    Held,
    Reply,
    Revision,
    permission_id,
)
from workspace_mcp.demo.drive.store import Store

_EDITORS: Final[Mapping[str, str]] = {
    DOC: "document",
    SHEET: "spreadsheets",
    SLIDES: "presentation",
}


def stamp(moment: datetime) -> str:
    """`2026-11-20T09:30:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user(store: Store, email: str, me: str) -> dict[str, Any]:
    """A person."""
    return {
        "kind": "drive#user", "displayName": store.name_of(email), "me": email == me,
        "permissionId": permission_id("user", email), "emailAddress": email,
    }  # fmt: skip


def link(file: File) -> str:
    """Where a browser shows a file."""
    if file.mime == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    if file.mime in _EDITORS:
        kind = _EDITORS[file.mime]
        return f"https://docs.google.com/{kind}/d/{file.id}/edit?usp=drivesdk"
    return f"https://drive.google.com/file/d/{file.id}/view?usp=drivesdk"


def file_json(store: Store, file: File, me: str) -> dict[str, Any]:
    """A file, as one account sees it."""
    trashed = store.trashed(file)
    body: dict[str, Any] = {
        "kind": "drive#file", "id": file.id, "name": file.name, "mimeType": file.mime,
        "starred": me in file.starred, "trashed": trashed, "explicitlyTrashed": bool(file.trashed),
        "spaces": ["drive"], "version": str(file.version), "webViewLink": link(file),
        "createdTime": stamp(file.created), "modifiedTime": stamp(file.modified),
        "lastModifyingUser": user(store, file.by, me), "modifiedByMe": file.by == me,
        "ownedByMe": file.owner == me, "shared": _shared(store, file),
        "capabilities": _capabilities(store, file, me),
        "copyRequiresWriterPermission": file.no_copy, "writersCanShare": file.writers_share,
        "quotaBytesUsed": str(0 if file.native else len(file.data)), "hasThumbnail": False,
        "viewedByMe": me in file.viewed, "isAppAuthorized": True,
    }  # fmt: skip
    body |= _sometimes(store, file, me)
    if store.may(file, me, "writer") and not file.drive:
        body["permissions"] = [grant(store, one) for one in store.held(file).values()]
    if store.may(file, me, "writer"):
        body["permissionIds"] = list(store.held(file))
    return body


def _sometimes(store: Store, file: File, me: str) -> dict[str, Any]:
    """What only some files have."""
    body: dict[str, Any] = {}
    if file.drive:
        body |= {"driveId": file.drive, "teamDriveId": file.drive}
    else:
        body["owners"] = [user(store, file.owner, me)]
    if file.parent and store.role(store.files[file.parent], me):
        body["parents"] = [file.parent]
    if file.description:
        body["description"] = file.description
    if file.trashed:
        body["trashedTime"] = stamp(file.trashed)
    if file.target:
        mime = store.files[file.target].mime if file.target in store.files else ""
        body["shortcutDetails"] = {"targetId": file.target, "targetMimeType": mime}
    if me in file.shared:
        body["sharedWithMeTime"] = stamp(file.shared[me])
    if me in file.viewed:
        body["viewedByMeTime"] = stamp(file.viewed[me])
    if file.properties:
        body["properties"] = dict(file.properties)
    if file.app_properties:
        body["appProperties"] = dict(file.app_properties)
    if file.restriction:
        body["contentRestrictions"] = [file.restriction]
    if file.mime in EXPORTS:
        base = f"https://docs.google.com/feeds/download/Export?id={file.id}&exportFormat="
        body["exportLinks"] = {mime: f"{base}{mime}" for mime in EXPORTS[file.mime]}
    if not file.native:
        body |= _blob(file)
    return body


def _blob(file: File) -> dict[str, Any]:
    suffix = file.name.rpartition(".")[2] if "." in file.name else ""
    return {
        "size": str(len(file.data)), "md5Checksum": hashlib.md5(file.data).hexdigest(),  # noqa: S324
        "sha256Checksum": hashlib.sha256(file.data).hexdigest(), "fileExtension": suffix,
        "headRevisionId": file.revisions[-1].id if file.revisions else "",
        "originalFilename": file.name,
        "webContentLink": f"https://drive.google.com/uc?id={file.id}&export=download",
    }  # fmt: skip


def _shared(store: Store, file: File) -> bool:
    return bool(file.drive) or len(store.held(file)) > 1


def _capabilities(store: Store, file: File, me: str) -> dict[str, Any]:
    writes = store.may(file, me, "writer")
    reads = not file.no_copy or writes
    locked = bool(file.restriction and file.restriction.get("readOnly"))
    manages = store.may(file, me, "fileOrganizer") if file.drive else file.owner == me
    return {
        "canEdit": writes and not locked, "canComment": store.may(file, me, "commenter") and not locked,
        "canShare": writes and (file.writers_share or file.owner == me), "canRename": writes and not locked,
        "canDownload": reads, "canCopy": reads and file.mime != FOLDER,
        "canTrash": manages and not file.root, "canUntrash": manages, "canDelete": manages and not file.root,
        "canListChildren": file.mime == FOLDER, "canAddChildren": file.mime == FOLDER and writes,
        "canReadRevisions": writes and file.mime not in {FOLDER, SHORTCUT},
        "canModifyContent": writes and not locked,
    }  # fmt: skip


def grant(store: Store, holds: list[Held]) -> dict[str, Any]:
    """A permission with where it comes from."""
    best = max(holds, key=lambda held: ROLES.index(held.permission.role)).permission
    body: dict[str, Any] = {
        "kind": "drive#permission", "id": best.id, "type": best.kind, "role": best.role,
        "permissionDetails": [_detail(store, held) for held in holds],
    }  # fmt: skip
    if best.kind in {"user", "group"}:
        body |= {
            "emailAddress": best.who,
            "displayName": best.name,
            "deleted": False,
            "pendingOwner": best.pending_owner,
        }
    if best.kind == "domain":
        body |= {"domain": best.who, "displayName": best.who}
    if best.kind in {"domain", "anyone"}:
        body["allowFileDiscovery"] = best.discoverable
    if best.expires:
        body["expirationTime"] = stamp(best.expires)
    return body


def _detail(store: Store, held: Held) -> dict[str, Any]:
    source = store.files[held.source]
    detail: dict[str, Any] = {
        "permissionType": "member" if source.root and source.drive else "file",
        "role": held.permission.role, "inherited": held.inherited,
    }  # fmt: skip
    return detail | ({"inheritedFrom": held.source} if held.inherited else {})


def revision(store: Store, file: File, one: Revision, me: str) -> dict[str, Any]:
    """A version."""
    body: dict[str, Any] = {
        "kind": "drive#revision", "id": one.id, "mimeType": one.mime, "modifiedTime": stamp(one.at),
        "lastModifyingUser": user(store, one.by, me), "published": False,
    }  # fmt: skip
    if file.native:
        base = f"https://docs.google.com/feeds/download/Export?id={file.id}&revision={one.id}&exportFormat="
        body["exportLinks"] = {mime: f"{base}{mime}" for mime in EXPORTS.get(file.mime, ())}
        return body
    return body | {
        "keepForever": one.keep, "size": str(len(one.data)), "originalFilename": one.name,
        "md5Checksum": hashlib.md5(one.data).hexdigest(),  # noqa: S324
    }  # fmt: skip


def _author(store: Store, email: str, me: str) -> dict[str, Any]:
    """Comments say who wrote them without their address, unless it is oneself."""
    body = {"kind": "drive#user", "displayName": store.name_of(email), "me": email == me}
    return body | ({"permissionId": permission_id("user", email)} if email == me else {})


def comment(store: Store, one: Comment, me: str, *, deleted: bool = False) -> dict[str, Any]:
    """A comment with its answers."""
    body: dict[str, Any] = {
        "kind": "drive#comment", "id": one.id, "createdTime": stamp(one.at),
        "modifiedTime": stamp(one.modified), "deleted": one.deleted, "resolved": one.resolved,
        "author": _author(store, one.by, me),
        "replies": [
            reply(store, answer, me) for answer in one.replies if deleted or not answer.deleted
        ],
    }  # fmt: skip
    if not one.deleted:
        body |= {"content": one.content, "htmlContent": one.content}
    if one.quoted and not one.deleted:
        body["quotedFileContent"] = {"mimeType": "text/html", "value": one.quoted}
    if one.anchor:
        body["anchor"] = one.anchor
    return body


def reply(store: Store, one: Reply, me: str) -> dict[str, Any]:
    """An answer to a comment."""
    body: dict[str, Any] = {
        "kind": "drive#reply", "id": one.id, "createdTime": stamp(one.at),
        "modifiedTime": stamp(one.changed or one.at), "deleted": one.deleted,
        "author": _author(store, one.by, me),
    }  # fmt: skip
    if one.action:
        body["action"] = one.action
    if not one.deleted:
        body |= {"content": one.content, "htmlContent": one.content}
    return body
