"""Limits that change while a server runs, and the pace of changes."""

import os
from pathlib import Path

import pytest

from tests.policy.test_file import policy
from workspace_mcp import cli
from workspace_mcp.backends import DemoBackend
from workspace_mcp.errors import PolicyError, UsageError
from workspace_mcp.google.resource import collection
from workspace_mcp.policy.gate import PERMITS, Permits
from workspace_mcp.policy.pace import Pace

LABELS = collection("https://gmail.googleapis.com/gmail/v1/users/me/labels")


def written(folder: Path, text: str, at: int) -> None:
    """The file, as if it were written at a moment of its own."""
    policy(folder, text)
    os.utime(folder / ".google_workspace_mcp" / "policy.toml", ns=(at, at))


async def test_a_running_server_sees_what_the_file_says_now(tmp_path: Path) -> None:
    written(tmp_path, "", 1)
    backend = DemoBackend(cli.read(["--demo"], {"HOME": str(tmp_path)}))
    google = backend.google(backend.world.accounts()[0])
    token = PERMITS.set(Permits())
    try:
        await google.post(LABELS, {"name": "One"})
        written(tmp_path, "read_only = true\n[standing]\nreplies = true\n", 2)
        with pytest.raises(PolicyError, match="read-only"):
            await google.post(LABELS, {"name": "Two"})
        assert backend.current.standing() == {"replies"}
        assert any("read-only" in line for line in backend.limits())
        written(tmp_path, "read_only = maybe", 3)
        with pytest.raises(PolicyError, match="cannot be read, so nothing is done"):
            await google.get(LABELS)
        (tmp_path / ".google_workspace_mcp" / "policy.toml").unlink()
        await google.post(LABELS, {"name": "Two"})
    finally:
        PERMITS.reset(token)


async def test_what_flags_say_stays_whatever_the_file_becomes(tmp_path: Path) -> None:
    written(tmp_path, "no_send = true", 1)
    backend = DemoBackend(cli.read(["--demo", "--read-only"], {"HOME": str(tmp_path)}))
    written(tmp_path, "read_only = false", 2)

    assert backend.current.policy().read_only
    assert not backend.current.policy().no_send


def test_flags_and_file_narrow_each_other(tmp_path: Path) -> None:
    environ = policy(
        tmp_path, 'lockdown = true\nper_minute = 60\nfolders = ["1abcdef"]\nno_send = true\n'
    )
    found = cli.read(
        ["--per-minute", "90", "--folders", "https://drive.google.com/drive/u/0/folders/1ghijk?usp=sharing"],
        environ,
    ).policy  # fmt: skip

    assert found.lockdown
    assert found.per_minute == 60
    assert found.folders == (frozenset({"1ghijk"}), frozenset({"1abcdef"}))


@pytest.mark.parametrize(
    ("flags", "environ"),
    [
        (["--per-minute", "fast"], {}),
        (["--folders", "a b c"], {}),
        (["--folders", "http://evil.test/x"], {}),
        ([], {"WORKSPACE_MCP_FOLDERS": "/My Drive/Reports"}),
        ([], {"WORKSPACE_MCP_LOCKDOWN": "perhaps"}),
        ([], {"WORKSPACE_MCP_PER_MINUTE": "-5"}),
    ],
)
def test_a_value_that_cannot_be_read_ends_the_start(
    tmp_path: Path, flags: list[str], environ: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        cli.read(flags, {"HOME": str(tmp_path), **environ})


def test_the_pace_is_that_of_any_minute() -> None:
    at = [100.0]
    pace = Pace(lambda: at[0])
    for _ in range(3):
        pace.spend(3)
        at[0] += 10
    with pytest.raises(PolicyError, match=r"3 changes in the last minute[\s\S]*in 31 seconds"):
        pace.spend(3)
    at[0] = 161.0
    pace.spend(3)
    with pytest.raises(PolicyError):
        pace.spend(3)
    with pytest.raises(PolicyError):
        Pace(lambda: at[0]).spend(0)


async def test_what_runs_away_is_stopped(tmp_path: Path) -> None:
    backend = DemoBackend(cli.read(["--demo", "--per-minute", "2"], {"HOME": str(tmp_path)}))
    google = backend.google(backend.world.accounts()[0])
    token = PERMITS.set(Permits())
    try:
        await google.post(LABELS, {"name": "One"})
        await google.post(LABELS, {"name": "Two"})
        with pytest.raises(PolicyError, match="2 changes in the last minute"):
            await google.post(LABELS, {"name": "Three"})
        await google.get(LABELS)
    finally:
        PERMITS.reset(token)
    assert {"One", "Two"} <= {
        one.name for one in backend.world.gmail(google.account).labels.values()
    }
