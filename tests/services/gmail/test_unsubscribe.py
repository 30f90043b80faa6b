"""Leaving mailing lists, as a model sees it."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from tests.conftest import ME, Model
from tests.services.gmail.quota import spent
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.world import World
from workspace_mcp.one_click import OneClick

NEWS = "The News <news@news.example>"
SIGNED = {
    "Authentication-Results": "mx.google.com; dkim=pass header.d=news.example; dmarc=pass",
    "DKIM-Signature": "v=1; d=news.example; h=From:List-Unsubscribe:List-Unsubscribe-Post; b=x",
}
ONE_CLICK = {
    "List-Unsubscribe": "<https://lists.news.example/u?t=1>, <mailto:leave@news.example?subject=out>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    **SIGNED,
}
BY_MAIL = {"List-Unsubscribe": "<mailto:leave@news.example?subject=out&body=bye>", **SIGNED}
BY_HAND = {"List-Unsubscribe": "<https://lists.news.example/page>", **SIGNED}


class Lists:
    """The world of mailing lists: one host, what it answers, what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.addresses: Sequence[str] = ["8.8.8.8"]
        self.asked: list[tuple[str, str, str]] = []

    async def resolve(self, host: str) -> Sequence[str]:
        del host
        return self.addresses

    async def post(self, address: str, host: str, target: str) -> int:
        self.asked.append((address, host, target))
        if self.status == 0:
            raise ConnectionRefusedError
        return self.status


@pytest.fixture
def lists(backend: DemoBackend) -> Lists:
    found = Lists()
    backend.one_click = OneClick(found.resolve, found.post)
    return found


def deliver(gmail: Any, headers: dict[str, str], sender: str = NEWS, **more: Any) -> Any:
    return gmail.deliver(sender, "News", "To unsubscribe click here.", headers=headers, **more)


def sent(gmail: Any) -> list[Any]:
    return [mail for mail in gmail.mails.values() if "SENT" in mail.labels]


async def test_senders_are_listed_by_volume(
    model: Model, gmail: Any, lists: Lists, world: World
) -> None:
    newest = [deliver(gmail, ONE_CLICK) for _ in range(12)][-1]
    other = deliver(gmail, BY_MAIL, "shop@shop.example")
    deliver(gmail, {}, "Ana <ana@example.com>")
    page = deliver(gmail, BY_HAND, "Club <club@club.example>")

    assert await model.call("gmail_unsubscribe") == (
        "Messages in 90 days, sender, way to leave, newest message:\n"
        f"  12  The News <news@news.example>  one click at lists.news.example  [{newest.id}]\n"
        f"   1  Club <club@club.example>  only by hand, on a page of lists.news.example  [{page.id}]\n"
        f"   1  <shop@shop.example>  by mail to leave@news.example  [{other.id}]\n"
        "Leave one: gmail_unsubscribe(sender=ADDRESS)."
    )
    assert lists.asked == []
    assert spent(world) <= 1 + 2 * (5 + 2) + 14 * 20 + 3 * 5


async def test_many_senders_are_found_though_one_is_loud(model: Model, gmail: Any) -> None:
    for number in range(40):
        deliver(gmail, BY_MAIL, f"s{number}@shop.example", at_ms=1_795_000_000_000 + number)
    for _ in range(30):
        deliver(gmail, ONE_CLICK)

    answer = await model.call("gmail_unsubscribe")

    assert len(re.findall(r"@shop\.example>", answer)) >= 25
    assert "  30  The News" in answer
    assert "There may be more senders" in answer


async def test_nothing_to_leave_is_an_answer(model: Model) -> None:
    assert await model.call("gmail_unsubscribe") == (
        "No mail of the last 90 days offers to unsubscribe."
    )


async def test_a_list_is_left_by_one_click(model: Model, gmail: Any, lists: Lists) -> None:
    deliver(gmail, ONE_CLICK)

    assert await model.call("gmail_unsubscribe", sender="news@news.example") == (
        "Left by one click: lists.news.example answered 200."
    )
    assert lists.asked == [("8.8.8.8", "lists.news.example", "/u?t=1")]
    assert sent(gmail) == []


async def test_a_link_that_is_not_signed_is_said_to_be(
    model: Model, gmail: Any, lists: Lists
) -> None:
    mail = deliver(gmail, {**ONE_CLICK, "DKIM-Signature": "v=1; h=From:To; b=x"})

    assert (await model.call("gmail_unsubscribe", message_id=mail.id)).endswith(
        "The mail's signature does not cover that link."
    )
    assert len(lists.asked) == 1


async def test_a_list_is_left_by_mail(model: Model, gmail: Any, lists: Lists) -> None:
    deliver(gmail, BY_MAIL)

    assert await model.call("gmail_unsubscribe", sender="news@news.example") == (
        'Sent "out" to leave@news.example, which leaves the list.'
    )
    (mail,) = sent(gmail)
    assert mail.header("To") == "leave@news.example"
    assert mail.header("From").endswith(f"{ME}>") or mail.header("From") == ME
    assert b"bye" in mail.raw
    assert lists.asked == []


async def test_a_page_is_never_opened(model: Model, gmail: Any, lists: Lists) -> None:
    deliver(gmail, BY_HAND)

    assert await model.call_failing("gmail_unsubscribe", sender="news@news.example") == (
        "This list can only be left by hand, on a page of lists.news.example; nothing was done.\n"
        "The user can use the link in the mail. This server opens no web pages."
    )
    assert lists.asked == []


@pytest.mark.parametrize(
    ("status", "said"), [(404, "answered 404"), (302, "answered 302"), (0, "could not be reached")]
)
async def test_mail_is_the_second_way(
    model: Model, gmail: Any, lists: Lists, status: int, said: str
) -> None:
    deliver(gmail, ONE_CLICK)
    lists.status = status

    answer = await model.call("gmail_unsubscribe", sender="news@news.example")

    assert said in answer
    assert answer.endswith('Sent "out" to leave@news.example, which leaves the list.')
    assert len(sent(gmail)) == 1


async def test_a_host_that_refuses_leaves_it_open(model: Model, gmail: Any, lists: Lists) -> None:
    deliver(gmail, {**ONE_CLICK, "List-Unsubscribe": "<https://lists.news.example/u>"})
    lists.status = 500

    assert await model.call_failing("gmail_unsubscribe", sender="news@news.example") == (
        "lists.news.example answered 500 to the one click: you may still be on the list.\n"
        "The user can use the link in the mail."
    )


async def test_a_private_host_gets_nothing(model: Model, gmail: Any, lists: Lists) -> None:
    deliver(gmail, ONE_CLICK)
    lists.addresses = ["8.8.8.8", "169.254.169.254"]

    assert "does not lead to the public internet" in await model.call_failing(
        "gmail_unsubscribe", sender="news@news.example"
    )
    assert lists.asked == []
    assert sent(gmail) == []


async def test_spam_is_not_answered(model: Model, gmail: Any, lists: Lists) -> None:
    mail = deliver(gmail, ONE_CLICK, labels=("SPAM",))

    assert "is in spam" in await model.call_failing("gmail_unsubscribe", message_id=mail.id)
    assert lists.asked == []


async def test_its_mail_leaves_the_inbox_when_asked(model: Model, gmail: Any, lists: Lists) -> None:
    mails = [deliver(gmail, ONE_CLICK) for _ in range(3)]
    other = deliver(gmail, ONE_CLICK, "ana@example.com")

    answer = await model.call("gmail_unsubscribe", sender="news@news.example", also="archive")

    assert answer.endswith("\nArchived 3 of its messages.")
    assert not any("INBOX" in mail.labels for mail in mails)
    assert "INBOX" in other.labels


async def test_a_list_that_was_left_is_said_to_be_though_archiving_failed(
    model: Model, gmail: Any, lists: Lists, world: World
) -> None:
    deliver(gmail, ONE_CLICK)
    world.fail_next(403, "insufficientPermissions", path="/messages/batchModify")

    answer = await model.call("gmail_unsubscribe", sender="news@news.example", also="archive")

    assert answer.startswith("Left by one click")
    assert "Its mail was not archived: GOOGLE_LOGIN_REQUIRED" in answer


async def test_a_mail_that_was_perhaps_sent_is_not_sent_again(
    model: Model, gmail: Any, lists: Lists, world: World
) -> None:
    deliver(gmail, BY_MAIL)
    world.fail_next(503, path="/messages/send")

    assert "may have happened" in await model.call_failing(
        "gmail_unsubscribe", sender="news@news.example"
    )
    assert [path for _, path, _ in world.requests if path.endswith("/send")] == [
        "/gmail/v1/users/me/messages/send"
    ]
    assert lists.asked == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"sender": "x OR in:anywhere"}, "sender is not an e-mail address"),
        ({"sender": "nobody@x.example"}, "There is no mail of that sender"),
        ({"sender": "ana@example.com"}, "None of the newest 1 messages of that sender says how"),
        ({"sender": "a@x.example", "message_id": "1"}, "not both"),
        ({"message_id": "19a00000000000ff"}, "Google has no such item"),
    ],
)
async def test_what_cannot_be_left_is_explained(
    model: Model, gmail: Any, arguments: dict[str, str], said: str
) -> None:
    deliver(gmail, {}, "ana@example.com")

    assert said in await model.call_failing("gmail_unsubscribe", **arguments)
