"""OpenDocument files (LibreOffice) → text, like `word`, `excel` and `powerpoint`. No I/O.

Source: OASIS OpenDocument 1.3, part 3
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from workspace_mcp.formats import office
from workspace_mcp.formats.office import Archive

_SPACE: Final = "{urn:oasis:names:tc:opendocument:xmlns:"
_T: Final = f"{_SPACE}text:1.0}}"
_TABLE: Final = f"{_SPACE}table:1.0}}"
_O: Final = f"{_SPACE}office:1.0}}"
_DRAW: Final = f"{_SPACE}drawing:1.0}}"
_NOTES: Final = f"{_SPACE}presentation:1.0}}notes"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_LEFT_OUT: Final = frozenset({f"{_T}tracked-changes", f"{_O}annotation", f"{_T}ruby-text"})
_ROWS: Final = 20_000
_WIDEST: Final = 500


@dataclass(slots=True)
class _Reader:
    """Reads blocks; keeps the footnotes for the end."""

    notes: list[str] = field(default_factory=list[str])

    def blocks(self, node: Element, depth: int = 0) -> Iterator[str]:
        """A line each paragraph, heading, item and row."""
        for child in node:
            if child.tag in _LEFT_OUT or child.tag == _NOTES:
                continue
            if child.tag == f"{_T}h":
                level = child.get(f"{_T}outline-level", "1")
                marks = "#" * (int(level) if level in set("123456") else 6)
                yield f"\n{marks} {self.words(child).strip()}\n"
            elif child.tag == f"{_T}p":
                yield self.words(child)
            elif child.tag == f"{_T}list":
                yield from self._items(child, depth)
            elif child.tag == f"{_TABLE}table":
                yield from ("", *self._table(child), "")
            else:
                yield from self.blocks(child, depth)

    def _items(self, node: Element, depth: int) -> Iterator[str]:
        for item in node:
            for number, line in enumerate(self.blocks(item, depth + 1)):
                nested = line.lstrip().startswith("- ") and number > 0
                yield line if nested else f"{'  ' * depth}- {line}"

    def _table(self, table: Element) -> Iterator[str]:
        yield from office.table(
            [" ".join(self.blocks(one)) for one in row.findall(f"{_TABLE}table-cell")]
            for row in table.iter(f"{_TABLE}table-row")
        )

    def words(self, node: Element) -> str:
        """The text of a paragraph: spaces, tabs, links, marks of notes."""
        parts = [node.text or ""]
        for child in node:
            if child.tag == f"{_T}s":
                count = child.get(f"{_T}c", "1")
                parts.append(" " * min(int(count) if count.isdigit() else 1, 100))
            elif child.tag in {f"{_T}tab", f"{_T}line-break"}:
                parts.append("\t" if child.tag == f"{_T}tab" else "\n")
            elif child.tag == f"{_T}note":
                parts.append(self._note(child))
            elif child.tag == f"{_T}a":
                text, address = self.words(child), child.get(_LINK, "")
                parts.append(f"[{text}]({address})" if text and address != text else text)
            elif child.tag not in _LEFT_OUT:
                parts.append(self.words(child))
            parts.append(child.tail or "")
        return "".join(parts)

    def _note(self, node: Element) -> str:
        body = node.find(f"{_T}note-body")
        number = len(self.notes) + 1
        self.notes.append("")  # a note inside of the note comes after it
        text = "" if body is None else " ".join(" ".join(self.blocks(body)).split())
        self.notes[number - 1] = f"[^{number}]: {text}"
        return f"[^{number}]"


def _body(archive: Archive, kind: str) -> Element | None:
    return archive.xml("content.xml").find(f"{_O}body/{_O}{kind}")


def odt(archive: Archive, wanted: Any) -> str:
    """Paragraphs, headings, lists, tables, notes."""
    del wanted
    body = _body(archive, "text")
    if body is None:
        return ""
    reader = _Reader()
    text = "\n".join(reader.blocks(body)).strip()
    return "\n\n".join((text, "\n".join(reader.notes))) if reader.notes else text


def odp(archive: Archive, wanted: Any) -> str:
    """Slides with their notes; `wanted` chooses slides by number."""
    body = _body(archive, "presentation")
    slides = [] if body is None else body.findall(f"{_DRAW}page")
    parts: list[str] = []
    for number, slide in enumerate(slides, 1):
        if wanted is not None and number not in wanted:
            continue
        reader = _Reader()
        lines = [line for line in reader.blocks(slide) if line.strip()]
        notes = slide.find(_NOTES)
        said = [] if notes is None else [one for one in reader.blocks(notes) if one.strip()]
        lines += [f"Notes: {said[0]}", *said[1:]] if said else []
        parts.append("\n".join((f"[slide {number} of {len(slides)}]", *lines)))
    return "\n\n".join(parts)


def ods(archive: Archive, wanted: Any) -> str:
    """Every sheet as rows with their numbers; `wanted` chooses sheets by number."""
    body = _body(archive, "spreadsheet")
    sheets = [] if body is None else body.findall(f"{_TABLE}table")
    found: list[str] = []
    for number, sheet in enumerate(sheets, 1):
        if wanted is not None and number not in wanted:
            continue
        lines = [f"[sheet {sheet.get(f'{_TABLE}name', '')}]"]
        for row, values in _rows(sheet):
            if len(lines) > _ROWS:
                lines.append("… more rows")
                break
            lines.append(f"{row}: {' | '.join(values)}")
        found.append("\n".join(lines))
    return "\n\n".join(found)


def cells(archive: Archive) -> dict[tuple[str, int, int], str]:
    """(sheet, row, column), from 1 → the value that is stored there, as `excel.cells` does."""
    body = _body(archive, "spreadsheet")
    return {
        (sheet.get(f"{_TABLE}name", ""), row, column): value
        for sheet in ([] if body is None else body.findall(f"{_TABLE}table"))
        for row, values in _rows(sheet)
        for column, value in enumerate(values, 1)
        if value
    }


def _rows(sheet: Element) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, repeated ones as often as they stand there."""
    number, reader = 1, _Reader()
    for row in sheet.iter(f"{_TABLE}table-row"):
        times = _times(row, "number-rows-repeated", 1 << 21)
        values: list[str] = []
        for cell in row:
            if cell.tag in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
                room = max(_WIDEST - len(values), 0)
                again = _times(cell, "number-columns-repeated", room)
                values += [_value(cell, reader)] * again
        while values and not values[-1]:
            values.pop()
        if values:
            for at in range(number, number + min(times, _ROWS)):
                yield at, values
        number += times


def _times(node: Element, name: str, most: int) -> int:
    given = node.get(f"{_TABLE}{name}", "1")
    return min(int(given) if given.isdigit() else 1, most)


def _value(cell: Element, reader: _Reader) -> str:
    match cell.get(f"{_O}value-type"):
        case "date":
            given = cell.get(f"{_O}date-value", "").removesuffix("T00:00:00")
            return given.replace("T", " ")
        case "float" | "currency":
            return cell.get(f"{_O}value", "")
        case "boolean":
            return cell.get(f"{_O}boolean-value", "").upper()
        case _:
            return " ".join(" ".join(reader.blocks(cell)).split())
