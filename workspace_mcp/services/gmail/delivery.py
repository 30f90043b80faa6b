"""Sending at most once, whatever happens to Google's answers.

A message is kept as a draft first, and the draft is sent once. When the answer to that is lost, the
draft tells whether it went: a draft that was sent is gone, and sending it again cannot deliver it.

Source: developers.google.com/workspace/gmail/api/guides/drafts
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workspace_mcp.errors import (
    GoogleError,
    MissingScopeError,
    NotFoundError,
    OutcomeUnknownError,
    WorkspaceError,
)
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import collection
from workspace_mcp.scopes import Scope, missing
from workspace_mcp.services.gmail.compose import Letter
from workspace_mcp.services.gmail.drafts import posted, saved
from workspace_mcp.services.gmail.envelope import Envelope
from workspace_mcp.services.gmail.mailbox import DRAFTS, MESSAGES
from workspace_mcp.tools import JsonObject

UPLOAD_SEND: Final = collection(
    "https://gmail.googleapis.com/upload/gmail/v1/users/me/messages/send"
)
LOOK_AGAIN: Final = 2.0
"""Seconds between the two looks at what became of a message."""
_SKEW: Final = timedelta(minutes=1)
_LATEST: Final = 10


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that left. Ids are "" when Google's answer was lost; then `note` says so."""

    message_id: str
    thread_id: str
    note: str = ""


def may_draft(granted: frozenset[str]) -> bool:
    """Whether drafts are allowed; a credential that does not tell its scopes is tried."""
    return not granted or not missing([Scope.GMAIL_COMPOSE], granted)


async def deliver(
    google: Google, letter: Letter, granted: frozenset[str], now: datetime
) -> Delivered:
    """Send a message that was never sent.

    Raises:
        OutcomeUnknownError: the text says what is known, and where to look.
        WorkspaceError: it was not sent.
    """
    if may_draft(granted):
        try:
            draft = await saved(google, letter)
        except MissingScopeError:
            if granted:
                raise
        except OutcomeUnknownError as error:
            raise OutcomeUnknownError(
                "Nothing was sent: the connection broke while the message was saved as a draft.",
                "If gmail_search query=in:drafts shows it, send that draft with gmail_send draft_id; "
                "else repeat the call with again=true.",
            ) from error
        else:
            return await send_draft(google, draft["id"], fresh=True)
    return await _send_bare(google, letter, granted, now)


async def send_draft(google: Google, draft_id: str, *, fresh: bool = False) -> Delivered:
    """Send a draft once. `fresh`: it was made for this, so an error must name it.

    Raises:
        OutcomeUnknownError: the answer was lost, and the draft is still there or cannot be seen.
        WorkspaceError: it was not sent.
    """
    try:
        return _delivered(await google.post(DRAFTS.sub("send"), {"id": draft_id}))
    except OutcomeUnknownError as error:
        for seconds in (0.0, LOOK_AGAIN):
            await google.sender.sleep(seconds)
            if await _is_gone(google, draft_id):
                return Delivered(
                    "", "", "Google's answer was lost, and the draft is gone: it was sent, once. "
                    "gmail_search query=in:sent shows it.",
                )  # fmt: skip
        raise OutcomeUnknownError(
            f"Google's answer was lost. Draft [{draft_id}] is still there {LOOK_AGAIN:.0f} seconds "
            "later, so the message was most likely not sent.",
            "Look with gmail_search query=in:sent. If it is not there, gmail_send "
            f'draft_id="{draft_id}" sends it: that draft cannot go twice.',
        ) from error
    except WorkspaceError as error:
        if fresh:
            waits = f"Nothing was sent. The message waits as draft [{draft_id}]."
            error.remedy = f"{error.remedy}\n{waits}".strip()
        raise


async def _is_gone(google: Google, draft_id: str) -> bool:
    try:
        await google.get(DRAFTS.item(draft_id), format="minimal", fields="id")
    except NotFoundError:
        return True
    except WorkspaceError as error:
        raise OutcomeUnknownError(
            "Google's answer was lost, and the draft could not be looked at: the message may have "
            "been sent.",
            "Look with gmail_search query=in:sent before anything else. If it is not there, "
            f'gmail_send draft_id="{draft_id}" sends it: that draft cannot go twice.',
        ) from error
    return False


async def _send_bare(
    google: Google, letter: Letter, granted: frozenset[str], now: datetime
) -> Delivered:
    """Send without a draft, which is all that `gmail.send` alone allows."""
    try:
        answer = await posted(google, letter, MESSAGES.sub("send"), UPLOAD_SEND, draft=False)
        return _delivered(answer)
    except OutcomeUnknownError as error:
        if missing([Scope.GMAIL_READONLY], granted):
            raise OutcomeUnknownError(
                "Google's answer was lost: the message may have been sent, and this sign-in may "
                "not look.",
                "The user can look into Sent. again=true sends it once more, even if it went.",
            ) from error
        for seconds in (0.0, LOOK_AGAIN):
            await google.sender.sleep(seconds)
            if (found := await _among_sent(google, letter, now)) is not None:
                return found
        raise OutcomeUnknownError(
            "Google's answer was lost, and no such message is among the sent ones "
            f"{LOOK_AGAIN:.0f} seconds later: it was most likely not sent.",
            "Look again with gmail_search query=in:sent. again=true sends it, even if it went.",
        ) from error


async def _among_sent(google: Google, letter: Letter, now: datetime) -> Delivered | None:
    """The message among those sent just now, by its subject and its recipients."""
    meant = Envelope.of(letter.built)
    try:
        page = await google.get(MESSAGES, q="in:sent newer_than:1d", maxResults=_LATEST)
        found = await google.get_many(
            [MESSAGES.item(one["id"]) for one in page.get("messages", ())], format="metadata"
        )
    except WorkspaceError as error:
        raise OutcomeUnknownError(
            "Google's answer was lost, and so was the look at the sent messages: it may have gone.",
            "Look with gmail_search query=in:sent before anything else.",
        ) from error
    for one in found:
        if isinstance(one, GoogleError) or _older(one, now):
            continue
        seen = Envelope.from_api(one["payload"])
        if seen.recipients == meant.recipients and seen.subject == meant.subject:
            return Delivered(
                one["id"], one["threadId"], "Google's answer was lost; it is among the sent ones."
            )
    return None


def _older(message: JsonObject, now: datetime) -> bool:
    return int(message["internalDate"]) < (now - _SKEW).timestamp() * 1000


def _delivered(answer: JsonObject) -> Delivered:
    """Raises OutcomeUnknownError when the answer to a sending is not one."""
    return Delivered(str(answer.get("id", "")), str(answer.get("threadId", "")))
