"""RFC 822 bytes ↔ Gmail's `payload`. No I/O.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages
"""

import base64
import html
import re
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any, Final

from workspace_mcp.formats import tolerant

LARGE_TEXT: Final = 256 << 10
"""Bytes beyond which even a text part comes as an attachment id alone."""


def encode(data: bytes) -> str:
    """base64url, padded, as Google gives it."""
    return base64.urlsafe_b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """base64url, with or without padding.

    Raises:
        ValueError: it is not.
    """
    plain = re.sub(r"\s", "", text).rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9_+/-]*", plain):
        raise ValueError("not base64url")
    plain = plain.replace("+", "-").replace("/", "_")
    return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))


def parse(raw: bytes) -> Message:
    """The message of RFC 822 bytes; never fails."""
    return tolerant.message(raw)


def header(message: Message, name: str) -> str:
    """A header as a person reads it, or ""."""
    value = message.get(name)
    return "" if value is None else readable(str(value))


def readable(value: str) -> str:
    """Encoded words decoded, folding undone."""
    flat = re.sub(r"\r?\n[ \t]+", " ", value)
    try:
        return str(make_header(decode_header(flat)))
    except (LookupError, ValueError, MessageError):
        return flat


def content(part: Message) -> bytes:
    """A leaf's bytes, transfer encoding undone."""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0) if part.is_multipart() else None
        return inner.as_bytes() if isinstance(inner, Message) else b""
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def leaves(message: Message) -> Iterator[Message]:
    """Every part that is not a multipart, nested messages' parts included."""
    for part in message.walk():
        if (
            part.get_content_maintype() != "multipart"
            and part.get_content_type() != "message/rfc822"
        ):
            yield part


def filename(part: Message) -> str:
    """The name of an attachment, or ""."""
    return readable(part.get_filename() or "")


def text_of(part: Message) -> str:
    """A text part as text."""
    charset = part.get_content_charset() or "utf-8"
    try:
        return content(part).decode(charset, "replace")
    except LookupError:
        return content(part).decode("utf-8", "replace")


def visible_text(message: Message) -> str:
    """What search looks in: text parts, and HTML without tags."""
    found: list[str] = []
    for part in leaves(message):
        if part.get_content_maintype() != "text" or filename(part):
            continue
        text = text_of(part)
        if part.get_content_type() == "text/html":
            text = re.sub(r"<(style|script)\b[^>]*>[^<]*</\1>", " ", text, flags=re.IGNORECASE)
            text = html.unescape(re.sub(r"<[^>]{0,2000}>", " ", text))
        found.append(text)
    return "\n".join(found)


def snippet(message: Message) -> str:
    """The first 200 characters, HTML-escaped as Google's are."""
    for part in leaves(message):
        if part.get_content_type() in {"text/plain", "text/html"} and not filename(part):
            words = " ".join(visible_text_of(part).split())
            if words:
                return html.escape(words[:200], quote=True).replace("&#x27;", "&#39;")
    return ""


def visible_text_of(part: Message) -> str:
    """One text part's words."""
    text = text_of(part)
    if part.get_content_type() != "text/html":
        return text
    text = re.sub(r"<(style|script)\b[^>]*>[^<]*</\1>", " ", text, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"<[^>]{0,2000}>", " ", text))


def headers(part: Message) -> list[dict[str, str]]:
    """Headers in their order, readable."""
    return [{"name": name, "value": readable(str(value))} for name, value in part.items()]


def payload(
    part: Message, attachment: Callable[[str], str], part_id: str = "", *, bodies: bool = True
) -> dict[str, Any]:
    """Gmail's `MessagePart`. `attachment` gives an id for a part id."""
    kind = part.get_content_type()
    found: dict[str, Any] = {
        "partId": part_id,
        "mimeType": kind,
        "filename": filename(part),
        "headers": headers(part),
    }
    children = part.get_payload() if part.is_multipart() else []
    prefix = f"{part_id}." if part_id else ""
    found["body"] = (
        {"size": 0} if kind.startswith("multipart/") else _body(part, attachment, part_id)
    )
    if children and bodies:
        found["parts"] = [
            payload(child, attachment, f"{prefix}{number}")
            for number, child in enumerate(children)
            if isinstance(child, Message)
        ]
    return found


def _body(part: Message, attachment: Callable[[str], str], part_id: str) -> dict[str, Any]:
    data = content(part)
    nested = part.get_content_type() == "message/rfc822"
    if nested and not filename(part):
        return {"size": 0}
    if filename(part) or part.get_content_maintype() != "text" or len(data) > LARGE_TEXT:
        return {"attachmentId": attachment(part_id), "size": len(data)}
    return {"size": len(data), "data": encode(data)} if data else {"size": 0}


def part_at(message: Message, part_id: str) -> Message | None:
    """The part of an id such as "1.0"; "" is the whole message."""
    part: Message = message
    for step in part_id.split(".") if part_id else ():
        children: list[Message | str] = list(part.get_payload()) if part.is_multipart() else []
        if not (step.isdigit() and int(step) < len(children)):
            return None
        child = children[int(step)]
        if not isinstance(child, Message):
            return None
        part = child
    return part
