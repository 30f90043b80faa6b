"""Reading any file: as text, as a picture, or as a file on disk.

Source: developers.google.com/workspace/drive/api/guides/manage-downloads
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats.extract import Extracted
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.show import piece, size
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.content import (
    LARGEST_PICTURE,
    Bytes,
    loaded,
    pictured,
    read_as,
    text,
)
from workspace_mcp.services.drive.files import File
from workspace_mcp.services.drive.kinds import importable, named
from workspace_mcp.services.drive.locating import opened
from workspace_mcp.services.drive.saving import saved
from workspace_mcp.tools import Effect, Image, Progress, Tier, View, tool

DEFAULT_LIMIT: Final = 8_000


@dataclass(frozen=True, slots=True)
class Text(View):
    """A file's text from `offset`, as much as was asked for."""

    file: File
    passed: Sequence[File]
    found: Extracted
    offset: int
    limit: int
    revision: str | None

    def text(self, fence: Fence) -> str:
        """The title, the text, what is missing."""
        lines = [_title(fence, self.file, self.passed, self.revision)]
        whole = self.found.text
        if whole[self.offset :].strip():
            fitting = len(
                whole[self.offset : self.offset + self.limit]
                .encode()[: self.limit]
                .decode(errors="ignore")
            )
            cut = piece(whole, self.offset, fitting)
            lines.append(fence.block("file text", cut.text))
            if cut.end is not None:
                also = f" and {self.found.unread}" if self.found.unread else ""
                lines.append(
                    f"[cut here: {cut.left:,} more of {len(whole):,} characters{also}; "
                    f"offset={cut.end} goes on]"
                )
            elif self.found.unread:
                lines.append(f"[cut here: {self.found.unread} are left]")
        elif self.offset:
            lines.append(f"The text ends before offset {self.offset}.")
        elif not self.found.note:
            lines.append("It holds no text.")
        return "\n".join((*lines, self.found.note) if self.found.note else lines)


def _title(fence: Fence, file: File, passed: Sequence[File], revision: str | None) -> str:
    by = f", through the shortcut {passed[0].title(fence)}" if passed else ""
    return file.title(fence) + (f", version {revision}" if revision else "") + by


@dataclass(frozen=True, slots=True)
class Picture(View):
    """A picture for the model."""

    file: File
    passed: Sequence[File]
    found: Bytes

    def text(self, fence: Fence) -> str:
        """The title."""
        return _title(fence, self.file, self.passed, None)

    def images(self) -> Sequence[Image]:
        """The picture itself."""
        return (Image(self.found.data, self.found.mime),)


@tool(title="Read a file", effect=Effect.READS, tier=Tier.CORE)
async def drive_read(
    google: Google,
    files: LocalFiles,
    progress: Progress,
    file: Annotated[str, Field(description="Id, URL or /path.")],
    as_: Annotated[
        Literal["text", "image"] | None, Field(description="Default: what fits the file.")
    ] = None,
    pages: Annotated[
        str | None, Field(description="Of a PDF, slides, or tabs of a Sheet: 1-3,7.")
    ] = None,
    revision: Annotated[str | None, Field(description="Version id of drive_info.")] = None,
    save: Annotated[
        str | None, Field(description='Save to disk instead, by this name; "." keeps its own.')
    ] = None,
    format: Annotated[
        str | None,
        Field(description="Of a saved Google file: pdf, docx, md, xlsx, csv, pptx, png …"),
    ] = None,
    offset: Annotated[int, Field(ge=0)] = 0,
    limit: Annotated[int, Field(ge=1_000, le=100_000, description="Bytes.")] = DEFAULT_LIMIT,
) -> View:
    """Read any file: Docs as Markdown, Sheets as tables of every tab, Slides, PDF, Office, text, pictures."""
    one, passed = await opened(google, file)
    if save is not None:
        if one.folder:
            raise ArgumentError("A folder cannot be saved.", "Save its files one by one.")
        return await saved(google, files, progress, one, save, format, revision)
    if format is not None:
        raise ArgumentError("format goes with save.", 'save="." saves the file in that format.')
    picture = pictured(read_as(one))
    if as_ == "image" and not picture:
        raise ArgumentError(
            f"A {named(one.mime)} is not a picture that can be shown (PNG, JPEG, GIF, WebP).",
            "Leave as away to read its text, or save it.",
        )
    if picture and as_ != "text":
        return await _picture(google, one, passed, revision)
    found = await loaded(google, one, revision)
    made = await text(one, found, pages, offset + 2 * limit)
    if made is None:
        google_type = importable(one.name, one.mime)
        raise ArgumentError(
            f"That {named(one.mime)} file holds no text that can be read.",
            f"drive_organize action=copy convert={google_type} makes one that does."
            if google_type
            else 'save="." writes it to disk.',
        )
    return Text(one, passed, made, offset, limit, revision)


async def _picture(
    google: Google, file: File, passed: Sequence[File], revision: str | None
) -> Picture:
    if file.size is not None and file.size > LARGEST_PICTURE:
        raise ArgumentError(
            f"That picture has {size(file.size)}; {size(LARGEST_PICTURE)} can be shown.",
            'save="." writes it to disk.',
        )
    found = await loaded(google, file, revision)
    if len(found.data) > LARGEST_PICTURE:
        raise ArgumentError("That drawing is too large to be shown.", 'save="." writes it to disk.')
    return Picture(file, passed, found)
