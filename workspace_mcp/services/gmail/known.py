"""Summaries that were fetched before, kept true by the mailbox's history.

Headers of a message never change, its labels do. Reading a message costs 20 units of the 6,000 a
minute, a look into the history 2: a repeated search costs a list and a look.

Source: developers.google.com/workspace/gmail/api/guides/sync, …/reference/quota
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

import anyio

from workspace_mcp.errors import GoogleError, NotFoundError
from workspace_mcp.formats.lookalike import Familiar
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.mailbox import HISTORY, MESSAGES, PROFILE, Labels
from workspace_mcp.services.gmail.summary import FIELDS, Summary, own_label

MOST: Final = 2_000
"""Summaries that are kept of one mailbox: about 3 MB."""

_HISTORY_PAGE: Final = 500
_LABELS_LAST: Final = timedelta(minutes=2)
_SENT: Final = 40
"""Sent messages whose recipients are looked at: 805 units, once in an hour in which it matters."""
_FAMILIAR_LAST: Final = timedelta(hours=1)


class Known:
    """What this process knows of one mailbox."""

    def __init__(self) -> None:
        self._summaries: OrderedDict[str, Summary] = OrderedDict()
        self._cursor = ""
        self._turn = anyio.Lock()
        self._labels: tuple[datetime, Labels] | None = None
        self._familiar: tuple[datetime, Familiar] | None = None

    async def summaries(self, google: Google, ids: Sequence[str]) -> list[Summary | GoogleError]:
        """A summary of each message, or why there is none, in order."""
        async with self._turn:
            await self._follow(google, ids)
            cursor = self._cursor
            found: dict[str, Summary | GoogleError] = {
                one: self._summaries[one] for one in ids if one in self._summaries
            }
        new = [one for one in dict.fromkeys(ids) if one not in found]
        answers = await google.get_many(
            [MESSAGES.item(one) for one in new], format="full", fields=FIELDS
        )
        fetched = {
            one: answer if isinstance(answer, GoogleError) else Summary.from_api(answer)
            for one, answer in zip(new, answers, strict=True)
        }
        if cursor == self._cursor:  # else labels may have changed since they were fetched
            self._keep(fetched)
        found |= fetched
        return [found[one] for one in ids]

    async def labels(self, google: Google, shown: Iterable[str], now: datetime) -> Labels:
        """Names for the label ids `shown`; asks Google only for the person's own."""
        own = set(filter(own_label, shown))
        if not own:
            return Labels({})
        kept = self._labels
        if kept is None or now - kept[0] > _LABELS_LAST or own - kept[1].names.keys():
            kept = self._labels = (now, await Labels.fetch(google))
        return kept[1]

    async def familiar(self, google: Google, senders: Iterable[str], now: datetime) -> Familiar:
        """Whom the person knows, as far as that bears on `senders`.

        Google is asked for what was sent lately only when one of them is of another organisation.
        """
        kept = self._familiar
        if kept is not None and now - kept[0] <= _FAMILIAR_LAST:
            return kept[1]
        own = Familiar.of([google.account])
        if all(map(own.knows, senders)):
            return own
        found = await self._correspondents(google)
        self._familiar = (now, found)
        return found

    async def _correspondents(self, google: Google) -> Familiar:
        """The account's own addresses, and those that it wrote to lately."""
        try:
            page = await google.get(
                MESSAGES, labelIds="SENT", maxResults=_SENT, fields="messages(id)"
            )
            ids = [str(one["id"]) for one in page.get("messages", ())]
            sent = await self.summaries(google, ids) if ids else []
        except GoogleError:  # a hint less: mail can be read without it
            sent = []
        mine = [one for one in sent if isinstance(one, Summary)]
        return Familiar.of(
            [google.account, *(one.sender.address for one in mine)],
            (person.address for one in mine for person in one.to),
        )

    def thread_of(self, identifier: str) -> str:
        """The thread that a message belongs to, when that is known; else ""."""
        summary = self._summaries.get(identifier)
        return summary.thread if summary else ""

    def threads(self) -> frozenset[str]:
        """The threads of which a message is kept."""
        return frozenset(summary.thread for summary in self._summaries.values())

    async def _follow(self, google: Google, ids: Sequence[str]) -> None:
        """Bring the kept summaries up to date, when any of them is wanted."""
        if not self._cursor:
            self._cursor = await _cursor_now(google)
        elif any(one in self._summaries for one in ids):
            try:
                await self._replay(google)
            except NotFoundError:  # older than the week or so that Google remembers
                self._summaries.clear()
                self._cursor = await _cursor_now(google)
        for one in ids:
            if one in self._summaries:
                self._summaries.move_to_end(one)

    async def _replay(self, google: Google) -> None:
        answer = await google.get(
            HISTORY, startHistoryId=self._cursor, maxResults=_HISTORY_PAGE,
            fields="history(labelsAdded(message/id,labelIds),labelsRemoved(message/id,labelIds),"
            "messagesDeleted(message/id)),historyId,nextPageToken",
        )  # fmt: skip
        if answer.get("nextPageToken"):  # so much happened that reading it all costs more
            self._summaries.clear()
            self._cursor = await _cursor_now(google)
            return
        for record in answer.get("history", ()):
            self._apply(record)
        self._cursor = answer.get("historyId", self._cursor)

    def _apply(self, record: Mapping[str, Any]) -> None:
        for change in record.get("labelsAdded", ()):
            self._relabel(change, added=True)
        for change in record.get("labelsRemoved", ()):
            self._relabel(change, added=False)
        for change in record.get("messagesDeleted", ()):
            self._summaries.pop(change["message"]["id"], None)

    def _relabel(self, change: Mapping[str, Any], *, added: bool) -> None:
        identifier = change["message"]["id"]
        if (kept := self._summaries.get(identifier)) is not None:
            changed = frozenset(change.get("labelIds", ()))
            labels = kept.labels | changed if added else kept.labels - changed
            self._summaries[identifier] = kept.with_labels(labels)

    def _keep(self, fetched: Mapping[str, Summary | GoogleError]) -> None:
        for one, summary in fetched.items():
            if isinstance(summary, Summary):
                self._summaries[one] = summary
        while len(self._summaries) > MOST:
            self._summaries.popitem(last=False)


async def _cursor_now(google: Google) -> str:
    return str((await google.get(PROFILE, fields="historyId"))["historyId"])


_KNOWN: WeakKeyDictionary[Google, Known] = WeakKeyDictionary()


def known(google: Google) -> Known:
    """What is known of the mailbox that `google` is signed in to."""
    return _KNOWN.setdefault(google, Known())
