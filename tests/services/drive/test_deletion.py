"""Deleting files and comments by `workspace_delete`."""

from typing import Any

import pytest

from tests.conftest import BO, ME, NOW, Model
from tests.services.faults import Faults, count
from workspace_mcp.demo.drive.records import DOC, Comment, Reply
from workspace_mcp.demo.drive.store import Drive


async def test_files_go_into_the_trash_and_come_back(model: Model, drive: Drive) -> None:
    folder = drive.folder("Old")
    file = drive.add("a.txt", "text/plain", content="x")

    answer = await model.call("workspace_delete", kind="file", ids=[file.id, "/Old"])
    trashed = (file.trashed, folder.trashed)
    await model.call("drive_organize", action="restore", files=[file.id])

    assert answer == (
        "Deleted 2 files, into the trash:\n"
        f'[{file.id}] "a.txt" text 1 B\n'
        f'[{folder.id}] "Old" folder with all that is in it\n'
        "drive_organize action=restore takes it back, within 30 days."
    )
    assert trashed == (NOW, NOW)
    assert file.trashed is None


async def test_a_file_is_deleted_for_good(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="x")

    dry = await model.call(
        "workspace_delete", kind="file", ids=[file.id], permanent=True, dry_run=True
    )
    there = file.id in drive.store.files
    answer = await model.call("workspace_delete", kind="file", ids=[file.id], permanent=True)

    assert dry.endswith("Nothing was deleted: dry_run.")
    assert there
    assert answer.endswith("This cannot be undone.")
    assert file.id not in drive.store.files


async def test_what_is_not_there_and_what_may_not_go_is_said(
    model: Model, drive: Drive, bo: Drive
) -> None:
    mine = drive.add("a.txt", "text/plain", content="x")
    theirs = bo.add("b.txt", "text/plain", content="x")
    bo.share(theirs.id, ME, "writer")

    answer = await model.call(
        "workspace_delete", kind="file", ids=[mine.id, theirs.id, "1Gone0000000000"]
    )

    assert f'[{mine.id}] "a.txt" text 1 B\nNot found: 1Gone0000000000\n' in answer
    assert f"Not deleted: [{theirs.id}]. {ME} may not do this." in answer
    assert theirs.trashed is None


async def test_comments_and_replies_go_for_good(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")
    file.comments = [
        Comment("AAAA1", ME, NOW, "Mine", replies=[Reply("AAAB1", ME, NOW, "Also mine")]),
        Comment("AAAA2", BO, NOW, "Bo's", replies=[Reply("AAAB2", ME, NOW, "Answer")]),
    ]  # fmt: skip

    answer = await model.call(
        "workspace_delete", kind="comment",
        ids=[f"{file.id}/AAAA1", f"{file.id}/AAAA2/AAAB2", f"{file.id}/AAAA9"],
    )  # fmt: skip

    assert answer == (
        "Deleted 2 comments for good:\n"
        f'[{file.id}/AAAA1] "Mine" by me, 1 replies\n'
        f'[{file.id}/AAAA2/AAAB2] "Answer" by me\n'
        f"Not found: {file.id}/AAAA9\n"
        "This cannot be undone."
    )
    assert [one.deleted for one in file.comments] == [True, False]
    assert file.comments[1].replies[0].deleted


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "comment", "ids": ["AAAA1"]},
         "A comment is named FILE_ID/COMMENT_ID, a reply FILE_ID/COMMENT_ID/REPLY_ID."),
        ({"kind": "file", "ids": ["1Gone0000000000"]}, "None of these ids is a file."),
        ({"kind": "file", "ids": ["/Nowhere"]}, "Nothing is at that path: no 'Nowhere' in /."),
        ({"kind": "file", "ids": ["root"]}, "My Drive itself cannot be deleted."),
    ],
)  # fmt: skip
async def test_what_cannot_be_deleted_is_refused(
    model: Model, drive: Drive, given: dict[str, Any], said: str
) -> None:
    drive.add("a.txt", "text/plain", content="x")

    assert (await model.call_failing("workspace_delete", **given)).startswith(said)


async def test_a_lost_answer_is_asked_again_for_twice_does_no_harm(
    model: Model, drive: Drive, faults: Faults
) -> None:
    file = drive.add("a.txt", "text/plain", content="x")
    faults.lose_answer("PATCH", file.id)

    await model.call("workspace_delete", kind="file", ids=[file.id])

    assert file.trashed == NOW
    assert count(faults.seen, f"PATCH /drive/v3/files/{file.id}") == 2
