"""How long a client waits from starting a server to its list of tools, ours beside a bare one.

    python benchmarks/start.py [ROUNDS]

Both are started in turn, so that a busy machine slows both; the ratio is what counts.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
NINE = [
    "--tools",
    "gmail",
    "drive",
    "calendar",
    "docs",
    "sheets",
    "forms",
    "slides",
    "tasks",
    "search",
]
SERVERS = {
    "bare": [str(ROOT / "benchmarks" / "bare_server.py")],
    "nine services": ["-m", "workspace_mcp", *NINE],
    "gmail": ["-m", "workspace_mcp", "--tools", "gmail"],
    "demo": ["-m", "workspace_mcp", "--demo"],
}
HELLO = {
    "protocolVersion": "2025-11-25", "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "1"},
}  # fmt: skip


def ready_ms(arguments: list[str]) -> tuple[float, int, float]:
    """Milliseconds to `tools/list`, peak memory in kB, milliseconds from closing stdin to the exit."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin
        assert process.stdout
        for message in (
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO},
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
        ):
            process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.readline()
        ready = time.perf_counter() - began
        status = Path(f"/proc/{process.pid}/status")
        peak = int(status.read_text().split("VmHWM:")[1].split()[0]) if status.exists() else 0
        closing = time.perf_counter()
        process.stdin.close()
        process.wait(10)
        return ready * 1000, peak, (time.perf_counter() - closing) * 1000


def main() -> None:
    """Print a line a server."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    found = {name: list[tuple[float, int, float]]() for name in SERVERS}
    for _ in range(rounds):
        for name, arguments in SERVERS.items():
            found[name].append(ready_ms(arguments))
    bare = statistics.median(one[0] for one in found["bare"])
    for name, runs in found.items():
        ready, peak, end = (statistics.median(column) for column in zip(*runs, strict=True))
        print(
            f"{name:14} {ready:6.0f} ms to tools/list  {ready / bare:4.2f} x bare  "
            f"{peak / 1000:5.1f} MB  exit {end:4.0f} ms"
        )


if __name__ == "__main__":
    main()
