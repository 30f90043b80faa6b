"""Changing Gmail's settings: labels, filters, the vacation responder, signatures."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, PolicyError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.markdown_mail import body as markdown_body
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.identity import SEND_AS, Identity
from workspace_mcp.services.gmail.mailbox import LABELS, Labels
from workspace_mcp.services.gmail.settings import FILTERS, VACATION, described, vacation_lines
from workspace_mcp.tools import Clock, Effect, JsonObject, View, tool

COLOURS: Final[Mapping[str, tuple[str, str]]] = {
    "red": ("#fb4c2f", "#ffffff"), "orange": ("#ffad47", "#000000"), "yellow": ("#fad165", "#000000"),
    "green": ("#16a766", "#ffffff"), "mint": ("#43d692", "#000000"), "blue": ("#4a86e8", "#ffffff"),
    "purple": ("#a479e2", "#ffffff"), "pink": ("#f691b3", "#000000"), "black": ("#000000", "#ffffff"),
    "grey": ("#cccccc", "#000000"),
}  # fmt: skip
"""Names for pairs of Gmail's fixed palette: background, text."""
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "label": ("name", "color", "show"),
    "filter": ("from", "to", "subject", "query", "has_attachment", "larger", "add", "remove"),
    "vacation": ("on", "subject", "body", "start", "end", "contacts_only", "domain_only"),
    "sendas": ("signature", "name"),
}
_SHOW: Final = {"yes": "labelShow", "unread": "labelShowIfUnread", "no": "labelHide"}


@dataclass(frozen=True, slots=True)
class Changed(View):
    """A setting before and after. `foreign` values are cleaned when they are shown."""

    title: str
    before: Sequence[str]
    after: Sequence[str]
    dry_run: bool
    note: str = ""

    def text(self, fence: Fence) -> str:
        """What it was, what it is."""
        lines = [f"{'Would change' if self.dry_run else 'Changed'} {fence.line(self.title)}."]
        lines += [f"before: {fence.line(line, 400)}" for line in self.before or ("nothing",)]
        lines += [f"after: {fence.line(line, 400)}" for line in self.after]
        lines += [self.note] if self.note else []
        return "\n".join([*lines, "Nothing was changed: dry_run."] if self.dry_run else lines)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be set."""

    id: str
    values: Mapping[str, Any]
    zone: tzinfo
    now: datetime
    dry_run: bool


@tool(
    title="Change mail settings",
    needs=[Scope.GMAIL_SETTINGS, Scope.GMAIL_LABELS],
    effect=Effect.WRITES,
    level="full",
)
async def gmail_settings_set(
    google: Google,
    clock: Clock,
    what: Literal["label", "filter", "vacation", "sendas"],
    values: Annotated[
        dict[str, Any],
        Field(
            description="label: name,color,show; filter: from,to,subject,query,has_attachment,"
            "larger,add[],remove[]; vacation: on,subject,body,start,end,contacts_only,domain_only; "
            "sendas: signature,name"
        ),
    ],
    id: Annotated[str | None, Field(description="Label, filter id or address.")] = None,
    dry_run: bool = False,
) -> View:
    """Create (without id) or change a mail setting."""
    if unknown := sorted(set(values) - set(_FIELDS[what])):
        raise ArgumentError(
            f"{what} has no field {', '.join(clean_line(one)[:40] for one in unknown)}.",
            f"It takes: {', '.join(_FIELDS[what])}.",
        )
    if not values:
        raise ArgumentError("values is empty.", f"{what} takes: {', '.join(_FIELDS[what])}.")
    order = Order(id or "", values, clock.zone, clock.now(), dry_run)
    return await _WRITERS[what](google, order)


async def _label(google: Google, order: Order) -> View:
    labels = await Labels.fetch(google)
    body: JsonObject = {}
    if "name" in order.values:
        body["name"] = clean_line(_text(order.values, "name"))
    if colour := order.values.get("color"):
        body["color"] = _colour(str(colour))
    if "show" in order.values:
        if order.values["show"] not in _SHOW:
            raise ArgumentError("show is yes, unread or no.")
        body["labelListVisibility"] = _SHOW[order.values["show"]]
    if not order.id:
        if not body.get("name"):
            raise ArgumentError("A new label needs a name.", 'values={"name": "Work/Invoices"}')
        if not order.dry_run:
            await google.post(
                LABELS,
                {"labelListVisibility": "labelShow", "messageListVisibility": "show", **body},
            )
        return Changed(f"label {body['name']}", (), (_shown(body),), order.dry_run)
    identifier = labels.id(order.id)
    old = await google.get(LABELS.item(identifier))
    new = {**old, **body}
    if not order.dry_run:
        new = await google.patch(LABELS.item(identifier), body, safe=True)
    return Changed(
        f"label {labels.name(identifier)}", (_shown(old),), (_shown(new),), order.dry_run
    )


def _shown(label: Mapping[str, Any]) -> str:
    colour = label.get("color", {}).get("backgroundColor", "no colour")
    show = {value: key for key, value in _SHOW.items()}.get(
        label.get("labelListVisibility", ""), "yes"
    )
    return f"{clean_line(label['name'])}, {colour}, show {show}"


def _colour(text: str) -> JsonObject:
    if text.lower() not in COLOURS:
        raise ArgumentError(
            f"{clean_line(text)[:30]!r} is no colour of Gmail's.", f"Colours: {', '.join(COLOURS)}."
        )
    background, front = COLOURS[text.lower()]
    return {"backgroundColor": background, "textColor": front}


async def _filter(google: Google, order: Order) -> View:
    labels = await Labels.fetch(google)
    criteria = {
        name: clean_line(_text(order.values, name))
        for name in ("from", "to", "subject", "query")
        if order.values.get(name)
    }
    wanted: JsonObject = dict(criteria)
    if order.values.get("has_attachment"):
        wanted["hasAttachment"] = True
    if "larger" in order.values:
        wanted |= {"size": _number(order.values["larger"]), "sizeComparison": "larger"}
    add = _names(order.values, "add")
    remove = _names(order.values, "remove")
    if any("@" in name for name in (*add, *remove)):
        raise PolicyError(
            "Filters that forward mail are not made here.", "The user can make one in Gmail."
        )
    action = {"addLabelIds": labels.ids(add), "removeLabelIds": labels.ids(remove)}
    action = {key: ids for key, ids in action.items() if ids}
    if not wanted or not action:
        raise ArgumentError(
            "A filter needs something to look for, and something to do.",
            'values={"from": "a@b.c", "add": ["Bills"], "remove": ["inbox"]}',
        )
    entry = {"criteria": wanted, "action": action}
    old = await google.get(FILTERS.item(order.id)) if order.id else None
    note = _warning(action)
    if not order.dry_run:
        made = await google.post(FILTERS, entry)
        note = f"Its id is [{made['id']}]. {note}".strip()
        if order.id:
            await google.delete(FILTERS.item(order.id))
            note = f"{note} The old one, [{order.id}], is deleted: Gmail cannot change a filter.".strip()
    before = () if old is None else (described(old, labels),)
    return Changed("a filter", before, (described(entry, labels),), order.dry_run, note)


def _warning(action: Mapping[str, Sequence[str]]) -> str:
    if "TRASH" in action.get("addLabelIds", ()):
        return "Mail that it matches will go straight to the trash."
    if "INBOX" in action.get("removeLabelIds", ()):
        return "Mail that it matches will not appear in the inbox."
    return ""


async def _vacation(google: Google, order: Order) -> View:
    old = await google.get(VACATION)
    values = order.values
    new: JsonObject = dict(old)
    new["enableAutoReply"] = bool(values.get("on", True))
    if "subject" in values:
        new["responseSubject"] = clean_line(_text(values, "subject"))
    if "body" in values:
        written = markdown_body(_text(values, "body"))
        new |= {"responseBodyPlainText": written.text, "responseBodyHtml": written.html}
    for name, key, days in (("start", "startTime", 0), ("end", "endTime", 1)):
        if name in values:
            new[key] = _moment(values[name], order.zone, days, name)
    for name, key in (("contacts_only", "restrictToContacts"), ("domain_only", "restrictToDomain")):
        if name in values:
            new[key] = bool(values[name])
    if new["enableAutoReply"] and not (
        new.get("responseSubject")
        or new.get("responseBodyPlainText")
        or new.get("responseBodyHtml")
    ):
        raise ArgumentError("A vacation responder needs a subject or a body.")
    if new.get("startTime") and new.get("endTime") and int(new["startTime"]) >= int(new["endTime"]):
        raise ArgumentError("The vacation ends before it starts.")
    if not order.dry_run:
        new = await google.put(VACATION, new)
    return Changed(
        "the vacation responder",
        vacation_lines(old, order.zone),
        vacation_lines(new, order.zone),
        order.dry_run,
    )


def _moment(value: Any, zone: tzinfo, days: int, name: str) -> str:
    """Milliseconds since 1970 of a local date (its end for the last day) or time."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ArgumentError(
            f"{name} is no date.", "Write it like 2026-12-24 or 2026-12-24T18:00."
        ) from None
    if len(str(value).strip()) <= 10:
        moment += timedelta(days=days)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return str(int(moment.timestamp() * 1000))


async def _send_as(google: Google, order: Order) -> View:
    identity = await Identity.fetch(google)
    alias = identity.named(order.id) if order.id else identity.aliases[0]
    body: JsonObject = {}
    if "signature" in order.values:
        text = _text(order.values, "signature")
        body["signature"] = markdown_body(text).html if text.strip() else ""
    if "name" in order.values:
        body["displayName"] = clean_line(_text(order.values, "name"))
    resource = SEND_AS.item(alias.address.email)
    old = await google.get(resource)
    new = {**old, **body} if order.dry_run else await google.patch(resource, body, safe=True)
    shown = [
        f"{one.get('displayName', '')}; signature {one.get('signature', '') or 'none'}"
        for one in (old, new)
    ]
    return Changed(f"send-as {alias.address.email}", (shown[0],), (shown[1],), order.dry_run)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise ArgumentError(f"{name} is not a text.")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdigit():
        raise ArgumentError("larger is a number of bytes.")
    return int(value)


def _names(values: Mapping[str, Any], name: str) -> list[str]:
    found = values.get(name, [])
    if isinstance(found, str):
        return [found]
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ArgumentError(f"{name} is a list of label names.")
    return found


_WRITERS: Final[Mapping[str, Callable[[Google, Order], Awaitable[View]]]] = {
    "label": _label, "filter": _filter, "vacation": _vacation, "sendas": _send_as,
}  # fmt: skip
