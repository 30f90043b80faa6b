"""The transport, over real pipes: nothing that comes in ends it, and it ends when it should."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire import Wire, tool_text

ECHO = ("-m", "tests.programs.echo_server")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(*ECHO) as started:
        started.initialize()
        yield started


def alive(wire: Wire) -> bool:
    wire.call("alive", "echo", text="still here")
    return tool_text(wire.answer("alive")) == "still here"


@pytest.mark.parametrize(
    ("line", "identifier", "code"),
    [
        pytest.param(b"{nonsense", None, -32700, id="not JSON"),
        pytest.param(b"[" * 100_000, None, -32700, id="nested deeper than any parser goes"),
        pytest.param(b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', None, -32600, id="a batch"),
        pytest.param(b"42", None, -32600, id="a number"),
        pytest.param(b"null", None, -32600, id="null"),
        pytest.param(b"{}", None, -32600, id="an empty object"),
        pytest.param(b'{"jsonrpc":"2.0","id":7}', 7, -32600, id="no method"),
        pytest.param(b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', None, -32600, id="id 1.5"),
        pytest.param(b'{"jsonrpc":"2.0","id":null,"method":"ping"}', None, -32600, id="id null"),
        pytest.param(b'{"jsonrpc":"2.0","id":8,"method":"\xff\xfe"}', 8, -32600, id="not UTF-8"),
        pytest.param(
            b'{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"\\ud800"}}',
            9, -32600, id="half a surrogate pair",
        ),
    ],
)  # fmt: skip
def test_a_broken_line_is_answered_and_ends_nothing(
    wire: Wire, line: bytes, identifier: int | None, code: int
) -> None:
    wire.write(line + b"\n")

    answer = wire.answer(identifier)
    assert answer["error"]["code"] == code
    assert answer["jsonrpc"] == "2.0"
    assert alive(wire)


def test_a_line_longer_than_the_limit_is_refused_without_being_kept(wire: Wire) -> None:
    for _ in range(40):
        wire.write(b"x" * (1 << 20))
    wire.write(b"\n")

    assert wire.answer(None)["error"]["message"] == "Line longer than 32 MB."
    assert alive(wire)
    status = Path(f"/proc/{wire.process.pid}/status").read_text()
    peak_kb = int(status.split("VmHWM:")[1].split()[0])
    assert peak_kb < 200_000


def test_blank_lines_carriage_returns_and_a_byte_order_mark_are_taken() -> None:
    with Wire(*ECHO) as wire:
        wire.write(b"\xef\xbb\xbf")
        wire.initialize()
        wire.write(b"\r\n\n   \n")
        wire.write(b'{"jsonrpc":"2.0","id":"r","method":"ping"}\r\n')

        assert wire.answer("r")["result"] == {}


def test_what_a_tool_prints_never_reaches_the_wire(wire: Wire) -> None:
    wire.call(1, "noise", text="ok")

    assert tool_text(wire.answer(1)) == "ok"
    wire.close_stdin()
    assert wire.ended_within(2) == 0
    assert sorted(wire.errors().split()) == sorted(
        ["stray", "print", "stray", "write", "stray", "child"]
    )


def test_every_call_of_a_burst_is_answered_once(wire: Wire) -> None:
    for number in range(1, 301):
        wire.call(number, "echo", text=str(number))

    assert [tool_text(wire.answer(number)) for number in range(1, 301)] == [
        str(number) for number in range(1, 301)
    ]
    assert wire.lines.empty()


def test_what_was_accepted_is_answered_when_stdin_closes(wire: Wire) -> None:
    for number in range(1, 6):
        wire.call(number, "sleep", s=0.2, text=str(number))
    wire.close_stdin()

    assert [tool_text(wire.answer(number)) for number in range(1, 6)] == list("12345")
    assert wire.ended_within(3) == 0


@pytest.mark.parametrize("ending", ["stdin", "SIGINT", "SIGTERM", "SIGHUP", "like Claude Code"])
@pytest.mark.parametrize("tool", ["", "sleep", "block"])
def test_it_ends_with_0_at_once_also_with_a_call_in_flight(
    wire: Wire, ending: str, tool: str
) -> None:
    if tool:
        wire.call(1, tool, s=30)
        assert alive(wire)
    began = time.monotonic()
    if ending == "stdin":
        wire.close_stdin()
    elif ending == "like Claude Code":
        wire.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        wire.process.send_signal(signal.SIGTERM)
    else:
        wire.process.send_signal(getattr(signal, ending))

    assert wire.ended_within(5) == 0
    assert time.monotonic() - began < 3.0, "a call of 30 seconds was waited for"
    assert wire.errors() == ""


HELLO = (
    b'{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":'
    b'"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n'
)
BIG = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"big","arguments":{"bytes":%d}}}\n'


def greeted() -> subprocess.Popen[bytes]:
    """A server whose first answer was read, and nothing reads on."""
    process = subprocess.Popen(
        [sys.executable, *ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, bufsize=0,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    process.stdin.write(HELLO)
    while not process.stdout.read(1 << 16).endswith(b"\n"):
        pass
    return process


@pytest.mark.parametrize("ending", ["stdin", "SIGTERM"])
def test_a_client_that_stops_reading_holds_up_nothing_of_the_end(ending: str) -> None:
    with greeted() as process:
        assert process.stdin
        process.stdin.write(b"".join(BIG % (number, 1_000_000) for number in range(5)))
        time.sleep(0.1)
        if ending == "stdin":
            process.stdin.close()
        else:
            process.terminate()

        assert process.wait(2) == 0


def test_it_ends_quietly_when_nobody_reads_stdout_any_more() -> None:
    with greeted() as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(BIG % (1, 10) + BIG % (2, 10))

        assert process.wait(2) == 0
        assert process.stderr.read() == b""


def test_a_cancelled_call_does_not_delay_the_end(wire: Wire) -> None:
    wire.call(1, "sleep", s=30)
    assert alive(wire)
    cancel = {"requestId": 1, "reason": "no longer needed"}
    wire.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel})
    assert alive(wire)
    began = time.monotonic()
    wire.close_stdin()

    assert wire.ended_within(2) == 0
    assert time.monotonic() - began < 0.4


def test_duplicate_ids_are_both_answered(wire: Wire) -> None:
    wire.call(5, "echo", text="one")
    wire.call(5, "echo", text="two")

    assert {tool_text(wire.answer(5)), tool_text(wire.answer(5))} == {"one", "two"}
    wire.close_stdin()
    assert wire.ended_within(3) == 0


@pytest.mark.parametrize(
    ("closing", "status", "said"),
    [
        ("<&-", 2, "workspace-mcp: stdin and stdout must be open: an MCP client starts it.\n"),
        (">&-", 2, "workspace-mcp: stdin and stdout must be open: an MCP client starts it.\n"),
        ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 2, ""),
    ],
)
def test_streams_that_are_closed_from_the_start(closing: str, status: int, said: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m workspace_mcp {closing}', sys.executable],
        input="", capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (status, "", said)


def test_a_stderr_that_nobody_reads_holds_nothing_up() -> None:
    with Wire("-m", "workspace_mcp", "--demo", "--log-level", "debug") as wire:
        wire.initialize()
        for number in range(1, 600):
            wire.call(number, "gmail_search", query="from:bo", max=1)
        for number in range(1, 600):
            wire.answer(number)
        wire.close_stdin()

        assert wire.ended_within(2) == 0
