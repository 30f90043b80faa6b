"""Every fault against every operation: what became of each, in one table.

    python -m tests.matrix

Cells: `works` (the right answer, perhaps after a repeat), `says` (a clear error, and nothing lost), or what went
wrong: LOST, DOUBLED, HUNG, LEAKED, HALF (a file under its final name that is not whole), UNCLEAR (a bug of ours).
The demo is behind a connection that breaks; time is short, nothing sleeps.
"""

import gzip
import json
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import anyio
import httpx2
from mcp import Client
from mcp.types import TextContent

from tests.conftest import ME, NOW
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.google.client import Google, http_client
from workspace_mcp.google.exchange import Answer, Sending
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings

SECONDS: Final = 0.4
"""Instead of the 30 that a request may take."""
CANARY: Final = "ya29.canary-matrix"
FILE: Final = b"The whole attachment.\n" * 4000


@dataclass
class Line:
    """A connection to the demo that breaks. `left`: how many requests still meet the fault."""

    inner: DemoTransport
    fault: "Fault"
    left: int = 0
    only: Callable[[httpx2.Request], bool] = field(default=lambda request: True)
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
            headers={"content-type": found.headers["content-type"]},
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


class Quick(DemoBackend):
    """The demo's backend: no waiting, short requests, a token that must not leak."""

    def google(self, email: str) -> Google:
        """A client in a hurry."""
        if email not in self._googles:

            async def token(refused: str | None) -> str:
                if refused is not None:
                    self.world.revoke(email)
                return await self.token(email, refused)

            async def no_sleep(seconds: float) -> None:
                del seconds

            async def leaves(sending: Sending) -> Callable[[Answer], None] | None:
                return await self._leaves(email, sending)

            found = Google(email, token, self.http, sleep=no_sleep, guard=leaves)
            once = found.sender.once

            async def hurried(sending: Sending, token: str) -> Any:
                return await once(replace(sending, seconds=SECONDS), token)

            found.sender.once = hurried
            self._googles[email] = found
        return self._googles[email]


@dataclass
class Stage:
    """One cell: a fresh Workspace, a server, a connection that will break."""

    folder: Path
    backend: Quick
    line: Line
    ids: dict[str, str]

    async def call(self, tool: str, **arguments: Any) -> str:
        """A call by the official client."""
        server = WorkspaceServer(self.backend.settings, self.backend)
        async with Client(server.mcp, mode="legacy") as client:
            result = await client.call_tool(tool, arguments)
        return "\n".join(part.text for part in result.content if isinstance(part, TextContent))

    def sent(self) -> int:
        """How often the mail went out."""
        box = self.backend.world.gmail(ME)
        return sum(
            "SENT" in mail.labels and mail.header("Subject") == "Offer"
            for mail in box.mails.values()
        )


def stage(fault: Fault) -> Stage:
    """A new one; nothing is broken yet."""
    folder = Path(tempfile.mkdtemp(prefix="matrix-"))
    file = folder / "world.json"
    file.write_text(
        json.dumps({"accounts": [{"email": ME}], "time_zone": "UTC", "now": NOW.isoformat()})
    )
    settings = Settings(
        tier=3, demo=True, demo_file=file, environ={"HOME": str(folder)}, downloads=folder / "down",
        policy=Policy(ask=Ask.NEVER), default_account=ME,
    )  # fmt: skip
    backend = Quick(settings)
    line = Line(DemoTransport(backend.world.handle), fault)
    backend.http = http_client(tls=False, transport=Broken(line))
    box = backend.world.gmail(ME)
    mail = box.deliver("ana@example.com", "Hello", "Please pay.",
                       attachments=(("report.txt", "text/plain", FILE),))  # fmt: skip
    box.deliver("bo@example.com", "Second", "x")
    draft = box.new_draft(
        f"From: {ME}\r\nTo: bo@example.com\r\nSubject: Offer\r\n\r\nhi".encode(), None
    )
    return Stage(folder, backend, line, {"mail": mail.id, "draft": draft})


Operation = Callable[[Stage], Awaitable[tuple[str, str]]]
"""What was answered, and what is wrong ("" when nothing is)."""


async def search(one: Stage) -> tuple[str, str]:
    """Reads two messages in a batch."""
    text = await one.call("gmail_search", query="in:inbox")
    return text, "" if '"Hello"' in text or not text.startswith(("1 ", "2 ")) else "LOST"


async def read(one: Stage) -> tuple[str, str]:
    """Reads a thread."""
    return await one.call("gmail_read", ids=[one.ids["mail"]]), ""


async def download(one: Stage) -> tuple[str, str]:
    """Saves a file."""
    text = await one.call(
        "gmail_attachment", message_id=one.ids["mail"], name="report.txt", **{"as": "file"}
    )
    files = [path for path in (one.folder / "down").rglob("*") if path.is_file()]
    half = [path for path in files if path.read_bytes() != FILE]
    return text, "HALF" if half else ""


async def modify(one: Stage) -> tuple[str, str]:
    """Changes labels."""
    text = await one.call("gmail_modify", ids=[one.ids["mail"]], action="archive")
    archived = "INBOX" not in one.backend.world.gmail(ME).find(one.ids["mail"]).labels
    return text, "LOST" if text.startswith("Changed") and not archived else ""


async def draft(one: Stage) -> tuple[str, str]:
    """Saves a draft."""
    before = len(one.backend.world.gmail(ME).drafts)
    text = await one.call("gmail_draft", to=["bo@example.com"], subject="New", body="x")
    made = len(one.backend.world.gmail(ME).drafts) - before
    return text, "DOUBLED" if made > 1 else ""


async def send(one: Stage) -> tuple[str, str]:
    """Writes and sends."""
    text = await one.call("gmail_send", to=["bo@example.com"], subject="Offer", body="x")
    return text, judged(one, text)


async def send_draft(one: Stage) -> tuple[str, str]:
    """Sends what waits."""
    text = await one.call("gmail_send", draft_id=one.ids["draft"])
    return text, judged(one, text)


def judged(one: Stage, text: str) -> str:
    """Whether what was said of a mail is true."""
    count = one.sent()
    if count > 1:
        return "DOUBLED"
    if text.startswith("Sent.") and count != 1:
        return "LOST"
    return "UNTRUE" if "Nothing was sent" in text and count else ""


async def label(one: Stage) -> tuple[str, str]:
    """Makes a label."""
    text = await one.call("gmail_settings_set", what="label", values={"name": "Work"})
    made = sum(found.name == "Work" for found in one.backend.world.gmail(ME).user_labels())
    return text, "DOUBLED" if made > 1 else ""


async def delete(one: Stage) -> tuple[str, str]:
    """Puts mail into the trash."""
    return await one.call("workspace_delete", kind="message", ids=[one.ids["mail"]]), ""


OPERATIONS: Final[Mapping[str, Operation]] = {
    "search": search, "read": read, "download": download, "modify": modify, "draft": draft,
    "send": send, "send draft": send_draft, "label": label, "delete": delete,
}  # fmt: skip
LIMIT: Final = 30.0
AT_ONCE: Final = 6


async def cell(fault: Fault, operation: Operation) -> str:
    """What became of one operation under one fault."""
    one = stage(fault)
    one.line.left = fault.times
    began = time.monotonic()
    try:
        with anyio.fail_after(LIMIT):
            text, wrong = await operation(one)
    except TimeoutError:
        return "HUNG"
    if time.monotonic() - began > LIMIT:
        return "HUNG"
    if wrong:
        return wrong
    if "ya29." in text or "Bearer" in text:
        return "LEAKED"
    if "failed inside the server" in text:
        return "UNCLEAR"
    good = text.startswith(
        ("Sent.", "Changed", "Made", "Deleted", "1 ", "2 ", "Saved", "Draft", "[")
    )
    return "works" if good or "--- mail text" in text else "says"


async def matrix() -> dict[tuple[str, str], str]:
    """All cells, some at a time: most of it is waiting."""
    found: dict[tuple[str, str], str] = {}
    turns = anyio.Semaphore(AT_ONCE)

    async def fill(fault: Fault, name: str, operation: Operation) -> None:
        async with turns:
            found[fault.name, name] = await cell(fault, operation)

    async with anyio.create_task_group() as tasks:
        for fault in FAULTS:
            for name, operation in OPERATIONS.items():
                tasks.start_soon(fill, fault, name, operation)
    return found


def table(found: Mapping[tuple[str, str], str]) -> str:
    """The cells as text."""
    width = max(len(fault.name) for fault in FAULTS)
    lines = [" " * width + "  " + "  ".join(f"{name:<10}" for name in OPERATIONS)]
    for fault in FAULTS:
        cells = "  ".join(f"{found[fault.name, name]:<10}" for name in OPERATIONS)
        lines.append(f"{fault.name:<{width}}  {cells}")
    return "\n".join(lines)


def main() -> int:
    """Print the table; 1 when a cell is bad."""
    logging.disable(logging.CRITICAL)
    found = anyio.run(matrix)
    print(table(found))
    counts = {word: list(found.values()).count(word) for word in sorted(set(found.values()))}
    print(f"{len(FAULTS)} faults, {len(OPERATIONS)} operations: {counts}")
    return 1 if set(counts) - {"works", "says"} else 0


if __name__ == "__main__":
    sys.exit(main())
