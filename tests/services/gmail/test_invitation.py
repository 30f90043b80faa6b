"""Calendar files in mail."""

from zoneinfo import ZoneInfo

import pytest

from workspace_mcp.formats.fence import Fence
from workspace_mcp.services.gmail.invitation import LONGEST, Invitation


def shown(*lines: str, method: str = "REQUEST", zone: str = "UTC") -> str:
    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            f"METHOD:{method}",
            "BEGIN:VEVENT",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )
    found = Invitation.from_text(text)
    assert found is not None
    return found.text(Fence("1"), ZoneInfo(zone))


def test_an_invitation_is_one_line_in_the_readers_zone() -> None:
    assert shown(
        "DTSTART;TZID=Europe/Lisbon:20261124T100000",
        "DTEND;TZID=Europe/Lisbon:20261124T113000",
        "SUMMARY:Planning\\, part\r\n  two",
        "LOCATION:Room 4",
        "ORGANIZER;CN=Ana:mailto:ana@example.com",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@example.com",
        "ATTENDEE:mailto:b@example.com",
        zone="Europe/Berlin",
    ) == (
        'Invitation: "Planning, part two", Tue 2026-11-24 11:00-12:30, at "Room 4", '
        'from <ana@example.com>, 2 guests, repeats "FREQ=WEEKLY;COUNT=4"'
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["DTSTART:20261124T100000Z", "DTEND:20261125T100000Z"],
            "Tue 2026-11-24 10:00 to Wed 2026-11-25 10:00",
        ),
        (["DTSTART:20261124T100000Z", "DURATION:PT1H30M"], "Tue 2026-11-24 10:00-11:30"),
        (["DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125"], "Tue 2026-11-24, all day"),
        (
            ["DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261127"],
            "Tue 2026-11-24 to Thu 2026-11-26, all day",
        ),
        (["DTSTART;TZID=Mars/Olympus:20261124T100000"], 'Tue 2026-11-24 10:00 ("Mars/Olympus")'),
        (
            ["DTSTART;TZID=../../etc/passwd:20261124T100000"],
            'Tue 2026-11-24 10:00 ("../../etc/passwd")',
        ),
        (["DTSTART:20261124T100000"], 'Tue 2026-11-24 10:00 ("local time")'),
        (["DTSTART:20269999T100000"], "no time given"),
        (["UID:1"], "no time given"),
    ],
)
def test_times_are_read_in_every_form(lines: list[str], expected: str) -> None:
    assert shown("SUMMARY:X", *lines) == f'Invitation: "X", {expected}'


def test_an_answer_says_who_answers_what() -> None:
    assert shown(
        "SUMMARY:X",
        "DTSTART:20261124T100000Z",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:bo@example.com",
        method="REPLY",
    ) == ('Answer to an invitation: "X", Tue 2026-11-24 10:00, <bo@example.com> declines')


def test_alarms_and_zones_inside_do_not_confuse() -> None:
    assert shown(
        "BEGIN:VALARM", "SUMMARY:Alarm", "END:VALARM", "SUMMARY:X", "DTSTART:20261124T100000Z",
        method="CANCEL",
    ) == 'Cancelled: "X", Tue 2026-11-24 10:00'  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "no calendar", "BEGIN:VCALENDAR\nEND:VCALENDAR", "END:VEVENT"]
)
def test_a_file_without_an_event_is_none(text: str) -> None:
    assert Invitation.from_text(text) is None


def test_a_flood_takes_no_time() -> None:
    flood = "BEGIN:VEVENT\nSUMMARY" + ";X=1" * 100_000
    assert Invitation.from_text(flood) is None
    assert Invitation.from_text("BEGIN:VEVENT\n" + "A:B\n" * LONGEST) is not None
