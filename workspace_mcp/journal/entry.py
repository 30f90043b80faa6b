"""One change as the journal keeps it. No I/O."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Step:
    """One request that takes something back. `expect`: fields that must still be as the change left them."""

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    expect: Mapping[str, Any] = field(default_factory=dict[str, Any])
    look: str = ""
    """Where `expect` is looked at; "" when nothing is."""
    way: str = ""
    """Which of `inverses.WAYS` works out what to send, from `body`; "" for `body` itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The changes of one call. `what` is in our own words, ids only: nothing that strangers wrote."""

    id: str
    at: str
    """ISO 8601, UTC."""
    account: str
    tool: str
    what: tuple[str, ...]
    back: tuple[Step, ...] = ()
    """In the order in which they are sent."""
    lost: tuple[str, ...] = ()
    """What cannot be taken back, and why."""
    undoes: str = ""
    """The entry that this one took back; "" when it took none back."""

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Read a line of the file.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        found: Any = json.loads(line)
        if not isinstance(found, dict):
            raise TypeError(line[:20])
        steps = tuple(
            Step(
                one["method"], one["url"], tuple((str(k), str(v)) for k, v in one["query"]),
                one["body"], one["expect"], one["look"], one.get("way", ""),
            )
            for one in found["back"]
        )  # fmt: skip
        return cls(
            found["id"], found["at"], found["account"], found["tool"], tuple(found["what"]), steps,
            tuple(found["lost"]), found["undoes"],
        )  # fmt: skip

    def json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @property
    def moment(self) -> datetime:
        """When it was."""
        return datetime.fromisoformat(self.at)

    @property
    def can_undo(self) -> str:
        """`yes`, `in part` or `no`."""
        if not self.back:
            return "no"
        return "in part" if self.lost else "yes"


def undone(entries: Sequence[Entry]) -> frozenset[str]:
    """Ids of what was taken back, and not done again."""
    gone: set[str] = set()
    for one in entries:
        if one.undoes:
            gone.add(one.undoes)
            gone.discard(one.id)
    for one in entries:
        if one.id in gone and one.undoes:
            gone.discard(one.undoes)
    return frozenset(gone)
