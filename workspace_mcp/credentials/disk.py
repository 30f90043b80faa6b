"""Files that hold secrets: whole or not there, for their owner alone; and locks that a crash frees."""

import logging
import os
import secrets
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workspace_mcp.errors import CredentialFileError

log = logging.getLogger(__name__)

_STALE: Final = 3600.0
"""Seconds after which a temporary file is one that a killed process left."""
_WRITE: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)


class LockTimeoutError(CredentialFileError):
    """Another process holds a lock for too long."""


def replace(path: Path, data: bytes) -> None:
    """Write beside the file, then rename: at every moment the file is the old or the new one.

    Raises:
        OSError: it could not be written; what was there is there still.
    """
    target = path.resolve() if path.is_symlink() else path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(target.parent)
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
        with suppress(OSError):  # the new file is there; some file systems sync no folders
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def sweep(folder: Path) -> None:
    """Delete temporary files that a killed process of ours left: each holds a secret."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if not (entry.name.startswith(".") and ".tmp-" in entry.name):
                continue
            facts = entry.stat(follow_symlinks=False)
            mine = sys.platform == "win32" or facts.st_uid == os.getuid()
            if mine and time.time() - facts.st_mtime > _STALE:
                Path(entry.path).unlink(missing_ok=True)


@contextmanager
def lock(path: Path, seconds: float, what: str) -> Generator[bool]:
    """Hold the lock at `path`; True when it is held, False where locks do not work.

    Raises:
        LockTimeoutError: another process is busy with `what`.
    """
    from filelock import FileLock, Timeout

    held = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = FileLock(path, timeout=seconds, mode=0o600, fallback_to_soft=False)
        held.acquire()
    except Timeout as error:
        raise LockTimeoutError(
            f"Another process is busy with {what}.", "Try again in a moment."
        ) from error
    except OSError as error:
        held = None
        log.warning("Locks do not work in %s (%s).", path.parent, error.strerror)
    try:
        yield held is not None
    finally:
        if held is not None:
            held.release()
