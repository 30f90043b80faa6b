"""Messages as bytes: composed, completed and addressed as Google and other mail programs do it."""

import re
from datetime import datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, formataddr, getaddresses, parseaddr
from typing import Any

from workspace_mcp.demo.gmail import mime
from workspace_mcp.demo.gmail.records import Mail


def stamped(sender: str, own: str, headers: dict[str, str]) -> dict[str, str]:
    """With the verdict that Google puts on what comes in, unless the scenario gives another."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    if "Authentication-Results" in headers or parseaddr(sender)[1].lower() == own:
        return headers
    verdict = (
        f"mx.google.com; dkim=pass header.i=@{domain}; spf=pass smtp.mailfrom={domain}; "
        f"dmarc=pass header.from={domain}"
    )
    return {"Authentication-Results": verdict, **headers}


def bare_subject(subject: str) -> str:
    """Without "Re:", "Fwd:" and the like, lower-case: what decides about a thread."""
    return re.sub(r"^(\s*(re|fwd?|aw|wg)\s*:)+", "", subject, flags=re.IGNORECASE).strip().lower()


def recipients(message: Message) -> list[str]:
    """Every address of To, Cc and Bcc, lower-case."""
    fields = [mime.header(message, name) for name in ("To", "Cc", "Bcc")]
    return [address.lower() for _, address in getaddresses(fields) if "@" in address]


def criteria_query(criteria: dict[str, Any]) -> str:
    """A filter's criteria as a search."""
    parts = [
        f"{name}:({criteria[name]})" for name in ("from", "to", "subject") if criteria.get(name)
    ]
    parts += [criteria["query"]] if criteria.get("query") else []
    parts += [f"-({criteria['negatedQuery']})"] if criteria.get("negatedQuery") else []
    parts += ["has:attachment"] if criteria.get("hasAttachment") else []
    if criteria.get("size"):
        larger = criteria.get("sizeComparison") != "smaller"
        parts.append(f"{'larger' if larger else 'smaller'}:{criteria['size']}")
    return " ".join(parts)


def completed(raw: bytes, email: str, name: str, message_id: str, now: datetime) -> bytes:
    """The message with the headers that Google sets itself: From, Date, Message-ID."""

    text = re.sub(rb"\r?\n", b"\r\n", raw)
    head, gap, body = text.partition(b"\r\n\r\n")
    head = re.sub(rb"(?im)^message-id:.*(\r\n[ \t].*)*(\r\n)?", b"", head).strip(b"\r\n")
    message = mime.parse(head + b"\r\n\r\n")
    added: list[str] = []
    if not mime.header(message, "From"):
        added.append(f"From: {formataddr((name, email))}")
    if not message.get("Date"):
        added.append(f"Date: {format_datetime(now)}")
    added.append(f"Message-ID: {message_id}")
    return head + b"\r\n" + "\r\n".join(added).encode() + b"\r\n\r\n" + (body if gap else b"")


def compose(
    sender: str, to: str, subject: str, text: str, *, html: str | None, cc: str, at: datetime,
    message_id: str, headers: dict[str, str], attachments: tuple[tuple[str, str, bytes], ...],
    reply_to: Mail | None,
) -> bytes:  # fmt: skip
    """A message as another mail program would write it."""

    built = EmailMessage(policy=SMTP.clone(max_line_length=998))
    built["From"], built["To"] = sender, to
    if cc:
        built["Cc"] = cc
    built["Subject"], built["Date"], built["Message-ID"] = subject, format_datetime(at), message_id
    if reply_to is not None:
        before = reply_to.header("Message-ID")
        built["In-Reply-To"] = before
        built["References"] = f"{reply_to.header('References')} {before}".strip()
    for name, value in headers.items():
        built[name] = value
    built.set_content(text or ("" if html is None else " "))
    if html is not None:
        if text:
            built.add_alternative(html, subtype="html")
        else:
            built.set_content(html, subtype="html")
    for name, kind, data in attachments:
        main, _, sub = kind.partition("/")
        built.add_attachment(data, maintype=main, subtype=sub, filename=name)
    mark = re.sub(r"\W", "", message_id)
    for number, part in enumerate(built.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{mark}_{number}")  # the same at every run
    return built.as_bytes()
