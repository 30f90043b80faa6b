"""Markdown as blocks that a Doc can hold: paragraphs, list items, tables, rules, breaks. No I/O."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workspace_mcp.formats.docs.inline import LINE_BREAK
from workspace_mcp.formats.docs.style import PLAIN, Marks

_NOTE: Final = re.compile(r"^\[\^([\w-]{1,20})\]:[ \t]*(.*(?:\n(?:[ \t]+\S.*))*)", re.MULTILINE)
_MARK: Final = re.compile(r"\[\^([\w-]{1,20})\]")
_KIND: Final = re.compile(r"[ \t]*\{\.(title|subtitle)\}$")
_BOX: Final = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
_BREAK: Final = re.compile(r"<!--\s*page ?break\s*-->", re.IGNORECASE)
_TAG: Final = re.compile(r"<(/?)(b|strong|i|em|s|del|u|sup|sub|br)\s*/?>", re.IGNORECASE)
_ATTRIBUTE: Final = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strike", "del": "strike",
    "u": "underline",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Text with its marks, or an object: `kind` "image" (`text` is its address) or "footnote"."""

    text: str
    marks: Marks = PLAIN
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `kind`: text, title, subtitle, heading, item, quote, code, rule, page."""

    spans: tuple[Span, ...] = ()
    kind: str = "text"
    level: int = 0
    glyph: str = ""

    @property
    def plain(self) -> str:
        """Its text alone."""
        return "".join(span.text for span in self.spans if not span.kind)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of cells; `align` by column: START, CENTER or END."""

    rows: tuple[tuple[tuple[Span, ...], ...], ...]
    align: tuple[str, ...]


Piece = Text | Grid


@dataclass(frozen=True, slots=True)
class Markdown:
    """Pieces in order, and the footnotes' texts by their name."""

    pieces: tuple[Piece, ...]
    notes: Mapping[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])


def pictures(source: Markdown) -> Iterator[str]:
    """The pictures' addresses, in order."""
    for piece in source.pieces:
        lines = [piece.spans] if isinstance(piece, Text) else chain.from_iterable(piece.rows)
        yield from (span.text for line in lines for span in line if span.kind == "image")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False})
    parser.enable(["table", "strikethrough"]).disable("code")
    parser.disable("text_join")  # so that an escaped mark is told from a mark
    parser.normalizeLink = lambda url: url
    return parser


def parsed(markdown: str) -> Markdown:
    """What a Doc can hold of it: soft breaks are spaces, what it cannot hold becomes text."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n")
    notes: dict[str, str] = {}

    def taken(found: re.Match[str]) -> str:
        notes[found[1]] = re.sub(r"\n[ \t]+", " ", found[2])
        return ""

    parser = _parser()
    if "[^" in text:
        text = _NOTE.sub(taken, text)
    reader = _Reader(parser.parse(text), frozenset(notes))
    pieces = tuple(reader.pieces())
    inner = {key: inline(value) for key, value in notes.items()}
    return Markdown(pieces, inner)


def inline(markdown: str) -> tuple[Span, ...]:
    """A line of Markdown as spans."""
    tokens = _parser().parseInline(markdown)
    return tuple(_joined(_spans(tokens[0].children or [], frozenset()))) if tokens else ()


@dataclass(slots=True)
class _Reader:
    tokens: Sequence[Token]
    notes: frozenset[str]
    at: int = 0

    def pieces(self) -> Iterator[Piece]:
        lists: list[str] = []
        quotes = 0
        first = False
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    lists.append("" if token.type.startswith("bullet") else "1")
                case "bullet_list_close" | "ordered_list_close":
                    lists.pop()
                case "list_item_open":
                    first = True
                    if self.tokens[self.at].type in {
                        "list_item_close", "bullet_list_open", "ordered_list_open",
                    }:  # fmt: skip
                        yield Text((), "item", len(lists) - 1, lists[-1])
                        first = False
                case "blockquote_open":
                    quotes += 1
                case "blockquote_close":
                    quotes -= 1
                case "heading_open":
                    yield self._heading(int(token.tag[1]))
                    first = False
                case "paragraph_open":
                    boxed = _begins(self.tokens[self.at], _BOX)
                    spans = self._inline()
                    if lists and first:
                        yield _item(spans, len(lists) - 1, lists[-1], boxed=boxed)
                    else:
                        yield from _text(spans, "quote" if quotes else "text")
                    first = False
                case "fence" | "code_block":
                    code = token.content.removesuffix("\n").replace("\n", LINE_BREAK)
                    yield Text((Span(code, Marks(code=True)),) if code else (), "code")
                    first = False
                case "hr":
                    yield Text((), "rule")
                case "table_open":
                    yield self._table()
                    first = False
                case "html_block":
                    yield from _html(token.content)
                case _:
                    pass

    def _inline(self) -> tuple[Span, ...]:
        token = self.tokens[self.at]
        self.at += 2
        return tuple(_trimmed(list(_spans(token.children or [], self.notes))))

    def _heading(self, level: int) -> Text:
        marked = _ends(self.tokens[self.at], _KIND)
        spans = list(self._inline())
        kind = "heading"
        if marked and (found := _KIND.search(spans[-1].text)):
            kind = found[1]
            spans[-1] = replace(spans[-1], text=spans[-1].text[: found.start()])
        return Text(tuple(_trimmed(spans)), kind, level)

    def _table(self) -> Grid:
        rows: list[list[tuple[Span, ...]]] = []
        align: list[str] = []
        while self.tokens[self.at].type != "table_close":
            token = self.tokens[self.at]
            self.at += 1
            if token.type == "tr_open":
                rows.append([])
            elif token.type in {"th_open", "td_open"}:
                rows[-1].append(self._inline())
                style = str(token.attrGet("style") or "")
                if len(rows) == 1:
                    align.append({"center": "CENTER", "right": "END"}.get(style[11:], "START"))
        self.at += 1
        return Grid(tuple(map(tuple, rows)), tuple(align))


def _begins(token: Token, pattern: re.Pattern[str]) -> bool:
    """Whether a line's first text is a mark, and no text that is escaped."""
    children = token.children or []
    return (
        bool(children) and children[0].type == "text" and bool(pattern.match(children[0].content))
    )


def _ends(token: Token, pattern: re.Pattern[str]) -> bool:
    children = token.children or []
    return (
        bool(children)
        and children[-1].type == "text"
        and bool(pattern.search(children[-1].content))
    )


def _item(spans: Sequence[Span], level: int, glyph: str, *, boxed: bool) -> Text:
    first = spans[0] if spans else Span("")
    found = _BOX.match(first.text) if boxed else None
    if found is None:
        return Text(tuple(spans), "item", level, glyph)
    rest = replace(first, text=first.text[found.end() :])
    return Text(tuple(_trimmed([rest, *spans[1:]])), "item", level, "x")


def _text(spans: Iterable[Span], kind: str) -> Iterator[Text]:
    if found := tuple(spans):
        yield Text(found, kind)


def _html(content: str) -> Iterator[Text]:
    if _BREAK.search(content):
        yield Text((), "page")
        content = _BREAK.sub("", content)
    shown = re.sub(r"<!--.*?-->", "", content, flags=re.DOTALL).strip()
    if shown:
        yield from _text(_trimmed(list(inline(" ".join(shown.split("\n"))))), "text")


def _spans(tokens: Sequence[Token], notes: frozenset[str]) -> Iterator[Span]:
    marks = PLAIN
    for token in tokens:
        match token.type:
            case "text":
                yield from _with_notes(token.content, marks, notes)
            case "softbreak":
                yield Span(" ", marks)
            case "hardbreak":
                yield Span(LINE_BREAK, marks)
            case "code_inline":
                yield Span(token.content, replace(marks, code=True))
            case "strong_open" | "strong_close":
                marks = replace(marks, bold=token.type.endswith("open"))
            case "em_open" | "em_close":
                marks = replace(marks, italic=token.type.endswith("open"))
            case "s_open" | "s_close":
                marks = replace(marks, strike=token.type.endswith("open"))
            case "link_open":
                marks = replace(marks, link=str(token.attrGet("href") or ""))
            case "link_close":
                marks = replace(marks, link="")
            case "image":
                yield Span(str(token.attrGet("src") or ""), marks, "image")
            case "html_inline":
                found = _TAG.fullmatch(token.content)
                if found is None:
                    if not token.content.startswith("<!--"):
                        yield Span(token.content, marks)
                    continue
                name, opens = found[2].lower(), not found[1]
                if name == "br":
                    yield Span(LINE_BREAK, marks)
                elif name in {"sup", "sub"}:
                    marks = replace(marks, raised=name if opens else "")
                else:
                    marks = replace(marks, **{_ATTRIBUTE[name]: opens})
            case _:
                yield Span(token.content, marks)


def _with_notes(text: str, marks: Marks, notes: frozenset[str]) -> Iterator[Span]:
    at = 0
    for found in _MARK.finditer(text):
        if found[1] in notes:
            yield Span(text[at : found.start()], marks)
            yield Span(found[1], marks, "footnote")
            at = found.end()
    yield Span(text[at:], marks)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Neighbours with the same marks are one."""
    joined: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if joined and not span.kind and not joined[-1].kind and joined[-1].marks == span.marks:
            joined[-1] = replace(joined[-1], text=joined[-1].text + span.text)
        else:
            joined.append(span)
    return joined


def _trimmed(spans: Iterable[Span]) -> Iterator[Span]:
    """Neighbours with the same marks joined, no blank at either end."""
    joined = _joined(spans)
    while joined and not joined[0].kind and not joined[0].text.strip():
        joined.pop(0)
    while joined and not joined[-1].kind and not joined[-1].text.strip():
        joined.pop()
    if joined and not joined[0].kind:
        joined[0] = replace(joined[0], text=joined[0].text.lstrip())
    if joined and not joined[-1].kind:
        joined[-1] = replace(joined[-1], text=joined[-1].text.rstrip())
    return iter(joined)
