"""Files of Drive → files on this machine, piece by piece; a later call goes on where one ended."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import anyio

from workspace_mcp.errors import NetworkError, WorkspaceError
from workspace_mcp.files import Growing, LocalFiles, safe_name
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive import kinds
from workspace_mcp.services.drive.content import LARGEST_SAVED, given
from workspace_mcp.services.drive.files import File
from workspace_mcp.tools import Progress, View

PATIENCE: Final = 45.0
"""Seconds of one call; a call as a whole may take 55."""
_TICK: Final = 1.0
_KEPT: Final = 8

Key = tuple[str, str, str, str]
_PARTS: WeakKeyDictionary[Google, dict[Key, Growing]] = WeakKeyDictionary()
"""Downloads that a call did not finish."""


@dataclass(frozen=True, slots=True)
class Saved(View):
    """A file that was written, whole."""

    file: File
    path: Path
    size: int

    def text(self, fence: Fence) -> str:
        """What, and where it is."""
        return f"Saved {self.file.title(fence)} ({show.size(self.size)}):\n{fence.line(str(self.path), 2_000)}"


@dataclass(frozen=True, slots=True)
class Partly(View):
    """A file of which a part was written."""

    file: File
    size: int

    def text(self, fence: Fence) -> str:
        """How far it is, and how to go on."""
        of = f" of {show.size(self.file.size)}" if self.file.size else ""
        return (
            f"{show.size(self.size)}{of} of {self.file.title(fence)} are here so far.\n"
            "Repeat this call unchanged: it goes on from there."
        )


async def saved(
    google: Google, files: LocalFiles, progress: Progress, file: File, name: str,
    wanted: str | None, revision: str | None,
) -> View:  # fmt: skip
    """Save a file under a name of its own (".") or a given one.

    Raises:
        ArgumentError: it cannot have that format.
        LocalFileError: the folder or the disk does not take it.
    """
    mime, ending = file.mime, ""
    if file.native:
        ending, mime = kinds.export(file.mime, wanted)
    chosen = _named(safe_name(file.name) if name in {"", "."} else name, ending)
    parts = _PARTS.setdefault(google, {})
    stamp = file.modified.isoformat() if file.modified else ""
    key = (file.id, chosen, revision or "", stamp)
    growing = parts.pop(key, None) or files.grow(chosen)
    done = False
    try:
        with anyio.move_on_after(PATIENCE) as patience:
            await _fetched(google, progress, file, mime, growing, revision)
        if not patience.cancelled_caught:
            done, size = True, growing.size
            return Saved(file, await anyio.to_thread.run_sync(growing.finish), size)
        if file.native:
            raise WorkspaceError("The export takes longer than a call may.", "Try another format.")
        _keep(parts, key, growing)
        done = True
        return Partly(file, growing.size)
    except (NetworkError, anyio.get_cancelled_exc_class()):
        if not file.native and not done:
            _keep(parts, key, growing)
            done = True
        raise
    finally:
        if not done:
            growing.discard()


def _keep(parts: dict[Key, Growing], key: Key, growing: Growing) -> None:
    """Keep what is there for a later call; the oldest of many is let go."""
    parts[key] = growing
    while len(parts) > _KEPT:
        parts.pop(next(iter(parts))).discard()


def _named(name: str, ending: str) -> str:
    """The file's name with the ending of its format."""
    return f"{name}.{ending}" if ending and kinds.suffix(name) != ending else name


async def _fetched(
    google: Google, progress: Progress, file: File, mime: str, growing: Growing,
    revision: str | None,
) -> None:  # fmt: skip
    """Fetch, and tell the client every second how far it is."""

    async def tell() -> None:
        while True:
            await anyio.sleep(_TICK)
            await progress(growing.size, file.size)

    failed: WorkspaceError | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tell)
        try:
            await given(
                google, file, mime, growing.write, LARGEST_SAVED, revision, start=growing.size
            )
        except WorkspaceError as error:  # raised below: a group would wrap it
            failed = error
        tasks.cancel_scope.cancel()
    if failed is not None:
        raise failed
