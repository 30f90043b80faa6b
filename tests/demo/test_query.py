"""Gmail's search operators, as the demo understands them."""

from datetime import UTC, datetime, timedelta

import pytest

from workspace_mcp.demo.gmail.query import Searchable, understand

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MAIL = Searchable(
    "m1", frozenset({"INBOX", "UNREAD", "STARRED", "CATEGORY_UPDATES", "Label_1"}),
    frozenset({"work-invoices"}), NOW - timedelta(days=3), 20_000,
    "Bo Lindqvist <bo@north.example>", "Ana <ana@example.com>", "cleo@example.com", "",
    "Invoice 42 for March", "Please pay the total of 100 EUR by Friday. https://docs.google.com/document/d/1",
    ("Invoice 42.pdf",), "<abc@mail.example>", "News <news.example.com>", "ana@example.com",
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("", True),
        ("invoice", True), ("INVOICE", True), ("invoic", False), ("missing", False),
        ("pay total", True), ("pay missing", False), ('"pay the total"', True), ('"total pay"', False),
        ("+friday", True),
        ("-invoice", False), ("-missing", True), ("invoice -march", False),
        ("missing OR invoice", True), ("missing OR gone", False), ("{missing invoice}", True),
        ("{missing gone}", False), ("(pay total) missing", False), ("pay (missing OR friday)", True),
        ("-(pay missing)", True), ("-{pay missing}", False),
        ("from:bo", True), ("from:bo@north.example", True), ("from:north.example", True),
        ("from:ana", False), ("from:(bo lindqvist)", True), ("from:{ana bo}", True), ('from:"bo l"', False),
        ("-from:bo", False), ("to:ana", True), ("to:cleo", True), ("cc:cleo", True), ("cc:ana", False),
        ("subject:invoice", True), ("subject:(invoice march)", True), ("subject:friday", False),
        ("subject:{friday 42}", True),
        ("in:inbox", True), ("in:sent", False), ("in:anywhere", True), ("in:spam", False),
        ("is:unread", True), ("is:read", False), ("is:starred", True), ("is:important", False),
        ("label:work-invoices", True), ("label:Work/Invoices", True), ("label:other", False),
        ("category:updates", True), ("category:promotions", False),
        ("has:attachment", True), ("-has:attachment", False), ("has:document", True),
        ("has:spreadsheet", False), ("has:drive", True), ("has:userlabels", True), ("has:nouserlabels", False),
        ("filename:pdf", True), ("filename:docx", False), ("filename:invoice", True),
        ("newer_than:4d", True), ("newer_than:2d", False), ("older_than:2d", True), ("older_than:1m", False),
        ("newer_than:1y", True), ("newer_than:100h", True), ("newer_than:50h", False),
        ("after:2026/11/16", True), ("after:2026/11/18", False), ("before:2026-11-18", True),
        ("before:2026/11/17", False), ("newer:2026/11/16", True), ("older:2026/11/16", False),
        (f"after:{int((NOW - timedelta(days=4)).timestamp())}", True),
        (f"before:{int((NOW - timedelta(days=4)).timestamp())}", False),
        ("larger:10K", True), ("larger:1M", False), ("smaller:1M", True), ("size:10000", True),
        ("rfc822msgid:abc@mail.example", True), ("rfc822msgid:<abc@mail.example>", True),
        ("rfc822msgid:other", False),
        ("list:news.example.com", True), ("list:other", False), ("deliveredto:ana@example.com", True),
        ("pay AROUND 5 total", True), ("pay AROUND 1 friday", False),
        ("foo:bar", False), ("in:inbox from:bo has:attachment newer_than:7d", True),
        ("after:yesterday", False), ("(", True), (")", True), ('"', True), ("OR", True),
    ],
)  # fmt: skip
def test_operators(query: str, hit: bool) -> None:
    assert understand(query, NOW).test(MAIL) is hit


@pytest.mark.parametrize(
    ("query", "anywhere"),
    [
        ("x", False),
        ("in:inbox", False),
        ("in:anywhere", True),
        ("in:spam x", True),
        ("in:trash", True),
    ],
)
def test_only_some_queries_look_into_spam_and_trash(query: str, anywhere: bool) -> None:
    assert understand(query, NOW).anywhere is anywhere
