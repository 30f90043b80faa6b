"""Which labels an action adds and removes, and what messages carry before and after. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.fence import Fence
from workspace_mcp.services.gmail.mailbox import Labels

Action = Literal[
    "archive", "inbox", "read", "unread", "star", "unstar", "important", "spam", "not_spam",
    "trash", "untrash",
]  # fmt: skip
_ACTIONS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "archive": ((), ("INBOX",)),
    "inbox": (("INBOX",), ()),
    "read": ((), ("UNREAD",)),
    "unread": (("UNREAD",), ()),
    "star": (("STARRED",), ()),
    "unstar": ((), ("STARRED",)),
    "important": (("IMPORTANT",), ()),
    "spam": (("SPAM",), ("INBOX",)),
    "not_spam": (("INBOX",), ("SPAM",)),
    "trash": (("TRASH",), ("INBOX", "SPAM")),
    "untrash": ((), ("TRASH",)),
}
"""Action → labels to add, labels to remove."""
_GOOGLES: Final = frozenset({"SENT", "DRAFT", "CHAT"})
"""Labels that only Google sets."""


@dataclass(frozen=True, slots=True)
class Change:
    """Labels to add and to remove, by id."""

    add: frozenset[str]
    remove: frozenset[str]

    @classmethod
    def of(
        cls, labels: Labels, action: str | None, add: Iterable[str], remove: Iterable[str]
    ) -> Self:
        """What an action and labels by name come to.

        Raises:
            ArgumentError: an unknown label, one that only Google sets, nothing, a contradiction.
        """
        plus, minus = _ACTIONS[action] if action else ((), ())
        change = cls(frozenset((*plus, *labels.ids(add))), frozenset((*minus, *labels.ids(remove))))
        both, fixed = change.add & change.remove, (change.add | change.remove) & _GOOGLES
        if not change.add | change.remove:
            raise ArgumentError("There is nothing to change.", "Give action, add or remove.")
        if both:
            raise ArgumentError(f"{labels.name(min(both))} is to be added and removed at once.")
        if fixed:
            raise ArgumentError(f"Only Gmail itself sets the label {labels.name(min(fixed))}.")
        return change

    @property
    def body(self) -> dict[str, Any]:
        """As Gmail's `modify` methods take it."""
        return {"addLabelIds": sorted(self.add), "removeLabelIds": sorted(self.remove)}

    def after(self, labels: frozenset[str]) -> frozenset[str]:
        """What `labels` become."""
        return (labels - self.remove) | self.add

    def text(self, labels: Labels, fence: Fence) -> str:
        """Like `+Bills, -inbox`."""
        parts = [f"+{name}" for name in names(self.add, labels, fence)]
        return ", ".join(parts + [f"-{name}" for name in names(self.remove, labels, fence)])


def names(ids: Iterable[str], labels: Labels, fence: Fence) -> list[str]:
    """Names of labels, cleaned, sorted."""
    return sorted(fence.line(labels.name(one), 60) for one in ids)


@dataclass(frozen=True, slots=True)
class State:
    """One id that was given: whether it is a thread, and its messages with their labels.

    `messages` is None while they have not been looked at.
    """

    id: str
    thread: bool
    messages: Mapping[str, frozenset[str]] | None = None

    @classmethod
    def from_api(cls, identifier: str, answer: Mapping[str, Any]) -> Self:
        """Read a `Thread` or a `Message` of `format=minimal`."""
        thread = "threadId" not in answer
        found: Sequence[Mapping[str, Any]] = answer["messages"] if thread else (answer,)
        labels = {one["id"]: frozenset[str](one.get("labelIds", ())) for one in found}
        return cls(identifier, thread, labels)

    def changes(self, change: Change) -> bool:
        """Whether `change` makes a difference; True when that is not known."""
        if self.messages is None:
            return True
        return any(change.after(labels) != labels for labels in self.messages.values())

    def changed(self, change: Change) -> "State":
        """What this becomes by `change`, as far as it is known."""
        if self.messages is None:
            return self
        after = {one: change.after(labels) for one, labels in self.messages.items()}
        return State(self.id, self.thread, after)

    def text(self, after: "State", labels: Labels, fence: Fence) -> str:
        """Like `[18c2f] thread of 2: inbox, unread -> Bills, unread`."""
        found = self.messages or {}
        kind = f" thread of {len(found)}" if self.thread and len(found) > 1 else ""
        before = self._shown(labels, fence)
        if found == after.messages:
            return f"[{self.id}]{kind}: {before}, as it was"
        return f"[{self.id}]{kind}: {before} -> {after._shown(labels, fence)}"

    def _shown(self, labels: Labels, fence: Fence) -> str:
        union = frozenset[str]().union(*(self.messages or {}).values())
        return ", ".join(names(union, labels, fence)) or "no labels"
