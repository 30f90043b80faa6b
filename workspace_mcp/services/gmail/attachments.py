"""What is attached to a mail: as text, as a picture, or as a file on disk.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages.attachments/get
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Annotated, Final, Literal

import anyio
import anyio.to_thread
from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats.extract import Extracted, text_of
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.payload import Leaf, Mail, mail
from workspace_mcp.formats.show import piece, size
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.invitation import Invitation
from workspace_mcp.services.gmail.letter import file_line
from workspace_mcp.services.gmail.mailbox import MESSAGES
from workspace_mcp.services.gmail.parts import part_bytes
from workspace_mcp.services.gmail.sender import decoded
from workspace_mcp.tools import Clock, Effect, Image, Tier, View, tool

LARGEST: Final = 36_000_000
"""Bytes of a file. Google gives attachments as base64 in JSON, so they pass through memory."""
LARGEST_PICTURE: Final = 1_000_000
"""Bytes of a picture for the model; clients refuse or shrink larger ones."""

_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_ICS: Final = frozenset({"text/calendar", "application/ics"})
_ROOM: Final = 9_000
_SECONDS: Final = 20.0
_LISTED: Final = 60


@dataclass(frozen=True, slots=True)
class Listing(View):
    """What is attached, by number."""

    message_id: str
    files: Sequence[Leaf]

    def text(self, fence: Fence) -> str:
        """A line each, then how to get one."""
        if not self.files:
            return "Nothing is attached to this message."
        lines = [file_line(number, leaf, fence) for number, leaf in enumerate(self.files, 1)]
        if len(lines) > _LISTED:
            lines[_LISTED:] = [f"and {len(lines) - _LISTED} more, numbered on"]
        call = f'gmail_attachment(message_id="{self.message_id}", name="1")'
        return "\n".join((*lines, f"Get one by number or name: {call}"))


@dataclass(frozen=True, slots=True)
class Text(View):
    """The text of an attachment from `offset`, as much as fits."""

    number: int
    leaf: Leaf
    found: Extracted
    invitation: Invitation | None
    zone: tzinfo
    offset: int

    def text(self, fence: Fence) -> str:
        """The title, the text, what is missing."""
        lines = [file_line(self.number, self.leaf, fence)]
        if self.invitation is not None and not self.offset:
            lines.append(self.invitation.text(fence, self.zone))
        rest = self.found.text[self.offset :]
        if rest.strip():
            fitting = len(rest.encode()[:_ROOM].decode(errors="ignore"))
            cut = piece(self.found.text, self.offset, fitting)
            lines.append(fence.block("attachment text", cut.text))
            if cut.end is not None:
                lines.append(f"[cut here: {cut.left:,} more characters; offset={cut.end} goes on]")
        elif self.offset:
            lines.append(f"The text ends before offset {self.offset}.")
        elif not self.found.note:
            lines.append("It holds no text.")
        return "\n".join((*lines, self.found.note) if self.found.note else lines)


@dataclass(frozen=True, slots=True)
class Picture(View):
    """A picture for the model."""

    number: int
    leaf: Leaf
    data: bytes

    def text(self, fence: Fence) -> str:
        """The title."""
        return file_line(self.number, self.leaf, fence)

    def images(self) -> Sequence[Image]:
        """The picture itself."""
        return (Image(self.data, self.leaf.mime),)


@dataclass(frozen=True, slots=True)
class Saved(View):
    """A file that was written into the download folder."""

    number: int
    leaf: Leaf
    path: str

    def text(self, fence: Fence) -> str:
        """What, and where it is."""
        return f"Saved {file_line(self.number, self.leaf, fence)}\n{fence.line(self.path, 2_000)}"


@tool(
    title="Mail attachment",
    needs=[Scope.GMAIL_READONLY],
    effect=Effect.READS,
    tier=Tier.CORE,
)
async def gmail_attachment(
    google: Google,
    files: LocalFiles,
    clock: Clock,
    message_id: str,
    name: Annotated[str | None, Field(description="Or number; omit to list.")] = None,
    as_: Annotated[
        Literal["text", "image", "file"] | None,
        Field(description="Default text, for pictures image; file saves it."),
    ] = None,
    pages: Annotated[str | None, Field(description="1-3,7")] = None,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> View:
    """Get an attachment: text of PDF, Office, CSV, ICS; a picture; or saved to disk."""
    message = await google.get(MESSAGES.item(message_id), format="full", fields="id,payload")
    found = mail(message.get("payload", {}))
    if name is None:
        return Listing(message_id, found.attachments)
    number, leaf = pick(found, name)
    if leaf.size > LARGEST:
        raise ArgumentError(
            f"That attachment has {size(leaf.size)}; {size(LARGEST)} are the most that can be had.",
            "The user can download it in Gmail.",
        )
    wanted = as_ or ("image" if leaf.mime in _PICTURES else "text")
    if wanted == "image":
        _check_picture(leaf)
    data = leaf.data if leaf.data is not None else await part_bytes(google, message_id, leaf)
    if wanted == "file":
        path = await anyio.to_thread.run_sync(
            files.save, decoded(leaf.name) or f"attachment {number}", data
        )
        return Saved(number, leaf, str(path))
    if wanted == "image":
        return Picture(number, leaf, data)
    return await _text(number, leaf, data, pages, offset, clock.zone)


def pick(found: Mail, name: str) -> tuple[int, Leaf]:
    """The attachment that `name` means: its name, else its number (from 1), and that number.

    Raises:
        ArgumentError: none, or several of that name.
    """
    files = found.attachments
    wanted = name.strip()
    same = [
        (number, leaf)
        for number, leaf in enumerate(files, 1)
        if wanted in {leaf.name, decoded(leaf.name)}
    ]
    if len(same) == 1:
        return same[0]
    if len(same) > 1:
        numbers = ", ".join(str(number) for number, _ in same)
        raise ArgumentError(f"{len(same)} attachments have that name.", f"Take one of {numbers}.")
    if re.fullmatch(r"[0-9]{1,5}", wanted) and 0 < int(wanted) <= len(files):
        return int(wanted), files[int(wanted) - 1]
    raise ArgumentError(
        "The message has no such attachment.",
        f"It has {len(files)}: without name they are listed." if files else "It has none.",
    )


def _check_picture(leaf: Leaf) -> None:
    if leaf.mime not in _PICTURES:
        raise ArgumentError(
            "That attachment is not a picture that can be shown (PNG, JPEG, GIF, WebP).",
            'Take as="text", or as="file".',
        )
    if leaf.size > LARGEST_PICTURE:
        raise ArgumentError(
            f"That picture has {size(leaf.size)}; {size(LARGEST_PICTURE)} can be shown.",
            'as="file" saves it.',
        )


async def _text(
    number: int, leaf: Leaf, data: bytes, pages: str | None, offset: int, zone: tzinfo
) -> Text:
    found: Extracted | None = None
    with anyio.move_on_after(_SECONDS) as deadline:
        found = await anyio.to_thread.run_sync(
            partial(text_of, data, leaf.mime, leaf.name, pages), abandon_on_cancel=True
        )
    if deadline.cancelled_caught:
        raise ArgumentError("That file takes too long to read.", 'as="file" saves it.')
    if found is None:
        raise ArgumentError("That kind of file holds no text that can be read.", 'Take as="file".')
    calendar = leaf.mime in _ICS or leaf.name.lower().endswith(".ics")
    invitation = Invitation.from_text(found.text) if calendar else None
    return Text(number, leaf, found, invitation, zone, offset)
