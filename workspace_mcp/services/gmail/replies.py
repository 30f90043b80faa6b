"""The message that is answered or passed on: which one of a thread, to whom, under which subject.

Source: developers.google.com/workspace/gmail/api/guides/threads
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.mime import Address, addresses
from workspace_mcp.formats.payload import Mail, mail
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.identity import Identity
from workspace_mcp.services.gmail.mailbox import MESSAGES, THREADS
from workspace_mcp.services.gmail.sender import decoded, people

_SET_ASIDE: Final = frozenset({"TRASH", "SPAM", "CHAT"})
_REACTION: Final = "text/vnd.google.email-reaction+json"
_ROBOT: Final = re.compile(r"(?i)\b(mailer-daemon|postmaster)@")
_MESSAGE_ID: Final = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,250}>", re.ASCII)
_REFERENCES: Final = 50
_MARKS: Final = {"Re": r"re|aw|sv|antw", "Fwd": r"fwd?|wg|tr|rv"}
_ANY_MARK: Final = re.compile(r"^(\s*(re|fwd?|aw|wg|sv|antw|tr|rv)\s*:)+", re.IGNORECASE)
_GLANCE: Final = (
    "messages(id,labelIds,internalDate,payload(mimeType,headers,parts(mimeType,parts/mimeType)))"
)
"""Enough of a thread to choose from it: no texts, no files."""


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
        """Read a `Message` that was fetched with `format=full`. `date` is aware, in UTC."""
        return cls(
            message["id"],
            message["threadId"],
            frozenset(message.get("labelIds", ())),
            mail(message["payload"]),
            datetime.fromtimestamp(int(message.get("internalDate", 0)) / 1000, UTC),
        )

    def ids(self, name: str) -> tuple[str, ...]:
        """The message ids in a header, in angle brackets; what cannot be one is left out."""
        return tuple(_MESSAGE_ID.findall(self.mail.header(name)))

    @property
    def message_id(self) -> str:
        """Its own id, "" when it has none that a header may hold."""
        return next(iter(self.ids("message-id")), "")

    @property
    def references(self) -> tuple[str, ...]:
        """The chain for an answer: what it refers to, and itself. The first of a long one stays."""
        chain = self.ids("references") or self.ids("in-reply-to")
        whole = tuple(dict.fromkeys((*chain, *self.ids("message-id")[:1])))
        return whole if len(whole) <= _REFERENCES else (*whole[:1], *whole[1 - _REFERENCES :])

    def addresses(self, *names: str) -> list[Address]:
        """Everybody in these headers, in order, as far as Gmail can send to them."""
        found = (
            _address(person.name, person.address)
            for name in names
            for value in self.mail.headers.get(name, ())
            for person in people(value)
        )
        return [one for one in found if one is not None]

    @property
    def sender(self) -> list[Address]:
        """Who wrote it: one address, or none.

        Google gives headers decoded, so a name of the sender's choice may look like more
        addresses; the real one stands last.
        """
        return self.addresses("from")[-1:]

    @property
    def bare_subject(self) -> str:
        """The subject on one line, encoded words read."""
        return clean_line(decoded(self.mail.header("subject")))

    def subject(self, prefix: str) -> str:
        """`prefix` ("Re", "Fwd") and the subject, the prefix once."""
        bare = self.bare_subject
        marked = re.match(rf"\s*(?:{_MARKS[prefix]})\s*:", bare, re.IGNORECASE)
        return bare if marked else f"{prefix}: {bare}".strip()


def _address(name: str, email: str) -> Address | None:
    try:
        found = addresses([email])
    except ArgumentError:
        return None
    return Address(clean_line(name), found[0].email) if len(found) == 1 else None


def same_thread(one: str, other: str) -> bool:
    """Whether Gmail keeps mail with these two subjects in one thread."""
    return _core(one) == _core(other)


def _core(subject: str) -> str:
    return _ANY_MARK.sub("", clean_line(subject)).strip().casefold()


async def before(google: Google, identifier: str) -> Before:
    """The message that an id means: itself, or the one of its thread that an answer belongs to.

    A thread has the id of its first message, so that id means the thread.

    Raises:
        NotFoundError: neither message nor thread.
        ArgumentError: it is a draft, or a thread of drafts.
    """
    found = await _message(google, identifier)
    if found is not None and found.id != found.thread_id:
        if "DRAFT" in found.labels:
            raise _only_drafts()
        return found
    thread = await google.get(THREADS.item(identifier), format="full", fields=_GLANCE)
    chosen = newest(thread.get("messages", ()))
    if found is not None and found.id == chosen:
        return found
    return Before.from_api(await google.get(MESSAGES.item(chosen), format="full"))


async def _message(google: Google, identifier: str) -> Before | None:
    try:
        return Before.from_api(await google.get(MESSAGES.item(identifier), format="full"))
    except NotFoundError:
        return None


def newest(thread: Sequence[Mapping[str, Any]]) -> str:
    """The id of the newest message that a person would answer.

    No draft, no reaction, no bounce; what lies in trash or spam only when there is nothing else.

    Raises:
        ArgumentError: there are only drafts.
    """
    written = [one for one in thread if "DRAFT" not in one.get("labelIds", ())]
    if not written:
        raise _only_drafts()
    letters = [one for one in written if not _automatic(one)] or written
    kept = [one for one in letters if _SET_ASIDE.isdisjoint(one.get("labelIds", ()))]
    return max(kept or letters, key=lambda one: int(one.get("internalDate", 0)))["id"]


def _automatic(message: Mapping[str, Any]) -> bool:
    """Whether nobody wrote it: an emoji reaction, or a mail server's complaint."""
    payload = message.get("payload", {})
    senders = (h["value"] for h in payload.get("headers", ()) if h["name"].lower() == "from")
    return _REACTION in _kinds(payload) or any(map(_ROBOT.search, senders))


def _kinds(part: Mapping[str, Any]) -> Iterator[str]:
    yield str(part.get("mimeType", ""))
    for child in part.get("parts", ()):
        yield from _kinds(child)


def _only_drafts() -> ArgumentError:
    return ArgumentError(
        "That is a draft, which nobody can answer yet.",
        "gmail_draft draft_id=… changes it; gmail_send draft_id=… sends it.",
    )


def recipients(
    target: Before, identity: Identity, *, everybody: bool
) -> tuple[list[Address], list[Address]]:
    """To and Cc of an answer. An answer to one's own message goes to whom that went to."""
    own = identity.own
    mine = written_by(target, identity)
    first = target.addresses("to") if mine else target.addresses("reply-to") or target.sender
    to = _others(first, own) or list(first[:1])
    if not everybody:
        return to, []
    if not mine:
        to = _others([*to, *target.addresses("to")], own) or to
    return to, _others(target.addresses("cc"), own | {one.email.lower() for one in to})


def written_by(target: Before, identity: Identity) -> bool:
    """Whether the account itself wrote it."""
    return any(one.email.lower() in identity.own for one in target.sender)


def _others(found: Iterable[Address], without: frozenset[str]) -> list[Address]:
    """Everybody once, without those of `without`."""
    kept: dict[str, Address] = {}
    for one in found:
        if one.email.lower() not in without:
            kept.setdefault(one.email.lower(), one)
    return list(kept.values())
