"""Writing mail: what was asked for → a finished message, as a draft or ready to send."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import tzinfo
from functools import partial
from typing import Final

import anyio.to_thread

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import quoting
from workspace_mcp.formats.markdown_mail import Body
from workspace_mcp.formats.markdown_mail import body as markdown_body
from workspace_mcp.formats.mime import Address, Attachment, Built, Outgoing, addresses, build
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.carried import carried, original
from workspace_mcp.services.gmail.identity import Alias, Identity
from workspace_mcp.services.gmail.replies import (
    Before,
    before,
    recipients,
    same_thread,
    written_by,
)
from workspace_mcp.services.gmail.signatures import signed

_LARGEST_FILE: Final = 25 << 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What the model asked for; None is what it left open."""

    draft_id: str | None = None
    reply_to: str | None = None
    reply_all: bool = False
    forward: str | None = None
    to: Sequence[str] | None = None
    cc: Sequence[str] | None = None
    bcc: Sequence[str] | None = None
    subject: str | None = None
    body: str | None = None
    attach: Sequence[str] | None = None
    from_: str | None = None
    signature: bool | None = None

    def check(self) -> None:
        """Raise when the wishes exclude each other."""
        named = [name for name in ("draft_id", "reply_to", "forward") if getattr(self, name)]
        if len(named) > 1:
            raise ArgumentError(f"{' and '.join(named)} exclude each other.", "Give one of them.")
        if self.reply_all and not self.reply_to:
            raise ArgumentError("reply_all needs reply_to.", "Give the message's id as reply_to.")

    @property
    def says_something(self) -> bool:
        """Whether any field is filled in; clients fill unused ones with "" and []."""
        return any(getattr(self, one.name) for one in fields(self))

    def over(self, inherited: Outgoing) -> Outgoing:
        """`inherited`, with what was asked for in its place."""
        return replace(
            inherited,
            to=inherited.to if self.to is None else addresses(self.to),
            cc=inherited.cc if self.cc is None else addresses(self.cc),
            bcc=inherited.bcc if self.bcc is None else addresses(self.bcc),
            subject=self.subject or inherited.subject,
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished message.

    `thread_id` is the thread that it joins, "" for none. `own_text` is what was written, without
    signature and quote; `below` names what follows it. `notes` are for whoever asked.
    """

    built: Built
    sender: Address
    own_text: str
    thread_id: str = ""
    below: Sequence[str] = ()
    notes: Sequence[str] = ()
    digest: str = field(default="", repr=False)


async def compose(google: Google, files: LocalFiles, zone: tzinfo, wish: Wish) -> Letter:
    """A new message, a reply or a forwarded one, as `wish` has it.

    Raises:
        ArgumentError: the wish cannot be met; nothing was written.
        LocalFileError: a file cannot be attached.
    """
    attached = await local_files(files, wish.attach or ())
    identity = await Identity.fetch(google)
    if wish.reply_to or wish.forward:
        target = await before(google, wish.reply_to or wish.forward or "")
        alias = _answering(target, identity, wish)
        if wish.forward:
            return await _forwarded(google, zone, wish, target, alias, attached)
        return await _replied(google, zone, wish, target, identity, alias, attached)
    alias = identity.named(wish.from_) if wish.from_ else identity.default
    draft = wish.over(Outgoing(alias.address, attachments=attached))
    return finished(draft, written(wish, alias), wish.body or "")


async def local_files(files: LocalFiles, paths: Sequence[str]) -> tuple[Attachment, ...]:
    """The files to attach, read.

    Raises:
        LocalFileError: one cannot be; the text says why.
    """
    if any(path.strip().lower().startswith("drive:") for path in paths):
        raise ArgumentError(
            "Files in Drive cannot be attached as they are.",
            "Save it first (drive_read save=.) and attach that, or put its link into the body.",
        )
    found = [
        await anyio.to_thread.run_sync(partial(files.read, path, _LARGEST_FILE)) for path in paths
    ]
    return tuple(Attachment(one.name, one.mime, one.data) for one in found)


def written(wish: Wish, alias: Alias, quote: Body | None = None, *, sign: bool = True) -> Body:
    """Both forms of the text: what was written, the signature, the quote."""
    body = markdown_body(wish.body or "")
    body = Body(body.text, f'<div dir="ltr">{body.html}</div>')
    if wish.signature if wish.signature is not None else sign:
        body = signed(body, alias.signature)
    if quote is None:
        return body
    return Body(f"{body.text}\n\n{quote.text}".lstrip("\n"), f"{body.html}<br>{quote.html}")


def finished(
    draft: Outgoing, body: Body, own_text: str, *, thread_id: str = "", quote: str = "",
    notes: Sequence[str] = (),
) -> Letter:  # fmt: skip
    """Build the message. `quote` names what stands below the text, "" for nothing."""
    built = build(replace(draft, text=body.text, html=body.html))
    below = ["signature"] if "gmail_signature" in body.html else []
    below += [quote] if quote else []
    own = own_text.strip()
    return Letter(
        built, draft.from_, own, thread_id, below, notes, _digest(built, draft.attachments, body)
    )


def _digest(built: Built, attachments: Sequence[Attachment], body: Body) -> str:
    """Equal for messages that say the same to the same people."""
    parts = [*sorted(built.recipients), "", built.subject, body.text, body.html]
    parts += [hashlib.sha256(one.data).hexdigest() for one in attachments]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _answering(target: Before, identity: Identity, wish: Wish) -> Alias:
    """The alias asked for, else the one that the message was sent to or from."""
    if wish.from_:
        return identity.named(wish.from_)
    if written_by(target, identity):
        return identity.for_mail(one.email for one in target.sender)
    return identity.for_mail(one.email for one in target.addresses("to", "cc", "delivered-to"))


async def _forwarded(
    google: Google, zone: tzinfo, wish: Wish, target: Before, alias: Alias,
    attached: tuple[Attachment, ...],
) -> Letter:  # fmt: skip
    """The message passed on, with its files."""
    taken = await carried(google, target, everything=True)
    quoted = original(target, taken.bodies, zone)
    quote = Body(quoting.forward_text(quoted), quoting.forward_html(quoted))
    draft = Outgoing(
        alias.address, subject=target.subject("Fwd"), attachments=(*attached, *taken.files),
        references=target.references,
    )  # fmt: skip
    body = written(wish, alias, quote)
    return finished(
        wish.over(draft), body, wish.body or "", quote="forwarded message", notes=taken.notes
    )


async def _replied(
    google: Google, zone: tzinfo, wish: Wish, target: Before, identity: Identity, alias: Alias,
    attached: tuple[Attachment, ...],
) -> Letter:  # fmt: skip
    """An answer in the thread, above a quote."""
    to, cc = recipients(target, identity, everybody=wish.reply_all)
    taken = await carried(google, target, everything=False)
    quoted = original(target, taken.bodies, zone)
    quote = Body(quoting.quote_text(quoted), quoting.quote_html(quoted))
    draft = wish.over(
        Outgoing(
            alias.address, to, cc, subject=target.subject("Re"),
            attachments=(*attached, *taken.files), in_reply_to=target.message_id,
            references=target.references,
        )
    )  # fmt: skip
    thread_id, notes = joined(target.thread_id, target.bare_subject, draft.subject)
    return finished(
        draft, written(wish, alias, quote), wish.body or "", thread_id=thread_id,
        quote="quoted message", notes=(*notes, *taken.notes),
    )  # fmt: skip


def joined(thread_id: str, old: str, new: str) -> tuple[str, tuple[str, ...]]:
    """The thread to join, and what to say when the subject keeps the message out of it."""
    if same_thread(old, new):
        return thread_id, ()
    return "", ("Another subject starts a new thread.",)
