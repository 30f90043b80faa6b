"""Deleting mail, drafts, labels and filters, for `workspace_delete`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import ArgumentError, GoogleError, MissingScopeError, NotFoundError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.mailbox import (
    DRAFTS,
    LABELS,
    MESSAGES,
    SETTINGS,
    SYSTEM,
    THREADS,
    Labels,
)

FILTERS: Final = SETTINGS.sub("filters")


@dataclass(frozen=True, slots=True)
class Doomed:
    """One thing to delete: its id, what it is, and how it goes ("trash" or "for good")."""

    id: str
    what: str
    resource: Resource
    trash: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be deleted, and which ids mean nothing."""

    doomed: Sequence[Doomed]
    lost: Sequence[str]


async def _mails(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    query = {"format": "metadata", "metadataHeaders": ["Subject", "From"]}
    found = await google.get_many([MESSAGES.item(one) for one in ids], **query)
    return _plan(ids, found, lambda one, answer: _mail(MESSAGES.item(one), answer, permanent))


def _mail(resource: Resource, message: Mapping[str, object], permanent: bool) -> Doomed:
    headers = message.get("payload")
    fields = headers.get("headers", []) if isinstance(headers, dict) else []
    named = {str(one["name"]).lower(): clean_line(str(one["value"])) for one in fields}
    what = f'"{named.get("subject", "")[:100]}" from {named.get("from", "")[:100]}'
    return Doomed(str(message["id"]), what, resource, trash=not permanent)


async def _threads(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    found = await google.get_many(
        [THREADS.item(one) for one in ids], format="metadata", metadataHeaders=["Subject", "From"]
    )

    def doomed(one: str, answer: Mapping[str, object]) -> Doomed:
        messages = answer.get("messages")
        first = messages[0] if isinstance(messages, list) else {}
        told = _mail(THREADS.item(one), first, permanent)
        count = len(messages) if isinstance(messages, list) else 0
        return Doomed(one, f"{told.what} ({count} messages)", told.resource, told.trash)

    return _plan(ids, found, doomed)


async def _drafts(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    del permanent
    found = await google.get_many([DRAFTS.item(one) for one in ids], format="metadata")

    def doomed(one: str, answer: Mapping[str, object]) -> Doomed:
        message = answer.get("message")
        told = _mail(
            DRAFTS.item(one), message if isinstance(message, dict) else {"id": one}, permanent=True
        )
        return Doomed(one, told.what, told.resource, trash=False)

    return _plan(ids, found, doomed)


async def _labels(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    del permanent
    labels = await Labels.fetch(google)
    chosen = labels.ids(ids)
    if system := [one for one in chosen if one in SYSTEM]:
        raise ArgumentError(f"{labels.name(system[0])} is Gmail's own label and stays.")
    found = await google.get_many([LABELS.item(one) for one in chosen])

    def doomed(one: str, answer: Mapping[str, object]) -> Doomed:
        what = f'label "{clean_line(str(answer["name"]))}" on {answer.get("messagesTotal", 0)} messages, which stay'
        return Doomed(one, what, LABELS.item(one), trash=False)

    return _plan(chosen, found, doomed)


async def _filters(google: Google, ids: Sequence[str], permanent: bool) -> Plan:
    del permanent
    found = await google.get_many([FILTERS.item(one) for one in ids])

    def doomed(one: str, answer: Mapping[str, object]) -> Doomed:
        return Doomed(
            one,
            f"filter {clean_line(str(answer.get('criteria', {})))[:200]}",
            FILTERS.item(one),
            trash=False,
        )

    return _plan(ids, found, doomed)


def _plan(
    ids: Sequence[str],
    found: Sequence[Mapping[str, object] | GoogleError],
    doomed: Callable[[str, Mapping[str, object]], Doomed],
) -> Plan:
    there: list[Doomed] = []
    lost: list[str] = []
    for one, answer in zip(ids, found, strict=True):
        if not isinstance(answer, GoogleError):
            there.append(doomed(one, answer))
        elif isinstance(answer, NotFoundError) or answer.status == 400:
            lost.append(one)
        else:
            raise answer
    return Plan(there, lost)


Planner = Callable[[Google, Sequence[str], bool], Awaitable[Plan]]

PLANNERS: Final[Mapping[str, Planner]] = {
    "message": _mails, "thread": _threads, "draft": _drafts, "label": _labels, "filter": _filters,
}  # fmt: skip
"""Kind → what finds out what would be deleted."""

NEEDS: Final[Mapping[str, Scope]] = {
    "message": Scope.GMAIL_MODIFY, "thread": Scope.GMAIL_MODIFY, "draft": Scope.GMAIL_COMPOSE,
    "label": Scope.GMAIL_LABELS, "filter": Scope.GMAIL_SETTINGS,
}  # fmt: skip


async def delete(google: Google, doomed: Doomed) -> None:
    """Delete one thing, or put it into the trash.

    Raises:
        MissingScopeError: deleting mail for good needs a permission that no login asks for.
    """
    if doomed.trash:
        await google.post(doomed.resource.sub("trash"), safe=True)
        return
    try:
        await google.delete(doomed.resource)
    except MissingScopeError as error:
        mail = doomed.resource.template.startswith((MESSAGES.template, THREADS.template))
        if mail:
            raise MissingScopeError(google.account, "gmail", [Scope.MAIL]) from error
        raise
