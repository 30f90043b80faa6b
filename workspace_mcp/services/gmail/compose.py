"""Writing mail: what was asked for → a finished message, as a draft or ready to send."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import quoting
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.formats.markdown_mail import body as markdown_body
from workspace_mcp.formats.markdown_mail import escaped, signature_html, signature_text
from workspace_mcp.formats.mime import Attachment, Built, Outgoing, addresses, build
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail import replies
from workspace_mcp.services.gmail.identity import Alias, Identity
from workspace_mcp.services.gmail.mailbox import DRAFTS
from workspace_mcp.services.gmail.parts import part_bytes

LARGEST_FILE: Final = 25 << 20


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
    signature: bool = True

    def check(self) -> None:
        """Raise when the wishes exclude each other."""
        named = [name for name in ("draft_id", "reply_to", "forward") if getattr(self, name)]
        if len(named) > 1:
            raise ArgumentError(f"{' and '.join(named)} exclude each other.", "Give one of them.")
        if self.reply_all and not self.reply_to:
            raise ArgumentError(
                "reply_all goes with reply_to.", "Give the message's id as reply_to."
            )


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished message, and the thread that it belongs to ("" for a new one)."""

    built: Built
    thread_id: str
    sender: str
    own_text: str


async def compose(google: Google, files: LocalFiles, zone: tzinfo, wish: Wish) -> Letter:
    """The message that `wish` describes.

    Raises:
        ArgumentError: the wish cannot be met; nothing was written.
    """
    wish.check()
    attached = [_local(files, path) for path in wish.attach or ()]
    identity = await Identity.fetch(google)
    if wish.draft_id:
        return await _revised(google, wish, identity, attached)
    if wish.reply_to or wish.forward:
        return await _following(google, zone, wish, identity, attached)
    alias = identity.named(wish.from_) if wish.from_ else identity.aliases[0]
    return _letter(wish, alias, Outgoing(alias.address, attachments=tuple(attached)), "")


def _local(files: LocalFiles, path: str) -> Attachment:
    if path.startswith("drive:"):
        raise ArgumentError(
            "Files in Drive cannot be attached yet.", "Attach a local file instead."
        )
    found = files.read(path, LARGEST_FILE)
    return Attachment(found.name, found.mime, found.data)


def _letter(
    wish: Wish, alias: Alias, draft: Outgoing, thread_id: str, quote: tuple[str, str] = ("", "")
) -> Letter:
    """Fill in what the wish says, the signature and the quote, and build."""
    written = markdown_body(wish.body or "")
    sign = alias.signature if wish.signature else ""
    plain_sign = html_text(sign).text if sign else ""
    text = written.text + signature_text(plain_sign) + (f"\n\n{quote[0]}" if quote[0] else "")
    page = f'<div dir="ltr">{written.html}</div>{signature_html(sign)}'
    page += f"<br>{quote[1]}" if quote[1] else ""
    built = build(
        replace(
            draft,
            to=addresses(wish.to) if wish.to is not None else draft.to,
            cc=addresses(wish.cc) if wish.cc is not None else draft.cc,
            bcc=addresses(wish.bcc) if wish.bcc is not None else draft.bcc,
            subject=wish.subject if wish.subject is not None else draft.subject,
            text=text,
            html=page,
        )
    )
    return Letter(built, thread_id, str(alias.address), written.text)


async def _following(
    google: Google, zone: tzinfo, wish: Wish, identity: Identity, attached: list[Attachment]
) -> Letter:
    """A reply, or a forwarded message."""
    target = await replies.before(google, wish.reply_to or wish.forward or "")
    got_at = [one.email for one in target.addresses("to", "cc", "delivered-to")]
    alias = identity.named(wish.from_) if wish.from_ else identity.for_mail(got_at)
    quoted = await replies.original(google, target, target.date.astimezone(zone))
    along = await replies.files(google, target, inline_only=not wish.forward)
    if wish.forward:
        draft = Outgoing(
            alias.address, subject=target.subject("Fwd"), attachments=(*attached, *along),
            references=target.references,
        )  # fmt: skip
        quote = (quoting.forward_text(quoted), quoting.forward_html(quoted))
        return _letter(wish, alias, draft, "", quote)
    to, cc = replies.answered(target, identity, everybody=wish.reply_all)
    draft = Outgoing(
        alias.address, to, cc, subject=target.subject("Re"), attachments=(*attached, *along),
        in_reply_to=target.message_id, references=target.references,
    )  # fmt: skip
    same = wish.subject is None or replies_subject(wish.subject) == replies_subject(draft.subject)
    quote = (quoting.quote_text(quoted), quoting.quote_html(quoted))
    return _letter(wish, alias, draft, target.thread_id if same else "", quote)


def replies_subject(subject: str) -> str:
    """What decides whether Gmail keeps a message in its thread."""
    import re

    return (
        re.sub(r"^(\s*(re|fwd?|aw|wg|sv)\s*:)+", "", clean_line(subject), flags=re.IGNORECASE)
        .strip()
        .lower()
    )


async def _revised(
    google: Google, wish: Wish, identity: Identity, attached: list[Attachment]
) -> Letter:
    """A draft with only the given fields changed; everything else in it stays."""
    answer = await google.get(DRAFTS.item(wish.draft_id or ""), format="full")
    old = replies.Before.from_api({"internalDate": "0", **answer["message"]})
    sender = [one.email for one in old.addresses("from")]
    alias = identity.named(wish.from_) if wish.from_ else identity.for_mail(sender)
    kept = await replies.files(google, old, inline_only=False)
    text, page = await _bodies(google, old)
    draft = Outgoing(
        alias.address, old.addresses("to"), old.addresses("cc"), old.addresses("bcc"),
        old.mail.header("subject"), attachments=(*kept, *attached),
        in_reply_to=next(iter(_ids(old, "in-reply-to")), ""), references=_ids(old, "references"),
    )  # fmt: skip
    thread = old.thread_id if draft.references or draft.in_reply_to else ""
    if wish.body is not None:
        at = page.find('<div class="gmail_quote')
        return _letter(
            wish, alias, draft, thread, (quoting.fold(text).quoted, page[at:] if at >= 0 else "")
        )
    built = build(
        replace(
            draft,
            to=addresses(wish.to) if wish.to is not None else draft.to,
            cc=addresses(wish.cc) if wish.cc is not None else draft.cc,
            bcc=addresses(wish.bcc) if wish.bcc is not None else draft.bcc,
            subject=wish.subject if wish.subject is not None else draft.subject,
            text=text,
            html=page or escaped(text),
        )
    )
    return Letter(built, thread, str(alias.address), quoting.fold(text).own)


def _ids(old: replies.Before, name: str) -> tuple[str, ...]:
    import re

    return tuple(re.findall(r"<[^<>\s]{1,250}>", old.mail.header(name)))


async def _bodies(google: Google, old: replies.Before) -> tuple[str, str]:
    found: list[str] = []
    for leaf in (old.mail.plain, old.mail.html):
        if leaf is None:
            found.append("")
            continue
        data = await part_bytes(google, old.id, leaf) if leaf.data is None else None
        found.append(leaf.text(data).replace("\r\n", "\n").rstrip("\n"))
    return found[0], found[1]
