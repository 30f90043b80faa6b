"""Listens on 127.0.0.1 for Google's answer, on a port that the system picks.

Favicons, port scans, idle connections, other pages' requests: none of them ends or delays a sign-in.
Only a GET of the one path with this sign-in's state counts; the browser is then held until the sign-in
is really over, and sent to a page that says how it went, without the code in its address.
"""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import Any, Final, Self

from auth_cli.oauth.callback import Code, Refusal, brought
from workspace_mcp.errors import UsageError

PATH: Final = "/oauth2/callback"
RESULT: Final = "/result"
PATIENCE: Final = 5.0
"""Seconds that one connection may take to say what it wants."""
HOLD: Final = 45.0
"""Seconds for which a browser is held while the code is exchanged."""
LINGER: Final = 2.0
"""Seconds that a browser which was held has to fetch the result."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Connection": "close",
}


class Turn:
    """One address that was shown, and the one answer that it may get."""

    def __init__(self, state: str) -> None:
        self.state = state
        self.came = threading.Event()
        self.over = threading.Event()
        self.next = RESULT
        self.held = 0
        self.answer: Code | Refusal | None = None
        self._one = threading.Lock()

    def take(self, found: Code | Refusal, *, held: bool = False) -> None:
        """An answer; the first one counts. `held`: a browser waits for what comes of it."""
        with self._one:
            self.held += held
            if self.answer is None:
                self.answer = found
                self.came.set()


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = False
    listener: "Listener"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    timeout = PATIENCE
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The callback, the result, or a plain no."""
        listener = self.server.listener
        callback = self.path.partition("?")[0] == PATH
        if self.headers.get("Host", "") != listener.host:
            self._answer(400, listener.page(400))
        elif callback and (turn := self._counts(listener)) is not None:
            turn.over.wait(HOLD)
            self._answer(303, "", {"Location": turn.next})
        elif self.path == RESULT and listener.result:
            self._answer(200, listener.result)
            listener.shown.release()
        else:
            status = 400 if callback else 404
            self._answer(status, listener.page(status))

    def _counts(self, listener: "Listener") -> Turn | None:
        turn = listener.turn
        found = None if turn is None else brought(self.path, turn.state)
        if turn is None or found is None:
            return None
        turn.take(found, held=True)
        return turn

    def _other(self) -> None:
        self._answer(405, "", {"Allow": "GET"})

    do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = do_PATCH = _other

    def _answer(self, status: int, page: str, headers: dict[str, str] | None = None) -> None:
        body = page.encode()
        self.send_response(status)
        for name, value in (_HEADERS | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the request line holds the code."""


class Listener:
    """Waits for one answer at a time. Use it as a context manager; the port is free afterwards."""

    def __init__(self, port: int, page: Callable[[int], str]) -> None:
        self.page = page
        self.turn: Turn | None = None
        self.result = ""
        self.shown = threading.Semaphore(0)
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", "") or "it is no port"
            raise UsageError(
                f"Port {port} on 127.0.0.1 is taken, or no port at all ({why}).",
                "Leave --port away: the system then picks a free one.",
            ) from error
        self._server.listener = self

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1]

    @property
    def host(self) -> str:
        """What a browser sends as Host."""
        return f"127.0.0.1:{self.port}"

    @property
    def redirect_uri(self) -> str:
        """Where Google sends the browser."""
        return f"http://{self.host}{PATH}"

    def expect(self, state: str, url: str = "") -> Turn:
        """From now on only an answer with `state` counts; a browser that is held goes on to `url`."""
        before, self.turn = self.turn, Turn(state)
        if before is not None:
            before.next = url or RESULT
            before.over.set()
        return self.turn

    def finish(self, result: str) -> None:
        """Show `result` to every browser that waits."""
        self.result = result
        if (turn := self.turn) is None:
            return
        turn.over.set()
        until = time.monotonic() + LINGER
        for _ in range(turn.held):
            self.shown.acquire(timeout=max(0.0, until - time.monotonic()))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.turn is not None:
            self.turn.over.set()
        self._server.shutdown()
        self._server.server_close()
