"""A calendar invitation in a mail, in two lines.

Source: rfc-editor.org/rfc/rfc5545 (iCalendar), rfc5546 (what METHOD means)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Self
from zoneinfo import ZoneInfo

from workspace_mcp.formats.fence import Fence
from workspace_mcp.services.gmail.sender import Person, quoted

LONGEST: Final = 256_000
"""Characters of a calendar file that are looked at."""

_METHODS: Final[Mapping[str, str]] = {
    "REQUEST": "Invitation",
    "PUBLISH": "Event",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "New time proposed",
    "DECLINECOUNTER": "Proposed time declined",
    "REFRESH": "Event asked for again",
    "ADD": "More dates",
}
_ANSWERS: Final[Mapping[str, str]] = {
    "ACCEPTED": "accepts",
    "DECLINED": "declines",
    "TENTATIVE": "says maybe",
}
_ESCAPES: Final[Mapping[str, str]] = {"n": "\n", "N": "\n"}
_LINE: Final = re.compile(
    r"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^;:\"]*))*):(.*)", re.DOTALL
)
_PARAMETER: Final = re.compile(r";([A-Za-z0-9-]+)=(?:\"([^\"]*)\"|([^;:\"]*))")


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event begins or ends. `at` is aware where the file names a zone that is known.

    `zone` is the name of a zone that this machine does not know, else "".
    """

    at: datetime
    all_day: bool = False
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """One event of a calendar file. Texts are the stranger's, "" when absent."""

    method: str
    title: str
    start: Moment | None
    end: Moment | None
    place: str
    organizer: str
    repeats: str
    guests: int
    answers: tuple[tuple[str, str], ...]
    """Who answered what: (address, PARTSTAT); only read for METHOD:REPLY."""

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """Read the first event of an iCalendar file; None when there is none."""
        method = "PUBLISH"
        fields: dict[str, tuple[Mapping[str, str], str]] = {}
        answers: list[tuple[str, str]] = []
        inside: list[str] = []
        for name, parameters, value in _properties(text[:LONGEST]):
            if name == "BEGIN":
                inside.append(value.upper())
            elif name == "END":
                if inside and inside.pop() == "VEVENT":
                    break
            elif inside == ["VCALENDAR"] and name == "METHOD":
                method = value.upper()
            elif inside[-1:] == ["VEVENT"] and name == "ATTENDEE":
                answers.append((_address(value), parameters.get("PARTSTAT", "").upper()))
            elif inside[-1:] == ["VEVENT"]:
                fields.setdefault(name, (parameters, value))
        if not fields:
            return None
        start = _moment(fields.get("DTSTART"))
        return cls(
            method=method,
            title=_text(fields.get("SUMMARY")),
            start=start,
            end=_moment(fields.get("DTEND")) or _after(start, _text(fields.get("DURATION"))),
            place=_text(fields.get("LOCATION")),
            organizer=_address(_text(fields.get("ORGANIZER"))),
            repeats=_text(fields.get("RRULE")),
            guests=len(answers),
            answers=tuple(answers) if method == "REPLY" else (),
        )

    def text(self, fence: Fence, zone: tzinfo) -> str:
        """Like `Invitation: "Planning", Tue 2026-11-24 10:00-11:00, at Room 4, from a@b, …`."""
        parts = [
            f"{_METHODS.get(self.method, 'Event')}: {quoted(fence.line(self.title))}",
            _span(self.start, self.end, zone, fence),
            f"at {quoted(fence.line(self.place, 120))}" if self.place else "",
            f"from {_who(self.organizer, fence)}" if self.organizer else "",
            f"{self.guests} guests" if self.guests > 1 else "",
            f"repeats {quoted(fence.line(self.repeats, 120))}" if self.repeats else "",
        ]
        parts += [
            f"{_who(who, fence)} {_ANSWERS[answer]}"
            for who, answer in self.answers
            if answer in _ANSWERS
        ]
        return ", ".join(part for part in parts if part)


def _who(address: str, fence: Fence) -> str:
    return Person("", address).text(fence)


def _properties(text: str) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """(NAME, parameters, value) of each unfolded line; lines that are none are left out."""
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        if (found := _LINE.fullmatch(line)) is not None:
            parameters = {
                key.upper(): held or plain for key, held, plain in _PARAMETER.findall(found[2])
            }
            yield found[1].upper(), parameters, found[3].strip()


def _text(field: tuple[Mapping[str, str], str] | None) -> str:
    value = field[1] if field else ""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), value)


def _address(value: str) -> str:
    return re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)


def _moment(field: tuple[Mapping[str, str], str] | None) -> Moment | None:
    """DTSTART or DTEND: a date, a time in UTC, in a named zone, or in no zone at all."""
    if field is None:
        return None
    parameters, value = field
    found = re.fullmatch(r"(\d{8})(?:T(\d{6})(Z?))?", value)
    if found is None:
        return None
    try:
        if found[2] is None:
            return Moment(datetime.strptime(value, "%Y%m%d"), all_day=True)
        at = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")
    except ValueError:
        return None
    if found[3]:
        return Moment(at.replace(tzinfo=UTC))
    named = parameters.get("TZID", "")
    zone = _zone(named)
    return Moment(at.replace(tzinfo=zone)) if zone else Moment(at, zone=named or "local time")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):  # unknown, or not a name at all
        return None


def _after(start: Moment | None, duration: str) -> Moment | None:
    """`start` and a DURATION such as PT1H30M or P1D."""
    found = re.fullmatch(
        r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?)?",
        duration,
    )
    if start is None or found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return Moment(start.at + length, start.all_day, start.zone)
    except OverflowError:
        return None


def _span(start: Moment | None, end: Moment | None, zone: tzinfo, fence: Fence) -> str:
    if start is None:
        return "no time given"
    if start.all_day:
        return _days(start.at.date(), end.at.date() if end else None)
    first = _local(start, zone)
    text = f"{first:%a %Y-%m-%d %H:%M}"
    if end is not None and not end.all_day:
        last = _local(end, zone)
        same = last.date() == first.date()
        text += f"-{last:%H:%M}" if same else f" to {last:%a %Y-%m-%d %H:%M}"
    return f"{text} ({quoted(fence.line(start.zone, 60))})" if start.zone else text


def _local(moment: Moment, zone: tzinfo) -> datetime:
    try:
        return moment.at if moment.at.tzinfo is None else moment.at.astimezone(zone)
    except OverflowError:  # the years 1 and 9999
        return moment.at


def _days(first: date, end: date | None) -> str:
    """All-day events end on the day before DTEND."""
    last = end - timedelta(days=1) if end and end > first else first
    text = f"{first:%a %Y-%m-%d}"
    return f"{text}, all day" if last <= first else f"{text} to {last:%a %Y-%m-%d}, all day"
