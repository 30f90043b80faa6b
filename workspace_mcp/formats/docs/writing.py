"""Blocks → `batchUpdate` requests at a place of a Doc. Every index is computed here. No I/O.

What is written stands in paragraphs of its own: the style of the place is not inherited.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from workspace_mcp.formats.docs.blocks import Grid, Piece, Span, Text
from workspace_mcp.formats.docs.inline import LINE_BREAK
from workspace_mcp.formats.docs.model import units
from workspace_mcp.formats.docs.requests import PRESETS, How, Note, Request, Where
from workspace_mcp.formats.docs.style import (
    INDENT,
    PALE,
    PARAGRAPH_FIELDS,
    TEXT_FIELDS,
    border,
    points,
)


@dataclass(frozen=True, slots=True)
class _Item:
    """A list item: `size` is its text and newline, `start` where it stands with its tabs."""

    level: int
    glyph: str
    size: int
    start: int


@dataclass(slots=True)
class Writer:
    """Writes pieces one after the other; `at` is where the next one goes.

    `open` says that `at` stands in an empty paragraph; else text follows a paragraph's text.
    `bulleted`: the paragraph at the place is a list item, which what is inserted would become.
    """

    where: Where
    at: int
    open: bool = True
    bulleted: bool = False
    notes: Mapping[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])
    requests: list[Request] = field(default_factory=list[Request])
    pending: list[Note] = field(default_factory=list[Note])
    spacing: bool = False

    def write(self, pieces: Sequence[Piece]) -> None:
        """Everything, in order."""
        for table, group in groupby(pieces, key=lambda piece: isinstance(piece, Grid)):
            if table:
                for grid in group:
                    if isinstance(grid, Grid):
                        self.table(grid)
            else:
                self.texts([one for one in group if isinstance(one, Text)])

    # Paragraphs

    def texts(self, texts: Sequence[Text]) -> None:
        """Paragraphs in one insertion; then their styles, then what is no text, from the end."""
        if not texts:
            return
        lead = "" if self.open else "\n"
        lines = [
            "\t" * one.level + _hung(one) if one.kind == "item" else one.plain for one in texts
        ]
        whole = lead + "\n".join(lines)
        start = self.at + len(lead)
        if whole:
            self._add("insertText", location=self.where.location(self.at), text=whole)
        length = units(whole) - len(lead)
        self._reset(start, start + length)
        self._lists(texts, lines, start)
        self._tabs(texts, start)
        at = start
        for one in texts:
            size = units(one.plain)
            self._paragraph(one, at, size)
            self._spans(one, at)
            at += size + 1
        end = at - 1
        self.at = end + self._objects(texts, start)
        self.open = False
        self.bulleted = texts[-1].kind == "item"

    def _reset(self, start: int, end: int) -> None:
        """Plain paragraphs of plain text. Bullets first: taking them away adds an indent."""
        whole = self.where.range(start, end + 1)
        if self.bulleted:
            self._add("deleteParagraphBullets", range=whole)
        self._paragraph_style({"namedStyleType": "NORMAL_TEXT"}, whole, PARAGRAPH_FIELDS)
        self._add("updateTextStyle", range=whole, textStyle={}, fields=",".join(TEXT_FIELDS))

    def _lists(self, texts: Sequence[Text], lines: Sequence[str], start: int) -> None:
        """Bullets, from the last list to the first: each takes its tabs away."""
        items: list[_Item] = []
        groups: list[list[_Item]] = []
        for one, line in zip(texts, lines, strict=True):
            if one.kind != "item":
                items = []
            else:
                if not items or (one.level == 0 and items[0].glyph != one.glyph):
                    items = []
                    groups.append(items)
                items.append(_Item(one.level, one.glyph, units(_hung(one)) + 1, start))
            start += units(line) + 1
        for group in reversed(groups):
            last = group[-1]
            end = last.start + last.level + last.size
            self._bullets(group[0].start, end, group[0].glyph)
            self._sublists(group, 0, group[0].glyph, group[0].start)

    def _tabs(self, texts: Sequence[Text], at: int) -> None:
        """The tabs behind a picture that begins an item: bullets would have taken them for levels."""
        for one in texts:
            size = units(one.plain)
            if one.kind == "item" and (tabs := size - units(_hung(one))):
                self._add("insertText", location=self.where.location(at), text="\t" * tabs)
            at += size + 1

    def _sublists(self, items: Sequence["_Item"], level: int, glyph: str, at: int) -> None:
        """Give the lists inside a list their own look; the numbers of the outer one go on."""
        number = 0
        while number < len(items):
            first = items[number]
            end = number + 1
            deeper = first.level > level
            while end < len(items) and (
                items[end].level > level or (not deeper and items[end].glyph == first.glyph)
            ):
                end += 1
            part = items[number:end]
            size = sum(one.size for one in part)
            if not deeper and first.glyph != glyph:
                self._rebullet(part, at)
            self._inside(part, level, first.glyph if not deeper else glyph, at)
            at += size
            number = end

    def _inside(self, items: Sequence["_Item"], level: int, glyph: str, at: int) -> None:
        for deep, group in groupby(items, key=lambda one: one.level > level):
            part = list(group)
            if deep:
                self._sublists(part, level + 1, glyph, at)
            at += sum(one.size for one in part)

    def _rebullet(self, items: Sequence["_Item"], at: int) -> None:
        end = at
        for one in items:
            if one.level:
                self._add("insertText", location=self.where.location(end), text="\t" * one.level)
            end += one.size + one.level
        self._bullets(at, end, items[0].glyph)

    def _bullets(self, start: int, end: int, glyph: str) -> None:
        self._add(
            "createParagraphBullets", range=self.where.range(start, end),
            bulletPreset=PRESETS[glyph],
        )  # fmt: skip

    def _paragraph(self, one: Text, at: int, size: int) -> None:
        style: dict[str, Any] = {}
        match one.kind:
            case "heading":
                style["namedStyleType"] = f"HEADING_{one.level}"
            case "title" | "subtitle":
                style["namedStyleType"] = one.kind.upper()
            case "quote":
                style |= {
                    "indentStart": points(INDENT), "indentFirstLine": points(INDENT),
                    "borderLeft": border(2, 10),
                }  # fmt: skip
            case "code":
                style["shading"] = {"backgroundColor": PALE}
            case "rule":
                style["borderBottom"] = border(1, 4)
            case _:
                pass
        if is_rtl(one.plain):
            style["direction"] = "RIGHT_TO_LEFT"
        if self.spacing and one.kind in {"text", "quote", "code"}:
            style["spaceBelow"] = points(8)
        if style:
            self._paragraph_style(style, self.where.range(at, at + size + 1), tuple(style))

    def _paragraph_style(
        self, style: dict[str, Any], span: dict[str, Any], fields: Sequence[str]
    ) -> None:
        self._add("updateParagraphStyle", range=span, paragraphStyle=style, fields=",".join(fields))

    def _spans(self, one: Text, at: int) -> None:
        for span in one.spans:
            if span.kind:
                continue
            size = units(span.text)
            style = span.marks.style()
            if style and size:
                self._add(
                    "updateTextStyle", range=self.where.range(at, at + size), textStyle=style,
                    fields=",".join(style),
                )  # fmt: skip
            at += size

    def _objects(self, texts: Sequence[Text], at: int) -> int:
        """Images, footnotes and page breaks, from the last; how many indices they take."""
        found: list[tuple[int, Span]] = []
        for one in texts:
            if one.kind == "page":
                found.append((at, Span("", kind="page")))
            for span in one.spans:
                if span.kind:
                    found.append((at, span))
                else:
                    at += units(span.text)
            at += 1
        for place, span in reversed(found):
            self._object(span, self.where.location(place))
        return sum(2 if span.kind == "page" else 1 for _, span in found)

    def _object(self, span: Span, location: dict[str, Any]) -> None:
        if span.kind == "image":
            self._add("insertInlineImage", location=location, uri=span.text)
        elif span.kind == "page":
            self._add("insertPageBreak", location=location)
        else:
            self.pending.append(Note(len(self.requests), self.notes.get(span.text, ())))
            self._add("createFootnote", location=location)

    # Tables

    def table(self, grid: Grid) -> None:
        """A table, its cells filled; the header row bold."""
        rows, columns = len(grid.rows), len(grid.align)
        if self.open:
            self._reset(self.at, self.at)
            self.bulleted = False
        self._add("insertTable", location=self.where.location(self.at), rows=rows, columns=columns)
        self.at += 2
        for number, row in enumerate(grid.rows):
            self.at += 1
            for column in range(columns):
                self.at += 1
                spans = row[column] if column < len(row) else ()
                self.cell(spans, header=not number, align=grid.align[column])
                self.at += 1
        self.at += 1
        self.open = True

    def cell(self, spans: Sequence[Span], *, header: bool = False, align: str = "START") -> None:
        """Fill an empty cell; `at` is then before its newline."""
        start = self.at
        parts = _lines(spans)
        text = "\n".join("".join(s.text for s in part if not s.kind) for part in parts)
        size = units(text)
        if text:
            self._add("insertText", location=self.where.location(start), text=text)
        style: dict[str, Any] = {"namedStyleType": "NORMAL_TEXT"}
        if align != "START":
            style["alignment"] = align
        if is_rtl(text):
            style["direction"] = "RIGHT_TO_LEFT"
        whole = self.where.range(start, start + size + 1)
        if self.bulleted:
            self._add("deleteParagraphBullets", range=whole)
        self._paragraph_style(style, whole, PARAGRAPH_FIELDS)
        if size:
            bold = {"bold": True} if header else {}
            self._add(
                "updateTextStyle", range=self.where.range(start, start + size), textStyle=bold,
                fields=",".join(TEXT_FIELDS),
            )  # fmt: skip
        texts = [Text(tuple(part)) for part in parts]
        at = start
        for one in texts:
            self._spans(one, at)
            at += units(one.plain) + 1
        self.at = start + size + self._objects(texts, start)

    def _add(self, name: str, **fields: Any) -> None:
        self.requests.append({name: fields})


def _lines(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans of a cell by line: `<br>` makes a paragraph."""
    parts: list[list[Span]] = [[]]
    for span in spans:
        if span.kind:
            parts[-1].append(span)
            continue
        for number, text in enumerate(span.text.split(LINE_BREAK)):
            if number:
                parts.append([])
            if text:
                parts[-1].append(Span(text, span.marks))
    return parts


def _hung(one: Text) -> str:
    """An item's text without the tabs that it begins with; a picture before them is no text."""
    return one.plain.lstrip("\t")


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction is of a script that runs from right to left."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in {"L", "R", "AL"}:
            return kind != "L"
    return False


def written(
    where: Where, at: int, how: How, pieces: Sequence[Piece],
    notes: Mapping[str, tuple[Span, ...]], *, bulleted: bool = False, spacing: bool = False,
) -> Writer:  # fmt: skip
    """A writer that has written `pieces` at a place; see `How`."""
    writer = Writer(where, at, how != "after", bulleted, notes, spacing=spacing)
    if how == "before":
        writer.requests.append({"insertText": {"location": where.location(at), "text": "\n"}})
    writer.write(pieces)
    if pieces and isinstance(pieces[-1], Grid):
        writer.texts([Text()])
    return writer
