"""What ids mean: messages or threads. A thread has the id of its first message, and means both.

Source: developers.google.com/workspace/gmail/api/reference/quota
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import ArgumentError, GoogleError
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource
from workspace_mcp.services.gmail.known import known
from workspace_mcp.services.gmail.labelling import State
from workspace_mcp.services.gmail.mailbox import MESSAGES, THREADS

FEW: Final = 10
"""Items that are looked at one by one, at 20 to 60 units each."""
OF_THREAD: Final = "id,messages(id,labelIds)"
OF_MESSAGE: Final = "id,threadId,labelIds"
_PAGE: Final = 500
_PAGES: Final = 10
"""Pages of the mailbox's list, at 5 units, in which many ids are looked up."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the ids mean, in their order, and those that mean nothing."""

    states: Sequence[State]
    missing: Sequence[str]


async def look(google: Google, ids: Sequence[str]) -> Found:
    """Each id with its messages and their labels. For few ids.

    Raises:
        GoogleError: Google refused to say, for another reason than that there is none.
    """
    alone = {one for one in ids if known(google).thread_of(one) not in {"", one}}
    threads = [one for one in ids if one not in alone]
    states = await _states(google, THREADS, threads, OF_THREAD)
    rest = [one for one in ids if one not in states]
    states |= await _states(google, MESSAGES, rest, OF_MESSAGE)
    return Found([states[one] for one in ids if one in states], _without(ids, states))


async def labels_of(google: Google, states: Sequence[State]) -> Sequence[State]:
    """`states` with their messages and labels; those that are gone meanwhile as they were."""
    threads = [one.id for one in states if one.thread]
    messages = [one.id for one in states if not one.thread]
    found = await _states(google, THREADS, threads, OF_THREAD)
    found |= await _states(google, MESSAGES, messages, OF_MESSAGE)
    return [found.get(one.id, one) for one in states]


async def _states(
    google: Google, kind: Resource, ids: Sequence[str], fields: str
) -> dict[str, State]:
    if not ids:
        return {}
    answers = await google.get_many(
        [kind.item(one) for one in ids], format="minimal", fields=fields
    )
    found: dict[str, State] = {}
    for one, answer in zip(ids, answers, strict=True):
        if not isinstance(answer, GoogleError):
            found[one] = State.from_api(one, answer)
        elif answer.status not in {400, 404}:
            raise answer
    return found


async def sort_out(google: Google, ids: Sequence[str]) -> Found:
    """Which of many ids are threads. Cheap: what a search showed is known, lists tell the rest.

    Raises:
        GoogleError: Google refused to say, for another reason than that there is none.
        ArgumentError: one cannot be an id.
    """
    for one in ids:
        MESSAGES.item(one)
    memory = known(google)
    threads = {one for one in ids if one in memory.threads()}
    messages = {one for one in ids if memory.thread_of(one) not in {"", one}}
    wanted = set(ids) - threads - messages
    if len(wanted) > FEW:
        listed = await _listed(google, wanted)
        threads |= {one for one in wanted if one in listed.values()}
        messages |= wanted & listed.keys() - threads
        wanted -= threads | messages
    looked = await look(google, sorted(wanted)) if wanted else Found((), ())
    states = {one.id: one for one in looked.states}
    states |= {one: State(one, one in threads) for one in threads | messages}
    return Found([states[one] for one in ids if one in states], _without(ids, states))


async def _listed(google: Google, wanted: set[str]) -> dict[str, str]:
    """Message → thread of the newest messages, until all of `wanted` have turned up."""
    found: dict[str, str] = {}
    left = set(wanted)
    async for one in google.pages(
        MESSAGES, "messages", most=_PAGE * _PAGES, maxResults=_PAGE, includeSpamTrash=True,
        fields="messages(id,threadId),nextPageToken",
    ):  # fmt: skip
        found[one["id"]] = one["threadId"]
        left -= {one["id"], one["threadId"]}
        if not left:
            break
    return found


def _without(ids: Sequence[str], states: dict[str, State]) -> list[str]:
    return [one for one in ids if one not in states]


async def matching(
    google: Google, query: str, most: int, *, everywhere: bool
) -> Sequence[tuple[str, str]]:
    """(message, thread) of what a query matches, newest first.

    Raises:
        ArgumentError: it matches more than `most`.
    """
    found = [
        (one["id"], one["threadId"])
        async for one in google.pages(
            MESSAGES, "messages", most=most + 1, q=query, maxResults=_PAGE,
            includeSpamTrash=True if everywhere else None,
            fields="messages(id,threadId),nextPageToken",
        )
    ]  # fmt: skip
    if len(found) > most:
        raise ArgumentError(
            f"The query matches more than {most:,} messages. Nothing was changed.",
            "Narrow it, such as with after: and before:, and go in steps.",
        )
    return found
