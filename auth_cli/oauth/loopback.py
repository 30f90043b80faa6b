"""Listens on 127.0.0.1 for Google's answer, on a port that the system picks.

Favicons, port scans, idle connections, other pages' requests: none of them ends or delays a sign-in.
Only a GET of the one path with this sign-in's state counts; the browser is then held until the sign-in
is really over, and sent to a page that says how it went, without the code in its address.
"""

import threading
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
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Connection": "close",
}


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
        if self.headers.get("Host", "") != listener.host:
            self._answer(400, listener.page(400))
        elif self.path.partition("?")[0] == PATH and self._counts(listener):
            listener.finished.wait(HOLD)
            self._answer(303, "", {"Location": RESULT})
        elif self.path == RESULT and listener.finished.is_set():
            self._answer(200, listener.result)
            listener.shown.set()
        elif self.path.partition("?")[0] == PATH:
            self._answer(400, listener.page(400))
        else:
            self._answer(404, listener.page(404))

    def _counts(self, listener: "Listener") -> bool:
        found = brought(self.path, listener.state)
        if found is None:
            return False
        listener.take(found)
        return True

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
    """Waits for one answer. Use it as a context manager; the port is free afterwards."""

    def __init__(self, port: int, page: Callable[[int], str]) -> None:
        self.page = page
        self.state = ""
        self.result = ""
        self.finished = threading.Event()
        self.shown = threading.Event()
        self._answer: Code | Refusal | None = None
        self._came = threading.Event()
        self._turn = threading.Lock()
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise UsageError(
                f"Port {port} on 127.0.0.1 is taken ({error.strerror}).",
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

    def take(self, found: Code | Refusal) -> None:
        """An answer; the first one counts."""
        with self._turn:
            if self._answer is None:
                self._answer = found
                self._came.set()

    def wait(self, seconds: float) -> Code | Refusal | None:
        """The answer, or None when none came in time."""
        self._came.wait(seconds)
        return self._answer

    def finish(self, result: str) -> None:
        """Show `result` to the browser that waits, for two seconds at most."""
        self.result = result
        self.finished.set()
        if self._came.is_set():
            self.shown.wait(2.0)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.finished.set()
        self._server.shutdown()
        self._server.server_close()
