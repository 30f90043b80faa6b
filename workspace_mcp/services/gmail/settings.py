"""Gmail's settings: what they are, and changing them.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Literal

from workspace_mcp.errors import GoogleError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.identity import SEND_AS
from workspace_mcp.services.gmail.mailbox import LABELS, SETTINGS, SYSTEM, Labels
from workspace_mcp.tools import Clock, Effect, View, tool

FILTERS: Final = SETTINGS.sub("filters")
VACATION: Final = SETTINGS.sub("vacation")
_MOST_LABELS: Final = 200


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of setting: a heading of ours, and lines whose foreign parts are cleaned."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class SettingsView(View):
    """Sections, one after the other."""

    sections: Sequence[Section]

    def text(self, fence: Fence) -> str:
        """A heading, then a line each."""
        parts: list[str] = []
        for section in self.sections:
            parts.append(f"{section.title}:")
            parts += [f"  {fence.line(line, 400)}" for line in section.lines] or ["  none"]
        return "\n".join(parts)


@tool(title="Read mail settings", needs=[Scope.GMAIL_READONLY], effect=Effect.READS)
async def gmail_settings(
    google: Google,
    clock: Clock,
    what: Literal[
        "labels", "filters", "vacation", "sendas", "forwarding", "delegates", "all"
    ] = "all",
) -> View:
    """Labels with counts, filters and the other settings of a mailbox."""
    chosen: Sequence[str] = tuple(_READERS) if what == "all" else (what,)
    return SettingsView([await _READERS[one](google, clock.zone) for one in chosen])


async def _labels(google: Google, zone: tzinfo) -> Section:
    del zone
    labels = await Labels.fetch(google)
    own = sorted(
        (one for one in labels.names if one not in SYSTEM),
        key=lambda one: labels.name(one).casefold(),
    )
    shown = ["INBOX", "DRAFT", "SPAM", *own[:_MOST_LABELS]]
    answers = await google.get_many([LABELS.item(one) for one in shown])
    lines = [_label(labels, answer) for answer in answers if not isinstance(answer, GoogleError)]
    if len(own) > _MOST_LABELS:
        lines.append(
            f"and {len(own) - _MOST_LABELS} more: {', '.join(labels.name(one) for one in own[_MOST_LABELS:])}"
        )
    return Section("Labels (messages, unread)", lines)


def _label(labels: Labels, answer: Mapping[str, Any]) -> str:
    colour = answer.get("color", {}).get("backgroundColor", "")
    hidden = (
        ", hidden"
        if answer.get("labelListVisibility") == "labelHide" and answer["id"] not in SYSTEM
        else ""
    )
    counts = f"{answer.get('messagesTotal', 0)}, {answer.get('messagesUnread', 0)}"
    return f"{labels.name(answer['id'])}: {counts}{f', {colour}' if colour else ''}{hidden}"


async def _filters(google: Google, zone: tzinfo) -> Section:
    del zone
    answer = await google.get(FILTERS)
    found = answer.get("filter", ())
    labels = await Labels.fetch(google) if found else Labels({})
    return Section("Filters", [f"[{one['id']}] {described(one, labels)}" for one in found])


def described(entry: Mapping[str, Any], labels: Labels) -> str:
    """`from:x has:attachment -> +Bills -inbox`: a filter in one line."""
    criteria, action = entry.get("criteria", {}), entry.get("action", {})
    parts = [f"{name}:{criteria[name]}" for name in ("from", "to", "subject") if criteria.get(name)]
    parts += [str(criteria["query"])] if criteria.get("query") else []
    parts += [f"-({criteria['negatedQuery']})"] if criteria.get("negatedQuery") else []
    parts += ["has:attachment"] if criteria.get("hasAttachment") else []
    if criteria.get("size"):
        parts.append(f"{criteria.get('sizeComparison', 'larger')}:{criteria['size']}")
    done = [f"+{labels.name(one)}" for one in action.get("addLabelIds", ())]
    done += [f"-{labels.name(one)}" for one in action.get("removeLabelIds", ())]
    done += [f"forward to {action['forward']}"] if action.get("forward") else []
    return clean_line(f"{' '.join(parts)} -> {' '.join(done)}")


async def _vacation(google: Google, zone: tzinfo) -> Section:
    found = await google.get(VACATION)
    return Section("Vacation responder", vacation_lines(found, zone))


def vacation_lines(found: Mapping[str, Any], zone: tzinfo) -> list[str]:
    """The responder in a few lines."""
    if not found.get("enableAutoReply"):
        return ["off"]
    times = [
        f"{name} {datetime.fromtimestamp(int(found[key]) / 1000, zone):%Y-%m-%d %H:%M}"
        for name, key in (("from", "startTime"), ("until", "endTime"))
        if found.get(key)
    ]
    page = found.get("responseBodyHtml", "")
    text = html_text(page).text if page else found.get("responseBodyPlainText", "")
    limits = [
        words
        for words, key in (
            ("contacts only", "restrictToContacts"),
            ("own domain only", "restrictToDomain"),
        )
        if found.get(key)
    ]
    return [
        ", ".join(["on", *times, *limits]),
        f"subject: {clean_line(found.get('responseSubject', '')) or '(that of the mail)'}",
        f"text: {clean_line(text)}",
    ]


async def _send_as(google: Google, zone: tzinfo) -> Section:
    del zone
    answer = await google.get(SEND_AS)
    lines: list[str] = []
    for one in answer.get("sendAs", ()):
        marks = ["default"] if one.get("isDefault") else []
        marks += (
            ["not confirmed"] if one.get("verificationStatus", "accepted") != "accepted" else []
        )
        signature = clean_line(html_text(one.get("signature", "")).text)
        name = f"{one.get('displayName', '')} <{one['sendAsEmail']}>".strip()
        lines.append(
            f"{name}{f' ({chr(44).join(marks)})' if marks else ''}; signature: {signature or 'none'}"
        )
    return Section("Send-as addresses", lines)


async def _forwarding(google: Google, zone: tzinfo) -> Section:
    del zone
    auto = await google.get(SETTINGS.sub("autoForwarding"))
    answer = await google.get(SETTINGS.sub("forwardingAddresses"))
    lines = [f"all mail goes on to {auto.get('emailAddress', '?')}"] if auto.get("enabled") else []
    lines += [
        f"{one['forwardingEmail']} ({one.get('verificationStatus', '')})"
        for one in answer.get("forwardingAddresses", ())
    ]
    return Section("Forwarding", lines)


async def _delegates(google: Google, zone: tzinfo) -> Section:
    del zone
    try:
        answer = await google.get(SETTINGS.sub("delegates"))
    except GoogleError as error:
        if error.status not in {400, 403}:
            raise
        return Section(
            "Delegates", ["not readable: only an administrator of the domain may read them"]
        )
    return Section("Delegates", [one["delegateEmail"] for one in answer.get("delegates", ())])


_READERS: Final[Mapping[str, Callable[[Google, tzinfo], Awaitable[Section]]]] = {
    "labels": _labels, "filters": _filters, "vacation": _vacation, "sendas": _send_as,
    "forwarding": _forwarding, "delegates": _delegates,
}  # fmt: skip
