"""Which file a model means: by id, URL or path, through shortcuts.

A path begins in My Drive, in "/Shared drives/NAME", or in "/Shared with me/NAME".
"""

import re
from collections.abc import Sequence
from typing import Final

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.files import DRIVES, FIELDS, FILES, File, fetched, word
from workspace_mcp.services.drive.kinds import SHORTCUT

_HOPS: Final = 5
_TRASH: Final = "the trash"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,}")
_IN_URL: Final = re.compile(
    r"^https://(?:docs|drive|sheets|slides)\.google\.com/[^?#]*?(?:/d/|/folders/)([A-Za-z0-9_-]{8,})"
    r"|^https://(?:docs|drive)\.google\.com/[^#]*[?&]id=([A-Za-z0-9_-]{8,})"
)


def identifier(text: str) -> str | None:
    """The id in an id or a URL of Google's; None for anything else."""
    plain = text.strip()
    if plain == "root" or _ID.fullmatch(plain):
        return plain
    found = _IN_URL.match(plain)
    return (found[1] or found[2]) if found else None


async def locate(google: Google, text: str, *, trashed: bool = False) -> str:
    """The id of the file that a model names by id, URL or path from the top ("/Reports/May.pdf").

    `trashed`: a path leads to what is in the trash.

    Raises:
        ArgumentError: it is none of these, or several files are at that path.
        NotFoundError: nothing is there.
    """
    if (found := identifier(text)) is not None:
        return found
    if not text.strip().startswith("/"):
        raise ArgumentError(
            "That names no file.", "Give an id or URL, or a path such as /Reports/May.pdf."
        )
    parts = [part for part in text.strip().split("/") if part]
    return await _walked(google, parts, trashed=trashed)


SHARED: Final = "Shared drives"
"""The first part of a path in a shared drive."""
WITH_ME: Final = "Shared with me"
"""The first part of a path to what others share, outside of shared drives."""


async def top(google: Google, parts: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Where a path begins, and the parts that lead on from there.

    Raises:
        ArgumentError: several things of that name are shared with the account.
        NotFoundError: there is no such shared drive, or nothing of that name is shared.
    """
    if len(parts) > 1 and parts[0] == SHARED:
        return await drive_of(google, parts[1]), parts[2:]
    if len(parts) > 1 and parts[0] == WITH_ME:
        found = await _named(google, parts[1], "sharedWithMe = true and trashed = false")
        return _only(found, parts[1], f"/{WITH_ME}", last=len(parts) == 2), parts[2:]
    return "root", parts


def _only(found: Sequence[File], name: str, where: str, *, last: bool) -> str:
    """The id of the one that was found; what a shortcut leads to, on the way to others."""
    if not found:
        raise NotFoundError(
            f"Nothing is at that path: no {clean_line(name)[:80]!r} in {where}.",
            f"drive_search {'view=trash lists the trash' if where == _TRASH else 'finds files by words'}.",
        )
    if len(found) > 1:
        raise ArgumentError(
            f"{len(found)} files are at that path.",
            f"Take one by its id: {', '.join(one.id for one in found[:10])}.",
        )
    return found[0].id if last else found[0].target or found[0].id


async def _walked(google: Google, parts: Sequence[str], *, trashed: bool) -> str:
    place, rest = await top(google, parts)
    for number, part in enumerate(rest, 1):
        last = number == len(rest)
        found = await children(
            google, place, part, trashed=(True if last else None) if trashed else False
        )
        where = _TRASH if trashed else _above(parts, len(rest) - number)
        place = _only(found, part, where, last=last)
    return place


def _above(parts: Sequence[str], below: int) -> str:
    """A path without its last parts, as it was given."""
    return clean_line("/" + "/".join(parts[: len(parts) - below - 1]))[:200]


async def drive_of(google: Google, name: str) -> str:
    """The id of the shared drive of that name.

    Raises:
        NotFoundError: there is none.
    """
    async for one in google.pages(
        DRIVES, "drives", most=1000, pageSize=100, fields="drives(id,name),nextPageToken"
    ):
        if name in {one["id"], one["name"]}:
            return str(one["id"])
    raise NotFoundError(
        "There is no shared drive of that name.", "drive_search view=drives lists them."
    )


async def children(
    google: Google, folder: str, name: str, *, trashed: bool | None = False
) -> list[File]:
    """What has exactly that name in a folder; `trashed`: in the trash, or None for both."""
    state = "" if trashed is None else f" and trashed = {str(trashed).lower()}"
    return await _named(google, name, f"{word(folder)} in parents{state}")


async def _named(google: Google, name: str, terms: str) -> list[File]:
    answer = await google.get(
        FILES, q=f"{terms} and name = {word(name)}", pageSize=20, supportsAllDrives=True,
        includeItemsFromAllDrives=True, fields=f"files({FIELDS})",
    )  # fmt: skip
    return [one for one in map(File.from_api, answer.get("files", ())) if one.name == name]


async def opened(google: Google, text: str) -> tuple[File, Sequence[File]]:
    """The file whose content is meant, and the shortcuts that led to it.

    Raises:
        ArgumentError: shortcuts that lead nowhere, or in a circle.
    """
    file = File.from_api(await fetched(google, await locate(google, text)))
    passed: list[File] = []
    while file.mime == SHORTCUT:
        passed.append(file)
        if len(passed) > _HOPS or file.target in {one.id for one in passed}:
            raise ArgumentError("That shortcut leads to shortcuts alone, and to no file.")
        file = File.from_api(await fetched(google, file.target))
    return file, passed
