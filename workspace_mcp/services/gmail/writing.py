"""Drafts and sending: a message leaves at most once, whatever happens to the answers.

A message is kept as a draft first and the draft is sent once; when the answer to that is lost, the
draft itself tells whether it went.

Source: developers.google.com/workspace/gmail/api/guides/drafts
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final
from weakref import WeakKeyDictionary

import anyio
from pydantic import Field

from workspace_mcp.errors import ArgumentError, NotFoundError, OutcomeUnknownError, WorkspaceError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource, collection
from workspace_mcp.scopes import Scope, missing
from workspace_mcp.services.gmail.compose import Letter, Wish, compose
from workspace_mcp.services.gmail.mailbox import DRAFTS, MESSAGES
from workspace_mcp.tools import Accounts, Clock, Effect, JsonObject, Tier, View, tool

_UPLOAD: Final = collection("https://gmail.googleapis.com/upload/gmail/v1/users/me/drafts")
_UPLOAD_SEND: Final = collection(
    "https://gmail.googleapis.com/upload/gmail/v1/users/me/messages/send"
)
_LARGE: Final = 3 << 20
"""Bytes from which a message goes as media instead of base64 in JSON."""
_AGAIN: Final = timedelta(minutes=10)
_LOOK_AGAIN: Final = 2.0
_SHOWN: Final = 1_500


@dataclass(frozen=True, slots=True)
class Saved(View):
    """A draft as it stands in Gmail now."""

    draft_id: str
    thread_id: str
    letter: Letter

    def text(self, fence: Fence) -> str:
        """Id, headers, the start of the text, and how to send it."""
        thread = f" in thread [{self.thread_id}]" if self.letter.thread_id else ""
        own = show.piece(self.letter.own_text, 0, _SHOWN)
        more = f"\n[{own.left:,} more characters]" if own.end is not None else ""
        return "\n".join(
            (
                f"Draft [{self.draft_id}] saved{thread}. Nothing was sent.",
                *headers(self.letter, fence),
                fence.block("draft text", own.text) + more,
                f'gmail_send draft_id="{self.draft_id}" sends it.',
            )
        )


@dataclass(frozen=True, slots=True)
class Sent(View):
    """A message that left."""

    message_id: str
    thread_id: str
    recipients: Sequence[str]
    letter: Letter | None = None
    note: str = ""

    def text(self, fence: Fence) -> str:
        """To whom it went, and its ids."""
        lines = [f"Sent. Message [{self.message_id}], thread [{self.thread_id}]."]
        if self.letter is not None:
            lines += headers(self.letter, fence)
        else:
            lines.append(f"To: {', '.join(fence.line(one) for one in self.recipients)}")
        return "\n".join([*lines, self.note] if self.note else lines)


def headers(letter: Letter, fence: Fence) -> list[str]:
    """From, To, Cc, Bcc, subject and attachments, read back from the finished bytes."""
    built = letter.built
    lines = [f"From: {fence.line(letter.sender)}"]
    for name, people in (("To", built.to), ("Cc", built.cc), ("Bcc", built.bcc)):
        if people:
            lines.append(f"{name}: {', '.join(fence.line(str(one)) for one in people)}")
    lines.append(f'Subject: "{fence.line(built.subject)}"')
    if built.attachments:
        files = (
            f"{fence.line(name, 80)} ({show.size(count)})" for name, count in built.attachments
        )
        lines.append(f"Attachments: {', '.join(files)}")
    return lines


@tool(
    title="Write a draft",
    needs=[Scope.GMAIL_COMPOSE],
    effect=Effect.WRITES,
    tier=Tier.CORE,
    level="drafts",
)
async def gmail_draft(
    google: Google,
    files: LocalFiles,
    clock: Clock,
    draft_id: Annotated[str | None, Field(description="Change given fields of it.")] = None,
    reply_to: Annotated[str | None, Field(description="Message or thread to answer.")] = None,
    reply_all: bool = False,
    forward: Annotated[str | None, Field(description="Message to pass on.")] = None,
    to: Annotated[list[str] | None, Field(description="a@b.c or Name <a@b.c>")] = None,
    cc: list[str] | None = None,
    bcc: list[str] | None = None,
    subject: str | None = None,
    body: Annotated[str | None, Field(description="Markdown.")] = None,
    attach: Annotated[list[str] | None, Field(description="Local paths.")] = None,
    from_: Annotated[str | None, Field(description="Send-as address.")] = None,
    signature: bool = True,
) -> View:
    """Write or change a draft. Replies set recipients, thread, subject and quote themselves."""
    wish = Wish(
        draft_id, reply_to, reply_all, forward, to, cc, bcc, subject, body, attach, from_, signature
    )
    letter = await compose(google, files, clock.zone, wish)
    answer = await _save(google, letter, draft_id)
    return Saved(answer["id"], answer["message"]["threadId"], letter)


@tool(
    title="Send mail",
    needs=[Scope.GMAIL_SEND],
    effect=Effect.LEAVES,
    tier=Tier.CORE,
    level="send",
)
async def gmail_send(
    google: Google,
    files: LocalFiles,
    clock: Clock,
    accounts: Accounts,
    draft_id: str | None = None,
    reply_to: str | None = None,
    reply_all: bool = False,
    forward: str | None = None,
    to: list[str] | None = None,
    cc: list[str] | None = None,
    bcc: list[str] | None = None,
    subject: str | None = None,
    body: str | None = None,
    attach: list[str] | None = None,
    from_: str | None = None,
    again: Annotated[bool, Field(description="Repeat on purpose.")] = False,
) -> View:
    """Send a draft as it is, or write (fields as in gmail_draft) and send in one step."""
    log = _sent_before(google)
    if draft_id:
        if any(
            one is not None
            for one in (reply_to, forward, to, cc, bcc, subject, body, attach, from_)
        ):
            raise ArgumentError(
                "draft_id goes alone: a draft is sent as it is.",
                "Change it with gmail_draft first.",
            )
        return await _send_draft(google, draft_id)
    wish = Wish(None, reply_to, reply_all, forward, to, cc, bcc, subject, body, attach, from_)
    letter = await compose(google, files, clock.zone, wish)
    if not letter.built.recipients:
        raise ArgumentError("There is nobody to send to.", "Give to, or reply_to.")
    log.check(letter, clock.now(), again=again)
    sent = await _once(google, letter, may_draft=_may_draft(accounts, google.account))
    log.note(letter, clock.now())
    return sent


def _may_draft(accounts: Accounts, account: str) -> bool:
    """Whether drafts are allowed; unless the credential says otherwise, they are."""
    granted = next(
        (one.granted for one in accounts.list() if one.email == account), frozenset[str]()
    )
    return not granted or not missing([Scope.GMAIL_COMPOSE], granted)


async def _once(google: Google, letter: Letter, *, may_draft: bool) -> Sent:
    """Send `letter`, which was never sent."""
    if not may_draft:
        answer = await _post(google, letter, MESSAGES.sub("send"), _UPLOAD_SEND, bare=True)
        return Sent(answer["id"], answer["threadId"], (), letter)
    try:
        draft = await _save(google, letter, None)
    except OutcomeUnknownError as error:
        raise OutcomeUnknownError(
            "Nothing was sent: the connection broke while the message was being saved as a draft.",
            "A draft of it may be there: look with gmail_search query=in:drafts, then send that one.",
        ) from error
    answer = await _send(google, draft["id"])
    return Sent(answer["id"], answer["threadId"], (), letter, str(answer.get("note", "")))


async def _send_draft(google: Google, draft_id: str) -> Sent:
    """Send a draft that was written before."""
    draft = await google.get(DRAFTS.item(draft_id), format="metadata")
    fields = draft["message"].get("payload", {}).get("headers", ())
    people = [
        one["value"]
        for one in fields
        if one["name"].lower() in {"to", "cc", "bcc"} and one["value"]
    ]
    if not people:
        raise ArgumentError(
            "The draft has no recipients.", "gmail_draft draft_id=… to=… adds them."
        )
    answer = await _send(google, draft_id)
    return Sent(answer["id"], answer["threadId"], people, None, str(answer.get("note", "")))


async def _send(google: Google, draft_id: str) -> JsonObject:
    """Send a draft once. When the answer is lost, the draft tells whether it went."""
    try:
        return await google.post(DRAFTS.sub("send"), {"id": draft_id})
    except OutcomeUnknownError as error:
        for wait in (0.0, _LOOK_AGAIN):
            await anyio.sleep(wait)
            if await _gone(google, draft_id):
                return {
                    "id": "?", "threadId": "?",
                    "note": "Google's answer was lost, and the draft is gone: it was sent, once. "
                    "gmail_search query=in:sent shows it.",
                }  # fmt: skip
        raise OutcomeUnknownError(
            f"Google's answer was lost. The draft [{draft_id}] is still there, so it was probably "
            "not sent.",
            f'Look with gmail_search query=in:sent. If it is not there: gmail_send draft_id="{draft_id}" '
            "sends it; the same draft cannot go twice.",
        ) from error


async def _gone(google: Google, draft_id: str) -> bool:
    try:
        await google.get(DRAFTS.item(draft_id), format="minimal")
    except NotFoundError:
        return True
    except WorkspaceError as error:
        raise OutcomeUnknownError(
            f"Google's answer was lost, and so was the look at the draft ({error.what}). It may have "
            "been sent.",
            f"Look with gmail_search query=in:sent before anything else; the draft is [{draft_id}].",
        ) from error
    return False


async def _save(google: Google, letter: Letter, draft_id: str | None) -> JsonObject:
    """Write a draft, or put another text into one."""
    if draft_id is None:
        return await _post(google, letter, DRAFTS, _UPLOAD)
    raw = base64.urlsafe_b64encode(letter.built.raw).decode()
    message: JsonObject = {"raw": raw} | (
        {"threadId": letter.thread_id} if letter.thread_id else {}
    )
    return await google.put(DRAFTS.item(draft_id), {"message": message})


async def _post(
    google: Google, letter: Letter, resource: Resource, upload: Resource, *, bare: bool = False
) -> JsonObject:
    thread = {"threadId": letter.thread_id} if letter.thread_id else {}
    if len(letter.built.raw) > _LARGE:
        metadata: JsonObject = thread if bare else {"message": thread}
        return await google.upload_bytes(upload, metadata, letter.built.raw, "message/rfc822")
    message: JsonObject = {"raw": base64.urlsafe_b64encode(letter.built.raw).decode(), **thread}
    return await google.post(resource, message if bare else {"message": message})


@dataclass(slots=True)
class SentLog:
    """What this process sent a moment ago, so that a repeat by mistake is noticed."""

    sent: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def check(self, letter: Letter, now: datetime, *, again: bool) -> None:
        """Raise when the same went to the same people within ten minutes."""
        before = self.sent.get(_mark(letter))
        if before is not None and now - before < _AGAIN and not again:
            raise ArgumentError(
                "The same text went to the same people within the last ten minutes.",
                "If it is to be sent once more, repeat the call with again=true.",
            )

    def note(self, letter: Letter, now: datetime) -> None:
        """Remember what was sent."""
        self.sent = {mark: at for mark, at in self.sent.items() if now - at < _AGAIN}
        self.sent[_mark(letter)] = now


def _mark(letter: Letter) -> str:
    built = letter.built
    parts = (*sorted(built.recipients), built.subject, letter.own_text, repr(built.attachments))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


_LOGS: Final[WeakKeyDictionary[Google, SentLog]] = WeakKeyDictionary()


def _sent_before(google: Google) -> SentLog:
    return _LOGS.setdefault(google, SentLog())
