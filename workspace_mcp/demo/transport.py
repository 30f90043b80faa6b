"""The demo behind an HTTP client: requests are answered in this process."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import httpx2

from workspace_mcp.demo.http import Request, Response

Handle = Callable[[Request], Response]


def _asked(request: httpx2.Request, body: bytes) -> Request:
    raw = request.url.raw_path.partition(b"?")
    return Request(
        request.method,
        request.url.host,
        raw[0].decode("ascii"),
        tuple(parse_qsl(raw[2].decode("ascii"), keep_blank_values=True)),
        {name.lower(): value for name, value in request.headers.items()},
        body,
    )


def _answered(response: Response) -> httpx2.Response:
    return httpx2.Response(response.status, headers=dict(response.headers), content=response.body)


class DemoTransport(httpx2.AsyncBaseTransport):
    """For the server's client."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The demo's answer."""
        return _answered(self._handle(_asked(request, await request.aread())))


class DemoSyncTransport(httpx2.BaseTransport):
    """For signing in and refreshing."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The demo's answer."""
        return _answered(self._handle(_asked(request, request.read())))
