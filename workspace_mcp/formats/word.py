"""Word files → text in Markdown's manner. No I/O, no fields, no macros.

What was deleted with changes tracked is left out, what was inserted so is in.

Source: ECMA-376, part 1, 17 (WordprocessingML)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from workspace_mcp.formats import office
from workspace_mcp.formats.office import RELATION, Archive, Link

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEFT_OUT: Final = frozenset({
    f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", f"{_W}tbl",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
})  # fmt: skip
_AS: Final[Mapping[str, str]] = {
    f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-",
}  # fmt: skip
_NOTES: Final = {f"{_W}footnoteReference": "", f"{_W}endnoteReference": "e"}


@dataclass(frozen=True, slots=True)
class _Style:
    """A style of paragraphs: its name in English, in small letters, and the list that it makes ("" for none)."""

    name: str
    list: str
    level: str


@dataclass(slots=True)
class _Reader:
    """What paragraphs refer to, and how far each numbered list is."""

    links: Mapping[str, Link]
    kinds: Mapping[tuple[str, str], str]
    styles: Mapping[str, _Style]
    counts: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def blocks(self, body: Element) -> Iterator[str]:
        """Paragraphs and tables, a line each."""
        for child in body:
            if child.tag == f"{_W}p":
                yield self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from ("", *self._table(child), "")
            elif child.tag == f"{_W}sdt":
                content = child.find(f"{_W}sdtContent")
                if content is not None:
                    yield from self.blocks(content)
            elif child.tag == f"{_W}ins":
                yield from self.blocks(child)

    def _table(self, table: Element) -> Iterator[str]:
        yield from office.table(
            [" ".join(self.blocks(cell)) for cell in _inside(row, f"{_W}tc")]
            for row in _inside(table, f"{_W}tr")
        )

    def _paragraph(self, node: Element) -> str:
        text = self.words(node)
        if not text.strip():
            return text
        properties = node.find(f"{_W}pPr")
        identifier = "" if properties is None else _value(properties, "pStyle")
        style = self.styles.get(identifier, _Style(identifier.lower(), "", ""))
        if found := re.fullmatch(r"heading\s?([1-6])", style.name):
            return f"\n{'#' * int(found[1])} {text.strip()}\n"
        if style.name == "title":
            return f"# {text.strip()}\n"
        return f"{self._bullet(properties, style)}{text}"

    def _bullet(self, properties: Element | None, style: _Style) -> str:
        """The mark of a list's item, "" outside of lists."""
        number = None if properties is None else properties.find(f"{_W}numPr")
        own = ("", "") if number is None else (_value(number, "numId"), _value(number, "ilvl"))
        key = (own[0] or style.list, own[1] or style.level or "0")
        if key[0] in {"", "0"}:
            return ""
        indent = "  " * int(key[1]) if key[1].isdigit() else ""
        if self.kinds.get(key, "bullet") in {"bullet", "none"}:
            return f"{indent}- "
        self.counts[key] = self.counts.get(key, 0) + 1
        for other in self.counts:
            if other[0] == key[0] and other[1] > key[1]:
                self.counts[other] = 0
        return f"{indent}{self.counts[key]}. "

    def words(self, node: Element) -> str:
        """The text of a node, with links and the marks of notes."""
        parts: list[str] = []
        for child in node:
            if child.tag in _LEFT_OUT:
                continue
            if child.tag == f"{_W}t":
                parts.append(child.text or "")
            elif child.tag in _AS:
                parts.append(_AS[child.tag])
            elif child.tag in _NOTES:
                parts.append(f"[^{_NOTES[child.tag]}{child.get(f'{_W}id', '?')}]")
            elif child.tag == f"{_W}hyperlink":
                parts.append(self._link(child))
            else:
                inner = self.words(child)
                parts.append(f"{inner}\n" if child.tag == f"{_W}p" and inner else inner)
        return "".join(parts)

    def _link(self, node: Element) -> str:
        text = self.words(node)
        link = self.links.get(node.get(f"{RELATION}id", ""))
        if link is None or not text.strip() or text.strip() == link.target:
            return text
        return f"[{text}]({link.target})"


def docx(archive: Archive, wanted: Any) -> str:
    """Paragraphs, headings, lists, tables, notes, comments."""
    del wanted
    body = archive.xml("word/document.xml").find(f"{_W}body")
    if body is None:
        return ""
    reader = _Reader(archive.links("word/document.xml"), _numberings(archive), _styles(archive))
    text = "\n".join(reader.blocks(body)).strip()
    rest = "\n".join(
        (*_notes(archive, "footnote"), *_notes(archive, "endnote"), *_comments(archive))
    )
    return f"{text}\n\n{rest}" if rest else text


def _inside(node: Element, tag: str) -> Iterator[Element]:
    """The children of that tag, those in content controls too."""
    for child in node:
        if child.tag == tag:
            yield child
        elif child.tag in {f"{_W}sdt", f"{_W}sdtContent"}:
            yield from _inside(child, tag)


def _value(node: Element, name: str) -> str:
    found = node.find(f"{_W}{name}")
    return "" if found is None else found.get(f"{_W}val", "")


def _styles(archive: Archive) -> Mapping[str, _Style]:
    if "word/styles.xml" not in archive.names:
        return {}
    found: dict[str, _Style] = {}
    for one in archive.xml("word/styles.xml").findall(f"{_W}style"):
        number = one.find(f"{_W}pPr/{_W}numPr")
        found[one.get(f"{_W}styleId", "")] = _Style(
            _value(one, "name").lower(),
            "" if number is None else _value(number, "numId"),
            "" if number is None else _value(number, "ilvl"),
        )
    return found


def _numberings(archive: Archive) -> Mapping[tuple[str, str], str]:
    """(list, level) → how its items are marked: bullet, decimal …"""
    if "word/numbering.xml" not in archive.names:
        return {}
    root = archive.xml("word/numbering.xml")
    kinds = {
        (one.get(f"{_W}abstractNumId", ""), level.get(f"{_W}ilvl", "")): _value(level, "numFmt")
        for one in root.findall(f"{_W}abstractNum")
        for level in one.findall(f"{_W}lvl")
    }
    lists = {
        one.get(f"{_W}numId", ""): _value(one, "abstractNumId") for one in root.findall(f"{_W}num")
    }
    return {
        (number, level): kind
        for number, abstract in lists.items()
        for (known, level), kind in kinds.items()
        if known == abstract
    }


def _notes(archive: Archive, kind: str) -> Iterator[str]:
    part = f"word/{kind}s.xml"
    if part not in archive.names:
        return
    reader = _Reader(archive.links(part), {}, {})
    mark = "e" if kind == "endnote" else ""
    for note in archive.xml(part).findall(f"{_W}{kind}"):
        if note.get(f"{_W}type") is None:
            text = " ".join(" ".join(reader.blocks(note)).split())
            yield f"[^{mark}{note.get(f'{_W}id', '?')}]: {text}"


def _comments(archive: Archive) -> Iterator[str]:
    if "word/comments.xml" not in archive.names:
        return
    reader = _Reader({}, {}, {})
    for one in archive.xml("word/comments.xml").findall(f"{_W}comment"):
        text = " ".join(" ".join(reader.blocks(one)).split())
        yield f"[comment by {one.get(f'{_W}author', '?')}: {text}]"
