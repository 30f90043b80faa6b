"""The transport: one JSON-RPC message a line on stdin and stdout, signals, and a clean end.

Two daemon threads do the blocking reads and writes, so that neither a silent client nor one that
stops reading can hold the event loop or the end of the process. While it serves, file descriptors
0 and 1 point elsewhere: a stray `print`, of ours or of a library, lands on stderr.

Source: modelcontextprotocol.io/specification/2026-07-28/basic/transports (stdio)
"""

import asyncio
import functools
import json
import logging
import os
import queue
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server import Server
from mcp.server.lowlevel.server import NotificationOptions
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
    jsonrpc_message_adapter,
)

log = logging.getLogger(__name__)

LONGEST_LINE: Final = 32 << 20
"""Bytes; a longer line is refused without being kept."""
DRAIN_AT_EOF: Final = 0.7
"""Seconds that accepted requests may still take once stdin is closed."""
DRAIN_AT_SIGNAL: Final = 0.3
"""The same after a signal: a client that sends SIGINT may kill after half a second."""
CLOSE: Final = 0.15
"""Seconds for the server to end its tasks, and again for the last bytes to leave."""
PARENT_CHECK: Final = 2.0
_CHUNK: Final = 1 << 16
_ENDLESS: Final = "subscriptions/listen"


def claim() -> tuple[int, int]:
    """The wire's two descriptors; 0 reads nothing and 1 writes to stderr from now on."""
    reads, writes = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # stderr is closed
        os.dup2(null, 1)
    os.close(null)
    return reads, writes


def dump(message: JSONRPCMessage) -> bytes:
    """`message` as a line of the wire."""
    return message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"


def refusal(identifier: RequestId | None, code: int, words: str) -> bytes:
    """An error as a line of the wire; `identifier` is None when the request's is not known."""
    error = ErrorData(code=code, message=words)
    return dump(JSONRPCError(jsonrpc="2.0", id=identifier, error=error))


def understand(line: bytes) -> JSONRPCMessage | bytes | None:
    """The message of a line, a refusal to send back, or None for a blank line."""
    line = line.removeprefix(b"\xef\xbb\xbf").strip()
    if not line:
        return None
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        message = None
    if message is not None and not (isinstance(message, JSONRPCNotification) and b'"id"' in line):
        return message
    try:
        found: Any = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return refusal(None, PARSE_ERROR, "Parse error: a line is not JSON.")
    if isinstance(found, list):
        return refusal(None, INVALID_REQUEST, "Invalid request: batches are not supported.")
    if message is not None and "id" not in found:
        return message
    identifier = found.get("id") if isinstance(found, dict) else None
    known = isinstance(identifier, str | int) and not isinstance(identifier, bool)
    return refusal(
        identifier if known else None, INVALID_REQUEST, "Invalid request: not JSON-RPC 2.0."
    )


class _Wire:
    """The blocking half: two daemon threads that nothing waits for."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads, self._writes = reads, writes
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None

    def start(
        self,
        accept: Callable[[list[bytes | None]], None],
        ended: Callable[[], None],
        broken: Callable[[], None],
    ) -> None:
        """Call `accept` with lines (None: one that was too long), then `ended`; from a thread.

        `broken` is called when nobody reads what we write.
        """
        self._writer = threading.Thread(target=self._write_on, args=(broken,), daemon=True)
        self._writer.start()
        threading.Thread(target=self._read_on, args=(accept, ended), daemon=True).start()

    def send(self, line: bytes) -> None:
        """Write `line` when its turn comes; never blocks."""
        self._out.put(line)

    def flush(self, seconds: float) -> None:
        """Wait for what was sent to leave, at most `seconds`."""
        self._out.put(None)
        if self._writer is not None:
            self._writer.join(seconds)

    def _write_on(self, broken: Callable[[], None]) -> None:
        while (line := self._out.get()) is not None:
            view = memoryview(line)
            try:
                while view:
                    view = view[os.write(self._writes, view) :]
            except OSError:
                broken()
                return

    def _read_on(
        self, accept: Callable[[list[bytes | None]], None], ended: Callable[[], None]
    ) -> None:
        kept: list[bytes] = []
        size = 0
        while chunk := self._read():
            *lines, rest = chunk.split(b"\n")
            complete: list[bytes | None] = []
            for line in lines:
                complete.append(b"".join((*kept, line)) if size <= LONGEST_LINE else None)
                kept, size = [], 0
            size += len(rest)
            kept = [*kept, rest] if size <= LONGEST_LINE else []
            if complete:
                accept(complete)
        if kept:
            accept([b"".join(kept)])
        ended()

    def _read(self) -> bytes:
        try:
            return os.read(self._reads, _CHUNK)
        except OSError:
            return b""


class _Session:
    """One client's conversation: what was accepted and is not answered yet, and how it ends."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._pending: Counter[RequestId] = Counter()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stop = asyncio.Event()
        self._drain = DRAIN_AT_EOF

    def end(self, drain: float) -> None:
        """Stop after what was accepted is answered, or after `drain` seconds."""
        if not self._stop.is_set():
            self._drain = drain
            self._stop.set()

    async def run(self, server: Server[Any]) -> None:
        """Serve until stdin ends, stdout breaks or a signal comes."""
        to_server, server_reads = anyio.create_memory_object_stream[SessionMessage | Exception](64)
        server_writes, from_server = anyio.create_memory_object_stream[SessionMessage](64)
        self._watch_signals()
        self._wire.start(
            lambda lines: self._accept_from_thread(to_server, lines),
            lambda: self._from_thread(self.end, DRAIN_AT_EOF),
            lambda: self._from_thread(self.end, 0.0),
        )
        options = server.create_initialization_options(NotificationOptions(tools_changed=True))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._pump, from_server)
            tasks.start_soon(self._watch_parent)
            serving = asyncio.ensure_future(server.run(server_reads, server_writes, options))
            await self._stop.wait()
            with anyio.move_on_after(self._drain):
                await self._idle.wait()
            to_server.close()
            with anyio.move_on_after(CLOSE):
                await asyncio.wait([serving])
            serving.cancel()
            tasks.cancel_scope.cancel()

    def _from_thread(self, call: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is gone: so is whom this would tell
            self._loop.call_soon_threadsafe(functools.partial(call, *arguments))

    def _accept_from_thread(
        self,
        to_server: MemoryObjectSendStream[SessionMessage | Exception],
        lines: list[bytes | None],
    ) -> None:
        """Hand `lines` over and wait until the server took them: a flood waits in the pipe."""
        with suppress(RuntimeError, asyncio.CancelledError):
            asyncio.run_coroutine_threadsafe(self._accept(to_server, lines), self._loop).result()

    async def _accept(
        self,
        to_server: MemoryObjectSendStream[SessionMessage | Exception],
        lines: list[bytes | None],
    ) -> None:
        for line in lines:
            found = (
                refusal(None, INVALID_REQUEST, f"Line longer than {LONGEST_LINE >> 20} MB.")
                if line is None
                else understand(line)
            )
            if found is None or isinstance(found, bytes):
                self._wire.send(found or b"")
                continue
            with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
                await to_server.send(self._noted(found))

    def _noted(self, message: JSONRPCMessage) -> SessionMessage:
        if not isinstance(message, JSONRPCRequest) or message.method == _ENDLESS:
            return SessionMessage(message)
        self._pending[message.id] += 1
        self._idle.clear()

        async def unanswered() -> None:
            self._settled(message.id)

        return SessionMessage(message, ServerMessageMetadata(on_request_unanswered=unanswered))

    def _settled(self, identifier: RequestId | None) -> None:
        if identifier is not None and identifier in self._pending:
            self._pending -= Counter({identifier: 1})
            if not self._pending:
                self._idle.set()

    async def _pump(self, from_server: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async for outgoing in from_server:
            self._wire.send(dump(outgoing.message))
            if isinstance(outgoing.message, JSONRPCResponse | JSONRPCError):
                self._settled(outgoing.message.id)

    def _watch_signals(self) -> None:
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            try:
                self._loop.add_signal_handler(number, self.end, DRAIN_AT_SIGNAL)
            except NotImplementedError:  # Windows
                signal.signal(number, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._from_thread(self.end, DRAIN_AT_SIGNAL)

    async def _watch_parent(self) -> None:
        """End when whoever started us is gone, even if another process holds our stdin open."""
        if sys.platform == "win32":
            return
        parent = os.getppid()
        while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of it
            await anyio.sleep(PARENT_CHECK)
        log.warning("The process that started this server is gone.")
        self.end(DRAIN_AT_EOF)


async def serve_stdio(server: Server[Any]) -> None:
    """Serve one client on this process's stdin and stdout until it leaves."""
    wire = _Wire(*claim())
    await _Session(wire).run(server)
    await asyncio.to_thread(wire.flush, CLOSE)


__all__ = ["claim", "dump", "refusal", "serve_stdio", "understand"]
