"""Reading mail: whole threads and single messages, as much as was asked for, nothing lost silently.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get,
…/users.messages/get
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Final, Literal

import anyio
import anyio.to_thread
from pydantic import Field

from workspace_mcp.errors import ArgumentError, GoogleError, NotFoundError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.payload import unbase64
from workspace_mcp.formats.show import count, size
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.body import Form, Written, wanted, written
from workspace_mcp.services.gmail.invitation import LONGEST, Invitation
from workspace_mcp.services.gmail.known import known
from workspace_mcp.services.gmail.letter import Letter
from workspace_mcp.services.gmail.mailbox import MESSAGES, THREADS
from workspace_mcp.services.gmail.parts import part_bytes
from workspace_mcp.services.gmail.reading import DEFAULT_LIMIT, Asked, Item, Reading
from workspace_mcp.services.gmail.summary import FIELDS
from workspace_mcp.tools import Clock, Effect, JsonObject, Tier, View, tool

_SECONDS: Final = 5.0
"""For one body: longer means that somebody wrote it to take long."""
_LARGEST_PART: Final = 5_000_000
_TOO_SLOW: Final = Written("", ("[this text takes too long to read; body=raw saves the mail]",))


@dataclass(frozen=True, slots=True)
class Found:
    """What Google has for the ids: messages of each (oldest first), or why there is nothing."""

    items: Sequence[tuple[str, Sequence[JsonObject]]]
    failed: Sequence[tuple[str, GoogleError]]


@dataclass(frozen=True, slots=True)
class Saved(View):
    """Messages that lie on this machine now: (id, bytes, path); and why others do not."""

    messages: Sequence[tuple[str, int, str]]
    failed: Sequence[tuple[str, str]]

    def text(self, fence: Fence) -> str:
        """A line each. The names of the files are made of subjects."""
        lines = [
            f"[{identifier}] {size(length)}: {fence.line(path, 2_000)}"
            for identifier, length, path in self.messages
        ]
        lines += [f"[{identifier}] {why}" for identifier, why in self.failed]
        return "\n".join((f"Saved {count(len(self.messages), 'message')}:", *lines))


@tool(
    title="Read mail",
    needs=[Scope.GMAIL_READONLY],
    effect=Effect.READS,
    tier=Tier.CORE,
)
async def gmail_read(
    google: Google,
    clock: Clock,
    files: LocalFiles,
    ids: Annotated[list[str], Field(max_length=25, description="Of threads or messages.")],
    body: Annotated[
        Literal["markdown", "plain", "html", "raw", "none"],
        Field(description="raw saves .eml; none: headers only."),
    ] = "markdown",
    quoted: bool = False,
    last: Annotated[int | None, Field(ge=1, description="Newest n of a thread.")] = None,
    offset: Annotated[int, Field(ge=0)] = 0,
    limit: Annotated[int, Field(ge=2_000, le=100_000, description="Bytes.")] = DEFAULT_LIMIT,
) -> View:
    """Read threads or messages, newest first: headers, text without history, files."""
    if not ids:
        raise ArgumentError("ids is empty.", "gmail_search finds ids.")
    found = await _fetch(google, list(dict.fromkeys(ids)), body)
    if not found.items:
        raise found.failed[0][1]
    items = [
        Item.of(identifier, [Letter.from_api(one) for one in messages], last)
        for identifier, messages in found.items
    ]
    if body == "raw":
        return await _save(google, files, items, found.failed)
    asked = Asked(body, last, offset, limit, quoted=quoted)
    items = await _with_texts(google, await _with_familiar(google, clock, items), asked)
    shown = (label for item in items for letter in item.letters for label in letter.labels)
    labels = await known(google).labels(google, shown, clock.now())
    failed = [(identifier, error.what) for identifier, error in found.failed]
    return Reading(items, failed, asked, labels, clock.zone)


async def _fetch(google: Google, ids: Sequence[str], body: str) -> Found:
    """The messages behind each id.

    A thread has the id of its first message, and Google cannot be asked which of the two an id
    is: a thread is tried first (40 units), then a message (20). Messages that a search has shown
    are known not to be threads, unless they began one.
    """
    memory = known(google)
    alone = {one for one in ids if memory.thread_of(one) not in {"", one}}
    fields = FIELDS if body in {"none", "raw"} else None
    threads = [one for one in ids if one not in alone]
    answers: dict[str, JsonObject | GoogleError] = dict(
        zip(threads, await _many(google, THREADS, threads, fields), strict=True)
    )
    rest = [one for one in ids if isinstance(answers.get(one), NotFoundError) or one in alone]
    answers |= zip(rest, await _many(google, MESSAGES, rest, fields), strict=True)
    items: list[tuple[str, Sequence[JsonObject]]] = []
    failed: list[tuple[str, GoogleError]] = []
    for one in ids:
        answer = answers[one]
        if isinstance(answer, GoogleError):
            failed.append((one, answer))
        else:
            items.append((one, answer.get("messages") or [answer]))
    return Found(items, failed)


async def _many(
    google: Google, kind: Resource, ids: Sequence[str], fields: str | None
) -> list[JsonObject | GoogleError]:
    if not ids:
        return []
    if fields is not None and kind is THREADS:
        fields = f"id,messages({fields})"
    return await google.get_many([kind.item(one) for one in ids], format="full", fields=fields)


async def _with_familiar(google: Google, clock: Clock, items: Sequence[Item]) -> list[Item]:
    """`items` whose letters know whom their senders could pass for."""
    senders = {one.sender.address for item in items for one in item.letters if not one.own}
    familiar = await known(google).familiar(google, senders, clock.now())
    return [
        replace(item, letters=[replace(one, familiar=familiar) for one in item.letters])
        for item in items
    ]


async def _with_texts(google: Google, items: Sequence[Item], asked: Asked) -> list[Item]:
    """`items` with the texts that can come into the answer; the rest is not worked out."""
    room = asked.offset + asked.limit
    done: list[Item] = []
    for item in items:
        letters: list[Letter] = []
        for letter in item.letters:
            ready = letter if room < 0 else await _with_text(google, letter, asked)
            room -= len(ready.written.text) if ready.written else 0
            letters.append(ready)
        done.append(replace(item, letters=letters))
    return done


async def _with_text(google: Google, letter: Letter, asked: Asked) -> Letter:
    if asked.body == "none":
        return replace(letter, written=Written(""))
    fetched = {
        leaf.part_id: await part_bytes(google, letter.id, leaf)
        for leaf in wanted(letter.mail, letter.payload)
        if leaf.size <= _LARGEST_PART
    }
    made = _TOO_SLOW
    with anyio.move_on_after(_SECONDS):
        made = await anyio.to_thread.run_sync(
            partial(
                written, letter.mail, letter.payload, fetched, Form(asked.body),
                quoted=asked.quoted,
            ),
            abandon_on_cancel=True,
        )  # fmt: skip
    return replace(letter, written=made, invitation=await _invitation(google, letter))


async def _invitation(google: Google, letter: Letter) -> Invitation | None:
    leaf = letter.mail.calendar
    if leaf is None or leaf.size > LONGEST:
        return None
    data = leaf.data if leaf.data is not None else await part_bytes(google, letter.id, leaf)
    return Invitation.from_text(leaf.text(data))


async def _save(
    google: Google,
    files: LocalFiles,
    items: Sequence[Item],
    failed: Sequence[tuple[str, GoogleError]],
) -> Saved:
    """Save every message as it was received."""
    saved: list[tuple[str, int, str]] = []
    for letter in (letter for item in items for letter in item.letters):
        message = await google.get_large(MESSAGES.item(letter.id), format="raw", fields="raw")
        data = unbase64(message.get("raw", ""))
        name = f"{letter.received:%Y-%m-%d} {clean_line(letter.subject)[:80] or letter.id}.eml"
        path = await anyio.to_thread.run_sync(files.save, name, data)
        saved.append((letter.id, len(data), str(path)))
    return Saved(saved, [(identifier, error.what) for identifier, error in failed])
