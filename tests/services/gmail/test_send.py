"""Sending: what leaves, to whom, and never twice, whatever becomes of the answers."""

from typing import Any

import anyio
import httpx2
import pytest

from tests.conftest import ME, Model
from tests.services.faults import Faults, QuickBackend, count
from tests.services.gmail.written import NINE, draft_id, sent
from workspace_mcp.demo.world import World
from workspace_mcp.scopes import Scope

CREATE = ("POST", "/drafts")
SEND = ("POST", "/drafts/send")
BARE = ("POST", "/messages/send")
MAIL: dict[str, Any] = {"to": ["ana@example.org"], "subject": "Plan", "body": "Hello"}
CUTS = (
    httpx2.ReadError("reset"), httpx2.ReadTimeout("slow"), httpx2.WriteError("pipe"),
    httpx2.RemoteProtocolError("half an answer"), 500, 502, 503, 504, 200,
)  # fmt: skip
"""Ends of a request after which nobody knows what Google did."""


async def test_a_sent_mail_is_shown_as_its_bytes_say(
    model: Model, gmail: Any, faults: Faults
) -> None:
    answer = await model.call(
        "gmail_send", to=["Ana <ana@example.org>"], bcc=["boss@example.org"], subject="Plan",
        body="Hello",
    )  # fmt: skip

    (mail,) = sent(gmail)
    identifier = next(one.id for one in gmail.newest_first() if "SENT" in one.labels)
    assert answer == (
        f"Sent. Message [{identifier}], thread [{identifier}].\n"
        "From: Me Myself <me@example.com>\n"
        "To: Ana <ana@example.org>\n"
        "Bcc: <boss@example.org>\n"
        'Subject: "Plan"'
    )
    assert mail["Bcc"] == "boss@example.org"
    assert gmail.drafts == {}
    assert faults.seen == ["GET /settings/sendAs", "POST /drafts", "POST /drafts/send"]


async def test_mail_reaches_the_other_account(model: Model, world: World) -> None:
    you = world.add_account("you@example.com", "You")

    await model.call("gmail_send", account=ME, **{**MAIL, "to": ["you@example.com"]})

    assert [mail.header("Subject") for mail in you.newest_first()] == ["Plan"]


async def test_a_draft_is_sent_as_it_is(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", **MAIL, bcc=["boss@example.org"])
    draft = draft_id(gmail)

    answer = await model.call("gmail_send", draft_id=draft)

    assert answer.splitlines()[1:] == [
        "From: Me Myself <me@example.com>",
        "To: <ana@example.org>",
        "Bcc: <boss@example.org>",
        'Subject: "Plan"',
    ]
    assert len(sent(gmail)) == 1
    assert gmail.drafts == {}


async def test_a_draft_can_be_named_by_its_message(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", **MAIL)

    await model.call("gmail_send", draft_id=gmail.draft(draft_id(gmail)).id)

    assert len(sent(gmail)) == 1


async def test_a_draft_that_was_sent_is_not_sent_again(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", **MAIL)
    draft = draft_id(gmail)
    await model.call("gmail_send", draft_id=draft)

    failure = await model.call_failing("gmail_send", draft_id=draft)

    assert failure == (
        "There is no such draft: it was sent or deleted, or its id is another one.\n"
        "gmail_search query=in:drafts by=message shows drafts; query=in:sent what was sent."
    )
    assert len(sent(gmail)) == 1


async def test_a_draft_is_not_changed_while_it_is_sent(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", **MAIL)

    failure = await model.call_failing("gmail_send", draft_id=draft_id(gmail), subject="Other")

    assert failure == (
        "draft_id goes alone: a draft is sent as it is.\nChange it with gmail_draft."
    )
    assert sent(gmail) == []


async def test_fields_that_a_client_fills_with_nothing_do_not_count(
    model: Model, gmail: Any
) -> None:
    await model.call("gmail_draft", **MAIL)

    await model.call(
        "gmail_send", draft_id=draft_id(gmail), to=[], cc=[], subject="", body="", reply_to=""
    )

    assert len(sent(gmail)) == 1


async def test_nobody_to_send_to_is_an_error(model: Model, gmail: Any) -> None:
    await model.call("gmail_draft", subject="Plan", body="Hello")

    mail = await model.call_failing("gmail_send", subject="Plan", body="Hello")
    draft = await model.call_failing("gmail_send", draft_id=draft_id(gmail))

    assert mail == "There is nobody to send to.\nGive to, cc or bcc, or reply_to."
    assert draft == (
        f'The draft has no recipients.\ngmail_draft draft_id="{draft_id(gmail)}" to=… adds them.'
    )
    assert sent(gmail) == []


async def test_a_file_that_cannot_be_attached_stops_the_sending(model: Model, gmail: Any) -> None:
    failure = await model.call_failing("gmail_send", **MAIL, attach=["gone.pdf"])

    assert failure.startswith("There is no file 'gone.pdf' in the allowed folders.")
    assert sent(gmail) == []
    assert gmail.drafts == {}


async def test_a_reply_is_sent_into_its_thread(model: Model, gmail: Any) -> None:
    offer = gmail.deliver("Ana <ana@example.org>", "Offer", "Yes?", at_ms=NINE)

    await model.call("gmail_send", reply_to=offer.id, body="Yes.")

    (mail,) = sent(gmail)
    assert mail.thread_id == offer.thread_id
    assert mail["Subject"] == "Re: Offer"


# Repeats by the model


async def test_the_same_mail_goes_twice_only_on_purpose(model: Model, gmail: Any) -> None:
    await model.call("gmail_send", **MAIL)

    failure = await model.call_failing("gmail_send", **MAIL)
    others = [{**MAIL, "body": "Bye"}, {**MAIL, "cc": ["bo@example.org"]}]
    for other in others:
        await model.call("gmail_send", **other)
    await model.call("gmail_send", **MAIL, again=True)

    assert failure == (
        "The same mail went to the same people within 10 minutes, or may have; it was not sent "
        "now.\n"
        "gmail_search query=in:sent shows it. To send it once more: again=true."
    )
    assert len(sent(gmail)) == 4


async def test_two_calls_at_once_send_one_mail(model: Model, gmail: Any) -> None:
    results: list[bool | None] = []

    async def send() -> None:
        results.append((await model.result("gmail_send", **MAIL)).is_error)

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(send)

    assert sorted(map(bool, results)) == [False, True, True, True]
    assert len(sent(gmail)) == 1


async def test_what_was_refused_may_be_repeated(model: Model, gmail: Any, faults: Faults) -> None:
    faults.lose_request(*CREATE, 403)

    await model.call_failing("gmail_send", **MAIL)
    await model.call("gmail_send", **MAIL)

    assert len(sent(gmail)) == 1


# Lost answers


@pytest.mark.parametrize("happens", CUTS, ids=str)
async def test_a_lost_answer_to_the_sending_is_found_out(
    model: Model, gmail: Any, faults: Faults, happens: Exception | int
) -> None:
    faults.lose_answer(*SEND, happens)

    answer = await model.call("gmail_send", **MAIL)

    assert answer.splitlines()[:2] == [
        "Sent.",
        "Google's answer was lost, and the draft is gone: it was sent, once. "
        "gmail_search query=in:sent shows it.",
    ]
    assert len(sent(gmail)) == 1
    assert count(faults.seen, "POST /drafts/send") == 1


@pytest.mark.parametrize("happens", CUTS, ids=str)
async def test_a_lost_sending_is_found_out_and_not_repeated(
    model: Model, gmail: Any, faults: Faults, backend: QuickBackend, happens: Exception | int
) -> None:
    faults.lose_request(*SEND, happens)

    failure = await model.call_failing("gmail_send", **MAIL)
    again = await model.call_failing("gmail_send", **MAIL)
    draft = draft_id(gmail)

    assert failure == (
        f"Google's answer was lost. Draft [{draft}] is still there 2 seconds later, so the "
        "message was most likely not sent.\n"
        f'Look with gmail_search query=in:sent. If it is not there, gmail_send draft_id="{draft}" '
        "sends it: that draft cannot go twice."
    )
    assert again.startswith("The same mail went to the same people within 10 minutes, or may have")
    assert 2.0 in backend.slept
    assert count(faults.seen, "POST /drafts/send") == 1
    assert sent(gmail) == []
    await model.call("gmail_send", draft_id=draft)
    assert len(sent(gmail)) == 1


async def test_a_draft_that_goes_late_is_seen_at_the_second_look(
    model: Model, gmail: Any, faults: Faults, world: World, backend: QuickBackend
) -> None:
    await model.call("gmail_draft", **MAIL)
    draft = draft_id(gmail)
    faults.lose_request(*SEND)

    async def sleep(seconds: float) -> None:
        if seconds:
            gmail.send_draft(draft)

    backend.google(ME).sender.sleep = sleep

    answer = await model.call("gmail_send", draft_id=draft)

    assert answer.startswith("Sent.\nGoogle's answer was lost, and the draft is gone")
    assert len(sent(gmail)) == 1


async def test_when_the_look_is_lost_too_it_may_have_gone(
    model: Model, gmail: Any, faults: Faults
) -> None:
    faults.lose_answer(*SEND)
    faults.lose_request("GET", r"/drafts/r\d+", 503, times=9)

    failure = await model.call_failing("gmail_send", **MAIL)

    assert failure.startswith(
        "Google's answer was lost, and the draft could not be looked at: the message may have "
        "been sent.\n"
        "Look with gmail_search query=in:sent before anything else."
    )
    assert len(sent(gmail)) == 1
    assert count(faults.seen, "POST /drafts/send") == 1


@pytest.mark.parametrize("happens", CUTS, ids=str)
async def test_a_lost_answer_to_the_draft_sends_nothing(
    model: Model, gmail: Any, faults: Faults, happens: Exception | int
) -> None:
    faults.lose_answer(*CREATE, happens)

    failure = await model.call_failing("gmail_send", **MAIL)

    assert failure == (
        "Nothing was sent: the connection broke while the message was saved as a draft.\n"
        "If gmail_search query=in:drafts shows it, send that draft with gmail_send draft_id; "
        "else repeat the call with again=true."
    )
    assert sent(gmail) == []
    assert count(faults.seen, "POST /drafts") == 1
    assert count(faults.seen, "POST /drafts/send") == 0


async def test_a_connection_that_never_was_is_tried_again(
    model: Model, gmail: Any, faults: Faults
) -> None:
    faults.lose_request(*CREATE, httpx2.ConnectError("refused"))
    faults.lose_request(*SEND, httpx2.ConnectTimeout("no route"))

    await model.call("gmail_send", **MAIL)

    assert len(sent(gmail)) == 1


async def test_a_refusal_says_where_the_message_waits(
    model: Model, gmail: Any, faults: Faults, world: World
) -> None:
    world.fail_next(400, "invalidArgument", method="POST", path="/drafts/send")

    failure = await model.call_failing("gmail_send", **MAIL)

    assert failure == (
        'Google could not use the request. Google says: "Injected."\n'
        f"Nothing was sent. The message waits as draft [{draft_id(gmail)}]."
    )
    assert sent(gmail) == []


async def test_a_sending_that_was_turned_away_is_tried_again(
    model: Model, gmail: Any, world: World, faults: Faults
) -> None:
    world.fail_next(429, "rateLimitExceeded", method="POST", path="/drafts/send", times=2)

    await model.call("gmail_send", **MAIL)

    assert len(sent(gmail)) == 1
    assert count(faults.seen, "POST /drafts/send") == 3


async def test_a_token_that_ran_out_meanwhile_is_renewed(
    model: Model, gmail: Any, world: World, faults: Faults
) -> None:
    world.fail_next(401, "authError", method="POST", path="/drafts/send")

    await model.call("gmail_send", **MAIL)

    assert len(sent(gmail)) == 1


# Fewer permissions


@pytest.mark.parametrize("known", [True, False])
async def test_with_permission_to_send_alone_it_is_sent_without_a_draft(
    model: Model, gmail: Any, faults: Faults, backend: QuickBackend, known: bool
) -> None:
    backend.allow(Scope.GMAIL_SEND, known=known)

    answer = await model.call("gmail_send", **MAIL)

    assert answer.startswith("Sent. Message [")
    assert f"From: <{ME}>\n" in answer
    assert len(sent(gmail)) == 1
    assert count(faults.seen, "POST /messages/send") == 1
    assert count(faults.seen, "POST /drafts/send") == 0


@pytest.mark.parametrize("happens", CUTS, ids=str)
async def test_a_bare_sending_whose_answer_is_lost_is_not_repeated(
    model: Model, gmail: Any, faults: Faults, backend: QuickBackend, happens: Exception | int
) -> None:
    backend.allow(Scope.GMAIL_SEND)
    faults.lose_answer(*BARE, happens)

    failure = await model.call_failing("gmail_send", **MAIL)
    again = await model.call_failing("gmail_send", **MAIL)

    assert failure == (
        "Google's answer was lost: the message may have been sent, and this sign-in may not look.\n"
        "The user can look into Sent. again=true sends it once more, even if it went."
    )
    assert again.startswith("The same mail went to the same people within 10 minutes, or may have")
    assert len(sent(gmail)) == 1


async def test_a_bare_sending_is_looked_for_when_reading_is_allowed(
    model: Model, gmail: Any, faults: Faults, backend: QuickBackend
) -> None:
    backend.allow(Scope.GMAIL_SEND, Scope.GMAIL_READONLY)
    gmail.deliver(ME, "Plan", "Hello", to="ana@example.org", labels=("SENT",), at_ms=NINE)
    faults.lose_answer(*BARE)

    answer = await model.call("gmail_send", **MAIL)

    assert answer.splitlines()[1] == "Google's answer was lost; it is among the sent ones."
    assert len(sent(gmail)) == 2


async def test_a_bare_sending_that_is_not_among_the_sent_is_said_to_be_lost(
    model: Model, gmail: Any, faults: Faults, backend: QuickBackend
) -> None:
    backend.allow(Scope.GMAIL_SEND, Scope.GMAIL_READONLY)
    gmail.deliver(ME, "Plan", "Hello", to="ana@example.org", labels=("SENT",), at_ms=NINE)
    faults.lose_request(*BARE)

    failure = await model.call_failing("gmail_send", **MAIL)

    assert failure == (
        "Google's answer was lost, and no such message is among the sent ones 2 seconds later: it "
        "was most likely not sent.\n"
        "Look again with gmail_search query=in:sent. again=true sends it, even if it went."
    )
    assert 2.0 in backend.slept


async def test_a_draft_needs_the_permission_for_drafts(
    model: Model, gmail: Any, backend: QuickBackend
) -> None:
    await model.call("gmail_draft", **MAIL)
    backend.allow(Scope.GMAIL_SEND)

    failure = await model.call_failing("gmail_send", draft_id=draft_id(gmail))

    assert failure.startswith(f"GOOGLE_LOGIN_REQUIRED account={ME} reason=missing_scope\n")
    assert "gmail.compose" in failure


async def test_an_alias_that_cannot_be_checked_is_not_guessed(
    model: Model, gmail: Any, backend: QuickBackend
) -> None:
    backend.allow(Scope.GMAIL_SEND)

    failure = await model.call_failing("gmail_send", **MAIL, **{"from": "sales@example.com"})

    assert "reason=missing_scope" in failure
    assert sent(gmail) == []
