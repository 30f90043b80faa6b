"""What changed in a mailbox, as a model sees it."""

import re
from typing import Any

from tests.conftest import Model
from tests.services.gmail.quota import spent
from workspace_mcp.demo.world import World

NINE = 1_795_165_200_000
"""2026-11-20 09:00 UTC."""


async def cursor(model: Model) -> str:
    answer = await model.call("gmail_changes")
    found = re.fullmatch(r"Cursor for the next call: since=(\d+)", answer)
    assert found is not None
    return found[1]


async def test_new_removed_and_relabelled_mail_is_told_apart(
    model: Model, gmail: Any, world: World
) -> None:
    label = gmail.new_label("Later")
    kept = gmail.deliver("ana@example.com", "Kept")
    gone = gmail.deliver("ana@example.com", "Gone")
    since = await cursor(model)
    new = gmail.deliver("Bo <bo@example.com>", "New", "Hello.", at_ms=NINE)
    brief = gmail.deliver("bo@example.com", "Brief")
    gmail.remove(brief)
    gmail.relabel(kept, {label.id, "STARRED"}, {"UNREAD", "INBOX"})
    gmail.relabel(kept, set(), {"STARRED"})
    gmail.relabel(new, set(), {"UNREAD"})
    gmail.remove(gone)
    spent(world)

    answer = await model.call("gmail_changes", since=since)

    assert answer == (
        "1 new, 1 removed, 1 relabelled\n"
        f'  Fri 2026-11-20 09:00  Bo <bo@example.com>  "New"  inbox  [{new.id}]\n'
        '    "Hello."\n'
        f"removed: {gone.id}\n"
        f"relabelled: {kept.id} +Later -inbox -unread\n"
        f"Cursor for the next call: since={gmail.history_id}"
    )
    assert spent(world) == 2 + 1 + 20 + 1
    assert await model.call("gmail_changes", since=str(gmail.history_id)) == (
        f"0 new, 0 removed, 0 relabelled\nCursor for the next call: since={gmail.history_id}"
    )


async def test_a_cursor_that_is_too_old_gives_a_fresh_one(
    model: Model, gmail: Any, world: World
) -> None:
    since = await cursor(model)
    gmail.deliver("ana@example.com", "New")
    world.fail_next(404, "notFound", path="/history")

    assert await model.call("gmail_changes", since=since) == (
        "That cursor is too old: Google no longer knows what changed since. gmail_search shows "
        f"what is there now.\nCursor for the next call: since={gmail.history_id}"
    )


async def test_more_new_mail_than_asked_for_is_counted(model: Model, gmail: Any) -> None:
    since = await cursor(model)
    for number in range(5):
        gmail.deliver("ana@example.com", f"Mail {number}", at_ms=NINE + number)

    answer = await model.call("gmail_changes", since=since, max=2)

    assert answer.startswith("5 new, 0 removed, 0 relabelled\n")
    assert re.findall(r'"(Mail \d)"', answer) == ["Mail 4", "Mail 3"]
    assert "3 more new ones are not shown" in answer


async def test_more_history_than_a_page_goes_on_where_it_ended(model: Model, gmail: Any) -> None:
    since = await cursor(model)
    mail = gmail.deliver("ana@example.com", "New")
    for _ in range(300):
        gmail.relabel(mail, {"STARRED"}, set())
        gmail.relabel(mail, set(), {"STARRED"})
    late = gmail.deliver("ana@example.com", "Late")

    first = await model.call("gmail_changes", since=since)
    found = re.search(r"since=(\d+) \(more happened: call again at once\)$", first)
    assert found is not None
    second = await model.call("gmail_changes", since=found[1])

    assert mail.id in first
    assert late.id not in first
    assert late.id in second
    assert second.endswith(f"since={gmail.history_id}")


async def test_a_flood_stays_under_ten_kilobytes(model: Model, gmail: Any) -> None:
    old = [gmail.deliver("ana@example.com", f"Old {number}") for number in range(200)]
    since = await cursor(model)
    for mail in old:
        gmail.relabel(mail, {"STARRED"}, {"INBOX"})

    answer = await model.call("gmail_changes", since=since)

    assert answer.startswith("0 new, 0 removed, 200 relabelled")
    assert "and 100 more" in answer
    assert len(answer.encode()) <= 10_000


async def test_what_is_no_cursor_reaches_nobody(model: Model, world: World) -> None:
    for since in ("abc", "-1", "1" * 30, "1&x=2"):
        assert "since is not a cursor" in await model.call_failing("gmail_changes", since=since)

    assert world.requests == []
