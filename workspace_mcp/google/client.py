"""A signed-in Google: requests, repeats where that is safe, pages, many in one, errors as ours.

One client a process, at most eight requests in flight an account. Nothing here knows where tokens
come from: it is given a function.
"""

import json
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final

import anyio
import httpx2

from workspace_mcp.errors import GoogleDownError, GoogleError
from workspace_mcp.google import batch
from workspace_mcp.google.exchange import (
    DEADLINE,
    Answer,
    JsonObject,
    Query,
    Sending,
    UnreadableError,
    doubted,
    json_object,
    pairs,
    service_of,
    unknown_outcome,
)
from workspace_mcp.google.failures import Problem, failure
from workspace_mcp.google.media import Begun, Media, Report, given
from workspace_mcp.google.resource import Resource
from workspace_mcp.google.retry import pause
from workspace_mcp.google.sender import Guard, Sender, Sift, Sink, TokenSource
from workspace_mcp.google.transfer import download, end, upload

LARGEST_MEDIA_JSON: Final = 64 << 20
_PAGES: Final = 200
_END: Final = 0.3
"""Seconds that letting go may take."""


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
        guard: Guard | None = None,
        sift: Sift | None = None,
    ) -> None:
        self.account = account
        self.sender = Sender(account, tokens, http, sleep, jitter, guard, sift)

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

    async def upload(
        self,
        resource: Resource,
        metadata: JsonObject,
        media: Media,
        /,
        *,
        method: str = "POST",
        report: Report | None = None,
        begun: Begun | None = None,
        **query: Query,
    ) -> JsonObject:
        """Metadata and media, in parts when it is large; memory does not grow with its size.

        With `begun`, what was sent before a cancellation stays: the same call with the same `begun`
        goes on there.

        Raises:
            OutcomeUnknownError: it may be there, and whether cannot be found out.
        """
        return await upload(
            self.sender, resource, metadata, media, method, report, pairs(query), begun
        )

    async def download(
        self,
        resource: Resource,
        sink: Sink,
        /,
        *,
        limit_bytes: int,
        report: Report | None = None,
        start: int = 0,
        restart: Callable[[], None] | None = None,
        **query: Query,
    ) -> int:
        """Give the media's bytes from `start` to `sink` as they come; how many there are in all.

        Taken up again where it broke off. Where Google begins anew instead, `restart` is called: what
        the sink was given counts no more. Raises GoogleDownError beyond `limit_bytes`.
        """
        found = pairs({**query, "alt": "media"})
        return await download(
            self.sender, resource, found, sink, limit_bytes, report, start, restart
        )

    async def fetch(
        self,
        address: str,
        sink: Sink,
        /,
        *,
        limit_bytes: int,
        restart: Callable[[], None] | None = None,
    ) -> int:
        """Like `download`, from an address that Google gave in an answer.

        Raises:
            GoogleDownError: it is not one of Google's own hosts for files.
        """
        if given(address) is None:
            raise GoogleDownError("Google's answer leads to a host that is not its own.")
        place = Resource(address, "(an address that Google gave)")
        return await download(self.sender, place, (), sink, limit_bytes, None, restart=restart)

    async def end(self) -> None:
        """Let go of what was begun. The process is about to end, and waits for nobody long."""
        await end(self.sender, _END)

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
        sending = Sending("POST", packed.resource, (), packed.body, packed.mime, quiet=True)
        answer = await self.sender.answer(sending)
        parts = batch.unpack(answer.body, answer.headers.get("content-type", ""), len(resources))
        results: list[JsonObject | GoogleError] = []
        for resource, part in zip(resources, parts, strict=True):
            if part is None or part.status in {401, 429} or part.status >= 500 or (
                part.status == 403 and pause(1, 403, reason=Problem.read(403, part.body).reason, safe=True)
            ):  # fmt: skip
                results.append(await self._caught(Sending("GET", resource, query)))
            else:
                results.append(await self._part(Sending("GET", resource, query), part))
        return results

    async def _part(self, sending: Sending, part: batch.Part) -> JsonObject | GoogleError:
        if part.status < 300:
            answer = await self.sender.sifted(sending, Answer(part.status, {}, part.body))
            return json_object(answer.body)
        problem = Problem.read(part.status, part.body)
        error = failure(problem, self.account, service_of(sending.resource), {}, None)
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
        answer = await self.sender.answer(sending)
        try:
            if sending.method == "GET" and not answer.body.strip():
                raise UnreadableError
            return json_object(answer.body, safe=sending.safe, changes=sending.changes)
        except GoogleDownError as error:
            if not sending.safe:
                raise unknown_outcome() from error
            if sending.changes:
                doubted(error)
            raise
