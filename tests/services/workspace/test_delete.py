"""Deleting: what goes where, what is said of it, what is refused."""

from typing import Any

import pytest

from tests.conftest import ME, Model
from tests.services.faults import Faults, QuickBackend, count
from workspace_mcp.scopes import FULL, Scope

ANA = "Ana <ana@example.org>"
GONE = "19a0000000000fff"


async def test_messages_go_into_the_trash(model: Model, gmail: Any) -> None:
    one, two = (gmail.deliver(ANA, f"Offer {number}") for number in (1, 2))

    answer = await model.call("workspace_delete", kind="message", ids=[one.id, two.id])

    assert answer == (
        "Deleted 2 messages, into the trash:\n"
        f'[{one.id}] "Offer 1" from ana@example.org\n'
        f'[{two.id}] "Offer 2" from ana@example.org\n'
        "gmail_modify action=untrash takes it back, within 30 days."
    )
    assert [mail.labels for mail in (one, two)] == [{"TRASH", "UNREAD"}] * 2


async def test_a_thread_goes_whole(model: Model, gmail: Any) -> None:
    first = gmail.deliver(ANA, "Offer")
    second = gmail.deliver(ANA, "Re: Offer", reply_to=first)

    answer = await model.call("workspace_delete", kind="thread", ids=[first.id])

    assert answer.splitlines()[1] == f'[{first.id}] "Offer" from ana@example.org, 2 messages'
    assert "TRASH" in first.labels & second.labels


async def test_a_dry_run_deletes_nothing(model: Model, gmail: Any) -> None:
    mail = gmail.deliver(ANA, "Offer")

    answer = await model.call("workspace_delete", kind="message", ids=[mail.id], dry_run=True)

    assert answer == (
        "Would delete 1 message, into the trash:\n"
        f'[{mail.id}] "Offer" from ana@example.org\n'
        "Nothing was deleted: dry_run."
    )
    assert mail.labels == {"INBOX", "UNREAD"}


@pytest.mark.parametrize("by", ["draft", "message"])
async def test_a_draft_goes_for_good(model: Model, gmail: Any, by: str) -> None:
    await model.call("gmail_draft", to=["Bo <bo@example.org>"], subject="Plan", body="B")
    (draft,) = gmail.drafts
    named = draft if by == "draft" else gmail.draft(draft).id

    answer = await model.call("workspace_delete", kind="draft", ids=[named])

    assert answer == (f'Deleted 1 draft for good:\n[{draft}] "Plan" to bo@example.org')
    assert gmail.drafts == {}


async def test_a_label_goes_and_its_mail_stays(model: Model, gmail: Any) -> None:
    label = gmail.new_label("Bills")
    mail = gmail.deliver(ANA, "Offer", labels=("INBOX", label.id))

    answer = await model.call("workspace_delete", kind="label", ids=["bills"])

    assert answer == (f'Deleted 1 label for good:\n[{label.id}] "Bills", taken off 1 message')
    assert mail.labels == {"INBOX", "UNREAD"}


async def test_a_filter_goes_and_is_told_in_full(model: Model, gmail: Any) -> None:
    gmail.filters["F1"] = {
        "id": "F1", "criteria": {"from": "ana@example.org"}, "action": {"addLabelIds": ["STARRED"]},
    }  # fmt: skip

    answer = await model.call("workspace_delete", kind="filter", ids=["F1", "F2"])

    assert answer == (
        "Deleted 1 filter for good:\n[F1] from:(ana@example.org) -> +starred\nNot found: F2"
    )
    assert gmail.filters == {}


@pytest.mark.parametrize("kind", ["message", "thread"])
async def test_mail_is_deleted_for_good_only_with_the_permission_for_it(
    model: Model, gmail: Any, backend: QuickBackend, kind: str
) -> None:
    mail = gmail.deliver(ANA, "Offer")

    failure = await model.call_failing("workspace_delete", kind=kind, ids=[mail.id], permanent=True)
    there = mail.id in gmail.mails
    backend.allow(Scope.MAIL)
    answer = await model.call("workspace_delete", kind=kind, ids=[mail.id], permanent=True)

    assert failure == (
        "Deleting mail for good takes the permission https://mail.google.com/, which this sign-in "
        "does not have, and no login of ours asks for it.\n"
        "Leave permanent away: the mail goes to the trash, which Gmail empties after 30 days."
    )
    assert there
    assert answer.startswith(f"Deleted 1 {kind} for good:\n")
    assert answer.endswith("\nThis cannot be undone.")
    assert gmail.mails == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "message", "ids": []}, "0 ids were given; 1 to 100 can be."),
        ({"kind": "message", "ids": [f"{n:x}" for n in range(101)]},
         "101 ids were given; 1 to 100 can be."),
        ({"kind": "message", "ids": [GONE]},
         "None of these ids is a message.\nSearch again: ids go stale."),
        ({"kind": "draft", "ids": ["r1"]},
         "None of these ids is a draft.\nSearch again: ids go stale."),
        ({"kind": "label", "ids": ["inbox"]}, "inbox is Gmail's own label and stays."),
        ({"kind": "label", "ids": ["Bils"]},
         "There is no label 'Bils'.\nLabels like it: Bills."),
    ],
)  # fmt: skip
async def test_what_cannot_be_deleted_is_refused(
    model: Model, gmail: Any, given: dict[str, Any], said: str
) -> None:
    gmail.new_label("Bills")

    assert await model.call_failing("workspace_delete", **given) == said


@pytest.mark.parametrize(
    ("kind", "lacks"),
    [("message", "gmail.modify"), ("draft", "gmail.compose"), ("label", "gmail.labels"),
     ("filter", "gmail.settings.basic")],
)  # fmt: skip
async def test_each_kind_asks_for_its_own_permission(
    model: Model, backend: QuickBackend, kind: str, lacks: str
) -> None:
    backend.allow(Scope.GMAIL_READONLY)

    failure = await model.call_failing("workspace_delete", kind=kind, ids=["1"])

    assert failure.startswith(f"GOOGLE_LOGIN_REQUIRED account={ME} reason=missing_scope\n")
    assert lacks in failure


async def test_what_fails_is_listed_beside_what_worked(
    model: Model, gmail: Any, faults: Faults
) -> None:
    good, bad = gmail.deliver(ANA, "Good"), gmail.deliver(ANA, "Bad")
    faults.lose_request("POST", f"/messages/{bad.id}/trash", 503, times=9)

    answer = await model.call("workspace_delete", kind="message", ids=[good.id, GONE, bad.id])
    failure = await model.call_failing("workspace_delete", kind="message", ids=[bad.id])

    assert answer == (
        "Deleted 1 message, into the trash:\n"
        f'[{good.id}] "Good" from ana@example.org\n'
        f"Not found: {GONE}\n"
        f"Not deleted: [{bad.id}]. Google has a problem of its own (503).\n"
        "gmail_modify action=untrash takes it back, within 30 days."
    )
    assert failure.startswith("Google has a problem of its own (503).")


async def test_a_lost_answer_does_not_hide_that_it_is_gone(
    model: Model, gmail: Any, faults: Faults
) -> None:
    gmail.filters["F1"] = {
        "id": "F1", "criteria": {"from": "a"}, "action": {"addLabelIds": ["STARRED"]},
    }  # fmt: skip
    faults.lose_answer("DELETE", "/filters/F1")

    answer = await model.call("workspace_delete", kind="filter", ids=["F1"])

    assert answer.startswith("Deleted 1 filter for good:\n")
    assert count(faults.seen, "DELETE /settings/filters/F1") == 2


async def test_foreign_text_stays_on_its_line(model: Model, gmail: Any) -> None:
    mail = gmail.deliver(ANA, raw=b"From: ana@example.org\r\nSubject: =?utf-8?Q?A=0A[x]_B=E2=80=AE?="
                         b"\r\n\r\nHi")  # fmt: skip

    answer = await model.call("workspace_delete", kind="message", ids=[mail.id])

    assert answer.splitlines()[1] == f'[{mail.id}] "A [x] B" from ana@example.org'


def test_no_login_asks_for_the_permission_to_delete_mail_for_good() -> None:
    assert Scope.MAIL not in {scope for scopes in FULL.values() for scope in scopes}
