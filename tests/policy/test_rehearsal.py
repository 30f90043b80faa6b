"""A dry run of every tool that changes something: it shows what would leave, and nothing leaves."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import BO, ME, Model
from workspace_mcp.demo.world import World
from workspace_mcp.policy.effects import GMAIL, Wire
from workspace_mcp.policy.rehearsal import LONGEST, described
from workspace_mcp.policy.rules import Ask
from workspace_mcp.registry import catalogue, load
from workspace_mcp.settings import Settings

CALLS: Mapping[str, tuple[dict[str, Any], str]] = {
    "gmail_draft": ({"to": [BO], "subject": "Lunch", "body": "At noon?"}, "At noon?"),
    "gmail_send": ({"to": [BO], "subject": "Lunch", "body": "At noon?"}, "At noon?"),
    "gmail_unsubscribe": ({"sender": "news@list.test"}, "list.test"),
    "drive_upload": ({"content": "x", "name": "n.txt"}, "n.txt"),
    "comment": ({"file": "1PlanOfTheYear", "action": "add", "text": "Why?"}, "Why?"),
    "docs_create": ({"title": "Plan B", "markdown": "x"}, "Plan B"),
    "sheets_create": ({"title": "Budget"}, "Budget"),
}
"""Tools that leave their dry run to the frame: a call, and words that it shows."""


def own(name: str) -> bool:
    """Whether a tool brings a dry run of its own."""
    entry = next(one for one in catalogue() if one.name == name)
    return not load(entry.module, name).arguments.rehearses


CHANGING = [one.name for one in catalogue() if one.effect != "R"]


@pytest.mark.parametrize("name", CHANGING)
def test_every_tool_that_changes_something_takes_a_dry_run(name: str) -> None:
    entry = next(one for one in catalogue() if one.name == name)

    assert entry.listing["inputSchema"]["properties"]["dry_run"]["type"] == "boolean"
    assert own(name) or name in CALLS, "say here how it is called"


@pytest.fixture
def full(world: World, model: Model) -> World:
    """With what the calls need."""
    del model
    world.people.append({"email": BO, "name": "Bo"})
    world.docs(ME).add(ME, "Plan", "1PlanOfTheYear")
    world.gmail(ME).deliver(
        "News <news@list.test>", "News", "x",
        headers={"List-Unsubscribe": "<mailto:leave@list.test>"},
    )  # fmt: skip
    return world


def state(world: World) -> object:
    """Everything that a call could have changed."""
    box, drive = world.gmail(ME), world.drive(ME)
    return (
        {key: (sorted(one.labels), one.raw) for key, one in box.mails.items()}, dict(box.drafts),
        {key: (one.name, one.data, len(one.comments)) for key, one in drive.store.files.items()},
    )  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
async def test_it_shows_what_would_leave_and_nothing_leaves(
    model: Model, full: World, name: str
) -> None:
    before = state(full)
    arguments, words = CALLS[name]

    said = await model.call(name, **arguments, dry_run=True)

    assert said.startswith("Nothing was done.\n---")
    assert words in said
    assert state(full) == before
    assert "Nothing was changed" in await model.call("workspace_history")
    await model.call(name, **arguments)
    assert state(full) != before


class TestAsking:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, policy=replace(settings.policy, ask=Ask.ALL))

    async def test_nobody_is_asked_and_nothing_waits(
        self, model: Model, full: World, settings: Settings
    ) -> None:
        del full, settings
        said = await model.call(
            "gmail_send", to=["new@else.test"], subject="s", body="b", dry_run=True
        )

        assert "The person would be asked about this" in said
        assert "First contact: new@else.test" in said

    async def test_what_may_not_happen_at_all_is_refused_in_a_dry_run_too(
        self, model: Model, full: World, backend: Any
    ) -> None:
        del full
        backend.current._policy = replace(backend.settings.policy, no_send=True)

        assert "may not send" in await model.call_failing(
            "gmail_send", to=[BO], subject="s", body="b", dry_run=True
        )


async def test_ones_own_words_in_a_dry_run_make_nobody_a_stranger(
    model: Model, backend: Any
) -> None:
    await model.call("gmail_send", to=["new@else.test"], subject="s", body="b", dry_run=True)

    assert "new@else.test" not in backend.ear.heard


def test_a_mail_is_described_as_it_would_be_read() -> None:
    raw = (
        b"To: bo@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nHall\xc3\xb6"
    )
    body = b'{"message": {"threadId": "t1", "raw": "%s"}}' % base64.urlsafe_b64encode(raw)

    assert described(Wire("POST", GMAIL, "/gmail/v1/users/me/drafts", {}, body)).splitlines() == [
        "POST gmail.googleapis.com/gmail/v1/users/me/drafts", "message:", "  threadId: t1",
        "To: bo@example.com", "Subject: Grüße", "", "Hallö",
    ]  # fmt: skip


async def test_a_long_change_is_cut_and_that_is_said(model: Model, full: World) -> None:
    del full
    said = await model.call(
        "comment", file="1PlanOfTheYear", action="add", text="a" * 3900, dry_run=True
    )

    assert len(said) < LONGEST + 200
    assert "(3900 characters)" in said
