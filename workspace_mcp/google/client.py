"""A signed-in Google: requests, repeats where that is safe, pages, many in one, errors as ours.

One client a process, at most eight requests in flight an account. Nothing here knows where tokens
come from: it is given a function.
"""

import json
import logging
import random
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import anyio
import httpx2

from workspace_mcp.errors import (
    GoogleDownError,
    GoogleError,
    NetworkError,
    OutcomeUnknownError,
    WorkspaceError,
)
from workspace_mcp.google import batch
from workspace_mcp.google.failures import Problem, failure
from workspace_mcp.google.resource import Resource
from workspace_mcp.google.retry import BUDGET, pause, retry_after

log = logging.getLogger(__name__)

JsonObject = dict[str, Any]
TokenSource = Callable[[str | None], Awaitable[str]]
"""Given an access token that Google just refused, or None: a usable one."""
Query = str | int | float | bool | Sequence[str] | None
"""None is left out; a sequence repeats its key."""

IN_FLIGHT: Final = 8
DEADLINE: Final = 30.0
"""Seconds for one request and its answer, however slowly its bytes come."""
LARGEST: Final = 32 << 20
"""Bytes of a JSON answer, unpacked. Mail of 25 MB arrives as 34 MB of base64 by `get_large`."""
LARGEST_MEDIA_JSON: Final = 64 << 20
_UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_PAGES: Final = 200


def http_client(
    *, tls: ssl.SSLContext | bool, transport: httpx2.AsyncBaseTransport | None = None
) -> httpx2.AsyncClient:
    """The connection pool of the process: no redirects, proxies as the environment says."""
    return httpx2.AsyncClient(
        verify=tls,
        transport=transport,
        follow_redirects=False,
        timeout=httpx2.Timeout(DEADLINE, connect=10.0),
        limits=httpx2.Limits(max_connections=32, max_keepalive_connections=16),
        headers={"User-Agent": "workspace-mcp (gzip)"},
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """Google's answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Sending:
    """One request, as often as it may be sent."""

    method: str
    resource: Resource
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    mime: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    safe: bool = True
    largest: int = LARGEST


class _TooLarge(Exception):
    """The answer is larger than it may be."""


class Google:
    """Google as `account` sees it."""

    def __init__(
        self,
        account: str,
        tokens: TokenSource,
        http: httpx2.AsyncClient,
        *,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.account = account
        self._tokens = tokens
        self._http = http
        self._sleep = sleep
        self._jitter = jitter
        self._turns = anyio.Semaphore(IN_FLIGHT)
        self._resume_at = 0.0

    async def get(self, resource: Resource, /, **query: Query) -> JsonObject:
        """The resource, or one page of a collection.

        Raises:
            WorkspaceError: Google's refusal as one of ours, or it was not reached.
        """
        return await self._json(Sending("GET", resource, pairs(query)))

    async def get_large(self, resource: Resource, /, **query: Query) -> JsonObject:
        """Like `get`, for answers that carry a file as base64: up to 64 MB."""
        sending = Sending("GET", resource, pairs(query), largest=LARGEST_MEDIA_JSON)
        return await self._json(sending)

    async def post(
        self,
        resource: Resource,
        body: JsonObject | None = None,
        /,
        *,
        safe: bool = False,
        **query: Query,
    ) -> JsonObject:
        """The answer to a POST. `safe`: sending it twice does no harm.

        Raises:
            OutcomeUnknownError: it was sent, is not safe to repeat, and the answer was lost.
        """
        return await self._change("POST", resource, body, query, safe=safe)

    async def put(
        self,
        resource: Resource,
        body: JsonObject | None = None,
        /,
        *,
        safe: bool = True,
        **query: Query,
    ) -> JsonObject:
        """The answer to a PUT, which may be repeated unless `safe` is False."""
        return await self._change("PUT", resource, body, query, safe=safe)

    async def patch(
        self,
        resource: Resource,
        body: JsonObject | None = None,
        /,
        *,
        safe: bool = False,
        **query: Query,
    ) -> JsonObject:
        """The answer to a PATCH."""
        return await self._change("PATCH", resource, body, query, safe=safe)

    async def delete(self, resource: Resource, /, *, safe: bool = True, **query: Query) -> None:
        """Delete; Google answers with nothing."""
        await self._change("DELETE", resource, None, query, safe=safe)

    async def upload_bytes(
        self, resource: Resource, metadata: JsonObject, data: bytes, mime: str, /
    ) -> JsonObject:
        """Metadata and media in one request, which is sent once.

        Raises:
            OutcomeUnknownError: the answer was lost.
        """
        boundary = f"part_{secrets.token_hex(12)}"
        head = (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
            f"{json.dumps(metadata)}\r\n--{boundary}\r\nContent-Type: {mime}\r\n\r\n"
        )
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/related; boundary={boundary}"
        query = (("uploadType", "multipart"),)
        return await self._json(Sending("POST", resource, query, body, kind, safe=False))

    async def pages(
        self, resource: Resource, items: str, /, *, most: int, **query: Query
    ) -> AsyncIterator[JsonObject]:
        """Up to `most` members of `page[items]`, page after page.

        Raises:
            GoogleDownError: Google gave the same page token twice.
        """
        seen: set[str] = set()
        left = most
        token: str | None = None
        for _ in range(_PAGES):
            page = await self.get(resource, **query, pageToken=token)
            for member in page.get(items, ())[:left]:
                left -= 1
                yield member
            token = page.get("nextPageToken")
            if not token or left <= 0:
                return
            if token in seen:
                raise GoogleDownError("Google's list of pages goes in a circle.")
            seen.add(token)

    async def get_many(
        self, resources: Sequence[Resource], /, **query: Query
    ) -> list[JsonObject | GoogleError]:
        """Each resource, or why there is none, in order; few requests, each counted by Google.

        What was turned away inside a batch is asked for again alone.
        """
        found: list[JsonObject | GoogleError] = []
        for start in range(0, len(resources), batch.MOST):
            found += await self._batch(resources[start : start + batch.MOST], pairs(query))
        return found

    async def _batch(
        self, resources: Sequence[Resource], query: tuple[tuple[str, str], ...]
    ) -> list[JsonObject | GoogleError]:
        if len(resources) == 1:
            return [await self._caught(Sending("GET", resources[0], query))]
        packed = batch.pack(resources, query)
        sending = Sending("POST", packed.resource, (), packed.body, packed.mime)
        answer = await self._answer(sending)
        parts = batch.unpack(answer.body, answer.headers.get("content-type", ""), len(resources))
        results: list[JsonObject | GoogleError] = []
        for resource, part in zip(resources, parts, strict=True):
            if part is None or part.status in {401, 429} or part.status >= 500 or (
                part.status == 403 and pause(1, 403, reason=Problem.read(403, part.body).reason, safe=True)
            ):  # fmt: skip
                results.append(await self._caught(Sending("GET", resource, query)))
            else:
                results.append(self._part(resource, part))
        return results

    def _part(self, resource: Resource, part: batch.Part) -> JsonObject | GoogleError:
        if part.status < 300:
            return _object(part.body)
        problem = Problem.read(part.status, part.body)
        error = failure(problem, self.account, _host(resource), {}, None)
        if not isinstance(error, GoogleError):
            raise error
        return error

    async def _caught(self, sending: Sending) -> JsonObject | GoogleError:
        try:
            return await self._json(sending)
        except GoogleError as error:
            return error

    async def _change(
        self,
        method: str,
        resource: Resource,
        body: JsonObject | None,
        query: Mapping[str, Query],
        *,
        safe: bool,
    ) -> JsonObject:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        return await self._json(Sending(method, resource, pairs(query), data, safe=safe))

    async def _json(self, sending: Sending) -> JsonObject:
        answer = await self._answer(sending)
        if not answer.body.strip():
            return {}
        try:
            return _object(answer.body)
        except GoogleDownError as error:
            if not sending.safe:
                raise unknown_outcome() from error
            raise

    async def _answer(self, sending: Sending) -> Answer:
        """A good answer to `sending`, which is repeated where that is safe."""
        spent, attempt, refused = 0.0, 0, False
        token = await self._tokens(None)
        while True:
            attempt += 1
            answer, broken = await self._once(sending, token)
            if answer is not None and answer.status < 300:
                return answer
            if answer is not None and answer.status == 401 and not refused:
                refused, attempt = True, attempt - 1
                token = await self._tokens(token)
                continue
            seconds = self._pause(attempt, sending, answer, broken)
            if seconds is None or spent + seconds > max(BUDGET, seconds):
                raise self._final(sending, answer, broken)
            spent += seconds
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)
            await self._sleep(seconds)

    def _pause(
        self, attempt: int, sending: Sending, answer: Answer | None, broken: Exception | None
    ) -> float | None:
        if answer is None:
            unsent = isinstance(broken, _UNSENT)
            if isinstance(broken, _TooLarge):
                return None
            seconds = pause(attempt, 0, safe=sending.safe or unsent)
        else:
            reason = Problem.read(answer.status, answer.body).reason
            wish = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
            seconds = pause(
                attempt, answer.status, reason=reason, retry_after=wish, safe=sending.safe
            )
        return None if seconds is None else seconds * (1 + self._jitter() / 4)

    def _final(
        self, sending: Sending, answer: Answer | None, broken: Exception | None
    ) -> WorkspaceError:
        if isinstance(broken, _TooLarge):
            return GoogleDownError(
                f"Google's answer is larger than {sending.largest >> 20} MB.", "Ask for less."
            )
        if answer is None:
            unsent = isinstance(broken, _UNSENT)
            return network_error(broken) if sending.safe or unsent else unknown_outcome()
        if answer.status >= 500 and not sending.safe:
            return unknown_outcome()
        wish = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        problem = Problem.read(answer.status, answer.body)
        return failure(problem, self.account, _host(sending.resource), answer.headers, wish)

    async def _once(self, sending: Sending, token: str) -> tuple[Answer | None, Exception | None]:
        """One request: its answer, or what broke."""
        async with self._turns:
            if (wait := self._resume_at - time.monotonic()) > 0.05:
                await self._sleep(min(wait, BUDGET))
            began = time.monotonic()
            try:
                with anyio.fail_after(DEADLINE):
                    answer = await self._exchange(sending, token)
            except (httpx2.HTTPError, TimeoutError, OSError, _TooLarge) as error:
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
        headers = {"Authorization": f"Bearer {token}", **sending.headers}
        if sending.body is not None:
            headers["Content-Type"] = sending.mime
        request = self._http.build_request(
            sending.method, sending.resource.url, params=list(sending.query),
            content=sending.body, headers=headers,
        )  # fmt: skip
        answer = await self._http.send(request, stream=True)
        try:
            parts: list[bytes] = []
            size = 0
            async for chunk in answer.aiter_bytes():
                size += len(chunk)
                if size > sending.largest:
                    raise _TooLarge
                parts.append(chunk)
            lower = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status_code, lower, b"".join(parts))
        finally:
            await answer.aclose()


def pairs(query: Mapping[str, Query]) -> tuple[tuple[str, str], ...]:
    """Query parameters as they go on the wire."""
    found: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        many = [value] if isinstance(value, str | int | float) else value
        found += [(name, _word(one)) for one in many]
    return tuple(found)


def _word(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _object(body: bytes) -> JsonObject:
    """The JSON object of an answer.

    Raises:
        GoogleDownError: it is none.
    """
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise GoogleDownError("Google's answer could not be read.", "Try again in a minute.")
    return found


def _host(resource: Resource) -> str:
    return urlsplit(resource.url).hostname or ""


def network_error(broken: Exception | None) -> NetworkError:
    """Google was not reached, in words that help."""
    if isinstance(broken, httpx2.ProxyError):
        return NetworkError(
            "The proxy did not let the request through.",
            "Look at HTTPS_PROXY and NO_PROXY: workspace-auth doctor --online shows them.",
        )
    cause: BaseException | None = broken
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NetworkError(
                "Google's certificate is not trusted here, as happens behind a proxy that looks "
                "into TLS.",
                "Name the file with its CA certificate in SSL_CERT_FILE.",
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(broken, TimeoutError | httpx2.TimeoutException):
        return NetworkError("Google did not answer in time.", "Try again in a minute.")
    return NetworkError("Google was not reached.", "Check the network, then repeat the call.")


def unknown_outcome() -> OutcomeUnknownError:
    """The text for a change whose answer was lost."""
    return OutcomeUnknownError(
        "The change was sent to Google and the answer was lost: it may have happened.",
        "Do not repeat the call before you have looked whether it did.",
    )
