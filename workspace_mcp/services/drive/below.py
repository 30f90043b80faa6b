"""The folders inside a folder: Drive searches single folders, people mean all that lies below."""

from collections.abc import Sequence
from typing import Final

from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.files import FILES, File, word
from workspace_mcp.services.drive.kinds import FOLDER

MOST: Final = 60
"""Folders that one search asks for."""
_DEEP: Final = 8


async def below(google: Google, folder: File) -> tuple[Sequence[str], bool]:
    """The ids of a folder and of those inside it, a request a level, and whether these are all."""
    found = [folder.id]
    level = [folder.id]
    for _ in range(_DEEP):
        answer = await google.get(
            FILES, q=f"mimeType = '{FOLDER}' and trashed = false and {inside(level)}",
            pageSize=MOST, supportsAllDrives=True, includeItemsFromAllDrives=True,
            corpora="drive" if folder.drive else None, driveId=folder.drive or None,
            fields="files(id),nextPageToken",
        )  # fmt: skip
        level = [one["id"] for one in answer.get("files", ()) if one["id"] not in found]
        found += level
        if answer.get("nextPageToken") or len(found) > MOST:
            return found[:MOST], False
        if not level:
            return found, True
    return found, False


def inside(folders: Sequence[str]) -> str:
    """The term for lying directly in one of some folders."""
    terms = [f"{word(one)} in parents" for one in folders]
    return terms[0] if len(terms) == 1 else f"({' or '.join(terms)})"
