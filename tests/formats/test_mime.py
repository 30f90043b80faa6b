"""Mail that is built holds what was meant and nothing else."""

from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.mime import (
    Address,
    Attachment,
    MailBuildError,
    Outgoing,
    addresses,
    build,
)

ME = Address("Ana Ruiz", "ana@example.com")
BO = Address("", "bo@example.com")


def outgoing(**changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "from_": ME,
        "to": (BO,),
        "subject": "Hi",
        "text": "x",
        "html": "<p>x</p>",
    }
    return Outgoing(**{**fields, **changes})


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["bo@example.com"], [("", "bo@example.com")]),
        (["Bo <bo@example.com>, c@d.ef"], [("Bo", "bo@example.com"), ("", "c@d.ef")]),
        (['"Lindqvist, Bo" <bo@example.com>'], [("Lindqvist, Bo", "bo@example.com")]),
        (["bo@example.com", "BO@example.com"], [("", "bo@example.com")]),
        (["Łukasz <l@żółw.pl>"], [("Łukasz", "l@xn--w-uga1v8h.pl")]),
        ([""], []),
    ],
)
def test_addresses_as_people_write_them(texts: list[str], found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.email) for one in addresses(texts)] == found


@pytest.mark.parametrize(
    "text",
    ["bo", "bo@", "@x.y", "a b@c.d", "a@b@c.d", "a..b@c.d", "a@b.c\r\nBcc: evil@x.y", "bo@x.y\x00",
     "bo@x.y\u2028Bcc: e@x.y", "żółw@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        addresses([text])


@pytest.mark.parametrize("subject", ["a\r\nBcc: evil@x.y", "a\nb", "a\x00b", "a\u2028b", "a\x85b"])
def test_a_subject_with_a_line_break_is_refused(subject: str) -> None:
    with pytest.raises(ArgumentError, match="line break"):
        build(outgoing(subject=subject))


@pytest.mark.parametrize(
    "hostile",
    ["=?utf-8?Q?x=0D=0ABcc:_evil@x.y?=", "Re: =?utf-8?B?eA0KQmNjOiBldmlsQHgueQ==?=",
     "=?UTF-8?q?=0ATo:_evil@x.y?= =?utf-8?q?b?="],
)  # fmt: skip
def test_an_encoded_word_cannot_bring_a_header_in(hostile: str) -> None:
    built = build(outgoing(subject=hostile, to=(Address(hostile, "bo@example.com"),)))

    read = message_from_bytes(built.raw, policy=policy.SMTP)
    assert read["bcc"] is None
    assert built.recipients == {"bo@example.com"}
    assert read.keys().count("To") == 1


@given(subject=st.text(), name=st.text(max_size=40), file=st.text(max_size=60))
def test_whatever_is_written_the_bytes_say_what_was_meant_or_nothing_is_built(
    subject: str, name: str, file: str
) -> None:
    try:
        built = build(
            outgoing(
                subject=subject,
                to=(Address(name, "bo@example.com"),),
                attachments=(Attachment(file, "text/plain", b"x"),),
            )
        )
    except (ArgumentError, MailBuildError):
        return
    read = message_from_bytes(built.raw, policy=policy.SMTP)
    assert {key.lower() for key in read} == {
        "from",
        "to",
        "subject",
        "mime-version",
        "content-type",
    }
    assert built.recipients == {"bo@example.com"}
    assert len(built.attachments) == 1


def test_text_html_files_and_pictures_come_out_as_they_went_in() -> None:
    built = build(
        outgoing(
            subject="Grüße 日本",
            text="héllo\nשלום",
            html="<p>héllo <img src='cid:p1@x'></p>",
            attachments=(
                Attachment("Rechnung ä.pdf", "application/pdf", b"%PDF"),
                Attachment("p.png", "image/png", b"png", "p1@x"),
                Attachment("m.eml", "message/rfc822", b"Subject: x\r\n\r\ny"),
            ),
            in_reply_to="<a@b>",
            references=("<a@b>", "<c@d>"),
        )
    )

    read = message_from_bytes(built.raw, policy=policy.SMTP)
    parts = [(part.get_content_type(), part.get_filename()) for part in read.walk()]
    assert parts == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", None),
        ("multipart/related", None),
        ("text/html", None),
        ("image/png", "p.png"),
        ("application/pdf", "Rechnung ä.pdf"),
        ("application/octet-stream", "m.eml"),
    ]
    assert read["subject"] == "Grüße 日本"
    assert read["references"] == "<a@b> <c@d>"
    bodies = [
        part.get_content().replace("\r\n", "\n").rstrip("\n")
        for part in read.walk()
        if part.get_content_maintype() == "text"
    ]
    assert bodies == ["héllo\nשלום", "<p>héllo <img src='cid:p1@x'></p>"]


def test_a_mail_larger_than_gmail_sends_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Gmail sends up to"):
        build(outgoing(attachments=(Attachment("x", "a/b", bytes(26 << 20)),)))


@pytest.mark.parametrize("identifier", ["<a b@c>", "a@b", "<a@b>\r\nBcc: x@y.z", "<>"])
def test_a_message_id_that_is_none_is_refused(identifier: str) -> None:
    with pytest.raises(ArgumentError, match="message id"):
        build(outgoing(in_reply_to=identifier))


@pytest.mark.parametrize("piece", ["ab, c", "a:b ", "x@y.de ", "[2J ", "ä, ö", '"q" ', "a.b "])
def test_long_names_with_signs_in_them_are_no_hindrance(piece: str) -> None:
    for length in range(40, 240, 7):
        name = (piece * 200)[:length]

        assert build(outgoing(to=(Address(name, "ana@x.org"), BO))).recipients == {
            "ana@x.org",
            BO.email,
        }
