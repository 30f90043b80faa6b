"""workspace-mcp 1.7.1 and 2.2.1 beside this one, on the same machine, in the same situations.

    python benchmarks/compare_upstream.py PYTHON_OF_1_7_1 PYTHON_OF_2_2_1

Each argument is the interpreter of an environment with `pip install workspace-mcp==VERSION`. Everything runs in
throwaway homes, against Google on loopback (the demo's, behind a proxy with a private CA). Prints Markdown.
"""

import json
import os
import queue
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.conftest import ME  # noqa: E402
from tests.google_over_tls import LoopbackGoogle, write  # noqa: E402
from tests.proxy import GoogleProxy  # noqa: E402

RUNS = 5
_AUTH = "https://www.googleapis.com/auth/"
SCOPES = [
    "openid", f"{_AUTH}userinfo.email", f"{_AUTH}userinfo.profile",
    *(f"{_AUTH}gmail.{one}" for one in ("readonly", "send", "compose", "modify", "labels", "settings.basic")),
]  # fmt: skip
"""What either program asks for, so that none lacks one."""
PATIENCE = 60.0


@dataclass
class Kind:
    """One of the programs: its command, and the call that searches mail."""

    name: str
    command: list[str]
    tool: str
    arguments: dict[str, Any]
    cells: dict[str, str] = field(default_factory=dict[str, str])


class Running:
    """A server over stdio."""

    def __init__(self, kind: Kind, environ: dict[str, str]) -> None:
        self.kind = kind
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            kind.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environ, cwd=environ["HOME"],
        )  # fmt: skip
        self.answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.last = 0
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            assert self.process.stdin
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with suppress(ValueError):
                self.answers.put(json.loads(line))
        self.answers.put(None)

    def ask(self, method: str, params: dict[str, Any], seconds: float = PATIENCE) -> dict[str, Any]:
        """The answer to a request."""
        self.last += 1
        self.send({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params})
        until = time.monotonic() + seconds
        while True:
            found = self.answers.get(timeout=max(0.1, until - time.monotonic()))
            if found is None:
                raise RuntimeError(f"ended with {self.process.wait()}")
            if found.get("id") == self.last and ("result" in found or "error" in found):
                return found

    def send(self, message: dict[str, Any]) -> None:
        """One message."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def start(self) -> dict[str, Any]:
        """Shake hands; the list of tools."""
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                "clientInfo": {"name": "compare", "version": "1"}})  # fmt: skip
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self.ask("tools/list", {})["result"]

    def call(self) -> str:
        """What the search of mail answers."""
        try:
            found = self.ask(
                "tools/call", {"name": self.kind.tool, "arguments": self.kind.arguments}
            )
        except queue.Empty:
            return f"(no answer within {PATIENCE:.0f} s)"
        if "error" in found:
            return str(found["error"].get("message"))
        return " ".join(part.get("text", "") for part in found["result"].get("content", ()))

    def listening(self) -> list[str]:
        """Addresses on which the process, or a child of its, listens."""
        pids = {self.process.pid}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) in pids:
                        pids.add(int(entry.name))
        inodes: set[str] = set()
        for pid in pids:
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    inodes.add(os.readlink(link))
        found: list[str] = []
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                address, port = fields[1].split(":")
                host = ".".join(str(int(address[i : i + 2], 16)) for i in (6, 4, 2, 0))
                found.append(f"{host}:{int(port, 16)}")
        return found

    def memory(self) -> float:
        """MB of resident memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def short(text: str, limit: int = 160) -> str:
    """One line of a table."""
    one = " ".join(text.split()).replace("|", "/")
    return one if len(one) <= limit else one[: limit - 1] + "…"


def soon() -> str:
    """Half an hour from now, as the files have it."""
    return (datetime.now(UTC) + timedelta(minutes=30)).replace(tzinfo=None).isoformat()


def back(text: str) -> str:
    """Where the sign-in link of an answer leads back to."""
    found = re.search(r"redirect_uri=([^&\s)]+)", text)
    return unquote(found[1]) if found else "(no link)"


Environ = Callable[[], dict[str, str]]


def cost(kind: Kind, environ: Environ) -> None:
    """Time, memory, size."""
    starts, ends, sizes, memory = [], [], 0, []
    tools = 0
    for _ in range(RUNS):
        with Running(kind, environ()) as server:
            listed = server.start()
            starts.append(time.perf_counter() - server.began)
            memory.append(server.memory())
            tools = len(listed["tools"])
            sizes = len(json.dumps(listed["tools"], separators=(",", ":")).encode())
            kind.cells["listens on"] = ", ".join(server.listening()) or "nothing"
            began = time.perf_counter()
            assert server.process.stdin
            server.process.stdin.close()
            try:
                server.process.wait(15)
                ends.append(time.perf_counter() - began)
            except subprocess.TimeoutExpired:
                ends.append(15.0)
    kind.cells["start to tools/list"] = f"{statistics.median(starts):.2f} s"
    kind.cells["memory then"] = f"{statistics.median(memory):.0f} MB"
    kind.cells["tools/list"] = f"{tools} tools, {sizes / 1000:.1f} kB"
    kind.cells["ends after stdin closes"] = f"{statistics.median(ends):.2f} s"


def ports(kind: Kind, environ: Environ) -> None:
    """Nobody signed in, port 8000 held, a second session."""
    with Running(kind, environ()) as server:
        server.start()
        kind.cells["nobody signed in: a call answers"] = short(server.call())

    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("0.0.0.0", 8000))
        held.listen()
        try:
            with Running(kind, environ()) as server:
                server.start()
                said = server.call()
                kind.cells["port 8000 held: a call answers"] = short(said)
                kind.cells["and Google would send the browser to"] = back(said)
        except (RuntimeError, queue.Empty) as error:
            kind.cells["port 8000 held: a call answers"] = f"does not start: {error}"

    with Running(kind, environ()) as first:
        first.start()
        try:
            with Running(kind, environ()) as second:
                second.start()
                said = short(second.call())
        except (RuntimeError, queue.Empty) as error:
            said = f"does not start: {error}"
        kind.cells["a second session: a call answers"] = said


def hand_off(kind: Kind, environ: Environ, google: LoopbackGoogle) -> None:
    """A sign-in that comes, and one that ends, while a server runs."""
    place = environ()
    folder = Path(place["HOME"]) / ".google_workspace_mcp" / "credentials"
    google.accounts["1//canary-refresh"] = ME
    with Running(kind, place) as server:
        server.start()
        server.call()
        write(folder, token=google.world.token_for(ME), expiry=soon(), scopes=SCOPES)
        kind.cells["signed in while it runs: the next call"] = short(server.call())
        google.accounts.clear()
        google.world.revoke(ME)
        write(folder, scopes=SCOPES)
        said = server.call()
        kept = (
            json.loads((folder / f"{ME}.json").read_text())
            if (folder / f"{ME}.json").exists()
            else {}
        )
        kind.cells["the sign-in was revoked: the next call"] = short(said)
        kind.cells["its stored refresh token then"] = (
            "kept" if kept.get("refresh_token") else "gone"
        )


ROWS = (
    "start to tools/list", "memory then", "tools/list", "ends after stdin closes", "listens on",
    "nobody signed in: a call answers", "port 8000 held: a call answers",
    "and Google would send the browser to", "a second session: a call answers",
    "signed in while it runs: the next call", "the sign-in was revoked: the next call",
    "its stored refresh token then",
)  # fmt: skip


def main() -> None:
    """Measure and print."""
    old, new = sys.argv[1:3]
    upstream = {"query": "invoice", "user_google_email": ME}
    kinds = [
        Kind("1.7.1", [str(Path(old).with_name("workspace-mcp")), "--tools", "gmail"],
             "search_gmail_messages", upstream),
        Kind("2.2.1", [str(Path(new).with_name("workspace-mcp")), "--tools", "gmail"],
             "search_gmail_messages", upstream),
        Kind("this one", [sys.executable, "-m", "workspace_mcp", "--tools", "gmail"],
             "gmail_search", {"query": "invoice", "account": ME}),
    ]  # fmt: skip
    base = Path(tempfile.mkdtemp())
    google = LoopbackGoogle(base)
    google.world.gmail(ME).deliver("ana@example.com", "Invoice 1", "Please pay.")
    with GoogleProxy(google.handle, base) as proxy:
        for kind in kinds:

            def environ() -> dict[str, str]:
                home = Path(tempfile.mkdtemp(dir=base))
                ca = proxy.environ["SSL_CERT_FILE"]
                return {
                    **os.environ, **proxy.environ, "HOME": str(home), "PYTHONPATH": str(ROOT),
                    "GOOGLE_OAUTH_CLIENT_ID": "123456-abc.apps.googleusercontent.com",
                    "GOOGLE_OAUTH_CLIENT_SECRET": "GOCSPX-0123456789", "HTTPLIB2_CA_CERTS": ca,
                    "REQUESTS_CA_BUNDLE": ca, "NO_PROXY": "127.0.0.1,localhost",
                    "https_proxy": proxy.environ["HTTPS_PROXY"], "DISPLAY": "",
                }  # fmt: skip

            if kind.name != "this one":
                plain = environ

                def environ(base: Callable[[], dict[str, str]] = plain) -> dict[str, str]:
                    found = base()
                    del found["PYTHONPATH"]
                    return found

            cost(kind, environ)
            ports(kind, environ)
            hand_off(kind, environ, google)
    print(f"| | {' | '.join(kind.name for kind in kinds)} |\n|---|{'---|' * len(kinds)}")
    for row in ROWS:
        print(f"| {row} | {' | '.join(kind.cells.get(row, '?') for kind in kinds)} |")


if __name__ == "__main__":
    main()
