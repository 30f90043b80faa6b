"""Drives a stdio server at the level of bytes: what no well-behaved client would send."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LEGACY = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
ROOT = Path(__file__).parent.parent


class Wire:
    """A server process, line by line. Answers are looked up by id; None is a line without one."""

    def __init__(
        self,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        stderr: Any = subprocess.PIPE,
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=stderr, cwd=ROOT, env={**os.environ, **(environ or {})},
        )  # fmt: skip
        self.lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._held: list[dict[str, Any]] = []
        self.reading = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self.reading.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reading.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what could not be written any more
                    pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    @staticmethod
    def line(identifier: Any, method: str, **params: Any) -> bytes:
        """A request as it goes over the pipe."""
        message = {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}
        return json.dumps(message).encode() + b"\n"

    def send(self, *messages: Any) -> None:
        self.write(b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    def request(self, identifier: Any, method: str, **params: Any) -> None:
        self.send({"jsonrpc": "2.0", "id": identifier, "method": method, "params": params})

    def call(self, identifier: Any, name: str, **arguments: Any) -> None:
        self.request(identifier, "tools/call", name=name, arguments=arguments)

    def answer(self, identifier: Any, seconds: float = 20) -> dict[str, Any]:
        """The answer with this id; others are kept for later."""
        for held in self._held:
            if held.get("id") == identifier:
                self._held.remove(held)
                return held
        until = time.monotonic() + seconds
        while True:
            got = self.lines.get(timeout=max(0.01, until - time.monotonic()))
            if got.get("id") == identifier:
                return got
            self._held.append(got)

    def initialize(self) -> dict[str, Any]:
        self.request(0, "initialize", **LEGACY)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self.answer(0)["result"]

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def ended_within(self, seconds: float) -> int:
        """The exit status; fails when it takes longer."""
        return self.process.wait(seconds)

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()


def tool_text(answer: dict[str, Any]) -> str:
    """The text of a tool call's answer."""
    return "\n".join(part["text"] for part in answer["result"]["content"])


def listening(pid: int) -> list[str]:
    """Local addresses on which the process listens, over TCP, as Linux shows them."""
    inodes = set[str]()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(link))
        except OSError:
            continue
    found: list[str] = []
    for table in ("tcp", "tcp6"):
        rows = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
        for row in rows:
            columns = row.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in inodes:
                found.append(columns[1])
    return found


def tree(pid: int) -> Sequence[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(after[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found
