"""`--folders`: what lies elsewhere can be neither seen nor touched, by whatever tool."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ME, Model
from tests.policy.test_effects import METHODS
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.drive.records import FOLDER, SHORTCUT
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.errors import PolicyError
from workspace_mcp.policy.effects import WWW, Wire
from workspace_mcp.policy.folders import LASTS, Folders
from workspace_mcp.policy.touched import Touched, touched
from workspace_mcp.settings import Settings

IN, OUT = "1insideFolder", "1outsideFolder"
NO = "outside of the folders"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    policy = replace(settings.policy, folders=(frozenset({IN}),))
    return replace(settings, policy=policy, default_account=ME)


@pytest.fixture
def files(drive: Drive, docs: FakeDocs, sheets: FakeSheets) -> Drive:
    """Two folders with the same things in each."""
    for name, place in (("In", IN), ("Out", OUT)):
        drive.add(name, FOLDER, id=place)
        deep = drive.add("deep", FOLDER, id=f"{place}Deep", parent=place)
        drive.add(
            f"{name} note.txt", "text/plain", id=f"{place}Note", parent=deep.id, content="A note."
        )
        docs.add(ME, f"{name} doc", f"{place}Doc")
        sheets.add(ME, f"{name} sheet", f"{place}Sheet")
        for kind in ("Doc", "Sheet"):
            drive.file(f"{place}{kind}").parent = place
    return drive


async def test_a_search_lists_what_lies_inside_and_the_way_there(
    model: Model, files: Drive
) -> None:
    answer = await model.call("drive_search", query="note")
    listed = await model.call("drive_search", folder="root")

    assert f"{IN}Note" in answer
    assert OUT not in answer + listed
    assert IN in listed


async def test_what_lies_inside_is_read_and_written_as_always(model: Model, files: Drive) -> None:
    assert "A note." in await model.call("drive_read", file=f"{IN}Note")
    await model.call("docs_edit", doc=f"{IN}Doc", edits=[{"new": "Hello"}])
    assert "Hello" in await model.call("docs_read", doc=f"{IN}Doc")
    await model.call("sheets_write", sheet=f"{IN}Sheet", range="A1", rows=[["x"]])
    assert "x" in await model.call("sheets_read", sheet=f"{IN}Sheet")
    await model.call("drive_organize", action="rename", files=[f"{IN}Note"], name="New.txt")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("drive_read", {"file": f"{OUT}Note"}),
        ("drive_info", {"file": f"{OUT}Note"}),
        ("drive_info", {"file": "/Out/deep/Out note.txt"}),
        ("drive_search", {"folder": OUT}),
        ("drive_organize", {"action": "rename", "files": [f"{OUT}Note"], "name": "x"}),
        ("drive_organize", {"action": "move", "files": [f"{IN}Note"], "to": OUT}),
        ("drive_organize", {"action": "move", "files": [f"{OUT}Note"], "to": IN}),
        ("drive_organize", {"action": "copy", "files": [f"{OUT}Note"], "to": IN}),
        ("drive_organize", {"action": "copy", "files": [f"{IN}Note"], "to": OUT}),
        ("drive_organize", {"action": "folder", "name": "x", "to": OUT}),
        ("drive_share", {"file": f"{OUT}Note", "action": "link", "role": "reader"}),
        ("drive_upload", {"content": "x", "name": "x.txt", "folder": OUT}),
        ("drive_upload", {"content": "x", "replace": f"{OUT}Note"}),
        ("drive_diff", {"file": f"{IN}Note", "other": f"{OUT}Note"}),
        ("comments", {"file": f"{OUT}Doc"}),
        ("comment", {"file": f"{OUT}Doc", "action": "add", "text": "x"}),
        ("docs_create", {"title": "x", "markdown": "y", "folder": OUT}),
        ("docs_create", {"title": "x", "template": f"{IN}Doc", "folder": OUT}),
        ("docs_create", {"title": "x", "template": f"{OUT}Doc", "folder": IN}),
        ("sheets_create", {"title": "x", "csv": "a,b", "folder": OUT}),
        ("sheets_create", {"title": "x", "template": f"{IN}Sheet", "folder": OUT}),
        ("docs_read", {"doc": f"{OUT}Doc"}),
        ("docs_edit", {"doc": f"{OUT}Doc", "edits": [{"old": "x", "new": "y"}]}),
        ("docs_format", {"doc": f"{OUT}Doc", "actions": [{"do": "page_break"}]}),
        ("sheets_read", {"sheet": f"{OUT}Sheet"}),
        ("sheets_write", {"sheet": f"{OUT}Sheet", "range": "A1", "rows": [["x"]]}),
        ("workspace_delete", {"kind": "file", "ids": [f"{OUT}Note"]}),
    ],
)  # fmt: skip
async def test_what_lies_outside_is_out_of_reach(
    model: Model, files: Drive, tool: str, arguments: dict[str, Any]
) -> None:
    before = {
        one.id: (one.name, one.parent, one.data, len(one.permissions))
        for one in files.store.files.values()
    }

    result = await model.result(tool, **arguments)
    said = str(result.content)

    assert NO in said or "Nothing is at that path" in said, said
    assert "A note." not in said
    assert before == {
        one.id: (one.name, one.parent, one.data, len(one.permissions))
        for one in files.store.files.values()
    }


async def test_a_shortcut_inside_does_not_lead_out(model: Model, files: Drive) -> None:
    link = files.add("way out", SHORTCUT, parent=IN, id="1shortcut")
    link.target = f"{OUT}Note"

    assert NO in await model.call_failing("drive_read", file=link.id)


async def test_changes_elsewhere_are_not_told(model: Model, files: Drive) -> None:
    since = re.search(r"since[=:] ?\"?(\w+)", await model.call("drive_changes"))
    assert since is not None
    files.touch(f"{OUT}Note", "B")
    files.touch(f"{IN}Note", "B")

    answer = await model.call("drive_changes", since=since[1])

    assert f"{IN}Note" in answer
    assert OUT not in answer


async def test_what_was_made_here_can_be_worked_on(model: Model, files: Drive) -> None:
    made = await model.call("docs_create", title="New", markdown="One", folder=IN)
    found = re.search(r"\[(1\w+)\]", made)
    assert found is not None

    await model.call("docs_edit", doc=found[1], edits=[{"old": "One", "new": "Two"}])


@pytest.mark.parametrize("name", [name for name in METHODS if name.split(".")[0] != "gmail"])
def test_a_method_that_names_a_file_is_asked_about(name: str) -> None:
    """Every method of the editors and of Drive: its file is found, or it is refused."""
    wire = METHODS[name]
    service = name.split(".", maxsplit=1)[0]
    try:
        found = touched(wire)
    except PolicyError:
        return
    if service in {"docs", "sheets", "slides", "forms", "script"}:
        assert "x1" in found.files or found.makes
    elif service == "drive" and "/files/x1" in wire.path:
        assert "x1" in found.files | found.named
        assert found.files or wire.method == "GET"
    elif service not in {"drive"}:
        assert found == Touched()


def test_what_names_no_file_and_is_not_known_is_refused() -> None:
    for method, path in (
        ("GET", "/drive/v2/files/abc"), ("DELETE", "/drive/v3/files/trash"), ("POST", "/drive/v3/changes/watch"),
    ):  # fmt: skip
        with pytest.raises(PolicyError):
            touched(Wire(method, WWW, path, {}))
    with pytest.raises(PolicyError):
        touched(Wire("GET", "docs.googleapis.com", "/v2/documents/abc", {}))


def test_parents_copies_and_batches_name_every_file() -> None:
    move = Wire(
        "PATCH", WWW, "/drive/v3/files/a", {"addParents": "b,c", "removeParents": "d"}, b"{}"
    )
    copy = Wire("POST", WWW, "/drive/v3/files/a/copy", {}, b'{"parents": ["b"]}')
    sheet = Wire(
        "POST",
        "sheets.googleapis.com",
        "/v4/spreadsheets/a/sheets/0:copyTo",
        {},
        b'{"destinationSpreadsheetId": "b"}',
    )
    batch = Wire(
        "POST", WWW, "/batch/drive/v3", {},
        b"--x\r\n\r\nGET /drive/v3/files/a?fields=id HTTP/1.1\r\n\r\n--x\r\n\r\n"
        b"GET /drive/v3/files/b?alt=media HTTP/1.1\r\n",
    )  # fmt: skip

    assert touched(move).files == {"a", "b", "c"}
    assert touched(copy) == Touched(frozenset({"a", "b"}), makes=True)
    assert touched(sheet).files == {"a", "b"}
    assert (touched(batch).named, touched(batch).files) == ({"a"}, {"b"})


async def test_where_something_lies_is_asked_again_after_a_while(
    files: Drive, backend: Any
) -> None:
    at = [0.0]
    folders = Folders(lambda: at[0])
    google = backend.google(ME)
    wire = Wire("GET", WWW, f"/drive/v3/files/{IN}Note", {"alt": "media"})
    limits = [frozenset({IN})]
    await folders.check(google, wire, limits)
    files.file(f"{IN}Note").parent = OUT

    await folders.check(google, wire, limits)
    at[0] = LASTS
    with pytest.raises(PolicyError, match=NO):
        await folders.check(google, wire, limits)


async def test_a_folder_that_the_account_cannot_see_lets_nothing_through(
    files: Drive, backend: Any, tmp_path: Path
) -> None:
    del tmp_path
    wire = Wire("GET", WWW, f"/drive/v3/files/{IN}Note", {"alt": "media"})

    with pytest.raises(PolicyError, match=NO):
        await Folders().check(
            backend.google(ME), wire, [frozenset({IN}), frozenset({"1elsewhere"})]
        )
