"""One line of a mailbox: who, what, when, and the id to ask for more.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages
"""

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Self

from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.lookalike import NOBODY, Familiar
from workspace_mcp.services.gmail.mailbox import Labels
from workspace_mcp.services.gmail.sender import (
    Person,
    author,
    decoded,
    people,
    quoted,
    warnings,
)
from workspace_mcp.tools import JsonObject

_PART: Final = "partId,mimeType,filename,headers,body/size"
FIELDS: Final = (
    "id,threadId,labelIds,snippet,internalDate,"
    f"payload({_PART},parts({_PART},parts({_PART},parts({_PART},parts({_PART})))))"
)
"""What to ask for with `format=full`: everything of a summary, no body. A read costs the same
whatever it brings, and `format=metadata` has no file names."""

KEPT: Final = frozenset({
    "list-unsubscribe", "list-unsubscribe-post", "list-id", "authentication-results",
    "dkim-signature", "from", "reply-to",
})  # fmt: skip
"""Headers that a summary keeps besides those of its own fields."""

_SHOWN_LABELS: Final = ("INBOX", "STARRED", "DRAFT", "SPAM", "TRASH")
_OWN_LABELS: Final = 4
_DEEPEST: Final = 10
_LONGEST_KEPT: Final = 4_000


@dataclass(frozen=True, slots=True)
class Room:
    """How many characters a line has for a stranger's texts."""

    subject: int
    snippet: int
    name: int
    file: int = 40


ROOMS: Final = (Room(150, 140, 80), Room(100, 80, 50), Room(70, 40, 30), Room(50, 0, 20, 12))
"""From the widest to the narrowest; twenty lines of the narrowest never fill 10 kB."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a search shows of one message. All texts are the stranger's, and not cleaned."""

    id: str
    thread: str
    sender: Person
    to: tuple[Person, ...]
    subject: str
    received: datetime
    labels: frozenset[str]
    snippet: str
    files: tuple[str, ...]
    headers: Mapping[str, str]

    @classmethod
    def from_api(cls, message: Mapping[str, Any]) -> Self:
        """Read a `Message` that was fetched with `FIELDS`.

        `internalDate` is a decimal string of milliseconds since 1970-01-01T00:00Z: when Google
        took the message in. The `Date` header is only the sender's claim. `received` is aware,
        in UTC. A header that is absent becomes "".
        """
        payload = message.get("payload", {})
        headers = header_map(payload)
        return cls(
            id=message["id"],
            thread=message.get("threadId", message["id"]),
            sender=author(headers.get("from", "")) or Person("", "unknown sender"),
            to=people(headers.get("to", "")),
            subject=decoded(headers.get("subject", "")),
            received=received(message),
            labels=frozenset(message.get("labelIds", ())),
            snippet=html.unescape(message.get("snippet", "")),
            files=tuple(file_names(payload)),
            headers={
                name: value[:_LONGEST_KEPT] for name, value in headers.items() if name in KEPT
            },
        )

    def with_labels(self, labels: frozenset[str]) -> Self:
        """The same message, relabelled."""
        return replace(self, labels=labels)

    def text(
        self,
        fence: Fence,
        zone: tzinfo,
        labels: Labels,
        *,
        shown_id: str,
        messages: int = 1,
        room: Room = ROOMS[0],
        unsaid: frozenset[str] = frozenset(),
        familiar: Familiar = NOBODY,
    ) -> str:
        """One line of facts and one of the text's beginning; * marks unread.

        Labels that are `unsaid` go without saying. What speaks against the sender stands behind
        them; `familiar` are those whom they could pass for.

        Like `* Fri 2026-11-20 09:30  Ana <ana@example.com>  "Invoice"  2 match, inbox  [18c2f]`.
        """
        mark = "*" if "UNREAD" in self.labels else " "
        notes = ", ".join(self._notes(fence, labels, messages, room, unsaid))
        parts = (
            f"{mark} {self.received.astimezone(zone):%a %Y-%m-%d %H:%M}",
            self._who(fence, room.name),
            self._doubts(familiar),
            quoted(fence.line(self.subject, room.subject) or "(no subject)"),
            notes,
            f"[{shown_id}]",
        )
        head = "  ".join(part for part in parts if part)
        snippet = fence.line(self.snippet, room.snippet) if room.snippet else ""
        return f"{head}\n    {quoted(snippet)}" if snippet else head

    def _who(self, fence: Fence, name_limit: int) -> str:
        """The sender; for mail that the account wrote, whom it is to."""
        if not self.labels & {"SENT", "DRAFT"} or not self.to:
            return self.sender.text(fence, name_limit)
        others = len(self.to) - 1
        more = f" and {others} more" if others else ""
        return f"to {self.to[0].text(fence, name_limit)}{more}"

    def _doubts(self, familiar: Familiar) -> str:
        own = bool(self.labels & {"SENT", "DRAFT"})
        found = warnings(self.headers, own=own, familiar=familiar, checked_only=True)
        return f"BEWARE {', '.join(found)}" if found else ""

    def _notes(
        self, fence: Fence, labels: Labels, messages: int, room: Room, unsaid: frozenset[str]
    ) -> Iterator[str]:
        if messages > 1:
            yield f"{messages} match"
        if self.files:
            first = quoted(fence.line(self.files[0], room.file))
            yield first if len(self.files) == 1 else f"{len(self.files)} files ({first}, …)"
        shown = self.labels - unsaid
        yield from (labels.name(one) for one in _SHOWN_LABELS if one in shown)
        own = sorted(labels.name(one) for one in shown if own_label(one))
        yield from (fence.line(name, room.file) for name in own[:_OWN_LABELS])
        if len(own) > _OWN_LABELS:
            yield f"and {len(own) - _OWN_LABELS} labels"


def fitting(render: Callable[[Room], str], most: int) -> str:
    """What `render` gives with the widest room in which it has at most `most` bytes."""
    text = ""
    for room in ROOMS:
        text = render(room)
        if len(text.encode()) <= most:
            break
    return text


def own_label(identifier: str) -> bool:
    """Whether a label is one that the person made."""
    return identifier.startswith("Label_")


def header_map(payload: Mapping[str, Any]) -> dict[str, str]:
    """Lower-case name → the topmost value, of a message's or part's headers."""
    found: dict[str, str] = {}
    for header in payload.get("headers", ()):
        found.setdefault(str(header.get("name", "")).lower(), str(header.get("value", "")))
    return found


def received(message: Mapping[str, Any]) -> datetime:
    """When Google took the message in, in UTC."""
    return datetime.fromtimestamp(int(message.get("internalDate", "0")) / 1000, UTC)


def file_names(payload: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Names of the attached files, in order; pictures that belong into the text are none."""
    part: JsonObject
    for part in payload.get("parts", ()) if depth < _DEEPEST else ():
        if part.get("filename") and not _in_the_text(part):
            yield decoded(part["filename"])
        if part.get("mimeType") != "message/rfc822":
            yield from file_names(part, depth + 1)


def _in_the_text(part: Mapping[str, Any]) -> bool:
    headers = header_map(part)
    inline = headers.get("content-disposition", "").lower().startswith("inline")
    return inline and "content-id" in headers and part.get("mimeType", "").startswith("image/")
