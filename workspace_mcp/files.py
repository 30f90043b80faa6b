"""The folders on this machine that tools may touch: downloads go into one, reads come from a list.

A name from a mail is data, never a path. Nothing is overwritten, no link is followed out of a folder,
and our own credentials are never read.
"""

import mimetypes
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from weakref import WeakSet

from workspace_mcp.errors import LocalFileError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.growing import Growing, unmistakable

_LONGEST: Final = 200
"""Bytes of a file name, which leaves room for " (12)" and the mark of an unfinished file."""
_RESERVED: Final = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$")
_BAD: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_OURS: Final = (".google_workspace_mcp", ".workspace-mcp")
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_NO_BLOCK: Final = getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that was read."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A file that may be read, of any size: `open` gives its bytes from the start, each time anew."""

    name: str
    mime: str
    size: int
    changed: float
    """When its content changed last, in seconds since 1970."""
    open: Callable[[], BinaryIO]


def safe_name(name: str) -> str:
    """A name for a file of ours, made of a name that a stranger chose."""
    last = re.split(r"[/\\]", clean_line(name))[-1]
    plain = _BAD.sub("_", unicodedata.normalize("NFC", last)).strip(" .")
    plain = f"_{plain}" if _RESERVED.match(plain) else plain
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        stem, suffix = plain, ""
    room = _LONGEST - len(suffix.encode()) - 1
    while len(stem.encode()) > room:
        stem = stem[:-1]
    return unmistakable(f"{stem}.{suffix}" if suffix else stem or "file")


def _mime(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


class LocalFiles:
    """What the person who set the server up allows. `folders` may be read, besides `downloads`."""

    def __init__(self, downloads: Path, folders: Sequence[Path], *, enabled: bool) -> None:
        self._downloads = downloads
        self._folders = tuple(folders)
        self._enabled = enabled
        self._growing: WeakSet[Growing] = WeakSet()

    def save(self, name: str, data: bytes) -> Path:
        """Write `data` under a name made of `name`; where it is now.

        Raises:
            LocalFileError: local files are off, or the folder cannot be written.
        """
        growing = Growing(self._download_folder(), safe_name(name))
        try:
            growing.write(data)
        except LocalFileError:
            growing.discard()
            raise
        return growing.finish()

    def grow(self, name: str) -> Growing:
        """A file of the download folder that is written piece by piece, under a name made of `name`.

        Raises:
            LocalFileError: local files are off, or the folder cannot be written.
        """
        folder, safe = self._download_folder(), safe_name(name)
        wanted = Path(name).expanduser().parent
        if wanted not in {Path(), folder} and wanted.resolve() != folder.resolve():
            raise LocalFileError(
                f"Files are saved into {folder} alone.", "Give a name without a folder."
            )
        growing = Growing(folder, safe)
        self._growing.add(growing)
        return growing

    def close(self) -> None:
        """Forget what is not whole. The process is about to end."""
        for growing in tuple(self._growing):
            growing.discard()

    def _download_folder(self) -> Path:
        self._check_enabled()
        try:
            self._downloads.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LocalFileError(
                f"The folder for downloads cannot be made ({error.strerror}).",
                "Start the server with --downloads DIR.",
            ) from error
        return self._downloads

    def read(self, path: str, limit_bytes: int) -> LocalFile:
        """The file at `path`, which lies below an allowed folder.

        Raises:
            LocalFileError: it does not, it is hidden or no plain file, too large, or not there.
        """
        found, root = self._found(path)
        with self._opened(found, root) as source:
            size = os.fstat(source.fileno()).st_size
            if size > limit_bytes:
                raise LocalFileError(
                    f"{found.name!r} has {size:,} bytes; {limit_bytes:,} are allowed here."
                )
            data = source.read(limit_bytes + 1)
        return LocalFile(found.name, _mime(found), data[:limit_bytes])

    def source(self, path: str) -> LocalSource:
        """The file at `path`, however large, to be read in pieces. Raises as `read` does."""
        found, root = self._found(path)
        with self._opened(found, root) as source:
            facts = os.fstat(source.fileno())
        return LocalSource(
            found.name, _mime(found), facts.st_size, facts.st_mtime,
            lambda: self._opened(found, root),
        )  # fmt: skip

    def _found(self, path: str) -> tuple[Path, Path]:
        """Where `path` leads, and the allowed folder that it lies in."""
        self._check_enabled()
        wanted = Path(path.removeprefix("file://")).expanduser()
        candidates = [wanted] if wanted.is_absolute() else [root / wanted for root in self._roots()]
        for candidate in candidates:
            try:
                found = candidate.resolve(strict=True)
            except (OSError, RuntimeError, ValueError):
                continue
            return found, self._root_of(found)
        raise LocalFileError(
            f"There is no file {wanted.name!r} in the allowed folders.", self._hint()
        )

    def _root_of(self, found: Path) -> Path:
        root = next((root for root in self._roots() if found.is_relative_to(root)), None)
        if root is None:
            raise LocalFileError(f"{found.name!r} is outside the allowed folders.", self._hint())
        inside = found.relative_to(root).parts
        if any(part.startswith(".") for part in inside) or any(
            part in _OURS for part in found.parts[:-1] if not self._is_download(found)
        ):
            raise LocalFileError(f"{found.name!r} is hidden, and hidden files are not read.")
        return root

    def _opened(self, found: Path, root: Path) -> BinaryIO:
        """The file itself, which is where it was looked for and a plain one."""
        try:
            handle = os.open(found, os.O_RDONLY | _NO_BLOCK | _NO_FOLLOW | _BINARY)
        except OSError as error:
            raise LocalFileError(f"{found.name!r} cannot be read ({error.strerror}).") from error
        kind = os.fstat(handle).st_mode
        if not stat.S_ISREG(kind):
            os.close(handle)
            if stat.S_ISDIR(kind):
                raise LocalFileError(f"{found.name!r} is a folder.", "Name its files, one a call.")
            raise LocalFileError(f"{found.name!r} is not a plain file.")
        source = os.fdopen(handle, "rb")
        try:
            self._check_same(source, root)
        except LocalFileError:
            source.close()
            raise
        return source

    def _check_same(self, source: BinaryIO, root: Path) -> None:
        """What was opened lies in the folder still: no link was put in its way meanwhile."""
        if sys.platform != "linux":
            return
        real = Path(os.readlink(f"/proc/self/fd/{source.fileno()}"))
        if not real.is_relative_to(root):
            raise LocalFileError(f"{real.name!r} is outside the allowed folders.", self._hint())

    def _is_download(self, found: Path) -> bool:
        return found.is_relative_to(self._downloads.resolve())

    def _roots(self) -> Sequence[Path]:
        places = (*self._folders, self._downloads)
        return [place.resolve() for place in places if place.is_dir()]

    def _check_enabled(self) -> None:
        if not self._enabled:
            raise LocalFileError(
                "This server may not touch local files.",
                "The person who set it up can change that (WORKSPACE_MCP_DISABLE_LOCAL_FILES).",
            )

    def _hint(self) -> str:
        return f"Allowed: {', '.join(map(str, self._roots()))}. The server's flag --files DIR adds one."
