"""The command line: what people have in their configs is taken or refused in one clear line."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workspace_mcp import __version__, cli
from workspace_mcp.errors import UsageError
from workspace_mcp.scopes import SERVICES


def test_several_values_after_one_flag_are_services() -> None:
    flags = [
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

    assert set(cli.read(flags, {}).services) == set(flags[1:])
    assert cli.read([], {}).services == SERVICES


@pytest.mark.parametrize(
    ("flags", "environ", "field", "value"),
    [
        (["--tools", "gmail"], {"WORKSPACE_MCP_TOOLS": "drive"}, "services", ("gmail",)),
        ([], {"WORKSPACE_MCP_TOOLS": "drive, gmail"}, "services", ("gmail", "drive")),
        ([], {}, "tier", 2),
        (["--tool-tier", "core"], {"WORKSPACE_MCP_TOOL_TIER": "complete"}, "tier", 1),
        ([], {"WORKSPACE_MCP_TOOL_TIER": "complete"}, "tier", 3),
        (["--read-only"], {}, "read_only", True),
        ([], {"WORKSPACE_MCP_READ_ONLY": "true"}, "read_only", True),
        ([], {"WORKSPACE_MCP_READ_ONLY": "0"}, "read_only", False),
        (["--account", "Ana@Example.com"], {}, "account", "ana@example.com"),
        ([], {"USER_GOOGLE_EMAIL": "ana@example.com"}, "default_account", "ana@example.com"),
        (["--transport", "stdio", "--single-user"], {}, "read_only", False),
        ([], {"PORT": "8000", "WORKSPACE_MCP_PORT": "9000"}, "demo", False),
        (["--demo"], {}, "demo", True),
        (["--demo", "--demo-now", "2026-11-20T09:30:00Z"], {}, "demo_now",
         datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ([], {"WORKSPACE_MCP_DISABLE_LOCAL_FILES": "1"}, "local_files", False),
        ([], {"WORKSPACE_MCP_LOG_LEVEL": "DEBUG"}, "log_level", "debug"),
        (["--permissions", "gmail:organize+send", "tasks:manage"], {}, "levels",
         {"gmail": frozenset({"readonly", "organize", "send"}),
          "tasks": frozenset({"readonly", "manage"})}),
        (["--permissions", "drive:full"], {}, "services", ("drive",)),
    ],
)  # fmt: skip
def test_a_flag_wins_over_its_variable(
    flags: list[str], environ: Mapping[str, str], field: str, value: object
) -> None:
    assert getattr(cli.read(flags, environ), field) == value


REFUSED = [
    (["--tools", "gmial"], {}, "Unknown service: gmial."),
    (["--tool-tier", "huge"], {}, "Unknown tool tier: huge."),
    (["--transport", "streamable-http"], {}, "--transport streamable-http: this server opens no"),
    (["--port", "8000"], {}, "--port: this server opens no port"),
    (["--port=8000"], {}, "--port: this server opens no port"),
    (["--frobnicate"], {}, "unrecognized arguments: --frobnicate."),
    (["--permissions", "gmail"], {}, "--permissions: 'gmail' is not a service and its level"),
    (["--permissions", "gmail:all"], {}, "--permissions: gmail has no level all."),
    (["--permissions", "gmail:full", "--read-only"], {}, "--permissions names services"),
    (["--account", "ana"], {}, "--account: 'ana' is not an e-mail address."),
    (["--demo", "/no/such.json"], {}, "--demo: /no/such.json is not a file."),
    (["--demo-now", "2026-11-20T09:30:00Z"], {}, "--demo-now and --demo-save go with --demo."),
    (["--demo", "--demo-now", "noon"], {}, "--demo-now: 'noon' is not a time."),
    (
        ["--demo", "--demo-now", "2026-11-20T09:30"],
        {},
        "--demo-now: '2026-11-20T09:30' has no zone",
    ),
    (["--files", "/no/such"], {}, "--files: /no/such is not a folder."),
    (["--log-level", "loud"], {}, "Unknown log level: loud."),
    (["--log-file", "/proc/no/such.log"], {}, "--log-file: /proc/no/such.log cannot be written"),
    (["--disabled-tools", "gmail_fly"], {}, "--disabled-tools: there is no tool gmail_fly."),
    ([], {"WORKSPACE_MCP_READ_ONLY": "maybe"}, "WORKSPACE_MCP_READ_ONLY='maybe' is neither"),
    ([], {"WORKSPACE_MCP_TRANSPORT": "sse"}, "WORKSPACE_MCP_TRANSPORT asks for a transport"),
    ([], {"MCP_ENABLE_OAUTH21": "true"}, "MCP_ENABLE_OAUTH21 is a setting of an HTTP server."),
    ([], {"WORKSPACE_MCP_CREDENTIAL_STORE_BACKEND": "gcs"}, "WORKSPACE_MCP_CREDENTIAL_STORE"),
]


@pytest.mark.parametrize(
    ("flags", "environ", "says"), REFUSED, ids=[" ".join([*f, *e]) for f, e, _ in REFUSED]
)
def test_what_cannot_be_used_is_one_line_on_stderr_and_exit_2(
    flags: list[str],
    environ: Mapping[str, str],
    says: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(flags, environ) == 2

    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(f"workspace-mcp: {says}")
    assert err.count("\n") == 1


def test_an_unknown_service_ends_the_process_with_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workspace_mcp", "--tools", "nope"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("workspace-mcp: Unknown service: nope. Services: gmail, drive,")


def test_the_version_is_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workspace_mcp", "--version"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == f"workspace-mcp {__version__}\n"


def test_a_log_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    from workspace_mcp.logs import set_up

    set_up("info", tmp_path / "logs" / "x.log")

    assert (tmp_path / "logs" / "x.log").stat().st_mode & 0o777 == 0o600


def test_reading_settings_needs_no_service(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        cli.read(["--files", str(tmp_path / "missing")], {})
