"""A Doc is one thing in the demo, whether Docs or Drive is asked."""

import pytest

from tests.conftest import ME, Model
from workspace_mcp.demo import samples
from workspace_mcp.demo.world import World
from workspace_mcp.settings import Settings

pytestmark = pytest.mark.anyio


async def test_a_doc_that_docs_makes_is_found_shared_and_read_by_drive(
    model: Model, world: World
) -> None:
    made = await model.call("docs_create", title="Plan", markdown="# Plan\n\nBuy beans.")
    key = next(iter(world.documents.documents))
    found = await model.call("drive_search", query="Plan")
    read = await model.call("drive_read", file=key)
    await model.call("docs_edit", doc=key, edits=[{"old": "beans", "new": "green beans"}])
    again = await model.call("drive_read", file=key)

    assert key in made
    assert f'[{key}] "Plan" Doc' in found
    assert "Buy beans." in read
    assert "Buy green beans." in again
    assert world.drive(ME).role(key) == "owner"


async def test_a_copy_by_drive_is_a_doc_of_its_own(model: Model, world: World) -> None:
    await model.call("docs_create", title="Plan", markdown="Buy beans.")
    key = next(iter(world.documents.documents))
    await model.call("drive_organize", action="copy", files=[key])
    copy = next(one for one in world.documents.documents if one != key)
    await model.call("docs_edit", doc=copy, edits=[{"old": "beans", "new": "tea"}])

    assert "Buy beans." in await model.call("docs_read", doc=key)
    assert "Buy tea." in await model.call("docs_read", doc=copy)


async def test_a_copy_has_all_that_the_original_has(
    model: Model, world: World, settings: Settings
) -> None:
    (settings.file_folders[0] / "logo.png").write_bytes(samples.png("logo"))
    made = [
        await model.call("docs_create", title="Letter", markdown="Hello\n\n![](logo.png)"),
        await model.call("sheets_create", title="Book", csv="a,b\n1,=A2*2", formulas=True),
    ]
    doc, book = (one.partition("[")[2].partition("]")[0] for one in made)
    await model.call("docs_format", doc=doc, actions=[{"do": "header", "value": "{{who}}"}])
    await model.call(
        "sheets_structure", sheet=book, actions=[{"do": "name", "range": "A2", "value": "One"}]
    )

    letter = await model.call("docs_create", title="L", template=doc, fields={"who": "Bo"})
    copied = await model.call("sheets_create", title="B", template=book)

    key, other = (one.partition("[")[2].partition("]")[0] for one in (letter, copied))
    text = await model.call("docs_read", doc=key)
    cells = await model.call("sheets_read", sheet=other, ranges=["A1:B2"], show=["formulas"])
    assert "Filled 1 place." in letter
    assert "\nBo\n" in text
    assert "![](" in text
    assert "B2 =A2*2" in cells
    overview = await model.call("sheets_read", sheet=other)
    assert "frozen 1 rows" in overview
    assert "One = " in overview


async def test_who_may_not_see_the_file_may_not_read_the_doc(model: Model, world: World) -> None:
    doc = world.documents.add("bo@example.com", "Secret")
    hidden = await model.call_failing("docs_read", doc=doc.id)
    world.drive("bo@example.com").share(doc.id, ME, "reader")
    await model.call("docs_read", doc=doc.id)
    refused = await model.call_failing(
        "docs_edit", doc=doc.id, edits=[{"new": "x", "after": "END"}]
    )

    assert "no such item" in hidden
    assert refused
