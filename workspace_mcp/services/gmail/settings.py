"""Gmail's settings, read.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final, Literal

from workspace_mcp.errors import GoogleError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.colours import named
from workspace_mcp.services.gmail.filters import FILTERS, described
from workspace_mcp.services.gmail.identity import SEND_AS
from workspace_mcp.services.gmail.mailbox import LABELS, SETTINGS, SYSTEM, Labels
from workspace_mcp.services.gmail.vacation import VACATION, lines
from workspace_mcp.tools import Clock, Effect, View, tool

_BYTES: Final = 9_500
_LINES: Final = 100
_LINES_OF_ALL: Final = 15
_LINE: Final = 300
_COUNTED: Final = ("INBOX", "DRAFT", "SPAM")
"""Google's own labels whose counts say something."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which lines of a section are wanted."""

    zone: tzinfo
    offset: int
    most: int

    def of(self, entries: Sequence[str]) -> Sequence[str]:
        """The entries of this page."""
        return entries[self.offset : self.offset + self.most]


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of setting: its name, a heading of ours, lines of one page, how many there are."""

    name: str
    title: str
    lines: Sequence[str]
    total: int


@dataclass(frozen=True, slots=True)
class SettingsView(View):
    """Sections, one after the other."""

    sections: Sequence[Section]
    offset: int

    def text(self, fence: Fence) -> str:
        """A heading, then a line each, then how to go on."""
        room = _BYTES // len(self.sections)
        return "\n".join(line for one in self.sections for line in self._section(one, fence, room))

    def _section(self, section: Section, fence: Fence, room: int) -> Sequence[str]:
        shown: list[str] = []
        for line in section.lines:
            one = f"  {fence.line(line, _LINE)}"
            room -= len(one.encode()) + 1
            if shown and room < 0:
                break
            shown.append(one)
        reached = self.offset + len(shown)
        left = section.total - reached
        more = [f"  {left} more: what={section.name} offset={reached}"] if left > 0 else []
        return [f"{section.title}:", *(shown or ["  none"]), *more]


@tool(title="Read mail settings", needs=[Scope.GMAIL_READONLY], effect=Effect.READS)
async def gmail_settings(
    google: Google,
    clock: Clock,
    what: Literal[
        "labels", "filters", "vacation", "sendas", "forwarding", "delegates", "all"
    ] = "all",
    offset: int | None = None,
) -> View:
    """Labels with counts, filters and the other settings of a mailbox."""
    page = Page(clock.zone, max(0, offset or 0), _LINES)
    if what == "all":
        page = Page(clock.zone, 0, _LINES_OF_ALL)
        return SettingsView([await read(google, page) for read in _READERS.values()], 0)
    return SettingsView([await _READERS[what](google, page)], page.offset)


async def _labels(google: Google, page: Page) -> Section:
    labels = await Labels.fetch(google)
    own = sorted(
        (one for one in labels.names if one not in SYSTEM),
        key=lambda one: labels.name(one).casefold(),
    )
    every = [*_COUNTED, *own]
    answers = await google.get_many([LABELS.item(one) for one in page.of(every)])
    shown = [_label(labels, answer) for answer in answers if not isinstance(answer, GoogleError)]
    return Section("labels", "Labels (messages, unread)", shown, len(every))


def _label(labels: Labels, answer: Mapping[str, Any]) -> str:
    colour = answer.get("color", {}).get("backgroundColor", "")
    hidden = answer.get("labelListVisibility") == "labelHide" and answer["id"] not in SYSTEM
    parts = [f"{answer.get('messagesTotal', 0):,}", f"{answer.get('messagesUnread', 0):,} unread"]
    parts += [named(colour)] if colour else []
    parts += ["hidden"] if hidden else []
    return f"{clean_line(labels.name(answer['id']))[:120]}: {', '.join(parts)}"


async def _filters(google: Google, page: Page) -> Section:
    found: Sequence[Mapping[str, Any]] = (await google.get(FILTERS)).get("filter", ())
    labels = await Labels.fetch(google) if found else Labels({})
    every = [f"[{one['id']}] {described(one, labels)}" for one in found]
    return Section("filters", "Filters", page.of(every), len(every))


async def _vacation(google: Google, page: Page) -> Section:
    found = list(lines(await google.get(VACATION), page.zone))
    return Section("vacation", "Vacation responder", page.of(found), len(found))


async def _send_as(google: Google, page: Page) -> Section:
    found = [_alias(one) for one in (await google.get(SEND_AS)).get("sendAs", ())]
    return Section("sendas", "Send-as addresses", page.of(found), len(found))


def _alias(entry: Mapping[str, Any]) -> str:
    confirmed = entry.get("verificationStatus", "accepted") == "accepted"
    marks = ["default"] if entry.get("isDefault") else []
    marks += [] if confirmed else ["not confirmed"]
    marks += [f"replies to {entry['replyToAddress']}"] if entry.get("replyToAddress") else []
    name = clean_line(entry.get("displayName", ""))
    who = f"{name} <{entry['sendAsEmail']}>" if name else entry["sendAsEmail"]
    signature = clean_line(html_text(entry.get("signature", "")).text)
    notes = f" ({', '.join(marks)})" if marks else ""
    return f"{who}{notes}, signature: {signature or 'none'}"


async def _forwarding(google: Google, page: Page) -> Section:
    auto = await google.get(SETTINGS.sub("autoForwarding"))
    answer = await google.get(SETTINGS.sub("forwardingAddresses"))
    found = [f"ON: all mail goes to {auto.get('emailAddress')}"] if auto.get("enabled") else ["off"]
    found += [
        f"may forward to {one['forwardingEmail']} ({one.get('verificationStatus', '')})"
        for one in answer.get("forwardingAddresses", ())
    ]
    return Section("forwarding", "Forwarding", page.of(found), len(found))


async def _delegates(google: Google, page: Page) -> Section:
    try:
        answer = await google.get(SETTINGS.sub("delegates"))
    except GoogleError as error:
        if error.status not in {400, 403}:
            raise
        found = ["not readable: Google tells them only to an administrator's service account"]
    else:
        found = [
            f"{one['delegateEmail']} ({one.get('verificationStatus', '')})"
            for one in answer.get("delegates", ())
        ]
    return Section("delegates", "Delegates", page.of(found), len(found))


Reader = Callable[[Google, Page], Awaitable[Section]]
_READERS: Final[Mapping[str, Reader]] = {
    "labels": _labels, "filters": _filters, "vacation": _vacation, "sendas": _send_as,
    "forwarding": _forwarding, "delegates": _delegates,
}  # fmt: skip
