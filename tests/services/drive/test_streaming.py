"""Large files pass through in pieces: memory does not grow with their size."""

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ME
from workspace_mcp.files import LocalFiles
from workspace_mcp.google.client import Google, http_client
from workspace_mcp.services.drive.read import drive_read
from workspace_mcp.services.drive.upload import drive_upload

SIZE = 64 << 20
FILE = {
    "id": "1BigFile",
    "name": "big.bin",
    "mimeType": "application/octet-stream",
    "size": str(SIZE),
}
SESSION = "https://www.googleapis.com/upload/drive/v3/files?uploadType=resumable&upload_id=u1"


class Zeros(httpx2.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        piece = bytes(1 << 16)
        for _ in range(SIZE >> 16):
            yield piece

    async def aclose(self) -> None:
        """Nothing to close."""


class Big(httpx2.AsyncBaseTransport):
    """A Drive with one large file, which forgets what it is given."""

    def __init__(self) -> None:
        self.got = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            media = request.url.params.get("alt") == "media"
            return (
                httpx2.Response(200, stream=Zeros()) if media else httpx2.Response(200, json=FILE)
            )
        if request.method == "POST":
            return httpx2.Response(200, headers={"location": SESSION})
        async for piece in request.stream:  # pyright: ignore[reportGeneralTypeIssues]
            self.got += len(piece)
        if self.got == SIZE:
            return httpx2.Response(200, json=FILE)
        return httpx2.Response(308, headers={"range": f"bytes=0-{self.got - 1}"})


@pytest.mark.parametrize("way", ["upload", "download"])
async def test_a_large_file_takes_little_memory(tmp_path: Path, way: str) -> None:
    with (tmp_path / "big.bin").open("wb") as big:
        big.truncate(SIZE)

    async def token(refused: str | None) -> str:
        return "t"

    async def progress(done: float, total: float | None = None, message: str = "") -> None:
        pass

    transport = Big()
    google = Google(ME, token, http_client(tls=False, transport=transport))
    files = LocalFiles(tmp_path / "downloads", [tmp_path], enabled=True)
    tracemalloc.start()
    try:
        if way == "upload":
            await drive_upload.function(google, files, progress, path="big.bin")
        else:
            await drive_read.function(google, files, progress, file="1BigFile", save=".")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 << 20
    if way == "upload":
        assert transport.got == SIZE
    else:
        assert (tmp_path / "downloads" / "big.bin").stat().st_size == SIZE
