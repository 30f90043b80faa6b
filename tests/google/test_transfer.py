"""Uploads and downloads survive breaks, and their memory does not grow with their size."""

import io
import re

import anyio
import httpx2
import pytest

from tests.google.test_client import Client, Script, error, play
from workspace_mcp.errors import (
    GoogleDownError,
    NetworkError,
    OutcomeUnknownError,
    WorkspaceError,
)
from workspace_mcp.google.media import CHUNK, Begun, Media
from workspace_mcp.google.resource import collection

UPLOAD = collection("https://www.googleapis.com/upload/drive/v3/files")
FILES = collection("https://www.googleapis.com/drive/v3/files")
SESSION = "https://www.googleapis.com/upload/drive/v3/files?uploadType=resumable&upload_id=u1"


class Zeros(io.RawIOBase):
    """A large file that lies nowhere."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        got = min(size, self._size - self._at)
        self._at += got
        return bytes(got)


def media(size: int) -> Media:
    return Media("application/octet-stream", size, lambda: Zeros(size))  # pyright: ignore[reportArgumentType]


class Session(httpx2.AsyncBaseTransport):
    """A resumable upload as Google does it; `breaks` says after how many bytes a part is cut."""

    def __init__(self, size: int, breaks: list[int]) -> None:
        self.size, self.breaks = size, breaks
        self.have = 0
        self.longest = 0
        self.made = 0
        self.methods: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.methods.append(request.method)
        if request.method == "POST":
            return httpx2.Response(200, headers={"location": SESSION})
        span = request.headers["content-range"]
        if span != f"bytes */{self.size}":
            start = int(re.match(r"bytes (\d+)-", span)[1])  # pyright: ignore[reportOptionalSubscript]
            assert start == self.have
            cut = self.breaks.pop(0) if self.breaks else None
            got = 0
            async for piece in request.stream:  # pyright: ignore[reportGeneralTypeIssues]
                self.longest = max(self.longest, len(piece))
                got += len(piece)
                if cut is not None and got > cut:
                    self.have += cut
                    raise httpx2.WriteError("cut")
            self.have += got
        if self.have == self.size:
            self.made += 1
            return httpx2.Response(200, json={"id": "f1"})
        return httpx2.Response(
            308, headers={"range": f"bytes=0-{self.have - 1}"} if self.have else {}
        )


async def test_a_large_upload_goes_on_where_it_broke_and_makes_one_file() -> None:
    size = 3 * CHUNK + 12_345
    session = Session(size, [1 << 20, 0])
    seen: list[float] = []

    async def report(done: float, total: float | None) -> None:
        seen.append(done)
        assert total == size

    made = await Client(session).google.upload(UPLOAD, {"name": "x"}, media(size), report=report)

    assert made == {"id": "f1"}
    assert (session.have, session.made) == (size, 1)
    assert session.longest <= 1 << 18
    assert seen == sorted(seen)


async def test_a_small_upload_is_one_request_that_is_never_sent_twice() -> None:
    client, script = play(httpx2.ReadError("cut"))

    with pytest.raises(OutcomeUnknownError):
        await client.google.upload(UPLOAD, {"name": "x"}, media(10))

    assert len(script.requests) == 1
    assert b'{"name": "x"}' in script.requests[0].content
    assert script.requests[0].url.params["uploadType"] == "multipart"


async def test_an_upload_address_on_another_host_is_not_used() -> None:
    client, script = play(httpx2.Response(200, headers={"location": "https://evil.example/u"}))

    with pytest.raises(GoogleDownError, match="no address"):
        await client.google.upload(UPLOAD, {}, media(CHUNK))
    assert len(script.requests) == 1


class Pieces(httpx2.AsyncBaseTransport):
    """A download that is cut after each of `cuts` bytes, and serves ranges."""

    def __init__(self, data: bytes, cuts: list[int]) -> None:
        self.data, self.cuts = data, cuts
        self.ranges: list[str | None] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        wanted = request.headers.get("range")
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        rest = self.data[start:]
        cut = self.cuts.pop(0) if self.cuts else None
        return httpx2.Response(206 if start else 200, stream=_Body(rest, cut))


class _Body(httpx2.AsyncByteStream):
    def __init__(self, data: bytes, cut: int | None) -> None:
        self._data, self._cut = data, cut

    async def __aiter__(self):
        yield self._data if self._cut is None else self._data[: self._cut]
        if self._cut is not None:
            raise httpx2.RemoteProtocolError("cut")

    async def aclose(self) -> None:
        """Nothing to close."""


async def test_a_download_goes_on_where_it_broke() -> None:
    data = bytes(range(256)) * 40
    pieces = Pieces(data, [1000, 500])
    got = bytearray()

    count = await Client(pieces).google.download(FILES.item("f1"), got.extend, limit_bytes=1 << 20)

    assert bytes(got) == data
    assert count == len(data)
    assert pieces.ranges == [None, "bytes=1000-", "bytes=1500-"]


async def test_a_download_larger_than_allowed_is_cut() -> None:
    with pytest.raises(GoogleDownError, match="larger than 100 bytes"):
        await Client(Pieces(bytes(500), [])).google.download(
            FILES.item("f1"), lambda _: None, limit_bytes=100
        )


async def test_a_download_that_never_gets_on_is_given_up() -> None:
    with pytest.raises(NetworkError, match="broke off after 0 bytes"):
        await Client(Pieces(bytes(500), [0] * 9)).google.download(
            FILES.item("f1"), lambda _: None, limit_bytes=1000
        )


async def test_only_googles_media_host_is_followed_and_without_the_token() -> None:
    there = httpx2.Response(302, headers={"location": "https://doc-1.googleusercontent.com/x"})
    client, script = play(there, httpx2.Response(200, content=b"data"))
    got = bytearray()

    await client.google.download(FILES.item("f1"), got.extend, limit_bytes=100)

    assert bytes(got) == b"data"
    assert "authorization" in script.requests[0].headers
    assert "authorization" not in script.requests[1].headers

    client, script = play(httpx2.Response(302, headers={"location": "https://evil.example/x"}))
    with pytest.raises(GoogleDownError, match="not its own"):
        await client.google.download(FILES.item("f1"), got.extend, limit_bytes=100)
    assert len(script.requests) == 1


async def test_a_refused_download_is_googles_error() -> None:
    client = Client(Script(error(404)))

    with pytest.raises(GoogleDownError.__base__, match="no such item"):  # pyright: ignore[reportArgumentType]
        await client.google.download(FILES.item("f1"), lambda _: None, limit_bytes=100)


class Stuck(httpx2.AsyncBaseTransport):
    """A session whose second part never gets an answer, until it is let go."""

    def __init__(self, session: Session) -> None:
        self.session, self.parts, self.stuck = session, 0, True

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "PUT" and "-" in request.headers["content-range"]:
            self.parts += 1
            if self.stuck and self.parts == 2:
                await anyio.sleep_forever()
        return await self.session.handle_async_request(request)


async def test_an_upload_that_was_called_off_is_gone_on_with_in_its_session() -> None:
    size = 3 * CHUNK
    stuck = Stuck(Session(size, []))
    google, begun = Client(stuck).google, Begun()

    with anyio.move_on_after(0.3):
        await google.upload(UPLOAD, {"name": "x"}, media(size), begun=begun)
    reached, stuck.stuck = begun.at, False
    made = await google.upload(UPLOAD, {"name": "x"}, media(size), begun=begun)

    assert reached == CHUNK
    assert made == {"id": "f1"}
    assert stuck.session.made == 1
    assert stuck.session.methods.count("POST") == 1
    assert "DELETE" not in stuck.session.methods


async def test_an_upload_that_google_forgot_says_to_start_again() -> None:
    client, _ = play(error(404))
    begun = Begun(collection("https://www.googleapis.com/upload/drive/v3/files"), CHUNK)

    with pytest.raises(GoogleDownError, match="nothing was stored"):
        await client.google.upload(UPLOAD, {}, media(3 * CHUNK), begun=begun)


async def test_a_download_goes_on_from_a_place() -> None:
    data = bytes(range(256)) * 4
    pieces = Pieces(data, [])
    got = bytearray(data[:100])

    count = await Client(pieces).google.download(
        FILES.item("f1"), got.extend, limit_bytes=1 << 20, start=100
    )

    assert bytes(got) == data
    assert count == len(data)
    assert pieces.ranges == ["bytes=100-"]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x", "http://www.googleapis.com/x", "https://www.googleapis.com@evil.example/",
        "https://docs.google.com:444/x", "https://storage.googleapis.com/x", "//docs.google.com/x",
    ],
)  # fmt: skip
async def test_only_googles_own_addresses_get_the_token(address: str) -> None:
    client, script = play(httpx2.Response(200, content=b"data"))

    with pytest.raises(GoogleDownError, match="not its own"):
        await client.google.fetch(address, lambda _: None, limit_bytes=100)
    assert script.requests == []


async def test_an_address_that_google_gave_is_fetched_as_it_is() -> None:
    client, script = play(httpx2.Response(200, content=b"data"))
    got = bytearray()

    await client.google.fetch(
        "https://drive.usercontent.google.com/download?ticket=a%2Fb", got.extend, limit_bytes=100
    )

    assert bytes(got) == b"data"
    assert str(script.requests[0].url).endswith("/download?ticket=a%2Fb")
    assert "authorization" in script.requests[0].headers


class Last(httpx2.AsyncBaseTransport):
    """A session that takes everything, and whose last answer and all that follow break."""

    def __init__(
        self, after: Exception | httpx2.Response, where: Exception | httpx2.Response
    ) -> None:
        self.after, self.where = after, where
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.headers.get("content-range", request.method))
        if request.method == "POST":
            return httpx2.Response(200, headers={"location": SESSION})
        await request.aread()
        step = self.where if self.asked[-1].startswith("bytes */") else self.after
        if isinstance(step, Exception):
            raise step
        return httpx2.Response(step.status_code, content=step.content)


@pytest.mark.parametrize(
    ("after", "where", "kind", "says"),
    [
        (httpx2.ReadError("cut"), httpx2.ReadError("cut"), OutcomeUnknownError, "may have happened"),
        (httpx2.ReadError("cut"), error(404), OutcomeUnknownError, "may have happened"),
        (httpx2.ConnectError("no"), httpx2.ConnectError("no"), NetworkError, "broke off after 0 "),
        (httpx2.ConnectError("no"), error(404), GoogleDownError, "nothing was stored"),
        (error(403, "storageQuotaExceeded"), error(404), WorkspaceError, "limit"),
        (httpx2.Response(200, content=b"{}"), error(404), OutcomeUnknownError, "may have happened"),
    ],
    ids=["no answer at all", "forgotten", "never sent", "ended", "refused", "unreadable"],
)  # fmt: skip
async def test_what_is_said_of_an_upload_whose_end_nobody_heard(
    after: Exception | httpx2.Response,
    where: Exception | httpx2.Response,
    kind: type[Exception],
    says: str,
) -> None:
    last = Last(after, where)

    with pytest.raises(kind, match=says):
        made = await Client(last).google.upload(UPLOAD, {}, media(CHUNK))
        _ = made["id"]
    assert last.asked.count("POST") == 1


class Forgetful(httpx2.AsyncBaseTransport):
    """A download that breaks in its middle, and begins anew whatever is asked for."""

    def __init__(self, data: bytes, breaks: int) -> None:
        self.data, self.breaks = data, breaks

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.breaks -= 1
        cut = len(self.data) // 2 if self.breaks >= 0 else None
        return httpx2.Response(200, stream=_Body(self.data, cut))


@pytest.mark.parametrize(("breaks", "whole"), [(1, True), (2, True), (3, False)])
async def test_a_download_begins_again_twice_and_no_more(breaks: int, whole: bool) -> None:
    data = bytes(range(256)) * 40
    got = bytearray()
    google = Client(Forgetful(data, breaks)).google

    if not whole:
        with pytest.raises(GoogleDownError, match="broke off"):
            await google.download(
                FILES.item("f1"), got.extend, limit_bytes=1 << 20, restart=got.clear
            )
        return
    count = await google.download(
        FILES.item("f1"), got.extend, limit_bytes=1 << 20, restart=got.clear
    )

    assert bytes(got) == data
    assert count == len(data)
