"""Signing in, with a real process, a browser of ours and Google on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from auth_cli.oauth.callback import Code, Refusal, brought
from auth_cli.oauth.request import Attempt
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle
from tests.proxy import GoogleProxy
from tests.wire import Wire, tool_text
from workspace_mcp.credentials.clients import client_of, read
from workspace_mcp.errors import ClientFileError

CLIENT = {
    "installed": {
        "client_id": "123456-canary.apps.googleusercontent.com".replace("canary", "abc"),
        "client_secret": "GOCSPX-canary-secret",
        "auth_uri": "https://evil.example/auth",
        "token_uri": "https://evil.example/token",
    }
}


@pytest.fixture
def google(tmp_path: Path) -> LoopbackGoogle:
    return LoopbackGoogle(tmp_path)


@pytest.fixture
def environ(google: LoopbackGoogle, tmp_path: Path) -> Iterator[dict[str, str]]:
    home = tmp_path / "home"
    home.mkdir()
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps(CLIENT))
    with GoogleProxy(google.handle, tmp_path) as proxy:
        yield {
            **os.environ, **proxy.environ, "HOME": str(home), "NO_PROXY": "127.0.0.1",
            "GOOGLE_CLIENT_SECRET_PATH": str(file), "DISPLAY": "", "BROWSER": "",
        }  # fmt: skip


class Login:
    """A running `workspace-auth login`, and the address that it prints."""

    def __init__(self, environ: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "auth_cli", "login", *arguments], env=environ,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        self.said = [self.process.stderr.readline(), self.process.stderr.readline()]
        self.url = self.said[1].strip()

    @property
    def port(self) -> int:
        redirect = parse_qs(urlsplit(self.url).query)["redirect_uri"][0]
        return urlsplit(redirect).port or 0

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=15)
        return self.process.returncode, out, "".join(self.said) + err


def browse(url: str) -> tuple[int, str, str]:
    """(status, page, address at the end) of a browser that follows redirects."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.url
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.url


def stored(environ: dict[str, str]) -> Path:
    return Path(environ["HOME"]) / ".google_workspace_mcp" / "credentials" / f"{ME}.json"


def test_a_sign_in_is_written_and_the_page_tells_the_truth(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME)
    status, page, address = browse(google.consent(login.url))
    code, out, err = login.end()

    assert (code, out) == (0, f"{ME}\n")
    assert status == 200
    assert "You are signed in" in page
    assert ME in page
    assert address.endswith("/result")
    written = json.loads(stored(environ).read_text())
    assert list(written) == [
        "token", "refresh_token", "token_uri", "client_id", "client_secret", "scopes", "expiry",
    ]  # fmt: skip
    assert written["token_uri"] == "https://oauth2.googleapis.com/token"
    assert stored(environ).stat().st_mode & 0o777 == 0o600
    assert "canary" not in err + out + page
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", login.port))


def test_a_server_that_runs_uses_a_sign_in_at_its_next_call(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.world.gmail(ME).deliver("ana@example.com", "Invoice 1")
    with Wire("-m", "workspace_mcp", environ=environ) as wire:
        wire.initialize()
        wire.call("1", "gmail_search", query="invoice")
        before = tool_text(wire.answer("1"))
        login = Login(environ, ME)
        browse(google.consent(login.url))
        assert login.end()[0] == 0
        wire.call("2", "gmail_search", query="invoice")
        after = tool_text(wire.answer("2"))

    assert before.startswith("GOOGLE_LOGIN_REQUIRED account=- reason=not_signed_in\n")
    assert '"Invoice 1"' in after


def test_no_stray_request_ends_or_delays_a_sign_in(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME)
    base = f"http://127.0.0.1:{login.port}"
    idle = [socket.create_connection(("127.0.0.1", login.port)) for _ in range(40)]
    for _ in range(50):
        socket.create_connection(("127.0.0.1", login.port)).close()
    with socket.create_connection(("127.0.0.1", login.port)) as hello:
        hello.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(80))
    slow = socket.create_connection(("127.0.0.1", login.port))
    slow.sendall(b"GET /oauth2/callback?code=x HTTP/1.1\r\nHost: ")
    target = google.consent(login.url)
    strays = [
        browse(f"{base}/favicon.ico")[0],
        browse(f"{base}/")[0],
        browse(f"{base}/result")[0],
        browse(f"{base}/oauth2/callback?code=evil&state=wrong")[0],
        browse(f"{base}/oauth2/callback?error=access_denied")[0],
        browse(f"{base}/oauth2/callback?error=access_denied&state=wrong")[0],
    ]
    for method in ("HEAD", "OPTIONS", "POST"):
        with socket.create_connection(("127.0.0.1", login.port)) as other:
            path = target.removeprefix(base)
            other.sendall(
                f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{login.port}\r\n\r\n".encode()
            )
            assert b" 405 " in other.recv(100)
    with socket.create_connection(("127.0.0.1", login.port)) as foreign:
        path = target.removeprefix(base)
        foreign.sendall(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        assert b" 400 " in foreign.recv(100)
    began = time.monotonic()
    status, _, _ = browse(target)
    code, _, _ = login.end()
    for one in (*idle, slow):
        one.close()

    assert strays == [404, 404, 404, 400, 400, 400]
    assert (status, code) == (200, 0)
    assert time.monotonic() - began < 4


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auth_cli", "login", *arguments], env=environ,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip


def test_an_agents_shell_signs_in_with_two_commands(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    began = run(environ, ME, "--start")
    status, page, _ = browse(google.consent(began.stdout.strip()))
    ended = run(environ, "--finish")
    again = run(environ, "--finish")

    assert (began.returncode, status, ended.returncode) == (0, 200, 0)
    assert "You are signed in" in page
    assert f"{ME} is signed in for gmail." in ended.stderr
    assert stored(environ).exists()
    assert list((stored(environ).parent.parent / "pending").iterdir()) == []
    assert again.returncode == 2
    assert "No sign-in is under way." in again.stderr


def test_the_outcome_of_a_sign_in_that_failed_reaches_the_second_command(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    began = run(environ, ME, "--start")
    browse(google.consent(began.stdout.strip(), email="you@example.com"))
    ended = run(environ, "--finish")

    assert ended.returncode == 5
    assert "You chose you@example.com" in ended.stderr


def test_a_start_that_cannot_work_says_why(environ: dict[str, str]) -> None:
    began = run({**environ, "GOOGLE_CLIENT_SECRET_PATH": "/no/such.json"}, ME, "--start")

    assert began.returncode == 8
    assert "/no/such.json cannot be read" in began.stderr


def test_another_account_than_asked_for_writes_nothing(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME)
    _, page, _ = browse(google.consent(login.url, email="you@example.com"))
    code, _, err = login.end()

    assert code == 5
    assert f"You chose you@example.com, and {ME} was asked for. Nothing was written." in err
    assert "The sign-in did not work" in page
    assert not stored(environ).parent.exists()


def test_boxes_that_were_not_ticked_are_named_and_the_rest_is_kept(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME)
    _, page, _ = browse(
        google.consent(login.url, scopes="openid https://www.googleapis.com/auth/userinfo.email")
    )
    code, _, err = login.end()

    assert code == 6
    assert f"workspace-auth login {ME} --services gmail" in err
    assert "less than was asked for" in page
    assert json.loads(stored(environ).read_text())["scopes"] == [
        "openid", "https://www.googleapis.com/auth/userinfo.email",
    ]  # fmt: skip


def test_a_refusal_in_the_browser_is_no_success(environ: dict[str, str]) -> None:
    login = Login(environ, ME)
    state = parse_qs(urlsplit(login.url).query)["state"][0]
    _, page, _ = browse(
        f"http://127.0.0.1:{login.port}/oauth2/callback?error=access_denied&state={state}"
    )
    code, _, err = login.end()

    assert code == 3
    assert "The sign-in was refused in the browser." in err
    assert "You are signed in" not in page


def test_ten_sign_ins_at_once_all_work(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    logins = [Login(environ, ME) for _ in range(10)]
    for login in logins:
        browse(google.consent(login.url))

    assert [login.end()[0] for login in logins] == [0] * 10
    assert len({login.port for login in logins}) == 10


def test_a_port_that_is_taken_is_fatal_and_no_other_is_tried(environ: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "auth_cli", "login", "--port", port], env=environ,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr
    assert "accounts.google.com" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_the_port_free_and_no_file(
    environ: dict[str, str], number: int
) -> None:
    login = Login(environ, ME)
    login.process.send_signal(number)
    code, _, err = login.end()

    assert code in {130, -signal.SIGTERM}
    assert "Traceback" not in err
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", login.port))
    assert not (Path(environ["HOME"]) / ".google_workspace_mcp").exists()


def test_nobody_in_the_browser_ends_it_in_time(environ: dict[str, str]) -> None:
    began = time.monotonic()
    code, _, err = Login(environ, ME, "--timeout", "0.3").end()

    assert code == 10
    assert "Nobody signed in within 0 seconds." in err
    assert time.monotonic() - began < 5


def test_the_address_asks_for_what_is_needed_and_no_more() -> None:
    attempt = Attempt.start("http://127.0.0.1:5/x", ["openid", "b"], ME)
    other = Attempt.start("http://127.0.0.1:5/x", ["openid", "b"], ME)
    fields = {
        name: values[0] for name, values in parse_qs(urlsplit(attempt.url("c")).query).items()
    }

    assert fields == {
        "client_id": "c", "redirect_uri": "http://127.0.0.1:5/x", "response_type": "code",
        "scope": "openid b", "state": attempt.state, "code_challenge": attempt.challenge,
        "code_challenge_method": "S256", "access_type": "offline", "prompt": "consent", "login_hint": ME,
    }  # fmt: skip
    assert len(attempt.verifier) == 64
    assert len({attempt.state, other.state, attempt.verifier, other.verifier}) == 4
    assert attempt.verifier not in repr(attempt)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/c?state=s&code=4/0x", Code("4/0x")),
        ("/c?state=s&code=http%2B%2F", Code("http+/")),
        ("/c?state=s&code=x&iss=https://accounts.google.com&scope=a&hd=b", Code("x")),
        ("/c?state=s&error=access_denied", Refusal("access_denied")),
        ("/c?state=s&error=<script>", Refusal("error")),
        ("/c?state=s&code=x&iss=https://evil.example", None),
        ("/c?code=x", None),
        ("/c?error=access_denied", None),
        ("/c?state=other&code=x", None),
        ("/c?state=s&state=s&code=x", None),
        ("/c?state=s&code=x&code=y", None),
        ("/c?state=s", None),
        ("", None),
    ],
)
def test_what_the_browser_brought(target: str, found: Code | Refusal | None) -> None:
    assert brought(target, "s") == found


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (json.dumps({"web": CLIENT["installed"]}).encode(), "of the type Web application"),
        (
            json.dumps({"installed": {**CLIENT["installed"], "client_secret": ""}}).encode(),
            "no client secret",
        ),
        (
            b'{"installed": {"client_id": "YOUR_CLIENT_ID", "client_secret": "x"}}',
            "no client id of Google's",
        ),
        (b"[1]", "is not the file of an OAuth client"),
        (b"{", "is not the file of an OAuth client"),
    ],
)
def test_a_client_that_cannot_work_is_refused_before_the_browser_opens(
    tmp_path: Path, data: bytes, says: str
) -> None:
    file = tmp_path / "client.json"
    file.write_bytes(data)

    with pytest.raises(ClientFileError, match=says):
        read(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_client_file_is_read_however_it_was_saved(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "client.json"
    file.write_text(json.dumps(CLIENT), encoding=encoding)

    found = client_of({"GOOGLE_CLIENT_SECRETS": str(file)})
    assert found is not None
    assert found.client_secret == "GOCSPX-canary-secret"
    assert "canary" not in repr(found)
