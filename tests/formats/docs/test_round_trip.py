"""Markdown → Doc → Markdown gives back what went in, for all that a Doc can hold."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.docs.drawn import NOTES, PROFILE, footnotes, pieces, text_of
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.docs.render import document
from workspace_mcp.formats.docs.blocks import Markdown, Piece, parsed
from workspace_mcp.formats.docs.model import Doc
from workspace_mcp.formats.docs.requests import Where
from workspace_mcp.formats.docs.to_markdown import markdown
from workspace_mcp.formats.docs.writing import written
from workspace_mcp.services.docs.batch import note_requests

FULL = """# Report {.title}

## Part one

Some **bold**, *italic*, ***both***, ~~gone~~, `code`, <u>under</u>, x<sup>2</sup> and a [link](https://example.com/a%20b).

- one
    - two
        1. three
        2. four
    - five
- six

1. first
    - inner
    - more
2. second

- [ ] to do

> A quote.
>
> Its second part.

```
def f():

    return "`"
```

---

| Name | Price |
| --- | ---: |
| A\\|B | 1 |
| two<br>lines | **2** |

Line one<br>line two.

<!-- page break -->

### End"""


def put(
    docs: FakeDocs, doc: FakeDocument, tab: str, found: Sequence[Piece], notes: Mapping[str, Any]
) -> None:
    """Write pieces into an empty tab, then the footnotes' texts."""
    writer = written(Where(tab), 1, "fill", found, notes)
    replies = docs.update(doc, {"requests": writer.requests})["replies"]
    for note in writer.pending:
        key = replies[note.request]["createFootnote"]["footnoteId"]
        docs.update(doc, {"requests": note_requests(Where(tab, key), note.spans)})


def written_out(found: Sequence[Piece], notes: Mapping[str, Any]) -> tuple[FakeDocument, str]:
    """A new Doc of these pieces, and its Markdown."""
    docs = FakeDocs(count(1).__next__)
    doc = docs.add("me", "T")
    put(docs, doc, "t.0", found, notes)
    tab = Doc.from_api(document(doc, "SUGGESTIONS_INLINE", tabs=True)).tabs[0]
    return doc, markdown(tab, tab.body.blocks)


def through(text: str) -> str:
    source = parsed(text)
    return written_out(source.pieces, source.notes)[1]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FULL, id="everything"),
        pytest.param("שלום **עולם** 👩🏽‍🚀", id="right to left and emoji"),
        pytest.param("\\# no heading", id="escaped heading"),
        pytest.param("1\\. no list", id="escaped number"),
        pytest.param("a\\*b\\*c snake_case \\<b>", id="escaped marks"),
        pytest.param("a<b>(b)</b>c", id="bold that stars cannot mark"),
        pytest.param("``a`b``", id="a code span with a mark in it"),
        pytest.param("![](https://example.com/a.png)", id="picture"),
        pytest.param(
            "a[^1]\\(b) [^2]\\: \\[^1\\]\n\n[^1]: n\n[^2]: **m**", id="footnotes beside marks"
        ),
        pytest.param("- \\[x\\] no box", id="escaped box"),
        pytest.param(
            "1. one\n    - ![](https://example.com/a.png)\ttwo\n    - three\n2. ![](https://example.com/b.png)\tx",
            id="tab behind a picture that begins an item",
        ),
        pytest.param("# About \\{.title}", id="escaped title"),
        pytest.param("a [**b** c](https://x.example/\\(1\\)) d", id="link"),
    ],
)
def test_what_went_in_comes_back(text: str) -> None:
    assert through(text) == text


@given(drawn=pieces(), data=st.data())
@PROFILE
def test_what_was_drawn_comes_back(drawn: tuple[Piece, ...], data: st.DataObject) -> None:
    notes = {name: data.draw(NOTES) for name in footnotes(drawn)}
    doc, text = written_out(drawn, notes)

    shown = doc.text().replace("\x0b", "\n")
    assert "\n".join(line for line in shown.split("\n") if line) == text_of(drawn)
    assert parsed(text) == Markdown(drawn, notes)
    assert through(text) == text


@given(drawn=st.lists(pieces(), min_size=2, max_size=3), data=st.data())
@PROFILE
def test_each_tab_comes_back_by_itself(drawn: list[tuple[Piece, ...]], data: st.DataObject) -> None:
    docs = FakeDocs(count(1).__next__)
    doc = docs.add("me", "T")
    keys = ["t.0"]
    for number in range(1, len(drawn)):
        parent = {"parentTabId": keys[-1]} if number % 2 else {}
        add = {"addDocumentTab": {"tabProperties": {"title": str(number), **parent}}}
        reply = docs.update(doc, {"requests": [add]})["replies"][0]
        keys.append(reply["addDocumentTab"]["tabProperties"]["tabId"])
    expected = {
        key: Markdown(found, {name: data.draw(NOTES) for name in footnotes(found)})
        for key, found in zip(keys, drawn, strict=True)
    }

    for key in reversed(keys):
        put(docs, doc, key, expected[key].pieces, expected[key].notes)

    tabs = Doc.from_api(document(doc, "SUGGESTIONS_INLINE", tabs=True)).tabs
    assert {tab.id: parsed(markdown(tab, tab.body.blocks)) for tab in tabs} == expected
