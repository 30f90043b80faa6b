"""Whole processes: what a person who installs this gets, over real pipes, sockets and files."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.conftest import ME, text_of
from tests.google_over_tls import LoopbackGoogle, write
from tests.proxy import GoogleProxy
from tests.wire import Wire, listening, tool_text, tree

SERVER = ("-m", "workspace_mcp")
NINE = [
    "--tools",
    "gmail",
    "drive",
    "calendar",
    "docs",
    "sheets",
    "forms",
    "slides",
    "tasks",
    "search",
]
CANARIES = ("canary-refresh", "canary-secret", "canary-old", "ya29.")


@pytest.fixture
def google(tmp_path: Path) -> Iterator[LoopbackGoogle]:
    yield LoopbackGoogle(tmp_path)


@pytest.fixture
def environ(google: LoopbackGoogle, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Home, proxy and certificates of a server under test."""
    home = tmp_path / "home"
    home.mkdir()
    with GoogleProxy(google.handle, tmp_path) as proxy:
        yield {**proxy.environ, "HOME": str(home), "USER_GOOGLE_EMAIL": ""}


def credentials(environ: dict[str, str]) -> Path:
    return Path(environ["HOME"]) / ".google_workspace_mcp" / "credentials"


def search(wire: Wire, identifier: str, query: str = "invoice", **arguments: str) -> dict[str, Any]:
    wire.call(identifier, "gmail_search", query=query, **arguments)
    return wire.answer(identifier)


def test_an_upstream_users_folder_works_at_once_behind_a_proxy_with_a_private_ca(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.world.gmail(ME).deliver("ana@example.com", "Invoice 1", "Please pay.")
    path = write(credentials(environ))
    with Wire(*SERVER, *NINE, "--log-level", "debug", environ=environ) as wire:
        instructions = wire.initialize()["instructions"]
        found = tool_text(search(wire, "s"))
        wire.close_stdin()
        assert wire.ended_within(3) == 0
        log = wire.errors()

    assert instructions.startswith(f"Google Workspace of {ME}.")
    assert '"Invoice 1"' in found
    assert google.refreshes == ["1//canary-refresh"]
    written = json.loads(path.read_text())
    assert list(written) == [
        "token", "refresh_token", "token_uri", "client_id", "client_secret", "scopes", "expiry",
    ]  # fmt: skip
    assert written["refresh_token"] == "1//canary-refresh"
    assert written["token"].startswith("ya29.demo")
    assert written["expiry"].count("+") == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(path.parent)) == [path.name]
    assert [canary for canary in CANARIES if canary in log] == []
    assert "GET https://gmail.googleapis.com/gmail/v1/users/me/messages 200" in log
    assert "invoice" not in log.lower()


def test_requests_ca_bundle_serves_as_well(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    write(credentials(environ))
    changed = {**environ, "REQUESTS_CA_BUNDLE": environ["SSL_CERT_FILE"], "SSL_CERT_FILE": ""}
    with Wire(*SERVER, environ=changed) as wire:
        wire.initialize()

        assert tool_text(search(wire, "s")).startswith("No mail matches")


def test_an_untrusted_certificate_names_the_variable(environ: dict[str, str]) -> None:
    write(credentials(environ))
    with Wire(*SERVER, environ={**environ, "SSL_CERT_FILE": ""}) as wire:
        wire.initialize()
        failure = search(wire, "s")["result"]

    assert failure["isError"]
    assert "SSL_CERT_FILE" in failure["content"][0]["text"]


def test_a_sign_in_that_comes_later_changes_or_goes_counts_at_the_next_call(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.accounts["1//canary-second"] = ME
    with Wire(*SERVER, environ=environ) as wire:
        wire.initialize()
        before = search(wire, "1")["result"]
        write(credentials(environ))
        after = search(wire, "2")["result"]
        del google.accounts["1//canary-refresh"]
        google.world.revoke(ME)
        revoked = search(wire, "3")["result"]
        refreshes = len(google.refreshes)
        for number in range(20):
            assert search(wire, f"again {number}")["result"]["isError"]
        asked_again = len(google.refreshes) - refreshes
        path = write(credentials(environ), refresh_token="1//canary-second")
        renewed = search(wire, "4")["result"]
        path.unlink()
        gone = search(wire, "5")["result"]

    assert before["content"][0]["text"].startswith(
        "GOOGLE_LOGIN_REQUIRED account=- reason=not_signed_in\nThe user must sign in. In a terminal"
    )
    assert not after.get("isError")
    assert revoked["content"][0]["text"].startswith(
        f"GOOGLE_LOGIN_REQUIRED account={ME} reason=token_expired_or_revoked\n"
        "The user must sign in again. In a terminal, run:\n"
        f"    workspace-auth login {ME}\n"
    )
    assert asked_again == 0, "a dead token costs one request until the file changes"
    assert not renewed.get("isError")
    assert "reason=not_signed_in" in gone["content"][0]["text"]


def test_eight_servers_with_one_expired_token_send_one_refresh(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.pause = 0.5
    write(credentials(environ))
    wires = [Wire(*SERVER, environ=environ).__enter__() for _ in range(8)]
    try:
        for wire in wires:
            wire.initialize()
        for wire in wires:
            wire.call("s", "gmail_search", query="x")
        answers = [tool_text(wire.answer("s")) for wire in wires]
    finally:
        for wire in wires:
            wire.__exit__(None, None, None)

    assert all(text.startswith("No mail matches") for text in answers)
    assert len(google.refreshes) == 1


def test_two_accounts_never_mix(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    other = "you@example.com"
    google.world.add_account(other)
    google.accounts["1//canary-other"] = other
    google.world.gmail(other).deliver("a@example.com", "Only for you")
    write(credentials(environ))
    write(credentials(environ), other, refresh_token="1//canary-other")
    with Wire(*SERVER, environ=environ) as wire:
        wire.initialize()
        unnamed = search(wire, "1", "only")["result"]["content"][0]["text"]
        mine = tool_text(search(wire, "2", "only", account=ME))
        theirs = tool_text(search(wire, "3", "only", account=other))
        unknown = search(wire, "4", "only", account="zoe@example.com")["result"]

    assert unnamed.startswith("GOOGLE_LOGIN_REQUIRED account=- reason=several_accounts\n")
    assert mine.startswith("No mail matches")
    assert '"Only for you"' in theirs
    assert "reason=unknown_account" in unknown["content"][0]["text"]


def test_account_pins_a_server_to_one_account(environ: dict[str, str]) -> None:
    write(credentials(environ))
    write(credentials(environ), "you@example.com")
    with Wire(*SERVER, "--account", ME, environ=environ) as wire:
        instructions = wire.initialize()["instructions"]
        other = search(wire, "1", account="you@example.com")["result"]
        own = search(wire, "2")["result"]

    assert instructions.startswith(f"Google Workspace of {ME}.")
    assert other["content"][0]["text"].startswith(f"This server works for {ME} alone.")
    assert not own.get("isError")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"1", b"[" * 200_000, b"{}", b'{"token": 1}', b"\xff\xfe\x00",
        b'{"refresh_token": "x\\r\\ny"}', b'{"token_uri": "https://evil.example/token"}',
        b'{"scopes": {"a": 1}, "refresh_token": "x"}', b"x" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_file_is_an_error_for_that_account_alone_and_stays_as_it_is(
    environ: dict[str, str], body: bytes
) -> None:
    path = write(credentials(environ))
    path.write_bytes(body)
    write(credentials(environ), "you@example.com", token="ya29.demo")
    with Wire(*SERVER, environ=environ) as wire:
        wire.initialize()
        began = time.monotonic()
        failure = search(wire, "1", account=ME)["result"]
        took = time.monotonic() - began

    assert failure["isError"]
    assert ME in failure["content"][0]["text"]
    assert "evil" not in failure["content"][0]["text"]
    assert took < 1.5
    assert path.read_bytes() == body


def test_a_fifo_for_a_credential_does_not_hang(environ: dict[str, str]) -> None:
    path = credentials(environ) / f"{ME}.json"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with Wire(*SERVER, environ=environ) as wire:
        wire.initialize()
        failure = search(wire, "1")["result"]

    assert "is not a plain file" in failure["content"][0]["text"]


def test_the_whole_tree_listens_nowhere_while_port_8000_is_taken(environ: dict[str, str]) -> None:
    write(credentials(environ))
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which serves as well
        with Wire(*SERVER, *NINE, environ=environ) as wire:
            wire.initialize()
            seen = [listening(pid) for pid in tree(wire.process.pid)]
            search(wire, "1")
            seen += [listening(pid) for pid in tree(wire.process.pid)]
            processes = tree(wire.process.pid)

    assert seen == [[], []]
    assert processes == [wire.process.pid]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_official_client_reads_a_mailbox_of_the_demo(mode: Any) -> None:
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "workspace_mcp", "--demo", "--tools", "gmail"]
    )
    async with Client(parameters, mode=mode) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("gmail_search", {"query": "subject:wholesale"})

    assert len(tools) == 13
    assert "Mira Okafor <mira@harborcafe.example>" in text_of(result)


def test_the_demo_is_the_same_twice_and_its_state_can_be_saved_and_loaded(tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    flags = ("--demo", "--demo-now", "2026-11-20T09:30:00Z", "--demo-save", str(saved))
    texts: list[str] = []
    for _ in range(2):
        with Wire(*SERVER, *flags) as wire:
            wire.initialize()
            texts.append(tool_text(search(wire, "1", "in:inbox")))
            wire.call("2", "gmail_modify", query="subject:maintenance", expect=1, action="star")
            wire.answer("2")
            wire.close_stdin()
            assert wire.ended_within(3) == 0
    with Wire(*SERVER, "--demo", str(saved)) as wire:
        wire.initialize()
        starred = tool_text(search(wire, "1", "is:starred subject:maintenance"))

    assert texts[0] == texts[1]
    assert '"Roaster maintenance on Saturday"' in starred


def test_the_command_of_the_readme_shows_a_search_and_a_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "auth_cli", "try", "--demo"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "threads, newest first" in done.stdout
    assert "--- mail text" in done.stdout
    assert "> gmail_read ids=" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_at_a_terminal_the_server_says_what_it_waits_for(environ: dict[str, str]) -> None:
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, *SERVER, "--demo"], stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, **environ},
    ) as server:  # fmt: skip
        os.close(theirs)
        assert server.stderr is not None
        said = server.stderr.readline().decode() + server.stderr.readline().decode()
        os.close(ours)

    assert said.startswith("workspace-mcp waits for an MCP client on stdin")
    assert said.endswith(" try --demo\n")
