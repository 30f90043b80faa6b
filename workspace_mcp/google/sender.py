"""Sends requests with an account's token, again where that is safe, and never beyond a deadline."""

import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import anyio
import httpx2

from workspace_mcp.errors import GoogleDownError, WorkspaceError
from workspace_mcp.google.exchange import (
    Answer,
    Sending,
    doubted,
    network_error,
    service_of,
    unknown_outcome,
)
from workspace_mcp.google.failures import Problem, failure
from workspace_mcp.google.resource import Resource
from workspace_mcp.google.retry import BUDGET, pause, retry_after

log = logging.getLogger(__name__)

TokenSource = Callable[[str | None], Awaitable[str]]
"""Given an access token that Google just refused, or None: a usable one."""
Guard = Callable[[Sending], Awaitable[Callable[[Answer], None] | Answer | None]]
"""Lets a request leave, or raises; what it gives back hears the good answer, or is the answer."""
Sift = Callable[[Sending, Answer], Awaitable[Answer]]
"""What of a good answer may be seen here."""
Sink = Callable[[bytes], None]

IN_FLIGHT: Final = 8
_UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class TooLargeError(Exception):
    """The answer is larger than it may be."""


def unsent(broken: Exception | None) -> bool:
    """Whether a request broke before any of it left."""
    return isinstance(broken, _UNSENT)


class Sender:
    """Requests of one account: at most eight in flight, and one pause for all when Google asks."""

    def __init__(
        self,
        account: str,
        tokens: TokenSource,
        http: httpx2.AsyncClient,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        jitter: Callable[[], float] = random.random,
        guard: Guard | None = None,
        sift: Sift | None = None,
    ) -> None:
        self._guard = guard
        self._sift = sift
        self.account = account
        self.sleep = sleep
        self._tokens = tokens
        self._http = http
        self._jitter = jitter
        self._turns = anyio.Semaphore(IN_FLIGHT)
        self._resume_at = 0.0
        self.unfinished: set[Resource] = set()
        """Sessions of uploads that Google still waits for."""
        self.partings: set[anyio.CancelScope] = set()
        """Where Google is told just now that an upload was called off."""

    async def token(self, refused: str | None) -> str:
        """A usable access token."""
        return await self._tokens(refused)

    async def answer(self, sending: Sending) -> Answer:
        """A good answer to `sending`, which is repeated where that is safe.

        Raises:
            WorkspaceError: Google's refusal as one of ours, or it was not reached.
            OutcomeUnknownError: a change was sent and its answer was lost.
        """
        heard = None if self._guard is None else await self._guard(sending)
        answer = heard if isinstance(heard, Answer) else await self._answer(sending)
        if callable(heard):
            heard(answer)
        return await self.sifted(sending, answer)

    async def sifted(self, sending: Sending, answer: Answer) -> Answer:
        """What of an answer may be seen here; for each part of a batch, too."""
        return answer if self._sift is None else await self._sift(sending, answer)

    async def _answer(self, sending: Sending) -> Answer:
        spent, attempt, refused = 0.0, 0, False
        token = await self._tokens(None)
        while True:
            attempt += 1
            answer, broken = await self.once(sending, token)
            if answer is not None and answer.status in sending.good:
                return answer
            if answer is not None and answer.status == 401 and not refused:
                refused, attempt = True, attempt - 1
                token = await self._tokens(token)
                continue
            seconds = self.pause(attempt, sending, answer, broken)
            if seconds is None or spent + seconds > max(BUDGET, seconds):
                raise self.failed(sending, answer, broken)
            spent += seconds
            await self.wait(seconds)

    async def wait(self, seconds: float) -> None:
        """Before a repeat; the account's other requests wait as well."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)
        await self.sleep(seconds)

    def pause(
        self, attempt: int, sending: Sending, answer: Answer | None, broken: Exception | None
    ) -> float | None:
        """Seconds to wait before `sending` is sent again; None when it is not."""
        if answer is None:
            if isinstance(broken, TooLargeError):
                return None
            seconds = pause(attempt, 0, safe=sending.safe or unsent(broken))
        else:
            reason = Problem.read(answer.status, answer.body).reason
            wish = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
            seconds = pause(
                attempt, answer.status, reason=reason, retry_after=wish, safe=sending.safe
            )
        return None if seconds is None else seconds * (1 + self._jitter() / 4)

    def failed(
        self, sending: Sending, answer: Answer | None, broken: Exception | None
    ) -> WorkspaceError:
        """What a bad answer, or none, means."""
        unsure = (
            not unsent(broken) if answer is None else answer.status >= 500
        ) and sending.changes
        if unsure and not sending.safe:
            return unknown_outcome()
        error = self._failed(sending, answer, broken)
        return doubted(error) if unsure else error

    def _failed(
        self, sending: Sending, answer: Answer | None, broken: Exception | None
    ) -> WorkspaceError:
        if isinstance(broken, TooLargeError):
            return GoogleDownError(
                f"Google's answer is larger than {sending.largest >> 20} MB.", "Ask for less."
            )
        if answer is None:
            return network_error(broken)
        wish = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        problem = Problem.read(answer.status, answer.body)
        return failure(problem, self.account, service_of(sending.resource), answer.headers, wish)

    async def once(self, sending: Sending, token: str) -> tuple[Answer | None, Exception | None]:
        """One request: its answer, or what broke."""
        async with self._turns:
            if (wait := self._resume_at - time.monotonic()) > 0.05:
                await self.sleep(min(wait, BUDGET))
            began = time.monotonic()
            try:
                with anyio.fail_after(sending.seconds):
                    answer = await self._exchange(sending, token)
            except (httpx2.HTTPError, TimeoutError, OSError, TooLargeError) as error:
                log.info(
                    "%s %s: %s", sending.method, sending.resource.template, type(error).__name__
                )
                return None, error
        log.info(
            "%s %s %d %.0f ms", sending.method, sending.resource.template, answer.status,
            (time.monotonic() - began) * 1000,
        )  # fmt: skip
        return answer, None

    async def _exchange(self, sending: Sending, token: str) -> Answer:
        headers = dict(sending.headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if sending.body is not None:
            headers["Content-Type"] = sending.mime
        body = sending.body
        content = body() if callable(body) else body
        request = self._http.build_request(
            sending.method, sending.resource.url,
            params=list(sending.query) or None,  # an empty list would take the address's own away
            content=content, headers=headers,
        )  # fmt: skip
        answer = await self._http.send(request, stream=True)
        try:
            parts: list[bytes] = []
            size = 0
            lower = {name.lower(): value for name, value in answer.headers.items()}
            sink = sending.sink if answer.status_code in {200, 206} else None
            if sink is not None and sending.begin is not None:
                sending.begin(answer.status_code, lower)
            async for chunk in answer.aiter_bytes():
                if sink is not None:
                    sink(chunk)
                    continue
                size += len(chunk)
                if size > sending.largest:
                    raise TooLargeError
                parts.append(chunk)
            return Answer(answer.status_code, lower, b"".join(parts))
        finally:
            await answer.aclose()
