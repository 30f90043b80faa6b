"""A saved file is what Google has, or is not there."""

import httpx2
import pytest

from tests.conftest import Model
from tests.services.faults import QuickBackend
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.google.client import http_client
from workspace_mcp.settings import Settings

DATA = bytes(range(256)) * 4_000


@pytest.mark.parametrize(
    ("came", "says"),
    [
        (DATA[:-1], "What came is not what Google has"),
        (b"X" + DATA[1:], "What came is not what Google has"),
        (DATA + b"\x00", "The file is larger than"),
        (b"<html>Sign in to the hotel's network</html>", "What came is not what Google has"),
    ],
    ids=["short", "damaged", "long", "another"],
)
@pytest.mark.parametrize("save", [".", None], ids=["saved", "shown"])
async def test_what_is_not_what_google_has_is_not_saved(
    model: Model, drive: Drive, backend: QuickBackend, settings: Settings, came: bytes, says: str,
    save: str | None,
) -> None:  # fmt: skip
    drive.add("a.txt", "text/plain", content=DATA)
    inner = backend.http

    async def changed(request: httpx2.Request) -> httpx2.Response:
        found = await inner.send(request)
        if request.url.params.get("alt") == "media":
            return httpx2.Response(200, content=came)
        return httpx2.Response(found.status_code, headers=found.headers, content=found.content)

    backend.http = http_client(tls=False, transport=httpx2.MockTransport(changed))
    arguments = {"save": save} if save else {}

    if save is None and came == DATA + b"\x00":
        says = "What came is not what Google has"
    failure = await model.call_failing("drive_read", file="/a.txt", **arguments)

    assert failure.startswith(says)
    assert settings.downloads is not None
    assert not settings.downloads.exists() or list(settings.downloads.iterdir()) == []
