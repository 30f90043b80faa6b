"""What Drive's tools change is in the journal, and is taken back."""

from typing import Any

import pytest

from tests.conftest import BO, ME, NOW, Model
from workspace_mcp.demo.drive.records import DOC, Comment
from workspace_mcp.demo.drive.store import Drive

pytestmark = pytest.mark.anyio


async def latest(model: Model) -> str:
    """The id of the newest change."""
    return (await model.call("workspace_history", max=1)).partition("[")[2].partition("]")[0]


@pytest.mark.parametrize(
    "given",
    [
        {"action": "rename", "name": "new"}, {"action": "move", "to": "/Elsewhere"},
        {"action": "star"}, {"action": "lock"}, {"action": "describe", "description": "x"},
        {"action": "describe", "properties": {"a": "1", "b": ""}},
    ],
)  # fmt: skip
async def test_changes_of_a_file_are_taken_back(
    model: Model, drive: Drive, given: dict[str, Any]
) -> None:
    drive.folder("Elsewhere")
    file = drive.add("Plan", DOC, content="x")
    file.properties = {"b": "2"}

    def state() -> tuple[Any, ...]:
        locked = bool(file.restriction)
        return (
            file.name,
            file.parent,
            set(file.starred),
            locked,
            file.description,
            dict(file.properties),
        )

    before = state()
    await model.call("drive_organize", files=[file.id], **given)
    between = state()
    await model.call("workspace_undo", id=await latest(model))

    assert between != before
    assert state() == before


async def test_what_was_made_goes_into_the_trash(model: Model, drive: Drive) -> None:
    await model.call("drive_upload", content="x", name="a.txt")
    await model.call("workspace_undo", id=await latest(model))

    (file,) = [one for one in drive.store.files.values() if one.name == "a.txt"]
    assert file.trashed == NOW


async def test_deleting_into_the_trash_is_taken_back(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    await model.call("workspace_delete", kind="file", ids=[file.id])

    await model.call("workspace_undo", id=await latest(model))

    assert file.trashed is None


async def test_access_that_was_given_changed_and_taken_is_as_before(
    model: Model, drive: Drive
) -> None:
    file = drive.add("Plan", DOC, content="x")
    drive.share(file.id, BO, "reader")

    def roles() -> dict[str, str]:
        return {one.who: one.role for one in file.permissions}

    for given in (
        {"action": "grant", "who": ["cleo@example.com"], "role": "writer"},
        {"action": "grant", "who": [BO], "role": "writer"},
        {"action": "revoke", "who": [BO]},
        {"action": "link", "role": "reader"},
    ):
        await model.call("drive_share", file=file.id, **given)
        assert roles() != {ME: "owner", BO: "reader"}
        await model.call("workspace_undo", id=await latest(model))
        assert roles() == {ME: "owner", BO: "reader"}


async def test_comments_are_taken_back(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    file.comments = [Comment("AAAA1", ME, NOW, "First")]

    await model.call("comment", file=file.id, action="add", text="Second")
    await model.call("workspace_undo", id=await latest(model))
    await model.call("comment", file=file.id, action="edit", id="AAAA1", text="Changed")
    await model.call("workspace_undo", id=await latest(model))

    assert [(one.content, one.deleted) for one in file.comments] == [
        ("First", False),
        ("Second", True),
    ]


async def test_a_file_that_somebody_changed_since_is_left_alone(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    await model.call("drive_organize", action="rename", files=[file.id], name="new")
    file.name = "newer"

    failure = await model.call_failing("workspace_undo", id=await latest(model))

    assert failure.startswith("It was changed again since then, so nothing was taken back.")
    assert file.name == "newer"


async def test_content_that_was_replaced_comes_back_with_its_name_and_type(
    model: Model, drive: Drive
) -> None:
    file = drive.add("a.txt", "text/plain", content="old")
    await model.call("drive_upload", content="<b>new</b>", name="b.html", replace=file.id)
    replaced = file.name, file.mime, file.data
    dry = await model.call("workspace_undo", id=await latest(model), dry_run=True)

    await model.call("workspace_undo", id=await latest(model))

    assert replaced == ("b.html", "text/html", b"<b>new</b>")
    assert "the content of now → the version before it, 3 bytes" in dry
    assert (file.name, file.mime, file.data) == ("a.txt", "text/plain", b"old")
    await model.call("workspace_undo", id=await latest(model))
    assert (file.name, file.mime, file.data) == replaced


async def test_content_that_somebody_replaced_since_stays(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="old")
    await model.call("drive_upload", content="new", replace=file.id)
    first = await latest(model)
    await model.call("drive_upload", content="newer", replace=file.id)

    failure = await model.call_failing("workspace_undo", id=first)

    assert failure.startswith("The file's content was changed again since then")
    assert file.data == b"newer"


async def test_a_resolved_comment_is_open_again(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    file.comments = [Comment("AAAA1", ME, NOW, "First")]
    await model.call("comment", file=file.id, action="resolve", id="AAAA1")
    resolved = file.comments[0].resolved

    await model.call("workspace_undo", id=await latest(model))

    assert resolved
    assert not file.comments[0].resolved
    await model.call("workspace_undo", id=await latest(model))
    assert file.comments[0].resolved


async def test_a_comment_that_somebody_answered_since_stays(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    await model.call("comment", file=file.id, action="add", text="Why?")
    undo = await latest(model)
    await model.call(
        "comment", file=file.id, action="reply", id=file.comments[0].id, text="Because."
    )

    failure = await model.call_failing("workspace_undo", id=undo)

    assert failure.startswith("It was changed again since then, so nothing was taken back.")
    assert not file.comments[0].deleted


async def test_access_that_somebody_changed_since_stays(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    await model.call("drive_share", file=file.id, action="grant", who=[BO], role="reader")
    drive.share(file.id, BO, "writer")

    failure = await model.call_failing("workspace_undo", id=await latest(model))

    assert failure.startswith("It was changed again since then, so nothing was taken back.")


async def test_a_file_that_is_gone_says_so(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    await model.call("drive_organize", action="rename", files=[file.id], name="new")
    del drive.store.files[file.id]

    failure = await model.call_failing("workspace_undo", id=await latest(model))

    assert failure.startswith(f"What was changed is gone, or {ME} may not see it any more.")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"action": "rename", "name": "Plan B"}, "renamed"),
        ({"action": "star"}, "starred"),
        ({"action": "move", "to": "/New"}, "moved"),
    ],
)
async def test_the_history_says_what_was_done_to_a_file(
    model: Model, drive: Drive, given: dict[str, str], said: str
) -> None:
    file = drive.add("Plan", DOC, content="x")
    drive.folder("New")
    await model.call("drive_organize", files=[file.id], **given)

    assert f"file {file.id} {said}  (undo: yes)" in await model.call("workspace_history")
