"""Edits by exact text in documents drawn at random: the text after is what a model expects."""

from itertools import count
from typing import Literal

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.formats.docs.drawn import PROFILE, WORDS, pieces, without_notes
from tests.services.docs.written import read
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.formats.clean import clean
from workspace_mcp.formats.docs.blocks import Piece, Text
from workspace_mcp.formats.docs.find import Flow, flows, whole
from workspace_mcp.formats.docs.inline import escaped, starting
from workspace_mcp.formats.docs.model import Tab, units
from workspace_mcp.formats.docs.requests import Where
from workspace_mcp.formats.docs.writing import written
from workspace_mcp.services.docs.places import Wish, changes

SAFE = st.lists(WORDS, min_size=0, max_size=3).map(" ".join).map(str.strip)


def drawn_doc(docs: FakeDocs, found: tuple[Piece, ...]) -> Tab:
    doc = docs.add("me", "T", "1")
    docs.update(doc, {"requests": written(Where("t.0"), 1, "fill", found, {}).requests})
    return read(doc).tabs[0]


def texts(tab: Tab) -> list[str]:
    return [flow.text for flow in flows(tab)]


def starts(text: str, old: str) -> int:
    """How often `old` begins in a text, overlaps included."""
    return sum(text.startswith(old, n) for n in range(len(text)))


def style_at(flow: Flow, at: int) -> object:
    return next(
        run.style for one in flow.paragraphs for run in one.runs if run.start <= at < run.end
    )


@given(
    found=pieces().map(without_notes), new=SAFE, data=st.data(), merging=st.sampled_from(["first", "last"]),
)  # fmt: skip
@PROFILE
def test_the_text_after_is_the_text_before_with_old_replaced_by_new(
    found: tuple[Piece, ...], new: str, data: st.DataObject, merging: Literal["first", "last"]
) -> None:
    docs = FakeDocs(count(1).__next__, merging=merging)
    tab = drawn_doc(docs, found)
    before = texts(tab)
    places = [n for n, text in enumerate(before) if text.strip("\n")]
    assume(places)
    number = data.draw(st.sampled_from(places))
    text = before[number]
    cuts = [n for n in range(len(text) + 1) if whole(text, n)]
    start = data.draw(st.sampled_from(cuts[:-1]))
    end = data.draw(st.sampled_from([n for n in cuts if n > start]))
    old = text[start:end]
    assume(old == old.strip("\n") and sum(starts(one, old) for one in before) == 1)
    assume(new)

    wish = Wish(old=old, new=starting(escaped(new)))
    doc = docs.documents["1"]
    done = changes(read(doc), None, [wish], suggest=False)
    docs.update(doc, {"requests": [one for change in done for one in change.requests]})

    after = texts(read(doc).tabs[0])
    assert after[number] == text[:start] + clean(new) + text[end:]
    assert new in doc.text(), "what cannot be seen is written too"
    assert after[:number] + after[number + 1 :] == before[:number] + before[number + 1 :]
    flow, was = list(flows(read(doc).tabs[0]))[number], list(flows(tab))[number]
    for n in range(start):
        assert style_at(flow, flow.places[n]) == style_at(was, was.places[n])
    kinds = [(one.named, one.bullet is None) for one in was.paragraphs]
    assert [(one.named, one.bullet is None) for one in flow.paragraphs][:1] == kinds[:1]


@given(
    found=pieces().map(without_notes),
    more=pieces().map(without_notes),
    merging=st.sampled_from(["first", "last"]),
)
@PROFILE
def test_what_is_appended_comes_after_all_that_was_there(
    found: tuple[Piece, ...], more: tuple[Piece, ...], merging: Literal["first", "last"]
) -> None:
    assume(more and isinstance(more[0], Text))
    docs = FakeDocs(count(1).__next__, merging=merging)
    tab = drawn_doc(docs, found)
    before = [line for text in texts(tab) for line in text.split("\n") if line]
    doc = docs.documents["1"]

    last = tab.body.blocks[-1]
    empty = last.end - last.start == 1
    bulleted = getattr(last, "bullet", None) is not None
    at, how = (last.start, "fill") if empty else (last.end - 1, "after")
    requests = written(Where("t.0"), at, how, more, {}, bulleted=bulleted).requests
    docs.update(doc, {"requests": requests})

    after = [line for text in texts(read(doc).tabs[0]) for line in text.split("\n") if line]
    assert after[: len(before)] == before
    assert all(units(line) for line in after)
