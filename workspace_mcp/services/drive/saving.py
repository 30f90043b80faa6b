"""Files of Drive → files on this machine, piece by piece; a later call goes on where one ended."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import anyio

from workspace_mcp.errors import GoogleDownError, NetworkError, QuotaError, WorkspaceError
from workspace_mcp.files import LocalFiles, safe_name
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.growing import Growing
from workspace_mcp.services.drive import kinds
from workspace_mcp.services.drive.content import LARGEST_EXPORT, check, given
from workspace_mcp.services.drive.files import File, item
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
        size = f" ({show.size(self.size)})" if self.file.native else ""
        return f"Saved {self.file.title(fence)}{size}:\n{fence.line(str(self.path), 2_000)}"


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
    what = await _expected(google, file, revision)
    parts = _PARTS.setdefault(google, {})
    stamp = file.modified.isoformat() if file.modified else ""
    key = (file.id, chosen, revision or "", stamp)
    growing = parts.pop(key, None) or files.grow(chosen)
    done = False
    try:
        with anyio.move_on_after(PATIENCE) as patience:
            await _fetched(google, progress, file, mime, growing, revision, what)
        if not patience.cancelled_caught:
            if what.md5:
                check(what.md5, growing.md5)
            done, size = True, growing.size
            return Saved(file, await anyio.to_thread.run_sync(growing.finish), size)
        if file.native:
            raise WorkspaceError("The export takes longer than a call may.", "Try another format.")
        _keep(parts, key, growing)
        done = True
        return Partly(file, growing.size)
    except (WorkspaceError, anyio.get_cancelled_exc_class()) as error:
        if not file.native and not done and _passes(error):
            _keep(parts, key, growing)
            done = True
        raise
    finally:
        if not done:
            growing.discard()


@dataclass(frozen=True, slots=True)
class _Expected:
    """What must come: no more than `most` bytes, and these, unless `md5` is ""."""

    most: int
    md5: str


async def _expected(google: Google, file: File, revision: str | None) -> _Expected:
    """What Google says of a file, or of one version of it."""
    if file.native:
        return _Expected(LARGEST_EXPORT, "")
    if revision is None:
        return _Expected(LARGEST_EXPORT if file.size is None else file.size, file.md5)
    place = item(file.id).sub("revisions").item(revision)
    found = await google.get(place, fields="size,md5Checksum")
    return _Expected(int(found.get("size", LARGEST_EXPORT)), found.get("md5Checksum", ""))


def _passes(error: BaseException) -> bool:
    """Whether a later call may go on: the network, Google's haste or its trouble, or a call called off."""
    if isinstance(error, GoogleDownError):
        return error.status >= 500
    return isinstance(error, NetworkError | QuotaError) or not isinstance(error, WorkspaceError)


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
    revision: str | None, what: _Expected,
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
                google, file, mime, growing.write, what.most, revision, start=growing.size,
                restart=growing.restart,
            )  # fmt: skip
        except WorkspaceError as error:  # raised below: a group would wrap it
            failed = error
        tasks.cancel_scope.cancel()
    if failed is not None:
        raise failed
