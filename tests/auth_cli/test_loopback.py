"""T1 to T23 of CASES.md: what may come to the port while somebody signs in."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from auth_cli.oauth import pages
from auth_cli.oauth.callback import Code, Refusal, brought
from auth_cli.oauth.loopback import PATH, Listener
from auth_cli.oauth.request import Attempt
from tests.auth_cli.kit import Login, browse, home, kept, rest, stored
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle
from workspace_mcp.errors import UsageError


def test_a_sign_in_is_written_and_the_page_tells_the_truth(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME, "--services", "gmail,drive")
    status, page, address = browse(google.consent(login.url))
    code, out, err = login.end()

    assert (code, out) == (0, f"{ME}\n")
    assert status == 200
    assert "You are signed in" in page
    assert ME in page
    assert "<dt>Granted</dt><dd>gmail, drive</dd>" in page
    assert address == f"http://127.0.0.1:{login.port}/result"
    assert list(kept(environ)) == [
        "token", "refresh_token", "token_uri", "client_id", "client_secret", "scopes", "expiry",
    ]  # fmt: skip
    assert kept(environ)["token_uri"] == "https://oauth2.googleapis.com/token"
    assert stored(environ).stat().st_mode & 0o777 == 0o600
    assert "canary" not in err + out + page
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", login.port))


def ask(port: int, text: str) -> bytes:
    """The answer to a request as it is written."""
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.settimeout(5)
        raw.sendall(text.encode())
        return raw.recv(200)


def target_of(google: LoopbackGoogle, login: Login) -> tuple[str, str]:
    """The whole address that Google sends the browser to, and its path."""
    address = google.consent(login.url)
    return address, address.removeprefix(f"http://127.0.0.1:{login.port}")


STRAYS = {
    "T2 favicon": "GET /favicon.ico HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T3 bare path": "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T3 the result, too early": "GET /result HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T8 wrong state": "GET /oauth2/callback?code=evil&state=wrong HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T9 error without state": "GET /oauth2/callback?error=access_denied HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T9 error with another state": "GET /oauth2/callback?error=x&state=y HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T11 HEAD": "HEAD {path} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T11 OPTIONS": "OPTIONS {path} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T11 POST": "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n",
    "T12 foreign host": "GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "T12 no host": "GET {path} HTTP/1.1\r\n\r\n",
    "T13 two states": "GET {path}&state=again HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T13 two codes": "GET {path}&code=again HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "T16 foreign issuer": "GET {foreign} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "no HTTP at all": "\x00\x01\x02 hello\r\n\r\n",
    "a long line": "GET /" + "a" * 70_000 + " HTTP/1.1\r\n\r\n",
}


def test_no_stray_request_ends_or_delays_a_sign_in(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME, "--services", "gmail")
    address, path = target_of(google, login)
    words = {
        "host": f"127.0.0.1:{login.port}", "path": path,
        "foreign": path.replace("accounts.google.com", "evil.example"),
    }  # fmt: skip
    first = {name: ask(login.port, text.format(**words)) for name, text in STRAYS.items()}
    began = time.monotonic()
    status, _, _ = browse(address)
    took = time.monotonic() - began
    code, _, _ = login.end()

    assert {
        name for name, answer in first.items() if b" 200 " in answer or b" 303 " in answer
    } == set()
    assert (status, code) == (200, 0)
    assert took < 3


def test_idle_slow_and_foreign_connections_delay_nothing(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME, "--services", "gmail")
    idle = [socket.create_connection(("127.0.0.1", login.port)) for _ in range(40)]  # T5
    for _ in range(50):
        socket.create_connection(("127.0.0.1", login.port)).close()  # T4
    hello = socket.create_connection(("127.0.0.1", login.port))  # T7
    hello.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(80))
    slow = socket.create_connection(("127.0.0.1", login.port))  # T6
    slow.sendall(b"GET /oauth2/callback?code=x HTTP/1.1\r\nHost: ")
    began = time.monotonic()
    status, _, _ = browse(google.consent(login.url))
    code, _, _ = login.end()
    took = time.monotonic() - began
    for one in (*idle, hello, slow):
        one.close()

    assert (status, code) == (200, 0)
    assert took < 4


def test_a_refusal_in_the_browser_is_no_success(environ: dict[str, str]) -> None:
    login = Login(environ, ME)
    _, page, _ = browse(
        f"http://127.0.0.1:{login.port}{PATH}?error=access_denied&state={login.fields['state']}"
    )
    code, _, err = login.end()

    assert code == 3
    assert "The sign-in was refused in the browser." in err
    assert "You are signed in" not in page
    assert not stored(environ).exists()


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        ("admin_policy_enforced", 7, "123456-abc.apps.googleusercontent.com"),
        ("org_internal", 7, "Internal"),
        ("invalid_scope", 6, "--services"),
        ("disallowed_useragent", 3, "--no-browser"),
        ("something_new", 3, "something_new"),
    ],
)
def test_every_other_error_of_the_page_ends_it_with_its_own_words(
    environ: dict[str, str], error: str, code: int, says: str
) -> None:
    login = Login(environ, ME)
    browse(f"http://127.0.0.1:{login.port}{PATH}?error={error}&state={login.fields['state']}")
    ended, _, err = login.end()

    assert ended == code
    assert says in err


def test_two_tabs_both_see_how_it_went(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    google.pause = 0.5
    login = Login(environ, ME, "--services", "gmail")
    address = google.consent(login.url)
    seen: list[tuple[int, str, str]] = []
    tabs = [threading.Thread(target=lambda: seen.append(browse(address))) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    code, _, _ = login.end()

    assert code == 0
    assert google.world.sign_in.exchanged == 1
    assert ["You are signed in" in page for _, page, _ in seen] == [True, True]


@pytest.mark.parametrize(
    ("target", "found"),
    [
        pytest.param("/c?state=s&code=4/0x", Code("4/0x"), id="a code"),
        pytest.param("/c?state=s&code=http%2B%2F%25", Code("http+/%"), id="T15 http + / %"),
        pytest.param("/c?state=s&code=x&iss=https://accounts.google.com&scope=a&hd=b&authuser=1",
                     Code("x"), id="T16 issuer and unknown fields"),
        pytest.param("/c?state=s&code=x&iss=https://evil.example", None, id="T16 foreign issuer"),
        pytest.param("/c?state=s&code=x", Code("x"), id="T16 no issuer"),
        pytest.param("/c?state=s&error=access_denied", Refusal("access_denied"), id="T10 refused"),
        pytest.param("/c?state=s&error=<script>", Refusal("error"), id="an error that is no word"),
        pytest.param("/c?code=x", None, id="T9 no state"),
        pytest.param("/c?error=access_denied", None, id="T9 error without state"),
        pytest.param("/c?state=other&code=x", None, id="T8 another state"),
        pytest.param("/c?state=s&state=s&code=x", None, id="T13 two states"),
        pytest.param("/c?state=s&code=x&code=y", None, id="T13 two codes"),
        pytest.param("/c?state=s", None, id="no code"),
        pytest.param("/c?state=s&code=", None, id="an empty code"),
        pytest.param("", None, id="nothing"),
        pytest.param("http://[/c?state=s", None, id="no address"),
        pytest.param("/c?" + "&".join(["a=b"] * 100) + "&state=s&code=x", None, id="too many fields"),
    ],
)  # fmt: skip
def test_what_the_browser_brought(target: str, found: Code | Refusal | None) -> None:
    assert brought(target, "s") == found


def test_ten_sign_ins_at_once_all_work(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    logins = [Login(environ, ME, "--services", "gmail") for _ in range(10)]
    for login in logins:
        browse(google.consent(login.url))

    assert [login.end()[0] for login in logins] == [0] * 10
    assert len({login.port for login in logins}) == 10


def one_run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auth_cli", "login", *arguments], env=environ,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip


@pytest.mark.parametrize("by", ["flag", "environment"])
def test_a_port_that_is_taken_is_fatal_and_no_other_is_tried(
    environ: dict[str, str], by: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        flags = ["--port", port] if by == "flag" else []
        extra = {} if by == "flag" else {"WORKSPACE_MCP_OAUTH_PORT": port}
        done = one_run({**environ, **extra}, *flags)

    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr
    assert "accounts.google.com" not in done.stderr


def test_a_port_that_is_free_is_used(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    login = Login(environ, ME, "--services", "gmail", "--port", str(port))
    browse(google.consent(login.url))

    assert login.port == port
    assert login.end()[0] == 0


@pytest.mark.parametrize("port", [-1, 65536, 99_999_999])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises((UsageError, OverflowError)) as raised:
        Listener(port, pages.stray)

    assert isinstance(raised.value, UsageError)


def test_nobody_in_the_browser_ends_it_in_time(environ: dict[str, str]) -> None:
    login = Login(environ, ME, "--timeout", "1")
    idle = [socket.create_connection(("127.0.0.1", login.port)) for _ in range(5)]
    began = time.monotonic()
    code, _, err = login.end()
    took = time.monotonic() - began
    for one in idle:
        one.close()

    assert code == 10
    assert "Nobody signed in within 1 seconds." in err
    assert took < 2.5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_while_waiting_leaves_the_port_free_and_no_file(
    environ: dict[str, str], number: int
) -> None:
    login = Login(environ, ME)
    login.process.send_signal(number)
    code, _, err = login.end()

    assert code == 130
    assert "Traceback" not in err
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", login.port))
    assert not home(environ).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_the_exchange_leaves_the_port_free_and_no_file(
    google: LoopbackGoogle, environ: dict[str, str], number: int
) -> None:
    login = Login(environ, ME, "--services", "gmail")
    google.pause = 3.0
    address = google.consent(login.url)
    tab = threading.Thread(target=_left, args=(address,))
    tab.start()
    until = time.monotonic() + 10
    while not google.world.sign_in.exchanged and time.monotonic() < until:
        time.sleep(0.02)
    login.process.send_signal(number)
    code, _, err = login.end()
    tab.join()

    assert code == 130
    assert "Traceback" not in err
    assert not home(environ).exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", login.port))


def _left(address: str) -> None:
    """A browser whose program goes away."""
    try:
        browse(address)
    except (OSError, http.client.HTTPException):
        return


_SLOW_NAMES = """
import socket, sys, time
def slow(*names):
    time.sleep(30)
    raise socket.gaierror("no names here")
socket.getfqdn = socket.gethostbyaddr = slow
real = socket.getaddrinfo
def only(host, *rest, **more):
    if host == "localhost":
        raise socket.gaierror("localhost is not known")
    return real(host, *rest, **more)
socket.getaddrinfo = only
from auth_cli.main import main
sys.exit(main(["login", *sys.argv[1:]]))
"""


def test_neither_slow_reverse_names_nor_an_unknown_localhost_matter(
    google: LoopbackGoogle, environ: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "slow_names.py"
    program.write_text(_SLOW_NAMES)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(program), ME, "--services", "gmail"], env=environ, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path.cwd(),
    )  # fmt: skip
    assert process.stderr is not None
    lines: Sequence[str] = [process.stderr.readline(), process.stderr.readline()]
    shown = time.monotonic() - began
    browse(google.consent(lines[1].strip()))
    rest(process)

    assert process.returncode == 0, lines
    assert shown < 10


def test_the_page_tells_of_an_exchange_that_failed(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME, "--services", "gmail")
    google.world.sign_in.refuses = "invalid_grant"
    status, page, _ = browse(google.consent(login.url))
    code, _, err = login.end()

    assert code == 4
    assert status == 200
    assert "The sign-in did not work" in page
    assert "You are signed in" not in page
    assert f"workspace-auth login {ME}" in page
    assert "clock" in err
    assert not stored(environ).exists()


def test_the_address_asks_for_what_is_needed_and_no_more() -> None:
    attempt = Attempt.start("http://127.0.0.1:5/x", ["openid", "b"], ME)
    other = Attempt.start("http://127.0.0.1:5/x", ["openid", "b"], ME)
    login = Login.__new__(Login)
    login.url = attempt.url("c")

    assert login.fields == {
        "client_id": "c", "redirect_uri": "http://127.0.0.1:5/x", "response_type": "code",
        "scope": "openid b", "state": attempt.state, "code_challenge": attempt.challenge,
        "code_challenge_method": "S256", "access_type": "offline", "prompt": "consent",
        "login_hint": ME,
    }  # fmt: skip
    assert len(attempt.verifier) == 64
    assert len({attempt.state, other.state, attempt.verifier, other.verifier}) == 4
    assert attempt.verifier not in repr(attempt)
    assert attempt.state not in repr(attempt)


@pytest.mark.parametrize(
    ("email", "consent", "prompt"),
    [(ME, True, "consent"), (ME, False, "select_account"), (None, True, "select_account consent")],
)
def test_google_is_asked_to_show_what_is_needed(
    email: str | None, consent: bool, prompt: str
) -> None:
    assert Attempt.start("http://x", ["openid"], email, consent=consent).prompt == prompt


def test_pages_are_static_and_say_nothing_to_a_cache(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Login(environ, ME, "--services", "gmail")
    answer = ask(login.port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{login.port}\r\n\r\n")
    connection = http.client.HTTPConnection("127.0.0.1", login.port, timeout=10)
    connection.request("GET", target_of(google, login)[1])
    redirect = connection.getresponse()
    headers = {name.lower(): value for name, value in redirect.getheaders()}
    _, page, _ = browse(f"http://127.0.0.1:{login.port}/result")
    login.end()

    assert b"404" in answer
    assert redirect.status == 303
    assert headers["location"] == "/result"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page
    assert "http-equiv" not in page
    assert json.dumps(page).count("http://") == 0
