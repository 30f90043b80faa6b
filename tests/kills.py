"""Kills processes at random moments, and looks at what they left.

    python -m tests.kills [TIMES]

A fifth each: a program that refreshes, a sign-in, a server that saves a draft, that uploads a file in parts, that
saves one. Counted: credential files that cannot be read, accounts that cannot be used, things that came twice, files
that are not whole under their names, temporary files older than the next write.
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
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.auth_cli.kit import Login, browse, kept, stored
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle, write
from tests.proxy import GoogleProxy
from tests.wire import Wire, tool_text
from workspace_mcp.credentials.record import Credential
from workspace_mcp.demo.http import Request, Response

LONGEST = 0.25
"""Seconds after which a process is killed at the latest."""
LARGE = bytes(range(256)) * 36_000
"""9 MB: two parts of an upload."""
SERVICES = ("gmail", "drive")


class Scene:
    """One home, one Google, many victims."""

    def __init__(
        self, folder: Path, proxy: GoogleProxy, google: LoopbackGoogle, asked: list[str]
    ) -> None:
        self.google = google
        self.asked = asked
        self.files, self.downloads = folder / "files", folder / "down"
        self.files.mkdir()
        self.environ = {
            **os.environ, **proxy.environ, "HOME": str(folder), "NO_PROXY": "127.0.0.1",
            "DISPLAY": "", "BROWSER": "", "GOOGLE_OAUTH_CLIENT_ID": "123456-abc.apps.googleusercontent.com",
            "GOOGLE_OAUTH_CLIENT_SECRET": "GOCSPX-0123456789",
        }  # fmt: skip
        self.random = random.Random(1)
        self.bad: list[str] = []
        self.seen: Counter[str] = Counter()
        """What the kills came upon."""

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
        login = Login(self.environ, ME, "--services", ",".join(SERVICES), "--force-consent")
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
        with self._server() as wire:
            wire.call("1", "gmail_draft", to=["bo@example.com"], subject="x", body="y" * 20_000)
            time.sleep(self.random.uniform(0, LONGEST))
            wire.process.kill()
        if len(box.drafts) - before > 1:
            self.bad.append("a draft came twice")

    def upload(self) -> None:
        """A server that is killed while it uploads a file in parts."""
        name = f"{len(self.asked)}.bin"
        (self.files / name).write_bytes(LARGE)
        before = len(self.asked)
        with self._server() as wire:
            wire.call("1", "drive_upload", path=name)
            self._wait(lambda: any("/upload/" in path for path in self.asked[before:]), 5)
            time.sleep(self.random.uniform(0, LONGEST / 3))
            wire.process.kill()
        (self.files / name).unlink()
        store = self.google.world.drive(ME).store
        found = [file for file in store.files.values() if file.name == name]
        if len(found) > 1:
            self.bad.append("a file came twice")
        if [file for file in found if file.data != LARGE]:
            self.bad.append("a file in Drive is not whole")
        for file in found:
            del store.files[file.id]
        self.seen["uploaded" if found else "not uploaded"] += 1

    def download(self) -> None:
        """A server that is killed while it saves a file."""
        before = len(self.asked)
        with self._server() as wire:
            wire.call("1", "drive_read", file="/large.bin", save=".")
            self._wait(lambda: any("alt=media" in path for path in self.asked[before:]), 5)
            time.sleep(self.random.uniform(0, LONGEST))
            wire.process.kill()
        named = self._named()
        self.bad += [f"half a file: {path.name}" for path in named if path.read_bytes() != LARGE]
        parts = len(list(self.downloads.iterdir())) - len(named) if self.downloads.is_dir() else 0
        self.seen["saved" if named else "saved in part" if parts else "not saved"] += 1
        if parts > 1:
            self.bad.append(f"{parts} unfinished files")
        for path in named:
            path.unlink()

    def _named(self) -> list[Path]:
        """The files that have their final names."""
        if not self.downloads.is_dir():
            return []
        return [path for path in self.downloads.iterdir() if not path.name.endswith(".part")]

    @contextmanager
    def _server(self) -> Generator[Wire]:
        """A server that was greeted."""
        with Wire(
            "-m", "workspace_mcp", "--tools", *SERVICES, "--ask", "never",
            "--files", str(self.files), "--downloads", str(self.downloads), environ=self.environ,
        ) as wire:  # fmt: skip
            wire.initialize()
            yield wire

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
        with self._server() as wire:
            wire.call("1", "gmail_search", query="in:inbox")
            if "GOOGLE_LOGIN" in tool_text(wire.answer("1")):
                self.bad.append("the account cannot be used any more")
            wire.call("2", "drive_read", file="/large.bin", save=".")
            wire.answer("2")
        here = sorted(path.name for path in self.downloads.iterdir())
        if here != ["large.bin"]:
            self.bad.append(f"left in the download folder: {here}")
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


def kills(times: int, folder: Path) -> tuple[list[str], Counter[str]]:
    """What was found wrong after so many kills, and what they came upon."""
    google = LoopbackGoogle(folder)
    google.world.gmail(ME).deliver("ana@example.com", "Hello")
    google.world.drive(ME).add("large.bin", "application/octet-stream", content=LARGE)
    home = folder / "home"
    home.mkdir()
    asked: list[str] = []

    def handle(request: Request) -> Response:
        asked.append(f"{request.method} {request.path}?{urlencode(request.query)}")
        return google.handle(request)

    with GoogleProxy(handle, folder) as proxy:
        scene = Scene(home, proxy, google, asked)
        write(
            stored(scene.environ).parent,
            scopes=[
                f"https://www.googleapis.com/auth/{name}" for name in ("gmail.modify", "drive")
            ],
        )
        for number in range(times):
            (scene.refresh, scene.login, scene.draft, scene.upload, scene.download)[number % 5]()
            scene.look()
        scene.end()
    return scene.bad, scene.seen


def main() -> int:
    """Kill, look, print."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        bad, seen = kills(times, Path(folder))
    print(f"{times} kills in {time.monotonic() - began:.0f} s: {len(bad)} things wrong")
    print(", ".join(f"{what}: {count}" for what, count in sorted(seen.items())))
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
