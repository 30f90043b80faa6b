"""A mail as Gmail's API gives it → its headers, its text and its attachments. No I/O.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#messagepart
"""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.formats.clean import clean_line

DEEPEST: Final = 20
"""Parts inside parts; deeper ones are not looked at."""
_STUBS: Final = (
    "your client does not support html", "view this mail in your browser",
    "view this email in your browser", "this is an html", "html version of this",
    "please use an html",
)  # fmt: skip
_NESTED: Final = "message/rfc822"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part without parts. `data` is None when Gmail gives only `attachment_id` for it."""

    part_id: str
    mime: str
    name: str
    size: int
    charset: str
    data: bytes | None
    attachment_id: str = ""
    content_id: str = ""
    inline: bool = False
    nested: bool = False
    """Inside a forwarded message."""
    flowed: bool = False

    def text(self, data: bytes | None = None) -> str:
        """The part as text, by its charset or the best guess; `data` stands in for what is missing."""
        return decoded(self.data if data is None else data, self.charset)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message taken apart. `headers` are lower-case names with every value, in order."""

    headers: Mapping[str, Sequence[str]]
    leaves: Sequence[Leaf] = field(default_factory=tuple)

    def header(self, name: str) -> str:
        """The first value of a header on one line, cleaned; "" when there is none."""
        values = self.headers.get(name.lower(), ())
        return clean_line(values[0]) if values else ""

    @property
    def attachments(self) -> Sequence[Leaf]:
        """What a person would call an attachment, in order; their numbers are 1, 2, 3 …"""
        return tuple(leaf for leaf in self.leaves if attached(leaf))

    @property
    def html(self) -> Leaf | None:
        """The HTML body."""
        return self._body("text/html")

    @property
    def plain(self) -> Leaf | None:
        """The plain body."""
        return self._body("text/plain")

    @property
    def calendar(self) -> Leaf | None:
        """The invitation that the mail carries."""
        kinds = {"text/calendar", "application/ics"}
        found = [
            leaf for leaf in self.leaves if leaf.mime in kinds or leaf.name.lower().endswith(".ics")
        ]
        return found[0] if found else None

    def _body(self, mime: str) -> Leaf | None:
        found = [leaf for leaf in self.leaves if leaf.mime == mime and not attached(leaf)]
        outer = [leaf for leaf in found if not leaf.nested] or found
        return outer[0] if outer else None


def attached(leaf: Leaf) -> bool:
    """Whether a leaf is an attachment rather than a body."""
    if leaf.name:
        return True
    return not leaf.mime.startswith("text/") and leaf.mime != _NESTED and leaf.size > 0


def mail(payload: Mapping[str, Any]) -> Mail:
    """Read a `MessagePart`, the `payload` of a message with `format=full` (or `metadata`)."""
    headers: dict[str, list[str]] = {}
    for one in payload.get("headers", ()):
        headers.setdefault(one["name"].lower(), []).append(one["value"])
    return Mail(headers, tuple(_leaves(payload, 0, nested=False)))


def _leaves(part: Mapping[str, Any], depth: int, *, nested: bool) -> Iterator[Leaf]:
    mime = str(part.get("mimeType", "text/plain")).lower()
    children = part.get("parts", ())
    body = part.get("body", {})
    if not mime.startswith("multipart/") and (not children or body.get("attachmentId")):
        yield _leaf(part, mime, body, nested=nested)
    if depth < DEEPEST:
        for child in children:
            yield from _leaves(child, depth + 1, nested=nested or mime == _NESTED)


def _leaf(part: Mapping[str, Any], mime: str, body: Mapping[str, Any], *, nested: bool) -> Leaf:
    headers = {one["name"].lower(): one["value"] for one in part.get("headers", ())}
    kind = headers.get("content-type", "")
    disposition = headers.get("content-disposition", "").strip().lower()
    return Leaf(
        part.get("partId", ""),
        mime,
        clean_line(part.get("filename", "")),
        int(body.get("size", 0)),
        _parameter(kind, "charset"),
        unbase64(body["data"])
        if "data" in body
        else (b"" if not body.get("attachmentId") else None),
        body.get("attachmentId", ""),
        headers.get("content-id", "").strip("<> "),
        disposition.startswith("inline") or bool(headers.get("content-id")),
        nested,
        _parameter(kind, "format").lower() == "flowed",
    )


def _parameter(header: str, name: str) -> str:
    found = re.search(rf'{name}\s*=\s*"?([^";\s]+)', header, re.IGNORECASE)
    return found[1] if found else ""


def unbase64(text: str) -> bytes:
    """base64url with or without padding; b"" for what is none."""
    plain = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return b""


def decoded(data: bytes | None, charset: str) -> str:
    """Bytes as text: UTF-8 when they are UTF-8, else by `charset`, else Windows-1252."""
    if not data:
        return ""
    try:
        return data.decode("utf-8-sig" if not _stateful(charset) else charset)
    except (ValueError, LookupError):  # a charset may hold anything, a NUL included
        pass
    own = charset if charset and not charset.lower().startswith("utf") else "cp1252"
    try:
        return data.decode(own, "replace")
    except (ValueError, LookupError):
        return data.decode("cp1252", "replace")


def _stateful(charset: str) -> bool:
    """Encodings whose bytes are ASCII and yet no UTF-8 text."""
    try:
        name = codecs.lookup(charset).name if charset else ""
    except (ValueError, LookupError):
        return False
    return name.startswith(("iso2022", "utf-7", "hz", "utf-16", "utf-32"))


def unflowed(text: str) -> str:
    """`format=flowed` text with its soft line breaks taken out.

    Source: RFC 3676, 4.1
    """
    lines: list[str] = []
    soft = False
    for line in text.replace("\r\n", "\n").split("\n"):
        quoted = line.startswith(">")
        plain = line if quoted else line.removeprefix(" ")
        if soft and lines and not quoted:
            lines[-1] += plain
        else:
            lines.append(plain)
        soft = plain.endswith(" ") and plain != "-- " and not quoted
    return "\n".join(line if line == "-- " else line.rstrip() for line in lines)


def is_stub(text: str) -> bool:
    """Whether a plain part only points at the HTML one."""
    words = clean_line(text).lower()
    return not words or (len(words) < 200 and any(stub in words for stub in _STUBS))


def escaped_html(text: str) -> str:
    """Text that is HTML whose tags were escaped once too often, put right; other text as it is."""
    if re.match(r"\s*&lt;(!doctype|html|body|div|p|table)\b", text, re.IGNORECASE):
        return html.unescape(text)
    return text
