"""`workspace-auth try`: what an agent sees of the server, at the terminal."""

import json
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from auth_cli.client import ServerClient
from workspace_mcp.errors import UsageError
from workspace_mcp.formats.clean import clean
from workspace_mcp.program import program
from workspace_mcp.program import server as server_command

TOUR_QUERY = "in:inbox"


def server_flags(
    *, demo: bool, scenario: Path | None, account: str | None, read_only: bool
) -> list[str]:
    """The command line of the server to try."""
    flags: list[str] = []
    if demo or scenario is not None:
        flags += ["--demo", *([str(scenario)] if scenario is not None else [])]
    if account:
        flags += ["--account", account]
    return [*flags, "--read-only"] if read_only else flags


def argument(text: str) -> tuple[str, Any]:
    """`key=value` as an argument: a value that is JSON counts as what it says, else as text.

    Raises:
        UsageError: no "=".
    """
    key, equals, value = text.partition("=")
    if not (equals and key):
        raise UsageError(f"{text!r} is not key=value.", 'Write it like query="from:bo" max=5.')
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def text_of(result: dict[str, Any]) -> str:
    """The text of a call's result; a picture is named by its type and size."""
    parts = [
        part["text"]
        if part["type"] == "text"
        else f"[{part.get('mimeType', part['type'])}, {len(part.get('data', '')) * 3 // 4} bytes]"
        for part in result.get("content", [])
    ]
    return clean("\n".join(parts))


def call(
    flags: Sequence[str], tool: str, pairs: Sequence[str], *, as_json: bool
) -> tuple[str, bool]:
    """One tool's answer, and whether it is a failure."""
    arguments = dict(map(argument, pairs))
    with ServerClient(flags) as server:
        result = server.ask("tools/call", name=tool, arguments=arguments)
    text = json.dumps(result, indent=1, ensure_ascii=False) if as_json else text_of(result)
    return text, bool(result.get("isError"))


def tour(flags: Sequence[str], show: Callable[[str], None], say: Callable[[str], None]) -> bool:
    """Start the server, search the inbox and read a thread of it. False when a step failed."""
    with ServerClient(flags) as server:
        tools = server.ask("tools/list")["tools"]
        size = len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode())
        info = server.info["serverInfo"]
        say(
            f"{info['name']} {info['version']} answered in {server.started_in:.2f} s over stdio: "
            f"{len(tools)} tools, {size / 1000:.1f} kB for the model to read."
        )
        found = _step(server, show, say, "gmail_search", {"query": TOUR_QUERY, "max": 8})
        thread = _conversation(found)
        if thread is None:
            if found is None and "--demo" not in flags:
                say(f"\nWithout any account: {program()} try --demo")
            return False
        read = _step(server, show, say, "gmail_read", {"ids": [thread], "last": 2})
    say(f"Try one yourself: {program()} try --demo gmail_search query='has:attachment'")
    say(f"All tools: {shlex.quote(server_command())} tools")
    return read is not None


def _step(
    server: ServerClient,
    show: Callable[[str], None],
    say: Callable[[str], None],
    tool: str,
    arguments: dict[str, Any],
) -> str | None:
    """Show a call and its answer; None when it failed."""
    said = " ".join(f"{key}={json.dumps(value)}" for key, value in arguments.items())
    say(f"\n> {tool} {said}")
    result = server.ask("tools/call", name=tool, arguments=arguments)
    show(clean(text_of(result)))
    return None if result.get("isError") else text_of(result)


def _conversation(found: str | None) -> str | None:
    """The id of a thread with several messages in a search's answer, else of the first."""
    if found is None:
        return None
    ids = re.findall(r"\[([0-9a-f]{8,})\]", found)
    several = re.findall(r"\(\d+\).*?\[([0-9a-f]{8,})\]", found)
    return (several or ids or [None])[0]
