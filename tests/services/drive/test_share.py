"""Giving and taking access: what changes, who is asked, who is mailed."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BO, ME, NOW, Model
from tests.services.faults import Faults, QuickBackend
from workspace_mcp.demo.drive.records import DOC
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.scenario import load
from workspace_mcp.demo.world import World
from workspace_mcp.policy.effects import Reach
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.settings import Settings

CLEO = "cleo@example.com"


def roles(file: Any) -> dict[str, str]:
    """Who has which role on a file itself."""
    return {one.who or one.kind: one.role for one in file.permissions}


async def test_several_people_are_given_access_and_mailed(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")

    answer = await model.call(
        "drive_share", file=file.id, action="grant", who=[BO, "Cleo@Example.com"], role="writer",
        expires="2026-12-31", message="Have a look",
    )  # fmt: skip

    assert answer == (
        f'[{file.id}] "Plan" Doc:\n'
        f"{BO} can edit, until Thu 2026-12-31 23:59\n"
        f"{CLEO} can edit, until Thu 2026-12-31 23:59\n"
        "Google mails each of them, with the message.\n"
        "who sees it now:\n"
        f"- {ME} owns it\n"
        f"- {BO} can edit, until Thu 2026-12-31 23:59\n"
        f"- {CLEO} can edit, until Thu 2026-12-31 23:59"
    )
    assert roles(file) == {ME: "owner", BO: "writer", CLEO: "writer"}
    assert [(one["to"], one["text"]) for one in drive.store.mails] == [
        (BO, "Have a look"), (CLEO, "Have a look"),
    ]  # fmt: skip


async def test_nobody_is_mailed_when_that_is_wanted(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")

    answer = await model.call(
        "drive_share", file="/Plan", action="grant", who=[BO], role="reader", notify=False
    )

    assert "Google mails nobody: notify=false.\n" in answer
    assert drive.store.mails == []
    assert roles(file)[BO] == "reader"


async def test_a_role_is_changed_and_told_before_and_after(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    drive.share(file.id, BO, "reader", expires=NOW + timedelta(days=3))

    changed = await model.call("drive_share", file=file.id, action="grant", who=[BO], role="writer")
    same = await model.call("drive_share", file=file.id, action="grant", who=[BO], role="writer")
    ended = await model.call(
        "drive_share", file=file.id, action="grant", who=[BO], role="writer", expires="off"
    )

    until = "until Mon 2026-11-23 09:30"
    assert changed.splitlines()[1] == f"{BO}: can view -> can edit, {until}"
    assert same.splitlines()[1] == f"{BO} can edit: so already"
    assert ended.splitlines()[1] == f"{BO} can edit, without an end now"
    assert file.permissions[1].expires is None
    assert drive.store.mails == []


async def test_access_is_revoked_and_ungranted_access_is_said_to_be_so(
    model: Model, drive: Drive
) -> None:
    file = drive.add("Plan", DOC, content="x")
    drive.share(file.id, BO, "reader")
    drive.share(file.id, "", "reader")

    answer = await model.call(
        "drive_share", file=file.id, action="revoke", who=[BO, CLEO, "anyone"]
    )

    assert answer.splitlines()[1:4] == [
        f"{BO} no longer can view",
        "anyone with the link no longer can view",
        f"{CLEO} has no access: so already",
    ]
    assert roles(file) == {ME: "owner"}


async def test_the_link_is_switched_on_changed_and_off(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")

    async def link(role: str, **more: Any) -> str:
        answer = await model.call("drive_share", file=file.id, action="link", role=role, **more)
        return answer.splitlines()[1]

    assert await link("reader") == "anyone with the link can view"
    assert await link("commenter") == "anyone with the link: can view -> can comment"
    assert await link("commenter") == "anyone with the link can comment: so already"
    assert await link("off") == "anyone with the link no longer can comment"
    assert await link("reader", who=["example.org"]) == (
        "everybody at example.org who has the link can view"
    )
    assert roles(file) == {ME: "owner", "example.org": "reader"}


async def test_ownership_is_transferred_and_always_mailed(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")

    answer = await model.call(
        "drive_share", file=file.id, action="transfer", who=[BO], notify=False
    )

    assert answer.splitlines()[1] == f"{BO} owns it"
    assert "Google mails each of them.\n" in answer
    assert roles(file) == {ME: "writer", BO: "owner"}


async def test_a_transferred_file_moves_when_that_is_wanted(
    model: Model, drive: Drive, bo: Drive
) -> None:
    folder = drive.folder("F")
    file = drive.add("Plan", DOC, parent=folder.id, content="x")

    await model.call("drive_share", file=file.id, action="transfer", who=[BO], move=True)

    assert file.parent == bo.root.id


async def test_ownership_goes_to_somebody_who_has_access_already(
    model: Model, drive: Drive
) -> None:
    file = drive.add("Plan", DOC, content="x")
    drive.share(file.id, BO, "writer")

    answer = await model.call("drive_share", file=file.id, action="transfer", who=[BO])

    assert answer.splitlines()[1] == f"{BO}: can edit -> owns it"
    assert file.owner == BO


async def test_copying_and_sharing_on_are_limited(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")

    answer = await model.call(
        "drive_share", file=file.id, action="limit", viewers_copy=False, editors_share=False
    )

    assert answer == (
        f'[{file.id}] "Plan" Doc:\n'
        "viewers may not download, print and copy it\n"
        "editors may not share it"
    )
    assert (file.no_copy, file.writers_share) == (True, False)


async def test_a_dry_run_changes_nothing(model: Model, drive: Drive, faults: Faults) -> None:
    file = drive.add("Plan", DOC, content="x")

    answer = await model.call(
        "drive_share", file=file.id, action="grant", who=[BO], role="reader", dry_run=True
    )

    assert answer == (f'[{file.id}] "Plan" Doc:\n{BO} can view\nNothing was changed: dry_run.')
    assert not [one for one in faults.seen if one.startswith(("POST /drive", "PATCH"))]


async def test_a_group_and_a_domain_are_given_access(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    drive.store.groups["team@example.com"] = frozenset({BO})

    await model.call(
        "drive_share", file=file.id, action="grant", who=["group:team@example.com", "example.org"],
        role="reader", discoverable=True,
    )  # fmt: skip

    kinds = {one.who: (one.kind, one.discoverable) for one in file.permissions[1:]}
    assert kinds == {"team@example.com": ("group", False), "example.org": ("domain", True)}
    assert drive.store.role(file, BO) == "reader"


async def test_access_from_a_folder_is_taken_there_alone(model: Model, drive: Drive) -> None:
    folder = drive.folder("Reports")
    drive.share(folder.id, BO, "writer")
    file = drive.add("Plan", DOC, parent=folder.id, content="x")

    failure = await model.call_failing("drive_share", file=file.id, action="revoke", who=[BO])

    assert failure == (
        "That access comes from a folder above, and can be taken there alone.\n"
        "drive_info names the folder."
    )
    assert drive.store.role(file, BO) == "writer"


@pytest.mark.parametrize("role", ["reader", "writer"])
async def test_a_file_gives_no_less_than_its_folder_and_that_is_said(
    model: Model, drive: Drive, role: str
) -> None:
    folder = drive.folder("Reports")
    drive.share(folder.id, BO, "writer")
    file = drive.add("Plan", DOC, parent=folder.id, content="x")

    answer = await model.call(
        "drive_share", file=file.id, action="grant", who=[BO], role=role, expires="2026-12-31"
    )

    assert answer.splitlines()[1:] == [
        f"{BO} can edit already, from a folder above", "who sees it now:", f"- {ME} owns it",
        f"- {BO} can edit, from a folder above",
    ]  # fmt: skip
    assert roles(file) == {ME: "owner"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"action": "grant", "role": "reader"}, "grant needs who."),
        ({"action": "grant", "who": [BO]}, "grant needs role."),
        ({"action": "grant", "who": ["Bo Berg"], "role": "reader"},
         "who holds something that is no e-mail address and no domain."),
        ({"action": "grant", "who": [BO], "role": "reader", "expires": "2026-01-01"},
         "expires is over already."),
        ({"action": "grant", "who": [BO], "role": "reader", "expires": "soon"}, "expires is no date."),
        ({"action": "grant", "who": [ME], "role": "reader"}, "The owner's access cannot be changed."),
        ({"action": "revoke", "who": [ME]}, "The owner's access cannot be taken."),
        ({"action": "link"}, "link needs role: reader, commenter, writer or off."),
        ({"action": "link", "role": "reader", "who": [BO]}, "link takes domains"),
        ({"action": "link", "role": "reader", "expires": "2026-12-31"}, "Google ends links by hand"),
        ({"action": "transfer", "who": [BO, CLEO]}, "transfer needs one e-mail address."),
        ({"action": "transfer", "who": ["x@other.example"]}, f"{ME} may not do this."),
        ({"action": "limit"}, "limit needs viewers_copy or editors_share."),
        ({"action": "grant", "who": [f"p{n}@example.com" for n in range(51)], "role": "reader"},
         "51 were named; 50 can be at a time."),
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused(
    model: Model, drive: Drive, given: dict[str, Any], said: str
) -> None:
    file = drive.add("Plan", DOC, content="x")

    failure = await model.call_failing("drive_share", file=file.id, **given)

    assert failure.startswith(said)
    assert roles(file) == {ME: "owner"}


async def test_who_may_not_share_is_told_so(model: Model, bo: Drive) -> None:
    file = bo.add("theirs", DOC, content="x")
    bo.share(file.id, ME, "reader")

    failure = await model.call_failing(
        "drive_share", file=file.id, action="grant", who=[CLEO], role="reader"
    )

    assert failure == "This account may not see or change who has access to that file."


class TestAsked:
    """The person is asked before anybody gains access, and not before somebody loses it."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, policy=Policy(ask=Ask.ALL))

    async def test_nothing_is_shared_before_the_person_said_so(
        self, model: Model, drive: Drive, backend: QuickBackend
    ) -> None:
        file = drive.add("Plan", DOC, content="x")

        failure = await model.call_failing(
            "drive_share", file=file.id, action="grant", who=[BO, "x@evil.example"], role="writer",
            message="Hello",
        )  # fmt: skip

        assert failure.startswith("APPROVAL_REQUIRED code=")
        (parked,) = backend.parking.all()
        assert parked.shown == (
            f"Give access, as {ME}:\n"
            "Doc: Plan\n"
            f"{BO} can edit\n"
            "x@evil.example can edit\n"
            "Google mails each of them, with the message.\n"
            "First contact: x@evil.example\n"
            "\nHello"
        )
        assert roles(file) == {ME: "owner"}

    async def test_what_the_person_released_happens_once(
        self, model: Model, drive: Drive, backend: QuickBackend
    ) -> None:
        file = drive.add("Plan", DOC, content="x")
        given = {"file": file.id, "action": "link", "role": "reader"}
        await model.call_failing("drive_share", **given)
        (parked,) = backend.parking.all()
        assert "anyone with the link can view" in parked.shown
        backend.parking.release(parked)

        await model.call("drive_share", **given)

        assert roles(file) == {ME: "owner", "anyone": "reader"}

    async def test_taking_access_asks_nobody(self, model: Model, drive: Drive) -> None:
        file = drive.add("Plan", DOC, content="x")
        drive.share(file.id, "", "reader")

        await model.call("drive_share", file=file.id, action="link", role="off")

        assert roles(file) == {ME: "owner"}


class TestLimited:
    """Limits that the person set hold, whatever the arguments are."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        limits = Policy(
            ask=Ask.NEVER, share_domains=frozenset({"example.com"}), budgets={Reach.SHARES: 2}
        )
        return replace(settings, policy=limits)

    @pytest.mark.parametrize(
        "given",
        [
            {"action": "grant", "who": ["x@evil.example"], "role": "reader"},
            {"action": "grant", "who": ["evil.example"], "role": "reader"},
            {"action": "link", "role": "reader"},
        ],
    )
    async def test_only_allowed_domains_are_given_access(
        self, model: Model, drive: Drive, given: dict[str, Any]
    ) -> None:
        file = drive.add("Plan", DOC, content="x")

        failure = await model.call_failing("drive_share", file=file.id, **given)

        assert failure.startswith("May not be given access from here: ")
        assert roles(file) == {ME: "owner"}

    async def test_a_days_limit_ends_sharing_in_its_middle_and_says_so(
        self, model: Model, drive: Drive
    ) -> None:
        file = drive.add("Plan", DOC, content="x")

        answer = await model.call(
            "drive_share", file=file.id, action="grant", role="reader",
            who=["a@example.com", "b@example.com", "c@example.com"],
        )  # fmt: skip

        assert "Not done: c@example.com. The day's limit is reached (shares: 2)." in answer
        assert set(roles(file)) == {ME, "a@example.com", "b@example.com"}


class TestConsumers:
    """Accounts of no organisation, whose files change hands only when the other one accepts."""

    OWNER, OTHER = "me@gmail.com", "bo@gmail.com"

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        file = tmp_path / "world.json"
        file.write_text(json.dumps({"accounts": [{"email": self.OWNER, "name": "Me"}]}))
        return load(file, now=NOW)

    @pytest.fixture
    def drive(self, world: World) -> Drive:
        return world.drive(self.OWNER)

    @pytest.mark.parametrize("before", [None, "reader", "writer"])
    async def test_an_owner_to_be_is_asked(
        self, model: Model, drive: Drive, before: str | None
    ) -> None:
        file = drive.add("Plan", DOC, content="x")
        if before:
            drive.share(file.id, self.OTHER, before)

        answer = await model.call(
            "drive_share", file=file.id, action="transfer", who=[self.OTHER], message="Yours now"
        )

        assert answer == (
            f'[{file.id}] "Plan" Doc:\n'
            f"{self.OTHER} is asked to become the owner; the file stays yours until they accept that "
            "in Drive\n"
            "Google mails each of them, with the message.\n"
            "who sees it now:\n"
            f"- {self.OWNER} owns it\n"
            f"- {self.OTHER} can edit, asked to become the owner"
        )
        assert roles(file) == {self.OWNER: "owner", self.OTHER: "writer"}

    async def test_an_organisation_takes_no_file_from_outside(
        self, model: Model, drive: Drive
    ) -> None:
        file = drive.add("Plan", DOC, content="x")

        failure = await model.call_failing("drive_share", file=file.id, action="transfer", who=[BO])

        assert "same organization" in failure
        assert roles(file) == {self.OWNER: "owner"}
