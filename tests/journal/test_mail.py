"""Changes of many messages are taken back, and cost little."""

import pytest

from tests.conftest import ME, Model
from tests.journal.test_drive import latest
from workspace_mcp.demo.gmail.mailbox import Mailbox as FakeGmail
from workspace_mcp.demo.world import World
from workspace_mcp.journal import recorder

pytestmark = pytest.mark.anyio


def filled(world: World, count: int) -> FakeGmail:
    """Mail, every third starred, every fifth read, every seventh archived."""
    box = world.gmail(ME)
    for number in range(count):
        labels = {"INBOX", "UNREAD", "STARRED"}
        labels -= {"STARRED"} if number % 3 else set()
        labels -= {"UNREAD"} if number % 5 == 0 else set()
        labels -= {"INBOX"} if number % 7 == 0 else set()
        box.deliver("ana@example.com", f"Bill {number}", labels=tuple(sorted(labels)))
    return box


def state(box: FakeGmail) -> dict[str, frozenset[str]]:
    """Labels of every message."""
    return {key: frozenset(one.labels) for key, one in box.mails.items()}


@pytest.mark.parametrize(
    ("by", "count"), [("ids", 15), ("ids", 60), ("query", 15), ("query", 30), ("query", 700)]
)
async def test_each_of_many_gets_back_what_it_had(
    model: Model, world: World, by: str, count: int
) -> None:
    box = filled(world, count)
    before = state(box)
    given = {"ids": list(before)} if by == "ids" else {"query": "subject:bill", "expect": count}
    await model.call("gmail_modify", **given, add=["STARRED"], remove=["INBOX", "UNREAD"])
    changed = state(box)

    await model.call("workspace_undo", id=await latest(model))

    assert set(changed.values()) == {frozenset({"STARRED"})}
    assert state(box) == before


async def test_what_was_trashed_is_where_it_was(model: Model, world: World) -> None:
    box = filled(world, 40)
    before = state(box)
    await model.call("gmail_modify", query="subject:bill", expect=40, action="trash")

    await model.call("workspace_undo", id=await latest(model))

    assert state(box) == before


async def test_the_labels_are_asked_for_their_messages_not_each_message_for_its_labels(
    model: Model, world: World
) -> None:
    filled(world, 700)
    world.requests.clear()

    await model.call("gmail_modify", query="subject:bill", expect=700, action="archive")

    paths = [(method, path.rpartition("/")[2]) for method, path, _ in world.requests]
    assert paths.count(("GET", "messages")) == 2 + 2  # the tool's two pages, and two of the inbox
    assert not [path for _, path in paths if path == "v1"]  # no batch


@pytest.mark.parametrize(("count", "kept"), [(60, True), (120, False)])
async def test_where_a_label_has_too_many_messages_fewer_are_asked_themselves_and_more_not(
    model: Model, world: World, monkeypatch: pytest.MonkeyPatch, count: int, kept: bool
) -> None:
    monkeypatch.setattr(recorder, "LISTED", 20)
    before = state(filled(world, count))
    given = {"query": "subject:bill", "expect": count, "action": "read"}

    dry = await model.call("gmail_modify", **given, dry_run=True)
    done = await model.call("gmail_modify", **given)

    assert ("Could not be taken back: the labels of so many messages" in dry) is not kept
    assert ("\nNo undo: the labels of so many messages" in done) is not kept
    assert ("\nUndo: j" in done) is kept
    if kept:
        await model.call("workspace_undo", id=await latest(model))
        assert state(world.gmail(ME)) == before


async def test_many_threads_are_taken_back_with_one_request(model: Model, world: World) -> None:
    box = filled(world, 40)
    before = state(box)
    await model.call("gmail_modify", ids=list(before), add=["STARRED"])
    world.requests.clear()

    await model.call("workspace_undo", id=await latest(model))

    assert [method for method, _, _ in world.requests].count("POST") == 1
    assert state(box) == before
