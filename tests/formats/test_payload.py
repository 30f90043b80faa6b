"""Mail as Gmail's API gives it, taken apart."""

import base64
from typing import Any

import pytest

from workspace_mcp.formats.payload import decoded, mail, unbase64, unflowed


def part(mime: str, text: str = "", **more: Any) -> dict[str, Any]:
    data = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return {"mimeType": mime, "filename": "", "body": {"size": len(text), "data": data}, **more}


def test_bodies_and_attachments_are_told_apart() -> None:
    found = mail(
        {
            "mimeType": "multipart/mixed",
            "headers": [
                {"name": "Subject", "value": "a\n b"},
                {"name": "X", "value": "1"},
                {"name": "x", "value": "2"},
            ],
            "parts": [
                {"mimeType": "multipart/alternative", "parts": [part("text/plain", "p"), part("text/html", "h")]},
                {"mimeType": "application/pdf", "filename": "a.pdf", "partId": "1",
                 "body": {"size": 9, "attachmentId": "A1"}},
                part("text/plain", "notes", filename="n.txt"),
            ],
        }
    )  # fmt: skip

    assert found.header("subject") == "a b"
    assert found.headers["x"] == ["1", "2"]
    assert found.html is not None
    assert found.html.text() == "h"
    assert found.plain is not None
    assert found.plain.text() == "p"
    assert [(leaf.name, leaf.attachment_id) for leaf in found.attachments] == [
        ("a.pdf", "A1"),
        ("n.txt", ""),
    ]


def test_the_body_of_a_forwarded_message_does_not_replace_that_of_the_mail() -> None:
    inner = {
        "mimeType": "message/rfc822",
        "filename": "",
        "body": {"size": 0},
        "parts": [part("text/plain", "inner")],
    }
    found = mail({"mimeType": "multipart/mixed", "parts": [inner, part("text/plain", "outer")]})
    alone = mail({"mimeType": "multipart/mixed", "parts": [inner]})

    assert found.plain is not None
    assert found.plain.text() == "outer"
    assert alone.plain is not None
    assert alone.plain.text() == "inner"


def test_a_body_that_comes_as_an_attachment_id_is_still_the_body() -> None:
    large = {"mimeType": "text/plain", "filename": "", "body": {"size": 9, "attachmentId": "A9"}}

    found = mail({"mimeType": "multipart/alternative", "parts": [large]})

    assert found.plain is not None
    assert (found.plain.data, found.plain.attachment_id) == (None, "A9")


def test_parts_nested_for_ever_end() -> None:
    node: dict[str, Any] = part("text/plain", "x")
    for _ in range(200):
        node = {"mimeType": "multipart/mixed", "parts": [node]}

    assert mail(node).leaves == ()


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode("cp1252"), "iso-8859-1", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße"),
        ("Grüße".encode("cp1252"), "no-such", "Grüße"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        ("日本".encode("shift_jis"), "shift_jis", "日本"),
        (b"\xef\xbb\xbfx", "", "x"),
        (None, "utf-8", ""),
    ],
)
def test_bytes_become_text_by_what_they_are(data: bytes | None, charset: str, text: str) -> None:
    assert decoded(data, charset) == text


@pytest.mark.parametrize("text", ["YQ", "YQ==", "YQ="])
def test_base64url_with_and_without_padding(text: str) -> None:
    assert unbase64(text) == b"a"


def test_soft_line_breaks_are_undone() -> None:
    assert unflowed("a \nb\n> q \n> r\n-- \nme") == "a b\n> q\n> r\n-- \nme"
