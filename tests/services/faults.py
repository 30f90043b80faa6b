"""Connections that break, permissions that lack, a clock that does not wait."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx2

from workspace_mcp.backends import DemoBackend
from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import Answer, Sending
from workspace_mcp.journal.recorder import RECORDER
from workspace_mcp.policy.gate import wire_of
from workspace_mcp.policy.rehearsal import FORESIGHT


@dataclass
class Break:
    """What happens to the next `times` requests of `method` whose path ends in the pattern `end`."""

    method: str
    end: str
    happens: Exception | int
    reaches: bool
    times: int


class Faults(httpx2.AsyncBaseTransport):
    """Between the client and Google: loses requests on their way, or the answers to them."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self._breaks: list[Break] = []
        self.seen: list[str] = []
        self.received = 0
        """Bytes of Google's answers."""
        self.before: Callable[[str], None] = lambda method: None
        """What somebody else does just before a request of a method comes in."""
        self.answers: dict[str, object] = {}
        """Path → an answer of an API that the demo does not have yet."""
        self.bodies: list[tuple[str, str, str, bytes]] = []
        """What was sent there: method, path, query, body."""

    def lose_answer(
        self, method: str, end: str, happens: Exception | int | None = None, times: int = 1
    ) -> None:
        """Google does what was asked; the answer breaks, or another one comes (a status)."""
        broken = happens or httpx2.ReadError("connection reset")
        self._breaks.append(Break(method, end, broken, True, times))

    def lose_request(
        self, method: str, end: str, happens: Exception | int | None = None, times: int = 1
    ) -> None:
        """Google never sees the request."""
        broken = happens or httpx2.ReadError("connection reset")
        self._breaks.append(Break(method, end, broken, False, times))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.before(request.method)
        if path in self.answers:
            query = request.url.query.decode()
            self.bodies.append((request.method, path, query, await request.aread()))
            return httpx2.Response(200, json=self.answers[path])
        self.seen.append(f"{request.method} {path.removeprefix('/gmail/v1/users/me')}")
        for one in self._breaks:
            if one.times and one.method == request.method and re.search(f"{one.end}$", path):
                one.times -= 1
                if one.reaches:
                    await (await self._inner.handle_async_request(request)).aread()
                if isinstance(one.happens, Exception):
                    raise one.happens
                return httpx2.Response(one.happens, content=b"<html>Service Unavailable</html>")
        answer = await self._inner.handle_async_request(request)
        self.received += len(await answer.aread())
        return answer


class QuickBackend(DemoBackend):
    """The demo's backend; waiting takes no time, and `scopes` may be fewer than all."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # pyright: ignore[reportArgumentType]
        self.scopes: frozenset[str] | None = None
        self.known = True
        self.slept: list[float] = []

    def allow(self, *scopes: str, known: bool = True) -> None:
        """Grant these alone; `known`: the credential says so."""
        self.scopes, self.known = frozenset(map(str, scopes)), known

    def granted(self, email: str) -> frozenset[str]:
        """What the credential says."""
        if self.scopes is None:
            return super().granted(email)
        return self.scopes if self.known else frozenset()

    async def token(self, email: str, refused: str | None) -> str:
        """A token for what is granted."""
        return self.world.token_for(email, self.scopes)

    def google(self, email: str) -> Google:
        """A client that does not wait."""
        if email not in self._googles:

            async def token(refused: str | None) -> str:
                return await self.token(email, refused)

            async def sleep(seconds: float) -> None:
                self.slept.append(seconds)

            async def judged(sending: Sending) -> Answer | None:
                self.gate(wire_of(sending))  # without the journal, which asks for more
                known = RECORDER.get() if FORESIGHT.get() else None
                return known.knows(sending) if known is not None else None

            async def heard(sending: Sending, answer: Answer) -> Answer:
                recorder = RECORDER.get()
                if recorder is not None and sending.method == "GET":
                    recorder.saw(sending, answer)
                return answer

            self._googles[email] = Google(
                email, token, self.http, sleep=sleep, guard=judged, sift=heard
            )
        return self._googles[email]


def count(seen: Sequence[str], what: str) -> int:
    """How often a request was sent, such as "POST /drafts/send"."""
    return sum(one == what for one in seen)
