"""Mail that breaks the standard library's reader is read all the same."""

import pytest

from workspace_mcp.demo.gmail import mime
from workspace_mcp.formats import tolerant
from workspace_mcp.formats.extract import text_of

HEADERS = (
    "Content-Type: multipart/mixed; filename*=utf-8''%41; filename*1=b",
    "Content-Type: text/plain; charset*=utf-8''utf-8; charset*1=x",
    "Content-Disposition: attachment; filename*=utf-8''%41; filename*1=b",
)


@pytest.mark.parametrize("header", HEADERS)
def test_parameters_that_cannot_be_taken_apart_are_no_parameters(header: str) -> None:
    data = f"From: ana@example.com\r\nSubject: Hello\r\n{header}\r\n\r\nText\r\n".encode()

    for found in (tolerant.message(data), tolerant.modern(data), mime.parse(data)):
        assert found["Subject"] == "Hello"
        assert "Text" in str(found.get_payload())
        assert found.get_filename() in {None, "Ab"}
        assert found.get_boundary() is None


@pytest.mark.parametrize("header", HEADERS)
def test_such_a_mail_as_a_file_has_its_headers(header: str) -> None:
    data = f"From: ana@example.com\r\nSubject: Hello\r\n{header}\r\n\r\nText\r\n".encode()

    assert "Subject: Hello" in str(text_of(data, "message/rfc822", "a.eml"))
