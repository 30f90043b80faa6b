"""Markdown → Doc → Markdown gives back what went in, for all that a Doc can hold."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given

from tests.formats.docs.drawn import PROFILE, pieces, text_of
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.docs.render import document
from workspace_mcp.formats.docs.blocks import Piece, parsed
from workspace_mcp.formats.docs.model import Doc
from workspace_mcp.formats.docs.to_markdown import markdown
from workspace_mcp.formats.docs.writing import Where, written

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


def written_out(found: Sequence[Piece], notes: Mapping[str, Any]) -> tuple[FakeDocument, str]:
    """A new Doc of these pieces, and its Markdown."""
    docs = FakeDocs(count(1).__next__)
    doc = docs.add("me", "T")
    writer = written(Where("t.0"), 1, "fill", found, notes)
    docs.update(doc, {"requests": writer.requests})
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
        pytest.param("a [**b** c](https://x.example/\\(1\\)) d", id="link"),
    ],
)
def test_what_went_in_comes_back(text: str) -> None:
    assert through(text) == text


@given(drawn=pieces())
@PROFILE
def test_what_was_drawn_comes_back(drawn: tuple[Piece, ...]) -> None:
    doc, text = written_out(drawn, {})

    assert "\n".join(line for line in doc.text().split("\n") if line) == text_of(drawn)
    assert parsed(text).pieces == drawn
    assert through(text) == text
