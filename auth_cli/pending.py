"""A sign-in in two commands, for a shell without a terminal: `--start` shows the address and leaves,
`--finish` waits for the outcome, or takes the address that a person copied from the browser.

In between a process of its own listens. What lies on disk, for the owner alone and for ten minutes: the
address, the outcome, and what binds Google's answer to this machine (state and verifier, worth nothing
without the code), so that a copied address still counts when that process is gone.
"""

import json
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from auth_cli.oauth.callback import Code, Refusal, brought, pasted
from auth_cli.oauth.request import Attempt
from workspace_mcp.credentials import disk
from workspace_mcp.errors import TimedOutError, UsageError

LIFE: Final = 600.0
"""Seconds for the person to answer in the browser."""
PATIENCE: Final = 90.0
"""Seconds for which `--finish` waits; an agent's shell gives a command two minutes."""
_STARTING: Final = 20.0
_BEGIN: Final = "Start one: workspace-auth login --start"


@dataclass(frozen=True, slots=True)
class Report:
    """How a sign-in stands. `exit_code` is None while it is under way."""

    url: str = ""
    email: str = ""
    said: str = ""
    exit_code: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    attempt: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    wish: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def write(self, path: Path) -> None:
        """Replace the report at `path`, readable for its owner alone."""
        disk.replace(path, json.dumps(asdict(self)).encode())

    @classmethod
    def read(cls, path: Path) -> "Report":
        """The report at `path`; an empty one when there is none yet."""
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()

    @property
    def asked(self) -> Attempt:
        """The attempt that the address belongs to."""
        known = dict(self.attempt)
        known["scopes"] = tuple(known.get("scopes", ()))
        return Attempt(**known)


def start(folder: Path, arguments: Sequence[str], environ: Mapping[str, str]) -> Report:
    """Start a sign-in in a process of its own; its first report, with the address.

    Raises:
        UsageError: it ended at once; the text is what it said.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder)
    path = folder / f"{secrets.token_hex(8)}.json"
    command = [sys.executable, "-m", "auth_cli", "login", *arguments, "--report", str(path)]
    subprocess.Popen(  # noqa: S603 - our own interpreter, module and flags
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, env=dict(environ),
    )  # fmt: skip
    until = time.monotonic() + _STARTING
    while time.monotonic() < until:
        found = Report.read(path)
        if found.exit_code is not None:
            path.unlink(missing_ok=True)
            return found
        if found.url:
            return found
        time.sleep(0.02)
    raise UsageError("The sign-in did not start.", "Run workspace-auth login in a terminal.")


def newest(folder: Path, email: str | None) -> Path:
    """The report of the newest sign-in that was started (for `email`, when one is named).

    Raises:
        UsageError: there is none.
    """
    sweep(folder)
    found: list[tuple[float, Path]] = []
    for path in folder.glob("*.json"):
        report = Report.read(path)
        if email is None or report.email == email:
            found.append((path.stat().st_mtime, path))
    if not found:
        raise UsageError("No sign-in is under way.", _BEGIN)
    return max(found)[1]


def wait(path: Path, seconds: float = PATIENCE) -> Report:
    """The outcome of a sign-in; its report is deleted.

    Raises:
        TimedOutError: the person has not answered yet; it can be asked again.
    """
    until = time.monotonic() + seconds
    while True:
        found = Report.read(path)
        if found.exit_code is not None:
            path.unlink(missing_ok=True)
            return found
        if time.monotonic() > until:
            raise TimedOutError(
                "The sign-in is still waiting for an answer in the browser.",
                f"Open\n{found.url}\nthen run workspace-auth login --finish again.",
            )
        time.sleep(0.05)


def find(folder: Path, address: str) -> tuple[Path, Report, Code | Refusal]:
    """The started sign-in that a copied address answers.

    Raises:
        UsageError: it answers none that this machine started, or that is not over.
    """
    sweep(folder)
    target = pasted(address)
    for path in folder.glob("*.json"):
        report = Report.read(path)
        if not report.attempt or report.exit_code is not None:
            continue
        answer = brought(target, report.asked.state)
        if answer is not None:
            return path, report, answer
    raise UsageError(
        "This address answers no sign-in that was started here, or its ten minutes are over.",
        f"{_BEGIN} and use the address that it shows.",
    )


def deliver(report: Report, address: str) -> bool:
    """Hand a copied address to the process that waits for it; False when it is gone."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    query = urlsplit(pasted(address)).query
    try:
        with opener.open(f"{report.asked.redirect_uri}?{query}", timeout=60):
            return True
    except urllib.error.HTTPError:
        return False  # somebody else listens there now
    except OSError:
        return False


def sweep(folder: Path) -> None:
    """Delete reports of sign-ins that are over for good."""
    for path in folder.glob("*.json"):
        try:
            if time.time() - path.stat().st_mtime > LIFE + 60:
                path.unlink(missing_ok=True)
        except OSError:
            continue  # another command swept it
    if folder.is_dir():
        disk.sweep(folder)


def alone(path: Path) -> bool:
    """Whether this process is the one that may use the sign-in at `path`: an answer counts once."""
    try:
        path.unlink()
    except OSError:
        return False
    return True
