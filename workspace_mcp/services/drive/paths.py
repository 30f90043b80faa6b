"""Where files lie: paths as a person reads them, from few requests.

A path begins with "/" for My Drive, "/Shared drives/NAME" for a shared drive and "/Shared with me/NAME"
for a folder of somebody else's; a file whose folder the account may not see has none.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from workspace_mcp.errors import ForbiddenError, GoogleError, NotFoundError
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.files import DRIVES, File, item
from workspace_mcp.services.drive.locating import SHARED, WITH_ME

_DEEP: Final = 15
_LASTS: Final = 60.0
"""Seconds for which a folder's name is remembered."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's name and place; one at the top has no parent. `known`: whether the account may see it."""

    name: str
    parent: str
    drive: str = ""
    own: bool = True
    known: bool = True


_KNOWN: WeakKeyDictionary[Google, dict[str, tuple[float, Folder]]] = WeakKeyDictionary()


def forget(google: Google) -> None:
    """Folders were renamed or moved."""
    _KNOWN.pop(google, None)


async def paths(google: Google, files: Iterable[File]) -> Mapping[str, str]:
    """File id → the path of the folder that it lies in; "" when that cannot be seen."""
    files = list(files)
    folders = await _folders(google, {one.parent for one in files if one.parent})
    return {one.id: _path(one.parent, folders) if one.parent else "" for one in files}


async def path_of(google: Google, folder: str) -> str:
    """The path of a folder itself."""
    return _path(folder, await _folders(google, {folder}))


def _path(folder: str, folders: Mapping[str, Folder]) -> str:
    names: list[str] = []
    for _ in range(_DEEP):
        found = folders.get(folder)
        if found is None or not found.known:
            return "/".join(["…", *names]) if names else ""
        if not found.parent:
            top = f"/{SHARED}/{found.name}" if found.drive else ""
            if not found.own and not found.drive:
                top = f"/{WITH_ME}/{found.name}"
            return "/".join([top, *names]) or "/"
        names.insert(0, found.name)
        folder = found.parent
    return "/".join(["…", *names])


async def _folders(google: Google, wanted: set[str]) -> Mapping[str, Folder]:
    """The folders, and all those above them."""
    kept = _KNOWN.setdefault(google, {})
    now = time.monotonic()
    found = {one: folder for one, (at, folder) in kept.items() if now - at < _LASTS}
    missing = _above(wanted, found)
    for _ in range(_DEEP):
        if not missing:
            break
        ids = sorted(missing)
        answers = await google.get_many(
            [item(one) for one in ids],
            supportsAllDrives=True,
            fields="id,name,parents,driveId,ownedByMe",
        )
        for one, answer in zip(ids, answers, strict=True):
            found[one] = (
                _unseen(answer)
                if isinstance(answer, GoogleError)
                else Folder(
                    answer["name"], next(iter(answer.get("parents", ())), ""),
                    answer.get("driveId", ""), own=answer.get("ownedByMe", True),
                )
            )  # fmt: skip
            if found[one].drive and not found[one].parent:
                found[one] = await _drive(google, one)
            kept[one] = (now, found[one])
        missing = _above(wanted, found)
    return found


def _above(wanted: set[str], found: Mapping[str, Folder]) -> set[str]:
    """The nearest folders on the ways to the top that are not known yet."""
    missing: set[str] = set()
    for one in wanted:
        at = one
        for _ in range(_DEEP):
            if at and at not in found:
                missing.add(at)
            at = found[at].parent if at in found else ""
            if not at:
                break
    return missing


def _unseen(error: GoogleError) -> Folder:
    if isinstance(error, NotFoundError | ForbiddenError):
        return Folder("", "", known=False)
    raise error


async def _drive(google: Google, drive: str) -> Folder:
    """A shared drive's own name: as a file it is only called "Drive"."""
    try:
        answer = await google.get(DRIVES.item(drive), fields="name")
    except (NotFoundError, ForbiddenError):
        return Folder("", "", known=False)
    return Folder(answer["name"], "", drive)
