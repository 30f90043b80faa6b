"""Changing many messages at once: labels, archive, star, trash.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/batchModify
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, GoogleError, NotFoundError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.mailbox import MESSAGES, THREADS, Labels
from workspace_mcp.tools import Effect, Tier, View, tool

MOST: Final = 1_000
_LISTED: Final = 10
Action = Literal[
    "archive", "inbox", "read", "unread", "star", "unstar", "important", "unimportant", "spam",
    "not_spam", "trash", "untrash",
]  # fmt: skip
_ACTIONS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "archive": ((), ("INBOX",)),
    "inbox": (("INBOX",), ()),
    "read": ((), ("UNREAD",)),
    "unread": (("UNREAD",), ()),
    "star": (("STARRED",), ()),
    "unstar": ((), ("STARRED",)),
    "important": (("IMPORTANT",), ()),
    "unimportant": ((), ("IMPORTANT",)),
    "spam": (("SPAM",), ("INBOX",)),
    "not_spam": (("INBOX",), ("SPAM",)),
    "trash": (("TRASH",), ("INBOX", "SPAM")),
    "untrash": ((), ("TRASH",)),
}
"""Action → labels to add, labels to remove."""


@dataclass(frozen=True, slots=True)
class Item:
    """One id that was given, with its messages and their labels."""

    id: str
    messages: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """Labels to add and to remove, by id."""

    add: frozenset[str]
    remove: frozenset[str]

    def after(self, labels: frozenset[str]) -> frozenset[str]:
        """What `labels` become."""
        return (labels - self.remove) | self.add


@dataclass(frozen=True, slots=True)
class Modified(View):
    """What changed, before → after, or would."""

    items: Sequence[Item]
    change: Change
    labels: Labels
    missing: Sequence[str]
    dry_run: bool

    def text(self, fence: Fence) -> str:
        """A line of counts, then each item while they are few."""
        touched = [item for item in self.items if self._changes(item)]
        messages = sum(
            self.change.after(labels) != labels
            for item in touched
            for labels in item.messages.values()
        )
        verb = "Would change" if self.dry_run else "Changed"
        lines = [f"{verb} {show.count(messages, 'message')}: {self._change(fence)}."]
        if same := len(self.items) - len(touched):
            lines.append(f"{same} of {len(self.items)} were that way already.")
        if len(touched) <= _LISTED:
            lines += [self._item(item, fence) for item in touched]
        if self.missing:
            lines.append(f"Not found: {', '.join(self.missing[:_LISTED])}" + self._more())
        if self.dry_run:
            lines.append("Nothing was changed: dry_run.")
        return "\n".join(lines)

    def _more(self) -> str:
        more = len(self.missing) - _LISTED
        return f" and {more} more." if more > 0 else "."

    def _changes(self, item: Item) -> bool:
        return any(self.change.after(labels) != labels for labels in item.messages.values())

    def _names(self, ids: frozenset[str], fence: Fence) -> list[str]:
        return sorted(fence.line(self.labels.name(one), 60) for one in ids)

    def _change(self, fence: Fence) -> str:
        parts = [f"+{name}" for name in self._names(self.change.add, fence)]
        return ", ".join(parts + [f"-{name}" for name in self._names(self.change.remove, fence)])

    def _item(self, item: Item, fence: Fence) -> str:
        before = frozenset[str]().union(*item.messages.values())
        after = frozenset[str]().union(*map(self.change.after, item.messages.values()))
        names = [", ".join(self._names(labels, fence)) or "no labels" for labels in (before, after)]
        count = f" ({len(item.messages)} messages)" if len(item.messages) > 1 else ""
        return f"[{item.id}]{count}: {names[0]} -> {names[1]}"


@tool(
    title="Change mail",
    needs=[Scope.GMAIL_MODIFY],
    effect=Effect.WRITES,
    tier=Tier.CORE,
    level="organize",
)
async def gmail_modify(
    google: Google,
    ids: Annotated[list[str] | None, Field(description="Messages or threads, <= 1000.")] = None,
    query: Annotated[str | None, Field(description="Instead of ids, with expect.")] = None,
    expect: Annotated[int | None, Field(description="How many it matched.")] = None,
    action: Action | None = None,
    add: Annotated[list[str] | None, Field(description="Labels by name.")] = None,
    remove: list[str] | None = None,
    dry_run: bool = False,
) -> View:
    """Archive, mark, star, label, trash or restore mail."""
    if (ids is None) == (query is None):
        raise ArgumentError("Give either ids or query.", "ids come from gmail_search.")
    labels = await Labels.fetch(google)
    change = _change(labels, action, add or (), remove or ())
    if query is not None:
        items, lost = await _matching(google, query, expect), list[str]()
    else:
        items, lost = await _named(google, list(dict.fromkeys(ids or ())))
    if not items:
        raise NotFoundError("None of these ids exists.", "Search again: ids go stale.")
    if not dry_run:
        await _apply(google, items, change)
    return Modified(items, change, labels, lost, dry_run)


def _change(
    labels: Labels, action: str | None, add: Sequence[str], remove: Sequence[str]
) -> Change:
    plus, minus = _ACTIONS[action] if action else ((), ())
    change = Change(frozenset((*plus, *labels.ids(add))), frozenset((*minus, *labels.ids(remove))))
    if not change.add | change.remove:
        raise ArgumentError("There is nothing to change.", "Give action, add or remove.")
    if both := change.add & change.remove:
        name = labels.name(min(both))
        raise ArgumentError(f"{name} is to be added and removed at once.")
    return change


async def _named(google: Google, ids: Sequence[str]) -> tuple[list[Item], list[str]]:
    """What the ids mean, and those that mean nothing. A thread has the id of its first message."""
    if not 1 <= len(ids) <= MOST:
        raise ArgumentError(f"{len(ids)} ids were given; 1 to {MOST} can be.")
    query = {"format": "minimal", "fields": "id,threadId,labelIds"}
    found = await google.get_many([MESSAGES.item(one) for one in ids], **query)
    threads = [
        one
        for one, answer in zip(ids, found, strict=True)
        if isinstance(answer, GoogleError) or answer["threadId"] == one
    ]
    opened = await google.get_many(
        [THREADS.item(one) for one in threads], format="minimal", fields="id,messages(id,labelIds)"
    )
    known: dict[str, Item] = {}
    for one, answer in zip(ids, found, strict=True):
        if not isinstance(answer, GoogleError):
            known[one] = Item(one, {one: _labels(answer)})
    for one, answer in zip(threads, opened, strict=True):
        if not isinstance(answer, GoogleError):
            known[one] = Item(one, {m["id"]: _labels(m) for m in answer["messages"]})
    lost = [one for one in ids if one not in known]
    refused = [
        answer
        for answer in found
        if isinstance(answer, GoogleError) and answer.status not in {400, 404}
    ]
    if refused:
        raise refused[0]
    return list(known.values()), lost


def _labels(message: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(message.get("labelIds", ()))


async def _matching(google: Google, query: str, expect: int | None) -> list[Item]:
    """What a query matches, when that is as many as expected."""
    found = [
        message
        async for message in google.pages(
            MESSAGES, "messages", most=MOST + 1, q=query, maxResults=500,
            fields="messages(id,threadId),nextPageToken",
        )
    ]  # fmt: skip
    threads = {message["threadId"] for message in found}
    many = f"{len(found)} messages in {len(threads)} threads"
    if len(found) > MOST:
        raise ArgumentError(
            f"The query matches more than {MOST} messages.", "Narrow it, or go in steps."
        )
    if expect is None or expect not in {len(found), len(threads)}:
        said = "no expect was given" if expect is None else f"expect={expect} was given"
        raise ArgumentError(
            f"The query matches {many}; {said}. Nothing was changed.",
            "Look at them with gmail_search, then give expect as one of these two numbers.",
        )
    if not found:
        raise NotFoundError("The query matches no message.")
    answers = await google.get_many(
        [MESSAGES.item(message["id"]) for message in found], format="minimal", fields="id,labelIds"
    )
    return [
        Item(one["id"], {one["id"]: _labels(one)})
        for one in answers
        if not isinstance(one, GoogleError)
    ]


async def _apply(google: Google, items: Sequence[Item], change: Change) -> None:
    """One request for up to a thousand messages; sending it twice does no harm."""
    ids = [
        message
        for item in items
        for message, labels in item.messages.items()
        if change.after(labels) != labels
    ]
    body = {"addLabelIds": sorted(change.add), "removeLabelIds": sorted(change.remove)}
    for start in range(0, len(ids), MOST):
        await google.post(
            MESSAGES.sub("batchModify"), {"ids": ids[start : start + MOST], **body}, safe=True
        )
