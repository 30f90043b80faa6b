"""Calls that are called off, and a process that ends, in the middle of an upload or a download."""

import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from tests.conftest import ME, Model
from tests.google_over_tls import LoopbackGoogle, write
from tests.proxy import GoogleProxy
from tests.services.drive.conftest import Stall
from tests.services.faults import Faults, QuickBackend
from tests.wire import Wire
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.http import Request, Response
from workspace_mcp.errors import NotSignedInError
from workspace_mcp.google.client import Google, http_client
from workspace_mcp.google.media import CHUNK, Media
from workspace_mcp.google.resource import Resource, collection
from workspace_mcp.settings import Settings

UPLOAD = collection("https://www.googleapis.com/upload/drive/v3/files")
SESSION = "https://www.googleapis.com/upload/drive/v3/files?uploadType=resumable&upload_id=u1"
LARGE = bytes(range(256)) * 80_000
"""20 MB: three parts."""


async def called_off(model: Model, stall: Stall, **arguments: Any) -> None:
    """A `drive_upload` that its client calls off as soon as it stalls."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(model.call, "drive_upload", **arguments))
        await stall.reached.wait()
        tasks.cancel_scope.cancel()
    await stall.left.wait()


@pytest.mark.parametrize("part", [1, 2, 3])
async def test_an_upload_that_nobody_can_go_on_with_is_forgotten_by_google(
    model: Model, drive: Drive, backend: QuickBackend, faults: Faults, part: int
) -> None:
    stall = Stall(faults, "PUT", part)
    backend.http = http_client(tls=False, transport=stall)

    await called_off(model, stall, content="x" * len(LARGE), name="big.txt")
    for _ in range(100):  # the client has left; the server is told so in its own time
        await anyio.lowlevel.checkpoint()

    assert drive.store.uploads.open == {}
    assert [file.name for file in drive.store.files.values() if file.name == "big.txt"] == []


async def test_what_a_later_call_could_go_on_with_is_forgotten_when_the_server_ends(
    model: Model, drive: Drive, backend: QuickBackend, faults: Faults, folder: Path
) -> None:
    (folder / "big.bin").write_bytes(LARGE)
    stall = Stall(faults, "PUT", 2)
    backend.http = http_client(tls=False, transport=stall)

    await called_off(model, stall, path="big.bin")
    kept = len(drive.store.uploads.open)
    await backend.close()

    assert kept == 1
    assert drive.store.uploads.open == {}


async def test_half_a_download_goes_when_the_server_ends(
    model: Model, drive: Drive, backend: QuickBackend, settings: Settings
) -> None:
    drive.add("a.bin", "application/octet-stream", content=LARGE)
    assert settings.downloads is not None
    inner = backend.http

    async def cut(request: httpx2.Request) -> httpx2.Response:
        found = await inner.send(request)
        if request.url.params.get("alt") != "media":
            return httpx2.Response(found.status_code, headers=found.headers, content=found.content)

        async def pieces() -> AsyncIterator[bytes]:
            if "range" not in request.headers:
                yield found.content[:1_000_000]
            raise httpx2.ReadError("cut")

        status = 206 if "range" in request.headers else 200
        return httpx2.Response(status, content=pieces())

    backend.http = http_client(tls=False, transport=httpx2.MockTransport(cut))
    await model.call_failing("drive_read", file="/a.bin", save=".")
    kept = [path.name for path in settings.downloads.iterdir()]
    await backend.close()

    assert [name.startswith("a.bin.workspace-") for name in kept] == [True]
    assert list(settings.downloads.iterdir()) == []


class Deaf(httpx2.AsyncBaseTransport):
    """A session whose parts, and the goodbye, get no answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stuck = anyio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.method)
        if request.method == "POST":
            return httpx2.Response(200, headers={"location": SESSION})
        self.stuck.set()
        await anyio.sleep_forever()
        raise AssertionError


def zeros(size: int) -> Media:
    import io

    return Media("application/octet-stream", size, lambda: io.BytesIO(bytes(size)))


async def test_a_google_that_does_not_hear_the_goodbye_holds_up_no_end() -> None:
    async def token(refused: str | None) -> str:
        return "t"

    deaf = Deaf()
    google = Google(ME, token, http_client(tls=False, transport=deaf))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(google.upload, UPLOAD, {}, zeros(2 * CHUNK))
        await deaf.stuck.wait()
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await anyio.lowlevel.checkpoint()
            while deaf.asked[-1] != "DELETE":
                await anyio.lowlevel.checkpoint()
            with anyio.fail_after(1):
                await google.end()

    assert deaf.asked[:3] == ["POST", "PUT", "DELETE"]


async def test_an_account_that_is_signed_out_meanwhile_ends_without_a_goodbye() -> None:
    async def token(refused: str | None) -> str:
        raise NotSignedInError(ME, "not_signed_in")

    deaf = Deaf()
    google = Google(ME, token, http_client(tls=False, transport=deaf))
    google.sender.unfinished.add(Resource(SESSION, "(a session)"))

    await google.end()

    assert deaf.asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("ending", ["SIGTERM", "SIGINT", "stdin"])
def test_a_server_that_ends_in_the_middle_of_an_upload_leaves_nothing_at_google(
    tmp_path: Path, ending: str
) -> None:
    import threading

    google = LoopbackGoogle(tmp_path)
    files, home = tmp_path / "files", tmp_path / "home"
    files.mkdir()
    home.mkdir()
    (files / "big.bin").write_bytes(LARGE)
    second, go = threading.Event(), threading.Event()
    methods: list[str] = []

    def handle(request: Request) -> Response:
        if "/upload/" in request.path:
            methods.append(request.method)
            if methods.count("PUT") == 2 and request.method == "PUT":
                second.set()
                go.wait(20)
        return google.handle(request)

    with GoogleProxy(handle, tmp_path) as proxy:
        environ = {**proxy.environ, "HOME": str(home), "USER_GOOGLE_EMAIL": ""}
        write(
            home / ".google_workspace_mcp" / "credentials",
            scopes=["https://www.googleapis.com/auth/drive"],
        )
        with Wire(
            "-m", "workspace_mcp", "--tools", "drive", "--files", str(files), environ=environ
        ) as wire:
            wire.initialize()
            wire.call("1", "drive_upload", path="big.bin")
            assert second.wait(20)
            if ending == "stdin":
                wire.close_stdin()
            else:
                wire.process.send_signal(getattr(signal, ending))
            status = wire.ended_within(5)
            said = wire.errors()
        go.set()

    drive = google.world.drive(ME)
    assert status == 0
    assert "Traceback" not in said
    assert methods == ["POST", "PUT", "PUT", "DELETE"]
    assert drive.store.uploads.open == {}
    assert [file.name for file in drive.store.files.values() if file.name == "big.bin"] == []
