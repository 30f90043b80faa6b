"""Signing in to a Google that we did not write: npm's `emulate` 0.11.2 (`npm i -g emulate@0.11.2`).

Its paths are other than Google's in places; a bridge maps them. Skipped where it is not installed.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.auth_cli.kit import CLIENT, Login, browse, kept, run, stored
from tests.proxy import GoogleProxy
from tests.wire import Wire, tool_text
from workspace_mcp.demo.http import Request, Response

EMULATE = os.environ.get("EMULATE") or shutil.which("emulate") or ""
USER = "testuser@gmail.com"
PATHS = {
    "/token": "/oauth2/token", "/revoke": "/oauth2/revoke", "/v1/userinfo": "/oauth2/v2/userinfo",
}  # fmt: skip

pytestmark = pytest.mark.skipif(not EMULATE, reason="emulate is not installed")


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, *given: Any, **more: Any) -> Any:
        del given, more

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class Bridge:
    """Google's hosts → the emulator. `asked`: paths, in order."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.asked: list[str] = []
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())

    def handle(self, request: Request) -> Response:
        """The emulator's answer."""
        self.asked.append(request.path)
        query = urllib.parse.urlencode(request.query)
        path = PATHS.get(request.path, request.path) + (f"?{query}" if query else "")
        names = ("authorization", "content-type")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        status, found, data = self.ask(request.method, path, request.body or None, headers)
        return Response(status, {"content-type": found.get("content-type", "")}, data)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """One request, redirects not followed."""
        asked = urllib.request.Request(self.base + path, body, headers or {}, method=method)
        try:
            with self._opener.open(asked, timeout=20) as answer:
                return (
                    answer.status,
                    {k.lower(): v for k, v in answer.headers.items()},
                    answer.read(),
                )
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()

    def consent(self, url: str) -> str:
        """The first user says yes on the emulator's page; where it sends the browser."""
        parts = urlsplit(url)
        _, _, page = self.ask("GET", f"{parts.path}?{parts.query}")
        form = page.decode().partition("<form")[2].partition("</form>")[0]
        fields = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form))
        fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
        action = re.search(r'action="([^"]+)"', form)
        assert action is not None
        status, headers, _ = self.ask(
            "POST", action[1], urllib.parse.urlencode(fields).encode(),
            {"content-type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        assert status in {302, 303}
        return headers["location"]


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [EMULATE, "start", "--service", "google", "--port", str(port),
         "--base-url", "https://accounts.google.com"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path,
    )  # fmt: skip
    found = Bridge(port)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            found.ask("GET", "/.well-known/openid-configuration")
            break
        except OSError:
            time.sleep(0.1)
    yield found
    process.terminate()
    process.wait(10)


@pytest.fixture
def there(bridge: Bridge, tmp_path: Path) -> Iterator[dict[str, str]]:
    home = tmp_path / "home"
    home.mkdir()
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps(CLIENT))
    with GoogleProxy(bridge.handle, tmp_path) as proxy:
        yield {
            **os.environ, **proxy.environ, "HOME": str(home), "NO_PROXY": "127.0.0.1",
            "GOOGLE_CLIENT_SECRET_PATH": str(file), "DISPLAY": "", "BROWSER": "",
        }  # fmt: skip


def test_a_whole_life_of_a_sign_in(bridge: Bridge, there: dict[str, str]) -> None:
    login = Login(there, USER, "--services", "gmail")
    _, page, _ = browse(bridge.consent(login.url))
    code, out, err = login.end()
    first = kept(there, USER)
    refreshed = run(there, "refresh", USER)
    second = kept(there, USER)
    with Wire("-m", "workspace_mcp", "--tools", "gmail", environ=there) as wire:
        wire.initialize()
        wire.call("1", "gmail_search", query="in:inbox")
        searched = tool_text(wire.answer("1"))
    revoked = run(there, "logout", USER, "--revoke", "--yes")
    body = urllib.parse.urlencode(
        {"grant_type": "refresh_token", "refresh_token": first["refresh_token"],
         "client_id": first["client_id"], "client_secret": first["client_secret"]}
    ).encode()  # fmt: skip
    status, _, dead = bridge.ask(
        "POST", "/oauth2/token", body, {"content-type": "application/x-www-form-urlencoded"}
    )

    assert (code, out) == (0, f"{USER}\n"), err
    assert "You are signed in" in page
    assert refreshed.returncode == 0, refreshed.stderr
    assert first["token"] != second["token"]
    assert first["refresh_token"] == second["refresh_token"]
    assert (
        "GOOGLE_LOGIN_REQUIRED" not in searched
    )  # it has no batch, so the search itself ends there
    assert any(path.startswith("/gmail/v1/users/me/") for path in bridge.asked)
    assert revoked.returncode == 0, revoked.stderr
    assert not stored(there, USER).exists()
    assert (status, json.loads(dead)["error"]) == (400, "invalid_grant")


def test_a_code_of_another_sign_in_is_not_taken(bridge: Bridge, there: dict[str, str]) -> None:
    """PKCE, judged by a third party: the code of one sign-in brought to another."""
    one, other = (
        Login(there, USER, "--services", "gmail"),
        Login(there, USER, "--services", "gmail"),
    )
    stolen = urllib.parse.parse_qs(urlsplit(bridge.consent(one.url)).query)["code"][0]
    browse(
        f"http://127.0.0.1:{other.port}/oauth2/callback?state={other.fields['state']}"
        f"&code={urllib.parse.quote(stolen)}"
    )
    code, _, err = other.end()
    one.process.terminate()
    one.end()

    assert code == 4, err
    assert not stored(there, USER).exists()
