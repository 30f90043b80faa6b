"""All about a file: facts, path, who sees it and why, versions."""

from datetime import timedelta

from tests.conftest import BO, ME, NOW, Model
from workspace_mcp.demo.drive.records import DOC, Permission
from workspace_mcp.demo.drive.store import Drive


async def test_a_file_is_told_in_full(model: Model, drive: Drive) -> None:
    folder = drive.folder("Reports")
    drive.share(folder.id, BO, "writer")
    file = drive.add("Plan", DOC, parent=folder.id, content="x", at=NOW - timedelta(days=2))
    drive.share(file.id, "cleo@example.com", "reader", expires=NOW + timedelta(days=7))
    drive.share(file.id, "", "commenter")
    drive.share(file.id, "example.org", "reader", discoverable=True)
    file.description = "Draft\nof May"
    file.properties["project"] = "spring"

    answer = await model.call("drive_info", file="/Reports/Plan")

    assert answer == (
        f'[{file.id}] "Plan" Doc\n'
        "type: application/vnd.google-apps.document\n"
        "path: /Reports\n"
        "owner: me\n"
        "changed: Wed 2026-11-18 09:30 by me\n"
        "made: Wed 2026-11-18 09:30\n"
        f"link: https://docs.google.com/document/d/{file.id}/edit?usp=drivesdk\n"
        "can be saved as: docx, pdf, md, txt, html, odt, rtf, epub, zip\n"
        "--- description 7f3a00 ---\nDraft\nof May\n--- end 7f3a00 ---\n"
        "property project: spring\n"
        f"{ME} may: edit, comment, share, download, trash, delete\n"
        "who sees it (public by its link):\n"
        f"- {ME} owns it\n"
        "- cleo@example.com can view, until Fri 2026-11-27 09:30\n"
        "- anyone with the link can comment\n"
        "- everybody at example.org can view\n"
        f"- {BO} can edit, from the folder /Reports"
    )


async def test_versions_are_listed_newest_first(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="old", at=NOW - timedelta(days=2))
    drive.touch(file.id, b"newer")
    file.revisions[0].keep = True

    answer = await model.call("drive_info", file=file.id, revisions=True)

    assert answer.splitlines()[-3:] == [
        "2 versions, newest first:",
        f"[{file.revisions[1].id}] Fri 2026-11-20 09:30 by me, 5 B",
        f"[{file.revisions[0].id}] Wed 2026-11-18 09:30 by me, 3 B, kept forever",
    ]


async def test_a_reader_is_not_told_who_else_sees_a_file(model: Model, bo: Drive) -> None:
    file = bo.add("theirs", DOC, content="x")
    bo.share(file.id, ME, "reader")

    answer = await model.call("drive_info", file=file.id)

    assert answer.splitlines()[-2:] == [
        f"{ME} may: comment, download".replace("comment, ", ""),
        "who sees it: only those who can edit are told",
    ]
    assert "path: /Shared with me\n" in answer


async def test_members_of_a_shared_drive_are_told_as_such(model: Model, drive: Drive) -> None:
    team = drive.store.new_drive("Team", ME)
    drive.store.files[team.id].permissions.append(Permission("user", BO, "writer", "Bo"))
    file = drive.add("Plan", DOC, parent=team.id, content="x")

    answer = await model.call("drive_info", file=file.id)

    assert f"- {BO} can edit, from the folder /Shared drives/Team" in answer
    assert f"- {ME} manages the shared drive, from the folder /Shared drives/Team" in answer


async def test_limits_and_locks_are_told(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="x")
    file.no_copy, file.writers_share = True, False
    file.restriction = {"readOnly": True}

    answer = await model.call("drive_info", file=file.id)

    assert "locked: its content cannot be changed\n" in answer
    assert "viewers cannot download, print or copy it\n" in answer
    assert "editors cannot share it\n" in answer


async def test_storage_is_told_without_a_file(model: Model, drive: Drive) -> None:
    drive.add("a.bin", "application/octet-stream", content=bytes(5_000))
    drive.add("b.bin", "application/octet-stream", content=bytes(2_000)).trashed = NOW

    answer = await model.call("drive_info")

    assert answer == f"{ME} has used 7 kB of 16.1 GB: 7 kB in Drive, 2 kB of them in the trash."


async def test_a_file_that_is_not_there_says_to_search(model: Model, drive: Drive) -> None:
    failure = await model.call_failing("drive_info", file="1NoSuchFile00000000000000000000000")

    assert failure == (
        f"Google has no such item, or {ME} may not see it.\nSearch again: ids go stale."
    )
    assert drive.root


async def test_a_shared_drive_tells_its_members(model: Model, drive: Drive) -> None:
    team = drive.store.new_drive("Team", ME)
    drive.store.files[team.id].permissions.append(Permission("user", BO, "writer", "Bo"))

    answer = await model.call("drive_info", file=team.id)

    assert answer.startswith(f'[{team.id}] "Team" shared drive\n')
    assert "path: /Shared drives\n" in answer
    assert f"- {ME} manages the shared drive\n- {BO} can edit" in answer


async def test_my_drive_itself_lies_nowhere_else(model: Model, drive: Drive) -> None:
    answer = await model.call("drive_info", file="root")

    assert answer.startswith(f'[{drive.root.id}] "My Drive" folder\n')
    assert "path: /\n" in answer
