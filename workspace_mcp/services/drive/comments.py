"""What is said about a file: on every kind of file, with the text that is meant, and answers.

Source: developers.google.com/workspace/drive/api/guides/manage-comments
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field

from workspace_mcp.errors import ArgumentError, OutcomeUnknownError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive.files import File, item, moment, person
from workspace_mcp.services.drive.locating import opened
from workspace_mcp.services.drive.query import bound
from workspace_mcp.tools import Clock, Effect, View, tool

_REPLY: Final = (
    "id,author(displayName,emailAddress,me),createdTime,modifiedTime,content,action,deleted"
)
COMMENT: Final = (
    "id,author(displayName,emailAddress,me),createdTime,modifiedTime,content,deleted,resolved,"
    f"quotedFileContent(value,mimeType),replies({_REPLY})"
)
_BYTES: Final = 9_000
_QUOTED: Final = 400
_TEXT: Final = 2_500
_PAGE: Final = 100


def where(file_id: str) -> Resource:
    """The comments of a file."""
    return item(file_id).sub("comments")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `action` is resolve, reopen or ""."""

    id: str
    by: str
    at: datetime
    content: str
    action: str

    @classmethod
    def from_api(cls, one: Mapping[str, Any]) -> Self:
        """Read a `Reply`."""
        return cls(
            one["id"], person(one.get("author", {})), moment(one["createdTime"]),
            one.get("content", ""), one.get("action", ""),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark, the text that it is about ("" for the file as a whole), and its answers."""

    id: str
    by: str
    at: datetime
    content: str
    quoted: str
    resolved: bool
    replies: tuple[Reply, ...]

    @classmethod
    def from_api(cls, one: Mapping[str, Any]) -> Self:
        """Read a `Comment` that was fetched with `COMMENT`. Quoted text may be HTML."""
        quoted = one.get("quotedFileContent", {})
        text = str(quoted.get("value", ""))
        if quoted.get("mimeType") == "text/html" and ("<" in text or "&" in text):
            text = html_text(text).text
        return cls(
            id=one["id"],
            by=person(one.get("author", {})),
            at=moment(one["createdTime"]),
            content=one.get("content", ""),
            quoted=text,
            resolved=bool(one.get("resolved")),
            replies=tuple(
                Reply.from_api(reply)
                for reply in one.get("replies", ())
                if not reply.get("deleted")
            ),
        )

    def lines(self, zone: tzinfo) -> Iterator[str]:
        """The remark, what it is about, its answers."""
        state = ", resolved" if self.resolved else ""
        yield f"[{self.id}] {self.by}, {show.local(self.at, zone)}{state}"
        if self.quoted.strip():
            yield f"on: «{_cut(' '.join(self.quoted.split()), _QUOTED)}»"
        yield _cut(self.content, _TEXT)
        for one in self.replies:
            did = {"resolve": " (resolved it)", "reopen": " (opened it again)"}.get(one.action, "")
            text = f": {_cut(one.content, _TEXT)}" if one.content else ""
            yield f"  [{one.id}] {one.by}, {show.local(one.at, zone)}{did}{text}"


def _cut(text: str, most: int) -> str:
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]}… [{left:,} characters more]"


@dataclass(frozen=True, slots=True)
class Listing(View):
    """Comments of a file, the one that changed last first."""

    file: File
    comments: Sequence[Comment]
    state: str
    zone: tzinfo
    offset: int

    def text(self, fence: Fence) -> str:
        """Each comment whole, then how to go on."""
        title = self.file.title(fence)
        kind = "" if self.state == "all" else f"{self.state} "
        if not self.comments:
            return f"{title}: no {kind}comments."
        rest = ["\n".join(one.lines(self.zone)) for one in self.comments[self.offset :]]
        fit = show.fitting(rest, _BYTES, gap=2)
        parts = [
            f"{title}: {show.count(len(self.comments), f'{kind}comment')}",
            fence.block("comments", "\n\n".join(rest[:fit])),
        ]
        if fit < len(rest):
            parts.append(f"[{len(rest) - fit} more: offset={self.offset + fit} goes on]")
        return "\n".join(parts)


@tool(title="Comments", effect=Effect.READS)
async def comments(
    google: Google,
    clock: Clock,
    file: Annotated[str, Field(description="Any file: id, URL or /path.")],
    state: Literal["open", "resolved", "all"] = "open",
    since: Annotated[str | None, Field(description="Changed since, 2026-11-20.")] = None,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> View:
    """Comments of a Doc, Sheet, Slides or other file: quoted text, replies, ids."""
    one, _ = await opened(google, file)
    start = f"{bound('since', since, clock.zone)}Z" if since else None
    found = [
        Comment.from_api(each)
        async for each in google.pages(
            where(one.id), "comments", most=5_000, pageSize=_PAGE, startModifiedTime=start,
            fields=f"comments({COMMENT}),nextPageToken",
        )
        if not each.get("deleted")
    ]  # fmt: skip
    wanted = [each for each in found if state == "all" or each.resolved == (state == "resolved")]
    return Listing(one, wanted, state, clock.zone, offset)


@dataclass(frozen=True, slots=True)
class Said(View):
    """What was done to a comment, and how it stands now."""

    done: str
    file: File
    comment: Comment
    zone: tzinfo
    note: str = ""

    def text(self, fence: Fence) -> str:
        """What was done, and the whole comment."""
        parts = [
            f"{self.done} {self.file.title(fence)}",
            fence.block("comment", "\n".join(self.comment.lines(self.zone))),
        ]
        return "\n".join((*parts, self.note) if self.note else parts)


_DONE: Final = {
    "add": "Commented on", "reply": "Answered a comment on", "resolve": "Resolved a comment on",
    "reopen": "Opened again a comment on", "edit": "Changed a comment on",
}  # fmt: skip


@tool(title="Comment", needs=[Scope.DRIVE_FILE], effect=Effect.WRITES)
async def comment(
    google: Google,
    clock: Clock,
    file: Annotated[str, Field(description="Any file: id, URL or /path.")],
    action: Literal["add", "reply", "resolve", "reopen", "edit"],
    text: str | None = None,
    id: Annotated[
        str | None, Field(description="Of the comment; to edit a reply, COMMENT/REPLY.")
    ] = None,
    quote: Annotated[str | None, Field(description="add: text that is meant.")] = None,
) -> View:
    """Comment on a file, reply, resolve, reopen, edit; Google tells its people. workspace_delete deletes."""
    one, _ = await opened(google, file)
    if action == "add":
        return await _added(google, clock, one, text, quote)
    if not id:
        raise ArgumentError(f"{action} needs the id of a comment.", "comments lists them.")
    parent, _, reply = id.partition("/")
    place = where(one.id).item(parent)
    if action == "edit":
        body = {"content": _needed(text, action)}
        target = place.sub("replies").item(reply) if reply else place
        await google.patch(target, body, safe=True, fields="id,content")
    else:
        await _answered(google, place, action, text)
    now = Comment.from_api(await google.get(place, fields=COMMENT))
    return Said(_DONE[action], one, now, clock.zone)


async def _added(
    google: Google, clock: Clock, file: File, text: str | None, quote: str | None
) -> Said:
    body: dict[str, Any] = {"content": _needed(text, "add")}
    if quote:
        body["quotedFileContent"] = {"value": quote, "mimeType": "text/plain"}
    try:
        made = await google.post(where(file.id), body, fields=COMMENT)
    except OutcomeUnknownError as error:
        raise _unknown() from error
    note = (
        "Google shows the quoted text with the comment, and marks no place in the file."
        if quote and file.native
        else ""
    )
    return Said(_DONE["add"], file, Comment.from_api(made), clock.zone, note)


async def _answered(google: Google, place: Resource, action: str, text: str | None) -> None:
    body: dict[str, Any] = {"content": text} if text else {}
    if action == "reply":
        body["content"] = _needed(text, action)
    else:
        body["action"] = action
    try:
        await google.post(place.sub("replies"), body, fields=_REPLY)
    except OutcomeUnknownError as error:
        raise _unknown() from error


def _needed(text: str | None, action: str) -> str:
    if not text or not text.strip():
        raise ArgumentError(f"{action} needs text.")
    return text


def _unknown() -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "Google's answer was lost: the comment may be there, or not.",
        "comments shows what is there: look before you write it again.",
    )
