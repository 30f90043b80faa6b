"""Sending mail.

Source: developers.google.com/workspace/gmail/api/guides/sending
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from workspace_mcp.errors import ArgumentError, ConflictError, MissingScopeError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.consent import Consent
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.asking import sending, sending_draft
from workspace_mcp.services.gmail.compose import Wish, compose
from workspace_mcp.services.gmail.delivery import Delivered, deliver, may_draft, send_draft
from workspace_mcp.services.gmail.drafts import People, found
from workspace_mcp.services.gmail.envelope import Envelope
from workspace_mcp.services.gmail.mailbox import DRAFTS
from workspace_mcp.services.gmail.repeats import sent_log
from workspace_mcp.tools import Accounts, Clock, Effect, Tier, View, tool


@dataclass(frozen=True, slots=True)
class Sent(View):
    """A message that left."""

    delivered: Delivered
    envelope: Envelope
    notes: tuple[str, ...] = ()

    def text(self, fence: Fence) -> str:
        """That it went, its ids, and to whom, as its bytes say."""
        return "\n".join(self._lines(fence))

    def _lines(self, fence: Fence) -> Iterator[str]:
        went = self.delivered
        ids = f" Message [{went.message_id}], thread [{went.thread_id}]." if went.message_id else ""
        yield f"Sent.{ids}"
        if went.note:
            yield went.note
        yield from self.envelope.lines(fence)
        yield from self.notes


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
    consent: Consent,
    draft_id: str | None = None,
    reply_to: str | None = None,
    reply_all: bool = False,
    forward: str | None = None,
    to: People = None,
    cc: People = None,
    bcc: People = None,
    subject: str | None = None,
    body: str | None = None,
    attach: list[str] | None = None,
    from_: str | None = None,
    again: Annotated[bool, Field(description="Repeat on purpose.")] = False,
) -> View:
    """Send a draft, or write (fields as in gmail_draft) and send."""
    granted = accounts.granted(google.account)
    wish = Wish(None, reply_to, reply_all, forward, to, cc, bcc, subject, body, attach, from_)
    if draft_id:
        if wish.says_something:
            raise ArgumentError(
                "draft_id goes alone: a draft is sent as it is.", "Change it with gmail_draft."
            )
        return await _draft(google, consent, draft_id, granted)
    wish.check()
    letter = await compose(google, files, clock.zone, wish)
    envelope = Envelope.of(letter.built)
    if not envelope.recipients:
        raise ArgumentError("There is nobody to send to.", "Give to, cc or bcc, or reply_to.")
    log = sent_log(google)
    log.check(letter, clock.now(), again=again)
    await consent(sending(letter, envelope))
    with log.once(letter, clock.now(), again=again):
        delivered = await deliver(google, letter, granted, clock.now())
    return Sent(delivered, envelope, tuple(letter.notes))


async def _draft(google: Google, consent: Consent, draft_id: str, granted: frozenset[str]) -> Sent:
    """Send a draft that was written before."""
    if not may_draft(granted):
        raise MissingScopeError(google.account, "gmail", [Scope.GMAIL_COMPOSE])
    draft = await found(google, draft_id)
    envelope = Envelope.from_api(draft["message"]["payload"])
    if not envelope.recipients:
        raise ArgumentError(
            "The draft has no recipients.", f'gmail_draft draft_id="{draft["id"]}" to=… adds them.'
        )
    await consent(sending_draft(draft, envelope))
    now = await google.get(DRAFTS.item(draft["id"]), format="minimal", fields="message(id)")
    if now.get("message", {}).get("id") != draft["message"]["id"]:
        raise ConflictError("The draft was changed meanwhile. Nothing was sent.", "Send it again.")
    return Sent(await send_draft(google, draft["id"]), envelope)
