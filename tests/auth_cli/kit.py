"""Real processes of `workspace-auth`, and a browser of ours that follows redirects."""

import json
import os
import pty
import re
import subprocess
import sys
import termios
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.conftest import ME

CLIENT = {
    "installed": {
        "client_id": "123456-abc.apps.googleusercontent.com",
        "client_secret": "GOCSPX-canary-secret",
        "auth_uri": "https://evil.example/auth",
        "token_uri": "https://evil.example/token",
    }
}
SECRETS = ("canary", "4/0demo", "ya29.", "1//", "code=")
"""What must never be said: the tests' secrets, and what Google's look like."""


class Login:
    """A running `workspace-auth login`, and the address that it prints."""

    def __init__(self, environ: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "auth_cli", "login", *arguments], env=environ,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        self.said: list[str] = []
        while not self.said or not self.said[-1].startswith("https://"):
            line = self.process.stderr.readline()
            if not line:
                raise AssertionError("".join(self.said))
            self.said.append(line)
        self.url = self.said[-1].strip()

    @property
    def fields(self) -> dict[str, str]:
        return {name: one[0] for name, one in parse_qs(urlsplit(self.url).query).items()}

    @property
    def port(self) -> int:
        return urlsplit(self.fields["redirect_uri"]).port or 0

    def end(self) -> tuple[int, str, str]:
        out, err = rest(self.process)
        return self.process.returncode, out, "".join(self.said) + err


def rest(process: subprocess.Popen[str]) -> tuple[str, str]:
    """(stdout, stderr): what a process still says until its end; `communicate` would lose lines read ahead."""
    watch = threading.Timer(30, process.kill)
    watch.start()
    err = process.stderr.read() if process.stderr else ""
    out = process.stdout.read() if process.stdout else ""
    process.wait()
    watch.cancel()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    return out, err


def browse(url: str) -> tuple[int, str, str]:
    """(status, page, address at the end) of a browser that follows redirects on this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as answer:
            return answer.status, answer.read().decode(), answer.url
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.url


def run(
    environ: dict[str, str], *arguments: str, given: str = "", seconds: float = 40
) -> subprocess.CompletedProcess[str]:
    """A command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "auth_cli", *arguments], env=environ, input=given,
        capture_output=True, text=True, check=False, timeout=seconds,
    )  # fmt: skip


def home(environ: dict[str, str]) -> Path:
    return Path(environ["HOME"]) / ".google_workspace_mcp"


def stored(environ: dict[str, str], email: str = ME) -> Path:
    return home(environ) / "credentials" / f"{email}.json"


def kept(environ: dict[str, str], email: str = ME) -> dict[str, Any]:
    """An account's file."""
    return json.loads(stored(environ, email).read_text())


_IN_CHARGE = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the terminal the one whose Ctrl-C counts, and becomes the command."""


class Terminal:
    """A command at a terminal of its own, `columns` wide."""

    def __init__(self, environ: dict[str, str], *arguments: str, columns: int = 80) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (30, columns))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _IN_CHARGE, "-m", "auth_cli", *arguments], stdin=slave,
            stdout=slave, stderr=slave, start_new_session=True,
            env={**environ, "TERM": environ.get("TERM", "xterm-256color")},
        )  # fmt: skip
        os.close(slave)
        self.raw = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            self.raw += data.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """What was shown, without colours and links."""
        plain = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;?]*[A-Za-z]", "", self.raw)
        return plain.replace("\r\n", "\n")

    def wait_for(self, words: str, seconds: float = 15) -> None:
        until = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < until, self.text
            assert self.process.poll() is None or words in self.text, self.text
            time.sleep(0.02)

    def url(self) -> str:
        self.wait_for("paste its address here")
        return next(line for line in self.text.split("\n") if line.startswith("https://accounts."))

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self, seconds: float = 20) -> int:
        code = self.process.wait(seconds)
        self._reader.join(1)
        os.close(self.master)
        return code
