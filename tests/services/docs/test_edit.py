"""Editing by exact text: what was asked for changes, everything else stays."""

from typing import Any

import pytest

from tests.conftest import Model
from tests.services.docs.written import fill, made, read, shown, suggest
from tests.services.faults import Faults
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.world import World

FEES = "The fee is **100 EUR** per month, due on *1 March 2026*.\n\n- monthly\n- by transfer"
ENDING = "Either side may end it.\n\n| Who | What |\n| --- | --- |\n| Ana | signs |\n| Bo | pays |"
CONTRACT = """# Contract

Between **Northlight** and Harbor.

## Fees

The fee is **100 EUR** per month, due on *1 March 2026*.

- monthly
- by transfer

## End

Either side may end it.

| Who | What |
| --- | --- |
| Ana | signs |
| Bo | pays |"""


def edits(**edit: Any) -> list[dict[str, Any]]:
    return [edit]


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        pytest.param(
            {"old": "100 EUR", "new": "250 EUR"}, "**100 EUR**", "**250 EUR**", id="keeps bold"
        ),
        pytest.param(
            {"old": "fee is", "new": "price was"}, "The fee is", "The price was", id="plain"
        ),
        pytest.param(
            {"old": "**100 EUR** per", "new": "100 EUR per"},
            "**100 EUR**",
            "100 EUR",
            id="marks taken away",
        ),
        pytest.param(
            {"old": "per month", "new": "per *month*"}, "per month", "per *month*", id="marks added"
        ),
        pytest.param({"old": " per month", "new": ""}, " per month", "", id="removed"),
        pytest.param(
            {"old": "pays", "new": "pays 👩🏽‍🚀 first"}, "pays", "pays 👩🏽‍🚀 first", id="in a cell"
        ),
        pytest.param({"old": "- monthly\n", "new": ""}, "- monthly\n", "", id="a list item goes"),
        pytest.param(
            {"old": "by transfer", "new": "## By transfer"},
            "- by transfer",
            "\n## By transfer",
            id="paragraph to heading",
        ),
        pytest.param(
            {"old": "Either side", "new": "Ana\n\nEither side"},
            "Either",
            "Ana\n\nEither",
            id="a paragraph more",
        ),
        pytest.param(
            {"after": "Fees", "new": "See **below**."},
            "## Fees\n",
            "## Fees\n\nSee **below**.\n",
            id="after heading",
        ),
        pytest.param(
            {"before": "## End", "new": "1. one\n2. two"},
            "## End",
            "1. one\n2. two\n\n## End",
            id="before heading",
        ),
        pytest.param(
            {"after": "monthly", "new": "- or weekly"},
            "- monthly",
            "- monthly\n- or weekly",
            id="a list item more",
        ),
        pytest.param(
            {"after": "Bo", "new": "B. Lind"}, "| Bo |", "| Bo<br>B. Lind |", id="in a cell after"
        ),
        pytest.param(
            {"old": "Either side may end it.", "new": ""},
            "Either side may end it.\n\n",
            "",
            id="paragraph gone",
        ),
        pytest.param({"old": "pays", "new": ""}, "pays", "", id="last paragraph gone"),
        pytest.param({"section": "Fees", "new": "Nothing."}, FEES, "Nothing.", id="section"),
        pytest.param(
            {"section": "## Fees", "new": "## Price\n\nNone."},
            f"## Fees\n\n{FEES}",
            "## Price\n\nNone.",
            id="section with its heading",
        ),
        pytest.param(
            {"section": "#3", "new": "It ends."}, ENDING, "It ends.", id="last section with a table"
        ),
        pytest.param(
            {"new": "Signed.\n\n| a |\n| --- |\n| b |"},
            "| Bo | pays |",
            "| Bo | pays |\n\nSigned.\n\n| a |\n| --- |\n| b |",
            id="appended",
        ),
        pytest.param(
            {"old": "Between **Northlight** and Harbor.\n\n## Fees", "new": "Between us."},
            "Between **Northlight** and Harbor.\n\n## Fees",
            "Between us.",
            id="paragraphs joined",
        ),
    ],
)
@pytest.mark.parametrize("merging", ["first", "last"])
async def test_only_what_was_asked_for_changes(
    model: Model, docs: FakeDocs, edit: dict[str, Any], before: str, after: str, merging: Any
) -> None:
    docs.merging = merging
    doc = made(docs, CONTRACT)
    assert CONTRACT.count(before) == 1

    await model.call("docs_edit", doc="1plan", edits=[edit])

    assert shown(doc) == CONTRACT.replace(before, after)


async def test_several_edits_are_one_batch_after_one_read(
    model: Model, docs: FakeDocs, world: World
) -> None:
    doc = made(docs, CONTRACT)
    before = len(world.requests)

    said = await model.call(
        "docs_edit", doc="https://docs.google.com/document/d/1plan/edit#heading=h.1",
        edits=[{"old": "100 EUR", "new": "90 EUR"}, {"old": "2026", "new": "2027"}, {"new": "Amen."}],
    )  # fmt: skip

    assert [(method, path) for method, path, _ in world.requests[before:]] == [
        ("GET", "/v1/documents/1plan"),
        ("POST", "/v1/documents/1plan:batchUpdate"),
    ]
    assert "**90 EUR**" in shown(doc)
    assert "*1 March 2027*" in shown(doc)
    assert said == (
        "Changed 3 places.\n--- changes 7f3a00 ---\n- 100 EUR\n+ 90 EUR\n- 2026\n+ 2027\n+ Amen.\n"
        f"--- end 7f3a00 ---\nrevision {doc.revision_id}"
    )


async def test_a_text_that_is_there_twice_is_named_with_its_places(
    model: Model, docs: FakeDocs
) -> None:
    doc = made(docs, "# A\n\none two\n\n# B\n\none two")

    failure = await model.call_failing(
        "docs_edit", doc="1plan", edits=edits(old="two", new="three")
    )

    assert failure == (
        "edits[0]: The text is there 2 times:\n1: tab t.0, section #1, paragraph 2\n"
        "2: tab t.0, section #2, paragraph 2\n"
        "Give more of the text around it, or nth, or all=true."
    )
    assert "three" not in doc.text()


@pytest.mark.parametrize(
    ("more", "after"),
    [({"nth": 2}, "a b\n\na c"), ({"all": True}, "a c\n\na c")],
    ids=["nth", "all"],
)
async def test_one_of_several_or_all(
    model: Model, docs: FakeDocs, more: dict[str, Any], after: str
) -> None:
    doc = made(docs, "a b\n\na b")

    await model.call("docs_edit", doc="1plan", edits=[{"old": "b", "new": "c", **more}])

    assert shown(doc) == after


async def test_a_text_that_is_not_there_changes_nothing(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one")

    failure = await model.call_failing(
        "docs_edit", doc="1plan", edits=[{"old": "one", "new": "two"}, {"old": "four", "new": "x"}]
    )

    assert failure.startswith("edits[1]: The document does not have this text.")
    assert shown(doc) == "one"


async def test_edits_that_touch_each_other_are_refused(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one two three")

    failure = await model.call_failing(
        "docs_edit", doc="1plan",
        edits=[{"old": "one two", "new": "x"}, {"old": "two three", "new": "y"}],
    )  # fmt: skip

    assert failure.startswith("Two edits change the same text.")
    assert shown(doc) == "one two three"


async def test_another_revision_than_was_read_is_refused(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one")
    old = doc.revision_id
    await model.call("docs_edit", doc="1plan", edits=edits(old="one", new="two"))

    failure = await model.call_failing(
        "docs_edit", doc="1plan", edits=edits(old="two", new="three"), revision=old
    )

    assert failure.startswith("The document changed since it was read. Nothing was written.")
    assert shown(doc) == "two"


async def test_a_change_between_reading_and_writing_is_no_wrong_edit(
    model: Model, docs: FakeDocs, faults: Faults
) -> None:
    doc = made(docs, "one two")

    def meanwhile(method: str) -> None:
        if method == "POST":
            faults.before = lambda _: None
            docs.update(
                doc, {"requests": [{"insertText": {"location": {"index": 1}, "text": "so "}}]}
            )

    faults.before = meanwhile
    failure = await model.call_failing("docs_edit", doc="1plan", edits=edits(old="two", new="six"))

    assert failure.startswith("The document changed since it was read. Nothing was written.")
    assert shown(doc) == "so one two"


async def test_a_dry_run_shows_before_and_after(model: Model, docs: FakeDocs, world: World) -> None:
    doc = made(docs, "one two")

    said = await model.call(
        "docs_edit", doc="1plan", edits=edits(old="two", new="six"), dry_run=True
    )

    assert said == (
        "Would change 1 place. Nothing was changed: dry_run.\n--- changes 7f3a00 ---\n- two\n+ six\n"
        f"--- end 7f3a00 ---\nrevision {doc.revision_id}"
    )
    assert [method for method, _, _ in world.requests] == ["GET"]


async def test_all_tabs_are_sought_and_one_can_be_chosen(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "here")
    docs.update(doc, {"requests": [{"addDocumentTab": {"tabProperties": {"title": "Notes"}}}]})
    fill(docs, doc, "there", read(doc).tabs[1].id)

    await model.call("docs_edit", doc="1plan", edits=edits(old="there", new="THERE"))
    await model.call("docs_edit", doc="1plan", edits=edits(new="end"), tab="notes")

    assert (shown(doc, 0), shown(doc, 1)) == ("here", "THERE\n\nend")


async def test_a_footnote_is_written_and_filled(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one")

    await model.call("docs_edit", doc="1plan", edits=edits(new="two[^a]\n\n[^a]: The **note**."))

    assert shown(doc) == "one\n\ntwo[^1]\n\n[^1]: The **note**."


async def test_all_places_are_those_that_do_not_overlap(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "x----- y-- z")

    said = await model.call("docs_edit", doc="1plan", edits=edits(old="--", new="+", all=True))

    assert said.startswith("Changed 3 places.")
    assert shown(doc) == "x++- y+ z"


async def test_several_edits_bring_footnotes(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one\n\ntwo\n\nthree")

    said = await model.call(
        "docs_edit",
        doc="1plan",
        edits=[
            {"after": "one", "new": "x[^a]\n\n[^a]: First."},
            {"after": "two", "new": "y[^a] z[^b]\n\n[^a]: Second.\n[^b]: Third."},
        ],
    )

    assert shown(doc) == (
        "one\n\nx[^1]\n\ntwo\n\ny[^2] z[^3]\n\nthree\n\n[^1]: First.\n[^2]: Second.\n[^3]: Third."
    )
    assert said.endswith(f"revision {doc.revision_id}")


async def test_a_suggestion_is_proven_and_leaves_the_text(
    model: Model, docs: FakeDocs, world: World
) -> None:
    doc = made(docs, "one two")

    said = await model.call(
        "docs_edit", doc="1plan", edits=edits(old="two", new="three"), mode="suggest"
    )

    assert said.startswith("Suggested changes in 1 place;")
    assert shown(doc) == "one {++three++}{--two--}".replace(
        "three++}{--two", "hree++}{--wo"
    ).replace("one ", "one t")
    assert [one.title for one in docs.documents.values()] == [
        "Plan", "Scratch (workspace-mcp: do suggestions work? can be deleted)",
    ]  # fmt: skip
    asked = len(world.requests)
    await model.call("docs_edit", doc="1plan", edits=edits(old="one", new="1"), mode="suggest")
    assert len(world.requests) - asked == 2


@pytest.mark.parametrize("suggesting", ["applied", "refused"])
async def test_where_suggestions_do_not_work_nothing_is_written(
    model: Model, docs: FakeDocs, suggesting: Any
) -> None:
    docs.suggesting = suggesting
    doc = made(docs, "one two")

    failure = await model.call_failing(
        "docs_edit", doc="1plan", edits=edits(old="two", new="three"), mode="suggest"
    )

    assert failure.startswith("Google does not take suggestions from this sign-in")
    assert (shown(doc), doc.revision) == ("one two", 2)


async def test_text_that_is_suggested_away_is_not_found(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one two two")
    suggest(docs, doc, {"deleteContentRange": {"range": {"startIndex": 5, "endIndex": 9}}})

    await model.call("docs_edit", doc="1plan", edits=edits(old="two", new="six"))

    assert shown(doc) == "one {--two --}six"


async def test_all_of_a_tab_is_written_anew(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "# Old\n\n- a\n- b\n\n| x |\n| --- |\n| y |\n\n1. last")

    await model.call(
        "docs_edit", doc="1plan", edits=[{"section": "*", "new": "# New\n\ntext\n\n- item"}]
    )

    assert shown(doc) == "# New\n\ntext\n\n- item"


async def test_a_named_range_is_written_anew(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one **two** three")
    await model.call(
        "docs_format", doc="1plan", actions=[{"do": "name", "text": "two", "value": "place"}]
    )

    await model.call("docs_edit", doc="1plan", edits=[{"section": "place", "new": "zwei"}])

    assert shown(doc) == "one **zwei** three"


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("due 2. Mai 2026 at noon", "2. Mai 2026", "1. Januar 2027", "due 1. Januar 2027 at noon"),
        ("2\\. Mai 2026", "2. Mai 2026", "1. Januar 2027", "1\\. Januar 2027"),
        ("a - b", "- b", "+ c", "a + c"),
        ("cost", "cost", "1. cost", "1. cost"),
        ("see # 5", "# 5", "# 6", "see # 6"),
    ],
)
async def test_a_piece_of_a_line_stays_text_whatever_it_starts_with(
    model: Model, docs: FakeDocs, text: str, old: str, new: str, after: str
) -> None:
    doc = made(docs, text)

    await model.call("docs_edit", doc="1plan", edits=[{"old": old, "new": new}])

    assert shown(doc) == after


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        ("- monthly", "- each month", "- each month\n- by **transfer**"),
        ("- monthly", "- by the *month*", "- by the *month*\n- by **transfer**"),
        ("- by **transfer**", "- by **cheque**", "- monthly\n- by **cheque**"),
        ("- by", "- with", "- monthly\n- with **transfer**"),
        ("- monthly", "1. monthly", "1. monthly\n\n- by **transfer**"),
    ],
)
async def test_an_item_named_with_its_mark_keeps_one_mark(
    model: Model, docs: FakeDocs, old: str, new: str, after: str
) -> None:
    doc = made(docs, "- monthly\n- by **transfer**")

    await model.call("docs_edit", doc=doc.id, edits=edits(old=old, new=new))

    assert shown(doc) == after


async def test_rows_of_a_table_are_told_how_cells_are_edited(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, CONTRACT)

    failure = await model.call_failing(
        "docs_edit", doc=doc.id, edits=edits(old="| Ana | signs |", new="| Ana | pays |")
    )

    assert "A table is edited cell by cell" in failure


async def test_text_in_headers_and_footnotes_is_edited(model: Model, docs: FakeDocs) -> None:
    made(docs, "body")
    await model.call(
        "docs_format", doc="1plan",
        actions=[{"do": "header", "value": "Draft of May"}, {"do": "footnote", "text": "body", "value": "See May."}],
    )  # fmt: skip

    await model.call(
        "docs_edit", doc="1plan",
        edits=[{"old": "Draft of May", "new": "Final"}, {"old": "See May", "new": "See **June**"}],
    )  # fmt: skip

    said = await model.call("docs_read", doc="1plan")
    assert "--- header 7f3a00 ---\nFinal\n" in said
    assert "[^1]: See **June**." in said


async def test_a_word_in_two_cases_is_replaced_in_one_call(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "Fee and fee, FEE")

    await model.call(
        "docs_edit", doc="1plan",
        edits=[{"old": old, "new": "price", "all": True} for old in ("Fee", "fee", "FEE")],
    )  # fmt: skip

    assert shown(doc) == "price and price, price"
