"""Where requests leave: each is judged, and what reaches others or deletes needs a permit of its call."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from workspace_mcp.errors import PolicyError
from workspace_mcp.google.exchange import Sending
from workspace_mcp.policy import rehearsal
from workspace_mcp.policy.budget import Budget
from workspace_mcp.policy.effects import GUARDED, Reach, Wire
from workspace_mcp.policy.pace import Pace
from workspace_mcp.policy.parking import Parked
from workspace_mcp.policy.rules import Policy


class Permits:
    """What the person's word, or the rules that they set, allow within one call."""

    def __init__(self) -> None:
        self._left: dict[Reach, int] = {}
        self.began = False
        """Whether a change left already."""
        self.used: list[Parked] = []
        """Releases of the terminal's that were used for it."""

    def grant(self, kind: Reach, count: int) -> None:
        """Allow `count` requests of a kind more."""
        self._left[kind] = self._left.get(kind, 0) + count

    def use(self, kind: Reach) -> bool:
        """Whether one is left; it is used up."""
        left = self._left.get(kind, 0)
        self._left[kind] = max(0, left - 1)
        return left > 0


PERMITS: Final[ContextVar[Permits | None]] = ContextVar("PERMITS", default=None)
"""Those of the call that runs; None outside of calls, where only reading is done."""


class Gate:
    """Stands before every request of every account."""

    def __init__(self, policy: Callable[[], Policy], budget: Budget, pace: Pace) -> None:
        self._policy = policy
        self._budget = budget
        self._pace = pace

    def __call__(self, wire: Wire) -> Reach:
        """What a request does, when it may leave.

        Raises:
            PolicyError: it may not.
            Rehearsed: this is a dry run, and it is a change.
        """
        found = self.judge(wire)
        self.let(wire, found)
        return found

    def judge(self, wire: Wire) -> Reach:
        """What a request does, when the limits let it leave at all.

        Raises:
            PolicyError: they do not.
        """
        return self._policy().check_wire(wire)

    def let(self, wire: Wire, found: Reach) -> None:
        """Let a request leave that was judged.

        Raises:
            PolicyError: it may not.
            Rehearsed: this is a dry run, and it is a change.
        """
        if found is not Reach.READS:
            rehearsal.stop("This would leave first", rehearsal.described(wire))
        self._pass(found)

    def elsewhere(self) -> None:
        """Let the one request leave that goes elsewhere than to Google: leaving a list.

        Raises:
            PolicyError: it may not leave.
        """
        self._policy().check_outward()
        rehearsal.stop(
            "This would leave first", "A request to somebody else than Google.", "what went out"
        )
        self._pass(Reach.SENDS)

    def _pass(self, found: Reach) -> None:
        if found is Reach.READS:
            return
        permits = PERMITS.get()
        if permits is None:
            raise PolicyError("A change outside of a call was stopped.")
        if found in GUARDED and not permits.use(found):
            raise PolicyError(
                f"A request that {found.value} was stopped: nobody was asked about it.",
                "This is a bug of the server's. Nothing was done.",
            )
        self._pace.spend(self._policy().per_minute)
        if found in GUARDED:
            self._budget.spend(found)
        permits.began = True


def wire_of(sending: Sending) -> Wire:
    """A request as the rules see it."""
    parts = urlsplit(sending.resource.url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(sending.query)
    body = sending.body if isinstance(sending.body, bytes) else sending.about
    return Wire(sending.method, parts.hostname or "", parts.path, query, body)
