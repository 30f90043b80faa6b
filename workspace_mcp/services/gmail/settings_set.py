"""Changing Gmail's settings: labels, filters, the vacation responder, send-as addresses.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, MissingScopeError, WorkspaceError
from workspace_mcp.formats import show
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.formats.markdown_mail import body as markdown_body
from workspace_mcp.google.client import Google
from workspace_mcp.policy.consent import Consent
from workspace_mcp.scopes import Scope, missing
from workspace_mcp.services.gmail import filters, vacation
from workspace_mcp.services.gmail.asking import filtering, hides
from workspace_mcp.services.gmail.colours import colour, named
from workspace_mcp.services.gmail.filters import FILTERS
from workspace_mcp.services.gmail.identity import SEND_AS, Identity
from workspace_mcp.services.gmail.labelling import Change
from workspace_mcp.services.gmail.mailbox import LABELS, MESSAGES, SYSTEM, Labels
from workspace_mcp.services.gmail.vacation import VACATION
from workspace_mcp.services.gmail.values import FIELDS, Values
from workspace_mcp.tools import Accounts, Clock, Effect, JsonObject, View, tool

_MOST: Final = 1_000
"""Messages that already are there, to which a new filter is applied at once."""
_SHOW: Final = {"yes": "labelShow", "unread": "labelShowIfUnread", "no": "labelHide"}
_NEEDS: Final[Mapping[str, Scope]] = {
    "label": Scope.GMAIL_LABELS, "filter": Scope.GMAIL_SETTINGS,
    "vacation": Scope.GMAIL_SETTINGS, "sendas": Scope.GMAIL_SETTINGS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be set. `id` is "" for something new, or for the default."""

    id: str
    values: Values
    now: datetime
    consent: Consent
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Changed(View):
    """A setting before and after; `made`: there was none before. `notes` are in our words."""

    title: str
    before: Sequence[str]
    after: Sequence[str]
    notes: Sequence[str] = ()
    dry_run: bool = False

    def text(self, fence: Fence) -> str:
        """What it was, what it is, what else to know."""
        made = not self.before
        verbs = ("Would make", "Would change") if self.dry_run else ("Made", "Changed")
        lines = [f"{verbs[0] if made else verbs[1]} {fence.line(self.title)}."]
        lines += [f"  before: {fence.line(line, 400)}" for line in self.before]
        lines += [f"  {'' if made else 'after: '}{fence.line(line, 400)}" for line in self.after]
        lines += self.notes
        return "\n".join([*lines, "Nothing was changed: dry_run."] if self.dry_run else lines)


@tool(title="Change mail settings", effect=Effect.WRITES, level="full")
async def gmail_settings_set(
    google: Google,
    clock: Clock,
    accounts: Accounts,
    consent: Consent,
    what: Literal["label", "filter", "vacation", "sendas"],
    values: Annotated[
        dict[str, Any],
        Field(description="; ".join(f"{kind}: {','.join(FIELDS[kind])}" for kind in FIELDS)),
    ],
    id: Annotated[str | None, Field(description="Label, filter or address to change.")] = None,
    dry_run: bool = False,
) -> View:
    """Create (without id) or change a mail setting."""
    given = Values(what, values)
    given.check()
    granted = accounts.granted(google.account)
    needed = [_NEEDS[what], *([Scope.GMAIL_MODIFY] if "apply" in given else [])]
    if granted and (lacking := missing(needed, granted)):
        raise MissingScopeError(google.account, "gmail", lacking)
    order = Order(id or "", given, clock.now(), consent, dry_run)
    return replace(await _WRITERS[what](google, order), dry_run=dry_run)


async def _label(google: Google, order: Order) -> Changed:
    labels = await Labels.fetch(google)
    body = _label_body(order.values)
    if not order.id:
        if not body.get("name"):
            raise ArgumentError("A new label needs a name.", 'values={"name": "Work/Invoices"}')
        new = {"labelListVisibility": "labelShow", "messageListVisibility": "show", **body}
        if not order.dry_run:
            new = await google.post(LABELS, new)
        return Changed("label", (), (_label_line(new),))
    identifier = labels.id(order.id)
    if identifier in SYSTEM:
        raise ArgumentError(f"{labels.name(identifier)} is Gmail's own label and stays as it is.")
    old = await google.get(LABELS.item(identifier))
    new = {**old, **body}
    if not order.dry_run:
        new = await google.patch(LABELS.item(identifier), body, safe=True)
    return Changed("label", (_label_line(old),), (_label_line(new),))


def _label_body(values: Values) -> JsonObject:
    body: JsonObject = {}
    if "name" in values:
        body["name"] = values.line("name")
    if "color" in values:
        body["color"] = colour(values.text("color"))
    if "show" in values:
        wish = values.given["show"]
        word = {True: "yes", False: "no"}.get(wish, wish) if isinstance(wish, bool) else wish
        if word not in _SHOW:
            raise ArgumentError(f"show is one of {', '.join(_SHOW)}.")
        body["labelListVisibility"] = _SHOW[word]
    return body


def _label_line(label: Mapping[str, Any]) -> str:
    code = label.get("color", {}).get("backgroundColor")
    shown = {key: word for word, key in _SHOW.items()}.get(label.get("labelListVisibility", ""))
    parts = [clean_line(label["name"])[:225]]
    parts += [named(code)] if code else []
    parts += [f"show {shown}"] if shown and shown != "yes" else []
    return ", ".join(parts)


async def _filter(google: Google, order: Order) -> Changed:
    """A new filter; a changed one too, for Gmail cannot change any."""
    labels = await Labels.fetch(google)
    old = await google.get(FILTERS.item(order.id)) if order.id else {}
    entry = filters.entry(old, order.values, labels)
    notes = list(filters.effects(entry["action"]))
    before = (filters.described(old, labels),) if old else ()
    after = filters.described(entry, labels)
    if old and entry == {key: old.get(key) for key in entry}:
        return Changed("filter", before, (after,), ["It was that way already."])
    if not order.dry_run:
        if hides(entry["action"]):
            await order.consent(filtering(after, tuple(filters.effects(entry["action"]))))
        made = await google.post(FILTERS, entry)
        after = f"[{made['id']}] {after}"
        notes += [await _replaced(google, order.id)] if order.id else []
    if "apply" in order.values and order.values.flag("apply"):
        notes.append(await _applied(google, entry, dry_run=order.dry_run))
    return Changed("filter", before, (after,), notes)


async def _replaced(google: Google, identifier: str) -> str:
    """Delete the filter that another has taken the place of; what happened."""
    try:
        await google.delete(FILTERS.item(identifier))
    except WorkspaceError as error:  # the new one works already, and that must be said
        return f"The old filter [{identifier}] is still there and works too: {error.what}"
    return f"Gmail cannot change a filter: a new one was made, the old [{identifier}] deleted."


async def _applied(google: Google, entry: JsonObject, *, dry_run: bool) -> str:
    """Do to mail that is there what the filter does to new mail; what happened."""
    found = [
        one["id"]
        async for one in google.pages(
            MESSAGES, "messages", most=_MOST + 1, q=filters.query(entry["criteria"]),
            maxResults=500, fields="messages/id,nextPageToken",
        )
    ]  # fmt: skip
    more = f" There are more than {_MOST:,}: gmail_modify changes the rest." * (len(found) > _MOST)
    ids = found[:_MOST]
    if dry_run:
        return f"It would change {show.count(len(ids), 'message')} that are there.{more}"
    if ids:
        change = Change(
            frozenset(entry["action"].get("addLabelIds", ())),
            frozenset(entry["action"].get("removeLabelIds", ())),
        )
        try:
            await google.post(MESSAGES.sub("batchModify"), {"ids": ids, **change.body}, safe=True)
        except WorkspaceError as error:  # the filter itself is made, and that must be said
            return f"Mail that is there was not changed: {error.what}"
    return f"Applied to {show.count(len(ids), 'message')} that were there.{more}"


async def _vacation(google: Google, order: Order) -> Changed:
    if order.id:
        raise ArgumentError("There is one vacation responder: leave id away.")
    zone = order.now.tzinfo
    assert zone is not None
    old = await google.get(VACATION)
    new = vacation.responder(old, order.values, zone)
    if not order.dry_run:
        new = await google.put(VACATION, new)
    notes = [note] if (note := vacation.warning(new, order.now)) else []
    before, after = (list(vacation.lines(one, zone)) for one in (old, new))
    return Changed("vacation responder", before, after, notes)


async def _send_as(google: Google, order: Order) -> Changed:
    identity = await Identity.fetch(google)
    alias = identity.named(order.id) if order.id else identity.default
    body: JsonObject = {}
    if "signature" in order.values:
        text = order.values.text("signature")
        body["signature"] = markdown_body(text).html if text.strip() else ""
    if "name" in order.values:
        body["displayName"] = order.values.line("name")
    resource = SEND_AS.item(alias.address.email)
    old = await google.get(resource)
    new = {**old, **body} if order.dry_run else await google.patch(resource, body, safe=True)
    return Changed(f"send-as {alias.address.email}", (_alias_line(old),), (_alias_line(new),))


def _alias_line(entry: Mapping[str, Any]) -> str:
    signature = clean_line(html_text(entry.get("signature", "")).text)
    name = clean_line(entry.get("displayName", ""))
    return f"name {name or '(none)'}, signature: {signature or 'none'}"


Writer = Callable[[Google, Order], Awaitable[Changed]]
_WRITERS: Final[Mapping[str, Writer]] = {
    "label": _label, "filter": _filter, "vacation": _vacation, "sendas": _send_as,
}  # fmt: skip
