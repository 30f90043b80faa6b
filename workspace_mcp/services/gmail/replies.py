"""The message that is answered or passed on: which one of a thread, to whom, under which subject.

Source: developers.google.com/workspace/gmail/api/guides/threads
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from selectolax.lexbor import LexborHTMLParser

from workspace_mcp.errors import NotFoundError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.formats.mime import Address, Attachment
from workspace_mcp.formats.payload import Leaf, Mail, mail
from workspace_mcp.formats.quoting import Original
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.identity import Identity
from workspace_mcp.services.gmail.mailbox import MESSAGES, THREADS
from workspace_mcp.services.gmail.parts import part_bytes
from workspace_mcp.services.gmail.sender import decoded, people

_PASSED_OVER: Final = frozenset({"DRAFT", "TRASH", "SPAM", "CHAT"})
_REACTION: Final = "text/vnd.google.email-reaction+json"
_MESSAGE_ID: Final = re.compile(r"<[^<>\s\x00-\x1f]{1,250}>", re.ASCII)
_REFERENCES: Final = 50


@dataclass(frozen=True, slots=True)
class Before:
    """A message that a new one follows."""

    id: str
    thread_id: str
    labels: frozenset[str]
    mail: Mail
    date: datetime

    @classmethod
    def from_api(cls, message: Mapping[str, Any]) -> Self:
        """Read a `Message` that was fetched with `format=full`."""
        return cls(
            message["id"],
            message["threadId"],
            frozenset(message.get("labelIds", ())),
            mail(message["payload"]),
            datetime.fromtimestamp(int(message["internalDate"]) / 1000, UTC),
        )

    @property
    def message_id(self) -> str:
        """Its own id in angle brackets, "" when it has none that a header may hold."""
        found = _MESSAGE_ID.findall(self.mail.header("message-id"))
        return found[0] if found else ""

    @property
    def references(self) -> tuple[str, ...]:
        """The chain for an answer: what it refers to, and itself."""
        chain: list[str] = _MESSAGE_ID.findall(
            self.mail.header("references") or self.mail.header("in-reply-to")
        )
        own = [self.message_id] if self.message_id else []
        return tuple(dict.fromkeys([*chain, *own]))[-_REFERENCES:]

    def addresses(self, *names: str) -> list[Address]:
        """Everybody in these headers."""
        return [
            Address(clean_line(one.name), one.address)
            for name in names
            for value in self.mail.headers.get(name, ())
            for one in people(value)
        ]

    def subject(self, prefix: str) -> str:
        """`prefix` ("Re", "Fwd") and the subject, the prefix once."""
        bare = clean_line(decoded(self.mail.header("subject")))
        mark = r"re|aw|sv" if prefix == "Re" else r"fwd?|wg"
        return (
            bare
            if re.match(rf"\s*(?:{mark})\s*:", bare, re.IGNORECASE)
            else f"{prefix}: {bare}".strip()
        )


async def before(google: Google, identifier: str) -> Before:
    """The message that an id means: itself, or the one of a thread that an answer belongs to.

    Raises:
        NotFoundError: neither message nor thread.
    """
    try:
        found = Before.from_api(await google.get(MESSAGES.item(identifier), format="full"))
    except NotFoundError:
        return newest(await _thread(google, identifier))
    if found.id != found.thread_id:
        return found
    return newest(await _thread(google, identifier))


async def _thread(google: Google, identifier: str) -> list[Before]:
    answer = await google.get(THREADS.item(identifier), format="full")
    return [Before.from_api(message) for message in answer.get("messages", ())]


def newest(thread: Sequence[Before]) -> Before:
    """The newest message that a person would answer: no draft, nothing trashed, no reaction."""
    good = [
        one
        for one in thread
        if not one.labels & _PASSED_OVER
        and not any(leaf.mime == _REACTION for leaf in one.mail.leaves)
    ]
    return max(good or thread, key=lambda one: one.date)


def answered(
    target: Before, identity: Identity, *, everybody: bool
) -> tuple[list[Address], list[Address]]:
    """To and Cc of an answer. An answer to one's own message goes to whom that went to."""
    own = identity.own
    mine = any(one.email.lower() in own for one in target.addresses("from"))
    first = (
        target.addresses("to") if mine else target.addresses("reply-to") or target.addresses("from")
    )
    to = _others(first, own) or list(first[:1])
    if not everybody:
        return to, []
    if not mine:
        to = _others([*to, *target.addresses("to")], own) or to
    taken = {one.email.lower() for one in to}
    return to, _others(target.addresses("cc"), own | taken)


def _others(found: Iterable[Address], without: frozenset[str] | set[str]) -> list[Address]:
    kept: dict[str, Address] = {}
    for one in found:
        if one.email.lower() not in without:
            kept.setdefault(one.email.lower(), one)
    return list(kept.values())


async def original(google: Google, target: Before, zone_date: datetime) -> Original:
    """The message as it stands in a quote. `zone_date` is its date in the zone to show."""
    page = await _text(google, target, target.mail.html)
    plain = await _text(google, target, target.mail.plain)
    text = html_text(page).text if page and not plain.strip() else plain
    sender = target.addresses("from")
    return Original(
        str(sender[0]) if sender else "", ", ".join(map(str, target.addresses("to"))),
        ", ".join(map(str, target.addresses("cc"))), clean_line(decoded(target.mail.header("subject"))),
        zone_date, text, inner_html(page) if page else "",
    )  # fmt: skip


async def _text(google: Google, target: Before, leaf: Leaf | None) -> str:
    if leaf is None:
        return ""
    return leaf.text(await part_bytes(google, target.id, leaf) if leaf.data is None else None)


def inner_html(page: str) -> str:
    """What stands in the body of an HTML page, without scripts."""
    tree = LexborHTMLParser(page)
    tree.strip_tags(["script", "object", "embed", "iframe", "form", "meta", "link", "base"])
    body = tree.body
    return "" if body is None else (body.inner_html or "")


async def files(google: Google, target: Before, *, inline_only: bool) -> list[Attachment]:
    """What goes along: all attachments when a message is passed on, pictures of the quote else."""
    page = target.mail.html
    shown = page.text() if page is not None and page.data is not None else ""
    found: list[Attachment] = []
    for leaf in target.mail.attachments:
        pictured = bool(leaf.content_id) and f"cid:{leaf.content_id}" in shown
        if inline_only and not pictured:
            continue
        data = await part_bytes(google, target.id, leaf) if leaf.data is None else leaf.data
        found.append(
            Attachment(leaf.name or "image", leaf.mime, data, leaf.content_id if pictured else "")
        )
    return found
