"""Word, Excel and PowerPoint files → text. No I/O, no formulas, no macros.

Source: ECMA-376
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_MEMBERS: Final = 5_000
_UNPACKED: Final = 60 << 20
_PART: Final = 25 << 20
_ROWS: Final = 20_000
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_S: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class UnreadableError(ValueError):
    """The file is damaged, locked, or larger inside than it may be."""


class Archive:
    """A ZIP whose members are read with bounds."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
            raise UnreadableError("The file is damaged.") from error
        infos = self._zip.infolist()
        if len(infos) > _MEMBERS or sum(one.file_size for one in infos) > _UNPACKED:
            raise UnreadableError("The file is too large inside to be read safely.")
        self.names = frozenset(one.filename for one in infos)

    def xml(self, name: str) -> Element:
        """A member's XML.

        Raises:
            UnreadableError: it is not there, too large, or no XML that may be read.
        """
        try:
            with self._zip.open(name) as member:
                data = member.read(_PART + 1)
            if len(data) > _PART:
                raise UnreadableError("The file is too large inside to be read safely.")
            return fromstring(data, forbid_dtd=True)
        except (ParseError, DefusedXmlException, RecursionError) as error:
            raise UnreadableError("The file holds XML that is not read.") from error
        except (
            ValueError,
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            NotImplementedError,
            OSError,
            EOFError,
        ) as error:
            raise UnreadableError("The file is damaged or locked.") from error


def kind(data: bytes) -> str:
    """docx, xlsx, pptx, or "" for another archive."""
    try:
        names = Archive(data).names
    except UnreadableError:
        return "docx" if b"word/document.xml" in data[:4096] else ""
    for name, found in (
        ("word/document.xml", "docx"),
        ("xl/workbook.xml", "xlsx"),
        ("ppt/presentation.xml", "pptx"),
    ):
        if name in names:
            return found
    return ""


def docx(archive: Archive, wanted: Any) -> str:
    """Paragraphs, headings, lists and tables, in Markdown's manner."""
    del wanted
    body = archive.xml("word/document.xml").find(f"{_W}body")
    return "" if body is None else "\n".join(_blocks(body)).strip()


def _blocks(body: Element) -> Iterator[str]:
    for child in body:
        if child.tag == f"{_W}p":
            yield _paragraph(child)
        elif child.tag == f"{_W}tbl":
            yield ""
            for row in child.iter(f"{_W}tr"):
                cells = (" ".join(_words(cell).split()) for cell in row.findall(f"{_W}tc"))
                yield " | ".join(cells)
            yield ""
        elif child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            if content is not None:
                yield from _blocks(content)


def _paragraph(node: Element) -> str:
    text = _words(node)
    style = node.find(f"{_W}pPr/{_W}pStyle")
    name = "" if style is None else style.get(f"{_W}val", "")
    if (found := re.fullmatch(r"(?i)heading\s?([1-6])", name)) and text.strip():
        return f"\n{'#' * int(found[1])} {text.strip()}\n"
    listed = node.find(f"{_W}pPr/{_W}numPr") is not None
    return f"- {text}" if listed and text.strip() else text


def _words(node: Element) -> str:
    parts: list[str] = []
    for inner in node.iter():
        if inner.tag == f"{_W}t":
            parts.append(inner.text or "")
        elif inner.tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
            parts.append("\t" if inner.tag == f"{_W}tab" else "\n")
    return "".join(parts)


def xlsx(archive: Archive, wanted: Any) -> str:
    """Every sheet as rows with their numbers, values as they are stored."""
    del wanted
    strings = _shared(archive)
    found: list[str] = []
    for name, path in _sheets(archive):
        rows = list(_rows(archive.xml(path), strings))
        found.append(f"[sheet {name}]\n" + "\n".join(rows[:_ROWS]))
        if len(rows) > _ROWS:
            found[-1] += f"\n… {len(rows) - _ROWS:,} more rows"
    return "\n\n".join(found)


def cells(archive: Archive) -> dict[tuple[str, int, int], str]:
    """(sheet, row, column) of an Excel file, rows and columns from 1 → the value that is stored there.

    Raises:
        UnreadableError: it is no such file.
    """
    strings = _shared(archive)
    found: dict[tuple[str, int, int], str] = {}
    for name, path in _sheets(archive):
        for row in archive.xml(path).iter(f"{_S}row"):
            for cell in row.findall(f"{_S}c"):
                if value := " ".join(_value(cell, strings).split()):
                    number = int(row.get("r", "0"))
                    found[name, number, _column(cell.get("r", ""))] = value
    return found


def _shared(archive: Archive) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.names:
        return []
    root = archive.xml("xl/sharedStrings.xml")
    return [
        "".join(text.text or "" for text in item.iter(f"{_S}t")) for item in root.findall(f"{_S}si")
    ]


def _sheets(archive: Archive) -> Iterator[tuple[str, str]]:
    links = {
        one.get("Id", ""): one.get("Target", "")
        for one in archive.xml("xl/_rels/workbook.xml.rels")
    }
    for sheet in archive.xml("xl/workbook.xml").iter(f"{_S}sheet"):
        target = links.get(sheet.get(f"{_R}id", ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in archive.names:
            yield sheet.get("name", ""), path


def _rows(root: Element, strings: list[str]) -> Iterator[str]:
    for row in root.iter(f"{_S}row"):
        cells: list[str] = []
        for cell in row.findall(f"{_S}c"):
            column = _column(cell.get("r", ""))
            cells += [""] * max(0, min(column, 500) - len(cells) - 1)
            cells.append(" ".join(_value(cell, strings).split()))
        if any(cells):
            yield f"{row.get('r', '?')}: {' | '.join(cells)}"


def _column(reference: str) -> int:
    number = 0
    for letter in re.match(r"[A-Z]{0,3}", reference)[0] if reference else "":  # pyright: ignore[reportOptionalSubscript]
        number = number * 26 + ord(letter) - 64
    return number


def _value(cell: Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_S}t"))
    value = cell.findtext(f"{_S}v") or ""
    if cell.get("t") == "s" and value.isdigit() and int(value) < len(strings):
        return strings[int(value)]
    if cell.get("t") == "b":
        return "TRUE" if value == "1" else "FALSE"
    return value


def pptx(archive: Archive, wanted: Any) -> str:
    """Slides with their notes; `wanted` chooses slides by number."""
    numbers = sorted(
        int(found[1])
        for name in archive.names
        if (found := re.fullmatch(r"ppt/slides/slide(\d+)\.xml", name))
    )
    parts: list[str] = []
    for number in numbers:
        if wanted is not None and number not in wanted:
            continue
        parts.append(
            f"[slide {number} of {len(numbers)}]\n{_slide(archive.xml(f'ppt/slides/slide{number}.xml'))}"
        )
        notes = f"ppt/notesSlides/notesSlide{number}.xml"
        if notes in archive.names and (text := _slide(archive.xml(notes))):
            parts[-1] += f"\nNotes: {text}"
    return "\n\n".join(parts)


def _slide(root: Element) -> str:
    lines = (
        "".join(text.text or "" for text in paragraph.iter(f"{_A}t"))
        for paragraph in root.iter(f"{_A}p")
    )
    return "\n".join(line for line in lines if line.strip())
