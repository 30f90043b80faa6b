"""Finding files: what is asked of Google, what a line tells, what is never left out silently."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import BO, ME, NOW, Model
from tests.services.faults import Faults
from workspace_mcp.demo.drive.records import DOC, FOLDER, SHEET, SHORTCUT
from workspace_mcp.demo.drive.store import Drive

DAY = timedelta(days=1)


def asked(faults_world: Any) -> dict[str, str]:
    """The parameters of the last list of files."""
    path, query = [
        (path, query) for _, path, query in faults_world.requests if path == "/drive/v3/files"
    ][-1]
    del path
    return dict(part.partition("=")[::2] for part in query.split("&"))


async def test_a_line_tells_kind_time_path_owner_and_sharing(model: Model, drive: Drive) -> None:
    reports = drive.folder("Reports")
    budget = drive.add("Budget", SHEET, parent=reports.id, at=NOW - DAY)
    drive.share(budget.id, BO, "writer")
    price = drive.add("Price list.pdf", "application/pdf", content=b"%PDF-1.4 x", at=NOW - 2 * DAY)
    drive.share(price.id, "", "reader")

    answer = await model.call("drive_search", query="name contains 'b' or name contains 'pr'")

    assert answer == (
        "2 files ([id], name, kind, changed by)\n"
        f'[{budget.id}] "Budget" Sheet, Thu 2026-11-19 09:30 by me, /Reports, shared with 1\n'
        f'[{price.id}] "Price list.pdf" PDF 10 B, Wed 2026-11-18 09:30 by me, /, '
        "anyone with the link can view"
    )


async def test_words_find_texts_and_beginnings_of_names(model: Model, drive: Drive) -> None:
    text = drive.add("plan.md", "text/markdown", content="The harvest of Antigua")
    named = drive.add("Harvester.txt", "text/plain", content="nothing")
    drive.add("other.txt", "text/plain", content="nothing")

    answer = await model.call("drive_search", query="harvest")

    assert {line[1:34] for line in answer.splitlines()[1:]} == {text.id, named.id}
    assert answer.startswith("2 files, best first")


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ('"red green"', {"both.txt"}),
        ("green red", {"both.txt", "turned.txt"}),
        ("red -green", {"red.txt"}),
        ("O'Brien", {"O'Brien.txt"}),
        ("name = 'O\\'Brien.txt'", {"O'Brien.txt"}),
        (
            "not name contains 'red' and mimeType = 'text/plain' and name contains 'bo'",
            {"both.txt"},
        ),
        ("brien OR turned", {"O'Brien.txt", "turned.txt"}),
        ("red both OR turned", {"both.txt", "turned.txt"}),
        ('"green red" OR o\'brien -both', {"turned.txt", "O'Brien.txt"}),
        ("OR red green OR", {"both.txt", "turned.txt"}),
    ],
)
async def test_phrases_exclusions_quotes_and_raw_queries(
    model: Model, drive: Drive, query: str, finds: set[str]
) -> None:
    for name, text in (
        ("both.txt", "red green"), ("turned.txt", "green red"), ("red.txt", "red"),
        ("O'Brien.txt", "x"),
    ):  # fmt: skip
        drive.add(name, "text/plain", content=text)

    answer = await model.call("drive_search", query=query)

    assert {line.split('"')[1] for line in answer.splitlines()[1:]} == finds


async def test_a_folder_is_listed_folders_first_and_by_its_path(model: Model, drive: Drive) -> None:
    folder = drive.folder("Reports")
    file = drive.add("a10.txt", "text/plain", parent=folder.id, content="x")
    first = drive.add("a9.txt", "text/plain", parent=folder.id, content="x")
    inner = drive.folder("Z", parent=folder.id)
    drive.add("elsewhere.txt", "text/plain", content="x")

    answer = await model.call("drive_search", folder="/Reports")
    same = await model.call(
        "drive_search", folder=f"https://drive.google.com/drive/folders/{folder.id}"
    )

    assert answer.splitlines()[0] == "3 files in /Reports ([id], name, kind, changed by)"
    assert [line[1:34] for line in answer.splitlines()[1:]] == [inner.id, first.id, file.id]
    assert same == answer


async def test_many_words_that_find_nothing_are_said_to_be_many(model: Model, drive: Drive) -> None:
    drive.add("Contract Harbor.txt", "text/plain", content="x")

    several = await model.call("drive_search", query="contract with harbor")
    one = await model.call("drive_search", query="invoice")

    assert several.endswith("Every word must be there: fewer find more.")
    assert "word" not in one


async def test_what_is_in_the_trash_shows_only_when_asked_for(model: Model, drive: Drive) -> None:
    folder = drive.folder("Old")
    inside = drive.add("inside.txt", "text/plain", parent=folder.id, content="x")
    folder.trashed = NOW

    assert await model.call("drive_search") == "No file matches.\nThe trash: view=trash."
    answer = await model.call("drive_search", view="trash", query="name = 'inside.txt'")
    raw = await model.call("drive_search", query="trashed = true and name = 'inside.txt'")

    assert f'[{inside.id}] "inside.txt" text 1 B' in answer
    assert answer.endswith("in the trash")
    assert raw == answer


async def test_views_are_what_drive_calls_so(model: Model, drive: Drive, bo: Drive) -> None:
    seen = drive.add("seen", DOC)
    seen.viewed[ME] = NOW
    star = drive.add("star", DOC)
    star.starred.add(ME)
    theirs = bo.add("theirs", DOC)
    bo.share(theirs.id, ME)

    async def ids(view: str) -> list[str]:
        answer = await model.call("drive_search", view=view)
        return [line[1:34] for line in answer.splitlines()[1:]]

    assert await ids("recent") == [seen.id]
    assert await ids("starred") == [star.id]
    assert await ids("shared") == [theirs.id]


async def test_a_file_of_somebody_elses_folder_has_no_path(model: Model, bo: Drive) -> None:
    theirs = bo.add("theirs", DOC, parent=bo.folder("Private").id)
    bo.share(theirs.id, ME)

    answer = await model.call("drive_search")

    assert answer.splitlines()[1] == (
        f'[{theirs.id}] "theirs" Doc, Fri 2026-11-20 09:30 by {BO}, owner {BO}, shared'
    )


async def test_what_lies_in_somebody_elses_folder_has_a_path_that_leads_there(
    model: Model, bo: Drive
) -> None:
    clients = bo.folder("Clients")
    bo.share(clients.id, ME, "reader")
    deep = bo.folder("Deep", parent=clients.id)
    file = bo.add("a.txt", "text/plain", parent=deep.id, content="x")

    found = await model.call("drive_search", query="name contains 'a.txt'")
    listed = await model.call("drive_search", folder="/Shared with me/Clients")
    read = await model.call("drive_read", file="/Shared with me/Clients/Deep/a.txt")
    missing = await model.call_failing("drive_search", folder="/Shared with me/Nobody")

    assert ", /Shared with me/Clients/Deep, owner " in found
    assert listed.splitlines()[0].startswith("1 file in /Shared with me/Clients (")
    assert read.startswith(f"[{file.id}]")
    assert missing.startswith("Nothing is at that path: no 'Nobody' in /Shared with me.")


async def test_shared_drives_are_listed_searched_and_named_in_paths(
    model: Model, drive: Drive
) -> None:
    team = drive.store.new_drive("Team", ME)
    inner = drive.folder("Plans", parent=team.id)
    file = drive.add("Plan", DOC, parent=inner.id)

    listed = await model.call("drive_search", view="drives")
    found = await model.call("drive_search", query="name = 'Plan'")
    inside = await model.call("drive_search", folder="/Shared drives/Team/Plans")

    assert listed == f'1 shared drive; an id works as folder\n[{team.id}] "Team"'
    assert found.splitlines()[1].endswith("by me, /Shared drives/Team/Plans")
    assert inside.splitlines()[0].startswith("1 file in /Shared drives/Team/Plans")
    assert f"[{file.id}]" in inside


async def test_type_owner_and_dates_narrow(
    model: Model, drive: Drive, bo: Drive, world: Any
) -> None:
    drive.add("old", DOC, at=NOW - 30 * DAY)
    mine = drive.add("mine", DOC, at=NOW - DAY)
    theirs = bo.add("theirs", DOC)
    bo.share(theirs.id, ME)
    drive.add("sheet", SHEET)

    answer = await model.call(
        "drive_search", type="doc", owner="me", after="2026-11-01", before="2026-11-19"
    )

    assert [line[1:34] for line in answer.splitlines()[1:]] == [mine.id]
    assert asked(world)["q"] == (
        "mimeType = 'application/vnd.google-apps.document' and 'me@example.com' in owners and "
        "modifiedTime >= '2026-11-01T00:00:00' and modifiedTime <= '2026-11-19T23:59:59' and "
        "trashed = false"
    )
    assert f"[{theirs.id}]" in await model.call("drive_search", owner=BO)


async def test_more_matches_are_named_and_come_with_the_page(model: Model, drive: Drive) -> None:
    for number in range(5):
        drive.add(f"file {number}", DOC, at=NOW - number * DAY)

    first = await model.call("drive_search", max=3)
    page = first.splitlines()[-1].split('"')[1]
    second = await model.call("drive_search", max=3, page=page)

    assert first.splitlines()[-1] == f'More match: page="{page}" continues.'
    assert [line.split('"')[1] for line in second.splitlines()[1:]] == ["file 3", "file 4"]


async def test_long_names_never_push_an_answer_beyond_ten_kilobytes(
    model: Model, drive: Drive
) -> None:
    for number in range(100):
        drive.add("ü" * 200 + str(number), DOC)

    answer = await model.call("drive_search", max=100)

    assert len(answer.encode()) < 10_000
    assert "more were found than fit here: ask with a smaller max." in answer


async def test_foreign_names_stay_on_their_line(model: Model, drive: Drive) -> None:
    drive.add('x"\n[1] "fake" Doc\u202e', DOC)

    answer = await model.call("drive_search")

    assert answer.splitlines()[2:] == ["[invisible characters removed: 1]"]
    assert "\u202e" not in answer


async def test_twenty_deep_files_cost_few_requests(
    model: Model, drive: Drive, faults: Faults
) -> None:
    place = ""
    for number in range(5):
        place = drive.folder(f"f{number}", parent=place).id
    for number in range(20):
        drive.add(f"file {number}", DOC, parent=place)

    answer = await model.call("drive_search", type="doc")
    first = len(faults.seen)
    await model.call("drive_search", type="doc")

    assert answer.count("/f0/f1/f2/f3/f4") == 20
    assert first <= 7
    assert len(faults.seen) - first == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"folder": "Reports"},
         "That names no file.\nGive an id or URL, or a path such as /Reports/May.pdf."),
        ({"folder": "/Nowhere"},
         "Nothing is at that path: no 'Nowhere' in /.\ndrive_search finds files by words."),
        ({"folder": "/Once/2025/May"},
         "Nothing is at that path: no '2025' in /Once.\ndrive_search finds files by words."),
        ({"owner": "Bo Berg"}, "owner is no e-mail address.\nOr me, for this account."),
        ({"page": "gone"}, "Google does not take that page any more.\nSearch again without page."),
        ({"folder": "/a.txt"}, "That is no folder.\ndrive_read reads a file."),
        ({"after": "tomorrow"}, "after is no date.\nWrite it like 2026-11-20."),
        ({"query": "words", "order": "name"},
         "Google gives what was found by words in its own order alone.\n"
         "Leave order away, or search by name: name contains 'May'."),
        ({"folder": "/twice"}, "2 files are at that path.\nTake one by its id: "),
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused(
    model: Model, drive: Drive, given: dict[str, Any], said: str
) -> None:
    drive.add("a.txt", "text/plain", content="x")
    drive.folder("Once")
    drive.folder("twice")
    drive.folder("twice")

    failure = await model.call_failing("drive_search", **given)

    assert failure.startswith(said)


async def test_a_query_that_google_refuses_is_said_to_be_so(model: Model, drive: Drive) -> None:
    drive.add("a.txt", "text/plain", content="x")

    failure = await model.call_failing("drive_search", query="name contains 'x' and and")

    assert failure == (
        "Google does not understand that query.\nGive plain words, or q syntax: name contains 'May' "
        "and modifiedTime > '2026-01-31T00:00:00'."
    )


async def test_a_shortcut_to_a_folder_is_a_folder(model: Model, drive: Drive) -> None:
    real = drive.folder("Real")
    inside = drive.add("inside", DOC, parent=real.id)
    short = drive.add("Short", SHORTCUT)
    short.target = real.id

    for name in ("/Short", short.id):
        answer = await model.call("drive_search", folder=name)
        assert answer.splitlines()[0].startswith("1 file in /Real")
        assert f"[{inside.id}]" in answer
    assert real.mime == FOLDER


async def test_a_search_in_a_folder_goes_through_all_below_it(model: Model, drive: Drive) -> None:
    outer = drive.folder("Reports")
    inner = drive.folder("May", drive.folder("2026", outer.id).id)
    deep = drive.add("deep.txt", "text/plain", parent=inner.id, content="harvest")
    top = drive.add("top.txt", "text/plain", parent=outer.id, content="harvest")
    drive.add("elsewhere.txt", "text/plain", content="harvest")

    answer = await model.call("drive_search", query="harvest", folder="/Reports")

    assert {line[1:34] for line in answer.splitlines()[1:]} == {deep.id, top.id}
    assert (
        f'[{deep.id}] "deep.txt" text 7 B, Fri 2026-11-20 09:30 by me, /Reports/2026/May' in answer
    )


async def test_too_many_folders_below_are_said_to_be_so(model: Model, drive: Drive) -> None:
    outer = drive.folder("Reports")
    for number in range(70):
        drive.folder(f"f{number}", outer.id)
    drive.add("top.txt", "text/plain", parent=outer.id, content="harvest")

    answer = await model.call("drive_search", query="harvest", folder="/Reports")

    assert "Only 60 of the folders below it were searched" in answer


async def test_a_whole_shared_drive_is_searched_at_once(
    model: Model, drive: Drive, faults: Faults
) -> None:
    team = drive.store.new_drive("Team", ME)
    deep = drive.add("deep", DOC, parent=drive.folder("f", team.id).id)
    drive.add("mine", DOC)

    answer = await model.call("drive_search", type="doc", folder=team.id)

    assert [line[1:34] for line in answer.splitlines()[1:]] == [deep.id]
    assert sum(one == "GET /drive/v3/files" for one in faults.seen) == 1
