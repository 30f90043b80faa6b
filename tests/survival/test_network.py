"""Networks that break, delay, change or deny what Google says."""

import gzip
import os
import socket
import threading
import tracemalloc
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import anyio
import httpx2
import pytest

from tests.conftest import ME
from tests.google.test_client import MESSAGES, OK, Client, error, play
from tests.google_over_tls import LoopbackGoogle, write
from tests.proxy import GoogleProxy
from tests.wire import Wire, tool_text
from workspace_mcp.errors import GoogleDownError, NotSignedInError
from workspace_mcp.google.client import Google, http_client
from workspace_mcp.google.exchange import LARGEST, Sending
from workspace_mcp.google.resource import Resource

Talk = Callable[[socket.socket], None]


@contextmanager
def raw(talk: Talk) -> Generator[int]:
    """A port of loopback where `talk` speaks to whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):  # the listener, or whoever came, is gone
                while True:
                    one, _ = server.accept()
                    threading.Thread(target=held, args=(one,), daemon=True).start()

        def held(one: socket.socket) -> None:
            with suppress(OSError), one:
                one.recv(65_536)
                talk(one)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def silent(one: socket.socket) -> None:
    one.recv(1)


def drips_headers(one: socket.socket) -> None:
    one.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        one.sendall(b"x")
        threading.Event().wait(0.02)


def drips_body(one: socket.socket) -> None:
    one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        one.sendall(b" ")
        threading.Event().wait(0.02)


@pytest.mark.parametrize("talk", [silent, drips_headers, drips_body])
async def test_a_slow_answer_ends_at_the_deadline_wherever_it_is_slow(talk: Talk) -> None:
    async def token(refused: str | None) -> str:
        return "t"

    with raw(talk) as port:
        google = Google(ME, token, http_client(tls=False))
        place = Resource(f"http://127.0.0.1:{port}/x", "/x")
        with anyio.fail_after(10):
            answer, broken = await google.sender.once(Sending("GET", place, seconds=0.3), "t")

    assert answer is None
    assert isinstance(broken, TimeoutError)


def says(answer: bytes) -> Talk:
    def talk(one: socket.socket) -> None:
        one.sendall(answer)

    return talk


DENIED = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html>no</htm"


@pytest.mark.parametrize(
    "answer", [DENIED, BROKEN, b"", b"nonsense\r\n\r\n"], ids=["407", "502", "closed", "noise"]
)
@pytest.mark.parametrize("expired", [True, False], ids=["refreshing", "asking"])
def test_a_proxy_that_does_not_let_us_through_costs_no_sign_in(
    tmp_path: Path, answer: bytes, expired: bool
) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).replace(tzinfo=None).isoformat()
    path = write(
        tmp_path / ".google_workspace_mcp" / "credentials", **({} if expired else {"expiry": later})
    )
    before = path.read_bytes()
    with raw(says(answer)) as port:
        proxy = f"http://somebody:canary-password@127.0.0.1:{port}"
        environ = {"HOME": str(tmp_path), "HTTPS_PROXY": proxy, "NO_PROXY": ""}
        with Wire("-m", "workspace_mcp", "--tools", "gmail", environ=environ) as wire:
            wire.initialize()
            wire.call("1", "gmail_modify", ids=["18c0000000000001"], action="star")
            failure = wire.answer("1", 40)["result"]
            wire.close_stdin()
            log = wire.errors()

    text = failure["content"][0]["text"]
    assert failure["isError"]
    assert "GOOGLE_LOGIN_REQUIRED" not in text
    assert "failed inside" not in text
    assert "canary" not in text + log
    if answer in {DENIED, BROKEN}:
        assert "proxy" in text.lower()
        assert "HTTPS_PROXY" in text
    assert path.read_bytes() == before


async def test_a_sign_in_that_is_revoked_between_two_pages_ends_the_listing_with_the_command() -> (
    None
):
    first = httpx2.Response(200, json={"messages": [{"id": "1"}], "nextPageToken": "a"})
    client, script = play(first, error(401), error(401))
    pages = client.google.pages(MESSAGES, "messages", most=10)

    got = await anext(pages)
    with pytest.raises(NotSignedInError, match="token_expired_or_revoked"):
        await anext(pages)

    assert got == {"id": "1"}
    assert len(script.requests) == 3
    assert client.refused == [None, None, "token-0"]


async def test_a_pause_that_google_names_by_a_date_is_kept() -> None:
    wish = format_datetime(datetime.now(UTC) + timedelta(seconds=8), usegmt=True)
    client, _ = play(error(429, **{"retry-after": wish}), OK)

    await client.google.get(MESSAGES)

    assert 5 < client.slept[0] <= 8


async def test_one_pause_holds_all_requests_of_the_account() -> None:
    client, script = play(error(429, **{"retry-after": "9"}), OK)

    await client.google.get(MESSAGES)
    await client.google.get(MESSAGES.item("a"))

    assert len(script.requests) == 3
    assert client.slept[0] == 9
    assert all(8 < seconds <= 9 for seconds in client.slept)
    assert len(client.slept) >= 2, "the next request waits for the same moment"


class Packed(httpx2.AsyncByteStream):
    """An answer that is far larger than it looks."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self):
        for start in range(0, len(self._data), 1 << 14):
            yield self._data[start : start + (1 << 14)]

    async def aclose(self) -> None:
        """Nothing to close."""


async def test_a_bomb_is_given_up_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(bytes(200 << 20), 9)

    async def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=Packed(bomb))

    google = Client(httpx2.MockTransport(answer)).google
    tracemalloc.start()
    try:
        with pytest.raises(GoogleDownError, match="larger than 32 MB"):
            await google.get(MESSAGES)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * LARGEST


def test_a_refresh_that_hangs_holds_up_no_end(tmp_path: Path) -> None:
    google = LoopbackGoogle(tmp_path)
    google.pause = 20
    home = tmp_path / "home"
    write(home / ".google_workspace_mcp" / "credentials")
    with GoogleProxy(google.handle, tmp_path) as proxy:
        environ = {**proxy.environ, "HOME": str(home), "USER_GOOGLE_EMAIL": ""}
        with Wire("-m", "workspace_mcp", environ=environ) as wire:
            wire.initialize()
            wire.call("1", "gmail_search", query="x")
            while not google.refreshes:
                os.sched_yield()
            wire.close_stdin()

            assert wire.ended_within(3) == 0


def test_reading_goes_on_after_an_error_of_googles(tmp_path: Path) -> None:
    google = LoopbackGoogle(tmp_path)
    home = tmp_path / "home"
    write(home / ".google_workspace_mcp" / "credentials")
    google.world.fail_next(503)
    with GoogleProxy(google.handle, tmp_path) as proxy:
        environ = {**proxy.environ, "HOME": str(home), "USER_GOOGLE_EMAIL": ""}
        with Wire("-m", "workspace_mcp", environ=environ) as wire:
            wire.initialize()
            wire.call("1", "gmail_search", query="x")
            assert tool_text(wire.answer("1")).startswith("No mail matches")
