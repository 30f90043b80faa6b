"""What `login` writes, running servers use: many at once, with the port of the older server held."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.auth_cli.kit import Login, browse, home, kept, run, stored
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle
from tests.wire import Wire, tool_text

LOGINS, SERVERS = 20, 10


@pytest.mark.xdist_group("many processes")
def test_twenty_logins_at_once_while_ten_servers_run_and_port_8000_is_held(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    people = [f"person{number}@example.com" for number in range(LOGINS)]
    for email in people:
        google.world.add_account(email)
        google.world.gmail(email).deliver("ana@example.com", f"For {email}")
    with ExitStack() as stack:
        held = stack.enter_context(socket.socket())
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind(("127.0.0.1", 8000))
            held.listen()
        except OSError:
            pass  # somebody else holds it: as good
        servers = [
            stack.enter_context(Wire("-m", "workspace_mcp", "--tools", "gmail", environ=environ))
            for _ in range(SERVERS)
        ]
        for server in servers:
            server.initialize()
        logins = [Login(environ, email, "--services", "gmail") for email in people]
        for login, email in zip(logins, people, strict=True):
            browse(google.consent(login.url, email))
        codes = [login.end()[0] for login in logins]
        answers: list[str] = []
        for number, email in enumerate(people):
            server = servers[number % SERVERS]
            server.call(email, "gmail_search", query="in:inbox", account=email)
            answers.append(tool_text(server.answer(email)))
        running = [server.process.poll() for server in servers]

    assert codes == [0] * LOGINS
    assert len({login.port for login in logins}) == LOGINS
    assert [f'"For {email}"' in answer for email, answer in zip(people, answers, strict=True)] == [
        True
    ] * LOGINS
    assert running == [None] * SERVERS


def test_a_running_server_uses_a_sign_in_at_its_next_call_and_again_after_a_revocation(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.world.gmail(ME).deliver("ana@example.com", "Invoice 1")
    said: list[str] = []
    with Wire("-m", "workspace_mcp", environ=environ) as wire:
        wire.initialize()

        def ask() -> None:
            number = str(len(said))
            wire.call(number, "gmail_search", query="invoice")
            said.append(tool_text(wire.answer(number)))

        ask()
        for revoked in (False, True):
            if revoked:
                google.accounts.clear()
                google.world.revoke(ME)
                ask()
            login = Login(environ, ME, "--services", "gmail")
            browse(google.consent(login.url))
            assert login.end()[0] == 0
            ask()
        run(environ, "logout", ME)
        ask()

    assert said[0].startswith("GOOGLE_LOGIN_REQUIRED account=- reason=not_signed_in\n")
    assert '"Invoice 1"' in said[1]
    assert said[2].startswith(
        f"GOOGLE_LOGIN_REQUIRED account={ME} reason=token_expired_or_revoked\n"
    )
    assert f"\n    workspace-auth login {ME}\n" in said[2]
    assert '"Invoice 1"' in said[3]
    assert said[4].startswith("GOOGLE_LOGIN_REQUIRED account=- reason=not_signed_in\n")


def test_a_permission_that_is_missing_ends_one_tool_and_no_other(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.world.gmail(ME).deliver("ana@example.com", "Invoice 1")
    login = Login(environ, ME, "--services", "gmail", "--read-only")
    browse(google.consent(login.url))
    login.end()
    with Wire("-m", "workspace_mcp", environ=environ) as wire:
        wire.initialize()
        wire.call("1", "gmail_search", query="invoice")
        wire.call("2", "gmail_draft", to=["bo@example.com"], subject="x", body="y")
        found, refused = tool_text(wire.answer("1")), tool_text(wire.answer("2"))

    assert '"Invoice 1"' in found
    assert refused.startswith(f"GOOGLE_LOGIN_REQUIRED account={ME} reason=missing_scope\n")
    assert f"workspace-auth login {ME} --services gmail" in refused


def test_the_command_in_the_sign_in_text_runs_as_it_stands(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    with Wire("-m", "workspace_mcp", environ=environ) as wire:
        wire.initialize()
        wire.call("1", "gmail_search", query="x", account=ME)
        text = tool_text(wire.answer("1"))
    command = next(line.strip() for line in text.split("\n") if line.startswith("    "))
    bare = {**environ, "PATH": "/usr/bin:/bin"}
    with Wire("-m", "workspace_mcp", environ=bare) as wire:
        wire.initialize()
        wire.call("1", "gmail_search", query="x", account=ME)
        elsewhere = tool_text(wire.answer("1"))
    other = next(line.strip() for line in elsewhere.split("\n") if line.startswith("    "))

    assert command == f"workspace-auth login {ME}"
    for line, there in ((command, environ), (other, bare)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{line} --timeout 0.2"], env=there, capture_output=True, text=True,
            check=False, timeout=30,
        )  # fmt: skip
        assert done.returncode == 10, done.stderr


@pytest.mark.parametrize("at", range(6))
def test_a_login_that_is_killed_leaves_no_half_of_anything(
    google: LoopbackGoogle, environ: dict[str, str], at: int
) -> None:
    first = Login(environ, ME, "--services", "gmail")
    browse(google.consent(first.url))
    first.end()
    before = kept(environ)
    login = Login(environ, ME, "--services", "gmail", "--force-consent")
    address = google.consent(login.url)
    tab = subprocess.Popen(
        [sys.executable, "-c", f"import urllib.request as u; u.urlopen({address!r})"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "NO_PROXY": "*"},
    )  # fmt: skip
    while not google.world.sign_in.exchanged > 1:
        time.sleep(0.001)
    time.sleep(at * 0.004)
    login.process.kill()
    login.end()
    tab.wait()
    now = kept(environ)

    assert list(now) == list(before)
    assert now["refresh_token"]
    assert run(environ, "refresh", ME).returncode == 0
    assert [p.name for p in stored(environ).parent.glob("*.json")] == [f"{ME}.json"]
    assert all(
        p.suffix != ".json" or p.name == f"{ME}.json" for p in stored(environ).parent.iterdir()
    )
    assert home(environ).exists()


CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    "",
)


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
@pytest.mark.xdist_group("many processes")
def test_chromium_ends_on_a_page_that_tells_the_truth(
    google: LoopbackGoogle, environ: dict[str, str], tmp_path: Path
) -> None:
    login = Login(environ, ME, "--services", "gmail,drive")
    address = google.consent(login.url, scopes=" ".join(
        one for one in login.fields["scope"].split() if "drive" not in one
    ))  # fmt: skip
    page = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", address],
        capture_output=True, text=True, check=False, timeout=60,
        env={name: value for name, value in os.environ.items() if "PROXY" not in name.upper()},
    ).stdout  # fmt: skip
    code, _, _ = login.end()

    assert code == 6
    assert "You are signed in, with less than was asked for" in page
    assert f"workspace-auth login {ME} --services drive" in page
