"""The folder of credential files: read with care, written whole or not at all, locked by the kernel."""

import logging
import os
import secrets
import stat
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from workspace_mcp.credentials.accounts import Book
from workspace_mcp.credentials.paths import Places, file_name, legacy_name
from workspace_mcp.credentials.record import LARGEST, Credential, MalformedError
from workspace_mcp.errors import CredentialFileError

log = logging.getLogger(__name__)

_STALE: Final = 3600.0
"""Seconds after which a temporary file is one that a killed process left."""
_OPEN: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_WRITE: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)
Key = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was read: what identifies that state, and what stood in it."""

    key: Key
    credential: Credential | CredentialFileError


class LockTimeoutError(CredentialFileError):
    """Another process holds an account's lock for too long."""


class CredentialStore:
    """Credentials by account. Nothing is kept in memory beyond what the files say now."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._seen: dict[Path, _Seen] = {}
        self._warned: set[str] = set()

    def emails(self) -> list[str]:
        """Every account that has a file, sorted."""
        try:
            names = os.listdir(self.places.credentials)
        except OSError:
            return []
        found = {
            unquote(name.removesuffix(".json")).lower()
            for name in names
            if name.endswith(".json") and not name.startswith(".")
        }
        return sorted(email for email in found if "@" in email)

    def read(self, email: str) -> Credential | None:
        """The credential of an account as its file is now; None when there is none.

        Raises:
            CredentialFileError: there is a file, and it cannot be used. It stays as it is.
        """
        path = self._path(email)
        key = self._key(path)
        if key is None:
            self._seen.pop(path, None)
            return None
        seen = self._seen.get(path)
        if seen is None or seen.key != key:
            seen = self._seen[path] = _Seen(*self._load(path))
        if isinstance(seen.credential, CredentialFileError):
            raise seen.credential
        return seen.credential

    def signed_in_at(self, email: str) -> datetime | None:
        """When the account signed in, as the book of accounts says; None when it does not."""
        with suppress(CredentialFileError, ValueError, KeyError):
            moment = datetime.fromisoformat(Book.read(self.places.accounts).created[email])
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return None

    def write(
        self, email: str, credential: Credential, *, replacing: Credential | None = None
    ) -> bool:
        """Write an account's file; False when `replacing` is not what stands there any more.

        The caller holds the account's lock where there is one.

        Raises:
            CredentialFileError: it could not be written; what was there is there still.
        """
        path = self._path(email)
        if replacing is not None:
            try:
                now = self.read(email)
            except CredentialFileError:
                return False
            if now is None or now.refresh_token != replacing.refresh_token:
                return False
        try:
            self._replace(path, credential.render())
        except OSError as error:
            raise CredentialFileError(
                f"The sign-in of {email} could not be written to {path} ({error.strerror}).",
                "Nothing was lost: what was there is there still.",
            ) from error
        return True

    def forget(self, email: str) -> bool:
        """Delete an account's file; False when there was none.

        Raises:
            CredentialFileError: it cannot be deleted.
        """
        try:
            self._path(email).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise CredentialFileError(
                f"The sign-in of {email} could not be deleted ({error.strerror})."
            ) from error
        return True

    @contextmanager
    def lock(self, email: str, seconds: float) -> Generator[bool]:
        """Hold an account's lock; True when it is held, False where locks do not work.

        Raises:
            LockTimeoutError: another process holds it.
        """
        from filelock import FileLock, Timeout

        path = self.places.lock(email)
        held = None
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = FileLock(path, timeout=seconds, mode=0o600)
            held.acquire()
        except Timeout as error:
            raise LockTimeoutError(
                f"Another process is busy with the sign-in of {email}.", "Try again in a moment."
            ) from error
        except OSError as error:
            held = None
            self._warn(f"Locks do not work in {path.parent} ({error.strerror}); going on without.")
        try:
            yield held is not None
        finally:
            if held is not None:
                held.release()

    def _path(self, email: str) -> Path:
        """The file of an account: ours, or the one that an older program made."""
        folder = self.places.credentials
        ours = folder / file_name(email)
        if ours.exists() or not folder.is_dir():
            return ours
        names = {legacy_name(email).lower(), ours.name}
        with suppress(OSError):
            for name in os.listdir(folder):
                if name.lower() in names:
                    return folder / name
        return ours

    @staticmethod
    def _key(path: Path) -> Key | None:
        try:
            facts = path.stat()
        except (OSError, ValueError):
            return None
        return facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size

    def _load(self, path: Path) -> tuple[Key, Credential | CredentialFileError]:
        """Read a file once: bounded, regular, ours."""
        try:
            handle = os.open(path, _OPEN)
        except OSError as error:
            return (0, 0, 0, 0), _unusable(path, f"it cannot be opened ({error.strerror})")
        with os.fdopen(handle, "rb") as source:
            facts = os.fstat(source.fileno())
            key = (facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size)
            if not stat.S_ISREG(facts.st_mode):
                return key, _unusable(path, "it is not a plain file")
            if why := self._foreign(path, facts):
                return key, _unusable(path, why)
            try:
                return key, Credential.parse(source.read(LARGEST + 1))
            except MalformedError as error:
                return key, _unusable(path, str(error))

    def _foreign(self, path: Path, facts: os.stat_result) -> str:
        """Why a file is not to be trusted; one that others could read is closed to them."""
        if sys.platform == "win32":
            return ""
        if facts.st_uid not in {os.getuid(), 0}:
            return "it belongs to another user"
        if facts.st_mode & 0o022 and path.is_symlink():
            return "it is a link to a file that others can change"
        if facts.st_mode & 0o077:
            try:
                path.chmod(0o600)
            except OSError as error:
                self._warn(f"{path} is open to other users and stays so ({error.strerror}).")
            else:
                log.warning("%s was open to other users; it is not any more.", path.name)
        return ""

    def _replace(self, path: Path, data: bytes) -> None:
        """Write beside the file, then rename: at every moment the file is the old or the new one."""
        target = path.resolve() if path.is_symlink() else path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep(target.parent)
        beside = target.with_name(f".{target.name}.tmp-{os.getpid()}-{secrets.token_hex(6)}")
        handle = os.open(beside, _WRITE, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        if sys.platform != "win32":
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @staticmethod
    def _sweep(folder: Path) -> None:
        """Delete temporary files that a killed process of ours left: each holds a token."""
        with suppress(OSError):
            for entry in os.scandir(folder):
                if not (entry.name.startswith(".") and ".json.tmp-" in entry.name):
                    continue
                facts = entry.stat(follow_symlinks=False)
                mine = sys.platform == "win32" or facts.st_uid == os.getuid()
                if mine and time.time() - facts.st_mtime > _STALE:
                    Path(entry.path).unlink(missing_ok=True)

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            log.warning(text)


def _unusable(path: Path, why: str) -> CredentialFileError:
    return CredentialFileError(
        f"The credential file {path} cannot be used: {why}.",
        f"Sign in again: workspace-auth login {unquote(path.name.removesuffix('.json'))}",
    )
