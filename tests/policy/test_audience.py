"""Nothing is written where people outside see it before the person said yes to that, whatever tool writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.types import ElicitResult

from tests.conftest import ME
from tests.policy.desk import Desk, Mode
from workspace_mcp.demo.drive.records import FOLDER
from workspace_mcp.demo.scenario import dump
from workspace_mcp.policy.rules import Ask, Policy

pytestmark = pytest.mark.anyio
YES = ElicitResult(action="accept", content={"yes": True})
NO = ElicitResult(action="decline")
BO = "bo@elsewhere.org"
ASKED = "where people outside see it"

Change = tuple[str, dict[str, Any]]
INTO: list[Change] = [
    ("docs_edit", {"doc": "DOC", "edits": [{"new": "More."}]}),
    ("docs_edit", {"doc": "DOC", "edits": [{"new": "More."}], "mode": "suggest"}),
    ("docs_format", {"doc": "DOC", "actions": [{"do": "page_break"}]}),
    ("sheets_write", {"sheet": "SHEET", "range": "A5:B5", "rows": [["Bo", 6]]}),
    ("sheets_write", {"sheet": "SHEET", "range": "A1", "mode": "append", "rows": [["Bo", 6]]}),
    ("sheets_format", {"sheet": "SHEET", "actions": [{"do": "freeze", "range": "1:1"}]}),
    ("sheets_structure", {"sheet": "SHEET", "actions": [{"do": "add_tab", "value": "Secret"}]}),
    ("sheets_structure", {"sheet": "MINE", "actions": [{"do": "copy_tab", "tab": "Sheet1", "to": "SHEET"}]}),
    ("comment", {"file": "FILE", "action": "add", "text": "secret"}),
    ("comment", {"file": "DOC", "action": "add", "text": "secret"}),
    ("drive_upload", {"content": "secret", "replace": "FILE"}),
    ("drive_upload", {"content": "secret", "name": "x.txt", "folder": "HOME"}),
    ("drive_organize", {"action": "rename", "files": ["FILE"], "name": "secret"}),
    ("drive_organize", {"action": "describe", "files": ["FILE"], "description": "secret"}),
    ("drive_organize", {"action": "describe", "files": ["FILE"], "properties": {"a": "secret"}}),
    ("drive_organize", {"action": "lock", "files": ["FILE"], "description": "secret"}),
    ("drive_organize", {"action": "folder", "name": "secret", "to": "HOME"}),
    ("drive_organize", {"action": "folder", "name": "secret", "to": "/Home/deeper/still"}),
    ("drive_organize", {"action": "shortcut", "files": ["PRIVATE"], "to": "HOME"}),
    ("drive_organize", {"action": "copy", "files": ["PRIVATE"], "to": "HOME"}),
    ("drive_organize", {"action": "copy", "files": ["INSIDE"], "name": "secret"}),
    ("drive_organize", {"action": "move", "files": ["PRIVATE"], "to": "HOME"}),
    ("drive_organize", {"action": "move", "files": ["MOVED", "PRIVATE"], "to": "HOME"}),
    ("docs_create", {"title": "x", "markdown": "secret", "folder": "HOME"}),
    ("docs_create", {"title": "x", "template": "TEMPLATE"}),
    ("sheets_create", {"title": "x", "csv": "secret,1", "folder": "HOME"}),
]  # fmt: skip
QUIET: list[Change] = [
    ("drive_organize", {"action": "star", "files": ["FILE"]}),
    ("drive_organize", {"action": "lock", "files": ["FILE"]}),
    ("drive_organize", {"action": "move", "files": ["INSIDE"], "to": "root"}),
    ("drive_organize", {"action": "rename", "files": ["PRIVATE"], "name": "secret"}),
    ("drive_upload", {"content": "secret", "replace": "PRIVATE"}),
    ("sheets_write", {"sheet": "MINE", "range": "A5:B5", "rows": [["Bo", 6]]}),
    ("drive_read", {"file": "FILE"}),
]  # fmt: skip


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> Mode:
    return request.param


@pytest.fixture
def desk(tmp_path: Path, era: Mode) -> Callable[..., Desk]:
    def make(policy: Policy | None = None) -> Desk:
        return Desk(tmp_path, era, policy or Policy())

    return make


def prepared(one: Desk, *, seen_by: str = BO) -> dict[str, str]:
    """Things that somebody outside sees, and things that nobody else does."""
    world, drive = one.world, one.world.drive(ME)
    book = world.spreadsheets.add(ME, "Budget")
    mine = world.spreadsheets.add(ME, "My budget")
    for each in (book, mine):
        world.spreadsheets.fill(each, each.tabs[0].title, [["Name", "Amount"], ["Ana", 5]])
    doc, template = world.documents.add(ME, "Plan"), world.documents.add(ME, "Template")
    world.adopt()
    home = drive.add("Home", FOLDER)
    found = {"DOC": doc.id, "SHEET": book.id, "HOME": home.id, "MINE": mine.id}
    found["FILE"] = drive.add("Notes.txt", "text/plain", content="x").id
    found["PRIVATE"] = drive.add("Salaries.txt", "text/plain", content="secret").id
    found["MOVED"] = drive.add("More.txt", "text/plain", content="secret").id
    found["INSIDE"] = drive.add("In.txt", "text/plain", content="x", parent=home.id).id
    world.files.files[template.id].parent = home.id
    found["TEMPLATE"] = template.id
    for name in ("DOC", "SHEET", "HOME", "FILE"):
        drive.share(found[name], seen_by, "writer")
    return found


def about(change: Change, ids: dict[str, str]) -> Change:
    """A change with real ids."""
    return change[0], _real(change[1], ids)


def _real(value: Any, ids: dict[str, str]) -> Any:
    match value:
        case str():
            return ids.get(value, value)
        case list():
            return [_real(each, ids) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case dict():
            return {key: _real(each, ids) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def changes(one: Desk) -> list[str]:
    """Requests that change something."""
    return [
        path for method, path, _ in one.world.requests if method != "GET" and "batch/" not in path
    ]


@pytest.mark.parametrize("change", INTO, ids=lambda one: f"{one[0]} {list(one[1].values())[:3]}")
async def test_nothing_is_written_unattended(desk: Callable[..., Desk], change: Change) -> None:
    one = desk()
    ids = prepared(one)
    before = dump(one.world)
    first = (await one.calls(about(change, ids)))[0]
    waits = one.parking.all()
    after, sent = dump(one.world), changes(one)

    assert first.startswith("APPROVAL_REQUIRED"), first
    assert after == before
    assert sent == []
    assert ASKED in waits[0].shown
    assert f"Seen by: {BO}" in waits[0].shown
    one.parking.release(waits[0])
    done = (await one.calls(about(change, ids)))[0]
    assert not done.startswith("APPROVAL_REQUIRED"), done
    assert changes(one) != []
    assert one.parking.all() == []


@pytest.mark.parametrize("change", INTO, ids=lambda one: f"{one[0]} {list(one[1].values())[:3]}")
async def test_one_yes_lets_it_happen_once(desk: Callable[..., Desk], change: Change) -> None:
    one, other = desk(), desk(Policy(ask=Ask.NEVER))
    one.answer = YES
    asked, free = prepared(one), prepared(other)
    done = (await one.calls(about(change, asked)))[0]
    unasked = (await other.calls(about(change, free)))[0]

    assert len(one.asked) == 1
    assert other.asked == []
    assert done.startswith(unasked[:20])
    assert len(one.world.files.files) == len(other.world.files.files)


@pytest.mark.parametrize("change", QUIET, ids=lambda one: f"{one[0]} {list(one[1].values())[:3]}")
async def test_what_tells_nobody_anything_is_not_asked_about(
    desk: Callable[..., Desk], change: Change
) -> None:
    one = desk()
    ids = prepared(one)
    done = (await one.calls(about(change, ids)))[0]

    assert not done.startswith("APPROVAL_REQUIRED"), done


async def test_a_file_is_asked_about_once_and_another_one_again(desk: Callable[..., Desk]) -> None:
    one = desk()
    one.answer = YES
    ids = prepared(one)
    await one.calls(*(about(change, ids) for change in INTO[:7]))
    looked = [path for _, path, _ in one.world.requests if path.endswith(f"files/{ids['DOC']}")]

    assert len(one.asked) == 2
    assert 'Into: "Plan"' in one.asked[0]
    assert 'Into: "Budget"' in one.asked[1]
    assert "A yes counts for what is named here, until the server ends." in one.asked[0]
    assert len(looked) == 1


async def test_a_no_counts_for_one_call_and_changes_nothing(desk: Callable[..., Desk]) -> None:
    one = desk()
    one.answer = NO
    ids = prepared(one)
    before = dump(one.world)
    texts = await one.calls(*[about(INTO[0], ids)] * 2)

    assert all("said no" in text for text in texts)
    assert len(one.asked) == 2
    assert dump(one.world) == before


async def test_a_yes_to_a_folder_counts_for_what_lies_in_it(desk: Callable[..., Desk]) -> None:
    one = desk()
    one.answer = YES
    ids = prepared(one)
    texts = await one.calls(
        ("docs_create", {"title": "New", "markdown": "Hi", "folder": ids["HOME"]}),
        ("drive_upload", {"content": "x", "replace": ids["INSIDE"]}),
        ("comment", {"file": ids["INSIDE"], "action": "add", "text": "x"}),
    )  # fmt: skip
    made = texts[0].split("[")[1].split("]")[0]
    await one.call("docs_edit", doc=made, edits=[{"new": "More."}])

    assert len(one.asked) == 1
    assert "and what lies in folders" in one.asked[0]


async def test_whoever_came_later_is_asked_about_anew(desk: Callable[..., Desk]) -> None:
    one = desk()
    one.answer = YES
    ids = prepared(one)
    edit = about(INTO[0], ids)
    share = {"file": ids["DOC"], "action": "grant", "who": ["new@evil.example"], "role": "reader"}
    await one.calls(edit, ("drive_share", share), edit, edit)

    assert [ASKED in text for text in one.asked] == [True, False, True]
    assert "new@evil.example" in one.asked[2]


async def test_several_files_are_one_question_before_the_first_is_changed(
    desk: Callable[..., Desk],
) -> None:
    one = desk()
    one.answer = YES
    ids = prepared(one)
    files = [ids["PRIVATE"], ids["FILE"], ids["INSIDE"]]
    await one.call("drive_organize", action="describe", files=files, description="x")
    changes = [path for method, path, _ in one.world.requests if method == "PATCH"]

    assert len(one.asked) == 1
    assert 'Into: "Notes.txt"' in one.asked[0]
    assert 'Into: "In.txt"' in one.asked[0]
    assert "Salaries" not in one.asked[0]
    assert len(changes) == 3


async def test_taking_back_is_asked_about_as_doing_is(tmp_path: Path, era: Mode) -> None:
    one = Desk(tmp_path, era, Policy(ask=Ask.NEVER))
    ids = prepared(one)
    text = await one.call(
        "drive_organize", action="describe", files=[ids["PRIVATE"], ids["FILE"]], description="x"
    )
    undo = text.rpartition("Undo: ")[2].split()[0] if "Undo: " in text else _last(one)
    other = Desk(tmp_path, era, Policy())
    other.backend.world = one.world
    other.backend.journal = one.backend.journal
    before = dump(one.world)
    refused = await other.call("workspace_undo", id=undo)

    assert refused.startswith("APPROVAL_REQUIRED")
    assert dump(one.world) == before


def _last(one: Desk) -> str:
    return next(iter(one.backend.journal.newest_first())).id


@pytest.mark.parametrize("seen_by", [BO, "", "elsewhere.org"], ids=["person", "anyone", "domain"])
@pytest.mark.parametrize("knows", [False, True])
async def test_first_contact_asks_unless_all_who_see_it_were_written_to(
    desk: Callable[..., Desk], seen_by: str, knows: bool
) -> None:
    one = desk(Policy(ask=Ask.FIRST_CONTACT))
    ids = prepared(one, seen_by=seen_by)
    if knows:
        one.world.gmail(ME).send(f"From: {ME}\r\nTo: {BO}\r\nSubject: before\r\n\r\nhi".encode())
    text = (await one.calls(about(INTO[0], ids)))[0]

    assert text.startswith("APPROVAL_REQUIRED") is not (knows and seen_by == BO)


@pytest.mark.parametrize("seen_by", ["pa@example.com", "example.com"])
async def test_colleagues_are_not_outside(desk: Callable[..., Desk], seen_by: str) -> None:
    one = desk()
    ids = prepared(one, seen_by=seen_by)
    text = (await one.calls(about(INTO[0], ids)))[0]

    assert text.startswith("Changed")


async def test_never_spends_no_request(desk: Callable[..., Desk]) -> None:
    one = desk(Policy(ask=Ask.NEVER))
    ids = prepared(one)
    text = (await one.calls(about(INTO[0], ids)))[0]

    assert text.startswith("Changed")
    assert [path for _, path, _ in one.world.requests if "/drive/" in path] == []


@pytest.mark.parametrize(
    ("policy", "seen_by", "said"),
    [
        (Policy(ask=Ask.NEVER, no_exfil=True), BO, "may let nothing out"),
        (Policy(ask=Ask.NEVER, share_domains=frozenset({"example.com"})), BO, BO),
        (Policy(ask=Ask.NEVER, share_domains=frozenset({"elsewhere.org"})), "", "anyone with the link"),
        (Policy(share_domains=frozenset({"elsewhere.org"})), "evil.example", "evil.example"),
    ],
)  # fmt: skip
async def test_a_limit_refuses_without_a_question(
    desk: Callable[..., Desk], policy: Policy, seen_by: str, said: str
) -> None:
    one = desk(policy)
    one.answer = YES
    ids = prepared(one, seen_by=seen_by)
    before = dump(one.world)
    text = (await one.calls(about(INTO[0], ids)))[0]

    assert said in text
    assert one.asked == []
    assert dump(one.world) == before


async def test_a_dry_run_says_that_the_person_would_be_asked(desk: Callable[..., Desk]) -> None:
    one = desk()
    one.answer = YES
    ids = prepared(one)
    before = dump(one.world)
    text = await one.call("comment", file=ids["FILE"], action="add", text="Hi", dry_run=True)

    assert text.startswith("Nothing was done.\n--- The person would be asked first")
    assert f"Seen by: {BO}" in text
    assert "content: Hi" in text
    assert one.asked == []
    assert dump(one.world) == before


async def test_two_questions_of_one_call_are_both_heard(desk: Callable[..., Desk]) -> None:
    """A formula that tells another site something, in a sheet that people outside see."""
    one = desk()
    one.answer = YES
    ids = prepared(one)
    row = ['=IMAGE("https://pictures.example/x")']
    text = await one.call(
        "sheets_write", sheet=ids["SHEET"], range="D1", rows=[row], formulas=True
    )  # fmt: skip

    assert not text.startswith(("APPROVAL", "The person"))
    assert len(one.asked) == 2


async def test_two_questions_of_one_call_are_released_one_after_the_other(
    desk: Callable[..., Desk],
) -> None:
    one = desk()
    ids = prepared(one)
    row = ['=IMAGE("https://pictures.example/x")']
    call = ("sheets_write", {"sheet": ids["SHEET"], "range": "D1", "rows": [row], "formulas": True})
    for count in (1, 2):
        text = (await one.calls(call))[0]
        waits = [each for each in one.parking.all() if not each.released]
        assert text.startswith("APPROVAL_REQUIRED")
        assert len(waits) == 1
        one.parking.release(waits[0])
        assert len(one.parking.all()) == count
    done = (await one.calls(call))[0]

    assert not done.startswith("APPROVAL_REQUIRED"), done
    assert one.parking.all() == []


async def test_a_shared_drives_members_from_outside_are_found(desk: Callable[..., Desk]) -> None:
    one = desk()
    prepared(one)
    home = one.world.files.new_drive("Team", ME)
    inside = one.world.drive(ME).add("Plan.txt", "text/plain", content="x", parent=home.id)
    change = ("drive_upload", {"content": "y", "replace": inside.id})
    alone = (await one.calls(change))[0]
    one.world.drive(ME).share(home.id, BO, "writer")
    other = desk()
    other.backend.world = one.world
    shared = (await other.calls(change))[0]

    assert not alone.startswith("APPROVAL_REQUIRED")
    assert shared.startswith("APPROVAL_REQUIRED")
    assert BO in other.parking.all()[0].shown
