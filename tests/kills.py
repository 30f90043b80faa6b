"""Kills processes at random moments, and looks at what they left.

    python -m tests.kills [TIMES]

A third each: a program that refreshes, a sign-in, a server that saves drafts with files. Counted: credential files
that cannot be read, accounts that cannot be used, things that came twice, temporary files older than the next write.
"""

import http.client
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.auth_cli.kit import Login, browse, kept, stored
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle, write
from tests.proxy import GoogleProxy
from tests.wire import Wire, tool_text
from workspace_mcp.credentials.record import Credential

LONGEST = 0.25
"""Seconds after which a process is killed at the latest."""


class Scene:
    """One home, one Google, many victims."""

    def __init__(self, folder: Path, proxy: GoogleProxy, google: LoopbackGoogle) -> None:
        self.google = google
        self.environ = {
            **os.environ, **proxy.environ, "HOME": str(folder), "NO_PROXY": "127.0.0.1",
            "DISPLAY": "", "BROWSER": "", "GOOGLE_OAUTH_CLIENT_ID": "123456-abc.apps.googleusercontent.com",
            "GOOGLE_OAUTH_CLIENT_SECRET": "GOCSPX-0123456789",
        }  # fmt: skip
        self.random = random.Random(1)
        self.bad: list[str] = []

    def refresh(self) -> None:
        """A refresh that is killed on its way."""
        process = subprocess.Popen(
            [sys.executable, "-m", "auth_cli", "refresh", ME], env=self.environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before = len(self.google.refreshes)
        self._wait(lambda: len(self.google.refreshes) > before, 3)
        self._kill(process, LONGEST / 10)

    def login(self) -> None:
        """A sign-in that is killed after its answer came."""
        login = Login(self.environ, ME, "--services", "gmail", "--force-consent")
        before = self.google.world.sign_in.exchanged
        address = self.google.consent(login.url)
        tab = threading.Thread(target=_browsed, args=(address,), daemon=True)
        tab.start()
        self._wait(lambda: self.google.world.sign_in.exchanged > before, 3)
        self._kill(login.process, LONGEST / 10)
        for pipe in (login.process.stdout, login.process.stderr):
            if pipe:
                pipe.close()
        tab.join(5)

    def draft(self) -> None:
        """A server that is killed while it saves a draft."""
        box = self.google.world.gmail(ME)
        before = len(box.drafts)
        with Wire(
            "-m", "workspace_mcp", "--tools", "gmail", "--ask", "never", environ=self.environ
        ) as wire:
            wire.initialize()
            wire.call("1", "gmail_draft", to=["bo@example.com"], subject="x", body="y" * 20_000)
            time.sleep(self.random.uniform(0, LONGEST))
            wire.process.kill()
        if len(box.drafts) - before > 1:
            self.bad.append("a draft came twice")

    def _wait(self, ready: object, seconds: float) -> None:
        assert callable(ready)
        until = time.monotonic() + seconds
        while not ready() and time.monotonic() < until:
            time.sleep(0.001)

    def _kill(
        self, process: subprocess.Popen[str] | subprocess.Popen[bytes], longest: float
    ) -> None:
        time.sleep(self.random.uniform(0, longest))
        process.send_signal(signal.SIGKILL)
        process.wait()

    def look(self) -> None:
        """The file can be read, and is whole."""
        try:
            Credential.parse(stored(self.environ).read_bytes())
            if not kept(self.environ)["refresh_token"]:
                self.bad.append("a credential without its refresh token")
        except (OSError, ValueError) as error:
            self.bad.append(f"unreadable: {error}")

    def end(self) -> None:
        """What is left works, and what lies about is swept."""
        folder = stored(self.environ).parent
        for path in folder.glob(".*.tmp-*"):
            os.utime(path, (0, 0))
        with Wire("-m", "workspace_mcp", "--tools", "gmail", environ=self.environ) as wire:
            wire.initialize()
            wire.call("1", "gmail_search", query="in:inbox")
            if "GOOGLE_LOGIN" in tool_text(wire.answer("1")):
                self.bad.append("the account cannot be used any more")
        subprocess.run(
            [sys.executable, "-m", "auth_cli", "refresh", ME], env=self.environ, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        left = sorted(path.name for path in folder.iterdir() if path.name != f"{ME}.json")
        self.bad += [f"left behind: {name}" for name in left]


def _browsed(address: str) -> None:
    try:
        browse(address)
    except (OSError, http.client.HTTPException):
        return  # whoever listened was killed


def kills(times: int, folder: Path) -> list[str]:
    """What was found wrong after so many kills."""
    google = LoopbackGoogle(folder)
    google.world.gmail(ME).deliver("ana@example.com", "Hello")
    home = folder / "home"
    home.mkdir()
    with GoogleProxy(google.handle, folder) as proxy:
        scene = Scene(home, proxy, google)
        write(stored(scene.environ).parent)
        for number in range(times):
            (scene.refresh, scene.login, scene.draft)[number % 3]()
            scene.look()
        scene.end()
    return scene.bad


def main() -> int:
    """Kill, look, print."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    began = time.monotonic()
    bad = kills(times, Path(tempfile.mkdtemp(prefix="kills-")))
    print(f"{times} kills in {time.monotonic() - began:.0f} s: {len(bad)} things wrong")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
