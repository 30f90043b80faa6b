"""One message as a reader sees it: facts of ours, then its text, then what belongs to it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Self

from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.lookalike import NOBODY, Familiar
from workspace_mcp.formats.payload import Leaf, Mail, mail
from workspace_mcp.formats.show import local, size
from workspace_mcp.services.gmail.body import Written
from workspace_mcp.services.gmail.invitation import Invitation
from workspace_mcp.services.gmail.leaving import WayOut
from workspace_mcp.services.gmail.mailbox import Labels
from workspace_mcp.services.gmail.sender import (
    Person,
    author,
    decoded,
    people,
    quoted,
    warnings,
)
from workspace_mcp.services.gmail.summary import header_map, own_label, received

_PEOPLE_BYTES: Final = 1_000
_FILES_BYTES: Final = 1_200
_STATES: Final = ("UNREAD", "INBOX", "STARRED", "IMPORTANT", "SENT", "DRAFT", "SPAM", "TRASH")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message taken apart. `written` is None while its text has not been worked out."""

    id: str
    thread: str
    received: datetime
    labels: Sequence[str]
    headers: Mapping[str, str]
    """Lower-case name → the topmost value."""
    mail: Mail
    payload: Mapping[str, Any]
    written: Written | None = None
    invitation: Invitation | None = None
    familiar: Familiar = NOBODY
    """Whom the sender could pass for."""

    @classmethod
    def from_api(cls, message: Mapping[str, Any]) -> Self:
        """Read a `Message` that was fetched with `format=full` or `metadata`.

        Raises:
            KeyError: no `id`, so this is not a `Message`.
        """
        payload = message.get("payload", {})
        return cls(
            message["id"],
            message.get("threadId", message["id"]),
            received(message),
            tuple(message.get("labelIds", ())),
            header_map(payload),
            mail(payload),
            payload,
        )

    @property
    def own(self) -> bool:
        """Whether the account wrote it."""
        return not {"SENT", "DRAFT"}.isdisjoint(self.labels)

    @property
    def subject(self) -> str:
        """The stranger's words, not cleaned; "" when there is no subject."""
        return decoded(self.headers.get("subject", ""))

    @property
    def sender(self) -> Person:
        """Of From."""
        return author(self.headers.get("from", "")) or Person("", "unknown sender")

    def title(self, zone: tzinfo, labels: Labels, place: str) -> str:
        """The line that begins a message. `place` is like "2 of 3 ", or ""."""
        states = [labels.name(one) for one in _STATES if one in self.labels]
        states += sorted(labels.name(one) for one in self.labels if own_label(one))
        return ", ".join((f"{place}[{self.id}] {local(self.received, zone)}", *states))

    def head(self, fence: Fence, zone: tzinfo, *, subject: bool) -> Iterator[str]:
        """Lines between the title and the text."""
        if subject:
            yield f"Subject: {quoted(fence.line(self.subject, 300) or '(no subject)')}"
        for name in ("from", "to", "cc", "bcc"):
            if (found := people(self.headers.get(name, ""))) or name in {"from", "to"}:
                yield f"{name.capitalize()}: {listed(found, fence)}"
        replies = people(self.headers.get("reply-to", ""))
        if {one.address.lower() for one in replies} - {self.sender.address.lower()}:
            yield f"Reply-To: {listed(replies, fence)}"
        if found := warnings(self.headers, own=self.own, familiar=self.familiar):
            yield f"Beware: {', '.join(found)}"
        if self.invitation is not None:
            yield self.invitation.text(fence, zone)
        if files := self.mail.attachments:
            yield f"Files: {listed_files(files, fence)}"

    def tail(self) -> Iterator[str]:
        """Lines below the text."""
        yield from self.written.notes if self.written else ()
        if (way := WayOut.from_headers(self.headers)) is not None and not self.own:
            yield f"Unsubscribe: {way.text()}"


def listed(found: Sequence[Person], fence: Fence) -> str:
    """Everybody, as far as there is room, and how many are left out."""
    return _fitting([person.text(fence) for person in found], _PEOPLE_BYTES) or "nobody"


def listed_files(files: Sequence[Leaf], fence: Fence) -> str:
    """Like `1 "invoice.pdf" application/pdf 48 kB; 2 …`."""
    return _fitting(
        [file_line(number, leaf, fence) for number, leaf in enumerate(files, 1)], _FILES_BYTES, "; "
    )


def file_line(number: int, leaf: Leaf, fence: Fence) -> str:
    """Number, name, type and size of an attachment."""
    name = quoted(fence.line(decoded(leaf.name), 100)) if leaf.name else "(no name)"
    inside = ", picture in the text" if leaf.inline and leaf.mime.startswith("image/") else ""
    return f"{number} {name} {_kind(leaf.mime)} {size(leaf.size)}{inside}"


def _kind(mime: str) -> str:
    return mime if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,80}", mime) else "unknown type"


def _fitting(entries: Sequence[str], room: int, gap: str = ", ") -> str:
    shown: list[str] = []
    for entry in entries:
        room -= len(entry.encode()) + len(gap)
        if shown and room < 0:
            break
        shown.append(entry)
    left = len(entries) - len(shown)
    return gap.join(shown) + (f"{gap}and {left} more" if left else "")
