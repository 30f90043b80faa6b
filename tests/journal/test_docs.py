"""What Docs' tools change is in the journal, and is taken back to the letter."""

from typing import Any

import pytest

from tests.conftest import ME, Model
from tests.journal.test_drive import latest
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.docs import render
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.journal.inverses.docs import RULES
from workspace_mcp.journal.inverses.document.model import Document
from workspace_mcp.journal.rule import rule_for
from workspace_mcp.policy.effects import Wire
from workspace_mcp.services.docs.documents import FIELDS

pytestmark = pytest.mark.anyio

TEXT = """# Contract

Between **Northlight** and [Harbor](https://harbor.example).

## Fees

The fee is **100 EUR** per month, due on *1 March 2026* 👩🏽‍🚀.

- monthly
- by transfer
  - to our bank
- at once

| Who | What |
| --- | --- |
| Ana | signs |
| Bo | pays |

## End

Either side may end it.
"""


def state(doc: FakeDocument) -> Any:
    """All that a person sees of a document."""
    found = Document.from_api(render.document(doc, "SUGGESTIONS_INLINE", tabs=True))
    return {
        key: (
            tab.title, tab.style, {one["name"] for one in tab.names.values()},
            {name: [one.kept() for one in part] for name, part in tab.segments.items() if part},
        )
        for key, tab in found.tabs.items()
    }  # fmt: skip


async def contract(model: Model, docs: FakeDocs) -> FakeDocument:
    """A document with text of every kind."""
    await model.call("docs_create", title="Contract", markdown=TEXT)
    return list(docs.documents.values())[-1]


async def taken_back(model: Model, doc: FakeDocument, tool: str, **given: Any) -> str:
    """The undo's answer, when a change was one and the document is then as it was before it."""
    before = state(doc)
    await model.call(tool, doc=doc.id, **given)
    changed = state(doc)
    answer = await model.call("workspace_undo", id=await latest(model))

    assert changed != before
    assert state(doc) == before
    await model.call("workspace_undo", id=await latest(model))
    assert state(doc) == changed
    return answer


@pytest.mark.parametrize(
    "edit",
    [
        {"old": "100 EUR", "new": "250 EUR"},
        {"old": "**100 EUR** per month", "new": "*200* a year"},
        {"old": "👩🏽‍🚀", "new": "👩🏻‍🚀"},
        {"old": "[Harbor](https://harbor.example)", "new": "Harbor"},
        {"old": "- by transfer\n", "new": ""},
        {"old": "by transfer", "new": "## By transfer"},
        {"old": "Either side", "new": "Ana\n\nEither side"},
        {"after": "Fees", "new": "See **below**.\n\n1. one\n2. two"},
        {"section": "Fees", "new": "Nothing is paid."},
        {"old": "pays", "new": "pays **twice**"},
        {"new": "The end.\n\n- of\n- it"},
        {"new": "| a | b |\n| --- | --- |\n| 1 | 2 |"},
        {"section": "End", "new": "| a | b |\n| --- | --- |\n| 1 | 2 |"},
    ],
)  # fmt: skip
async def test_edits_are_taken_back(model: Model, docs: FakeDocs, edit: dict[str, Any]) -> None:
    doc = await contract(model, docs)

    answer = await taken_back(model, doc, "docs_edit", edits=[edit])

    assert answer.startswith(f"Took back: document {doc.id} changed.")


@pytest.mark.parametrize(
    "action",
    [
        {"do": "style", "heading": "Fees", "style": "h3"},
        {"do": "style", "text": "Either side", "css": "font-weight:bold; color:#f00; text-align:right"},
        {"do": "list", "text": "Either side", "kind": "number"},
        {"do": "unlist", "text": "by transfer"},
        {"do": "table", "text": "Either side may end it.", "rows": [["a", "b"], ["c", "d"]]},
        {"do": "cell", "table": 1, "row": 2, "column": 1, "value": "**Cleo**"},
        {"do": "add_rows", "table": 1, "row": 1, "rows": [["x", "y"]]},
        {"do": "add_rows", "table": 1, "row": 3, "rows": [["x", "y"], ["z", "0"]]},
        {"do": "delete_rows", "table": 1, "row": 2, "count": 2},
        {"do": "add_columns", "table": 1, "column": 1, "count": 1},
        {"do": "delete_columns", "table": 1, "column": 2},
        {"do": "merge", "table": 1, "row": 1, "column": 1, "count": 2, "columns": 2},
        {"do": "merge", "table": 1, "row": 2, "column": 1, "columns": 2, "count": 1},
        {"do": "cell_style", "table": 1, "row": 1, "column": 1, "css": "background:#eee"},
        {"do": "widths", "table": 1, "column": 1, "css": "width:90"},
        {"do": "header_rows", "table": 1, "count": 1},
        {"do": "page", "kind": "landscape"},
        {"do": "person", "text": "Either side", "value": "bo@example.com"},
        {"do": "name", "text": "Either side", "value": "sides"},
        {"do": "rename_tab", "value": "Draft"},
    ],
    ids=lambda one: one["do"],
)  # fmt: skip
async def test_looks_tables_and_things_are_taken_back(
    model: Model, docs: FakeDocs, action: dict[str, Any]
) -> None:
    await taken_back(model, await contract(model, docs), "docs_format", actions=[action])


@pytest.mark.parametrize(
    "action",
    [
        {"do": "image", "text": "Either side", "value": "https://example.com/a.png"},
        {"do": "page_break", "text": "Either side"},
        {"do": "section_break", "text": "Either side"},
        {"do": "footnote", "text": "Either side", "value": "Or both."},
        {"do": "header", "value": "Confidential"},
        {"do": "add_tab", "value": "More", "text": "# More"},
    ],
    ids=lambda one: one["do"],
)  # fmt: skip
async def test_what_came_goes_again(model: Model, docs: FakeDocs, action: dict[str, Any]) -> None:
    doc = await contract(model, docs)
    before = state(doc)
    await model.call("docs_format", doc=doc.id, actions=[action])

    await model.call("workspace_undo", id=await latest(model))

    assert state(doc) == before
    if action["do"] == "page_break":
        await model.call("workspace_undo", id=await latest(model))
        assert state(doc) != before
    else:
        failure = await model.call_failing("workspace_undo", id=await latest(model))
        assert failure.startswith("This cannot be taken back: ")


async def test_merged_cells_stand_alone_again_and_are_merged_again(
    model: Model, docs: FakeDocs
) -> None:
    doc = await contract(model, docs)
    merge = {"do": "merge", "table": 1, "row": 1, "column": 1, "count": 2, "columns": 2}
    await model.call("docs_format", doc=doc.id, actions=[merge])

    await taken_back(model, doc, "docs_format", actions=[{**merge, "do": "unmerge"}])
    await taken_back(model, doc, "docs_edit", edits=[{"section": "Fees", "new": "Nothing."}])


async def test_a_document_that_was_made_goes_into_the_trash_as_a_whole(
    model: Model, docs: FakeDocs, drive: Any
) -> None:
    doc = await contract(model, docs)
    listed = await model.call("workspace_history")

    await model.call("workspace_undo", id=await latest(model))

    assert f"docs_create  {ME}  document {doc.id} made  (undo: yes)" in listed
    assert drive.store.files[doc.id].trashed


async def test_a_colleagues_words_elsewhere_stay(model: Model, docs: FakeDocs) -> None:
    doc = await contract(model, docs)
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "100 EUR", "new": "250 EUR"}])
    typed = {"insertText": {"location": {"index": 1}, "text": "Draft!\n"}}
    docs.update(doc, {"requests": [typed]})

    await model.call("workspace_undo", id=await latest(model))

    assert doc.text().startswith("\nDraft!\n") or doc.text().startswith("Draft!\n")
    assert "100 EUR" in doc.text()


async def test_a_place_that_somebody_changed_since_is_left_alone(
    model: Model, docs: FakeDocs
) -> None:
    doc = await contract(model, docs)
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "100 EUR", "new": "250 EUR"}])
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "250 EUR", "new": "300 EUR"}])
    older = (await model.call("workspace_history", max=2)).splitlines()[1]
    after = state(doc)

    failure = await model.call_failing(
        "workspace_undo", id=older.partition("[")[2].partition("]")[0]
    )

    assert failure.startswith("The document was changed again in the same place since then")
    assert state(doc) == after


async def test_a_dry_run_shows_now_and_then(model: Model, docs: FakeDocs) -> None:
    doc = await contract(model, docs)
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "signs", "new": "reads"}])
    after = state(doc)

    answer = await model.call("workspace_undo", id=await latest(model), dry_run=True)

    assert answer == (
        f"Would take back: document {doc.id} changed.\n"
        "--- before → after 7f3a00 ---\n"
        "Who | What Ana | reads Bo | pays → Who | What Ana | signs Bo | pays\n"
        "--- end 7f3a00 ---\n"
        "Nothing was changed: dry_run."
    )
    assert state(doc) == after


async def test_more_than_the_journal_keeps_says_so(model: Model, docs: FakeDocs) -> None:
    doc = docs.add(ME, "Long", "1long")
    lines = "Top\n" + "".join(f"{number} {'word ' * 40}\n" for number in range(3000))
    top = {"namedStyleType": "HEADING_1"}
    docs.update(doc, {"requests": [
        {"insertText": {"location": {"index": 1}, "text": lines}},
        {"updateParagraphStyle": {
            "range": {"startIndex": 1, "endIndex": 4}, "paragraphStyle": top, "fields": "namedStyleType",
        }},
    ]})  # fmt: skip
    await model.call("docs_edit", doc=doc.id, edits=[{"section": "Top", "new": "Nothing."}])

    failure = await model.call_failing("workspace_undo", id=await latest(model))

    assert "more was replaced than is kept (512 kB)" in failure


def test_the_journal_asks_for_what_the_tools_ask_for() -> None:
    wire = Wire("POST", "docs.googleapis.com", "/v1/documents/1d:batchUpdate", {})
    found = rule_for(wire, RULES)

    assert found is not None
    assert dict(found[0].look(wire, found[1]).query)["fields"] == FIELDS


def lines(docs: FakeDocs, texts: list[str]) -> FakeDocument:
    """A document of these paragraphs."""
    doc = docs.add(ME, "Long", "1long")
    text = {"insertText": {"location": {"index": 1}, "text": "\n".join(texts)}}
    docs.update(doc, {"requests": [text]})
    return doc


async def test_what_is_kept_of_a_small_change_does_not_grow_with_the_document(
    model: Model, docs: FakeDocs, backend: DemoBackend
) -> None:
    doc = lines(docs, [f"Line {number}." for number in range(2000)])
    before = state(doc)
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "Line 1000.", "new": "Other."}])
    (entry,) = backend.journal.newest_first()
    typed = {"insertText": {"location": {"index": 1}, "text": "Draft!\n"}}
    docs.update(doc, {"requests": [typed]})

    await model.call("workspace_undo", id=entry.id)

    assert len(entry.json()) < 3_000
    assert doc.text().removeprefix("\n").startswith("Draft!\nLine 0.")
    gone = {"deleteContentRange": {"range": {"startIndex": 1, "endIndex": 8}}}
    docs.update(doc, {"requests": [gone]})
    assert state(doc) == before


async def test_a_place_among_many_that_are_alike_is_found_again_or_left_alone(
    model: Model, docs: FakeDocs
) -> None:
    doc = lines(docs, ["same"] * 300 + ["other"] + ["same"] * 300)
    before = state(doc)
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "other\n", "new": ""}])
    undo = await latest(model)
    typed = {"insertText": {"location": {"index": 1}, "text": "same\n"}}
    docs.update(doc, {"requests": [typed]})
    failure = await model.call_failing("workspace_undo", id=undo)
    gone = {"deleteContentRange": {"range": {"startIndex": 1, "endIndex": 6}}}
    docs.update(doc, {"requests": [gone]})
    await model.call("workspace_undo", id=undo)

    assert failure.startswith("The document was changed again in the same place since then")
    assert state(doc) == before


async def test_the_trial_of_suggestions_is_nothing_to_take_back(
    model: Model, docs: FakeDocs
) -> None:
    doc = await contract(model, docs)

    await model.call(
        "docs_edit", doc=doc.id, edits=[{"old": "signs", "new": "pays"}], mode="suggest"
    )

    history = await model.call("workspace_history")
    (line,) = [one for one in history.splitlines() if "docs_edit" in one]
    assert f"changes of document {doc.id} suggested" in line
    assert " made" not in line
