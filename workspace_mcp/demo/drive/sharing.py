"""Who may see a file: Google's `permissions` collection.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/permissions
"""

from datetime import datetime, timedelta
from typing import Any, Final

from workspace_mcp.demo.drive.call import DRIVE, FILE, READONLY, Call
from workspace_mcp.demo.drive.records import File, Held, Permission
from workspace_mcp.demo.drive.shapes import grant
from workspace_mcp.demo.http import Refusal, Response, answer

_MY: Final = {"owner", "writer", "commenter", "reader"}
_SHARED: Final = {"organizer", "fileOrganizer", "writer", "commenter", "reader"}
_YEAR: Final = timedelta(days=366)
_CONSUMERS: Final = "gmail.com"
"""Accounts of no organisation: who is to own a file must accept it first."""


def handle(call: Call, rest: list[str]) -> tuple[Response, str]:
    """`files/{id}/permissions…`."""
    file = call.file(rest[0])
    match call.method, rest[2:]:
        case "GET", []:
            call.need(DRIVE, READONLY, FILE)
            call.at_least(file, "writer")
            rows = [grant(call.store, one) for one in call.store.held(file).values()]
            page, token = call.page(rows, 100, 100)
            body: dict[str, Any] = {"kind": "drive#permissionList", "permissions": page}
            return answer(body | ({"nextPageToken": token} if token else {})), "permissions"
        case "GET", [one]:
            call.need(DRIVE, READONLY, FILE)
            return answer(grant(call.store, _holds(call, file, one))), "permission"
        case "POST", []:
            return _create(call, file), "permission"
        case "PATCH", [one]:
            return _update(call, file, one), "permission"
        case "DELETE", [one]:
            return _delete(call, file, one), ""
        case _:
            raise Refusal(404, "The requested URL was not found on this server.")


def _holds(call: Call, file: File, identifier: str) -> list[Held]:
    found = call.store.held(file).get(identifier)
    if not found:
        raise Refusal(404, f"Permission not found: {identifier}.", "notFound")
    return found


def _shares(call: Call, file: File) -> None:
    """Refuse, unless the caller may change who sees a file."""
    call.need(DRIVE, FILE)
    manages = (
        call.store.may(file, call.me, "fileOrganizer") if file.drive else file.owner == call.me
    )
    if not manages:
        call.at_least(file, "writer")
        if not file.writers_share:
            raise Refusal(
                403, "The user does not have sufficient permissions for this file.",
                "insufficientFilePermissions",
            )  # fmt: skip


def _expiry(call: Call, body: Any, kind: str) -> datetime | None:
    if not body.get("expirationTime"):
        return None
    moment = datetime.fromisoformat(body["expirationTime"])
    now = call.store.now()
    if kind not in {"user", "group"}:
        raise Refusal(
            403, "Expiration dates can only be set on user and group permissions.",
            "cannotSetExpiration",
        )  # fmt: skip
    if not now < moment <= now + _YEAR:
        raise Refusal(
            403, "Expiration dates must be in the future and at most a year away.",
            "cannotSetExpiration",
        )  # fmt: skip
    return moment


def _create(call: Call, file: File) -> Response:
    _shares(call, file)
    body = call.body
    kind, role = str(body.get("type", "")), str(body.get("role", ""))
    who = str(body.get("emailAddress") or body.get("domain") or "").lower()
    if kind not in {"user", "group", "domain", "anyone"} or role not in (
        _SHARED if file.drive else _MY
    ):
        raise Refusal(400, "The specified type or role is invalid.", "badRequest")
    if (kind in {"user", "group"}) != ("@" in who) or (kind == "domain") != bool(
        who and "@" not in who
    ):
        raise Refusal(400, "The permission type field is required.", "badRequest")
    if role == "owner":
        return _transfer(call, file, who)
    one = Permission(
        kind, who, role, call.store.name_of(who) if kind == "user" else who,
        discoverable=bool(body.get("allowFileDiscovery")), expires=_expiry(call, body, kind),
    )  # fmt: skip
    one.pending_owner = _pending(call, one, role)
    _mail(call, file, one)
    before = call.store.viewers(file)
    file.permissions = [old for old in file.permissions if old.id != one.id] + [one]
    if kind == "user":
        file.shared.setdefault(who, call.store.now())
    call.store.changed(file, before)
    return answer(grant(call.store, call.store.held(file)[one.id]))


def _mail(call: Call, file: File, one: Permission) -> None:
    """Google's notification, by default to every person and group."""
    told = call.one("sendNotificationEmail")
    if one.kind not in {"user", "group"}:
        if told is not None:
            raise Refusal(400, "sendNotificationEmail is only for users and groups.", "badRequest")
        return
    if told != "false":
        call.store.mails.append(
            {
                "to": one.who,
                "file": file.id,
                "role": one.role,
                "text": call.one("emailMessage") or "",
            }
        )


def _transfer(call: Call, file: File, who: str) -> Response:
    if file.owner != call.me:
        raise Refusal(403, "Only the owner can transfer ownership.", "insufficientFilePermissions")
    if call.one("transferOwnership") != "true":
        raise Refusal(
            403,
            "The transferOwnership parameter must be enabled when the permission role is 'owner'.",
            "forbidden",
        )
    if call.one("sendNotificationEmail") == "false":
        raise Refusal(
            403, "Notification mail must be sent for transfers of ownership.", "forbidden"
        )
    if {who.rpartition("@")[2], call.me.rpartition("@")[2]} == {_CONSUMERS}:
        raise Refusal(
            403, "Consent is required to transfer ownership of a file to another user.",
            "consentRequiredForOwnershipTransfer",
        )  # fmt: skip
    if who.rpartition("@")[2] != call.me.rpartition("@")[2]:
        raise Refusal(
            403, "Ownership can only be transferred to another user in the same organization.",
            "invalidSharingRequest",
        )  # fmt: skip
    for one in file.permissions:
        if one.role == "owner":
            one.role = "writer"
    new = Permission("user", who, "owner", call.store.name_of(who))
    file.permissions = [one for one in file.permissions if one.who != who] + [new]
    if call.one("moveToNewOwnersRoot") == "true":
        file.parent = call.store.root_of(who).id
    _mail(call, file, new)
    call.store.changed(file)
    return answer(grant(call.store, call.store.held(file)[new.id]))


def _direct(call: Call, file: File, identifier: str) -> Permission:
    """A grant that was given on the file itself.

    Raises:
        Refusal: there is none, or it is inherited.
    """
    for held in _holds(call, file, identifier):
        if not held.inherited:
            return held.permission
    raise Refusal(
        403, "Cannot modify or delete an inherited permission.", "cannotModifyInheritedPermission"
    )


def _pending(call: Call, one: Permission, role: str) -> bool:
    """Whether somebody is asked to become the owner: a person who may edit already."""
    if not call.body.get("pendingOwner"):
        return False
    if {one.who.rpartition("@")[2], call.me.rpartition("@")[2]} != {_CONSUMERS}:
        raise Refusal(
            403, "The target user cannot be a pending owner on this file.",
            "targetUserCannotBePendingOwnerOnFile",
        )  # fmt: skip
    if one.role != "writer" or role != "writer":
        raise Refusal(
            403,
            "The target user cannot be a pending owner because the target user does not have a writer "
            "role for the file.",
            "pendingOwnerWriterRequired",
        )
    return True


def _update(call: Call, file: File, identifier: str) -> Response:
    _shares(call, file)
    if unknown := set(call.body) - {"role", "expirationTime", "pendingOwner"}:
        raise Refusal(
            403,
            f"The resource body includes fields which are not directly writable: {sorted(unknown)[0]}.",
            "fieldNotWritable",
        )
    holds = _holds(call, file, identifier)
    role = str(call.body.get("role", holds[0].permission.role))
    if role == "owner":
        return _transfer(call, file, holds[0].permission.who)
    if role not in (_SHARED if file.drive else _MY):
        raise Refusal(400, "The specified role is invalid.", "badRequest")
    one = _direct(call, file, identifier)
    if one.role == "owner":
        raise Refusal(403, "The owner's permission cannot be changed.", "forbidden")
    one.pending_owner = _pending(call, one, role)
    one.role = role
    if call.one("removeExpiration") == "true":
        one.expires = None
    one.expires = _expiry(call, call.body, one.kind) or one.expires
    call.store.changed(file)
    return answer(grant(call.store, call.store.held(file)[identifier]))


def _delete(call: Call, file: File, identifier: str) -> Response:
    call.need(DRIVE, FILE)
    own = any(held.permission.who == call.me for held in _holds(call, file, identifier))
    if not own:
        _shares(call, file)
    one = _direct(call, file, identifier)
    if one.role == "owner":
        raise Refusal(403, "The owner of a file cannot be removed.", "cannotRemoveOwner")
    before = call.store.viewers(file)
    file.permissions.remove(one)
    file.shared.pop(one.who, None)
    call.store.changed(file, before)
    return answer(None)
