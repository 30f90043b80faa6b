"""Odd places to run in, and a parent that dies."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire import LEGACY, ROOT, Wire, tool_text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc, and limits of Unix")
DEMO = ("-m", "workspace_mcp", "--demo", "--tools", "gmail")
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, *sys.argv[1:]])
print(child.pid, file=sys.stderr, flush=True)
child.wait()
"""


def test_a_server_whose_parent_was_killed_ends_although_its_stdin_stays_open() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *DEMO], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as parent:  # fmt: skip
        assert parent.stderr
        assert parent.stdin
        assert parent.stdout
        pid = int(parent.stderr.readline())
        hello = Wire.line(0, "initialize", **LEGACY)
        parent.stdin.write(hello)
        parent.stdin.flush()
        parent.stdout.readline()
        parent.send_signal(signal.SIGKILL)
        ended = parent.stdout.read()  # the pipe ends with the last process that holds it

    assert ended == b""
    assert (
        not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def asked(wire: Wire) -> str:
    wire.initialize()
    wire.call("1", "gmail_search", query="in:inbox", max=1)
    found = tool_text(wire.answer("1"))
    wire.close_stdin()
    assert wire.ended_within(3) == 0
    return found


@pytest.mark.parametrize(
    "environ",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "POSIX", "TZ": "Nowhere/Nothing"},
        {"TERM": "", "COLUMNS": "0"},
    ],
)
def test_the_locale_and_the_terminal_do_not_matter(environ: dict[str, str]) -> None:
    with Wire(*DEMO, environ=environ) as wire:
        assert "newest first" in asked(wire)


def test_without_a_home_it_starts() -> None:
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "workspace_mcp", "--tools", "gmail"], cwd=ROOT, env=bare,
        input=Wire.line(0, "initialize", **LEGACY), capture_output=True, check=False, timeout=20,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"serverInfo" in done.stdout


def test_a_folder_that_is_gone_does_not_matter(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", f'cd {gone} && rmdir {gone} && exec "$0" -m workspace_mcp --demo', sys.executable],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, input=Wire.line(0, "initialize", **LEGACY),
        capture_output=True, check=False, timeout=20,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"serverInfo" in done.stdout


def test_without_a_free_descriptor_a_call_fails_and_the_server_does_not() -> None:
    with Wire(*DEMO) as wire:
        wire.initialize()
        wire.call("1", "gmail_search", query="in:inbox", max=1)
        first = tool_text(wire.answer("1"))
        used = len(os.listdir(f"/proc/{wire.process.pid}/fd"))
        limits = resource.prlimit(wire.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(wire.process.pid, resource.RLIMIT_NOFILE, (used, limits[1]))
        wire.call("2", "drive_search", query="plan")
        wire.call("3", "gmail_search", query="in:inbox", max=1)
        second, third = wire.answer("2"), wire.answer("3")
        resource.prlimit(wire.process.pid, resource.RLIMIT_NOFILE, limits)
        wire.call("4", "gmail_search", query="in:inbox", max=1)
        fourth = tool_text(wire.answer("4"))
        wire.close_stdin()
        status = wire.ended_within(3)

    assert status == 0
    assert "result" in second
    assert "result" in third
    assert fourth == first
