"""doctor, explain and setup: what goes wrong in practice, found and said."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from auth_cli.doctor import around
from auth_cli.doctor.around import configured, holders, judged
from auth_cli.doctor.finding import Finding
from auth_cli.doctor.online import clock
from auth_cli.exits import MEANINGS
from auth_cli.main import main
from auth_cli.setup import APIS, configured_clients, newest, steps
from auth_cli.web import Answer
from tests.auth_cli.kit import CLIENT, SECRETS, Login, Terminal, browse, home, run, stored
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle, write
from workspace_mcp.scopes import SERVICES

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def findings(environ: dict[str, str], *flags: str) -> tuple[int, list[dict[str, Any]]]:
    done = run(environ, "doctor", "--json", *flags)
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def of(found: list[dict[str, Any]], check: str) -> dict[str, Any]:
    return next(one for one in found if one["check"] == check)


def test_a_machine_in_order_has_no_error(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    write(stored(environ).parent, client_id=CLIENT["installed"]["client_id"])
    code, found = findings(environ, "--online")

    assert code == 0, found
    assert of(found, "locks")["state"] == "ok"
    assert of(found, "google")["state"] == "ok"
    assert of(found, "clock")["state"] == "ok"
    assert of(found, "client of the environment")["state"] == "ok"
    assert any("Google accepts the sign-in" in one["says"] for one in found)
    assert "Private CA" in of(found, "certificate")["says"]
    assert [one for one in SECRETS if one in json.dumps(found)] == []


def test_without_online_nothing_reaches_google(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    write(stored(environ).parent)
    findings(environ)

    assert google.refreshes == []
    assert google.world.requests == []


def test_a_folder_open_to_others_is_named(environ: dict[str, str]) -> None:
    write(stored(environ).parent)
    stored(environ).parent.chmod(0o755)
    _, found = findings(environ)

    assert of(found, "folder")["state"] == "warning"
    assert "chmod 700" in of(found, "folder")["fix"]


def test_what_does_not_belong_into_the_folder_is_named(environ: dict[str, str]) -> None:
    folder = stored(environ).parent
    write(folder)
    (folder / "notes.json").write_text("{}")
    (folder / "ME@example.com.json").write_text("{}")
    _, found = findings(environ)
    said = " ".join(one["says"] for one in found if one["check"] == "files")

    assert "notes.json is no account's" in said
    assert "are the same account" in said


def test_a_broken_file_is_an_error_with_the_command(environ: dict[str, str]) -> None:
    stored(environ).parent.mkdir(parents=True)
    stored(environ).write_text("{")
    code, found = findings(environ)

    assert code == 11
    assert of(found, ME)["fix"].strip() == f"workspace-auth login {ME}"


def test_a_dead_sign_in_is_an_error_with_the_command(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    write(stored(environ).parent, refresh_token="1//canary-dead")
    code, found = findings(environ, "--online")
    says = [one for one in found if one["check"] == ME and one["state"] == "error"]

    assert code == 4
    assert "does not take the sign-in" in says[0]["says"]
    assert f"workspace-auth login {ME}" in says[0]["fix"]


def test_the_sign_in_of_another_in_a_file_is_found(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    write(stored(environ).parent)
    google.accounts["1//canary-refresh"] = "you@example.com"
    google.world.add_account("you@example.com")
    code, found = findings(environ, "--online")

    assert code == 5
    assert any("this file holds the sign-in of you@example.com" in one["says"] for one in found)


def test_an_api_that_is_switched_off_is_found_with_its_link(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    write(stored(environ).parent)
    google.world.disabled.add("gmail.googleapis.com")
    code, found = findings(environ, "--online")
    login = Login(environ, ME, "--services", "gmail")
    browse(google.consent(login.url))
    signed, _, err = login.end()

    assert code == 8
    assert "https://console.developers.google.com/" in of(found, f"{ME} gmail")["fix"]
    assert signed == 0
    assert "API is switched off" in err


def test_without_a_network_it_says_so_and_skips_the_rest(environ: dict[str, str]) -> None:
    write(stored(environ).parent, client_id=CLIENT["installed"]["client_id"])
    code, found = findings({**environ, "HTTPS_PROXY": "http://user:canary@127.0.0.1:9"}, "--online")

    assert code == 9
    assert of(found, "google")["state"] == "error"
    assert "127.0.0.1:9" in of(found, "google")["fix"]
    assert "canary" not in json.dumps(found)
    assert found[-1]["state"] == "skipped"


def test_an_untrusted_certificate_names_the_variable(environ: dict[str, str]) -> None:
    code, found = findings({**environ, "SSL_CERT_FILE": ""}, "--online")

    assert code == 9
    assert "SSL_CERT_FILE" in of(found, "google")["fix"]


@pytest.mark.parametrize(
    ("date", "state"),
    [
        ("now", "ok"),
        ("Sat, 01 Jan 2000 00:00:00 GMT", "error"),
        ("nonsense", "skipped"),
        ("", "skipped"),
    ],
)
def test_the_clock_is_held_to_googles(date: str, state: str) -> None:
    if date == "now":
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    assert clock(Answer(200, {}, {"date": date} if date else {}, b"")).state == state


@LINUX
def test_who_holds_a_port_is_named_with_its_command() -> None:
    code = "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); " \
        "print(s.getsockname()[1], flush=True); time.sleep(60)"  # fmt: skip
    holder = subprocess.Popen(
        [sys.executable, "-c", code, "workspace-mcp", "--token=ya29.canary"], stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    port = int(holder.stdout.readline())
    found = list(holders([port]))
    holder.kill()
    holder.wait()
    holder.stdout.close()

    assert [one.pid for one in found] == [holder.pid]
    assert "workspace-mcp" in found[0].command
    assert "canary" not in found[0].command
    assert list(holders([port])) == []


def entry(folder: Path, **what: Any) -> around.Configured:
    return around.Configured(folder / "mcp.json", "workspace", what)


@pytest.mark.parametrize(
    ("what", "state", "says"),
    [
        pytest.param({"command": "sh", "args": ["workspace-mcp", "--tools", "gmail"]}, "ok", "", id="ours"),
        pytest.param({"command": "sh", "args": ["workspace-mcp", "--port", "8000"]}, "error", "--port", id="a port"),
        pytest.param({"command": "sh", "args": ["workspace-mcp", "--transport", "streamable-http"]},
                     "error", "--transport", id="another transport"),
        pytest.param({"command": "sh", "args": ["workspace-mcp", "--single-user"]}, "ok", "", id="single user"),
        pytest.param({"command": "sh", "args": ["workspace-mcp==1.7.1"]}, "error", "older server", id="pinned"),
        pytest.param({"command": "sh", "args": ["workspace-mcp@2.2.1", "--tools", "gmail"]}, "error",
                     "older server", id="pinned by @"),
        pytest.param({"command": "sh", "args": ["run", "main.py", "google_workspace_mcp"]}, "error",
                     "older server", id="a clone of it"),
        pytest.param({"command": "/no/such/workspace-mcp"}, "error", "not found", id="not there"),
        pytest.param({"url": "http://localhost:8000/mcp"}, "error", "connects to an address", id="by address"),
        pytest.param({"command": "sh", "args": ["workspace-mcp"], "env": {"WORKSPACE_MCP_TOOL_TIER": "x"}},
                     "error", "refuse", id="its environment"),
    ],
)  # fmt: skip
def test_a_configuration_is_judged(
    tmp_path: Path, what: dict[str, Any], state: str, says: str
) -> None:
    found = judged(entry(tmp_path, **what), dict(os.environ))

    assert found.state == state, found
    assert says in found.says
    assert found.fix or state == "ok"


def test_the_files_of_the_usual_clients_are_read(tmp_path: Path) -> None:
    ours = {"command": "workspace-mcp", "args": ["--tools", "gmail"]}
    files = {
        ".claude.json": {
            "mcpServers": {"a": ours},
            "projects": {"/x": {"mcpServers": {"b": ours}}},
        },
        ".config/Claude/claude_desktop_config.json": {
            "mcpServers": {"c": ours, "other": {"command": "x"}}
        },
        ".cursor/mcp.json": {"mcpServers": {"d": ours}},
        ".config/Code/User/mcp.json": {"servers": {"e": ours}},
        ".gemini/settings.json": {"mcpServers": {"f": ours}},
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    codex = tmp_path / ".codex" / "config.toml"
    codex.parent.mkdir()
    codex.write_text('[mcp_servers.g]\ncommand = "workspace-mcp"\nargs = []\n')
    (tmp_path / ".codeium" / "windsurf").mkdir(parents=True)
    (tmp_path / ".codeium" / "windsurf" / "mcp_config.json").write_text("{ broken")

    found = {one.name for one in configured(tmp_path, tmp_path / "nowhere", {})}
    assert found >= set("abdfg")
    if sys.platform == "linux":
        assert found == set("abcdefg")


def test_a_finding_reads_as_lines() -> None:
    found = Finding("folder", "warning", "one\ntwo", "do this\n    command")

    assert found.text == (
        "warning  folder: one\n         two\n         do this\n             command"
    )


# explain


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("access_denied", "access_denied"),
        ("Error 400: redirect_uri_mismatch", "redirect_uri_mismatch"),
        ("Access blocked: Demo has not completed the Google verification process", "access_denied"),
        ("Google hasn't verified this app", "unverified_app"),
        ("This app is blocked", "restricted_client"),
        ("google.auth.exceptions.RefreshError: ('invalid_grant: Token has been expired or revoked.')", "invalid_grant"),
        ("SERVICE_DISABLED", "SERVICE_DISABLED"),
        ("GOOGLE_LOGIN_REQUIRED account=- reason=several_accounts", "several_accounts"),
        ("Cannot initiate OAuth flow - callback server unavailable (Port 8000 is already in use)", "EADDRINUSE"),
        ("This site can’t be reached 127.0.0.1 refused to connect", "ERR_CONNECTION_REFUSED"),
    ],
)  # fmt: skip
def test_codes_and_sentences_are_explained(
    text: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from auth_cli.explain import explanation

    found = explanation(text)
    assert found is not None
    assert found.code == code or code in found.codes
    assert main(["explain", text], {}) == 0
    assert found.cause in capsys.readouterr().out


def test_what_is_not_known_names_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "invalid_grand"], {}) == 2
    assert "invalid_grant" in capsys.readouterr().err


@pytest.mark.parametrize("number", MEANINGS)
def test_every_exit_code_is_explained(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(number)], {}) == 0
    assert MEANINGS[number] in capsys.readouterr().out


# setup


def test_every_service_has_an_api_to_enable() -> None:
    assert set(APIS) == set(SERVICES)
    links = dict(steps(["gmail", "drive"]))
    assert any("gmail.googleapis.com,drive.googleapis.com" in url for url in links.values())


def test_the_newest_file_that_came_is_taken(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"

    assert newest({a: 1.0}, {a: 1.0}) is None
    assert newest({a: 1.0}, {a: 1.0, b: 2.0}) == b
    assert newest({a: 1.0, b: 2.0}, {a: 3.0, b: 2.0}) == a


def test_the_client_of_an_older_configuration_is_found(tmp_path: Path) -> None:
    env = {"GOOGLE_OAUTH_CLIENT_ID": CLIENT["installed"]["client_id"],
           "GOOGLE_OAUTH_CLIENT_SECRET": "GOCSPX-canary-secret"}  # fmt: skip
    file = tmp_path / ".claude.json"
    file.write_text(
        json.dumps({"mcpServers": {"g": {"command": "uvx", "args": ["workspace-mcp"], "env": env}}})
    )

    assert [one.client_id for _, one in configured_clients(tmp_path, {})] == [
        env["GOOGLE_OAUTH_CLIENT_ID"]
    ]


def test_without_a_person_setup_shows_the_steps_and_leaves(environ: dict[str, str]) -> None:
    alone = {name: value for name, value in environ.items() if name != "GOOGLE_CLIENT_SECRET_PATH"}
    done = run(alone, "setup")

    assert done.returncode == 2
    assert "https://console.cloud.google.com/auth/clients/create" in done.stderr
    assert "workspace-auth client add FILE" in done.stderr


def test_setup_waits_for_the_file_and_signs_in(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    alone = {name: value for name, value in environ.items() if name != "GOOGLE_CLIENT_SECRET_PATH"}
    downloads = Path(alone["HOME"]) / "Downloads"
    downloads.mkdir()
    terminal = Terminal(alone, "setup", ME, "--services", "gmail")
    terminal.wait_for("Waiting for client_secret")
    (downloads / "client_secret_1.json").write_text(json.dumps({"web": CLIENT["installed"]}))
    terminal.wait_for("Waiting for another one.")
    (downloads / "client_secret_2.json").write_text(json.dumps(CLIENT))
    browse(google.consent(terminal.url()))

    assert terminal.end() == 0
    assert (home(alone) / "clients" / "default.json").exists()
    assert stored(alone).exists()
    assert '"mcpServers"' in terminal.text


def test_a_closed_reader_is_no_traceback(environ: dict[str, str]) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        [sys.executable, "-m", "auth_cli", "doctor"], env=environ, stdout=writes,
        stderr=subprocess.PIPE, text=True, check=False, timeout=30,
    )  # fmt: skip
    os.close(writes)

    assert "Traceback" not in done.stderr


def test_a_port_of_an_older_server_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        monkeypatch.setattr(around, "PORTS", [one.getsockname()[1]])
        threading.Event().wait(0)
        found = list(around.ports())

    assert found[0].check == "port"
    assert found[0].state in {"ok", "warning"}
    assert str(os.getpid()) in found[0].says or sys.platform != "linux"
