"""The start is a feature: what the server does not need to say hello is not loaded."""

import subprocess
import sys

HELLO = (
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
    '"capabilities":{},"clientInfo":{"name":"x","version":"1"}}}\n'
    '{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
    '{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n'
)
LATER = (
    "google.auth", "selectolax", "pypdf", "markdown_it", "filelock", "defusedxml", "rich", "typer",
    "truststore", "workspace_mcp.services.gmail", "workspace_mcp.google.client", "workspace_mcp.arguments",
    "workspace_mcp.tools", "workspace_mcp.demo", "requests", "workspace_mcp.credentials.refresh",
)  # fmt: skip


def test_neither_services_nor_google_auth_nor_parsers_are_loaded_before_the_first_call() -> None:
    done = subprocess.run(
        [sys.executable, "-v", "-m", "workspace_mcp"], input=HELLO, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    loaded = {
        line.split("'")[1] for line in done.stderr.splitlines() if line.startswith("import '")
    }

    assert '"gmail_search"' in done.stdout
    assert "mcp.server" in loaded
    assert [
        name for name in LATER if any(one == name or one.startswith(name + ".") for one in loaded)
    ] == []


def test_importing_the_package_imports_nothing() -> None:
    code = "import sys; before = set(sys.modules); import workspace_mcp; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "['workspace_mcp']\n"


def test_the_login_command_never_loads_the_protocol() -> None:
    code = (
        "import sys; from auth_cli.main import main; main(['--help']); print('mcp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("False\n")
