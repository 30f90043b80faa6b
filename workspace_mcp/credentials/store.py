"""The folder of credential files: read with care, written whole or not at all, locked by the kernel."""

import logging
import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from workspace_mcp.credentials import disk
from workspace_mcp.credentials.accounts import Book
from workspace_mcp.credentials.paths import Places, file_name, legacy_name
from workspace_mcp.credentials.record import LARGEST, Credential, MalformedError
from workspace_mcp.errors import CredentialFileError, login_command

log = logging.getLogger(__name__)

_OPEN: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
Key = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was read: what identifies that state, and what stood in it."""

    key: Key
    credential: Credential | CredentialFileError


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

    def file(self, email: str) -> Path:
        """Where an account's file is, or would be."""
        return self._path(email)

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
            disk.replace(path, credential.render())
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
        path = self.places.lock(email)
        with disk.lock(path, seconds, f"the sign-in of {email}") as held:
            yield held

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

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            log.warning(text)


def _unusable(path: Path, why: str) -> CredentialFileError:
    return CredentialFileError(
        f"The credential file {path} cannot be used: {why}.",
        f"Sign in again: {login_command(unquote(path.name.removesuffix('.json')))}",
    )
