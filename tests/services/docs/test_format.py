"""Styles, tables, images, headers, breaks, footnotes, tabs: by text, heading and number."""

from typing import Any

import pytest

from tests.conftest import Model
from tests.services.docs.acting import BORDER, PT, TABLE, TEXT, act
from tests.services.docs.written import made, read, shown
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.world import World
from workspace_mcp.formats.docs.model import paragraphs


def styles(doc: FakeDocument, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The paragraph's and the text's style where `text` stands."""
    for one in paragraphs(read(doc).tabs[0].body.blocks):
        for run in one.runs:
            if text in run.text:
                return dict(one.style), dict(run.style)
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        pytest.param(
            {"do": "style", "text": "first", "css": "font-weight:bold"},
            "first words",
            "**first** words",
            id="bold",
        ),
        pytest.param(
            {"do": "style", "text": "words", "all": True, "css": "font-style: italic;"},
            "first words\n\nlast words",
            "first *words*\n\nlast *words*",
            id="all of them",
        ),
        pytest.param(
            {"do": "style", "text": "last words", "style": "h2"},
            "last words",
            "## last words",
            id="named style",
        ),
        pytest.param(
            {"do": "style", "heading": "One", "style": "title"},
            "# One",
            "# One {.title}",
            id="heading to title",
        ),
        pytest.param(
            {"do": "style", "text": "first", "value": "https://x.example"},
            "first words",
            "[first](https://x.example) words",
            id="link",
        ),
        pytest.param(
            {"do": "list", "text": "first words"}, "first words", "- first words", id="bullet"
        ),
        pytest.param(
            {"do": "list", "text": "first", "kind": "number"},
            "first words",
            "1. first words",
            id="number",
        ),
        pytest.param(
            {"do": "list", "text": "first", "kind": "check"},
            "first words",
            "- [ ] first words",
            id="check box",
        ),
        pytest.param(
            {"do": "cell", "row": 2, "column": 1, "value": "**x**"},
            "| 1 | 2 |",
            "| **x** | 2 |",
            id="cell",
        ),
        pytest.param(
            {"do": "add_rows", "rows": [["5", "6"], ["7"]]},
            "| 3 | 4 |",
            "| 3 | 4 |\n| 5 | 6 |\n| 7 |  |",
            id="rows at the end",
        ),
        pytest.param(
            {"do": "add_rows", "row": 1, "rows": [["👩🏽‍🚀", "0"]]},
            "| 1 | 2 |",
            "| 👩🏽‍🚀 | 0 |\n| 1 | 2 |",
            id="row in between",
        ),
        pytest.param(
            {"do": "delete_rows", "row": 2, "count": 2}, "\n| 1 | 2 |\n| 3 | 4 |", "", id="rows go"
        ),
        pytest.param(
            {"do": "add_columns", "column": 1, "rows": [["**n**"], ["x"], ["y"]]},
            TABLE,
            "| a | n | b |\n| --- | --- | --- |\n| 1 | x | 2 |\n| 3 | y | 4 |",
            id="column",
        ),
        pytest.param(
            {"do": "delete_columns", "column": 2},
            TABLE,
            "| a |\n| --- |\n| 1 |\n| 3 |",
            id="column goes",
        ),
        pytest.param(
            {"do": "merge", "row": 2, "column": 1, "columns": 2},
            "| 1 | 2 |",
            "| 1<br>2 |  |",
            id="merged",
        ),
        pytest.param(
            {"do": "table", "text": "last words", "rows": [["p", "q"], ["r"]]},
            "last words",
            "last words\n\n| p | q |\n| --- | --- |\n| r |  |",
            id="new table",
        ),
        pytest.param(
            {"do": "image", "text": "first words", "value": "https://x.example/a.png"},
            "first words",
            "first words![](https://x.example/a.png)",
            id="image by address",
        ),
        pytest.param(
            {"do": "person", "text": "first words", "value": "bo@example.com"},
            "first words",
            "first words[bo@example.com](mailto:bo@example.com)",
            id="person",
        ),
        pytest.param(
            {"do": "footnote", "text": "first words", "value": "A *note*."},
            "end",
            "end\n\n[^1]: A *note*.",
            id="footnote",
        ),
        pytest.param(
            {"do": "page_break", "text": "last words"},
            "last words",
            "last words\n\n<!-- page break -->",
            id="page break",
        ),
        pytest.param({"do": "section_break", "text": "last words"}, "", "", id="section break"),
    ],
)
async def test_an_action_changes_what_it_names(
    model: Model, docs: FakeDocs, action: dict[str, Any], before: str, after: str
) -> None:
    doc = made(docs, TEXT)

    said = await act(model, action)

    expected = TEXT.replace(before, after, 1) if before else TEXT
    if action["do"] == "footnote":
        expected = expected.replace("first words", "first words[^1]")
    assert shown(doc) == expected
    assert said == f"Done: {action['do']}.\nrevision {doc.revision_id}"


@pytest.mark.parametrize(
    ("given", "kind", "name", "value"),
    [
        (
            {"css": "color:#F00"},
            1,
            "foregroundColor",
            {"color": {"rgbColor": {"red": 1.0, "green": 0.0, "blue": 0.0}}},
        ),
        (
            {"css": "background:white"},
            1,
            "backgroundColor",
            {"color": {"rgbColor": {"red": 1.0, "green": 1.0, "blue": 1.0}}},
        ),
        (
            {"css": "font-family:'Lato', sans-serif"},
            1,
            "weightedFontFamily",
            {"fontFamily": "Lato"},
        ),
        ({"css": "font-size:18pt"}, 1, "fontSize", {"magnitude": 18.0, "unit": "PT"}),
        ({"css": "text-decoration:underline"}, 1, "underline", True),
        ({"css": "text-decoration:line-through"}, 1, "strikethrough", True),
        ({"css": "text-align:center"}, 0, "alignment", "CENTER"),
        ({"css": "line-height:150%"}, 0, "lineSpacing", 150.0),
        ({"css": "margin-top:16px"}, 0, "spaceAbove", {"magnitude": 12.0, "unit": "PT"}),
        ({"css": "margin-bottom:6"}, 0, "spaceBelow", {"magnitude": 6.0, "unit": "PT"}),
        ({"css": "margin-left:0.5in"}, 0, "indentStart", {"magnitude": 36.0, "unit": "PT"}),
    ],
)
async def test_a_style_is_set(
    model: Model, docs: FakeDocs, given: dict[str, Any], kind: int, name: str, value: Any
) -> None:
    doc = made(docs, TEXT)

    await act(model, {"do": "style", "text": "first words", **given})

    assert styles(doc, "first words")[kind][name] == value


async def test_a_header_is_made_changed_and_taken_away(model: Model, docs: FakeDocs) -> None:
    made(docs, "x")

    await act(model, {"do": "header", "value": "**Top**"}, {"do": "footer", "value": "Bottom"})
    first = await model.call("docs_read", doc="1plan")
    await act(model, {"do": "header", "value": "Other"}, {"do": "footer", "value": ""})
    second = await model.call("docs_read", doc="1plan")

    assert "--- header 7f3a00 ---\n**Top**\n" in first
    assert "--- footer 7f3a00 ---\nBottom\n" in first
    assert "--- header 7f3a00 ---\nOther\n" in second
    assert "footer" not in second


async def test_several_footnotes_are_made_in_one_call(
    model: Model, docs: FakeDocs, world: World
) -> None:
    doc = made(docs, TEXT)

    await act(
        model,
        {"do": "footnote", "text": "last words", "value": "Second 👩🏽‍🚀."},
        {"do": "footnote", "text": "first", "value": "**First**."},
        {"do": "footnote", "heading": "One", "value": ""},
        {"do": "footnote", "text": "end", "value": "Third."},
    )

    assert [method for method, _, _ in world.requests] == ["GET", "POST", "POST"]
    assert shown(doc) == (
        TEXT.replace("# One", "# One[^1]")
        .replace("first", "first[^2]")
        .replace("last words", "last words[^3]")
        .replace(
            "\n\nend", "\n\nend[^4]\n\n[^1]: \n[^2]: **First**.\n[^3]: Second 👩🏽‍🚀.\n[^4]: Third."
        )
    )


async def test_ranges_are_named(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "one two")

    await act(model, {"do": "name", "text": "two", "value": "place"})
    named = read(doc).tabs[0].ranges["place"]["namedRanges"][0]["ranges"]
    await act(model, {"do": "unname", "value": "place"})

    assert named == [{"startIndex": 5, "endIndex": 8, "tabId": "t.0"}]
    assert read(doc).tabs[0].ranges == {}


async def test_several_actions_are_one_batch(model: Model, docs: FakeDocs, world: World) -> None:
    doc = made(docs, TEXT)

    await act(
        model,
        {"do": "page_break", "text": "first words"},
        {"do": "style", "text": "end", "css": "font-weight:bold"},
        {"do": "cell", "row": 2, "column": 2, "value": "two"},
        {"do": "cell", "row": 3, "column": 1, "value": "three"},
        {"do": "image", "value": "https://x.example/a.png"},
    )

    assert [method for method, _, _ in world.requests] == ["GET", "POST"]
    assert shown(doc) == TEXT.replace("| 2 |", "| two |").replace("| 3 |", "| three |").replace(
        "first words", "first words\n\n<!-- page break -->"
    ).replace("\n\nend", "\n\n**end**![](https://x.example/a.png)")


@pytest.mark.parametrize(
    ("actions", "why"),
    [
        pytest.param(
            [{"do": "style", "text": "nowhere", "css": "font-weight:bold"}],
            "actions[0]: The document does not have this text.",
            id="no such text",
        ),
        pytest.param(
            [{"do": "style", "text": "words", "css": "font-weight:bold"}],
            "actions[0]: The text is there 2 times:",
            id="several",
        ),
        pytest.param(
            [{"do": "cell", "row": 9, "column": 1}],
            "actions[0]: row is 9; the table has 3 rows.",
            id="no such row",
        ),
        pytest.param(
            [{"do": "cell", "table": 2, "row": 1, "column": 1}],
            "actions[0]: There is no such table: the tab has 1 table.",
            id="no such table",
        ),
        pytest.param(
            [{"do": "page_break", "css": "color:#ffffff"}],
            "actions[0]: page_break takes no color.",
            id="field of another kind",
        ),
        pytest.param(
            [{"do": "style", "text": "end", "css": "color:reddish"}],
            "actions[0]: A colour is written like #1a73e8",
            id="no colour",
        ),
        pytest.param(
            [{"do": "add_rows"}, {"do": "delete_rows", "row": 1}],
            "Two actions change the same place",
            id="one depends on another",
        ),
        pytest.param(
            [{"do": "delete_tab"}],
            "actions[0]: The only tab of a document cannot be deleted.",
            id="only tab",
        ),
        pytest.param(
            [{"do": "image", "value": "/etc/passwd"}],
            "'passwd' is outside the allowed folders.",
            id="a file that may not be read",
        ),
        pytest.param(
            [{"do": "style", "text": "end"}], "actions[0]: Nothing is to change", id="nothing"
        ),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    model: Model, docs: FakeDocs, actions: list[dict[str, Any]], why: str
) -> None:
    doc = made(docs, TEXT)

    failure = await model.call_failing("docs_format", doc="1plan", actions=actions)

    assert failure.startswith(why)
    assert shown(doc) == TEXT


@pytest.mark.parametrize(
    ("css", "kind", "expected"),
    [
        pytest.param("font-variant:small-caps", 1, {"smallCaps": True}, id="small capitals"),
        pytest.param("vertical-align:super", 1, {"baselineOffset": "SUPERSCRIPT"}, id="superscript"),
        pytest.param("font-family:Lato; font-weight:300", 1,
                     {"weightedFontFamily": {"fontFamily": "Lato", "weight": 300}}, id="weight"),
        pytest.param("margin-right:12", 0, {"indentEnd": {"magnitude": 12.0, **PT}}, id="right indent"),
        pytest.param("margin-left:36; text-indent:-18", 0,
                     {"indentStart": {"magnitude": 36.0, **PT}, "indentFirstLine": {"magnitude": 18.0, **PT}},
                     id="hanging indent"),
        pytest.param("direction:rtl", 0, {"direction": "RIGHT_TO_LEFT"}, id="direction"),
        pytest.param("page-break-before:always", 0, {"pageBreakBefore": True}, id="page break before"),
        pytest.param("break-inside:avoid", 0, {"keepLinesTogether": True}, id="lines together"),
        pytest.param("break-after:avoid; orphans:2", 0,
                     {"keepWithNext": True, "avoidWidowAndOrphan": True}, id="with the next, no orphans"),
        pytest.param("spacing-mode:collapse", 0, {"spacingMode": "COLLAPSE_LISTS"}, id="spacing mode"),
        pytest.param("shading:#ccc", 0, {"shading": {"backgroundColor": BORDER["color"]}}, id="shading"),
        pytest.param("border-bottom:2pt dashed #ccc; padding:4", 0,
                     {"borderBottom": {**BORDER, "width": {"magnitude": 2.0, **PT}, "dashStyle": "DASH",
                                       "padding": {"magnitude": 4.0, **PT}}}, id="border"),
    ],
)  # fmt: skip
async def test_a_style_has_all_that_a_paragraph_can_have(
    model: Model, docs: FakeDocs, css: str, kind: int, expected: dict[str, Any]
) -> None:
    doc = made(docs, TEXT)

    await act(model, {"do": "style", "text": "first words", "css": css})

    found = styles(doc, "first words")[kind]
    assert {name: found.get(name) for name in expected} == expected


async def test_a_list_takes_presets_by_name(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, TEXT)

    await act(
        model, {"do": "list", "text": "first", "kind": "NUMBERED_UPPERROMAN_UPPERALPHA_DECIMAL"}
    )

    assert "1. first words" in shown(doc)
    levels = next(iter(read(doc).tabs[0].raw["lists"].values()))["listProperties"]["nestingLevels"]
    assert levels[0]["glyphType"] == "UPPER_ROMAN"


async def test_the_header_of_first_pages_is_changed_where_docs_has_one(
    model: Model, docs: FakeDocs
) -> None:
    doc = made(docs, "x")
    await act(model, {"do": "header", "value": "All"})
    failure = await model.call_failing(
        "docs_format", doc="1plan", actions=[{"do": "header", "kind": "first", "value": "First"}]
    )
    doc.tab().segments["kix.first"] = doc.tab().segment(next(doc.tab().of_kind("header"))[0]).copy()
    doc.tab().style["firstPageHeaderId"] = "kix.first"

    await act(
        model,
        {"do": "header", "kind": "first", "value": "First"},
        {"do": "header", "value": "Every"},
    )

    assert "There is no header for first pages, and the API makes none." in failure
    headers = [doc.text("", key) for key, _ in doc.tab().of_kind("header")]
    assert headers == ["Every\n", "First\n"]


async def test_a_link_is_taken_away(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "a [link](https://x.example) here")

    await act(model, {"do": "style", "text": "link", "value": ""})

    assert shown(doc) == "a link here"


async def test_a_comment_is_tied_to_its_text(model: Model, docs: FakeDocs) -> None:
    made(docs, "Pay **100 EUR** soon, or 100 EUR late.")

    await act(model, {"do": "comment", "text": "100 EUR", "nth": 1, "value": "Too much?"})

    said = await model.call("docs_read", doc="1plan", comments=True)
    assert "Pay **100 EUR**[comment AAAA" in said
    assert "Me Myself: Too much?" in said


@pytest.mark.parametrize("more", [[], [{"do": "style", "text": "soon", "style": "h1"}]])
async def test_where_comments_cannot_be_tied_nothing_is_done(
    model: Model, docs: FakeDocs, more: list[dict[str, Any]]
) -> None:
    doc = made(docs, "Pay soon")
    docs.suggesting = "refused"

    failure = await model.call_failing(
        "docs_format",
        doc="1plan",
        actions=[*more, {"do": "comment", "text": "Pay", "value": "Why?"}],
    )

    assert failure.startswith("Google does not tie comments to text for this sign-in")
    assert "comment action=add quote=" in failure
    assert shown(doc) == "Pay soon"
