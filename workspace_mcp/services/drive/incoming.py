"""What is uploaded: a file of this machine or a text, and what Google makes of it."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import show
from workspace_mcp.google.client import Google
from workspace_mcp.google.media import Media
from workspace_mcp.services.drive import kinds
from workspace_mcp.services.drive.content import loaded
from workspace_mcp.services.drive.files import File
from workspace_mcp.services.drive.kinds import IMPORTS, MIMES

Convert = Literal["none", "auto", "doc", "sheet", "slides"]
_LARGEST_JOINED: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Content:
    """What is uploaded. `mark` tells it from every other content, so that an upload can go on."""

    name: str
    mime: str
    size: int
    open: Callable[[], BinaryIO]
    mark: str

    @classmethod
    def of_bytes(cls, name: str, mime: str, data: bytes) -> "Content":
        """Of a text that the model gave."""
        return cls(name, mime, len(data), lambda: io.BytesIO(data), "")

    @property
    def media(self) -> Media:
        """As the client takes it."""
        return Media(self.mime, self.size, self.open)


def content_of(
    files: LocalFiles, path: str | None, content: str | None, name: str | None, mime: str | None
) -> Content:
    """A file of this machine, or a text under a name.

    Raises:
        LocalFileError: there is no such file.
    """
    if path is not None:
        source = files.source(path)
        ending = kinds.suffix(source.name)
        kind = mime or MIMES.get(ending) or source.mime
        return Content(
            source.name,
            kind,
            source.size,
            source.open,
            f"{source.name} {source.size} {source.changed}",
        )
    if not name:
        name = "Untitled.txt"
    kind = mime or MIMES.get(kinds.suffix(name)) or "text/plain"
    return Content.of_bytes(name, kind, (content or "").encode())


def target_of(given: Content, convert: Convert) -> str:
    """doc, sheet, slides, or "" for no conversion.

    Raises:
        ArgumentError: Google makes nothing, or something else, of that kind.
    """
    if convert == "none":
        return ""
    if convert == "auto":
        if found := kinds.importable(given.name, given.mime):
            return found
        raise ArgumentError("Google converts no such file.", "Leave convert away.")
    kinds.converted(given.name, given.mime, convert)
    return convert


def name_of(given: Content, target: str, name: str | None) -> str:
    """The name that the file gets; a converted one goes without its ending."""
    chosen = name or given.name
    ending = kinds.suffix(chosen)
    return chosen[: -len(ending) - 1] if target and ending in IMPORTS else chosen


async def joined(google: Google, given: Content, file: File, mode: str) -> Content:
    """What a file of text holds now, with the new text after or before it."""
    if file.native or given.size > _LARGEST_JOINED or (file.size or 0) > _LARGEST_JOINED:
        raise ArgumentError(
            f"mode={mode} is for files of text up to {show.size(_LARGEST_JOINED)}.",
            "docs_edit adds to a Doc, sheets_write to a Sheet.",
        )
    old = (await loaded(google, file)).data
    if b"\x00" in old[:4096]:
        raise ArgumentError(f"mode={mode} is for files of text; that one is not.")
    with given.open() as source:
        new = source.read()
    first, second = (old, new) if mode == "append" else (new, old)
    between = b"\n" if first and not first.endswith(b"\n") else b""
    return Content.of_bytes(file.name, file.mime, first + between + second)
