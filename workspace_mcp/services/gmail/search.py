"""Searching mail.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import GoogleError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.lookalike import NOBODY, Familiar
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.known import known
from workspace_mcp.services.gmail.mailbox import MESSAGES, Labels
from workspace_mcp.services.gmail.query import fit_for_google, includes_spam_and_trash
from workspace_mcp.services.gmail.summary import Room, Summary, fitting
from workspace_mcp.tools import Clock, Done, Effect, JsonObject, Tier, View, tool

_LISTINGS: Final = 3
"""Lists at 5 units each that one search may ask for, to fill its lines with threads."""
_COUNTED: Final = 5_000
_PAGE: Final = 500
_BYTES: Final = 9_900
_LINE: Final = 450
_INBOX: Final = frozenset({"INBOX"})


@dataclass(frozen=True, slots=True)
class Hits:
    """Message ids by thread, newest first, and where Google's list goes on."""

    threads: Mapping[str, Sequence[str]]
    next_page: str | None

    @property
    def messages(self) -> int:
        """How many messages there are."""
        return sum(map(len, self.threads.values()))


@dataclass(frozen=True, slots=True)
class Line:
    """A summary with the id to show and how many messages stand for it."""

    summary: Summary
    shown_id: str
    messages: int = 1


@dataclass(frozen=True, slots=True)
class SearchResult(View):
    """A page of search results. `lost` counts messages that vanished while they were read."""

    query: str
    kind: str
    lines: Sequence[Line]
    labels: Labels
    zone: tzinfo
    next_page: str | None
    lost: int = 0
    familiar: Familiar = NOBODY

    def text(self, fence: Fence) -> str:
        """A line of our own, then two for each hit, then how to go on."""
        return fitting(lambda room: self._text(fence, room), max(_BYTES, _LINE * len(self.lines)))

    def _text(self, fence: Fence, room: Room) -> str:
        everywhere = all("INBOX" in line.summary.labels for line in self.lines)
        shown = [
            line.summary.text(
                fence,
                self.zone,
                self.labels,
                shown_id=line.shown_id,
                messages=line.messages,
                room=room,
                unsaid=_INBOX if everywhere else frozenset(),
                familiar=self.familiar,
            )
            for line in self.lines
        ]
        noun = self.kind if len(shown) == 1 else f"{self.kind}s"
        parts = [f"{len(shown)} {noun}, newest first (* unread; [{self.kind} id])", *shown]
        if self.lost:
            parts.append(f"{self.lost} more could not be read: deleted a moment ago.")
        if self.next_page:
            parts.append(f'More match: page="{self.next_page}" continues.')
        return "\n".join(parts)


@tool(
    title="Search mail",
    needs=[Scope.GMAIL_READONLY],
    effect=Effect.READS,
    tier=Tier.CORE,
)
async def gmail_search(
    google: Google,
    clock: Clock,
    query: Annotated[str, Field(description="As in Gmail's search box; empty: inbox.")] = "",
    by: Literal["thread", "message"] = "thread",
    max: Annotated[int, Field(ge=1, le=100)] = 20,
    page: str | None = None,
    count_only: bool = False,
) -> View:
    """Find mail, newest first.

    Spam and trash only with in:anywhere.
    """
    sent = fit_for_google(query, clock.zone)
    if count_only:
        return Done(await _count(google, sent, query))
    hits = await _find(google, sent, by, max, page)
    if not hits.threads:
        return Done(_nothing(query, page, sent))
    return await _result(google, clock, hits, by, query)


async def _result(
    google: Google, clock: Clock, hits: Hits, by: Literal["thread", "message"], query: str
) -> SearchResult:
    memory = known(google)
    newest = {ids[0]: (thread, len(ids)) for thread, ids in hits.threads.items()}
    found = await memory.summaries(google, list(newest))
    lines = [
        Line(summary, *(newest[summary.id] if by == "thread" else (summary.id, 1)))
        for summary in found
        if not isinstance(summary, GoogleError)
    ]
    if not lines:
        raise next(error for error in found if isinstance(error, GoogleError))
    labels = await memory.labels(
        google, chain.from_iterable(line.summary.labels for line in lines), clock.now()
    )
    senders = [line.summary.sender.address for line in lines]
    familiar = await memory.familiar(google, senders, clock.now())
    return SearchResult(
        query, by, lines, labels, clock.zone, hits.next_page, lost=len(found) - len(lines),
        familiar=familiar,
    )  # fmt: skip


async def _find(
    google: Google, query: str, by: Literal["thread", "message"], most: int, page: str | None
) -> Hits:
    """Up to `most` threads (or messages, each then a "thread" of its own)."""
    threads: dict[str, list[str]] = {}
    for _ in range(_LISTINGS):
        answer = await _list(google, query, most - len(threads), page)
        for message in answer.get("messages", ()):
            key = message["threadId"] if by == "thread" else message["id"]
            threads.setdefault(key, []).append(message["id"])
        page = answer.get("nextPageToken")
        if page is None or len(threads) >= most:
            break
    return Hits(threads, page)


async def _list(google: Google, query: str, most: int, page: str | None) -> JsonObject:
    return await google.get(
        MESSAGES, q=query, maxResults=most, pageToken=page,
        includeSpamTrash=True if includes_spam_and_trash(query) else None,
        fields="messages(id,threadId),nextPageToken",
    )  # fmt: skip


async def _count(google: Google, sent: str, query: str) -> str:
    threads: set[str] = set()
    messages = 0
    async for message in google.pages(
        MESSAGES, "messages", most=_COUNTED, q=sent, maxResults=_PAGE,
        includeSpamTrash=True if includes_spam_and_trash(sent) else None,
        fields="messages(id,threadId),nextPageToken",
    ):  # fmt: skip
        threads.add(message["threadId"])
        messages += 1
    if not messages:
        return _nothing(query, None, sent)
    least = "At least " if messages >= _COUNTED else ""
    return f"{least}{messages:,} messages in {len(threads):,} threads match {_shown(query, sent)}."


def _nothing(query: str, page: str | None, sent: str) -> str:
    if page:
        return f"No more mail matches {_shown(query, sent)}."
    hint = "" if includes_spam_and_trash(sent) else "\nSpam and trash: in:anywhere."
    return f"No mail matches {_shown(query, sent)}.{hint}"


def _shown(query: str, sent: str) -> str:
    return clean_line(query)[:200] or sent
