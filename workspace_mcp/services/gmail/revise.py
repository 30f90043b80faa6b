"""Changing a draft: the given fields anew, everything else as it stands."""

import re
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import quoting
from workspace_mcp.formats.markdown_mail import Body, escaped
from workspace_mcp.formats.mime import Outgoing
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.carried import Bodies, carried
from workspace_mcp.services.gmail.compose import (
    Letter,
    Wish,
    finished,
    joined,
    local_files,
    written,
)
from workspace_mcp.services.gmail.identity import Alias, Identity
from workspace_mcp.services.gmail.replies import Before
from workspace_mcp.services.gmail.signatures import carries_signature

_QUOTE: Final = re.compile(r'(<br>\s*)?<div class="gmail_quote')
_FORWARDED: Final = re.compile(r"^-{5,} ?Forwarded message ?-{5,}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class History:
    """What stands below a draft's own text. `own` is the text above it."""

    own: str
    quote: Body | None

    @property
    def name(self) -> str:
        """What to call it, "" for nothing."""
        if self.quote is None:
            return ""
        forwarded = _FORWARDED.search(self.quote.text)
        return "forwarded message" if forwarded else "quoted message"


def history(bodies: Bodies) -> History:
    """A draft's own text, apart from the message that it quotes or passes on."""
    if (found := _FORWARDED.search(bodies.text)) is not None:
        own, below = bodies.text[: found.start()].rstrip(), bodies.text[found.start() :]
    else:
        folded = quoting.fold(bodies.text)
        own, below = folded.own, folded.quoted
    marked = _QUOTE.search(bodies.html)
    own = quoting.without_signature(own)
    if marked is None and not below:
        return History(own, None)
    html = (
        bodies.html[marked.start() :]
        if marked
        else f'<div class="gmail_quote">{escaped(below)}</div>'
    )
    return History(own, Body(below, html.removeprefix("<br>")))


async def revised(google: Google, files: LocalFiles, wish: Wish, draft: dict[str, Any]) -> Letter:
    """`draft` (of `format=full`) as `wish` has it.

    Raises:
        ArgumentError, LocalFileError: the wish cannot be met; the draft is as it was.
    """
    if wish.signature is not None and not wish.body:
        raise ArgumentError("signature goes with the text.", "Give body too.")
    attached = await local_files(files, wish.attach or ())
    old = Before.from_api(draft["message"])
    identity = await Identity.fetch(google)
    taken = await carried(google, old, everything=True)
    alias = _sender(old, identity, wish)
    new = wish.over(
        Outgoing(
            alias.address, old.addresses("to"), old.addresses("cc"), old.addresses("bcc"),
            old.bare_subject, attachments=(*taken.files, *attached),
            in_reply_to=next(iter(old.ids("in-reply-to")), ""), references=old.ids("references"),
            reply_to=old.addresses("reply-to"),
        )
    )  # fmt: skip
    below = history(taken.bodies)
    thread, notes = "", ()
    if new.references or new.in_reply_to:
        thread, notes = joined(old.thread_id, old.bare_subject, new.subject)
    body, own = _text(wish, alias, taken.bodies, below)
    if wish.from_ and not wish.body and carries_signature(taken.bodies.html):
        notes = (*notes, "The signature below the text is still the old one: give body too.")
    notes = (*notes, *taken.notes)
    return finished(new, body, own, thread_id=thread, quote=below.name, notes=notes)


def _sender(old: Before, identity: Identity, wish: Wish) -> Alias:
    """The alias asked for, else the draft's own, with the name that it carries there."""
    if wish.from_:
        return identity.named(wish.from_)
    return identity.for_mail(one.email for one in old.sender)


def _text(wish: Wish, alias: Alias, bodies: Bodies, below: History) -> tuple[Body, str]:
    """Both forms of the draft's text, and what of it was written."""
    if wish.body:
        sign = carries_signature(bodies.html) or not bodies.html
        return written(wish, alias, below.quote, sign=sign), wish.body
    html = bodies.html or escaped(bodies.text)
    return Body(bodies.text, html), below.own
