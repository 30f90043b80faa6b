"""What can go wrong between the server and Google."""

import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
import httpx2

from workspace_mcp.demo.transport import DemoTransport


@dataclass
class Line:
    """A connection to the demo that breaks. `left`: how many requests still meet the fault."""

    inner: DemoTransport
    fault: "Fault"
    left: int = 0
    only: Callable[[httpx2.Request], bool] = lambda request: True
    seen: list[str] = field(default_factory=list[str])


class Broken(httpx2.AsyncBaseTransport):
    """Between the client and the demo."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The demo's answer, or the fault."""
        line = self.line
        line.seen.append(f"{request.method} {request.url.path}")
        if line.left <= 0 or not line.only(request):
            return await line.inner.handle_async_request(request)
        line.left -= 1
        return await line.fault.happen(request, line.inner)


Happen = Callable[[httpx2.Request, DemoTransport], Awaitable[httpx2.Response]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and for how many requests."""

    name: str
    happen: Happen
    times: int = 99


def status(
    code: int, body: Any = None, headers: Mapping[str, str] | None = None, html: str = ""
) -> Happen:
    """An answer instead of Google's; Google does nothing."""

    async def happen(request: httpx2.Request, inner: DemoTransport) -> httpx2.Response:
        del inner
        kind = {"content-type": "text/html"} if html else {"content-type": "application/json"}
        data = html.encode() if html else json.dumps(body or {}).encode()
        return httpx2.Response(
            code, headers={**kind, **(headers or {})}, content=data, request=request
        )

    return happen


def google(code: int, reason: str, headers: Mapping[str, str] | None = None) -> Happen:
    """An error of Google's form."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    error = {
        "code": code,
        "message": "Injected.",
        "errors": [{"reason": reason}],
        "details": details,
    }
    return status(code, {"error": error}, headers)


def garbled(change: Callable[[bytes], bytes], headers: Mapping[str, str] | None = None) -> Happen:
    """Google does what was asked; its answer comes changed."""

    async def happen(request: httpx2.Request, inner: DemoTransport) -> httpx2.Response:
        found = await inner.handle_async_request(request)
        data = change(await found.aread())
        kept = {**dict(found.headers), **(headers or {})}
        kept.pop("content-length", None)
        return httpx2.Response(found.status_code, headers=kept, content=data, request=request)

    return happen


def raises(error: Exception, *, reaches: bool = False) -> Happen:
    """The connection breaks; `reaches`: after Google did what was asked."""

    async def happen(request: httpx2.Request, inner: DemoTransport) -> httpx2.Response:
        if reaches:
            await inner.handle_async_request(request)
        raise error

    return happen


_KEPT: Final = ("content-type", "content-range", "location", "range")


class _Slow(httpx2.AsyncByteStream):
    def __init__(self, data: bytes, pause: float, error: Exception | None = None) -> None:
        self.data, self.pause, self.error = data, pause, error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.data), 16):
            yield self.data[start : start + 16]
            await anyio.sleep(self.pause)
        if self.error is not None:
            raise self.error


def slow(pause: float, part: float = 1.0, error: Exception | None = None) -> Happen:
    """Google does what was asked; its answer drips, or ends in the middle."""

    async def happen(request: httpx2.Request, inner: DemoTransport) -> httpx2.Response:
        found = await inner.handle_async_request(request)
        data = await found.aread()
        stream = _Slow(data[: int(len(data) * part)], pause, error)
        return httpx2.Response(
            found.status_code,
            headers={name: found.headers[name] for name in _KEPT if name in found.headers},
            stream=stream,
        )

    return happen


async def silent(request: httpx2.Request, inner: DemoTransport) -> httpx2.Response:
    """Nothing ever comes."""
    del request, inner
    await anyio.sleep(60)
    raise AssertionError


def bomb(data: bytes) -> bytes:
    """40 MB of zeros, packed."""
    del data
    return gzip.compress(bytes(40 << 20))


RESET = httpx2.ReadError("connection reset")
FAULTS: Final = (
    Fault("400 Google", google(400, "badRequest")),
    Fault("400 HTML", status(400, html="<html>Bad Request</html>")),
    Fault("401 once", google(401, "authError"), 1),
    Fault("401 always", google(401, "authError")),
    Fault("403 rate limit once", google(403, "rateLimitExceeded"), 1),
    Fault("403 rate limit always", google(403, "userRateLimitExceeded")),
    Fault("403 daily limit", google(403, "dailyLimitExceeded")),
    Fault("403 scope", google(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
    Fault("403 API off", google(403, "accessNotConfigured")),
    Fault("403 domain policy", google(403, "domainPolicy")),
    Fault("403 HTML", status(403, html="<html>Forbidden by proxy</html>")),
    Fault("404", google(404, "notFound")),
    Fault("409", google(409, "aborted")),
    Fault("410", google(410, "deleted")),
    Fault("412", google(412, "conditionNotMet")),
    Fault("413", status(413, html="<html>Too large</html>")),
    Fault("429 once", google(429, "rateLimitExceeded"), 1),
    Fault("429 once, Retry-After 1", google(429, "rateLimitExceeded", {"retry-after": "1"}), 1),
    Fault("429 Retry-After a day", google(429, "rateLimitExceeded", {"retry-after": "86400"})),
    Fault("429 Retry-After a date", google(429, "x", {"retry-after": "Sat, 01 Jan 2000 00:00:00 GMT"}), 1),
    Fault("429 Retry-After nonsense", google(429, "x", {"retry-after": "soon"}), 1),
    Fault("429 Retry-After negative", google(429, "x", {"retry-after": "-5"}), 1),
    Fault("429 storm", google(429, "rateLimitExceeded")),
    Fault("500 once", google(500, "backendError"), 1),
    Fault("500 always", google(500, "backendError")),
    Fault("502 HTML", status(502, html="<html>Bad Gateway</html>")),
    Fault("503 twice", google(503, "backendError"), 2),
    Fault("503 always", google(503, "backendError")),
    Fault("504", status(504, html="<html>Gateway Timeout</html>")),
    Fault("302 elsewhere", status(302, headers={"location": "https://evil.example/"})),
    Fault("307 elsewhere", status(307, headers={"location": "https://evil.example/"})),
    Fault("308 elsewhere", status(308, headers={"location": "https://evil.example/"})),
    Fault("200 empty", garbled(lambda data: b"")),
    Fault("200 HTML", garbled(lambda data: b"<html>Sign in to the hotel's network</html>")),
    Fault("200 cut JSON", garbled(lambda data: data[: len(data) // 2])),
    Fault("200 null", garbled(lambda data: b"null")),
    Fault("200 a list", garbled(lambda data: b"[]")),
    Fault("200 deep JSON", garbled(lambda data: b"[" * 100_000)),
    Fault("200 an empty object", garbled(lambda data: b"{}")),
    Fault("200 no UTF-8", garbled(lambda data: b"\xff\xfe" + data)),
    Fault("gzip bomb", garbled(bomb, {"content-encoding": "gzip"})),
    Fault("gzip that is none", garbled(lambda data: data, {"content-encoding": "gzip"})),
    Fault("endless", garbled(lambda data: bytes(70 << 20))),
    Fault("refused", raises(httpx2.ConnectError("refused"))),
    Fault("refused once", raises(httpx2.ConnectError("refused")), 1),
    Fault("no name", raises(httpx2.ConnectError("Name or service not known"))),
    Fault("connect timeout", raises(httpx2.ConnectTimeout("slow"))),
    Fault("proxy says no", raises(httpx2.ProxyError("407 Proxy Authentication Required"))),
    Fault("reset before", raises(RESET)),
    Fault("reset before, once", raises(RESET), 1),
    Fault("reset after", raises(RESET, reaches=True)),
    Fault("reset after, once", raises(RESET, reaches=True), 1),
    Fault("write broke", raises(httpx2.WriteError("broken pipe"))),
    Fault("read timeout after", raises(httpx2.ReadTimeout("slow"), reaches=True)),
    Fault("closed in the middle", slow(0, 0.5, httpx2.RemoteProtocolError("peer closed connection"))),
    Fault("drips", slow(0.05)),
    Fault("silence", silent),
)  # fmt: skip
