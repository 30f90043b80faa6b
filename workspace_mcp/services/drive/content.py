"""What a file holds: its bytes or an export, in memory or piece by piece.

Exports of more than 10 MB, and older versions of Google's own types, come by long-running downloads.

Source: developers.google.com/workspace/drive/api/guides/manage-downloads,
…/guides/long-running-operations
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import anyio
import anyio.to_thread

from workspace_mcp.errors import ArgumentError, ForbiddenError, GoogleDownError
from workspace_mcp.formats.extract import LONGEST, Extracted, text_of
from workspace_mcp.google.client import Google
from workspace_mcp.google.sender import Sink
from workspace_mcp.services.drive.files import OPERATIONS, File, item
from workspace_mcp.services.drive.kinds import (
    DOC,
    DRAWING,
    MARKDOWN,
    MIMES,
    PICTURES,
    PPTX,
    SCRIPT,
    SHEET,
    SLIDES,
    XLSX,
    named,
)

LARGEST: Final = 40_000_000
"""Bytes of a file that is read into memory to be shown as text."""
LARGEST_EXPORT: Final = 2 << 30
"""Bytes of an export that is saved; nobody says beforehand how large it is."""
LARGEST_PICTURE: Final = 1_000_000
"""Bytes of a picture for the model; clients refuse or shrink larger ones."""
_SECONDS: Final = 20.0
_TOO_LARGE: Final = "exportSizeLimitExceeded"
_POLLS: Final = 30
_INLINE: Final = re.compile(r"(?m)^\[([^\]\n]+)\]:\s*<?data:[^>\s]*>?\s*$")
_READ_AS: Final[Mapping[str, str]] = {
    DOC: MARKDOWN, SHEET: XLSX, SLIDES: PPTX, DRAWING: "image/png", SCRIPT: MIMES["json"],
}  # fmt: skip
"""A native type → the export that is read."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """What was fetched, and its type."""

    data: bytes
    mime: str


def read_as(file: File) -> str:
    """The type in which a file is read.

    Raises:
        ArgumentError: a kind of Google's without text.
    """
    if not file.native:
        return file.mime
    if file.mime in _READ_AS:
        return _READ_AS[file.mime]
    raise ArgumentError(
        f"A {named(file.mime)} holds no text of its own.",
        "List a folder with drive_search; forms_read reads a Form."
        if file.folder or "form" in file.mime
        else "",
    )


async def loaded(google: Google, file: File, revision: str | None = None) -> Bytes:
    """The file, or one version of it, in memory, in the type in which it is read.

    Raises:
        ArgumentError: it is larger than `LARGEST`.
    """
    mime = read_as(file)
    if file.size is not None and file.size > LARGEST:
        raise ArgumentError(
            f"That file has {file.size:,} bytes; {LARGEST:,} can be read.",
            "save writes it to disk.",
        )
    data = bytearray()
    await given(google, file, mime, data.extend, LARGEST, revision, restart=data.clear)
    if file.md5 and revision is None:
        check(file.md5, hashlib.md5(data, usedforsecurity=False).hexdigest())
    return Bytes(bytes(data), mime)


def check(said: str, came: str) -> None:
    """Hold what came to the checksum that Google gave.

    Raises:
        GoogleDownError: it is not the file that was asked for.
    """
    if said != came:
        raise GoogleDownError(
            "What came is not what Google has: it was damaged on its way, or changed meanwhile.",
            "Fetch it again.",
        )


async def given(
    google: Google, file: File, mime: str, sink: Sink, limit: int, revision: str | None = None,
    start: int = 0, restart: Callable[[], None] | None = None,
) -> int:  # fmt: skip
    """Give a file's bytes to `sink`, a native one as `mime`; how many there were.

    `restart` is called where Google begins anew: what the sink was given counts no more.
    """
    if not file.native:
        place, more = item(file.id), True
        if revision is not None:
            place, more = place.sub("revisions").item(revision), None
        return await google.download(
            place, sink, limit_bytes=limit, start=start, restart=restart, supportsAllDrives=more
        )
    if revision is not None:
        return await _operated(google, file, mime, sink, limit, revision, restart)
    try:
        return await google.download(
            item(file.id).sub("export"), sink, limit_bytes=limit, restart=restart, mimeType=mime
        )
    except ForbiddenError as error:
        if error.reason != _TOO_LARGE:
            raise
    return await _operated(google, file, mime, sink, limit, None, restart)


async def _operated(
    google: Google, file: File, mime: str, sink: Sink, limit: int, revision: str | None,
    restart: Callable[[], None] | None,
) -> int:  # fmt: skip
    """By a long-running download: asked for, waited for, fetched."""
    found = await google.post(
        item(file.id).sub("download"), safe=True, mimeType=mime, revisionId=revision
    )
    wait = 0.5
    for _ in range(_POLLS):
        if found.get("done"):
            break
        await google.sender.sleep(wait)
        wait = min(wait * 1.5, 5.0)
        found = await google.get(OPERATIONS.item(_name(found)))
    else:
        raise GoogleDownError("Google is still preparing that file.", "Try again in a minute.")
    error: Mapping[str, Any] = found.get("error", {})
    address = found.get("response", {}).get("downloadUri")
    if error or not address:
        raise GoogleDownError(
            f"Google could not prepare that file (code {error.get('code', '?')}).",
            "Try another format.",
        )
    return await google.fetch(str(address), sink, limit_bytes=limit, restart=restart)


def _name(operation: Mapping[str, Any]) -> str:
    return str(operation.get("name", "")).removeprefix("operations/")


async def text(
    file: File, found: Bytes, pages: str | None, enough: int = LONGEST
) -> Extracted | None:
    """The text of what was fetched, at least `enough` characters; None when it holds none that we can read.

    Raises:
        ArgumentError: reading it takes too long.
    """
    made: Extracted | None = None
    name = "" if file.native else file.name
    with anyio.move_on_after(_SECONDS) as deadline:
        made = await anyio.to_thread.run_sync(
            partial(text_of, found.data, found.mime, name, pages, enough), abandon_on_cancel=True
        )
    if deadline.cancelled_caught:
        raise ArgumentError(
            "That file takes too long to read.",
            "pages reads some of a PDF, such as 1-20; save writes it to disk.",
        )
    if made is None or file.mime != DOC:
        return made
    return Extracted(without_pictures(made.text), made.note, made.unread)


def without_pictures(markdown: str) -> str:
    """Google's Markdown without the pictures that it carries as base64: only their names stay."""
    return _INLINE.sub(lambda found: f"[{found[1]}]: (a picture)", markdown)


def pictured(mime: str) -> bool:
    """Whether a model can be shown it."""
    return mime in PICTURES
