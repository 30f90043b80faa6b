"""No id leaves its collection."""

from urllib.parse import unquote, urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace_mcp.errors import ArgumentError
from workspace_mcp.google.resource import collection

MESSAGES = collection("https://gmail.googleapis.com/gmail/v1/users/me/messages")
HOSTILE = [
    "", ".", "..", "...", "x/../../drafts", "../../../../drive/v3/files", "x#f", "x?alt=media",
    "%2e%2e", "..%2f", "a%00", "a\x00b", "a\nb", "a\r\nHost: evil", "\\..\\", "//evil.example/",
    "https://evil.example/", "a/b", "ä", "a" * 1025, "．．", "a;b/c",
]  # fmt: skip


@pytest.mark.parametrize("identifier", HOSTILE)
def test_a_hostile_id_is_refused(identifier: str) -> None:
    with pytest.raises(ArgumentError, match="is not an id"):
        MESSAGES.item(identifier)


def test_a_path_in_place_of_an_id_is_told_where_ids_come_from() -> None:
    with pytest.raises(ArgumentError, match="drive_search, by its name"):
        MESSAGES.item("/Reports/Q3")


@given(st.text(max_size=30))
def test_whatever_is_taken_becomes_exactly_one_segment(identifier: str) -> None:
    try:
        url = MESSAGES.item(identifier).sub("modify").url
    except ArgumentError:
        return
    for parsed in (urlsplit(url).path, httpx2.URL(url).raw_path.decode()):
        head, _, segment, tail = parsed.rpartition("/messages/")[0], "", *parsed.rsplit("/", 2)[1:]
        assert head == "/gmail/v1/users/me"
        assert tail == "modify"
        assert unquote(segment) == identifier
    assert httpx2.URL(url).host == "gmail.googleapis.com"


def test_a_template_holds_no_id() -> None:
    assert MESSAGES.item("18c2f").sub("attachments").item("x").template == (
        "https://gmail.googleapis.com/gmail/v1/users/me/messages/{id}/attachments/{id}"
    )
