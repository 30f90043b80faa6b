"""Taking back what is gone, not this account's any more, or without the permission: clear, and nothing half done."""

import pytest

from tests.conftest import BO, ME, Model
from tests.journal.test_docs import contract, state
from tests.journal.test_drive import latest
from tests.services.sheets.made import made
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.drive.records import DOC
from workspace_mcp.demo.world import World
from workspace_mcp.scopes import Scope

pytestmark = pytest.mark.anyio
GONE = f"What was changed is gone, or {ME} may not see it any more. Nothing was taken back."


async def test_a_document_that_is_gone(model: Model, world: World) -> None:
    doc = await contract(model, world.docs(ME))
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "100 EUR", "new": "250 EUR"}])
    undo = await latest(model)
    del world.docs(ME).documents[doc.id]

    assert (await model.call_failing("workspace_undo", id=undo)).startswith(GONE)


async def test_a_spreadsheet_that_is_gone(model: Model, world: World) -> None:
    book = made(world.sheets(ME))
    rows = [["Zoe"]]
    await model.call("sheets_write", sheet=book.id, range="Data!A2", rows=rows, overwrite=True)
    undo = await latest(model)
    del world.sheets(ME).spreadsheets[book.id]

    assert (await model.call_failing("workspace_undo", id=undo)).startswith(GONE)


async def test_a_file_that_may_only_be_read_now(model: Model, world: World) -> None:
    world.people.append({"email": BO, "name": "Bo"})
    drive = world.drive(ME)
    file = drive.add("a.txt", "text/plain", BO, content="old")
    drive.share(file.id, ME, "writer")
    await model.call("drive_organize", action="rename", files=[file.id], name="b.txt")
    undo = await latest(model)
    drive.share(file.id, ME, "reader")

    failure = await model.call_failing("workspace_undo", id=undo)

    assert "Nothing was taken back." in failure
    assert file.name == "b.txt"


async def test_a_permission_that_the_sign_in_lost_is_named_with_the_command(
    model: Model, world: World, backend: DemoBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc = await contract(model, world.docs(ME))
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "100 EUR", "new": "250 EUR"}])
    undo, after = await latest(model), state(doc)

    def granted(email: str) -> frozenset[str]:
        del email
        return frozenset({Scope.GMAIL_MODIFY})

    monkeypatch.setattr(backend, "granted", granted)

    failure = await model.call_failing("workspace_undo", id=undo)

    assert failure.startswith(f"GOOGLE_LOGIN_REQUIRED account={ME} reason=missing_scope")
    assert f"login {ME} --services docs" in failure
    assert state(doc) == after


async def test_one_of_several_files_that_is_gone_leaves_the_others_as_they_are(
    model: Model, world: World
) -> None:
    drive = world.drive(ME)
    files = [drive.add(f"Plan {n}", DOC, content="x") for n in range(3)]
    await model.call(
        "drive_organize", action="describe", files=[one.id for one in files], description="d"
    )
    undo = await latest(model)
    del drive.store.files[files[1].id]

    failure = await model.call_failing("workspace_undo", id=undo)

    assert failure.startswith(GONE)
    assert files[0].description == files[2].description == "d"


async def test_what_breaks_half_way_is_a_change_of_its_own_and_can_be_gone_on_with(
    model: Model, world: World
) -> None:
    world.people.append({"email": BO, "name": "Bo"})
    drive = world.drive(ME)
    mine, theirs = drive.add("a", "text/plain", content="x"), drive.add("b", "text/plain", BO)
    drive.share(theirs.id, ME, "writer")
    ids = [theirs.id, mine.id]
    await model.call("drive_organize", action="describe", files=ids, description="d")
    undo = await latest(model)
    drive.share(theirs.id, ME, "reader")
    failure = await model.call_failing("workspace_undo", id=undo)

    assert "1 of 2 steps were taken back before that" in failure
    assert (mine.description, theirs.description) == ("", "d")
    drive.share(theirs.id, ME, "writer")
    await model.call("workspace_undo", id=await latest(model))
    await model.call("workspace_undo", id=undo)
    assert (mine.description, theirs.description) == ("", "")
