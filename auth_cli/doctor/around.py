"""What is around us: SSH, containers, old servers on port 8000, and configurations that start them."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from auth_cli.console import Session
from auth_cli.doctor.finding import Finding, error, ok, warning
from auth_cli.surroundings import look as look_around
from workspace_mcp import cli
from workspace_mcp.errors import UsageError
from workspace_mcp.program import server

PORTS: Final = range(8000, 8005)
"""Where the older server listens: 8000, and what it falls back to."""
_OLD: Final = re.compile(r"workspace[-_]mcp(?:\[\w+\])?(?:==|@)(?:1\.|2\.[01]\.|2\.2\.[01]\b)")
_OURS: Final = re.compile(r"workspace[-_]mcp|google[-_]workspace[-_]mcp", re.IGNORECASE)


def look(run: Session) -> Iterator[Finding]:
    """Everything that can be seen without a network."""
    yield surroundings(run)
    yield from ports()
    yield from configurations(run)


def surroundings(run: Session) -> Finding:
    """What a browser can be expected to do here."""
    around = look_around(run.environ)
    words = [
        word
        for word, there in (
            ("SSH", around.ssh), ("container", around.container), ("WSL", around.wsl),
            ("no display", not around.display), ("BROWSER is set", run.environ.get("BROWSER")),
        )
        if there
    ]  # fmt: skip
    proxies = [
        name for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY") if run.environ.get(name)
    ]
    words += [f"{name} is set" for name in proxies]
    return ok("around", ", ".join(words) or "a desktop with a browser")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that listens on a port."""

    port: int
    pid: int
    command: str


def ports() -> Iterator[Finding]:
    """Who listens where the older server would."""
    found = list(holders(PORTS))
    for one in found:
        who = f"process {one.pid}: {one.command}" if one.pid else "another user's process"
        old = bool(_OURS.search(one.command))
        says = f"{one.port} is held by {who}"
        if old:
            yield warning(
                "port", f"{says}\nThis is an older workspace-mcp. It does not disturb this one.",
                f"To end it: kill {one.pid}",
            )  # fmt: skip
        else:
            yield ok("port", f"{says}; this program needs no port")
    if not found:
        yield ok("port", "nothing listens on 8000 to 8004; this program needs none of them")


def holders(wanted: Sequence[int]) -> Iterator[Holder]:
    """The listeners on some ports of this machine."""
    if Path("/proc/net/tcp").exists():
        yield from _by_proc(wanted)
    elif shutil.which("lsof"):
        yield from _by_lsof(wanted)
    else:
        for port in wanted:
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    yield Holder(port, 0, "")


def _by_proc(wanted: Sequence[int]) -> Iterator[Holder]:
    inodes: dict[str, int] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text("ascii", "replace").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            port = int(fields[1].rpartition(":")[2], 16)
            if fields[3] == "0A" and port in wanted:
                inodes[fields[9]] = port
    owners = dict(_owners(set(inodes))) if inodes else {}
    seen: set[tuple[int, int]] = set()
    for inode, port in inodes.items():
        pid, command = owners.get(inode, (0, ""))
        if (port, pid) not in seen:
            seen.add((port, pid))
            yield Holder(port, pid, command)


def _owners(inodes: set[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        links = list(_links(entry / "fd"))
        for inode in inodes.intersection(
            link[8:-1] for link in links if link.startswith("socket:[")
        ):
            try:
                words = (entry / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            except OSError:
                words = []
            yield (
                inode,
                (int(entry.name), _shown(word.decode("utf-8", "replace") for word in words)),
            )


def _links(folder: Path) -> Iterator[str]:
    """What a process has open; nothing of another user's."""
    try:
        names = os.listdir(folder)
    except OSError:
        return  # it ended, or is another user's
    for name in names:
        try:
            yield os.readlink(folder / name)
        except OSError:
            continue  # closed meanwhile


def _by_lsof(wanted: Sequence[int]) -> Iterator[Holder]:
    ports = ",".join(map(str, wanted))
    done = subprocess.run(  # noqa: S603 - fixed words
        ["lsof", "-nP", f"-iTCP:{ports}", "-sTCP:LISTEN", "-Fpcn"],  # noqa: S607 - the system's own
        capture_output=True, text=True, check=False, timeout=10,
    )  # fmt: skip
    pid, command = 0, ""
    for line in done.stdout.splitlines():
        if line.startswith("p"):
            pid = int(line[1:])
        elif line.startswith("c"):
            command = line[1:]
        elif line.startswith("n") and (end := line.rpartition(":")[2]).isdigit():
            yield Holder(int(end), pid, command)


def _shown(words: Iterator[str]) -> str:
    """A command line with what may be secret in it blanked."""
    from workspace_mcp.formats.clean import clean_line
    from workspace_mcp.logs import redact

    return clean_line(redact(" ".join(words)))[:200]


@dataclass(frozen=True, slots=True)
class Configured:
    """A server in the configuration of an MCP client."""

    file: Path
    name: str
    entry: Mapping[str, Any]

    @property
    def words(self) -> list[str]:
        """The command line."""
        given = self.entry.get("args")
        rest = [str(one) for one in given] if isinstance(given, list) else []
        return [str(self.entry.get("command", "")), *rest]

    @property
    def environ(self) -> Mapping[str, str]:
        """What its `env` adds."""
        found = self.entry.get("env")
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def configurations(run: Session) -> Iterator[Finding]:
    """The MCP clients' configurations that start a Workspace server."""
    found = list(configured(Path(run.environ.get("HOME") or Path.home()), Path.cwd(), run.environ))
    for one in found:
        yield judged(one, run.environ)
    if not found:
        yield warning(
            "clients' files", "no MCP client's configuration here starts workspace-mcp",
            "For Claude Code:\n    claude mcp add workspace -- "
            f"{shlex.quote(server(run.environ.get('PATH')))}",
        )  # fmt: skip


def judged(one: Configured, environ: Mapping[str, str]) -> Finding:
    """Whether a configured server is this program, with flags that it takes."""
    check, words = f"{one.name} in {one.file}", one.words
    line = " ".join(words)
    if "url" in one.entry or "serverUrl" in one.entry:
        return error(
            check, "it connects to an address; this server is started as a command",
            'Replace "url" by:  "command": "workspace-mcp"', 2,
        )  # fmt: skip
    if _OLD.search(line) or re.search(r"(^|[/\\ ])main\.py\b", line):
        return error(
            check, f"it starts the older server: {_shown(iter(words))}",
            "Remove the version, or name this program: "
            f"{server(environ.get('PATH'))}", 2,
        )  # fmt: skip
    if not shutil.which(words[0], path=environ.get("PATH")):
        return error(check, f"its command is not found: {words[0]}", "Give its whole path.", 2)
    try:
        cli.read(_flags(words), {**environ, **one.environ})
    except UsageError as failure:
        return error(
            check,
            f"the server would refuse it: {failure.what}",
            failure.remedy or "Change it there.",
            2,
        )
    except SystemExit:
        return warning(check, "it asks for --help or --version, and starts nothing")
    return ok(check, _shown(iter(words)))


def _flags(words: Sequence[str]) -> list[str]:
    """What comes after the program's name."""
    for number, word in enumerate(words):
        if word in {"-m"} and words[number + 1 : number + 2] == ["workspace_mcp"]:
            return list(words[number + 2 :])
    names = [number for number, word in enumerate(words) if _OURS.search(word) and "=" not in word]
    return list(words[names[-1] + 1 :]) if names else []


def configured(home: Path, here: Path, environ: Mapping[str, str]) -> Iterator[Configured]:
    """Every server that looks like a Workspace server, in the files of the usual MCP clients."""
    for file in _files(home, here, environ):
        try:
            text = file.read_text("utf-8-sig")
            found: Any = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        except (OSError, ValueError, RecursionError):
            continue  # not there, or not for us to judge
        for name, entry in _servers(found):
            whole = json.dumps(entry) if isinstance(entry, dict) else ""
            local = re.search(r"https?://(?:localhost|127\.0\.0\.1):800\d/mcp", whole)
            if isinstance(entry, dict) and (_OURS.search(whole) or local):
                yield Configured(file, name, entry)


def _files(home: Path, here: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    roots = [config]
    if sys.platform == "darwin":
        roots = [home / "Library" / "Application Support"]
    elif sys.platform == "win32" and environ.get("APPDATA"):
        roots = [Path(environ["APPDATA"])]
    for root in roots:
        yield root / "Claude" / "claude_desktop_config.json"
        yield root / "Code" / "User" / "mcp.json"
    yield from (
        home / ".claude.json", here / ".mcp.json",
        home / ".cursor" / "mcp.json", here / ".cursor" / "mcp.json", here / ".vscode" / "mcp.json",
        home / ".codex" / "config.toml", home / ".gemini" / "settings.json",
        here / ".gemini" / "settings.json", home / ".codeium" / "windsurf" / "mcp_config.json",
    )  # fmt: skip


def _servers(found: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(found, dict):
        return
    for key in ("mcpServers", "servers", "mcp_servers"):
        table = found.get(key)
        if isinstance(table, dict):
            yield from ((str(name), entry) for name, entry in table.items())
    projects = found.get("projects")
    if isinstance(projects, dict):
        for project in projects.values():
            yield from _servers(project)
