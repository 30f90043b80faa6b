"""What Docs can hold, drawn at random: text in several scripts, lists, tables, marks, pictures, footnotes."""

import os
from itertools import count, groupby

from hypothesis import settings
from hypothesis import strategies as st

from workspace_mcp.formats.docs.blocks import Grid, Piece, Span, Text
from workspace_mcp.formats.docs.style import PLAIN, Marks

settings.register_profile("many", max_examples=5000, deadline=None)
settings.register_profile("few", max_examples=75, deadline=None, derandomize=True)
PROFILE = settings.get_profile("many" if os.environ.get("DOCS_CASES") == "many" else "few")
"""Hundreds of cases in the checks; DOCS_CASES=many draws 5,000 for each test."""

WORDS = st.sampled_from([
    "alpha", "beta", "two words", "👩🏽‍🚀", "🇪🇺", "e\u0301", "שלום", "مرحبا", "नमस्ते", "日本", "5*3", "a_b",
    "_x_", "[y]", "<b>", "&amp;", "#", "1.", "-", "+", ">", "|", "`", "~~", "\\", "(z)", "!", "=",
    "100 €", "  gap  ", "\t", "{.title}x", "{.title}", "[x] z", "http://x.example", "[^1]", "…", "“q”", "---", "{++",
    ":-:",
    "ệ", "a\u0300\u0301b", "عربي 12", "\u2067x\u2069", "👨‍👩‍👧", "✋🏿", "1️⃣", "𝔘𝔫", "ﷺ", "한국어", "ไทย",
])  # fmt: skip
MARKS = st.builds(
    Marks,
    bold=st.booleans(),
    italic=st.booleans(),
    strike=st.booleans(),
    code=st.booleans(),
    underline=st.booleans(),
    raised=st.sampled_from(["", "", "", "sup", "sub"]),
    link=st.sampled_from(["", "", "", "https://x.example/a?b=1&c=(2)", "#h.1"]),
)
STYLES = st.one_of(st.just(PLAIN), st.just(PLAIN), MARKS)


def plain(marks: Marks) -> Marks:
    """Without what two marks cannot say together: a link is underlined as it is."""
    return marks if not marks.link else Marks(
        marks.bold, marks.italic, marks.strike, marks.code, False, marks.raised, marks.link
    )  # fmt: skip


def tidy(spans: list[Span]) -> tuple[Span, ...]:
    """As a reader must see them: neighbours joined, blanks unmarked, none at the ends."""
    found: list[Span] = []
    for span in spans:
        core = span.text.strip()
        if span.kind:
            found.append(span)
            continue
        at = span.text.index(core)
        found += [
            Span(span.text[:at]), Span(core, plain(span.marks)), Span(span.text[at + len(core) :]),
        ]  # fmt: skip
    joined: list[Span] = []
    for (kind, marks), group in groupby(
        [one for one in found if one.text], key=lambda one: (one.kind, one.marks)
    ):
        texts = [one.text for one in group]
        joined += [Span(one, marks, kind) for one in (texts if kind else ["".join(texts)])]
    while joined and not joined[0].text.strip():
        joined.pop(0)
    while joined and not joined[-1].text.strip():
        joined.pop()
    if joined and not joined[0].kind:
        joined[0] = Span(joined[0].text.lstrip(), joined[0].marks)
    if joined and not joined[-1].kind:
        joined[-1] = Span(joined[-1].text.rstrip(), joined[-1].marks)
    return tuple(joined)


WRITTEN = st.builds(Span, WORDS, STYLES)
OBJECTS = st.sampled_from([
    Span("https://x.example/a.png", PLAIN, "image"), Span("https://x.example/b?c=(1)&d", PLAIN, "image"),
    Span("?", PLAIN, "footnote"),
])  # fmt: skip
SPANS = (
    st.lists(st.one_of(WRITTEN, WRITTEN, WRITTEN, WRITTEN, OBJECTS), min_size=1, max_size=4)
    .map(tidy)
    .filter(bool)
)
"""A paragraph's text. A footnote is named "?" until the whole document numbers them."""
NOTES = st.lists(WRITTEN, min_size=1, max_size=3).map(tidy).filter(bool)
CODE = st.lists(
    st.sampled_from(["x = 1", "", "  `y`", "```", "\tz", "# 👩🏽‍🚀", "| a |", "<b>", "שלום", "~~~"]),
    min_size=1, max_size=4,
).map("\x0b".join).filter(str.strip)  # fmt: skip
PARAGRAPHS = st.one_of(
    st.builds(Text, SPANS),
    st.builds(Text, SPANS, st.just("quote")),
    st.builds(Text, SPANS, st.just("heading"), st.integers(1, 6)),
    st.builds(Text, SPANS, st.just("title"), st.just(1)),
    st.just(Text((), "rule")),
    st.just(Text((), "page")),
    CODE.map(lambda code: Text((Span(code, Marks(code=True)),), "code")),
)


@st.composite
def listed(draw: st.DrawFn) -> list[Piece]:
    """A list with lists inside; one level has one look until a shallower item ends it."""
    items: list[Piece] = []
    looks: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        level = draw(st.integers(0, min(len(looks), 3)))
        del looks[level + 1 :]
        if level == len(looks):
            looks.append(draw(st.sampled_from(["", "1", "x"])))
        items.append(Text(draw(SPANS), "item", level, looks[level]))
    return items


@st.composite
def grids(draw: st.DrawFn) -> list[Piece]:
    columns = draw(st.integers(1, 3))
    align = tuple(draw(st.sampled_from(["START", "CENTER", "END"])) for _ in range(columns))
    cells = st.one_of(st.just(()), SPANS)
    rows = [tuple(draw(cells) for _ in range(columns)) for _ in range(draw(st.integers(1, 3)))]
    head = tuple(draw(SPANS.map(_unbold)) for _ in range(columns))
    return [Grid((head, *rows), align)]


def _unbold(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    found = [
        s if s.kind else Span(s.text, Marks(False, s.marks.italic, s.marks.strike, s.marks.code, s.marks.underline,
                           s.marks.raised, s.marks.link))
        for s in spans
    ]  # fmt: skip
    return tidy(found)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[Piece, ...]:
    """A document's content. Two lists never touch: a Doc would make them one."""
    found: list[Piece] = []
    for group in draw(
        st.lists(st.one_of(PARAGRAPHS.map(lambda p: [p]), listed(), grids()), max_size=5)
    ):
        last = found[-1] if found else None
        if isinstance(last, Text) and last.kind == "item" and group[0].__class__ is Text:
            assert isinstance(group[0], Text)
            if group[0].kind == "item":
                continue
        found += group
    return numbered(tuple(found))


def numbered(found: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Footnotes by their number, as they come."""
    number = count(1)

    def line(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(
            Span(str(next(number)), span.marks, span.kind) if span.kind == "footnote" else span
            for span in spans
        )

    return tuple(
        Text(line(one.spans), one.kind, one.level, one.glyph)
        if isinstance(one, Text)
        else Grid(tuple(tuple(map(line, row)) for row in one.rows), one.align)
        for one in found
    )


def without_notes(found: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """With a word where a footnote was, and pictures gone: text and its places alone."""

    def line(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tidy([Span("note") if span.kind else span for span in spans])

    return tuple(
        Text(line(one.spans), one.kind, one.level, one.glyph)
        if isinstance(one, Text)
        else Grid(tuple(tuple(map(line, row)) for row in one.rows), one.align)
        for one in found
    )


def footnotes(found: tuple[Piece, ...]) -> list[str]:
    """The names of the footnotes."""
    lines = [
        line
        for one in found
        for line in ([one.spans] if isinstance(one, Text) else [c for row in one.rows for c in row])
    ]
    return [span.text for line in lines for span in line if span.kind == "footnote"]


def text_of(found: tuple[Piece, ...]) -> str:
    """The text that a Doc with these pieces shows: paragraphs and cells, a line each."""
    lines: list[str] = []
    for piece in found:
        if isinstance(piece, Text):
            lines.append(piece.plain)
        else:
            for row in piece.rows:
                lines += ["".join(s.text for s in cell if not s.kind) for cell in row]
    whole = "\n".join(lines).replace("\x0b", "\n")
    return "\n".join(line for line in whole.split("\n") if line)
