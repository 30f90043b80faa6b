"""New documents from Markdown."""

import pytest

from tests.conftest import Model
from tests.services.docs.written import shown
from tests.services.faults import Faults
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.drive.records import FOLDER
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.world import World

REPORT = (
    "# Report\n\nSome **bold** text.[^1]\n\n- a\n    1. b\n\n| x | y |\n| --- | --- |\n| 1 | 2 |"
)


async def test_markdown_becomes_a_document(model: Model, docs: FakeDocs) -> None:
    text = f"{REPORT}\n\n[^1]: A note."

    said = await model.call("docs_create", title="My report", markdown=text)

    (doc,) = docs.documents.values()
    assert doc.title == "My report"
    assert shown(doc) == text
    assert said == (
        f"Created [{doc.id}] https://docs.google.com/document/d/{doc.id}/edit\nrevision {doc.revision_id}"
    )


async def test_it_is_made_in_the_folder(
    model: Model, docs: FakeDocs, drive: Drive, faults: Faults
) -> None:
    drive.add("Reports", FOLDER, id="1folder")

    said = await model.call(
        "docs_create", title="R", markdown="x",
        folder="https://drive.google.com/drive/folders/1folder?usp=sharing",
    )  # fmt: skip

    (doc,) = docs.documents.values()
    assert said.endswith(f"revision {doc.revision_id}")
    assert (drive.file(doc.id).name, drive.file(doc.id).parent) == ("R", "1folder")
    assert faults.seen == [
        "GET /drive/v3/files/1folder",
        "POST /drive/v3/files",
        f"GET /v1/documents/{doc.id}",
        f"POST /v1/documents/{doc.id}:batchUpdate",
    ]


async def test_where_there_is_no_folder_no_document_is_made(
    model: Model, docs: FakeDocs, drive: Drive
) -> None:
    failure = await model.call_failing("docs_create", title="R", markdown="x", folder="1nowhere")

    assert "was created" not in failure
    assert docs.documents == {}
    assert [one.name for one in drive.store.files.values() if one.name == "R"] == []


async def test_a_lost_answer_in_a_folder_is_not_repeated(
    model: Model, docs: FakeDocs, drive: Drive, faults: Faults
) -> None:
    drive.add("Reports", FOLDER, id="1folder")
    faults.lose_answer("POST", "/drive/v3/files")

    failure = await model.call_failing("docs_create", title="R", markdown="x", folder="1folder")

    assert failure.startswith("Google's answer was lost: an empty document may have been made")
    assert len(docs.documents) == 1


async def test_what_google_does_not_take_leaves_the_document_and_says_so(
    model: Model, docs: FakeDocs, world: World
) -> None:
    world.fail_next(400, path=":batchUpdate")

    said = await model.call("docs_create", title="R", markdown="x")

    assert len(docs.documents) == 1
    assert "The document was created, but not all of it could be done: Google could not use" in said


async def test_a_lost_answer_is_not_repeated(model: Model, docs: FakeDocs, faults: Faults) -> None:
    faults.lose_answer("POST", "/v1/documents")

    failure = await model.call_failing("docs_create", title="R", markdown="x")

    assert failure.startswith("Google's answer was lost: an empty document may have been made")
    assert len(docs.documents) == 1


@pytest.mark.parametrize("folder", ["../x", "a/b"])
async def test_a_folder_that_is_no_id_makes_no_document(
    model: Model, docs: FakeDocs, folder: str
) -> None:
    assert "is not an id" in await model.call_failing("docs_create", title="R", folder=folder)
    assert docs.documents == {}
