"""Moving, naming, copying, starring, locking; folders and shortcuts."""

from typing import Any

import pytest

from tests.conftest import BO, ME, NOW, Model
from tests.services.faults import Faults
from workspace_mcp.demo import samples
from workspace_mcp.demo.drive.exports import DOCX
from workspace_mcp.demo.drive.records import DOC, FOLDER, SHEET, SHORTCUT, Comment
from workspace_mcp.demo.drive.store import Drive


async def test_files_are_moved_and_both_places_told(model: Model, drive: Drive) -> None:
    one, two = (drive.add(f"{number}.txt", "text/plain", content="x") for number in (1, 2))

    answer = await model.call("drive_organize", action="move", files=[one.id, "/2.txt"], to="/A/B")

    assert answer == (
        f'Moved [{one.id}] "1.txt" text 1 B: / -> /A/B\nMoved [{two.id}] "2.txt" text 1 B: / -> /A/B'
    )
    assert one.parent == two.parent
    assert drive.store.files[one.parent].name == "B"


async def test_a_file_is_renamed(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="x")

    answer = await model.call("drive_organize", action="rename", files=[file.id], name="b.txt")

    assert answer == f'Renamed [{file.id}] "a.txt" text 1 B -> "b.txt"'
    assert file.name == "b.txt"


async def test_a_copy_has_a_name_a_place_and_the_comments_when_asked(
    model: Model, drive: Drive
) -> None:
    file = drive.add("Plan", DOC, content="x")
    file.comments = [
        Comment("AAAA1", ME, NOW, "open"), Comment("AAAA2", ME, NOW, "done", resolved=True),
    ]  # fmt: skip
    folder = drive.folder("Copies")

    answer = await model.call(
        "drive_organize", action="copy", files=[file.id], to="/Copies", name="Plan B", comments=True
    )

    (copy,) = [one for one in drive.store.files.values() if one.name == "Plan B"]
    assert answer == f'Copied [{file.id}] "Plan" Doc: [{copy.id}] "Plan B" Doc in /Copies'
    assert (copy.parent, copy.data) == (folder.id, b"x")
    assert [one.content for one in copy.comments] == ["open"]


async def test_folders_and_shortcuts_are_made(model: Model, drive: Drive) -> None:
    file = drive.add("Plan", DOC, content="x")

    made = await model.call("drive_organize", action="folder", name="2027", to="/Reports")
    short = await model.call(
        "drive_organize", action="shortcut", files=["/Plan"], to="/Reports/2027"
    )

    (folder,) = [one for one in drive.store.files.values() if one.name == "2027"]
    (shortcut,) = [one for one in drive.store.files.values() if one.mime == SHORTCUT]
    assert made == f'Made [{folder.id}] "2027" folder in /Reports'
    assert short == (
        f'Made a shortcut to [{file.id}] "Plan" Doc: [{shortcut.id}] "Plan" shortcut to Doc in '
        "/Reports/2027"
    )
    assert (shortcut.target, folder.mime) == (file.id, FOLDER)


@pytest.mark.parametrize("action", ["star", "unstar", "restore", "lock", "unlock"])
async def test_each_action_does_what_it_says(model: Model, drive: Drive, action: str) -> None:
    file = drive.add("a.txt", "text/plain", content="x")
    file.starred = {ME} if action == "unstar" else set()
    file.trashed = NOW if action == "restore" else None
    file.restriction = {"readOnly": True} if action == "unlock" else None

    await model.call("drive_organize", action=action, files=[file.id])

    assert (ME in file.starred) == (action == "star")
    assert file.trashed is None
    assert bool(file.restriction) == (action == "lock")


async def test_a_file_is_restored_by_the_path_that_it_had(model: Model, drive: Drive) -> None:
    folder = drive.folder("Old")
    gone = drive.add("a.txt", "text/plain", parent=folder.id, content="gone")
    gone.trashed = NOW
    kept = drive.add("a.txt", "text/plain", parent=folder.id, content="kept")

    answer = await model.call("drive_organize", action="restore", files=["/Old/a.txt"])
    failure = await model.call_failing("drive_organize", action="restore", files=["/Old/a.txt"])

    assert answer == f'Restored [{gone.id}] "a.txt" text 4 B to /Old'
    assert (gone.trashed, kept.trashed) == (None, None)
    assert failure == (
        "Nothing is at that path: no 'a.txt' in the trash.\ndrive_search view=trash lists the trash."
    )


@pytest.mark.parametrize(
    ("name", "mime", "data", "convert", "made", "kind"),
    [
        ("offer.docx", DOCX, samples.docx("# Offer\nForty bags"), "doc", DOC, "Doc"),
        ("stock.csv", "text/csv", b"a,b\n1,2", "sheet", SHEET, "Sheet"),
    ],
)
async def test_a_copy_is_converted_to_googles_own(
    model: Model, drive: Drive, name: str, mime: str, data: bytes, convert: str, made: str,
    kind: str,
) -> None:  # fmt: skip
    file = drive.add(name, mime, content=data)

    answer = await model.call(
        "drive_organize", action="copy", files=[file.id], convert=convert, to="/Copies"
    )

    stem = name.partition(".")[0]
    (copy,) = [one for one in drive.store.files.values() if one.name == stem]
    assert copy.mime == made
    assert answer.endswith(f': [{copy.id}] "{stem}" {kind} in /Copies')
    assert (file.name, file.mime) == (name, mime)


async def test_an_old_word_file_is_read_through_a_converted_copy(
    model: Model, drive: Drive
) -> None:
    drive.add("a.doc", "application/msword", content=b"\xd0\xcf\x11\xe0 old")

    failure = await model.call_failing("drive_read", file="/a.doc")

    assert failure == (
        "That Word file holds no text that can be read.\n"
        "drive_organize action=copy convert=doc makes one that does."
    )


async def test_a_dry_run_names_a_folder_that_would_be_made(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="x")

    answer = await model.call(
        "drive_organize", action="move", files=["/a.txt"], to="/New/Place", dry_run=True
    )

    assert answer == (
        f'Would move: [{file.id}] "a.txt" text 1 B -> /New/Place (a new folder)\n'
        "Nothing was changed: dry_run."
    )
    assert [one.name for one in drive.store.files.values() if one.name == "New"] == []


async def test_files_go_into_folders_that_others_share(
    model: Model, drive: Drive, bo: Drive
) -> None:
    clients = bo.folder("Clients")
    bo.share(clients.id, ME, "writer")
    file = drive.add("a.txt", "text/plain", content="x")

    answer = await model.call(
        "drive_organize", action="move", files=[file.id], to="/Shared with me/Clients"
    )

    assert answer == f'Moved [{file.id}] "a.txt" text 1 B: / -> /Shared with me/Clients'
    assert file.parent == clients.id


async def test_a_file_is_described_and_its_properties_set(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="x")
    file.properties = {"old": "1", "kept": "2"}

    await model.call(
        "drive_organize", action="describe", files=[file.id], description="About May",
        properties={"old": "", "new": "3"},
    )  # fmt: skip

    assert file.description == "About May"
    assert file.properties == {"kept": "2", "new": "3"}


async def test_a_version_is_kept_forever(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="x")
    drive.touch(file.id, b"y")

    answer = await model.call(
        "drive_organize", action="keep", files=[file.id], revision=file.revisions[0].id
    )

    assert answer == f'Keeps forever a version of [{file.id}] "a.txt" text 1 B'
    assert [one.keep for one in file.revisions] == [True, False]


async def test_a_dry_run_changes_nothing(model: Model, drive: Drive, faults: Faults) -> None:
    file = drive.add("a.txt", "text/plain", content="x")
    drive.folder("To")

    answer = await model.call(
        "drive_organize", action="move", files=[file.id], to="/To", dry_run=True
    )

    assert answer == (
        f'Would move: [{file.id}] "a.txt" text 1 B -> /To\nNothing was changed: dry_run.'
    )
    assert not [one for one in faults.seen if not one.startswith(("GET", "POST /batch"))]


async def test_what_fails_is_listed_beside_what_worked(
    model: Model, drive: Drive, bo: Drive
) -> None:
    mine = drive.add("a.txt", "text/plain", content="x")
    theirs = bo.add("b.txt", "text/plain", content="x")
    bo.share(theirs.id, ME, "reader")

    answer = await model.call(
        "drive_organize", action="describe", files=[mine.id, theirs.id], description="D"
    )
    failure = await model.call_failing(
        "drive_organize", action="describe", files=[theirs.id], description="D"
    )

    assert answer == (
        f'Described [{mine.id}] "a.txt" text 1 B\n'
        f'Not done: [{theirs.id}] "b.txt" text 1 B. {ME} may not do this. Google says: '
        '"The user does not have sufficient permissions for this file."'
    )
    assert failure.startswith(f"{ME} may not do this.")
    assert theirs.owner == BO


async def test_a_shortcut_itself_is_moved_and_not_what_it_leads_to(
    model: Model, drive: Drive
) -> None:
    file = drive.add("Plan", DOC, content="x")
    short = drive.add("Short", SHORTCUT)
    short.target = file.id
    drive.folder("To")

    await model.call("drive_organize", action="move", files=["/Short"], to="/To")

    assert drive.store.files[short.parent].name == "To"
    assert file.parent == drive.root.id


async def test_a_file_moves_into_a_shared_drive(model: Model, drive: Drive) -> None:
    team = drive.store.new_drive("Team", ME)
    file = drive.add("Plan", DOC, content="x")

    answer = await model.call("drive_organize", action="move", files=[file.id], to=team.id)

    assert answer == f'Moved [{file.id}] "Plan" Doc: / -> /Shared drives/Team'
    assert (file.drive, file.owner) == (team.id, "")


async def test_a_dry_run_of_renaming_shows_the_new_name(model: Model, drive: Drive) -> None:
    drive.add("a.txt", "text/plain", content="x")

    said = await model.call(
        "drive_organize", action="rename", files=["/a.txt"], name="b.txt", dry_run=True
    )

    assert said.splitlines()[0].endswith('"a.txt" text 1 B -> "b.txt"')


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"action": "move"}, "move needs to: the folder to move into.\nto=root is My Drive."),
        ({"action": "rename"}, "rename needs name."),
        ({"action": "rename", "files": ["/a.txt", "/F"], "name": "x"}, "name is for one file at a time."),
        ({"action": "star", "to": "/F"}, "star takes no folder."),
        ({"action": "star", "files": []}, "star needs files, 1 to 50.\ndrive_search finds ids."),
        ({"action": "describe"}, "describe needs description or properties."),
        ({"action": "keep"}, "keep needs revision.\ndrive_info with revisions=true lists them."),
        ({"action": "restore", "revision": "1"}, "restore takes no revision.\nAn earlier version comes back by"),
        ({"action": "folder"}, "folder needs name.\nto names where it goes; My Drive without it."),
        ({"action": "copy", "files": ["/F"]}, "Google copies no folders."),
        ({"action": "copy", "convert": "slides"}, "Google makes no Slides of that kind of file."),
        ({"action": "move", "to": "root", "convert": "doc"}, "move takes no convert."),
        ({"action": "move", "to": "root"}, "It is there already."),
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused(
    model: Model, drive: Drive, given: dict[str, Any], said: str
) -> None:
    drive.add("a.txt", "text/plain", content="x")
    drive.folder("F")

    failure = await model.call_failing("drive_organize", **{"files": ["/a.txt"], **given})

    assert failure.startswith(said)


async def test_a_copy_whose_answer_was_lost_is_not_told_to_be_undone(
    model: Model, drive: Drive, faults: Faults
) -> None:
    for name in ("a.txt", "b.txt"):
        drive.add(name, "text/plain", id=f"1copied{name[0]}", content="x")
    faults.lose_answer("POST", "1copieda/copy")

    said = await model.call("drive_organize", action="copy", files=["1copieda", "1copiedb"])

    first, second = said.splitlines()
    assert first.startswith('Not known: [1copieda] "a.txt"')
    assert "the answer was lost: it may have happened" in first
    assert second.startswith('Copied [1copiedb] "b.txt"')
    assert [one.name for one in drive.store.files.values()].count("a.txt") == 2
