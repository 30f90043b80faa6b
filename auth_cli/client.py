"""A small MCP client: starts the server as an agent's client does, and asks it one thing at a time.

The official SDK's client would do the same and cost half a second of imports.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from workspace_mcp import __version__
from workspace_mcp.errors import WorkspaceError

PROTOCOL = "2025-11-25"
PATIENCE = 70.0
"""Seconds for one answer; the server itself stops a call earlier."""


class ServerClient:
    """A running `workspace-mcp`, over pipes. Use it as a context manager."""

    def __init__(self, flags: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "workspace_mcp", *flags]
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._last = 0
        self.info: dict[str, Any] = {}
        self.started_in = 0.0
        """Seconds from starting the process to its first answer."""

    def __enter__(self) -> Self:
        began = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8",
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.info = self.ask(
                "initialize",
                protocolVersion=PROTOCOL,
                capabilities={},
                clientInfo={"name": "workspace-auth try", "version": __version__},
            )
            self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        except BaseException:
            self._end()
            raise
        self.started_in = time.monotonic() - began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one request.

        Raises:
            WorkspaceError: the server refused it, ended, or did not answer in time.
        """
        self._last += 1
        self._send({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise WorkspaceError(f"The server did not answer {method}.") from None
            if answer is None:
                raise WorkspaceError(
                    f"The server ended (exit {self._process.wait()}) before it answered.",
                    "What it wrote to stderr says why.",
                )
            if answer.get("id") == self._last:
                break
        if "error" in answer:
            raise WorkspaceError(str(answer["error"].get("message", "The server refused.")))
        return answer["result"]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except OSError:
            return  # the server is gone; `ask` says so

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put(None)

    def _end(self) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
