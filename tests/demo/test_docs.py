"""The demo's Docs: indices in UTF-16 units, Google's refusals, all requests or none."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from itertools import count
from typing import Any

import pytest

from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.docs.render import document
from workspace_mcp.demo.http import Refusal
from workspace_mcp.demo.scenario import dump, load

ME = "me@example.com"


@pytest.fixture
def docs() -> FakeDocs:
    return FakeDocs(count(1).__next__)


@pytest.fixture
def doc(docs: FakeDocs) -> FakeDocument:
    return docs.add(ME, "Plan", "1plan")


def insert(index: int, text: str, **where: str) -> dict[str, Any]:
    return {"insertText": {"location": {"index": index, **where}, "text": text}}


def delete(start: int, end: int) -> dict[str, Any]:
    return {"deleteContentRange": {"range": {"startIndex": start, "endIndex": end}}}


def content(doc: FakeDocument) -> list[dict[str, Any]]:
    return document(doc, "SUGGESTIONS_INLINE", tabs=True)["tabs"][0]["documentTab"]["body"][
        "content"
    ]


def refused(docs: FakeDocs, doc: FakeDocument, *requests: dict[str, Any]) -> str:
    before = document(doc, "SUGGESTIONS_INLINE", tabs=True)
    with pytest.raises(Refusal) as caught:
        docs.update(doc, {"requests": list(requests)})
    assert document(doc, "SUGGESTIONS_INLINE", tabs=True) == before
    assert caught.value.status == 400
    return caught.value.message


TABLE = {"insertTable": {"location": {"index": 1}, "rows": 2, "columns": 2}}
INSIDE = (
    "Invalid requests[0].insertText: The insertion index must be inside the bounds of an existing"
)
RANGE = "Invalid requests[0].deleteContentRange: Invalid deletion range."


@pytest.mark.parametrize(
    ("before", "request_", "message"),
    [
        pytest.param(
            [insert(1, "a😀b")],
            insert(3, "x"),
            "Invalid requests[0].insertText: The insertion index cannot be within a grapheme cluster.",
            id="inside a surrogate pair",
        ),
        pytest.param(
            [insert(1, "a😀b")],
            delete(2, 3),
            "Invalid requests[0].deleteContentRange: The range cannot start or end within a grapheme",
            id="half a surrogate pair",
        ),
        pytest.param(
            [],
            insert(9, "x"),
            "Invalid requests[0].insertText: Index 9 must be less than the end index of the "
            "referenced segment, 2.",
            id="outside",
        ),
        pytest.param([], insert(0, "x"), INSIDE, id="before the body"),
        pytest.param([TABLE], insert(2, "x"), INSIDE, id="at a table's start"),
        pytest.param(
            [insert(1, "ab")],
            delete(2, 4),
            "Invalid requests[0].deleteContentRange: The range cannot include the newline character "
            "at the end of the segment.",
            id="the last newline",
        ),
        pytest.param([TABLE], delete(5, 6), RANGE, id="a cell's newline"),
        pytest.param([TABLE], delete(1, 2), RANGE, id="the newline before a table"),
        pytest.param([TABLE], delete(2, 6), RANGE, id="a part of a table"),
        pytest.param(
            [],
            delete(1, 1),
            "Invalid requests[0].deleteContentRange: The range should not be empty.",
            id="empty",
        ),
        pytest.param(
            [], {"deleteTab": {"tabId": "t.0"}}, "Invalid requests[0].deleteTab", id="the last tab"
        ),
        pytest.param(
            [],
            insert(0, "x", tabId="t.9"),
            "Invalid requests[0].insertText: Tab with ID t.9",
            id="no such tab",
        ),
        pytest.param(
            [],
            {"flyAway": {}},
            "Invalid requests[0].flyAway: Each request must set",
            id="no such request",
        ),
    ],
)
def test_what_does_not_fit_is_refused_as_google_does(
    docs: FakeDocs,
    doc: FakeDocument,
    before: list[dict[str, Any]],
    request_: dict[str, Any],
    message: str,
) -> None:
    docs.update(doc, {"requests": before})

    assert refused(docs, doc, request_).startswith(message)


def test_one_bad_request_undoes_the_whole_batch(docs: FakeDocs, doc: FakeDocument) -> None:
    message = refused(docs, doc, insert(1, "kept?"), insert(99, "x"))

    assert message.startswith("Invalid requests[1].insertText")
    assert doc.text() == "\n"


def test_a_stale_revision_is_refused(docs: FakeDocs, doc: FakeDocument) -> None:
    old = doc.revision_id
    docs.update(doc, {"requests": [insert(1, "x")]})

    with pytest.raises(Refusal, match="required revision ID") as caught:
        docs.update(
            doc, {"requests": [insert(1, "y")], "writeControl": {"requiredRevisionId": old}}
        )

    assert caught.value.status == 400
    assert doc.text() == "x\n"


def test_an_emoji_is_two_indices(docs: FakeDocs, doc: FakeDocument) -> None:
    docs.update(doc, {"requests": [insert(1, "a😀b"), insert(4, "|")]})

    assert doc.text() == "a😀|b\n"
    assert content(doc)[1]["endIndex"] == 7


def test_a_table_has_the_indices_that_google_gives_it(docs: FakeDocs, doc: FakeDocument) -> None:
    docs.update(doc, {"requests": [TABLE]})

    _, before, table, after = content(doc)
    rows = table["table"]["tableRows"]
    places = [(cell["startIndex"], cell["endIndex"]) for row in rows for cell in row["tableCells"]]
    assert (before["startIndex"], before["endIndex"]) == (1, 2)
    assert (table["startIndex"], table["endIndex"]) == (2, 14)
    assert places == [(4, 6), (6, 8), (9, 11), (11, 13)]
    assert (after["startIndex"], after["endIndex"]) == (14, 15)


def test_bullets_take_the_leading_tabs_away(docs: FakeDocs, doc: FakeDocument) -> None:
    bullets = {
        "range": {"startIndex": 1, "endIndex": 6}, "bulletPreset": "BULLET_DISC_CIRCLE_SQUARE",
    }  # fmt: skip
    docs.update(doc, {"requests": [insert(1, "a\n\tb"), {"createParagraphBullets": bullets}]})

    first, second = content(doc)[1:]
    assert doc.text() == "a\nb\n"
    assert "nestingLevel" not in first["paragraph"]["bullet"]
    assert second["paragraph"]["bullet"]["nestingLevel"] == 1


def test_control_and_private_characters_are_stripped(docs: FakeDocs, doc: FakeDocument) -> None:
    docs.update(doc, {"requests": [insert(1, "a\x00\x0c\ue000b\x0bc")]})

    assert doc.text() == "ab\x0bc\n"


def test_a_suggestion_is_seen_three_ways(docs: FakeDocs, doc: FakeDocument) -> None:
    docs.update(doc, {"requests": [insert(1, "old")]})
    answer = docs.update(
        doc,
        {"requests": [insert(4, "new"), delete(1, 4)], "writeControl": {"writeMode": "SUGGEST"}},
    )

    def text(view: str) -> str:
        body = document(doc, view, tabs=False)["body"]["content"][1]
        return "".join(one["textRun"]["content"] for one in body["paragraph"]["elements"])

    assert len(answer["suggestionResponses"][0]["createdSuggestionIds"]) == 1
    assert text("SUGGESTIONS_INLINE") == "oldnew\n"
    assert text("PREVIEW_SUGGESTIONS_ACCEPTED") == "new\n"
    assert text("PREVIEW_WITHOUT_SUGGESTIONS") == "old\n"


def test_a_document_is_a_file_of_its_owner() -> None:
    class Files:
        def __init__(self) -> None:
            self.added: list[tuple[str, str, str, str]] = []

        def add(self, id: str, name: str, mime_type: str, owner: str) -> None:
            self.added.append((id, name, mime_type, owner))

        def rename(self, id: str, name: str) -> None:
            raise AssertionError(id, name)

        def remark(self, id: str, comment: str, by: str, quote: str, said: str) -> None:
            raise AssertionError(id, comment, by, quote, said)

    files = Files()
    FakeDocs(count(1).__next__, files).add(ME, "Plan", "1plan")

    assert files.added == [("1plan", "Plan", "application/vnd.google-apps.document", ME)]


def test_others_may_read_or_write_only_when_it_is_shared(docs: FakeDocs, doc: FakeDocument) -> None:
    with pytest.raises(Refusal) as hidden:
        docs.find(doc.id, "bo@example.com")
    doc.readers.add("bo@example.com")

    assert docs.find(doc.id, "bo@example.com") is doc
    with pytest.raises(Refusal) as read_only:
        docs.find(doc.id, "bo@example.com", writing=True)
    assert (hidden.value.status, read_only.value.status) == (404, 403)


def test_the_sample_company_has_documents_that_are_saved_as_they_are() -> None:
    now = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    world = load(None, now=now)

    saved = dump(world)

    titles = [doc.title for doc in world.documents.documents.values()]
    assert titles[:3] == [
        "Supply contract Harbor Café (draft)", "Team meeting notes", "Brewing handbook",
    ]  # fmt: skip
    assert set(titles) <= {file.name for file in world.files.files.values()}
    written = json.loads(saved)["docs"]
    company = json.loads(files("workspace_mcp.demo").joinpath("company.json").read_text("utf-8"))
    assert written[0]["tabs"][0]["markdown"] == company["docs"][0]["markdown"]
    assert [tab["title"] for tab in written[1]["tabs"]] == ["November", "Ideas"]
