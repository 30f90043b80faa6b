"""A file that comes in pieces: under its own name only when it is whole, whenever the process ends.

Until then it lies beside that name, locked. A lock ends with its holder: what is there without one
was left by a process that was killed, and goes when the next file comes.
"""

import errno
import hashlib
import io
import os
import re
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from workspace_mcp.errors import LocalFileError

_TRIES: Final = 1000
_FLAGS: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)
_PART: Final = re.compile(r"\.workspace-[0-9a-f]{12}\.part$")
_NO_LINKS: Final = frozenset({
    errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK,
})  # fmt: skip
"""What a file system says that has no second names for a file."""


class Growing:
    """A new file of `folder`, of which nothing is seen under `name` before `finish`.

    Raises:
        LocalFileError: the folder does not take it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        sweep(folder)
        self._folder = folder
        self._name = name
        try:
            self._part, self._handle = _begun(folder, name)
        except OSError as error:
            raise self._failed(error) from error
        self._empty()

    def _empty(self) -> None:
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    @property
    def md5(self) -> str:
        """Of what is there, as Google writes it."""
        return self._md5.hexdigest()

    def write(self, data: bytes) -> None:
        """Add a piece.

        Raises:
            LocalFileError: the disk does not take it.
        """
        left = memoryview(data)
        try:
            while left:
                left = left[self._handle.write(left) :]
        except OSError as error:
            raise self._failed(error) from error
        self.size += len(data)
        self._md5.update(data)

    def restart(self) -> None:
        """Forget what is there; it comes from its start again.

        Raises:
            LocalFileError: the disk does not take it.
        """
        try:
            self._handle.seek(0)
            self._handle.truncate()
        except OSError as error:
            raise self._failed(error) from error
        self._empty()

    def finish(self) -> Path:
        """It is whole; where it is now. Nothing that was there is overwritten.

        Raises:
            LocalFileError: the disk does not take it.
        """
        try:
            os.fsync(self._handle.fileno())
            path = self._named()
        except OSError as error:
            self.discard()
            raise self._failed(error) from error
        except LocalFileError:
            self.discard()
            raise
        self._handle.close()
        return path

    def discard(self) -> None:
        """Forget it."""
        with suppress(OSError):  # nothing of it is wanted
            self._handle.close()
        with suppress(OSError):  # the next file's sweep tries again
            self._part.unlink()

    def _named(self) -> Path:
        stem, dot, suffix = self._name.rpartition(".")
        for number in range(_TRIES):
            mark = f" ({number})" if number else ""
            path = self._folder / (f"{stem}{mark}.{suffix}" if dot else f"{self._name}{mark}")
            try:
                self._moved(path)
            except FileExistsError:
                continue
            return path
        raise LocalFileError(f"There are {_TRIES} files of that name already.", "Move some away.")

    def _moved(self, path: Path) -> None:
        """Give the file its name, unless something has it."""
        if sys.platform == "win32":  # a rename there overwrites nothing, and no open file
            self._handle.close()
            self._part.rename(path)
            return
        try:
            os.link(self._part, path)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            os.close(os.open(path, _FLAGS, 0o600))
            self._part.replace(path)
            return
        self._part.unlink()

    def _failed(self, error: OSError) -> LocalFileError:
        """With the system's own words, such as "No space left on device"."""
        return LocalFileError(
            f"{self._name} could not be written ({error.strerror}); nothing of it was kept."
        )


def unmistakable(name: str) -> str:
    """`name`, or one beside it when a sweep would take that for an unfinished file."""
    return f"{name}_" if _PART.search(name) else name


def sweep(folder: Path) -> None:
    """Delete unfinished files of processes that were killed."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if _PART.search(entry.name) and entry.is_file(follow_symlinks=False):
                _swept(Path(entry.path))


def _swept(path: Path) -> None:
    if sys.platform == "win32":  # where a file that is open cannot be deleted
        with suppress(OSError):
            path.unlink()
        return
    import fcntl

    with suppress(OSError):  # held by its maker, or no locks here: it stays
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(handle)


def _begun(folder: Path, name: str) -> tuple[Path, io.FileIO]:
    """An unfinished file and its handle, locked where there are locks; for its owner alone."""
    while True:
        part = folder / f"{name}.workspace-{secrets.token_hex(6)}.part"
        handle = os.open(part, _FLAGS, 0o600)
        if sys.platform != "win32":
            import fcntl

            with suppress(OSError):  # a file system without locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink == 0:  # swept before it was locked
                os.close(handle)
                continue
        return part, io.FileIO(handle, "w")
