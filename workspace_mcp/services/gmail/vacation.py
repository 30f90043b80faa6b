"""The vacation responder.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/VacationSettings
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.html_text import html_text
from workspace_mcp.formats.markdown_mail import body as markdown_body
from workspace_mcp.services.gmail.mailbox import SETTINGS
from workspace_mcp.services.gmail.values import Values
from workspace_mcp.tools import JsonObject

VACATION: Final = SETTINGS.sub("vacation")
_SWITCHES: Final = {
    "contacts_only": ("restrictToContacts", "to contacts only"),
    "domain_only": ("restrictToDomain", "to the own domain only"),
}


def responder(old: Mapping[str, Any], values: Values, zone: tzinfo) -> JsonObject:
    """`old` (a `VacationSettings`) with what `values` set; switched on unless they say off.

    Raises:
        ArgumentError: it would say nothing, or end before it starts.
    """
    new: JsonObject = {**old, "enableAutoReply": values.flag("on") if "on" in values else True}
    if "subject" in values:
        new["responseSubject"] = values.line("subject")
    if "body" in values:
        written = markdown_body(values.text("body"))
        new |= {"responseBodyPlainText": written.text, "responseBodyHtml": written.html}
    if "start" in values:
        new["startTime"] = _stamp(values.moment("start", zone))
    if "end" in values:
        last = timedelta(days=1) if values.is_date("end") else timedelta(0)
        new["endTime"] = _stamp(values.moment("end", zone) + last)
    for name, (key, _) in _SWITCHES.items():
        if name in values:
            new[key] = values.flag(name)
    says = ("responseSubject", "responseBodyPlainText", "responseBodyHtml")
    if new["enableAutoReply"] and not any(new.get(key) for key in says):
        raise ArgumentError("A vacation responder needs a subject or a body.")
    if new.get("startTime") and new.get("endTime") and _time(new, "start") >= _time(new, "end"):
        raise ArgumentError("The vacation ends before it starts.", "Give both start and end.")
    return new


def warning(responder: Mapping[str, Any], now: datetime) -> str:
    """What is odd about a responder that is on, or ""."""
    over = responder.get("endTime") and _time(responder, "end") <= now.timestamp() * 1000
    return "It is on, but its end is past: nobody gets it." if over else ""


def lines(responder: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
    """The responder in a few lines, times in `zone`; the last day is one on which it answers."""
    if not responder.get("enableAutoReply"):
        yield "off"
        return
    yield ", ".join(_when(responder, zone))
    yield f"subject: {clean_line(responder.get('responseSubject', '')) or '(that of the mail)'}"
    page = responder.get("responseBodyHtml", "")
    text = html_text(page).text if page else responder.get("responseBodyPlainText", "")
    yield f"text: {clean_line(text) or '(none)'}"


def _when(responder: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
    yield "on"
    if responder.get("startTime"):
        start = datetime.fromtimestamp(_time(responder, "start") / 1000, zone)
        yield f"from {_day(start)}"
    if responder.get("endTime"):
        end = datetime.fromtimestamp(_time(responder, "end") / 1000, zone)
        midnight = end.strftime("%H:%M:%S") == "00:00:00"
        yield f"through {end - timedelta(days=1):%a %Y-%m-%d}" if midnight else f"until {_day(end)}"
    yield from (words for key, words in _SWITCHES.values() if responder.get(key))


def _day(moment: datetime) -> str:
    clock = moment.strftime("%H:%M")
    return f"{moment:%a %Y-%m-%d}{'' if clock == '00:00' else f' {clock}'}"


def _stamp(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def _time(responder: Mapping[str, Any], which: str) -> int:
    return int(responder[f"{which}Time"])
