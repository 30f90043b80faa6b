"""Changing drafts: what was given changes, everything else stays."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ME, Model
from tests.services.gmail.test_compose import (
    ANA,
    BO,
    PNG,
    SALES,
    SIGNATURE,
    deliver,
    with_picture,
)
from tests.services.gmail.written import NINE, Written, draft_id, only_draft, raw, sent
from workspace_mcp.demo.world import World


async def written_reply(model: Model, gmail: Any, folder: Path) -> Written:
    """A draft with everything that a draft can have."""
    gmail.send_as[0]["signature"] = SIGNATURE
    (folder / "note.txt").write_text("mine")
    offer = gmail.deliver(ANA, raw=with_picture("logo@example"), at_ms=NINE)
    await model.call(
        "gmail_draft", reply_to=offer.id, cc=[BO], bcc=["boss@example.org"], body="Yes, **please**.",
        attach=["note.txt"],
    )  # fmt: skip
    return only_draft(gmail)


def facts(draft: Written) -> dict[str, Any]:
    """All that a change of one field must leave alone."""
    names = ("From", "To", "Cc", "Bcc", "Subject", "In-Reply-To", "References")
    return {name: draft[name] for name in names} | {
        "text": draft.text, "html": draft.html, "files": sorted(draft.files),
        "pictures": draft.pictures, "thread": draft.thread_id,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        pytest.param({"to": ["cleo@example.org"]}, {"To": "cleo@example.org"}, id="to"),
        pytest.param({"cc": []}, {"Cc": ""}, id="nobody in cc"),
        pytest.param({"bcc": ["x@example.org"]}, {"Bcc": "x@example.org"}, id="bcc"),
        pytest.param({"subject": "RE: offer"}, {"Subject": "RE: offer"}, id="subject"),
        pytest.param({}, {}, id="nothing"),
    ],
)
async def test_only_the_given_field_changes(
    model: Model, gmail: Any, folder: Path, given: dict[str, Any], changes: dict[str, str]
) -> None:
    before = facts(await written_reply(model, gmail, folder))
    identifier = draft_id(gmail)

    await model.call("gmail_draft", draft_id=identifier, **given)

    assert draft_id(gmail) == identifier
    assert facts(only_draft(gmail)) == before | changes


async def test_another_text_keeps_signature_quote_and_files(
    model: Model, gmail: Any, folder: Path
) -> None:
    before = facts(await written_reply(model, gmail, folder))

    answer = await model.call("gmail_draft", draft_id=draft_id(gmail), body="No, *thanks*.")

    after = facts(only_draft(gmail))
    assert after["text"] == before["text"].replace("Yes, **please**.", "No, *thanks*.")
    assert after["html"] == before["html"].replace(
        "Yes, <strong>please</strong>.", "No, <em>thanks</em>."
    )
    assert {k: after[k] for k in after if k not in {"text", "html"}} == {
        k: before[k] for k in before if k not in {"text", "html"}
    }
    assert after["pictures"] == {"logo@example": PNG}
    assert "[then: signature, quoted message]" in answer


async def test_files_are_added_to_those_that_are_there(
    model: Model, gmail: Any, folder: Path
) -> None:
    await written_reply(model, gmail, folder)
    (folder / "more.txt").write_text("more")

    answer = await model.call("gmail_draft", draft_id=draft_id(gmail), attach=["more.txt"])

    names = [name for name, _, _ in only_draft(gmail).files]
    assert sorted(names) == ["logo.png", "more.txt", "note.txt"]
    assert '"note.txt" 4 B' in answer
    assert '"more.txt" 4 B' in answer


async def test_a_forwarded_message_stays_below_another_text(model: Model, gmail: Any) -> None:
    offer = deliver(gmail, html="<p>Do you want it?</p>")
    await model.call("gmail_draft", forward=offer.id, to=["c@example.org"], body="FYI")

    answer = await model.call("gmail_draft", draft_id=draft_id(gmail), body="Look!")

    draft = only_draft(gmail)
    assert draft.text.startswith("Look!\n\n---------- Forwarded message ---------\nFrom: Ana")
    assert draft.text.endswith("Do you want it?")
    assert draft.html.count("Forwarded message") == 1
    assert "[then: forwarded message]" in answer


async def test_a_signature_stays_away_from_a_draft_that_has_none(model: Model, gmail: Any) -> None:
    gmail.send_as[0]["signature"] = SIGNATURE
    await model.call("gmail_draft", to=["a@b.cc"], subject="S", body="One", signature=False)

    await model.call("gmail_draft", draft_id=draft_id(gmail), body="Two")
    without = only_draft(gmail).text
    await model.call("gmail_draft", draft_id=draft_id(gmail), body="Three", signature=True)

    assert without == "Two"
    assert only_draft(gmail).text == "Three\n\n-- \nMe Myself\nCEO"


async def test_the_text_of_another_sender_is_signed_by_that_one(model: Model, gmail: Any) -> None:
    gmail.send_as[0]["signature"] = SIGNATURE
    gmail.send_as.append(SALES)
    await model.call("gmail_draft", to=["a@b.cc"], subject="S", body="One")

    named = await model.call(
        "gmail_draft", draft_id=draft_id(gmail), **{"from": "sales@example.com"}
    )
    kept = only_draft(gmail)
    await model.call("gmail_draft", draft_id=draft_id(gmail), body="Two")

    assert kept["From"] == "Sales Team <sales@example.com>"
    assert "The signature below the text is still the old one: give body too." in named
    assert only_draft(gmail).text == "Two\n\n-- \nSales at Example"


async def test_a_signature_alone_cannot_be_changed(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", to=["a@b.cc"], subject="S", body="One")

    failure = await model.call_failing("gmail_draft", draft_id=draft_id(gmail), signature=False)

    assert failure == "signature goes with the text.\nGive body too."


async def test_a_draft_written_elsewhere_keeps_what_it_has(model: Model, gmail: Any) -> None:
    gmail.new_draft(
        raw(
            f"From: {ME}", "To: ana@example.org", "Reply-To: office@example.com", "Subject: Plan",
            'Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit", "",
            "Grüße\r\n\r\nzwei Zeilen",
        ),
        None,
    )  # fmt: skip

    await model.call("gmail_draft", draft_id=draft_id(gmail), cc=[BO])

    draft = only_draft(gmail)
    assert draft["Reply-To"] == "office@example.com"
    assert draft["Cc"] == BO
    assert draft.text == "Grüße\n\nzwei Zeilen"
    assert draft.html == "Grüße<br>\n<br>\nzwei Zeilen"


async def test_another_subject_takes_a_reply_out_of_its_thread(model: Model, gmail: Any) -> None:
    offer = deliver(gmail)
    await model.call("gmail_draft", reply_to=offer.id, body="Yes.")

    answer = await model.call("gmail_draft", draft_id=draft_id(gmail), subject="Lunch")
    await model.call("gmail_send", draft_id=draft_id(gmail))

    assert "Another subject starts a new thread." in answer
    assert [mail.thread_id == offer.thread_id for mail in sent(gmail)] == [False]


@pytest.mark.parametrize("kind", ["message", "thread"])
async def test_a_draft_is_found_by_what_a_search_shows(model: Model, gmail: Any, kind: str) -> None:
    await model.call("gmail_draft", to=["a@b.cc"], subject="Plan", body="Zero")
    await model.call("gmail_draft", draft_id=draft_id(gmail), body="One")
    found = await model.call("gmail_search", query="in:drafts", by=kind)
    shown = found.splitlines()[1].rpartition("[")[2].rstrip("]")

    await model.call("gmail_draft", draft_id=shown, body="Two")

    assert only_draft(gmail).text == "Two"


async def test_an_unknown_draft_is_not_made_anew(model: Model, gmail: Any) -> None:
    failure = await model.call_failing("gmail_draft", draft_id="r123", body="Two")

    assert failure.startswith("There is no such draft: it was sent or deleted")
    assert gmail.drafts == {}


async def test_a_large_draft_is_replaced_in_parts(
    model: Model, gmail: Any, world: World, folder: Path
) -> None:
    data = b"x" * (7 << 20)
    (folder / "film.bin").write_bytes(data)
    await model.call("gmail_draft", to=["a@b.cc"], subject="Film", body="One", attach=["film.bin"])
    world.requests.clear()

    await model.call("gmail_draft", draft_id=draft_id(gmail), body="Two")

    assert only_draft(gmail).text == "Two"
    assert only_draft(gmail).files == [("film.bin", "application/octet-stream", data)]
    path = f"/upload/gmail/v1/users/me/drafts/{draft_id(gmail)}"
    assert ("PUT", path) in {one[:2] for one in world.requests}
