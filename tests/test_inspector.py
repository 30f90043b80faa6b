"""The official inspector, where it is installed (`npm i -g @modelcontextprotocol/inspector`, Node 22)."""

import json
import shutil
import subprocess
import sys

import pytest

INSPECTOR = shutil.which("mcp-inspector")


@pytest.mark.skipif(INSPECTOR is None, reason="mcp-inspector is not installed")
@pytest.mark.parametrize(
    "arguments",
    [
        ("--method", "tools/list"),
        ("--method", "tools/call", "--tool-name", "gmail_search", "--tool-arg", "query=from:bo"),
    ],
    ids=["list", "call"],
)
def test_the_official_inspector_talks_to_the_demo(arguments: tuple[str, ...]) -> None:
    server = (sys.executable, "-m", "workspace_mcp", "--demo", "--tools", "gmail")
    done = subprocess.run(
        [INSPECTOR or "", "--cli", *server, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    answer = json.loads(done.stdout)
    assert (
        len(answer["tools"]) == 13
        if "tools" in answer
        else "Roaster" in answer["content"][0]["text"]
    )
