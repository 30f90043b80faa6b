"""How our commands are called on this machine: what a person can copy into a terminal, and it runs."""

import shlex
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Final

NAME: Final = "workspace-auth"
SERVER: Final = "workspace-mcp"


@cache
def program() -> str:
    """`workspace-auth` when a shell finds it, else its whole path, else our Python with the module."""
    if shutil.which(NAME):
        return NAME
    beside = Path(sys.executable).with_name(NAME)
    if beside.exists():
        return shlex.quote(str(beside))
    return f"{shlex.quote(sys.executable)} -m auth_cli"


def server(path: str | None = None) -> str:
    """`workspace-mcp` as an MCP client can start it: the whole path, where it is known.

    `path` is what to search instead of this process's PATH.
    """
    beside = Path(sys.executable).with_name(SERVER)
    return shutil.which(SERVER, path=path) or (str(beside) if beside.exists() else SERVER)
