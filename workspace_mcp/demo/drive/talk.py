"""What is said about a file: Google's `comments` and `replies`.

Source: developers.google.com/workspace/drive/api/guides/manage-comments
"""

from copy import deepcopy
from datetime import datetime
from typing import Any

from workspace_mcp.demo.drive.call import DRIVE, FILE, READONLY, Call, needs_fields
from workspace_mcp.demo.drive.records import Comment, File, Reply
from workspace_mcp.demo.drive.shapes import comment, reply
from workspace_mcp.demo.drive.store import Store
from workspace_mcp.demo.http import Refusal, Response, answer


def handle(call: Call, rest: list[str]) -> tuple[Response, str]:
    """`files/{id}/comments…`: these methods do not ask whether the caller knows shared drives."""
    file = call.file(rest[0], drives=True)
    match call.method, rest[2:]:
        case "GET", []:
            return _list(call, file), ""
        case "POST", []:
            return _create(call, file), ""
        case "GET" | "PATCH" | "DELETE", [one]:
            return _one(call, file, _find(file, one)), ""
        case "GET", [one, "replies"]:
            call.need(DRIVE, READONLY, FILE)
            found = [reply(call.store, answer_, call.me) for answer_ in _find(file, one).replies]
            return answer({"kind": "drive#replyList", "replies": found}), ""
        case "POST", [one, "replies"]:
            return _answer(call, file, _find(file, one)), ""
        case "GET" | "PATCH" | "DELETE", [one, "replies", identifier]:
            return _reply(call, _find(file, one), identifier), ""
        case _:
            raise Refusal(404, "The requested URL was not found on this server.")


def _find(file: File, identifier: str) -> Comment:
    for one in file.comments:
        if one.id == identifier:
            return one
    raise Refusal(404, f"Comment not found: {identifier}.", "notFound")


def _list(call: Call, file: File) -> Response:
    call.need(DRIVE, READONLY, FILE)
    needs_fields(call)
    deleted = call.one("includeDeleted") == "true"
    since = call.one("startModifiedTime")
    start = datetime.fromisoformat(since) if since else None
    rows = [
        comment(call.store, one, call.me, deleted=deleted)
        for one in sorted(file.comments, key=lambda one: one.modified, reverse=True)
        if (deleted or not one.deleted) and (start is None or one.modified >= start)
    ]
    page, token = call.page(rows, 20, 100)
    body: dict[str, Any] = {"kind": "drive#commentList", "comments": page}
    return answer(body | ({"nextPageToken": token} if token else {}))


def _text(call: Call, *, needed: bool = True) -> str:
    text = str(call.body.get("content", ""))
    if needed and not text.strip():
        raise Refusal(400, "Required field content is missing.", "required")
    return text


def _create(call: Call, file: File) -> Response:
    call.need(DRIVE, FILE)
    needs_fields(call)
    call.at_least(file, "commenter")
    made = Comment(
        call.store.fresh("AAAADemo"), call.me, call.store.now(), _text(call),
        str((call.body.get("quotedFileContent") or {}).get("value", "")),
        str(call.body.get("anchor", "")),
    )  # fmt: skip
    file.comments.append(made)
    call.store.changed(file)
    return answer(comment(call.store, made, call.me))


def _mine(call: Call, by: str) -> None:
    if by != call.me:
        raise Refusal(
            403, "The user does not have sufficient permissions for this file.",
            "insufficientFilePermissions",
        )  # fmt: skip


def _one(call: Call, file: File, one: Comment) -> Response:
    if call.method == "GET":
        call.need(DRIVE, READONLY, FILE)
        needs_fields(call)
        if one.deleted and call.one("includeDeleted") != "true":
            raise Refusal(404, f"Comment not found: {one.id}.", "notFound")
        return answer(comment(call.store, one, call.me))
    call.need(DRIVE, FILE)
    if call.method == "DELETE":
        if file.owner != call.me:
            _mine(call, one.by)
        one.deleted, one.changed = True, call.store.now()
        return answer(None)
    needs_fields(call)
    _mine(call, one.by)
    one.content, one.changed = _text(call), call.store.now()
    return answer(comment(call.store, one, call.me))


def _answer(call: Call, file: File, one: Comment) -> Response:
    call.need(DRIVE, FILE)
    call.at_least(file, "commenter")
    action = str(call.body.get("action", ""))
    if action not in {"", "resolve", "reopen"}:
        raise Refusal(400, "Invalid value for action", "invalid")
    text = _text(call, needed=not action)
    made = Reply(call.store.fresh("AAABDemo"), call.me, call.store.now(), text, action)
    one.replies.append(made)
    one.resolved = {"resolve": True, "reopen": False}.get(action, one.resolved)
    call.store.changed(file)
    return answer(reply(call.store, made, call.me))


def _reply(call: Call, one: Comment, identifier: str) -> Response:
    for found in one.replies:
        if found.id == identifier and not found.deleted:
            break
    else:
        raise Refusal(404, f"Reply not found: {identifier}.", "notFound")
    if call.method == "GET":
        call.need(DRIVE, READONLY, FILE)
        return answer(reply(call.store, found, call.me))
    call.need(DRIVE, FILE)
    _mine(call, found.by)
    found.changed = call.store.now()
    if call.method == "DELETE":
        found.deleted = True
        return answer(None)
    found.content = _text(call)
    return answer(reply(call.store, found, call.me))


def copy_open(source: File, made: File, store: Store) -> None:
    """Take the open comments of a file over to its copy."""
    for one in source.comments:
        if not one.resolved and not one.deleted:
            copied = deepcopy(one)
            copied.id = store.fresh("AAAADemo")
            made.comments.append(copied)
