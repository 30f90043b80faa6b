"""What lies on this machine: the programs, the folder, the files, the locks, the clients."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from auth_cli.accounts import access, standing
from auth_cli.console import Session
from auth_cli.doctor.finding import Finding, error, ok, skipped, warning
from workspace_mcp import __version__
from workspace_mcp.credentials.accounts import Book
from workspace_mcp.credentials.clients import OAuthClient, client_of, kept, names
from workspace_mcp.credentials.paths import file_name
from workspace_mcp.errors import ClientFileError, CredentialFileError, WorkspaceError, login_command

PROGRAMS: Final = ("workspace-mcp", "workspace-auth")
_NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "afs", "vboxsf"})


def look(run: Session) -> Iterator[Finding]:
    """Everything that can be seen without a network."""
    yield from programs(run)
    yield folder(run.places.credentials)
    yield from strays(run.places.credentials)
    yield locks(run)
    yield from accounts(run)
    yield from clients(run)


def programs(run: Session) -> Iterator[Finding]:
    """Both commands, and whether a shell finds ours."""
    yield ok("version", f"{__version__}, Python {sys.version.split()[0]} at {sys.executable}")
    ours = Path(sys.executable).parent
    for name in PROGRAMS:
        found = shutil.which(name, path=run.environ.get("PATH"))
        if found is None:
            yield warning(
                name, "not on PATH",
                f"It is at {ours / name}" if (ours / name).exists() else "Install with: uv tool install workspace-mcp",
            )  # fmt: skip
        elif Path(found).resolve().parent != ours.resolve():
            yield warning(
                name, f"the shell finds {found}, which is another installation than this one ({ours})",
                "An older workspace-mcp there starts the older server. Remove it, or put this one first in PATH.",
            )  # fmt: skip
        else:
            yield ok(name, found)


def folder(place: Path) -> Finding:
    """The folder of sign-ins: ours, closed to others, writable."""
    try:
        facts = place.stat()
    except FileNotFoundError:
        return ok("folder", f"{place} is not there yet; the first sign-in makes it")
    except OSError as failure:
        return error(
            "folder", f"{place} cannot be looked at ({failure.strerror})", "Look at its rights."
        )
    if not stat.S_ISDIR(facts.st_mode):
        return error("folder", f"{place} is no folder", "Move it away.")
    if hasattr(os, "getuid") and facts.st_uid != os.getuid():
        return error("folder", f"{place} belongs to another user", f"sudo chown -R $USER '{place}'")
    if not os.access(place, os.W_OK | os.X_OK):
        return error("folder", f"{place} cannot be written", f"chmod u+rwx '{place}'")
    if sys.platform != "win32" and facts.st_mode & 0o077:
        return warning("folder", f"{place} is open to other users", f"chmod 700 '{place}'")
    kind = _file_system(place)
    if kind in _NETWORK:
        return warning(
            "folder", f"{place} is on {kind}: locks may not hold between machines",
            "Name a local one in WORKSPACE_MCP_CREDENTIALS_DIR.",
        )  # fmt: skip
    return ok("folder", str(place))


def _file_system(place: Path) -> str:
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in mounts:
        fields = line.split(" ")
        if len(fields) > 2:
            point = fields[1].replace("\\040", " ")
            inside = point == "/" or str(place) == point or str(place).startswith(point + "/")
            if inside and len(point) >= len(best):
                best, kind = point, fields[2]
    return kind


def strays(place: Path) -> Iterator[Finding]:
    """Files that do not belong, or are double."""
    try:
        found = sorted(one.name for one in place.iterdir())
    except OSError:
        return
    seen: dict[str, str] = {}
    for name in found:
        if not name.endswith(".json"):
            continue
        email = unquote(name.removesuffix(".json")).lower()
        if "@" not in email:
            yield warning(
                "files", f"{name} is no account's; workspace-mcp 1.x takes every .json there for one",
                f"Move it away: {place / name}",
            )  # fmt: skip
        elif email in seen:
            yield warning(
                "files", f"{name} and {seen[email]} are the same account",
                f"{file_name(email)} counts; move the other away.",
            )  # fmt: skip
        seen.setdefault(email, name)


def locks(run: Session) -> Finding:
    """Whether locks work, which keep two programs from refreshing at once."""
    from filelock import FileLock, Timeout

    path = run.places.home / "locks" / "doctor.lock"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(path, timeout=0, mode=0o600):
            second = FileLock(path, timeout=0, mode=0o600, is_singleton=False)
            try:
                with second:
                    return warning(
                        "locks", f"{path.parent}: a lock is given twice", "Use a local disk."
                    )
            except Timeout:
                return ok("locks", "work")
    except (OSError, Timeout) as failure:
        why = getattr(failure, "strerror", None) or type(failure).__name__
        return warning("locks", f"do not work in {path.parent} ({why})", "Use a local disk.")
    finally:
        path.unlink(missing_ok=True)


def accounts(run: Session) -> Iterator[Finding]:
    """Each account's file, and the book."""
    try:
        Book.read(run.places.accounts)
        reach = access(run.environ)
        found = standing(reach, run.store)
    except CredentialFileError as failure:
        yield error("book", failure.what, failure.remedy)
        return
    except WorkspaceError as failure:
        yield error("accounts", failure.what, failure.remedy, 2)
        return
    if not found:
        yield warning("accounts", "nobody is signed in", "    workspace-auth login EMAIL")
    for one in found:
        if one.problem:
            yield error(one.email, one.problem, f"    {login_command(one.email)}")
        for note in one.notes:
            yield warning(one.email, note)
        if not one.problem and not one.notes:
            yield ok(one.email, one.granted)


def clients(run: Session) -> Iterator[Finding]:
    """Each OAuth client, and whether accounts use the one that is set."""
    found: dict[str, OAuthClient] = {}
    for name in names(run.places):
        try:
            found[name] = kept(run.places, name)
        except ClientFileError as failure:
            yield error(f"client {name}", failure.what, failure.remedy, 8)
    try:
        of_environ = client_of(run.environ)
    except ClientFileError as failure:
        yield error("client of the environment", failure.what, failure.remedy, 8)
        of_environ = None
    if of_environ is not None:
        found["of the environment"] = of_environ
    for name, client in found.items():
        yield ok(f"client {name}", client.client_id)
    known = {client.client_id for client in found.values()}
    for email in run.store.emails():
        try:
            credential = run.store.read(email)
        except CredentialFileError:
            continue  # said above
        if credential and known and credential.client_id not in known:
            yield warning(
                email, f"signed in with another client than is set here: {credential.client_id}",
                "It goes on working. To move it: workspace-auth login " + email,
            )  # fmt: skip
    if not found:
        yield skipped(
            "clients", "none is kept here; an account's own is used when it signs in again"
        )
