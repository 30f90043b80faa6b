"""Leaving mailing lists: who offers it, and doing it. Web pages are never opened."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, GoogleError, NetworkError, WorkspaceError
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.mime import Address, Outgoing, build
from workspace_mcp.google.client import Google
from workspace_mcp.one_click import OneClick
from workspace_mcp.policy.consent import Consent
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.asking import leaving
from workspace_mcp.services.gmail.known import known
from workspace_mcp.services.gmail.leaving import ADDRESS, Letter, WayOut
from workspace_mcp.services.gmail.mailbox import MESSAGES
from workspace_mcp.services.gmail.summary import Summary
from workspace_mcp.tools import Done, Effect, Tier, View, tool

_DAYS: Final = 90
_BULK: Final = (
    "{category:promotions category:updates category:forums category:social unsubscribe} "
    f"-in:sent newer_than:{_DAYS}d"
)
_ROUNDS: Final = 4
_A_ROUND: Final = 10
"""Messages a round, at 20 units each; each round looks only for senders not seen before."""
_NEWEST: Final = 5
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sender that can be left, and how much it sent (`most`: at least so much)."""

    newest: Summary
    way: WayOut
    messages: int
    most: bool

    def text(self, fence: Fence) -> str:
        """One line."""
        count = f"{self.messages}{'+' if self.most else ''}"
        return (
            f"{count:>4}  {self.newest.sender.text(fence)}  {self.way.text()}  [{self.newest.id}]"
        )


@dataclass(frozen=True, slots=True)
class Candidates(View):
    """Senders that offer to be left, the busiest first."""

    found: Sequence[Candidate]
    complete: bool

    def text(self, fence: Fence) -> str:
        """A line each, then how to leave one."""
        if not self.found:
            return f"No mail of the last {_DAYS} days offers to unsubscribe."
        lines = [f"Messages in {_DAYS} days, sender, way to leave, newest message:"]
        lines += [candidate.text(fence) for candidate in self.found]
        if not self.complete:
            lines.append("There may be more senders: leave some, then list again.")
        return "\n".join([*lines, "Leave one: gmail_unsubscribe(sender=ADDRESS)."])


@tool(
    title="Unsubscribe",
    needs=[Scope.GMAIL_READONLY],
    effect=Effect.LEAVES,
    tier=Tier.EXTENDED,
)
async def gmail_unsubscribe(
    google: Google,
    lists: OneClick,
    consent: Consent,
    sender: Annotated[str | None, Field(description="Address to leave.")] = None,
    message_id: str | None = None,
    also: Annotated[Literal["archive", "none"], Field(description="Its mail.")] = "none",
) -> View:
    """Leave a mailing list (RFC 8058 or mail); without arguments list candidates."""
    if sender is None and message_id is None:
        return await _candidates(google)
    if sender is not None and message_id is not None:
        raise ArgumentError("Give sender or message_id, not both.")
    summary, way = await _offer(google, sender, message_id)
    if "SPAM" in summary.labels:
        raise ArgumentError(
            "That mail is in spam. Unsubscribing tells a spammer that somebody reads it.",
            "Leave it there, or take it out of spam first.",
        )
    if way.one_click or way.letter is not None:
        await consent(leaving(summary.sender.address, way))
    said = await _leave(google, lists, way)
    if also == "archive":
        said += "\n" + await _archived(google, summary.sender.address)
    return Done(said)


async def _offer(
    google: Google, sender: str | None, message_id: str | None
) -> tuple[Summary, WayOut]:
    """The newest message that offers a way out, and that way."""
    ids = [message_id] if message_id is not None else await _from(google, sender or "")
    found = await known(google).summaries(google, ids)
    for one in found:
        if isinstance(one, GoogleError):
            if message_id is not None:
                raise one
        elif (way := WayOut.from_headers(one.headers)) is not None:
            return one, way
    raise ArgumentError(
        "That mail does not say how to unsubscribe."
        if message_id is not None
        else f"None of the newest {len(ids)} messages of that sender says how to unsubscribe.",
        "A filter can keep it out of the inbox: gmail_settings_set what=filter.",
    )


async def _from(google: Google, sender: str) -> list[str]:
    if not ADDRESS.fullmatch(sender.strip()):
        raise ArgumentError("sender is not an e-mail address.", "Give it as a search shows it.")
    answer = await google.get(
        MESSAGES, q=f"from:{sender.strip()}", maxResults=_NEWEST, fields="messages(id)"
    )
    ids = [message["id"] for message in answer.get("messages", ())]
    if not ids:
        raise ArgumentError("There is no mail of that sender.", "gmail_search finds senders.")
    return ids


async def _leave(google: Google, lists: OneClick, way: WayOut) -> str:
    """Use the best way; what happened, in our words."""
    trouble = ""
    if way.one_click:
        try:
            status = await lists.leave(way.one_click)
        except NetworkError as error:
            if way.letter is None:
                raise
            trouble = f"{error.what} "
        else:
            unsigned = "" if way.signed else " The mail's signature does not cover that link."
            if 200 <= status < 300:
                return f"Left by one click: {way.host} answered {status}.{unsigned}"
            trouble = f"{way.host} answered {status} to the one click. "
            if way.letter is None:
                raise NetworkError(
                    f"{way.host} answered {status} to the one click: you may still be on the list.",
                    "The user can use the link in the mail.",
                )
    if way.letter is not None:
        await _send(google, way.letter)
        return f'{trouble}Sent "{way.letter.subject}" to {way.letter.to}, which leaves the list.'
    raise ArgumentError(
        f"This list can only be left by hand, on a page of {way.web}; nothing was done.",
        "The user can use the link in the mail. This server opens no web pages.",
    )


async def _archived(google: Google, address: str) -> str:
    """Take the sender's mail out of the inbox; what happened, also when it failed."""
    if not ADDRESS.fullmatch(address):
        return "Its mail was not archived: the sender has no plain address."
    try:
        ids = [
            message["id"]
            async for message in google.pages(
                MESSAGES, "messages", most=1_000, q=f"from:{address} in:inbox", maxResults=_PAGE
            )
        ]
        if ids:
            await google.post(
                MESSAGES.sub("batchModify"), {"ids": ids, "removeLabelIds": ["INBOX"]}, safe=True
            )
    except WorkspaceError as error:  # the list is left all the same, and that must be said
        return f"Its mail was not archived: {error}"
    return f"Archived {len(ids)} of its messages."


async def _candidates(google: Google) -> Candidates:
    """Rounds of a few messages, each without the senders that are known by then."""
    seen: dict[str, tuple[Summary, WayOut | None]] = {}
    complete = False
    for _ in range(_ROUNDS):
        query = " ".join((_BULK, *(f"-from:{address}" for address in seen)))
        answer = await google.get(MESSAGES, q=query, maxResults=_A_ROUND, fields="messages(id)")
        ids = [message["id"] for message in answer.get("messages", ())]
        found = await known(google).summaries(google, ids) if ids else []
        before = len(seen)
        for one in found:
            if isinstance(one, Summary) and ADDRESS.fullmatch(one.sender.address):
                seen.setdefault(one.sender.address.lower(), (one, _way(one)))
        if len(ids) < _A_ROUND or len(seen) == before:
            complete = len(ids) < _A_ROUND
            break
    offers = [(summary, way) for summary, way in seen.values() if way is not None]
    counted = [await _counted(google, summary, way) for summary, way in offers]
    return Candidates(sorted(counted, key=lambda one: -one.messages), complete)


def _way(summary: Summary) -> WayOut | None:
    return WayOut.from_headers(summary.headers)


async def _counted(google: Google, summary: Summary, way: WayOut) -> Candidate:
    answer = await google.get(
        MESSAGES, q=f"from:{summary.sender.address} newer_than:{_DAYS}d", maxResults=_PAGE,
        fields="messages(id),nextPageToken",
    )  # fmt: skip
    count = len(answer.get("messages", ()))
    return Candidate(summary, way, count, "nextPageToken" in answer)


async def _send(google: Google, letter: Letter) -> None:
    """Send the mail that leaves a list: once, whatever becomes of the answer."""
    sender = Address("", google.account)
    mail = build(
        Outgoing(sender, [Address("", letter.to)], subject=letter.subject, text=letter.body)
    )
    raw = base64.urlsafe_b64encode(mail.raw).decode()
    await google.post(MESSAGES.sub("send"), {"raw": raw})
