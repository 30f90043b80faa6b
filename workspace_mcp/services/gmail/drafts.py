"""Drafts: writing them, changing them, finding them again.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Final

from pydantic import Field

from workspace_mcp.errors import InvalidRequestError, NotFoundError, OutcomeUnknownError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.media import Media
from workspace_mcp.google.resource import Resource, collection
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.compose import Letter, Wish, compose
from workspace_mcp.services.gmail.envelope import Envelope
from workspace_mcp.services.gmail.mailbox import DRAFTS
from workspace_mcp.services.gmail.revise import revised
from workspace_mcp.tools import Clock, Effect, JsonObject, Tier, View, tool

UPLOAD: Final = collection("https://gmail.googleapis.com/upload/gmail/v1/users/me/drafts")
_LARGE: Final = 1 << 20
"""Bytes from which a message goes as media instead of base64 inside JSON."""
_SHOWN: Final = 1_500
_LOOKED_AT: Final = 500

People = list[str] | None


@dataclass(frozen=True, slots=True)
class Saved(View):
    """A draft as it stands in Gmail now."""

    draft_id: str
    thread_id: str
    letter: Letter

    def text(self, fence: Fence) -> str:
        """Id, headers, the start of the text, and how to send it."""
        return "\n".join(self._lines(fence))

    def _lines(self, fence: Fence) -> Iterator[str]:
        thread = f" in thread [{self.thread_id}]" if self.letter.thread_id else ""
        yield f"Draft [{self.draft_id}] saved{thread}. Nothing was sent."
        yield from Envelope.of(self.letter.built).lines(fence)
        yield from rendered(self.letter, fence)
        yield from self.letter.notes
        yield f'gmail_send draft_id="{self.draft_id}" sends it.'


def rendered(letter: Letter, fence: Fence) -> Iterator[str]:
    """The start of the text, and what is below it."""
    own = show.piece(letter.own_text, 0, _SHOWN)
    if own.text:
        yield fence.block("draft text", own.text)
    below = [f"{own.left:,} more characters"] if own.end is not None else []
    below += letter.below
    if below:
        yield f"[then: {', '.join(below)}]"


@tool(
    title="Write a draft",
    needs=[Scope.GMAIL_COMPOSE],
    effect=Effect.WRITES,
    tier=Tier.CORE,
    level="drafts",
)
async def gmail_draft(
    google: Google,
    files: LocalFiles,
    clock: Clock,
    draft_id: Annotated[str | None, Field(description="Changes this draft's given fields.")] = None,
    reply_to: Annotated[str | None, Field(description="Message or thread id.")] = None,
    reply_all: bool = False,
    forward: Annotated[str | None, Field(description="Message id.")] = None,
    to: People = None,
    cc: People = None,
    bcc: People = None,
    subject: str | None = None,
    body: Annotated[str | None, Field(description="Markdown.")] = None,
    attach: Annotated[list[str] | None, Field(description="Paths; added.")] = None,
    from_: Annotated[str | None, Field(description="Send-as address.")] = None,
    signature: Annotated[bool | None, Field(description="Default true.")] = None,
) -> View:
    """Write or change a draft. Replies set recipients, thread, subject and quote themselves."""
    wish = Wish(
        draft_id, reply_to, reply_all, forward, to, cc, bcc, subject, body, attach, from_, signature
    )
    wish.check()
    if not draft_id:
        letter = await compose(google, files, clock.zone, wish)
        made = await saved(google, letter)
    else:
        draft = await found(google, draft_id)
        letter = await revised(google, files, wish, draft)
        made = await saved(google, letter, draft["id"])
    return Saved(made["id"], made["message"]["threadId"], letter)


async def found(google: Google, identifier: str, form: str = "full") -> JsonObject:
    """A draft, by its own id or by that of its message. `form` is Google's `format`.

    Searches show messages; a draft's id is another one, and only a list tells it.

    Raises:
        NotFoundError: there is no such draft.
    """
    try:
        return await google.get(DRAFTS.item(identifier), format=form)
    except (NotFoundError, InvalidRequestError):
        pass
    async for draft in google.pages(
        DRAFTS, "drafts", most=_LOOKED_AT, maxResults=_LOOKED_AT,
        fields="drafts(id,message(id,threadId)),nextPageToken",
    ):  # fmt: skip
        if identifier in {draft["message"]["id"], draft["message"]["threadId"]}:
            return await google.get(DRAFTS.item(draft["id"]), format=form)
    raise NotFoundError(
        "There is no such draft: it was sent or deleted, or its id is another one.",
        "gmail_search query=in:drafts by=message shows drafts; query=in:sent what was sent.",
    )


async def saved(google: Google, letter: Letter, draft_id: str = "") -> JsonObject:
    """Keep a message as a draft, a new one or instead of another; Google's `Draft`.

    Raises:
        OutcomeUnknownError: a new draft may be there, or not.
    """
    if draft_id:
        return await posted(google, letter, DRAFTS.item(draft_id), UPLOAD.item(draft_id), "PUT")
    try:
        return await posted(google, letter, DRAFTS, UPLOAD)
    except OutcomeUnknownError as error:
        raise OutcomeUnknownError(
            "Google's answer was lost: the draft may be there, or not. Nothing was sent.",
            "gmail_search query=in:drafts shows drafts: look before you write it again.",
        ) from error


async def posted(
    google: Google, letter: Letter, resource: Resource, upload: Resource, method: str = "POST",
    *, draft: bool = True,
) -> JsonObject:  # fmt: skip
    """Give a message to Gmail: as JSON, or as media when it is large."""
    raw = letter.built.raw
    thread: JsonObject = {"threadId": letter.thread_id} if letter.thread_id else {}
    if len(raw) > _LARGE:
        media = Media("message/rfc822", len(raw), lambda: BytesIO(raw))
        metadata = {"message": thread} if draft else thread
        return await google.upload(upload, metadata, media, method=method)
    message: JsonObject = {"raw": base64.urlsafe_b64encode(raw).decode("ascii"), **thread}
    send = google.put if method == "PUT" else google.post
    return await send(resource, {"message": message} if draft else message)
