"""What a rule of the journal is: a request, what was there before and what Google answered → the way back. No I/O."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workspace_mcp.journal.entry import Step
from workspace_mcp.policy.effects import Wire

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """Something to read before the change. `many`: a batch, in this order."""

    urls: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What one request changed, and how it is taken back."""

    what: str
    back: tuple[Step, ...] = ()
    lost: str = ""
    spent: str = ""
    """URL of what is used up by it, so that nothing earlier of the same call can be taken back there."""


Before = Sequence[Json | None]
"""What was read, in the order of `Look.urls`; None for what was not there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How changes of one route are taken back."""

    method: str
    path: re.Pattern[str]
    look: Callable[[Wire, re.Match[str]], Look] = field(default=lambda wire, match: Look())
    turn: Callable[[Wire, re.Match[str], Before, Json], Turn] = field(
        default=lambda wire, match, before, after: Turn("")
    )


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
