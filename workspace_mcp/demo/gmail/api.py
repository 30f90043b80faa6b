"""Gmail's REST methods over a `Mailbox`: path and verb → answer.

Source: developers.google.com/workspace/gmail/api/reference/rest
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import unquote

from workspace_mcp.demo import uploads
from workspace_mcp.demo.gmail import labels, mime, settings
from workspace_mcp.demo.gmail.mailbox import Mailbox
from workspace_mcp.demo.gmail.query import Query, understand
from workspace_mcp.demo.gmail.records import Change, Mail
from workspace_mcp.demo.http import Refusal, Request, Response, answer
from workspace_mcp.demo.permission import need

MODIFY: Final = "https://www.googleapis.com/auth/gmail.modify"
FULL: Final = "https://mail.google.com/"
READ: Final = "https://www.googleapis.com/auth/gmail.readonly"
COMPOSE: Final = "https://www.googleapis.com/auth/gmail.compose"
SEND: Final = "https://www.googleapis.com/auth/gmail.send"
METADATA: Final = "https://www.googleapis.com/auth/gmail.metadata"
_READERS: Final = frozenset({FULL, MODIFY, READ})
_WRITERS: Final = frozenset({FULL, MODIFY})
_COMPOSERS: Final = frozenset({FULL, MODIFY, COMPOSE})


def handle(box: Mailbox, granted: frozenset[str], request: Request) -> Response:
    """The answer to a request below `/gmail/v1/users/{userId}/`.

    Raises:
        Refusal: Google's error for it.
    """
    user, *parts = _parts(request)
    if user not in {"me", box.email}:
        raise Refusal(403, f"Delegation denied for {box.email}", "forbidden")
    if request.one("uploadType") == "resumable":
        return box.uploads.step(request, partial(_answer, box, granted, parts))
    return _answer(box, granted, parts, request)


def _parts(request: Request) -> list[str]:
    path = re.sub(r"^/(resumable/)?(upload/)?gmail/v1/users/", "", request.path)
    return [unquote(part) for part in path.split("/")]


def _answer(box: Mailbox, granted: frozenset[str], parts: list[str], request: Request) -> Response:
    media = uploads.taken(request)
    call = _Call(box, granted, request, media)
    match parts:
        case ["profile"] if request.method == "GET":
            return call.profile()
        case ["history"] if request.method == "GET":
            return call.history()
        case ["messages", *rest]:
            return call.messages(rest)
        case ["threads", *rest]:
            return call.threads(rest)
        case ["drafts", *rest]:
            return call.drafts(rest)
        case ["labels", *rest]:
            reads = request.method == "GET"
            call.need((_READERS | {METADATA} if reads else _WRITERS) | {labels.SCOPE})
            return labels.handle(box, request, rest)
        case ["settings", *rest]:
            call.need(settings.scopes(request.method, rest))
            return settings.handle(box, request, rest)
        case _:
            raise Refusal(404, "Requested entity was not found.")


class _Call:
    """One request to one mailbox."""

    def __init__(
        self, box: Mailbox, granted: frozenset[str], request: Request, media: uploads.Upload | None
    ) -> None:
        self._box = box
        self._granted = granted
        self._request = request
        self._media = media
        self._body: Mapping[str, Any] = media.metadata if media is not None else request.json()

    def need(self, scopes: frozenset[str]) -> None:
        """Refuse unless one of `scopes` was granted."""
        need(self._granted, scopes, "gmail.googleapis.com")

    def profile(self) -> Response:
        self.need(_READERS | {COMPOSE, METADATA})
        threads = {mail.thread_id for mail in self._box.mails.values()}
        return answer(
            {
                "emailAddress": self._box.email,
                "messagesTotal": len(self._box.mails),
                "threadsTotal": len(threads),
                "historyId": str(self._box.history_id),
            }
        )

    # messages

    def messages(self, rest: list[str]) -> Response:
        match self._request.method, rest:
            case "GET", []:
                return self._list(self._matching(), "messages")
            case "GET", [identifier]:
                self.need(_READERS | {METADATA})
                return answer(self._full(self._box.find(identifier)))
            case "GET", [identifier, "attachments", attachment]:
                self.need(_READERS)
                data = self._box.attachment(self._box.find(identifier), attachment)
                return answer({"size": len(data), "data": mime.encode(data)})
            case "POST", ["send"]:
                self.need(_COMPOSERS | {SEND})
                mail = self._box.send(self._raw(self._body), self._body.get("threadId"))
                return answer(_slim(mail))
            case "POST", ["batchModify" | "batchDelete" as what]:
                return self._batch(what)
            case "POST", [identifier, "modify" | "trash" | "untrash" as what]:
                self.need(_WRITERS)
                mail = self._box.find(identifier)
                self._change([mail], what)
                return answer(_slim(mail))
            case "DELETE", [identifier]:
                self.need(frozenset({FULL}))
                self._box.remove(self._box.find(identifier))
                return answer(None)
            case _:
                raise Refusal(404, "Requested entity was not found.")

    def _matching(self) -> list[Mail]:
        self.need(_READERS | {METADATA})
        query = self._request.one("q")
        if query and not self._granted & _READERS:
            raise Refusal(403, "Metadata scope does not support 'q' parameter", "forbidden")
        found: Query = understand(query or "", self._box.now())
        wanted = set(self._request.many("labelIds"))
        hidden = (
            found.anywhere
            or self._request.one("includeSpamTrash") == "true"
            or bool(wanted & {"SPAM", "TRASH"})
        )
        return [
            mail
            for mail in self._box.newest_first()
            if (hidden or not mail.hidden)
            and wanted <= mail.labels
            and found.test(self._box.searchable(mail))
        ]

    def _list(self, mails: list[Mail], kind: str) -> Response:
        most = int(self._request.one("maxResults") or 100)
        if not 1 <= most <= 500:
            raise Refusal(400, "Invalid maxResults", "invalidArgument")
        rows = [{"id": mail.id, "threadId": mail.thread_id} for mail in mails]
        return answer(self._page(rows, kind, most))

    def _page(self, rows: list[dict[str, Any]], kind: str, most: int) -> dict[str, Any]:
        token = self._request.one("pageToken")
        if token is not None and not re.fullmatch(r"0[0-9]{19}", token):
            raise Refusal(400, "Invalid pageToken", "invalidArgument")
        start = int(token or 0)
        body: dict[str, Any] = {"resultSizeEstimate": len(rows)}
        if rows[start : start + most]:
            body[kind] = rows[start : start + most]
        if start + most < len(rows):
            body["nextPageToken"] = f"{start + most:020d}"
        return body

    def _full(self, mail: Mail, form: str | None = None) -> dict[str, Any]:
        form = form or self._request.one("format") or "full"
        if form in {"full", "raw"} and not self._granted & (_READERS | {COMPOSE}):
            raise Refusal(403, "Metadata scope doesn't allow format FULL", "forbidden")
        body = {
            **_slim(mail),
            "snippet": mime.snippet(mail.message),
            "historyId": str(mail.history_id),
            "internalDate": str(mail.at_ms),
            "sizeEstimate": len(mail.raw),
        }
        if form == "raw":
            body["raw"] = mime.encode(mail.raw)
        elif form == "metadata":
            body["payload"] = self._metadata(mail)
        elif form == "full":
            body["payload"] = mime.payload(
                mail.message, lambda part: self._box.attachment_id(mail, part)
            )
        elif form != "minimal":
            raise Refusal(400, "Invalid value for format", "invalidArgument")
        return body

    def _metadata(self, mail: Mail) -> dict[str, Any]:
        wanted = {name.lower() for name in self._request.many("metadataHeaders")}
        found = [
            one for one in mime.headers(mail.message) if not wanted or one["name"].lower() in wanted
        ]
        return {"mimeType": mail.message.get_content_type(), "headers": found}

    def _raw(self, message: Mapping[str, Any]) -> bytes:
        if self._media is not None:
            return self._media.data
        try:
            raw = mime.decode(str(message["raw"]))
        except (KeyError, ValueError):
            raise Refusal(
                400, "'raw' RFC822 payload message string or uploading message via /upload/* URL "
                "required", "invalidArgument",
            ) from None  # fmt: skip
        if not raw.strip():
            raise Refusal(400, "Empty message", "invalidArgument")
        return raw

    def _change(self, mails: list[Mail], what: str) -> None:
        if what == "modify":
            add = set(self._body.get("addLabelIds", ()))
            remove = set(self._body.get("removeLabelIds", ()))
            if not add | remove:
                raise Refusal(400, "No label add or removes specified", "invalidArgument")
        else:
            add = {"TRASH"} if what == "trash" else set[str]()
            remove = {"TRASH"} if what == "untrash" else set[str]()
        for mail in mails:
            if what in {"trash", "untrash"} or "DRAFT" not in mail.labels:
                self._box.relabel(mail, add, remove)

    def _batch(self, what: str) -> Response:
        self.need(_WRITERS if what == "batchModify" else frozenset({FULL}))
        ids = self._body.get("ids", [])
        if not 1 <= len(ids) <= 1000:
            raise Refusal(400, "Invalid number of ids", "invalidArgument")
        there = [self._box.mails[one] for one in ids if one in self._box.mails]
        if what == "batchDelete":
            for mail in there:
                self._box.remove(mail)
        else:
            self._change(there, "modify")
        return answer(None)

    # threads

    def threads(self, rest: list[str]) -> Response:
        match self._request.method, rest:
            case "GET", []:
                return self._thread_list()
            case "GET", [identifier]:
                self.need(_READERS | {METADATA})
                mails = self._box.thread(identifier)
                return answer(
                    {
                        "id": identifier,
                        "historyId": str(max(mail.history_id for mail in mails)),
                        "messages": [self._full(mail) for mail in mails],
                    }
                )
            case "POST", [identifier, "modify" | "trash" | "untrash" as what]:
                self.need(_WRITERS)
                mails = self._box.thread(identifier)
                self._change(mails, what)
                slim = [_slim(mail) for mail in mails]
                return answer({"id": identifier, "messages": slim})
            case "DELETE", [identifier]:
                self.need(frozenset({FULL}))
                for mail in self._box.thread(identifier):
                    self._box.remove(mail)
                return answer(None)
            case _:
                raise Refusal(404, "Requested entity was not found.")

    def _thread_list(self) -> Response:
        rows: dict[str, dict[str, Any]] = {}
        for mail in self._matching():
            row = {
                "id": mail.thread_id,
                "snippet": mime.snippet(mail.message),
                "historyId": str(mail.history_id),
            }
            rows.setdefault(mail.thread_id, row)
        most = int(self._request.one("maxResults") or 100)
        return answer(self._page(list(rows.values()), "threads", most))

    # drafts

    def drafts(self, rest: list[str]) -> Response:
        self.need(_COMPOSERS | ({READ} if self._request.method == "GET" else set()))
        box = self._box
        match self._request.method, rest:
            case "GET", []:
                rows = [
                    {"id": key, "message": {"id": mail, "threadId": box.mails[mail].thread_id}}
                    for key, mail in reversed(box.drafts.items())
                ]
                return answer(
                    self._page(rows, "drafts", int(self._request.one("maxResults") or 100))
                )
            case "GET", [identifier]:
                return answer({"id": identifier, "message": self._full(box.draft(identifier))})
            case "POST", []:
                message = self._body.get("message", {})
                key = box.new_draft(self._raw(message), message.get("threadId"))
                return answer({"id": key, "message": _slim(box.draft(key))})
            case "PUT", [identifier]:
                message = self._body.get("message", {})
                box.update_draft(identifier, self._raw(message), message.get("threadId"))
                return answer({"id": identifier, "message": _slim(box.draft(identifier))})
            case "POST", ["send"]:
                return answer(_slim(box.send_draft(str(self._body.get("id", "")))))
            case "DELETE", [identifier]:
                box.remove(box.draft(identifier))
                return answer(None)
            case _:
                raise Refusal(404, "Requested entity was not found.")

    # history

    def history(self) -> Response:
        self.need(_READERS | {METADATA})
        start = self._request.one("startHistoryId") or ""
        if not start.isdigit():
            raise Refusal(400, "Missing required startHistoryId", "invalidArgument")
        oldest = self._box.history[0].id if self._box.history else self._box.history_id + 1
        if int(start) < oldest - 1 or int(start) > self._box.history_id:
            raise Refusal(404, "Requested entity was not found.")
        kinds = {_KINDS[one] for one in self._request.many("historyTypes") if one in _KINDS}
        label = self._request.one("labelId")
        rows = [
            _row(change)
            for change in self._box.history
            if change.id > int(start)
            and (not kinds or change.kind in kinds)
            and (label is None or label in change.mail.labels)
        ]
        body = self._page(rows, "history", int(self._request.one("maxResults") or 100))
        del body["resultSizeEstimate"]
        return answer({**body, "historyId": str(self._box.history_id)})


_KINDS: Final = {
    "messageAdded": "messagesAdded", "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded", "labelRemoved": "labelsRemoved",
}  # fmt: skip


def _slim(mail: Mail) -> dict[str, Any]:
    return {"id": mail.id, "threadId": mail.thread_id, "labelIds": sorted(mail.labels)}


def _row(change: Change) -> dict[str, Any]:
    message = {"id": change.mail.id, "threadId": change.mail.thread_id}
    item: dict[str, Any] = {"message": {**message, "labelIds": sorted(change.mail.labels)}}
    if change.kind.startswith("labels"):
        item["labelIds"] = list(change.labels)
    return {"id": str(change.id), "messages": [message], change.kind: [item]}
