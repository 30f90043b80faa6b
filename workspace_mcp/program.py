"""How `workspace-auth` is called on this machine: what a person can copy into a terminal, and it runs."""

import shlex
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Final

NAME: Final = "workspace-auth"


@cache
def program() -> str:
    """`workspace-auth` when a shell finds it, else its whole path, else our Python with the module."""
    if shutil.which(NAME):
        return NAME
    beside = Path(sys.executable).with_name(NAME)
    if beside.exists():
        return shlex.quote(str(beside))
    return f"{shlex.quote(sys.executable)} -m auth_cli"
