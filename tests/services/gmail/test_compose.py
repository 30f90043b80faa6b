"""Writing mail: new messages, replies, forwarded ones, as the other side gets them."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ME, Model
from tests.services.faults import Faults
from tests.services.gmail.written import MINUTE, NINE, draft_id, only_draft, raw
from workspace_mcp.demo.world import World

ANA = "Ana Silva <ana@example.org>"
BO = "Bo <bo@example.org>"
SALES = {
    "sendAsEmail": "sales@example.com", "displayName": "Sales Team",
    "signature": "<b>Sales</b> at Example", "verificationStatus": "accepted",
}  # fmt: skip
SIGNATURE = "<div>Me Myself<br>CEO</div>"
PNG = b"\x89PNG picture"


def deliver(
    gmail: Any, text: str = "Do you want it?\n", subject: str = "Offer", **more: Any
) -> Any:
    """A mail of Ana's."""
    given = {"at_ms": NINE, "unread": False, **more}
    return gmail.deliver(given.pop("sender", ANA), subject, text, **given)


async def test_a_new_draft_is_shown_as_it_stands_in_gmail(model: Model, gmail: Any) -> None:
    gmail.send_as[0]["signature"] = SIGNATURE

    answer = await model.call(
        "gmail_draft", to=["Ana Silva <ana@example.org>"], cc=["bo@example.org"],
        bcc=["boss@example.org"], subject="Plan", body="Hello **Ana**,\n\n- one\n- two",
    )  # fmt: skip

    assert answer == (
        f"Draft [{draft_id(gmail)}] saved. Nothing was sent.\n"
        "From: Me Myself <me@example.com>\n"
        "To: Ana Silva <ana@example.org>\n"
        "Cc: <bo@example.org>\n"
        "Bcc: <boss@example.org>\n"
        'Subject: "Plan"\n'
        "--- draft text 7f3a00 ---\n"
        "Hello **Ana**,\n\n- one\n- two\n"
        "--- end 7f3a00 ---\n"
        "[then: signature]\n"
        f'gmail_send draft_id="{draft_id(gmail)}" sends it.'
    )


async def test_markdown_becomes_text_and_html_above_the_signature(model: Model, gmail: Any) -> None:
    gmail.send_as[0]["signature"] = SIGNATURE

    await model.call("gmail_draft", to=["a@b.cc"], subject="Plan", body="Hello **Ana**")

    draft = only_draft(gmail)
    assert draft.message.get_content_type() == "multipart/alternative"
    assert draft.text == "Hello **Ana**\n\n-- \nMe Myself\nCEO"
    assert draft.html == (
        '<div dir="ltr"><p dir="auto">Hello <strong>Ana</strong></p></div>'
        '<br><div class="gmail_signature_prefix">-- </div>'
        '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">'
        f"{SIGNATURE}</div>"
    )


@pytest.mark.parametrize(
    ("signature", "body", "asked", "times"),
    [
        pytest.param(SIGNATURE, "Hello", {}, 1, id="appended"),
        pytest.param(SIGNATURE, "Hello\n\nMe Myself  \nCEO", {}, 0, id="already written"),
        pytest.param(SIGNATURE, "Hello", {"signature": False}, 0, id="not wanted"),
        pytest.param("<br>", "Hello", {}, 0, id="an empty one"),
        pytest.param('<img src="https://example.com/logo.png">', "Hello", {}, 1, id="a picture"),
    ],
)
async def test_a_signature_stands_there_once(
    model: Model, gmail: Any, signature: str, body: str, asked: dict[str, Any], times: int
) -> None:
    gmail.send_as[0]["signature"] = signature

    await model.call("gmail_draft", to=["a@b.cc"], subject="S", body=body, **asked)

    assert only_draft(gmail).html.count('data-smartmail="gmail_signature"') == times


async def test_an_alias_brings_its_own_name_and_signature(model: Model, gmail: Any) -> None:
    gmail.send_as[0]["signature"] = SIGNATURE
    gmail.send_as.append(SALES)

    await model.call(
        "gmail_draft", to=["a@b.cc"], subject="S", body="Hello", **{"from": "SALES@example.com"}
    )

    draft = only_draft(gmail)
    assert draft["From"] == "Sales Team <sales@example.com>"
    assert draft.text == "Hello\n\n-- \nSales at Example"


async def test_the_default_alias_need_not_be_the_account(model: Model, gmail: Any) -> None:
    gmail.send_as[0]["isDefault"] = False
    gmail.send_as.append({**SALES, "isDefault": True})

    await model.call("gmail_draft", to=["a@b.cc"], subject="S", body="Hello")

    assert only_draft(gmail)["From"] == "Sales Team <sales@example.com>"


async def test_another_name_can_be_shown_with_an_own_address(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", to=["a@b.cc"], subject="S", **{"from": f"The Boss <{ME}>"})

    assert only_draft(gmail)["From"] == "The Boss <me@example.com>"


@pytest.mark.parametrize(
    "address", ["other@example.com", "unconfirmed@example.com", "me@example.com, x@example.com"]
)
async def test_an_address_that_is_not_the_accounts_own_is_refused(
    model: Model, gmail: Any, address: str
) -> None:
    gmail.send_as.append(
        {"sendAsEmail": "unconfirmed@example.com", "verificationStatus": "pending"}
    )
    gmail.send_as.append(SALES)

    failure = await model.call_failing(
        "gmail_draft", to=["a@b.cc"], subject="S", body="B", **{"from": address}
    )

    assert failure.endswith("\nIt may send from: me@example.com, sales@example.com.")
    assert gmail.drafts == {}


async def test_a_reply_joins_its_thread_and_quotes_in_gmails_style(
    model: Model, gmail: Any
) -> None:
    gmail.send_as[0]["signature"] = SIGNATURE
    offer = deliver(gmail, html="<p>Do you <i>want</i> it?</p>")

    answer = await model.call("gmail_draft", reply_to=offer.id, body="Yes.")

    reply = only_draft(gmail)
    assert reply.thread_id == offer.thread_id
    assert reply["In-Reply-To"] == offer.header("Message-ID")
    assert reply["References"] == offer.header("Message-ID")
    assert reply["Subject"] == "Re: Offer"
    assert reply["To"] == ANA
    assert reply.text == (
        "Yes.\n\n-- \nMe Myself\nCEO\n\n"
        "On Fri, Nov 20, 2026 at 9:00 AM Ana Silva <ana@example.org> wrote:\n"
        "> Do you want it?"
    )
    signature, quote = reply.html.split('<br><div class="gmail_quote">')
    assert signature.endswith(f"{SIGNATURE}</div>")
    assert quote.startswith('<div dir="ltr" class="gmail_attr">On Fri, Nov 20, 2026')
    assert "<p>Do you <i>want</i> it?</p></blockquote></div>" in quote
    assert f"saved in thread [{offer.thread_id}]" in answer
    assert "[then: signature, quoted message]" in answer


async def test_the_chain_of_references_grows(model: Model, gmail: Any) -> None:
    first = deliver(gmail)
    second = deliver(gmail, "And?", "Re: Offer", reply_to=first, at_ms=NINE + MINUTE)

    await model.call("gmail_draft", reply_to=second.id, body="Yes.")

    reply = only_draft(gmail)
    assert reply["References"].split() == [
        first.header("Message-ID"), second.header("Message-ID"),
    ]  # fmt: skip
    assert reply["In-Reply-To"] == second.header("Message-ID")
    assert reply["Subject"] == "Re: Offer"


async def test_a_very_long_chain_keeps_its_first_and_its_newest_members(
    model: Model, gmail: Any
) -> None:
    chain = " ".join(f"<{number}@list.example>" for number in range(80))
    last = deliver(gmail, headers={"References": chain})

    await model.call("gmail_draft", reply_to=last.id, body="Yes.")

    kept = only_draft(gmail)["References"].split()
    assert len(kept) == 50
    assert kept[0] == "<0@list.example>"
    assert kept[-2:] == ["<79@list.example>", last.header("Message-ID")]


@pytest.mark.parametrize(
    ("subject", "prefix", "expected"),
    [
        ("Offer", "reply", "Re: Offer"),
        ("RE: Offer", "reply", "RE: Offer"),
        ("AW: Angebot", "reply", "AW: Angebot"),
        ("Recycling", "reply", "Re: Recycling"),
        ("", "reply", "Re:"),
        ("Offer", "forward", "Fwd: Offer"),
        ("Fw: Offer", "forward", "Fw: Offer"),
        ("Re: Offer", "forward", "Fwd: Re: Offer"),
    ],
)
async def test_a_subject_gets_its_prefix_once(
    model: Model, gmail: Any, subject: str, prefix: str, expected: str
) -> None:
    offer = deliver(gmail, subject=subject)

    await model.call(
        "gmail_draft", body="B", **{{"reply": "reply_to"}.get(prefix, prefix): offer.id}
    )

    assert only_draft(gmail)["Subject"] == expected


async def test_another_subject_starts_a_new_thread_and_says_so(model: Model, gmail: Any) -> None:
    offer = deliver(gmail)

    answer = await model.call("gmail_draft", reply_to=offer.id, subject="Lunch", body="Yes.")

    assert only_draft(gmail).thread_id != offer.thread_id
    assert "Draft [" + draft_id(gmail) + "] saved. Nothing" in answer
    assert "\nAnother subject starts a new thread.\n" in answer


async def test_a_reply_goes_to_reply_to(model: Model, gmail: Any) -> None:
    offer = deliver(gmail, headers={"Reply-To": "Ana's Office <office@example.org>"})

    await model.call("gmail_draft", reply_to=offer.id, body="Yes.")

    assert only_draft(gmail)["To"] == "Ana's Office <office@example.org>"


async def test_reply_all_reaches_everybody_but_oneself(model: Model, gmail: Any) -> None:
    gmail.send_as.append(SALES)
    offer = deliver(
        gmail, to=f"ME@example.com, {BO}, Ana again <ANA@example.org>",
        cc="Sales <sales@example.com>, Cleo <cleo@example.org>, BO@example.org",
    )  # fmt: skip

    await model.call("gmail_draft", reply_to=offer.id, reply_all=True, body="Yes.")

    reply = only_draft(gmail)
    assert reply["To"] == f"{ANA}, {BO}"
    assert reply["Cc"] == "Cleo <cleo@example.org>"


@pytest.mark.parametrize("everybody", [True, False])
async def test_an_answer_to_ones_own_message_goes_to_whom_that_went_to(
    model: Model, gmail: Any, everybody: bool
) -> None:
    offer = deliver(gmail)
    own = deliver(
        gmail, "Yes", "Re: Offer", sender=f"Me <{ME}>", to=f"{ANA}, {ME}", cc=f"{BO}, {ME}",
        reply_to=offer, labels=("SENT",), at_ms=NINE + MINUTE,
    )  # fmt: skip

    await model.call("gmail_draft", reply_to=own.id, reply_all=everybody, body="Still yes.")

    assert only_draft(gmail)["To"] == ANA
    assert only_draft(gmail)["Cc"] == (BO if everybody else "")


async def test_a_note_to_oneself_can_be_answered(model: Model, gmail: Any) -> None:
    note = deliver(gmail, sender=f"Me <{ME}>", to=ME)

    await model.call("gmail_draft", reply_to=note.id, reply_all=True, body="Done.")

    assert only_draft(gmail)["To"] == ME


async def test_the_answer_comes_from_the_alias_that_was_written_to(
    model: Model, gmail: Any
) -> None:
    gmail.send_as.append(SALES)
    offer = deliver(gmail, to="someone@list.example", headers={"Delivered-To": "sales@example.com"})

    await model.call("gmail_draft", reply_to=offer.id, body="Yes.")

    assert only_draft(gmail)["From"] == "Sales Team <sales@example.com>"


def reaction(message_id: str) -> bytes:
    """An emoji sent as an answer."""
    return raw(
        f"From: {BO}", f"To: {ME}", "Subject: Re: Offer", f"In-Reply-To: {message_id}",
        f"References: {message_id}", "Message-ID: <thumb@mail.example>",
        'Content-Type: multipart/alternative; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", "Bo reacted",
        "--b", "Content-Type: text/vnd.google.email-reaction+json", "", '{"emoji":"+1"}',
        "--b--", "",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["trash", "draft", "reaction", "bounce", "spam"])
async def test_a_thread_is_answered_at_its_newest_real_message(
    model: Model, gmail: Any, kind: str
) -> None:
    offer = deliver(gmail)
    later: dict[str, Any] = {"reply_to": offer, "at_ms": NINE + MINUTE}
    if kind == "reaction":
        gmail.deliver(BO, raw=reaction(offer.header("Message-ID")), at_ms=NINE + MINUTE)
    elif kind == "bounce":
        deliver(gmail, "No", "Re: Offer", sender="<MAILER-DAEMON@mx.example>", **later)
    else:
        deliver(gmail, "Later", "Re: Offer", sender=BO, labels=(kind.upper(),), **later)

    await model.call("gmail_draft", reply_to=offer.thread_id, body="Yes.")

    found = [mail for mail in gmail.newest_first() if "In-Reply-To: " in mail.raw.decode()]
    assert found[0].header("In-Reply-To") == offer.header("Message-ID")
    assert found[0].header("To") == ANA


async def test_a_message_in_the_middle_is_answered_when_it_is_named(
    model: Model, gmail: Any
) -> None:
    offer = deliver(gmail)
    middle = deliver(gmail, "Me too", "Re: Offer", sender=BO, reply_to=offer, at_ms=NINE + MINUTE)
    deliver(gmail, "Hello?", "Re: Offer", reply_to=offer, at_ms=NINE + 2 * MINUTE)

    await model.call("gmail_draft", reply_to=middle.id, body="Yes.")

    assert only_draft(gmail)["To"] == BO


async def test_a_draft_cannot_be_answered(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", to=["a@b.cc"], subject="S", body="B")
    message = gmail.draft(draft_id(gmail))

    failure = await model.call_failing("gmail_draft", reply_to=message.id, body="Yes.")

    assert failure == (
        "That is a draft, which nobody can answer yet.\n"
        "gmail_draft draft_id=… changes it; gmail_send draft_id=… sends it."
    )


async def test_an_unknown_message_is_not_answered(model: Model, gmail: Any) -> None:
    failure = await model.call_failing("gmail_draft", reply_to="19a0000000000fff", body="Yes.")

    assert failure.startswith("Google has no such item, or me@example.com may not see it.")
    assert gmail.drafts == {}


async def test_a_hostile_subject_cannot_add_a_header(model: Model, gmail: Any) -> None:
    evil = gmail.deliver(
        ANA, at_ms=NINE,
        raw=raw(
            "From: =?utf-8?Q?Ana=0D=0ABcc:_evil1@x.example,?= <ana@example.org>", f"To: {ME}",
            "Subject: =?utf-8?Q?x=0D=0ABcc:_evil@x.example?=", "Message-ID: <e@mail.example>",
            "", "Hi",
        ),
    )  # fmt: skip

    answer = await model.call("gmail_draft", reply_to=evil.id, reply_all=True, body="Yes.")

    reply = only_draft(gmail)
    assert "bcc" not in reply.names
    assert reply["Subject"] == "Re: x Bcc: evil@x.example"
    assert [one.addr_spec for one in reply.message["To"].addresses] == ["ana@example.org"]
    assert 'Subject: "Re: x Bcc: evil@x.example"' in answer


INJECTIONS = (
    "x\r\nBcc: evil@x.example", "x\nBcc: evil@x.example", "x\rBcc: evil@x.example",
    "x\u2028Bcc: evil@x.example", "x\u0085Bcc: evil@x.example", "x\x00",
    "=?utf-8?Q?x=0D=0ABcc:_evil@x.example?=", "=?utf-8?B?eA0KQmNjOiBldmlsQHguZXhhbXBsZQ==?=",
)  # fmt: skip


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "subject", "from", "body"])
@pytest.mark.parametrize("text", INJECTIONS)
async def test_no_field_can_add_a_header(model: Model, gmail: Any, field: str, text: str) -> None:
    given: dict[str, Any] = {"to": ["a@b.cc"], "subject": "S", "body": "B"}
    named = f'"{text}" <{ME if field == "from" else "a@b.cc"}>'
    given[field] = {"subject": text, "body": text, "from": named}.get(field, [named])

    result = await model.result("gmail_draft", **given)

    assert result.is_error is (gmail.drafts == {})
    for draft in [only_draft(gmail)] if gmail.drafts else []:
        fields = [draft.message[name] for name in ("To", "Cc", "Bcc") if draft.message[name]]
        assert {one.addr_spec for found in fields for one in found.addresses} == {"a@b.cc"}
        assert ("bcc" in draft.names) is (field == "bcc")


@pytest.mark.parametrize(
    "name", ['a".txt', "x\nBcc: evil@x.example", "=?utf-8?Q?a=0D=0AX:_y?=.txt", "фото.txt"]
)
async def test_a_file_name_cannot_add_a_header(
    model: Model, gmail: Any, folder: Path, name: str
) -> None:
    (folder / name).write_text("x")

    await model.call("gmail_draft", to=["a@b.cc"], subject="S", body="B", attach=[name])

    draft = only_draft(gmail)
    assert "bcc" not in draft.names
    assert [data for _, _, data in draft.files] == [b"x"]


async def test_names_in_every_script_arrive(model: Model, gmail: Any) -> None:
    await model.call(
        "gmail_draft", to=["Zoë Müller <zoe@bücher.example>", '"Silva, Ana" <ana@example.org>'],
        subject="Grüße an 山田さん 🎉", body="שלום עולם\n\nHello",
    )  # fmt: skip

    draft = only_draft(gmail)
    assert draft["Subject"] == "Grüße an 山田さん 🎉"
    assert draft["To"] == 'Zoë Müller <zoe@xn--bcher-kva.example>, "Silva, Ana" <ana@example.org>'
    assert draft.html.startswith('<div dir="ltr"><p dir="auto">שלום עולם</p>')
    assert draft.text == "שלום עולם\n\nHello"


async def test_groups_and_encoded_names_of_the_original_are_understood(
    model: Model, gmail: Any
) -> None:
    offer = gmail.deliver(
        ANA, at_ms=NINE,
        raw=raw(
            f"From: {ANA}", f"To: Team: {BO}, =?utf-8?Q?Zo=C3=AB?= <zoe@example.org>;",
            "Cc: undisclosed-recipients:;, broken address, x@@y", "Subject: Offer",
            "Message-ID: <o@mail.example>", "", "Hi",
        ),
    )  # fmt: skip

    await model.call("gmail_draft", reply_to=offer.id, reply_all=True, body="Yes.")

    assert only_draft(gmail)["To"] == f"{ANA}, {BO}, Zoë <zoe@example.org>"
    assert only_draft(gmail)["Cc"] == ""


async def test_fifty_recipients_all_get_it(model: Model, gmail: Any) -> None:
    people = [f"Person Number {number} <p{number}@example.org>" for number in range(50)]

    answer = await model.call("gmail_draft", to=people, subject="S", body="B")

    assert only_draft(gmail)["To"] == ", ".join(people)
    assert ", ".join(people) in answer


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nobody", "'nobody' is not an e-mail address."),
        ("a@b@c", "'a@b@c' is not an e-mail address."),
        ("ana@example..org", "'ana@example..org' is not an e-mail address."),
        (
            "zoë@example.org",
            "zoë@example.org has letters before the @ that Gmail does not send to.",
        ),
    ],
)
async def test_what_is_no_address_is_named(
    model: Model, gmail: Any, address: str, said: str
) -> None:
    failure = await model.call_failing("gmail_draft", to=[address], subject="S", body="B")

    assert failure.splitlines()[0] == said
    assert gmail.drafts == {}


async def test_an_html_only_original_is_quoted_as_text_too(model: Model, gmail: Any) -> None:
    offer = deliver(
        gmail, "", html='<p>Do you</p><script>x()</script><p>want <a href="https://e.example/">it</a>?</p>'
    )  # fmt: skip

    await model.call("gmail_draft", reply_to=offer.id, body="Yes.")

    reply = only_draft(gmail)
    assert reply.text.split("wrote:\n")[1] == "> Do you\n>\n> want [it](https://e.example/)?"
    assert "<script" not in reply.html


def with_picture(content_id: str, *, name: str = "logo.png") -> bytes:
    """A mail that shows a picture and has a file."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANA, ME, "Offer"
    message["Message-ID"] = "<picture@mail.example>"
    message.set_content("See the picture")
    message.add_alternative(f'<p>See</p><img src="cid:{content_id}">', subtype="html")
    page = message.get_payload(1)
    assert isinstance(page, EmailMessage)
    page.add_related(
        PNG, maintype="image", subtype="png", cid=f"<{content_id}>", filename=name or None
    )
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="o.pdf")
    return message.as_bytes().replace(b"\n", b"\r\n")


@pytest.mark.parametrize("content_id", ["logo@example", "image001.png@01DB$x", "a b"])
async def test_a_reply_keeps_the_pictures_of_its_quote_and_no_other_file(
    model: Model, gmail: Any, content_id: str
) -> None:
    offer = gmail.deliver(ANA, raw=with_picture(content_id.replace(" ", "_")), at_ms=NINE)

    await model.call("gmail_draft", reply_to=offer.id, body="Nice.")

    reply = only_draft(gmail)
    (shown,) = reply.pictures
    assert reply.pictures[shown] == PNG
    assert f'<img src="cid:{shown}">' in reply.html
    assert [name for name, _, _ in reply.files] == ["logo.png"]


async def test_a_forwarded_message_takes_its_files_along(
    model: Model, gmail: Any, folder: Path
) -> None:
    (folder / "note.txt").write_text("mine")
    offer = gmail.deliver(ANA, raw=with_picture("logo@example"), at_ms=NINE)

    answer = await model.call(
        "gmail_draft", forward=offer.id, to=["c@example.org"], body="FYI", attach=["note.txt"]
    )

    draft = only_draft(gmail)
    assert draft["Subject"] == "Fwd: Offer"
    assert draft["References"] == "<picture@mail.example>"
    assert draft["In-Reply-To"] == ""
    assert draft.pictures == {"logo@example": PNG}
    assert sorted(draft.files) == [
        ("logo.png", "image/png", PNG),
        ("note.txt", "text/plain", b"mine"),
        ("o.pdf", "application/pdf", b"%PDF"),
    ]
    assert draft.text == (
        "FYI\n\n---------- Forwarded message ---------\n"
        "From: Ana Silva <ana@example.org>\nDate: Fri, Nov 20, 2026 at 9:00 AM\n"
        "Subject: Offer\nTo: me@example.com\n\nSee the picture"
    )
    assert 'Files: "logo.png" 12 B, "note.txt" 4 B, "o.pdf" 4 B\n' in answer
    assert "[then: forwarded message]" in answer


@pytest.mark.parametrize("name", ["", "talk.eml"])
async def test_an_attached_mail_is_forwarded_whole(model: Model, gmail: Any, name: str) -> None:
    disposition = f'Content-Disposition: attachment; filename="{name}"' if name else "X-None: 1"
    inner = ("From: bo@example.org", "Subject: Inner", "", "The inner text")
    offer = gmail.deliver(
        ANA, at_ms=NINE,
        raw=raw(
            f"From: {ANA}", f"To: {ME}", "Subject: Talk", "Message-ID: <t@mail.example>",
            'Content-Type: multipart/mixed; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", "See below",
            "--b", "Content-Type: message/rfc822", disposition, "", *inner, "--b--", "",
        ),
    )  # fmt: skip

    await model.call("gmail_draft", forward=offer.id, to=["c@example.org"])

    ((found, _, data),) = only_draft(gmail).files
    assert found == (name or "mail-1.eml")
    assert b"Subject: Inner" in data
    assert b"The inner text" in data


async def test_a_long_original_is_quoted_whole(model: Model, gmail: Any) -> None:
    text = "\n".join(f"Line {number} of a long mail" for number in range(15_000))
    offer = deliver(gmail, text)

    await model.call("gmail_draft", reply_to=offer.id, body="Read it.")

    assert only_draft(gmail).text.endswith("\n> Line 14999 of a long mail")
    assert only_draft(gmail).text.count("\n> Line ") == 15_000


async def test_text_around_a_picture_is_quoted_whole(model: Model, gmail: Any) -> None:
    offer = gmail.deliver(
        ANA, at_ms=NINE,
        raw=raw(
            f"From: {ANA}", f"To: {ME}", "Subject: Walk", "Message-ID: <w@mail.example>",
            'Content-Type: multipart/mixed; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", "Before",
            "--b", 'Content-Type: image/png; name="p.png"',
            'Content-Disposition: inline; filename="p.png"', "", "x",
            "--b", "Content-Type: text/plain", "", "After", "--b--", "",
        ),
    )  # fmt: skip

    await model.call("gmail_draft", reply_to=offer.id, body="Nice.")

    assert "> Before" in only_draft(gmail).text
    assert "> After" in only_draft(gmail).text


async def test_an_original_that_would_hang_a_parser_is_quoted_as_text(
    model: Model, gmail: Any
) -> None:
    offer = deliver(gmail, "Do you want it?\n", html="<div>" * 50_000 + "Do you want it?")

    answer = await model.call("gmail_draft", reply_to=offer.id, body="Yes.")

    assert only_draft(gmail).html.endswith('padding-left:1ex">Do you want it?</blockquote></div>')
    assert (
        "\nThe original's layout is nested too deep to be passed on; its text is there.\n" in answer
    )


async def test_a_lost_answer_says_where_to_look_for_the_draft(
    model: Model, gmail: Any, faults: Faults
) -> None:
    faults.lose_answer("POST", "/drafts")

    failure = await model.call_failing("gmail_draft", to=["a@b.cc"], subject="S", body="B")

    assert failure == (
        "Google's answer was lost: the draft may be there, or not. Nothing was sent.\n"
        "gmail_search query=in:drafts shows drafts: look before you write it again."
    )
    assert len(gmail.drafts) == 1


async def test_a_large_mail_goes_up_in_parts(
    model: Model, gmail: Any, world: World, folder: Path
) -> None:
    data = bytes(range(256)) * 4096 * 20
    (folder / "film.bin").write_bytes(data)
    offer = deliver(gmail)

    answer = await model.call("gmail_draft", reply_to=offer.id, body="B", attach=["film.bin"])

    assert only_draft(gmail).files == [("film.bin", "application/octet-stream", data)]
    assert only_draft(gmail).thread_id == offer.thread_id
    assert 'Files: "film.bin" 21.0 MB' in answer
    assert ("PUT", "/upload/gmail/v1/users/me/drafts") in {one[:2] for one in world.requests}


async def test_files_beyond_gmails_limit_are_refused(
    model: Model, gmail: Any, folder: Path
) -> None:
    for name in ("one.bin", "two.bin"):
        (folder / name).write_bytes(b"x" * (13 << 20))

    failure = await model.call_failing(
        "gmail_draft", to=["a@b.cc"], subject="S", attach=["one.bin", "two.bin"]
    )

    assert failure == (
        "The attachments have 27.3 MB; Gmail sends up to 26.2 MB.\n"
        "Leave attachments out, or share them as files in Drive."
    )
    assert gmail.drafts == {}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone.txt", "There is no file 'gone.txt' in the allowed folders."),
        ("/etc/passwd", "'passwd' is outside the allowed folders."),
        ("drive:1abc", "Files in Drive cannot be attached as they are."),
    ],
)
async def test_what_cannot_be_attached_stops_the_mail(
    model: Model, gmail: Any, folder: Path, path: str, said: str
) -> None:
    (folder / "note.txt").write_text("x")

    failure = await model.call_failing(
        "gmail_draft", to=["a@b.cc"], subject="S", body="B", attach=["note.txt", path]
    )

    assert failure.splitlines()[0] == said
    assert gmail.drafts == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reply_to": "1", "forward": "2"}, "reply_to and forward exclude each other."),
        ({"reply_to": "1", "draft_id": "r1"}, "draft_id and reply_to exclude each other."),
        ({"reply_all": True, "to": ["a@b.cc"]}, "reply_all needs reply_to."),
    ],
)
async def test_wishes_that_exclude_each_other_are_refused(
    model: Model, gmail: Any, given: dict[str, Any], said: str
) -> None:
    failure = await model.call_failing("gmail_draft", **given)

    assert failure.splitlines()[0] == said
