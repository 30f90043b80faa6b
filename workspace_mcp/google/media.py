"""Uploads and downloads with constant memory.

Source: developers.google.com/workspace/drive/api/guides/manage-uploads,
developers.google.com/workspace/gmail/api/guides/uploads
"""

import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from workspace_mcp.google.resource import Resource

CHUNK: Final = 8 << 20
"""Bytes of one part of a resumable upload; a multiple of 256 KiB."""
SIMPLE: Final = 5 << 20
"""Bytes up to which metadata and media go in one request."""
_READ: Final = 1 << 18

Report = Callable[[float, float | None], Awaitable[None]]
"""Told how many bytes of how many are done."""


@dataclass(frozen=True, slots=True)
class Media:
    """Something to upload: `open` gives its bytes from the start, as often as it is called."""

    mime: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(slots=True)
class Begun:
    """An upload that a later call may go on with: its session (None before it has one), how far it is."""

    place: Resource | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Multipart:
    """Metadata and media as one body. `chunks` may be read again and again."""

    mime: str
    head: bytes
    media: Media
    tail: bytes

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        return len(self.head) + self.media.size + len(self.tail)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, a piece at a time."""
        yield self.head
        async for piece in stream(self.media, 0, self.media.size):
            yield piece
        yield self.tail


def multipart(metadata: dict[str, object], media: Media) -> Multipart:
    """The body of an upload with `uploadType=multipart`."""
    boundary = f"part_{secrets.token_hex(12)}"
    head = (
        f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
        f"{json.dumps(metadata)}\r\n--{boundary}\r\nContent-Type: {media.mime}\r\n\r\n"
    )
    return Multipart(
        f"multipart/related; boundary={boundary}",
        head.encode(),
        media,
        f"\r\n--{boundary}--\r\n".encode(),
    )


async def stream(media: Media, start: int, end: int) -> AsyncIterator[bytes]:
    """Bytes `start` to `end` (exclusive) of `media`.

    Raises:
        OSError: the source became shorter.
    """
    with media.open() as source:
        source.seek(start)
        left = end - start
        while left > 0:
            piece = source.read(min(_READ, left))
            if not piece:
                raise OSError("the file became shorter while it was uploaded")
            left -= len(piece)
            yield piece


def content_range(start: int, end: int, size: int) -> str:
    """The `Content-Range` of bytes `start` to `end` (exclusive) of `size`."""
    return f"bytes {start}-{end - 1}/{size}" if end > start else f"bytes */{size}"


def received(header: str | None) -> int:
    """How many bytes Google has, by the `Range` header of a 308."""
    found = re.fullmatch(r"bytes=0-(\d+)", header or "")
    return int(found[1]) + 1 if found else 0


def session_of(location: str | None, host: str) -> str | None:
    """The address of an upload session; None when it is not one of Google's over HTTPS."""
    parts = urlsplit(location or "")
    good = parts.scheme == "https" and parts.hostname == host and not parts.username
    return location if good else None


_GIVEN: Final = frozenset({
    "www.googleapis.com", "drive.usercontent.google.com", "docs.google.com", "drive.google.com",
})  # fmt: skip


def given(address: str) -> str | None:
    """An address that Google gave for a download and that may have our token; None otherwise."""
    parts = urlsplit(address)
    good = parts.scheme == "https" and parts.netloc in _GIVEN
    return address if good else None


def media_host(location: str | None) -> str | None:
    """A redirect of a download that may be followed (without a token); None otherwise."""
    parts = urlsplit(location or "")
    host = parts.hostname or ""
    good = (
        parts.scheme == "https" and host.endswith(".googleusercontent.com") and not parts.username
    )
    return location if good else None
