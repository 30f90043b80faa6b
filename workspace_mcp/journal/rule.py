"""What a rule of the journal is: a request, what was there before and what Google answered → the way back. No I/O."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.journal.entry import Step
from workspace_mcp.policy.effects import Wire

Json = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]
_STAND_IN: Final[Json] = {
    "id": "new", "documentId": "new", "spreadsheetId": "new", "sheetId": 0,
}  # fmt: skip
"""For Google's answer, before there is one."""
EARLIER_LOOK: Final = "(its earlier look)"
"""What a place becomes whose text stays."""


@dataclass(frozen=True, slots=True)
class Look:
    """Something to read. `then`: what else, once that is known; it is read behind it.

    `pages`: the items of a list, all of which are read; `cut` is in the answer when there were too many.
    """

    urls: tuple[str, ...] = ()
    query: Pairs = ()
    then: "Callable[[Before], Look] | None" = None
    pages: str = ""


Before = Sequence[Json | None]
"""What was read, in the order of `Look.urls`; None for what was not there."""
Seen = Callable[[str], Iterable[tuple[Pairs, Json]]]
"""URL → the questions that the call itself asked there, with their answers."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one request changed, and how it is taken back.

    `lost`: what of it cannot be taken back; `plain`, when every tool that does so says it anyway.
    `key`: the thing that was changed or made. `settle`: given what `look` finds after the change, the
    turn itself.
    """

    what: str
    back: tuple[Step, ...] = ()
    lost: str = ""
    plain: bool = False
    spent: str = ""
    """URL of what is used up by it, so that nothing earlier of the same call can be taken back there."""
    key: str = ""
    look: Look = field(default_factory=Look)
    settle: "Callable[[Before], Turn] | None" = None
    whole: bool = False
    """Settled at the end of the call: all changes of the thing are one."""
    made: bool = False
    """The thing is new: whatever else the call does to it goes with it."""


@dataclass(frozen=True, slots=True)
class Way:
    """A step that is worked out when it is taken: what to look at, and what to send then.

    `make` raises ConflictError when somebody changed since what would be overwritten.
    """

    look: Callable[[Json], Look]
    make: "Callable[[Json, Before], Worked]"


@dataclass(frozen=True, slots=True)
class Worked:
    """A body to send, None when nothing is to be done; and what it changes: now → then."""

    body: Json | None
    shown: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """How changes of one route are taken back."""

    method: str
    path: re.Pattern[str]
    look: Callable[[Wire, re.Match[str]], Look] = field(default=lambda wire, match: Look())
    turn: Callable[[Wire, re.Match[str], Before, Json], Turn] = field(
        default=lambda wire, match, before, after: Turn("")
    )
    key: Callable[[re.Match[str]], str] = field(default=lambda match: "")
    """What the request changes; the same as its turn's."""
    near: Callable[[Wire, re.Match[str], Seen], Look] | None = None
    """Instead of `look`, where what the call asked before helps."""
    ahead: Callable[[Wire, re.Match[str], Before], str] | None = None
    """What could not be taken back, told before it is done, where `turn` knows it only afterwards."""
    alone: bool = False
    """It changes nothing but what `look` reads: what else the call has read still holds."""

    def looks(self, wire: Wire, match: re.Match[str], seen: Seen) -> Look:
        """What to read before the request leaves."""
        return self.look(wire, match) if self.near is None else self.near(wire, match, seen)

    def lost_before(self, wire: Wire, match: re.Match[str], before: Before) -> str:
        """What of a request that did not leave yet could not be taken back; "" for nothing."""
        if self.ahead is not None:
            return self.ahead(wire, match, before)
        return self.turn(wire, match, before, _STAND_IN).lost


def rule_for(wire: Wire, rules: Sequence[Rule]) -> tuple[Rule, re.Match[str]] | None:
    """The rule for a request; None when there is none."""
    for rule in rules:
        match = rule.path.fullmatch(f"{wire.host}{wire.path}")
        if match is not None and rule.method == wire.method:
            return rule, match
    return None


def unknown(wire: Wire) -> Turn:
    """A change without a rule."""
    kind = wire.path.rpartition("/")[2][:40]
    return Turn(f"{wire.method} {kind}", lost="this server does not know how to take it back")
