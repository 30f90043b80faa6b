"""What changed since a cursor."""

from tests.conftest import ME, Model
from workspace_mcp.demo.drive.records import DOC
from workspace_mcp.demo.drive.store import Drive


def cursor(answer: str) -> str:
    return answer.rpartition("since=")[2].split()[0]


async def test_changes_show_the_last_state_and_the_next_cursor(
    model: Model, drive: Drive, bo: Drive
) -> None:
    kept = drive.add("kept", DOC, content="x")
    gone = drive.add("gone", DOC, content="x")
    theirs = bo.add("theirs", DOC, content="x")
    bo.share(theirs.id, ME)
    first = await model.call("drive_changes")

    drive.touch(kept.id, "y")
    drive.touch(kept.id, "z")
    drive.store.remove(gone)
    theirs.permissions.pop()
    drive.store.changed(theirs, [ME])
    new = drive.add("new", DOC, content="x")
    answer = await model.call("drive_changes", since=cursor(first))
    after = await model.call("drive_changes", since=cursor(answer))

    lines = answer.splitlines()
    assert lines[0] == "2 changed, 2 removed or no longer shared"
    assert lines[1].startswith(f'[{kept.id}] "kept" Doc, Fri 2026-11-20 09:30 by me, /')
    assert lines[2].startswith(f'[{new.id}] "new" Doc')
    assert lines[3:5] == [
        f"[{gone.id}] removed, Fri 2026-11-20 09:30",
        f"[{theirs.id}] removed, Fri 2026-11-20 09:30",
    ]
    assert after.splitlines()[0] == "0 changed, 0 removed or no longer shared"


async def test_a_folder_narrows_and_says_what_was_left_out(model: Model, drive: Drive) -> None:
    folder = drive.folder("Reports")
    first = await model.call("drive_changes")
    inside = drive.add("inside", DOC, parent=drive.folder("2026", folder.id).id, content="x")
    drive.add("outside", DOC, content="x")

    answer = await model.call("drive_changes", since=cursor(first), folder="/Reports")

    assert f"[{inside.id}]" in answer
    assert "1 more changed outside of that folder." in answer


async def test_more_than_asked_for_says_to_call_again(model: Model, drive: Drive) -> None:
    first = await model.call("drive_changes")
    for number in range(5):
        drive.add(f"file {number}", DOC, content="x")

    answer = await model.call("drive_changes", since=cursor(first), max=3)
    rest = await model.call("drive_changes", since=cursor(answer))

    assert answer.endswith("(more happened: call again at once)")
    assert answer.startswith("3 changed")
    assert rest.startswith("2 changed")


async def test_what_is_no_cursor_is_refused(model: Model, drive: Drive) -> None:
    assert await model.call_failing("drive_changes", since="x y") == (
        "since is not a cursor.\nGive the one of an earlier answer."
    )
    assert await model.call_failing("drive_changes", since="99999") == (
        "Google does not know that cursor.\nOmit since for a new one."
    )
    assert drive.root
