"""New files of Google's editors, made by Drive where they belong: nothing is made when a folder is not there.

The editors' own APIs make files in My Drive alone.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/files/create
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from workspace_mcp.errors import OutcomeUnknownError
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import collection

FILES: Final = collection("https://www.googleapis.com/drive/v3/files")
_FOLDER: Final = re.compile(
    r"https?://drive\.google\.com/drive/(?:u/\d+/)?folders/([\w-]+)\S*", re.ASCII
)


def folder_id(given: str) -> str:
    """The id in an id or a URL of a folder.

    Raises:
        ArgumentError: it is none.
    """
    found = _FOLDER.fullmatch(given.strip())
    identifier = found[1] if found else given.strip()
    FILES.item(identifier)
    return identifier


@contextmanager
def told_when_lost(what: str) -> Generator[None]:
    """Say of a new file whose answer was lost that it may be there.

    Raises:
        OutcomeUnknownError: with `what`, such as "an empty document".
    """
    try:
        yield
    except OutcomeUnknownError as error:
        raise OutcomeUnknownError(
            f"Google's answer was lost: {what} may have been made, or not.",
            "Look for its title before creating it again.",
        ) from error


async def made_in(google: Google, folder: str, name: str, mime: str, what: str) -> str:
    """The id of a new, empty file in a folder.

    Raises:
        NotFoundError, ForbiddenError: there is no such folder, or it takes none.
        OutcomeUnknownError: the answer was lost.
    """
    body = {"name": name, "mimeType": mime, "parents": [folder]}
    with told_when_lost(what):
        made = await google.post(FILES, body, supportsAllDrives=True, fields="id")
    return str(made["id"])


async def copy_of(google: Google, template: str, name: str, mime: str, folder: str | None) -> str:
    """The id of a copy, of the type that the caller works with.

    Raises:
        OutcomeUnknownError: the answer was lost.
    """
    body: dict[str, Any] = {"name": name, "mimeType": mime}
    body |= {"parents": [folder]} if folder else {}
    with told_when_lost("a copy"):
        made = await google.post(
            FILES.item(template).sub("copy"), body, supportsAllDrives=True, fields="id"
        )
    return str(made["id"])
