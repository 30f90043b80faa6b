"""What goes along from the message before: its text as a quote, its pictures, its files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from email.message import Message
from typing import Final
from urllib.parse import unquote

import anyio
import anyio.to_thread
from selectolax.lexbor import LexborHTMLParser

from workspace_mcp.formats import tolerant
from workspace_mcp.formats.html_text import html_text, shallow
from workspace_mcp.formats.mime import Attachment
from workspace_mcp.formats.payload import Leaf, attached, is_stub, unbase64, unflowed
from workspace_mcp.formats.quoting import Original
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.mailbox import MESSAGES
from workspace_mcp.services.gmail.parts import part_bytes
from workspace_mcp.services.gmail.replies import Before

_SECONDS: Final = 5.0
"""For reading one HTML text: longer means that somebody wrote it to take long."""
_DROPPED: Final = ["script", "object", "embed", "iframe", "meta", "link", "base"]
_MAIL: Final = "message/rfc822"
_TOO_DEEP: Final = "The original's layout is nested too deep to be passed on; its text is there."
_CID: Final = re.compile(r"cid:([^\"'\s)>]{1,300})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Both forms of a message's text; "" where it has none."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What was taken from a message: its texts, and files whose pictures `bodies.html` shows."""

    bodies: Bodies
    files: Sequence[Attachment] = ()
    notes: Sequence[str] = ()


async def carried(google: Google, target: Before, *, everything: bool) -> Carried:
    """The texts with the pictures in them, and with `everything` all other files too."""
    html = await _joined(google, target, "text/html")
    plain = await _joined(google, target, "text/plain")
    if html and (not plain.strip() or is_stub(plain)):
        plain = await readable(html)
    fit = shallow(html) == html
    taken = Carried(Bodies(plain, inner_html(html) if fit else ""), (), () if fit else (_TOO_DEEP,))
    return await _with_files(google, target, taken, everything=everything)


async def _joined(google: Google, target: Before, mime: str) -> str:
    """All text of one kind; some programs write text, a picture, and text again."""
    leaves = [one for one in target.mail.leaves if one.mime == mime and not attached(one)]
    texts: list[str] = []
    for leaf in [one for one in leaves if not one.nested] or leaves[:1]:
        data = await part_bytes(google, target.id, leaf) if leaf.data is None else None
        text = leaf.text(data).replace("\r\n", "\n")
        texts.append(unflowed(text) if leaf.flowed else text)
    return "\n".join(texts).rstrip("\n")


async def readable(html: str) -> str:
    """The text of HTML; "" when that takes too long."""
    with anyio.move_on_after(_SECONDS):
        found = await anyio.to_thread.run_sync(html_text, html, abandon_on_cancel=True)
        return found.text
    return ""


def inner_html(page: str) -> str:
    """What stands in the body of an HTML page, without what runs or reaches out of it.

    The page is `shallow`: deeper ones hold the parser up for minutes.
    """
    if not page:
        return ""
    tree = LexborHTMLParser(page)
    tree.strip_tags(_DROPPED)
    tree.unwrap_tags(["form"])
    body = tree.body
    return "" if body is None else (body.inner_html or "")


def original(target: Before, bodies: Bodies, zone: tzinfo) -> Original:
    """The message as it stands in a quote; its time in `zone`."""
    return Original(
        str(target.sender[0]) if target.sender else "somebody",
        ", ".join(map(str, target.addresses("to"))),
        ", ".join(map(str, target.addresses("cc"))),
        target.bare_subject,
        target.date.astimezone(zone),
        bodies.text,
        bodies.html,
    )


async def _with_files(
    google: Google, target: Before, taken: Carried, *, everything: bool
) -> Carried:
    """Pictures keep the name under which the HTML shows them, made fit for a header."""
    bodies = taken.bodies
    shown = {unquote(name): name for name in _CID.findall(bodies.html)}
    files: list[Attachment] = []
    tops = [one for one in target.mail.leaves if not one.nested]
    for leaf in (one for one in tops if attached(one) or one.mime == _MAIL):
        written = shown.pop(leaf.content_id, "") if leaf.content_id else ""
        if not (written or everything):
            continue
        found = await _file(google, target, leaf)
        if written:
            found = replace(found, content_id=_fit(leaf.content_id))
            bodies = replace(
                bodies, html=bodies.html.replace(f"cid:{written}", f"cid:{found.content_id}")
            )
        files.append(found)
    nested = any(one.nested for one in target.mail.leaves)
    if everything and nested and not any(one.mime == _MAIL for one in tops):
        files += await _mails_inside(google, target)
    return replace(taken, bodies=bodies, files=files)


def _fit(content_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9@._+-]", "_", content_id)[:200]


async def _file(google: Google, target: Before, leaf: Leaf) -> Attachment:
    data = await part_bytes(google, target.id, leaf) if leaf.data is None else leaf.data
    kind = "mail.eml" if leaf.mime == _MAIL else leaf.mime.replace("/", ".")
    return Attachment(leaf.name or kind, leaf.mime, data)


async def _mails_inside(google: Google, target: Before) -> list[Attachment]:
    """Attached mails that Gmail gives only part by part: whole, out of the message's own bytes."""
    answer = await google.get_large(MESSAGES.item(target.id), format="raw", fields="raw")
    whole = tolerant.message(unbase64(answer.get("raw", "")))
    return [
        Attachment(f"mail-{number}.eml", _MAIL, inner.as_bytes())
        for number, inner in enumerate(_inside(whole), 1)
    ]


def _inside(part: Message) -> Iterator[Message]:
    """The mails attached to a message; those inside them come with them."""
    for child in part.get_payload() if part.is_multipart() else ():
        if not isinstance(child, Message):
            continue
        if part.get_content_type() == _MAIL:
            yield child
        else:
            yield from _inside(child)
