"""Documents from a template: a copy whose placeholders are filled, and what is left is said."""

import pytest

from tests.conftest import ME, Model
from tests.services.docs.written import fill, read, shown
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.drive.store import Drive

TEXT = "# Offer to {{customer}}\n\n**{{price}}** until {{date}}, or {{Date}}.\n\n| {{customer}} |\n| --- |\n| [PLACE] |"


def template(docs: FakeDocs) -> FakeDocument:
    doc = docs.add(ME, "Template", "1tpl")
    fill(docs, doc, TEXT)
    return doc


def copy(docs: FakeDocs, said: str) -> FakeDocument:
    return docs.documents[said.partition("[")[2].partition("]")[0]]


async def test_placeholders_are_filled_in_a_copy(
    model: Model, docs: FakeDocs, drive: Drive
) -> None:
    source = template(docs)
    before = shown(source)

    said = await model.call(
        "docs_create", title="Offer", template="https://docs.google.com/document/d/1tpl/edit",
        fields={"customer": "Ana & Söhne 👩🏽‍🚀", "price": "1. *990* €", "{{date}}": "1. Januar 2027",
                "[PLACE]": "Bern", "vat": "8"},
    )  # fmt: skip

    made = copy(docs, said)
    assert shown(made) == (
        "# Offer to Ana & Söhne 👩🏽‍🚀\n\n**1. \\*990\\* €** until 1. Januar 2027, or {{Date}}.\n\n"
        "| Ana & Söhne 👩🏽‍🚀 |\n| --- |\n| Bern |"
    )
    assert made.title == "Offer"
    assert shown(source) == before
    assert said == (
        f"Created [{made.id}] https://docs.google.com/document/d/{made.id}/edit\n"
        f"revision {made.revision_id}\nFilled 5 places.\nNot in the template: vat\n"
        "--- placeholders still there 7f3a00 ---\n{{Date}}\n--- end 7f3a00 ---"
    )


async def test_a_copy_goes_into_the_folder(model: Model, docs: FakeDocs, drive: Drive) -> None:
    template(docs)
    folder = drive.add("Offers", "application/vnd.google-apps.folder", ME)

    said = await model.call("docs_create", title="Offer", template="1tpl", folder=folder.id)

    made = copy(docs, said)
    assert drive.store.files[made.id].parent == folder.id
    assert read(made).title == "Offer"
    assert "Filled 0 places." in said


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"fields": {"a": "b"}}, "fields needs template"),
        ({"template": "1tpl", "markdown": "x"}, "Give either markdown or template."),
        ({"template": "1tpl", "fields": {"a": "{{b}}", "b": "x"}}, "A value has a placeholder"),
        ({"template": "1tpl", "fields": {" ": "x"}}, "A placeholder's name is empty."),
    ],
)
async def test_what_does_not_fit_makes_nothing(
    model: Model, docs: FakeDocs, arguments: dict[str, object], why: str
) -> None:
    template(docs)

    failure = await model.call_failing("docs_create", title="T", **arguments)

    assert failure.startswith(why)
    assert len(docs.documents) == 1
