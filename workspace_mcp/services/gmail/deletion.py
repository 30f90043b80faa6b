"""Deleting mail, drafts, labels and filters, for `workspace_delete`.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/trash
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from workspace_mcp.deleting import Doomed, Plan
from workspace_mcp.errors import ArgumentError, GoogleError, NotFoundError, PolicyError
from workspace_mcp.formats import show
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.client import Google, JsonObject
from workspace_mcp.google.resource import Resource
from workspace_mcp.scopes import Scope, missing
from workspace_mcp.services.gmail.drafts import found as found_draft
from workspace_mcp.services.gmail.filters import FILTERS, described
from workspace_mcp.services.gmail.mailbox import (
    DRAFTS,
    LABELS,
    MESSAGES,
    SYSTEM,
    THREADS,
    Labels,
)
from workspace_mcp.services.gmail.sender import decoded, people
from workspace_mcp.services.gmail.summary import header_map

_HEADERS: Final = ("Subject", "From", "To")
_GONE: Final = frozenset({400, 404, 410})


def needs(kind: str, *, permanent: bool) -> Sequence[Scope]:
    """The permissions that deleting takes."""
    if permanent and kind in {"message", "thread"}:
        return [Scope.MAIL]
    return [_NEEDS[kind]]


_NEEDS: Final[Mapping[str, Scope]] = {
    "message": Scope.GMAIL_MODIFY, "thread": Scope.GMAIL_MODIFY, "draft": Scope.GMAIL_COMPOSE,
    "label": Scope.GMAIL_LABELS, "filter": Scope.GMAIL_SETTINGS,
}  # fmt: skip


def check(kind: str, granted: frozenset[str], *, permanent: bool) -> None:
    """Refuse to delete mail for good unless the sign-in holds the one permission for it.

    Raises:
        PolicyError: it does not; no login asks for that permission by itself.
    """
    if permanent and kind in {"message", "thread"} and missing([Scope.MAIL], granted):
        raise PolicyError(
            f"Deleting mail for good takes the permission {Scope.MAIL}, which this sign-in does not "
            "have, and no login of ours asks for it.",
            "Leave permanent away: the mail goes to the trash, which Gmail empties after 30 days.",
        )


async def plan(google: Google, kind: str, ids: Sequence[str], *, permanent: bool) -> Plan:
    """What the ids mean, and how each would go."""
    return await _PLANNERS[kind](google, ids, permanent)


async def _messages(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    found = await google.get_many(
        [MESSAGES.item(one) for one in ids], format="metadata", metadataHeaders=_HEADERS,
        fields="id,payload/headers",
    )  # fmt: skip
    return _plan(ids, found, lambda one, answer: _mail(MESSAGES.item(one), one, answer, permanent))


async def _threads(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    found = await google.get_many(
        [THREADS.item(one) for one in ids], format="metadata", metadataHeaders=_HEADERS,
        fields="id,messages(id,payload/headers)",
    )  # fmt: skip

    def doomed(one: str, answer: Mapping[str, Any]) -> Doomed:
        messages: Sequence[Mapping[str, Any]] = answer.get("messages", ())
        first = messages[0] if messages else {}
        told = _mail(THREADS.item(one), one, first, permanent)
        return replace(told, what=f"{told.what}, {show.count(len(messages), 'message')}")

    return _plan(ids, found, doomed)


def _mail(resource: Resource, one: str, message: Mapping[str, Any], permanent: bool) -> Doomed:
    return Doomed(one, _described(message), resource, trash=not permanent)


def _described(message: Mapping[str, Any]) -> str:
    headers = header_map(message.get("payload", {}))
    subject = clean_line(decoded(headers.get("subject", "")))[:100] or "(no subject)"
    senders = people(headers.get("from", ""))
    return f'"{subject}" from {senders[0].address[:100] if senders else "nobody"}'


async def _drafts(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    del permanent
    doomed: list[Doomed] = []
    lost: list[str] = []
    for one in ids:
        try:
            draft = await found_draft(google, one, "metadata")
        except NotFoundError:
            lost.append(one)
        else:
            headers = header_map(draft["message"].get("payload", {}))
            to = ", ".join(person.address for person in people(headers.get("to", ""))[:3])
            subject = clean_line(decoded(headers.get("subject", "")))[:100] or "(no subject)"
            what = f'"{subject}" to {to or "nobody yet"}'
            doomed.append(Doomed(draft["id"], what, DRAFTS.item(draft["id"]), trash=False))
    return Plan(doomed, lost)


async def _labels(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    del permanent
    labels = await Labels.fetch(google)
    chosen = labels.ids(ids)
    if own := [one for one in chosen if one in SYSTEM]:
        raise ArgumentError(f"{labels.name(own[0])} is Gmail's own label and stays.")
    found = await google.get_many([LABELS.item(one) for one in chosen])

    def doomed(one: str, answer: Mapping[str, Any]) -> Doomed:
        on = show.count(int(answer.get("messagesTotal", 0)), "message")
        what = f'"{clean_line(answer["name"])[:100]}", taken off {on}'
        return Doomed(one, what, LABELS.item(one), trash=False)

    return _plan(chosen, found, doomed)


async def _filters(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    del permanent
    labels = await Labels.fetch(google)
    found = await google.get_many([FILTERS.item(one) for one in ids])

    def doomed(one: str, answer: Mapping[str, Any]) -> Doomed:
        return Doomed(one, described(answer, labels)[:200], FILTERS.item(one), trash=False)

    return _plan(ids, found, doomed)


def _plan(
    ids: Sequence[str],
    found: Sequence[JsonObject | GoogleError],
    doomed: Callable[[str, Mapping[str, Any]], Doomed],
) -> Plan:
    there: list[Doomed] = []
    lost: list[str] = []
    for one, answer in zip(ids, found, strict=True):
        if not isinstance(answer, GoogleError):
            there.append(doomed(one, answer))
        elif answer.status in _GONE:
            lost.append(one)
        else:
            raise answer
    return Plan(there, lost)


Planner = Callable[[Google, Sequence[str], bool], Awaitable[Plan]]
_PLANNERS: Final[Mapping[str, Planner]] = {
    "message": _messages, "thread": _threads, "draft": _drafts, "label": _labels,
    "filter": _filters,
}  # fmt: skip


async def delete(google: Google, doomed: Doomed) -> None:
    """Delete one thing for good, or put it into the trash. Twice does no harm."""
    if doomed.trash:
        await google.post(doomed.resource.sub("trash"), safe=True, fields="id")
    else:
        await google.delete(doomed.resource)
