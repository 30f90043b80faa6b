"""Withholds the text of mail from people whom the account does not know, in whatever answer it comes."""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any, Final

from workspace_mcp.errors import PolicyError
from workspace_mcp.google.exchange import Answer, object_in
from workspace_mcp.policy.effects import GMAIL, Wire
from workspace_mcp.policy.rules import own_domain

Known = Callable[[Iterable[str]], Awaitable[frozenset[str]]]

SAID: Final = (
    "(Withheld: this account never wrote to the sender, and the server runs with --lockdown. "
    "The person can read the mail in Gmail.)"
)
_READS: Final = re.compile(r"/gmail/v1/users/[^/]+/(?:threads|(?:messages|threads|drafts)/[^/]+)")
_ATTACHMENT: Final = re.compile(r"(/gmail/v1/users/[^/]+/messages/[^/]+)/attachments/[^/]+")
_FAILED: Final = re.compile(r"\b(?:dmarc|spf|dkim)=(?:fail|softfail|permerror)\b", re.IGNORECASE)
_PASSED: Final = re.compile(r"\bdmarc=pass\b", re.IGNORECASE)
_KEPT: Final = ("From", "To", "Cc", "Date", "Subject", "Message-ID", "Reply-To")
"""Headers of a saved mail that stay."""


def attachment(wire: Wire) -> str:
    """The path of the message whose attachment is asked for; "" for other requests."""
    found = _ATTACHMENT.fullmatch(wire.path) if wire.host == GMAIL else None
    return found[1] if found else ""


def refused() -> PolicyError:
    """Why an attachment is not fetched."""
    return PolicyError(f"{SAID[1:-1]}", "Its headers can be read.")


def reads_mail(wire: Wire) -> bool:
    """Whether an answer can hold the text of a mail."""
    return wire.host == GMAIL and wire.method == "GET" and bool(_READS.fullmatch(wire.path))


async def withheld(answer: Answer, account: str, known: Known) -> Answer:
    """An answer whose messages from unknown senders have their headers alone."""
    if (body := object_in(answer.body)) is None:
        return answer
    for one in await strangers(body, account, known):
        _strip(one)
    for one in (body, *body.get("threads", ())):
        if "snippet" in one and "payload" not in one:
            one["snippet"] = ""
    return Answer(answer.status, answer.headers, json.dumps(body).encode())


async def strangers(body: Mapping[str, Any], account: str, known: Known) -> list[dict[str, Any]]:
    """The messages of an answer (a message, thread or draft) that unknown people wrote."""
    messages = [
        one for one in body.get("messages") or [body.get("message", body)] if isinstance(one, dict)
    ]
    senders = [_sender(one) for one in messages]
    asked = {one for one in senders if one and not _own(one, account)}
    friends = await known(asked) if asked else frozenset[str]()
    return [
        message
        for message, sender in zip(messages, senders, strict=True)
        if sender is not None and not (sender and (_own(sender, account) or sender in friends))
    ]


def _own(sender: str, account: str) -> bool:
    return sender == account or own_domain(sender, account)


def _sender(message: Mapping[str, Any]) -> str | None:
    """Who wrote a message, in small letters: "" for who cannot be believed; None when it has no text."""
    labels = set(message.get("labelIds", ()))
    if not {"payload", "snippet", "raw"} & set(message) or labels & {"SENT", "DRAFT"}:
        return None
    headers = _headers(message)
    address = parseaddr(headers.get("from", ""))[1].lower()
    verdict = headers.get("authentication-results", "")
    if _FAILED.search(verdict) and not _PASSED.search(verdict):
        return ""
    return address


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    """The topmost header of each name, in small letters; of other hosts' verdicts none."""
    found: dict[str, str] = {}
    pairs = [
        (str(one.get("name", "")), str(one.get("value", "")))
        for one in message.get("payload", {}).get("headers", ())
    ]
    if "raw" in message:
        pairs += [(name, str(value)) for name, value in _parsed(message).items()]
    for name, value in pairs:
        key = name.lower()
        if key == "authentication-results" and not value.strip().startswith("mx.google.com"):
            continue
        found.setdefault(key, value)
    return found


def _parsed(message: Mapping[str, Any]) -> Message:
    text = str(message["raw"])
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return BytesHeaderParser().parsebytes(data)


def _strip(message: dict[str, Any]) -> None:
    if "snippet" in message:
        message["snippet"] = ""
    if "raw" in message:
        message["raw"] = _encoded(_bare(_parsed(message)))
    if "payload" in message:
        headers = [
            one for one in message["payload"].get("headers", ())
            if not str(one.get("name", "")).lower().startswith(("content-", "mime-"))
        ]  # fmt: skip
        message["payload"] = {
            "partId": "", "mimeType": "text/plain", "filename": "", "headers": headers,
            "body": {"size": len(SAID), "data": _encoded(SAID)},
        }  # fmt: skip


def _bare(parsed: Message) -> str:
    lines = [f"{name}: {parsed[name]}" for name in _KEPT if name in parsed]
    return "\r\n".join([*lines, "", SAID])


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode()
