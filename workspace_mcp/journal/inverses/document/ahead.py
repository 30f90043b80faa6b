"""What a batch of requests would take out of a document that Google has no request to bring back. No I/O.

Told from the requests and the document as it is: each thing's place is followed through the batch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.journal.inverses.document.model import (
    Block,
    Document,
    Other,
    Paragraph,
    Table,
    units,
)
from workspace_mcp.journal.inverses.document.writer import AGAIN, NAMES

Json = Mapping[str, Any]
GONE: Final = {
    "deleteTab": "a tab", "deleteHeader": "a header", "deleteFooter": "a footer",
    "replaceImage": "an image", "deletePositionedObject": "an image",
}  # fmt: skip
"""Requests that take something for good, whatever they change."""
_LONGER: Final = {
    "insertInlineImage": 1, "insertPerson": 1, "insertRichLink": 1, "insertDate": 1,
    "createFootnote": 1, "insertPageBreak": 2, "insertSectionBreak": 2,
}  # fmt: skip
"""Indices that a request adds at its place."""


@dataclass(slots=True)
class _Thing:
    """Something that cannot be made again; `row` and `column` of the table that starts at `table`."""

    tab: str
    segment: str
    at: int
    said: str
    table: int = -1
    row: int = -1
    column: int = -1


def lost(requests: Sequence[Json], document: Document) -> list[str]:
    """What would be gone, in a few words each."""
    things = [
        one
        for tab in document.tabs.values()
        for segment, blocks in tab.segments.items()
        for one in _things(tab.id, segment, blocks)
    ]
    first = next(iter(document.tabs), "")
    found: list[str] = []
    for request in requests:
        for kind, given in request.items():
            if kind in GONE:
                found.append(GONE[kind])
            gone = [one for one in things if _takes(kind, given, one, first)]
            found += [one.said for one in gone]
            things = [one for one in things if one not in gone]
            _shift(kind, given, things, first)
    return list(dict.fromkeys(found))


def _things(
    tab: str, segment: str, blocks: Sequence[Block], table: tuple[int, int, int] = (-1, -1, -1)
) -> Iterator[_Thing]:
    for block in blocks:
        match block:
            case Paragraph():
                at = block.at
                for piece in block.pieces:
                    kind = next(iter(piece.thing), "") if piece.thing is not None else ""
                    if kind and kind not in AGAIN:
                        said = NAMES.get(kind, "an object in the text")
                        yield _Thing(tab, segment, at, said, *table)
                    at += piece.size
            case Table():
                for r, row in enumerate(block.rows):
                    for c, cell in enumerate(row.cells):
                        yield from _things(tab, segment, cell.blocks, (block.at, r, c))
            case Other(at=at) if at:
                said = "a section break" if "sectionBreak" in block.raw else block.text.strip("()")
                yield _Thing(tab, segment, at, said or "a contents list", *table)
            case _:
                continue


def _takes(kind: str, given: Json, one: _Thing, first: str) -> bool:
    match kind:
        case "deleteContentRange":
            span = given.get("range", {})
            return _same(span, one, first) and (
                span.get("startIndex", 0) <= one.at < span.get("endIndex", 0)
            )
        case "deleteTableRow" | "deleteTableColumn":
            cell = given.get("tableCellLocation", {})
            start = cell.get("tableStartLocation", {})
            if not _same(start, one, first) or one.table != start.get("index", 0):
                return False
            if kind == "deleteTableRow":
                return one.row == cell.get("rowIndex", 0)
            return one.column == cell.get("columnIndex", 0)
        case _:
            return False


def _same(place: Json, one: _Thing, first: str) -> bool:
    return (place.get("tabId") or first, place.get("segmentId", "")) == (one.tab, one.segment)


def _shift(kind: str, given: Json, things: Sequence[_Thing], first: str) -> None:
    """Move what stands behind a request's place."""
    if kind == "deleteContentRange":
        place = given.get("range", {})
        at, by = place.get("endIndex", 0), place.get("startIndex", 0) - place.get("endIndex", 0)
    else:
        place = given.get("location")
        if place is None:
            return
        at, by = place.get("index", 0), _longer(kind, given)
    for one in things:
        if _same(place, one, first):
            one.at += by if one.at >= at else 0
            one.table += by if one.table >= at else 0


def _longer(kind: str, given: Json) -> int:
    if kind == "insertText":
        return units(str(given.get("text", "")))
    if kind == "insertTable":
        return 3 + int(given.get("rows", 0)) * (1 + 2 * int(given.get("columns", 0)))
    return _LONGER.get(kind, 0)
