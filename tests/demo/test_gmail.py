"""The demo's Gmail behaves as Google's does, errors included."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ME, NOW
from tests.contract import Contract
from workspace_mcp.demo.gmail import api, mime
from workspace_mcp.demo.http import Request
from workspace_mcp.demo.scenario import dump, load
from workspace_mcp.demo.world import World
from workspace_mcp.errors import UsageError

HOST = "gmail.googleapis.com"


class Caller:
    """Calls the demo as a program does; every call and answer is held to Google's documents."""

    def __init__(self, world: World, contract: Contract, token: str) -> None:
        self._world, self._contract, self._token = world, contract, token

    def __call__(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: str
    ) -> tuple[int, dict[str, Any]]:
        url = f"https://{HOST}/gmail/v1/users/me/{path}"
        data = b"" if body is None else json.dumps(body).encode()
        words = "&".join(f"{name}={value}" for name, value in query.items())
        known = self._contract.check_request(method, f"{url}?{words}", data, "application/json")
        answer = self._world.handle(
            Request(
                method, HOST, f"/gmail/v1/users/me/{path}", tuple(query.items()),
                {"authorization": f"Bearer {self._token}", "content-type": "application/json"}, data,
            )
        )  # fmt: skip
        self._contract.check_answer(known, answer.status, answer.body)
        return answer.status, json.loads(answer.body) if answer.body else {}


@pytest.fixture
def call(world: World, contract: Contract) -> Caller:
    return Caller(world, contract, world.token_for(ME))


def raw(subject: str = "Hi", to: str = "bo@example.com", **headers: str) -> str:
    lines = [
        f"To: {to}",
        f"Subject: {subject}",
        *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
    ]
    return mime.encode(("\r\n".join([*lines, "", "text"])).encode())


def reason(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["errors"][0]["reason"]


def test_tokens_scopes_and_a_disabled_api_are_refused_as_google_does(
    world: World, contract: Contract, call: Caller
) -> None:
    send_only = world.token_for(ME, frozenset({api.SEND}))
    metadata = world.token_for(ME, frozenset({api.METADATA}))

    assert reason(Caller(world, contract, "nonsense")("GET", "profile")) == (401, "authError")
    assert reason(Caller(world, contract, send_only)("GET", "messages")) == (
        403,
        "insufficientPermissions",
    )
    assert reason(Caller(world, contract, metadata)("GET", "messages", q="x")) == (403, "forbidden")
    world.revoke(ME)
    assert reason(call("GET", "profile")) == (401, "authError")
    world.disabled.add(HOST)
    disabled = Caller(world, contract, world.token_for(ME))("GET", "profile")
    assert reason(disabled) == (403, "accessNotConfigured")
    assert "console.developers.google.com" in disabled[1]["error"]["message"]


def test_unknown_and_impossible_ids(call: Caller) -> None:
    assert reason(call("GET", "messages/abc123")) == (404, "notFound")
    assert reason(call("GET", "messages/xyz")) == (400, "invalidArgument")
    assert reason(call("GET", "threads/abc123")) == (404, "notFound")
    assert reason(call("GET", "drafts/r1")) == (404, "notFound")
    assert reason(call("GET", "messages", pageToken="x")) == (400, "invalidArgument")


def test_pages_are_newest_first_and_end(gmail: Any, call: Caller) -> None:
    mails = [gmail.deliver("a@b.example", f"Mail {n}", at_ms=n * 1000).id for n in range(5)]
    first = call("GET", "messages", maxResults="3")[1]
    rest = call("GET", "messages", maxResults="3", pageToken=first["nextPageToken"])[1]

    assert [one["id"] for one in (*first["messages"], *rest["messages"])] == mails[::-1]
    assert "nextPageToken" not in rest


def test_spam_and_trash_stay_out_unless_they_are_asked_for(gmail: Any, call: Caller) -> None:
    gmail.deliver("a@b.example", "One", labels=("SPAM",))
    gmail.deliver("a@b.example", "Two", labels=("TRASH",))

    assert "messages" not in call("GET", "messages")[1]
    assert len(call("GET", "messages", includeSpamTrash="true")[1]["messages"]) == 2
    assert len(call("GET", "messages", q="in:spam")[1]["messages"]) == 1


def test_an_answer_joins_its_thread_only_with_references_and_the_subject(
    gmail: Any, call: Caller
) -> None:
    first = gmail.deliver("a@b.example", "Offer")
    parent = first.header("Message-ID")
    ask = {"threadId": first.thread_id}

    right = call("POST", "messages/send", {"raw": raw("Re: Offer", References=parent), **ask})[1]
    other = call("POST", "messages/send", {"raw": raw("Other", References=parent), **ask})[1]
    bare = call("POST", "messages/send", {"raw": raw("Re: Offer"), **ask})[1]

    assert right["threadId"] == first.thread_id
    assert other["threadId"] != first.thread_id
    assert bare["threadId"] != first.thread_id


def test_mail_to_another_account_of_the_world_arrives_without_its_bcc(
    world: World, call: Caller
) -> None:
    other = world.add_account("you@example.com", "You")
    call("POST", "messages/send", {"raw": raw(to="you@example.com", Bcc="x@y.example")})

    [mail] = other.mails.values()
    assert mail.labels == {"INBOX", "UNREAD"}
    assert mail.header("From") == f"Me Myself <{ME}>"
    assert mail.header("Bcc") == ""


def test_a_send_without_recipients_or_from_elsewhere_is_refused(call: Caller) -> None:
    assert reason(call("POST", "messages/send", {"raw": raw(to="")})) == (400, "invalidArgument")
    elsewhere = raw(From="evil@example.org")
    assert reason(call("POST", "messages/send", {"raw": elsewhere})) == (400, "invalidArgument")
    assert reason(call("POST", "messages/send", {"raw": mime.encode(b" ")}))[0] == 400


def test_a_draft_changes_its_message_and_is_gone_when_sent(call: Caller) -> None:
    draft = call("POST", "drafts", {"message": {"raw": raw("One")}})[1]
    changed = call("PUT", f"drafts/{draft['id']}", {"message": {"raw": raw("Two")}})[1]
    sent = call("POST", "drafts/send", {"id": draft["id"]})[1]

    assert changed["message"]["id"] != draft["message"]["id"]
    assert sent["labelIds"] == ["SENT"]
    assert reason(call("GET", f"drafts/{draft['id']}")) == (404, "notFound")
    assert reason(call("POST", "drafts/send", {"id": draft["id"]})) == (404, "notFound")


def test_labels_have_one_name_googles_palette_and_counts(gmail: Any, call: Caller) -> None:
    made = call("POST", "labels", {"name": "Bills"})[1]
    mail = gmail.deliver("a@b.example", "Bill")
    call("POST", f"messages/{mail.id}/modify", {"addLabelIds": [made["id"]]})
    colour = {"color": {"backgroundColor": "#16a766", "textColor": "#123456"}}

    assert reason(call("POST", "labels", {"name": "bills"})) == (409, "aborted")
    assert reason(call("PATCH", f"labels/{made['id']}", colour)) == (400, "invalidArgument")
    assert call("GET", f"labels/{made['id']}")[1]["messagesUnread"] == 1
    assert reason(call("DELETE", "labels/INBOX")) == (400, "invalidArgument")
    assert reason(call("POST", f"messages/{mail.id}/modify", {"addLabelIds": ["SENT"]}))[0] == 400


def test_history_tells_what_happened_and_forgets(gmail: Any, call: Caller) -> None:
    cursor = call("GET", "profile")[1]["historyId"]
    mail = gmail.deliver("a@b.example", "New")
    call("POST", f"messages/{mail.id}/modify", {"removeLabelIds": ["UNREAD"]})

    rows = call("GET", "history", startHistoryId=cursor)[1]["history"]
    assert [key for row in rows for key in row if key not in {"id", "messages"}] == [
        "messagesAdded", "labelsRemoved",
    ]  # fmt: skip
    assert reason(call("GET", "history", startHistoryId="1")) == (404, "notFound")


def test_attachment_ids_change_and_only_work_for_their_message(gmail: Any, call: Caller) -> None:
    files = (("a.txt", "text/plain", b"data"),)
    one, two = (gmail.deliver("a@b.example", "File", attachments=files) for _ in range(2))

    def identifier(mail: Any) -> str:
        parts = call("GET", f"messages/{mail.id}")[1]["payload"]["parts"]
        return parts[1]["body"]["attachmentId"]

    first, second = identifier(one), identifier(one)
    assert first != second
    got = call("GET", f"messages/{one.id}/attachments/{first}")[1]
    assert mime.decode(got["data"]) == b"data"
    assert reason(call("GET", f"messages/{two.id}/attachments/{first}"))[0] == 400


def test_a_mask_picks_fields(gmail: Any, call: Caller) -> None:
    gmail.deliver("a@b.example", "One")

    assert set(call("GET", "messages", fields="messages(id)")[1]["messages"][0]) == {"id"}


def test_only_the_whole_mailboxs_scope_deletes_for_good(
    world: World, contract: Contract, gmail: Any, call: Caller
) -> None:
    mail = gmail.deliver("a@b.example", "One")

    assert reason(call("DELETE", f"messages/{mail.id}"))[0] == 403
    whole = Caller(world, contract, world.token_for(ME, frozenset({api.FULL})))
    assert whole("DELETE", f"messages/{mail.id}")[0] == 204


def test_filters_work_on_what_comes_in(gmail: Any, call: Caller) -> None:
    call(
        "POST",
        "settings/filters",
        {"criteria": {"from": "shop"}, "action": {"addLabelIds": ["STARRED"]}},
    )

    assert "STARRED" in gmail.deliver("shop@b.example", "Order").labels
    assert "STARRED" not in gmail.deliver("ana@b.example", "Hi").labels
    assert reason(call("POST", "settings/filters", {"criteria": {}, "action": {}}))[0] == 400


def test_the_sample_company_is_the_same_twice_and_survives_its_file(tmp_path: Path) -> None:
    once, twice = dump(load(None, now=NOW)), dump(load(None, now=NOW))
    saved = tmp_path / "saved.json"
    saved.write_text(once)

    assert once == twice
    assert dump(load(saved, now=NOW)) == once
    assert len(load(None, now=NOW).gmail("ana@northlight.example").mails) >= 25


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"accounts": []}, "has no accounts"),
        ({"acounts": []}, "the file has no acounts"),
        ({"accounts": [{"email": "x"}]}, r"accounts\[0\] has no email"),
        ({"time_zone": "Mars"}, "Mars is no time zone"),
        ({"mail": [{"sbject": "x"}]}, r"mail\[0\] has no sbject"),
        ({"mail": [{"date": "soon"}]}, r"mail\[0\].date: 'soon' is not a time"),
        ({"mail": [{"labels": ["nope"]}]}, "there is no label nope"),
        ({"mail": [{"reply_to": "x"}]}, "no mail before it has the key x"),
        ({"mail": [{"account": "z@example.com"}]}, "z@example.com is not among the accounts"),
    ],
)
def test_a_scenario_that_cannot_be_used_names_the_place(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"accounts": [{"email": ME}], **change}))

    with pytest.raises(UsageError, match=says):
        load(file)


def test_sections_of_services_to_come_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"accounts": [{"email": ME}], "events": [{"title": "x"}]}))

    assert json.loads(dump(load(file)))["events"] == [{"title": "x"}]
