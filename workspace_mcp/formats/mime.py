"""Builds mail: typed values → RFC 822 bytes, taken apart again and compared before anyone gets them.

Python's own e-mail package lets a hostile subject inject headers on unpatched versions
(CVE-2024-6923), so nothing is trusted that was not read back from the finished bytes.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import AddressHeader
from email.message import EmailMessage, Message
from email.utils import getaddresses
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean_line

LARGEST_FILES: Final = 25 << 20
"""Bytes of all attachments together: Gmail's limit for what is sent."""
LARGEST: Final = 36_700_160
"""Bytes of a finished mail, attachments encoded: the limit of Gmail's API."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_ENCODED: Final = re.compile(r"=\?[^?\s]*\?[bq]\?", re.IGNORECASE)
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_MESSAGE_ID: Final = re.compile(r"<[^<>\s\x00-\x1f]{1,250}>", re.ASCII)
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,255}")
_SPECIAL: Final = re.compile(r"[()<>\[\]:;@\\,.\"]+")
_NAME: Final = 50
"""Letters of a name from which it may be folded, where Python forgets the quotes around it."""
_POLICY: Final = policy.SMTP.clone(max_line_length=78, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Address:
    """`name` as a person reads it ("" for none), and the address."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along. With a `content_id` it is a picture inside the HTML."""

    name: str
    mime: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to build. `references` and `in_reply_to` are message ids in angle brackets."""

    from_: Address
    to: Sequence[Address] = ()
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: Sequence[Attachment] = ()
    in_reply_to: str = ""
    references: Sequence[str] = ()
    reply_to: Sequence[Address] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """Finished bytes, and what stands in them."""

    raw: bytes
    sender: Sequence[Address]
    to: Sequence[Address]
    cc: Sequence[Address]
    bcc: Sequence[Address]
    subject: str
    attachments: Sequence[tuple[str, int]]

    @property
    def recipients(self) -> frozenset[str]:
        """Every address that will get it, lower-case."""
        return frozenset(one.email.lower() for one in (*self.to, *self.cc, *self.bcc))


class MailBuildError(RuntimeError):
    """The finished bytes are not what was meant. A bug; nothing was sent."""


def addresses(texts: Iterable[str]) -> tuple[Address, ...]:
    """Addresses as people write them: `a@b.c`, `Ana <a@b.c>`, several between commas.

    Raises:
        ArgumentError: one cannot be an address; the text names it.
    """
    found: dict[str, Address] = {}
    for text in texts:
        if _CONTROL.search(text):
            raise ArgumentError("An address holds a line break or a control character.")
        for name, email in getaddresses([text]):
            if not email and not name:
                continue
            one = _address(name, email, text)
            found.setdefault(one.email.lower(), one)
        if text.strip() and not any(email for _, email in getaddresses([text])):
            raise _no_address(text)
    return tuple(found.values())


def _address(name: str, email: str, text: str) -> Address:
    if not _ADDRESS.fullmatch(email) or ".." in email:
        raise _no_address(text)
    local, _, domain = email.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            raise _no_address(text) from None
    if not local.isascii():
        raise ArgumentError(
            f"{clean_line(email)[:80]} has letters before the @ that Gmail does not send to."
        )
    return Address(_plain(name), f"{local}@{domain}")


def _no_address(text: str) -> ArgumentError:
    return ArgumentError(
        f"{clean_line(text)[:80]!r} is not an e-mail address.",
        'Write it like ana@example.com or "Ana Ruiz <ana@example.com>".',
    )


def _plain(text: str) -> str:
    """One line without anything that could be taken for an encoded word."""
    return _ENCODED.sub("= ?", clean_line(text))


def build(mail: Outgoing) -> Built:
    """The mail as bytes.

    Raises:
        ArgumentError: too large, or a field that no header may hold.
        MailBuildError: what came out is not what was meant.
    """
    if _CONTROL.search(mail.subject):
        raise ArgumentError("The subject holds a line break or a control character.")
    _check_size(sum(len(one.data) for one in mail.attachments), LARGEST_FILES, "attachments have")
    message = _body(mail)
    message["From"] = _header([mail.from_])
    everybody = (("To", mail.to), ("Cc", mail.cc), ("Bcc", mail.bcc), ("Reply-To", mail.reply_to))
    for name, people in everybody:
        if people:
            message[name] = _header(people)
    message["Subject"] = _plain(mail.subject)
    if mail.in_reply_to:
        message["In-Reply-To"] = _id(mail.in_reply_to)
    if mail.references:
        message["References"] = " ".join(map(_id, mail.references))
    raw = _without_ends(message)
    _check_size(len(raw), LARGEST, "mail has")
    return _checked(mail, raw)


def _check_size(size: int, most: int, what: str) -> None:
    if size > most:
        raise ArgumentError(
            f"The {what} {size / 1e6:.1f} MB; Gmail sends up to {most / 1e6:.1f} MB.",
            "Leave attachments out, or share them as files in Drive.",
        )


def _without_ends(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=_POLICY)


def _body(mail: Outgoing) -> EmailMessage:
    inline = [one for one in mail.attachments if one.content_id]
    files = [one for one in mail.attachments if not one.content_id]
    message = EmailMessage(policy=_POLICY)
    message.set_content(mail.text or "", cte=_transfer(mail.text))
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte=_transfer(mail.html))
    if inline and mail.html:
        page = message.get_payload(1)
        assert isinstance(page, EmailMessage)
        for one in inline:
            kind, sub = _kind(one)
            page.add_related(
                one.data, maintype=kind, subtype=sub, cid=f"<{_word(one.content_id)}>",
                filename=_file_name(one.name), disposition="inline",
            )  # fmt: skip
    for one in files if mail.html else (*files, *inline):
        kind, sub = _kind(one)
        message.add_attachment(one.data, maintype=kind, subtype=sub, filename=_file_name(one.name))
    _mark_boundaries(message)
    return message


def _transfer(text: str) -> str:
    """Quoted-printable for text that is mostly Latin, base64 for the rest."""
    strange = sum(letter > "\u024f" for letter in text)
    return "base64" if strange * 4 > len(text) else "quoted-printable"


def _mark_boundaries(message: Message) -> None:
    for part in message.walk():
        if part.is_multipart():
            part.set_boundary(f"b{secrets.token_hex(14)}")


def _kind(one: Attachment) -> tuple[str, str]:
    """Type and subtype; a whole message or an odd type goes as plain bytes."""
    mime = one.mime.lower().partition(";")[0].strip()
    good = _TYPE.fullmatch(mime) and not mime.startswith(("message/", "multipart/"))
    kind, _, sub = (mime if good else "application/octet-stream").partition("/")
    return kind, sub


def _file_name(name: str) -> str:
    return re.sub(r'[/\\"]', "_", _plain(name))[:200] or "file"


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9@._+-]", "", text)[:200] or "image"


def _id(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise ArgumentError("A message id of the thread cannot be put into a header.")
    return text


def _header(people: Sequence[Address]) -> tuple[HeaderAddress, ...]:
    found: list[HeaderAddress] = []
    for one in people:
        name = _plain(one.name)
        if len(name) > _NAME:
            name = clean_line(_SPECIAL.sub(" ", name))
        try:
            found.append(HeaderAddress(name, addr_spec=one.email))
        except (ValueError, IndexError, HeaderParseError):
            raise _no_address(str(one)) from None
    return tuple(found)


_NAMES: Final = frozenset({
    "from", "to", "cc", "bcc", "reply-to", "subject", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding",
})  # fmt: skip


def _checked(mail: Outgoing, raw: bytes) -> Built:
    """Read the bytes as the other side will, and compare."""
    read = message_from_bytes(raw, policy=policy.SMTP)
    names = [name.lower() for name, _ in read.items()]
    if len(names) != len(set(names)) or not set(names) <= _NAMES:
        raise MailBuildError("a header came out that was not meant")
    people = {name: _people(read, name) for name in ("from", "to", "cc", "bcc", "reply-to")}
    meant = {
        "from": [mail.from_], "to": mail.to, "cc": mail.cc, "bcc": mail.bcc,
        "reply-to": mail.reply_to,
    }  # fmt: skip
    for name, wanted in meant.items():
        if [one.email.lower() for one in people[name]] != [one.email.lower() for one in wanted]:
            raise MailBuildError(f"{name} came out as other addresses than were meant")
    subject = str(read.get("subject", ""))
    if clean_line(subject) != _plain(mail.subject):
        raise MailBuildError("the subject came out as another")
    parts = [part for part in read.walk() if not part.is_multipart()]
    files = [part for part in parts if part.get_filename()]
    if len(files) != len(mail.attachments) or len(parts) != len(files) + 1 + bool(mail.html):
        raise MailBuildError("parts came out that were not meant")
    sizes = [(str(part.get_filename()), _size(part)) for part in files]
    return Built(raw, people["from"], people["to"], people["cc"], people["bcc"], subject, sizes)


def _people(read: Message, name: str) -> list[Address]:
    header = read.get(name)
    if not isinstance(header, AddressHeader):
        return []
    return [Address(one.display_name, one.addr_spec) for one in header.addresses]


def _size(part: Message) -> int:
    data = part.get_payload(decode=True)
    return len(data) if isinstance(data, bytes) else 0
