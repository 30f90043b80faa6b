"""Days in a search are the person's own."""

from zoneinfo import ZoneInfo

import pytest

from workspace_mcp.services.gmail.query import fit_for_google, includes_spam_and_trash


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("", "in:inbox"),
        ("  ", "in:inbox"),
        ("from:ana after:2026/11/20", "from:ana after:1795129200"),
        ("before:2026-07-01 x", "before:1782856800 x"),
        ("-older:2026/1/2", "-older:1767308400"),
        ("(newer:2026/11/20 OR x)", "(newer:1795129200 OR x)"),
        ("after:1388552400", "after:1388552400"),
        ("after:2026/13/40", "after:2026/13/40"),
        ('"after:2026/11/20"', '"after:2026/11/20"'),
        ("subject:after:2026/11/20", "subject:after:2026/11/20"),
        ("newer_than:7d has:attachment", "newer_than:7d has:attachment"),
        ("after:2026/11/20/x", "after:2026/11/20/x"),
    ],
)
def test_days_become_seconds_in_the_readers_zone(query: str, sent: str) -> None:
    assert fit_for_google(query, ZoneInfo("Europe/Berlin")) == sent


@pytest.mark.parametrize(
    ("query", "everywhere"),
    [
        ("in:anywhere x", True),
        ("IN:SPAM", True),
        ("is:trash OR x", True),
        ('label:"trash"', True),
        ("{in:bin in:inbox}", True),
        ("spam trash", False),
        ("in:inbox", False),
        ("subject:in:spam", False),
    ],
)
def test_spam_and_trash_are_searched_when_they_are_named(query: str, everywhere: bool) -> None:
    assert includes_spam_and_trash(query) is everywhere
