"""Reading documents: Markdown, outline, sections, tabs, suggestions, comments."""

import re
from typing import Any

import pytest

from tests.conftest import Model
from tests.services.docs.written import fill, made, read, suggest
from tests.services.faults import Faults
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.world import World


async def test_a_document_is_shown_as_markdown_with_its_revision(
    model: Model, docs: FakeDocs
) -> None:
    doc = made(docs, "# One\n\nSome **bold** text.")

    assert await model.call("docs_read", doc="1plan") == (
        f'"Plan" [1plan], revision {doc.revision_id}\n--- doc 7f3a00 ---\n# One\n\nSome **bold** text.\n'
        "--- end 7f3a00 ---"
    )


async def test_an_empty_document_says_so(model: Model, docs: FakeDocs) -> None:
    made(docs, "")

    assert (await model.call("docs_read", doc="1plan")).endswith("There is no text here.")


@pytest.mark.parametrize(
    "section", ["Two", "## Two", "#2", "two"], ids=["text", "markdown", "number", "case"]
)
async def test_a_section_ends_where_the_next_begins(
    model: Model, docs: FakeDocs, section: str
) -> None:
    made(docs, "# One\n\na\n\n## Two\n\nb\n\n### Deep\n\nc\n\n# Three\n\nd")

    said = await model.call("docs_read", doc="1plan", section=section)

    assert "\n## Two\n\nb\n\n### Deep\n\nc\n---" in said


async def test_an_unknown_heading_says_how_to_find_it(model: Model, docs: FakeDocs) -> None:
    made(docs, "# One")

    failure = await model.call_failing("docs_read", doc="1plan", section="Four")

    assert failure.startswith("No heading of this tab has that text.\ndocs_read view=outline")


async def test_tabs_headers_and_footnotes_are_read(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "first")
    requests = [
        {"addDocumentTab": {"tabProperties": {"title": "Notes"}}},
        {"createHeader": {"type": "DEFAULT"}},
    ]
    replies = docs.update(doc, {"requests": requests})["replies"]
    header = replies[1]["createHeader"]["headerId"]
    where = {"segmentId": header, "index": 0}
    docs.update(doc, {"requests": [{"insertText": {"location": where, "text": "Top"}}]})
    key = read(doc).tabs[1].id
    fill(docs, doc, "second", key)

    whole = await model.call("docs_read", doc="1plan")
    notes = await model.call(
        "docs_read", doc=f"https://docs.google.com/document/d/1plan/edit?tab={key}"
    )

    assert f'Tabs: t.0 "Tab 1"; {key} "Notes"\n--- header 7f3a00 ---\nTop\n---' in whole
    assert "--- doc 7f3a00 ---\nfirst\n---" in whole
    assert "--- doc 7f3a00 ---\nsecond\n---" in notes


@pytest.mark.parametrize(
    ("view", "text"),
    [("inline", "{++so ++}one {--two--}"), ("accepted", "so one"), ("rejected", "one two")],
)
async def test_suggestions_are_inline_accepted_or_rejected(
    model: Model, docs: FakeDocs, view: str, text: str
) -> None:
    doc = made(docs, "one two")
    suggest(docs, doc, {"deleteContentRange": {"range": {"startIndex": 5, "endIndex": 8}}})
    suggest(docs, doc, {"insertText": {"location": {"index": 1}, "text": "so "}})

    said = await model.call("docs_read", doc="1plan", suggestions=view)

    assert f"---\n{text}\n---" in said


async def test_comments_stand_where_their_text_is(
    model: Model, docs: FakeDocs, faults: Faults
) -> None:
    made(docs, "Pay **100 EUR** soon.")
    comment = {
        "id": "AAA", "content": "Too much?", "author": {"displayName": "Bo"},
        "quotedFileContent": {"value": "100 EUR"}, "replies": [{"content": "No.", "author": {"displayName": "Ana"}}],
    }  # fmt: skip
    done = {**comment, "id": "BBB", "resolved": True}
    faults.answers["/drive/v3/files/1plan/comments"] = {"comments": [comment, done]}

    said = await model.call("docs_read", doc="1plan", comments=True)

    assert "\nPay **100 EUR**[comment AAA] soon.\n" in said
    assert "--- comments 7f3a00 ---\n[AAA] Bo: Too much?\n  Ana: No.\n---" in said


async def test_an_outline_goes_on_where_it_ended(model: Model, docs: FakeDocs) -> None:
    """Also where the rest of the headings would fit with those below them."""
    parts = [f"# Chapter {n:02} {'long title ' * 4}" for n in range(30)]
    parts[3] += "\n\n" + "\n\n".join(f"## Below {n} {'long title ' * 4}" for n in range(6))
    made(docs, "\n\n".join(parts))

    said, pages, offset = "", 0, 0
    while True:
        answer = await model.call("docs_read", doc="1plan", view="outline", offset=offset)
        said, pages = said + answer, pages + 1
        more = re.search(r"offset=(\d+)", answer)
        if more is None:
            break
        offset = int(more[1])

    assert pages > 1
    assert [said.count(f"# Chapter {n:02} ") for n in range(30)] == [1] * 30


async def test_comments_come_with_the_piece_that_they_are_about(
    model: Model, docs: FakeDocs, faults: Faults
) -> None:
    text = "\n\n".join(f"Clause {n}: {'word ' * 20}" for n in range(40))
    await model.call("docs_create", title="Long", markdown=text)
    (doc,) = docs.documents.values()
    faults.answers[f"/drive/v3/files/{doc.id}/comments"] = {
        "comments": [
            _comment("FIRST", "Clause 1:"), _comment("LAST", "Clause 39:"), _comment("ALL", ""),
        ]
    }  # fmt: skip

    first = await model.call("docs_read", doc=doc.id, comments=True, offset=0, limit=2000)
    last = await model.call("docs_read", doc=doc.id, comments=True, offset=3000)

    assert ("[FIRST] Bo" in first, "[ALL] Bo" in first, "[LAST] Bo" in first) == (True, True, False)
    assert ("[FIRST] Bo" in last, "[ALL] Bo" in last, "[LAST] Bo" in last) == (False, False, True)


async def test_many_comments_are_cut_and_said_to_be(
    model: Model, docs: FakeDocs, faults: Faults
) -> None:
    await model.call("docs_create", title="Plan", markdown="One.")
    (doc,) = docs.documents.values()
    found = [_comment(f"C{n}", "One") for n in range(300)]
    faults.answers[f"/drive/v3/files/{doc.id}/comments"] = {"comments": found}

    said = await model.call("docs_read", doc=doc.id, comments=True)

    assert len(said.encode()) < 10_000
    assert (
        said.count("] Bo: ") + int(said.split(" more comments on this text")[0].rsplit("\n")[-1])
        == 300
    )


def _comment(key: str, quote: str) -> dict[str, Any]:
    quoted = {"quotedFileContent": {"value": quote}} if quote else {}
    return {"id": key, "content": "Hm.", "author": {"displayName": "Bo"}, **quoted}


def long_text(pages: int) -> str:
    words = "All work and no play makes for a long report about coffee. " * 5
    return "\n\n".join(
        f"# Chapter {n}\n\n{words}\n\n"
        + "\n\n".join(f"## Part {n}.{m}\n\n{words}" for m in range(5))
        for n in range(1, pages + 1)
    )


async def test_a_title_above_many_chapters_is_no_outline(model: Model, docs: FakeDocs) -> None:
    chapters = "\n\n".join(f"## Chapter {n}\n\n### Aim\n\n{'text ' * 30}" for n in range(1, 200))
    made(docs, f"# Book\n\n{chapters}")

    whole = await model.call("docs_read", doc="1plan")
    rest = await model.call("docs_read", doc="1plan", view="outline", offset=100)
    part = await model.call("docs_read", doc="1plan", view="outline", section="Chapter 7")

    assert "#1 # Book (" in whole
    assert "#2 ## Chapter 1 (" in whole
    assert "more headings: view=outline offset=" in whole
    assert "view=outline section=#number shows a section's" in whole
    assert len(whole.encode()) <= 2_000
    assert "## Chapter 100 (" in rest
    assert [line.partition(" (")[0] for line in part.splitlines()[2:4]] == [
        "#14 ## Chapter 7", "#15 ### Aim",
    ]  # fmt: skip


async def test_200_pages_are_an_outline_and_a_section_costs_two_requests(
    model: Model, docs: FakeDocs, world: World
) -> None:
    doc = made(docs, long_text(200))

    outline = await model.call("docs_read", doc="1plan")
    before = len(world.requests)
    await model.call("docs_edit", doc="1plan", edits=[{"section": "Part 150.3", "new": "Short."}])

    assert len(outline.encode()) <= 2_000
    assert "#1 # Chapter 1 (" in outline
    assert "more headings: view=outline offset=" in outline
    asked = world.requests[before:]
    assert [method for method, _, _ in asked] == ["GET", "POST"]
    assert "fields=" in asked[0][2]
    assert "Part 150.3\nShort.\nPart 150.4\n" in doc.text()


async def test_a_long_text_goes_on_where_it_was_cut(model: Model, docs: FakeDocs) -> None:
    made(docs, "\n\n".join(f"Paragraph {n}. " + "x" * 90 for n in range(40)))

    first = await model.call("docs_read", doc="1plan", offset=0, limit=2000)
    more = first.rsplit("offset=", 1)[1].split(" ", 1)[0]
    second = await model.call("docs_read", doc="1plan", offset=int(more), limit=2000)

    assert "more characters: offset=" in first
    last = [line for line in first.split("\n") if line.startswith("Paragraph")][-1]
    number = int(last.split(".")[0].removeprefix("Paragraph "))
    assert f"---\nParagraph {number + 1}." in second


async def test_a_document_of_somebody_else_is_not_found(model: Model) -> None:
    failure = await model.call_failing("docs_read", doc="1none")

    assert failure.startswith("Google has no such item, or me@example.com may not see it.")


async def test_chips_are_read_and_people_are_put_in(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "by")
    link = {"uri": "https://docs.google.com/document/d/1x/edit", "title": "The [file]"}
    day = {"timestamp": "2026-11-20T00:00:00Z", "displayText": "20 Nov 2026"}
    docs.update(doc, {"requests": [
        {"insertRichLink": {"location": {"index": 1}, "richLinkProperties": link}},
        {"insertDate": {"location": {"index": 1}, "dateElementProperties": day}},
    ]})  # fmt: skip
    await model.call(
        "docs_format", doc="1plan", actions=[{"do": "person", "value": "bo@example.com"}]
    )

    said = await model.call("docs_read", doc="1plan")

    assert (
        "20 Nov 2026[The \\[file\\]](https://docs.google.com/document/d/1x/edit)by"
        "[bo@example.com](mailto:bo@example.com)" in said
    )


async def test_colours_are_told_when_asked(model: Model, docs: FakeDocs) -> None:
    made(docs, "red **and bold** text [link](https://x.example)\n\n| a |\n| --- |\n| cell |")
    await model.call(
        "docs_format", doc="1plan",
        actions=[
            {"do": "style", "text": "red and", "css": "color:#f00"},
            {"do": "style", "text": "cell", "css": "color:#00ff7f"},
        ],
    )  # fmt: skip

    plain = await model.call("docs_read", doc="1plan")
    told = await model.call("docs_read", doc="1plan", colors=True)

    assert "[color" not in plain
    assert "red **and**[color #ff0000] **bold** text [link](https://x.example)\n" in told
    assert "| cell[color #00ff7f] |" in told
