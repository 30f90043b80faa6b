"""Folders by id, URL or path; made on the way when they are missing."""

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.files import FILES, File, fetched
from workspace_mcp.services.drive.kinds import FOLDER
from workspace_mcp.services.drive.locating import children, identifier, top
from workspace_mcp.services.drive.paths import forget


class NoFolderError(NotFoundError):
    """A path leads to a folder that is not there, and could be made."""


async def folder_of(google: Google, text: str, *, make: bool = False) -> str:
    """The id of the folder that is meant; `make`: the missing ones of a path are made.

    Raises:
        ArgumentError: it is no folder, or several folders are at that path.
        NotFoundError: nothing is at that path, and nothing is to be made.
    """
    if (found := identifier(text)) is not None:
        return found if found == "root" else await _checked(google, found)
    if not text.strip().startswith("/"):
        raise ArgumentError(
            "That names no folder.", "Give an id or URL, or a path such as /Reports/2026."
        )
    parts = [part for part in text.strip().split("/") if part]
    place, rest = await top(google, parts)
    if parts and not rest:
        return await _checked(google, place)
    for part in rest:
        place = await _inside(google, place, part, make=make)
    return place


async def _checked(google: Google, identifier: str) -> str:
    file = File.from_api(await fetched(google, identifier))
    if file.target and file.target_mime == FOLDER:
        return file.target
    if not file.folder:
        raise ArgumentError("That is no folder.")
    return file.id


async def _inside(google: Google, place: str, name: str, *, make: bool) -> str:
    folders = [one for one in await children(google, place, name) if one.folder]
    if len(folders) > 1:
        raise ArgumentError(
            f"{len(folders)} folders are at that path.",
            f"Take one by its id: {', '.join(one.id for one in folders[:10])}.",
        )
    if folders:
        return folders[0].id
    if not make:
        raise NoFolderError("There is no such folder.", "drive_search type=folder finds folders.")
    return await made(google, name, place)


async def made(google: Google, name: str, parent: str) -> str:
    """The id of a new folder."""
    forget(google)
    answer = await google.post(
        FILES, {"name": name, "mimeType": FOLDER, "parents": [parent]}, supportsAllDrives=True,
        fields="id",
    )  # fmt: skip
    return str(answer["id"])
