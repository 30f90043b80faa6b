"""What uploading and downloading a large file by the tools costs: MB/s, and memory beyond the start.

    python benchmarks/transfer.py [MEGABYTES]

The tools run as they are, over HTTP, against a small Drive in a process of its own on loopback. Ends
with 1 when either takes more than `ALLOWED` of memory: the peak, less what a first small upload left.
"""

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import httpx2

from workspace_mcp.files import LocalFiles
from workspace_mcp.google.client import Google, http_client
from workspace_mcp.services.drive.read import drive_read
from workspace_mcp.services.drive.upload import drive_upload

FILE = "1BenchmarkFile"
SESSION = "https://www.googleapis.com/upload/drive/v3/files?uploadType=resumable&upload_id=u1"
PIECE = bytes(1 << 20)
ALLOWED = 40.0
"""MB of memory that a transfer of any size may take."""


class Drive(BaseHTTPRequestHandler):
    """One file of `size` bytes, and a session for an upload of any size."""

    protocol_version = "HTTP/1.1"
    size = 0

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def _json(self, body: Mapping[str, Any], status: int = 200, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _file(self) -> Mapping[str, Any]:
        return {
            "id": FILE, "name": "big.bin", "mimeType": "application/octet-stream",
            "size": str(self.size),
        }  # fmt: skip

    def do_GET(self) -> None:
        """Facts, or the bytes."""
        if "alt=media" not in self.path:
            self._json(self._file())
            return
        self.send_response(200)
        self.send_header("Content-Length", str(self.size))
        self.end_headers()
        for _ in range(self.size >> 20):
            self.wfile.write(PIECE)

    def do_POST(self) -> None:
        """A small upload, or the beginning of one in parts."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if "uploadType=multipart" in self.path:
            self._json(self._file())
        else:
            self._json({}, location=SESSION)

    def do_PUT(self) -> None:
        """A part of it."""
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        found = re.fullmatch(r"bytes \d+-(\d+)/(\d+)", self.headers["Content-Range"])
        assert found
        if int(found[1]) + 1 == int(found[2]):
            self._json(self._file())
        else:
            self._json({}, 308, Range=f"bytes=0-{found[1]}")


class Redirected(httpx2.AsyncBaseTransport):
    """Google's addresses, answered on loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The small Drive's answer."""
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(request)


def peak_mb() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measured(port: int, folder: Path, megabytes: int) -> float:
    """Upload and download, and say what each took; the most memory that one took."""

    async def token(refused: str | None) -> str:
        del refused
        return "t"

    async def progress(done: float, total: float | None = None, message: str = "") -> None:
        del done, total, message

    google = Google("me@example.com", token, http_client(tls=False, transport=Redirected(port)))
    files = LocalFiles(folder / "downloads", [folder], enabled=True)
    small = folder / "small.bin"
    small.write_bytes(bytes(1_000))
    await drive_upload.function(google, files, progress, path=str(small))  # all modules are loaded
    start = peak_mb()
    for name, call in (
        (
            "upload",
            lambda: drive_upload.function(google, files, progress, path=str(folder / "big.bin")),
        ),
        ("download", lambda: drive_read.function(google, files, progress, file=FILE, save=".")),
    ):
        began = time.perf_counter()
        view = await call()
        while type(view).__name__ == "Partly":  # a slow machine: the next call goes on
            view = await call()
        seconds = time.perf_counter() - began
        assert type(view).__name__ in {"Uploaded", "Saved"}, view
        speed = megabytes / seconds
        print(
            f"{name}: {megabytes} MB in {seconds:.1f} s, {speed:.0f} MB/s; "
            f"peak {peak_mb():.0f} MB, {peak_mb() - start:.1f} MB more than at the start"
        )
    return peak_mb() - start


def main() -> int:
    """Both, with a file of the size that was asked for; 1 when they take too much memory."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "big.bin").open("wb") as big:
            big.truncate(megabytes << 20)
        with subprocess.Popen(
            [sys.executable, __file__, "serve", str(megabytes << 20)], stdout=subprocess.PIPE
        ) as server:
            assert server.stdout
            port = int(server.stdout.readline())
            try:
                return int(anyio.run(measured, port, folder, megabytes) > ALLOWED)
            finally:
                server.terminate()


def serve() -> None:
    """The small Drive, until it is ended."""
    Drive.size = int(sys.argv[2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Drive)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(serve() if sys.argv[1:2] == ["serve"] else main())
