"""Reading and changing Gmail's settings."""

from typing import Any

import pytest

from tests.conftest import ME, Model
from tests.contract import document
from tests.services.faults import Faults, QuickBackend
from tests.services.gmail.written import MINUTE, NINE
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.colours import NAMES, PALETTE

ANA = "Ana <ana@example.org>"


async def test_all_settings_are_read_at_once(model: Model, gmail: Any) -> None:
    label = gmail.new_label("Bills")
    gmail.deliver(ANA, "Invoice", labels=("INBOX", label.id))
    gmail.filters["F1"] = {
        "id": "F1", "criteria": {"from": "ana@example.org"},
        "action": {"addLabelIds": [label.id], "removeLabelIds": ["INBOX"]},
    }  # fmt: skip
    gmail.send_as[0]["signature"] = "<div>Me<br>CEO</div>"

    assert await model.call("gmail_settings") == (
        "Labels (messages, unread):\n"
        "  inbox: 1, 1 unread\n"
        "  draft: 0, 0 unread\n"
        "  spam: 0, 0 unread\n"
        "  Bills: 1, 1 unread\n"
        "Filters:\n"
        "  [F1] from:(ana@example.org) -> +Bills, -inbox\n"
        "Vacation responder:\n"
        "  off\n"
        "Send-as addresses:\n"
        "  Me Myself <me@example.com> (default), signature: Me CEO\n"
        "Forwarding:\n"
        "  off\n"
        "Delegates:\n"
        "  none"
    )


async def test_many_labels_come_in_pages(model: Model, gmail: Any) -> None:
    for number in range(250):
        gmail.new_label(f"Label {number:03} {'x' * 60}")

    pages = [await model.call("gmail_settings", what="labels")]
    while "offset=" in pages[-1]:
        offset = int(pages[-1].rpartition("offset=")[2])
        pages.append(await model.call("gmail_settings", what="labels", offset=offset))

    shown = [line for page in pages for line in page.splitlines() if "unread" in line]
    assert len([line for line in shown if line.startswith("  Label")]) == 250
    assert all(len(page.encode()) < 10_000 for page in pages)
    everything = await model.call("gmail_settings")
    assert len(everything.encode()) < 10_000
    assert "more: what=labels offset=" in everything


# Labels


async def test_a_label_is_made(model: Model, gmail: Any) -> None:
    answer = await model.call(
        "gmail_settings_set", what="label", values={"name": "Work/Bills", "color": "Green"}
    )

    assert answer == "Made label.\n  Work/Bills, green"
    (label,) = gmail.user_labels()
    assert (label.name, label.colour) == ("Work/Bills", ("#16a766", "#ffffff"))


async def test_a_label_is_changed_by_its_name(model: Model, gmail: Any) -> None:
    gmail.new_label("Bills")

    dry = await model.call(
        "gmail_settings_set", what="label", id="bills", values={"name": "Paid"}, dry_run=True
    )
    unchanged = [label.name for label in gmail.user_labels()]
    answer = await model.call(
        "gmail_settings_set", what="label", id="bills",
        values={"name": "Paid", "color": "#f691b3", "show": "unread"},
    )  # fmt: skip

    assert dry == (
        "Would change label.\n  before: Bills\n  after: Paid\nNothing was changed: dry_run."
    )
    assert unchanged == ["Bills"]
    assert answer == "Changed label.\n  before: Bills\n  after: Paid, pink, show unread"
    (label,) = gmail.user_labels()
    assert (label.name, label.list_visibility) == ("Paid", "labelShowIfUnread")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"values": {"color": "#16a700", "name": "X"}},
         "#16a700 is not in Gmail's palette.\nThe nearest are #0b804b, #076239, #1a764d."),
        ({"values": {"color": "greenish", "name": "X"}},
         "'greenish' is no colour of Gmail's.\nColours: red, orange, yellow, green, mint, blue, "
         "purple, pink, brown, grey, black, or a code of Gmail's palette such as #16a766."),
        ({"values": {"color": "red"}}, 'A new label needs a name.\nvalues={"name": "Work/Invoices"}'),
        ({"values": {"name": "X", "show": "maybe"}}, "show is one of yes, unread, no."),
        ({"id": "inbox", "values": {"name": "X"}},
         "inbox is Gmail's own label and stays as it is."),
        ({"id": "Bils", "values": {"name": "X"}},
         "There is no label 'Bils'.\nLabels like it: Bills."),
        ({"values": {"name": 1}}, "name of a label is a text."),
        ({"values": {}}, "values is empty.\nlabel takes: name, color, show."),
        ({"values": {"name": "X", "colour": "red"}},
         "label has no field colour.\nlabel takes: name, color, show."),
    ],
)  # fmt: skip
async def test_labels_that_gmail_would_not_take_are_refused(
    model: Model, gmail: Any, given: dict[str, Any], said: str
) -> None:
    gmail.new_label("Bills")

    failure = await model.call_failing("gmail_settings_set", what="label", **given)

    assert failure == said
    assert [label.name for label in gmail.user_labels()] == ["Bills"]


def test_the_palette_is_googles() -> None:
    schema = document("gmail.v1")["schemas"]["LabelColor"]["properties"]["backgroundColor"]

    assert all(code in schema["description"] for code in PALETTE)
    assert set(NAMES.values()) <= set(PALETTE)


# Filters


async def test_a_filter_is_made_and_says_what_it_does(model: Model, gmail: Any) -> None:
    label = gmail.new_label("Bills")

    answer = await model.call(
        "gmail_settings_set", what="filter",
        values={"from": "ana@example.org", "has_attachment": True, "larger": "2M",
                "add": ["bills"], "remove": "inbox"},
    )  # fmt: skip

    (found,) = gmail.filters.values()
    assert answer == (
        "Made filter.\n"
        f"  [{found['id']}] from:(ana@example.org) has:attachment larger:2097152 -> +Bills, -inbox\n"
        "Mail that it matches skips the inbox."
    )
    assert found["criteria"] == {
        "from": "ana@example.org", "hasAttachment": True, "size": 2097152,
        "sizeComparison": "larger",
    }  # fmt: skip
    assert found["action"] == {"addLabelIds": [label.id], "removeLabelIds": ["INBOX"]}


async def test_a_filter_that_trashes_says_so_plainly(model: Model) -> None:
    answer = await model.call(
        "gmail_settings_set", what="filter", values={"query": "list:x", "add": ["trash"]}
    )

    assert answer.splitlines()[-1] == (
        "Mail that it matches goes straight to the trash, and is gone after 30 days."
    )


async def test_a_changed_filter_is_a_new_one_in_place_of_the_old(model: Model, gmail: Any) -> None:
    await model.call(
        "gmail_settings_set", what="filter", values={"from": "a@x.example", "remove": ["unread"]}
    )
    (old,) = gmail.filters

    answer = await model.call(
        "gmail_settings_set", what="filter", id=old, values={"from": "", "subject": "News"}
    )

    (new,) = gmail.filters
    assert new != old
    assert answer == (
        "Changed filter.\n"
        "  before: from:(a@x.example) -> -unread\n"
        f"  after: [{new}] subject:(News) -> -unread\n"
        "It is marked as read.\n"
        f"Gmail cannot change a filter: a new one was made, the old [{old}] deleted."
    )


async def test_an_old_filter_that_stays_is_named(model: Model, gmail: Any, faults: Faults) -> None:
    await model.call(
        "gmail_settings_set", what="filter", values={"from": "a@x.example", "add": ["starred"]}
    )
    (old,) = gmail.filters
    faults.lose_request("DELETE", f"/filters/{old}", 503, times=9)

    answer = await model.call(
        "gmail_settings_set", what="filter", id=old, values={"from": "b@x.example"}
    )

    assert answer.splitlines()[-1] == (
        f"The old filter [{old}] is still there and works too: Google has a problem of its own (503)."
    )
    assert len(gmail.filters) == 2


async def test_a_filter_is_applied_to_mail_that_is_there(model: Model, gmail: Any) -> None:
    mails = [
        gmail.deliver(ANA, f"News {number}", at_ms=NINE + number * MINUTE) for number in range(3)
    ]
    values = {"subject": "news", "remove": ["inbox", "unread"], "apply": True}

    dry = await model.call("gmail_settings_set", what="filter", values=values, dry_run=True)
    untouched = [mail.labels.copy() for mail in mails]
    answer = await model.call("gmail_settings_set", what="filter", values=values)

    assert dry.splitlines()[-2:] == [
        "It would change 3 messages that are there.", "Nothing was changed: dry_run.",
    ]  # fmt: skip
    assert untouched == [{"INBOX", "UNREAD"}] * 3
    assert answer.splitlines()[-1] == "Applied to 3 messages that were there."
    assert [mail.labels for mail in mails] == [set()] * 3


async def test_applying_stops_at_a_thousand_and_says_so(model: Model, gmail: Any) -> None:
    for number in range(1001):
        gmail.deliver(ANA, f"News {number}", at_ms=NINE + number)

    answer = await model.call(
        "gmail_settings_set", what="filter",
        values={"subject": "news", "add": ["starred"], "apply": True},
    )  # fmt: skip

    assert answer.splitlines()[-1] == (
        "Applied to 1,000 messages that were there. There are more than 1,000: gmail_modify "
        "changes the rest."
    )


FORWARDING = (
    "Filters that forward mail are not made or changed here: they let mail leave unseen.\n"
    "The user can do it in Gmail's settings."
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"values": {"from": "a@x.example"}},
         'A filter needs something to do: add or remove.\n'
         'values={"from": "a@example.com", "add": ["Bills"], "remove": ["inbox"]}'),
        ({"values": {"add": ["starred"]}},
         "A filter needs something to look for.\n"
         'values={"from": "a@example.com", "add": ["Bills"], "remove": ["inbox"]}'),
        ({"values": {"from": "a", "forward": "evil@x.example"}},
         "filter has no field forward.\nfilter takes: from, to, subject, query, not, "
         "has_attachment, larger, smaller, add, remove, apply."),
        ({"values": {"from": "a", "add": ["evil@x.example"]}}, FORWARDING),
        ({"id": "F9", "values": {"subject": "x"}}, FORWARDING),
        ({"values": {"from": "a", "larger": "many", "add": ["starred"]}},
         "larger of a filter is a number of bytes, such as 500000 or 10M."),
        ({"values": {"from": "a", "add": [1]}}, "add of a filter is a list of names."),
        ({"values": {"from": "a", "has_attachment": "maybe", "add": ["starred"]}},
         "has_attachment of a filter is true or false."),
    ],
)  # fmt: skip
async def test_filters_that_forward_or_mean_nothing_are_refused(
    model: Model, gmail: Any, given: dict[str, Any], said: str
) -> None:
    forwards = {"id": "F9", "criteria": {"from": "a"}, "action": {"forward": "x@x.example"}}
    gmail.filters["F9"] = forwards

    failure = await model.call_failing("gmail_settings_set", what="filter", **given)

    assert failure == said
    assert gmail.filters == {"F9": forwards}


# The vacation responder


async def test_a_vacation_is_set_in_local_days(model: Model, gmail: Any) -> None:
    answer = await model.call(
        "gmail_settings_set", what="vacation",
        values={"subject": "Away", "body": "I am **away**.", "start": "2026-12-20",
                "end": "2026-12-24", "contacts_only": True},
    )  # fmt: skip

    assert answer == (
        "Changed vacation responder.\n"
        "  before: off\n"
        "  after: on, from Sun 2026-12-20, through Thu 2026-12-24, to contacts only\n"
        "  after: subject: Away\n"
        "  after: text: I am away."
    )
    assert gmail.vacation["startTime"] == "1797724800000"
    assert gmail.vacation["endTime"] == "1798156800000"
    assert gmail.vacation["responseBodyHtml"] == '<p dir="auto">I am <strong>away</strong>.</p>'
    assert await model.call("gmail_settings", what="vacation") == (
        "Vacation responder:\n"
        "  on, from Sun 2026-12-20, through Thu 2026-12-24, to contacts only\n"
        "  subject: Away\n"
        "  text: I am away."
    )


async def test_switching_off_keeps_the_text_for_the_next_time(model: Model, gmail: Any) -> None:
    values = {"subject": "Away", "body": "Back soon"}
    await model.call("gmail_settings_set", what="vacation", values=values)

    await model.call("gmail_settings_set", what="vacation", values={"on": "off"})

    assert gmail.vacation["enableAutoReply"] is False
    assert gmail.vacation["responseSubject"] == "Away"


async def test_a_vacation_that_is_over_is_said_to_be(model: Model) -> None:
    answer = await model.call(
        "gmail_settings_set", what="vacation",
        values={"body": "Away", "end": "2026-11-19T18:00"}, dry_run=True,
    )  # fmt: skip

    assert "  after: on, until Thu 2026-11-19 18:00\n" in answer
    assert answer.endswith(
        "It is on, but its end is past: nobody gets it.\nNothing was changed: dry_run."
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"on": True}, "A vacation responder needs a subject or a body."),
        ({"body": "x", "start": "2026-12-24", "end": "2026-12-20"},
         "The vacation ends before it starts.\nGive both start and end."),
        ({"body": "x", "start": "soon"}, "start of a vacation is a date like 2026-12-24 or a time "
         "like 2026-12-24T18:00."),
        ({"on": "perhaps"}, "on of a vacation is true or false."),
    ],
)  # fmt: skip
async def test_a_vacation_that_makes_no_sense_is_refused(
    model: Model, gmail: Any, values: dict[str, Any], said: str
) -> None:
    failure = await model.call_failing("gmail_settings_set", what="vacation", values=values)

    assert failure == said
    assert gmail.vacation == {"enableAutoReply": False}


# Send-as addresses


async def test_name_and_signature_of_an_address_are_changed(model: Model, gmail: Any) -> None:
    gmail.send_as[0]["signature"] = "<div>Old</div>"

    answer = await model.call(
        "gmail_settings_set", what="sendas", id=ME,
        values={"name": "The Boss", "signature": "**Boss**\n[site](https://e.example/)"},
    )  # fmt: skip

    assert answer == (
        "Changed send-as me@example.com.\n"
        "  before: name Me Myself, signature: Old\n"
        "  after: name The Boss, signature: Boss [site](https://e.example/)"
    )
    assert gmail.send_as[0]["displayName"] == "The Boss"
    assert gmail.send_as[0]["signature"].startswith('<p dir="auto"><strong>Boss</strong>')


async def test_an_address_that_is_not_there_cannot_be_changed(model: Model) -> None:
    failure = await model.call_failing(
        "gmail_settings_set", what="sendas", id="you@example.com", values={"name": "X"}
    )

    assert failure == (
        "you@example.com is no address of this account.\nIt may send from: me@example.com."
    )


# Permissions


@pytest.mark.parametrize(
    ("what", "values", "granted", "lacks"),
    [
        ("label", {"name": "X"}, Scope.GMAIL_SETTINGS, "gmail.labels"),
        ("vacation", {"on": False}, Scope.GMAIL_MODIFY, "gmail.settings.basic"),
        ("filter", {"from": "a", "add": ["starred"], "apply": True}, Scope.GMAIL_SETTINGS,
         "gmail.modify"),
    ],
)  # fmt: skip
async def test_each_setting_asks_for_its_own_permission(
    model: Model,
    backend: QuickBackend,
    what: str,
    values: dict[str, Any],
    granted: Scope,
    lacks: str,
) -> None:
    backend.allow(granted)

    failure = await model.call_failing("gmail_settings_set", what=what, values=values)

    assert failure.startswith(f"GOOGLE_LOGIN_REQUIRED account={ME} reason=missing_scope\n")
    assert lacks in failure


async def test_labels_need_no_permission_for_settings(
    model: Model, gmail: Any, backend: QuickBackend
) -> None:
    backend.allow(Scope.GMAIL_LABELS)

    await model.call("gmail_settings_set", what="label", values={"name": "Bills"})

    assert [label.name for label in gmail.user_labels()] == ["Bills"]
