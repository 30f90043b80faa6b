"""The journal's files: a month each, a line a call, for their owner alone."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from workspace_mcp.credentials import disk
from workspace_mcp.errors import CredentialFileError
from workspace_mcp.journal.entry import Entry

MONTHS: Final = 6
"""How many months are kept."""
_WAIT: Final = 5.0
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)


class Journal:
    """Entries in a folder, or in memory without one."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._memory: list[Entry] = []

    def add(self, entry: Entry, now: datetime) -> None:
        """Append an entry.

        Raises:
            CredentialFileError: it could not be written.
        """
        if self.folder is None:
            self._memory.append(entry)
            return
        path = self.folder / f"{now:%Y-%m}.jsonl"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with disk.lock(self.folder.parent / "locks" / "journal.lock", _WAIT, "the journal"):
                new = not path.exists()
                handle = os.open(path, _FLAGS, 0o600)
                with os.fdopen(handle, "a+b") as file:
                    file.write(_after_a_cut(file) + entry.json().encode() + b"\n")
                if new:
                    self._forget()
        except OSError as error:
            raise CredentialFileError(
                f"The change could not be written into the journal ({error.strerror})."
            ) from error

    def newest_first(self) -> Iterator[Entry]:
        """Every entry, the newest first. A line that was cut is passed over."""
        yield from reversed(self._memory)
        for path in sorted(self._files(), reverse=True):
            lines = path.read_text("utf-8", "replace").splitlines()
            for line in reversed(lines):
                try:
                    yield Entry.from_json(line)
                except (ValueError, KeyError, TypeError):
                    continue  # the end of the process cut it short

    def find(self, identifier: str) -> Entry | None:
        """The entry of an id."""
        return next((one for one in self.newest_first() if one.id == identifier.strip()), None)

    def _files(self) -> list[Path]:
        return (
            list(self.folder.glob("????-??.jsonl")) if self.folder and self.folder.is_dir() else []
        )

    def _forget(self) -> None:
        for path in sorted(self._files())[:-MONTHS]:
            path.unlink(missing_ok=True)


def _after_a_cut(file: BinaryIO) -> bytes:
    """The end of a line that a crash or a full disk cut, which else would spoil the next one."""
    if not file.seek(0, os.SEEK_END):
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"
