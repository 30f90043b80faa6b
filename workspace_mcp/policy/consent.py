"""Asks the person about one act: by rules, by what they said before, by the client's form, at a terminal."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

from workspace_mcp.errors import ApprovalNeededError, PolicyError
from workspace_mcp.policy.acts import Act, Doubts, asks, doubts, question
from workspace_mcp.policy.gate import Permits
from workspace_mcp.policy.parking import Parking
from workspace_mcp.policy.rehearsal import FORESIGHT, REHEARSAL, stop
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.program import program

ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_HEARD: Final = 20_000
_WHOLE: Final = 100_000


class Ear:
    """Addresses in what strangers wrote, as far as this session read it."""

    def __init__(self) -> None:
        self._heard: dict[str, None] = {}

    def hear(self, text: str) -> None:
        """Remember the addresses in foreign text; the oldest are forgotten."""
        for found in ADDRESS.findall(text):
            self._heard[found.lower()] = None
        while len(self._heard) > _HEARD:
            del self._heard[next(iter(self._heard))]

    @property
    def heard(self) -> frozenset[str]:
        """All of them, in small letters."""
        return frozenset(self._heard)


class Asks(Protocol):
    """Asks the person through the client."""

    async def __call__(self, mark: str, text: str, /) -> bool | None:
        """True: yes; False: no; None: nobody can be asked, or nobody answered."""
        ...


Known = Callable[[Iterable[str]], Awaitable[frozenset[str]]]
"""Those of some addresses that are the person's own, contacts, or were written to before."""


class Consent:
    """For one call of one account. A tool calls it before anything is changed."""

    def __init__(
        self, account: str, tool: str, policy: Policy, standing: Iterable[str], permits: Permits,
        parking: Parking, known: Known, ear: Ear, ask: Asks,
    ) -> None:  # fmt: skip
        self._account = account
        self._tool = tool
        self._policy = policy
        self._standing = frozenset(standing)
        self._permits = permits
        self._parking = parking
        self._known = known
        self._ear = ear
        self._ask = ask

    async def __call__(self, act: Act) -> None:
        """Return when the act may happen.

        Raises:
            PolicyError: a limit forbids it, or the person said no.
            ApprovalNeededError: it waits for the person, at a terminal.
            Rehearsed: this is a dry run.
        """
        self._policy.check_act(act.kind)
        self._policy.check_people(act.kind, act.people)
        if FORESIGHT.get():
            return
        if REHEARSAL.get():
            asked, found = await self._weighed(act)
            title = (
                "The person would be asked about this" if asked else "This would happen, unasked"
            )
            stop(title, question(act, self._account, found, longest=_WHOLE), act.lost)
        if self._policy.ask is not Ask.NEVER:
            await self._considered(act)
        self._permits.grant(act.kind, act.requests)

    async def foretold(self, act: Act) -> str:
        """What the person would read; "" when they would not be asked.

        Raises:
            PolicyError: a limit forbids it.
        """
        self._policy.check_act(act.kind)
        self._policy.check_people(act.kind, act.people)
        asked, found = await self._weighed(act)
        return question(act, self._account, found, longest=_WHOLE) if asked else ""

    async def _weighed(self, act: Act) -> tuple[bool, Doubts]:
        """Whether the person must be asked, and what is odd about it."""
        found = doubts(act.people, self._account, await self._acquainted(act), self._ear.heard)
        return asks(act, self._policy.ask, self._standing, found, self._account), found

    async def _considered(self, act: Act) -> None:
        """Ask the person, unless what they said before covers it."""
        asked, found = await self._weighed(act)
        if not asked:
            return
        mark = act.mark(self._account)
        if self._parking.refused(mark):
            raise _refused()
        if (released := self._parking.used(mark)) is not None:
            self._permits.used.append(released)
            return
        await self._person(act, mark, found)

    async def _acquainted(self, act: Act) -> frozenset[str]:
        others = {one for one in act.people if one != self._account}
        return await self._known(others) if others else frozenset()

    async def _person(self, act: Act, mark: str, found: Doubts) -> None:
        answer = await self._ask(mark, question(act, self._account, found))
        if answer:
            return
        if answer is False:
            raise _refused()
        for (
            one
        ) in self._permits.used:  # what it was released for did not happen: the call ends here
            self._parking.restore(one)
        shown = question(act, self._account, found, longest=_WHOLE)
        parked = self._parking.park(mark, self._account, self._tool, shown)
        raise ApprovalNeededError(parked.code, act.title, f"{program()} approve {parked.code}")


def _refused() -> PolicyError:
    return PolicyError(
        "The person was asked, and said no. Nothing was done.",
        "Do not try it another way; ask them what they want instead.",
    )
