"""PowerPoint files → the text of their slides and notes, in the order in which they are shown. No I/O.

Source: ECMA-376, part 1, 19 (PresentationML)
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element

from workspace_mcp.formats.office import RELATION, Archive

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_LEFT_OUT: Final = frozenset({"sldNum", "dt", "ftr", "hdr"})
"""What stands on every slide alike."""


def pptx(archive: Archive, wanted: Any) -> str:
    """Slides with their notes; `wanted` chooses slides by number."""
    slides = _slides(archive)
    parts: list[str] = []
    for number, path in enumerate(slides, 1):
        if wanted is not None and number not in wanted:
            continue
        root = archive.xml(path)
        hidden = ", hidden" if root.get("show") == "0" else ""
        text = "\n".join(_lines(root))
        parts.append(f"[slide {number} of {len(slides)}{hidden}]\n{text}")
        for link in archive.links(path).values():
            if link.kind == "notesSlide" and link.target in archive.names:
                notes = "\n".join(_lines(archive.xml(link.target)))
                parts[-1] += f"\nNotes: {notes}" if notes else ""
    return "\n\n".join(parts)


def _slides(archive: Archive) -> Sequence[str]:
    """The members that hold the slides, as the presentation lists them; by number when it does not."""
    links = archive.links("ppt/presentation.xml")
    listed = [
        links[identifier].target
        for one in archive.xml("ppt/presentation.xml").iter(f"{_P}sldId")
        if (identifier := one.get(f"{RELATION}id", "")) in links
    ]
    if found := [path for path in listed if path in archive.names]:
        return found
    numbers = {
        int(found[1]): name
        for name in archive.names
        if (found := re.fullmatch(r"ppt/slides/slide(\d{1,9})\.xml", name))
    }
    return [numbers[number] for number in sorted(numbers)]


def _lines(node: Element) -> Iterator[str]:
    """A line a paragraph, a line a row of a table."""
    for child in node:
        if child.tag == f"{_P}sp":
            kind = child.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
            if kind is not None and kind.get("type") in _LEFT_OUT:
                continue
        if child.tag == f"{_A}tr":
            cells = (" ".join(_lines(cell)) for cell in child.findall(f"{_A}tc"))
            yield " | ".join(cells)
        elif child.tag == f"{_A}p":
            if (text := _words(child)).strip():
                yield text
        elif not child.tag.endswith("}Fallback"):
            yield from _lines(child)


def _words(paragraph: Element) -> str:
    return "".join(
        " " if one.tag == f"{_A}br" else one.text or ""
        for one in paragraph.iter()
        if one.tag in {f"{_A}t", f"{_A}br"}
    )
