"""A sign-in in two commands, for a shell without a terminal: `--start` shows the address and leaves,
`--finish` waits for the outcome.

In between a process of its own holds the port and the secrets. What it reports lies in a file for its
owner alone, which holds the address and the outcome, and no code, verifier or token.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from workspace_mcp.errors import TimedOutError, UsageError

LIFE: Final = 600.0
"""Seconds for the person to answer in the browser."""
PATIENCE: Final = 90.0
"""Seconds for which `--finish` waits; an agent's shell gives a command two minutes."""
_STARTING: Final = 15.0


@dataclass(frozen=True, slots=True)
class Report:
    """How a sign-in stands. `exit_code` is None while it is under way."""

    url: str = ""
    said: str = ""
    exit_code: int | None = None

    def write(self, path: Path) -> None:
        """Replace the report at `path`, readable for its owner alone."""
        beside = path.with_suffix(f".{os.getpid()}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        beside.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Report":
        """The report at `path`; an empty one when there is none yet."""
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()


def start(folder: Path, arguments: Sequence[str], environ: Mapping[str, str]) -> Report:
    """Start a sign-in in a process of its own; its first report, with the address.

    Raises:
        UsageError: it ended at once; the text is what it said.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    path = folder / f"{secrets.token_hex(8)}.json"
    command = [sys.executable, "-m", "auth_cli", "login", *arguments, "--report", str(path)]
    subprocess.Popen(  # noqa: S603 - our own interpreter, module and flags
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, env=dict(environ),
    )  # fmt: skip
    until = time.monotonic() + _STARTING
    while time.monotonic() < until:
        found = Report.read(path)
        if found.url:
            return found
        if found.exit_code is not None:
            path.unlink(missing_ok=True)
            raise UsageError(found.said)
        time.sleep(0.02)
    raise UsageError("The sign-in did not start.", "Run workspace-auth login in a terminal.")


def finish(folder: Path, seconds: float = PATIENCE) -> Report:
    """The outcome of the newest sign-in that was started; its report is deleted.

    Raises:
        UsageError: none was started.
        TimedOutError: the person has not answered yet; it can be asked again.
    """
    _sweep(folder)
    paths = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    if not paths:
        raise UsageError("No sign-in is under way.", "Start one: workspace-auth login --start")
    until = time.monotonic() + seconds
    while True:
        found = Report.read(paths[-1])
        if found.exit_code is not None:
            paths[-1].unlink(missing_ok=True)
            return found
        if time.monotonic() > until:
            raise TimedOutError(
                "The sign-in is still waiting for an answer in the browser.",
                f"Open {found.url}\nthen run workspace-auth login --finish again.",
            )
        time.sleep(0.05)


def _sweep(folder: Path) -> None:
    """Delete reports of sign-ins that are over for good."""
    for path in folder.glob("*.json"):
        try:
            if time.time() - path.stat().st_mtime > LIFE + 60:
                path.unlink(missing_ok=True)
        except OSError:
            continue  # another command swept it
