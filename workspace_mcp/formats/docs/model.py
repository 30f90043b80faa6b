"""A Doc's JSON as values: tabs, segments, blocks, runs, each with its UTF-16 indices. No I/O.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]
OBJECT = "\ufffc"
"""What stands in a text for something that is no text: an image, a chip, a footnote's mark."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style, or one object (`kind`: image, footnote, page, rule, person, link, …)."""

    start: int
    end: int
    text: str
    style: Json = field(default_factory=dict[str, Any])
    kind: str = ""
    value: Json = field(default_factory=dict[str, Any])
    inserted: bool = False
    deleted: bool = False
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Bullet:
    """A paragraph's place in a list. `glyph`: "" a bullet, "1" a number, "x" a check box."""

    list_id: str
    level: int
    glyph: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`end` is behind its newline. `style` is what the paragraph sets itself."""

    start: int
    end: int
    runs: tuple[Run, ...]
    style: Json
    bullet: Bullet | None = None

    @property
    def text(self) -> str:
        """Its text without the newline; objects are `OBJECT`, suggested deletions are left out."""
        return "".join(run.text for run in self.runs if not run.deleted).removesuffix("\n")

    @property
    def named(self) -> str:
        """NORMAL_TEXT, TITLE, SUBTITLE or HEADING_1 … HEADING_6."""
        return self.style.get("namedStyleType", "NORMAL_TEXT")

    @property
    def level(self) -> int:
        """A heading's level, the title's and subtitle's included; 0 for text."""
        if self.named.startswith("HEADING_"):
            return int(self.named[-1])
        return {"TITLE": 1, "SUBTITLE": 2}.get(self.named, 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell; `hidden` when a merged neighbour covers it."""

    start: int
    end: int
    blocks: "tuple[Block, ...]"
    hidden: bool = False

    @property
    def text(self) -> str:
        """Its paragraphs, a line each."""
        return "\n".join(one.text for one in paragraphs(self.blocks))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells."""

    start: int
    end: int
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Break:
    """A section break, or a table of contents, which only Google writes."""

    start: int
    end: int
    kind: str


Block = Paragraph | Table | Break


@dataclass(frozen=True, slots=True)
class Segment:
    """A body, header, footer or footnote. `id` is "" for the body."""

    id: str
    kind: str
    blocks: tuple[Block, ...]

    @property
    def end(self) -> int:
        """Behind the last newline."""
        return self.blocks[-1].end if self.blocks else 1


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab with its segments; `depth` 0 is at the top."""

    id: str
    title: str
    depth: int
    body: Segment
    others: tuple[Segment, ...]
    images: Mapping[str, Json]
    ranges: Mapping[str, Json]
    raw: Json = field(repr=False)

    def segments(self) -> tuple[Segment, ...]:
        """The body first."""
        return (self.body, *self.others)

    def of_kind(self, kind: str) -> tuple[Segment, ...]:
        """Headers, footers or footnotes."""
        return tuple(one for one in self.others if one.kind == kind)


@dataclass(frozen=True, slots=True)
class Doc:
    """A document at one revision."""

    id: str
    title: str
    revision: str
    tabs: tuple[Tab, ...]

    @classmethod
    def from_api(cls, document: Json) -> "Doc":
        """Read a `Document` that was fetched with `includeTabsContent`.

        Raises:
            KeyError: it is not one.
        """
        return cls(
            document.get("documentId", ""), document.get("title", ""),
            document.get("revisionId", ""), tuple(_tabs(document.get("tabs", ()), 0)),
        )  # fmt: skip


def paragraphs(blocks: Sequence[Block]) -> Iterator[Paragraph]:
    """Every paragraph, those in cells included, in order."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
        elif isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    yield from paragraphs(cell.blocks)


def tables(blocks: Sequence[Block]) -> Iterator[Table]:
    """Every table, those in cells included, in order."""
    for block in blocks:
        if isinstance(block, Table):
            yield block
            for row in block.rows:
                for cell in row:
                    yield from tables(cell.blocks)


def _tabs(found: Sequence[Json], depth: int) -> Iterator[Tab]:
    for one in found:
        properties, content = one["tabProperties"], one.get("documentTab", {})
        lists: Json = content.get("lists", {})
        others = tuple(
            Segment(key, kind, _blocks(value.get("content", ()), lists))
            for kind in ("header", "footer", "footnote")
            for key, value in content.get(f"{kind}s", {}).items()
        )
        body = Segment("", "body", _blocks(content.get("body", {}).get("content", ()), lists))
        yield Tab(
            properties["tabId"], properties.get("title", ""), depth, body, others,
            content.get("inlineObjects", {}), content.get("namedRanges", {}), content,
        )  # fmt: skip
        yield from _tabs(one.get("childTabs", ()), depth + 1)


def _blocks(content: Sequence[Json], lists: Json) -> tuple[Block, ...]:
    return tuple(_block(one, lists) for one in content)


def _block(one: Json, lists: Json) -> Block:
    start, end = one.get("startIndex", 0), one["endIndex"]
    if "paragraph" in one:
        return _paragraph(one["paragraph"], start, end, lists)
    if "table" in one:
        rows = tuple(_row(row, lists) for row in one["table"].get("tableRows", ()))
        return Table(start, end, rows)
    return Break(start, end, "contents" if "tableOfContents" in one else "section")


def _row(row: Json, lists: Json) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            cell["startIndex"], cell["endIndex"], _blocks(cell.get("content", ()), lists),
            cell.get("tableCellStyle", {}).get("rowSpan", 1) == 0,
        )
        for cell in row.get("tableCells", ())
    )  # fmt: skip


def _paragraph(found: Json, start: int, end: int, lists: Json) -> Paragraph:
    runs = tuple(map(_run, found.get("elements", ())))
    bullet = found.get("bullet")
    style = found.get("paragraphStyle", {})
    return Paragraph(start, end, runs, style, _bullet(bullet, lists) if bullet else None)


def _bullet(bullet: Json, lists: Json) -> Bullet:
    level = bullet.get("nestingLevel", 0)
    levels = lists.get(bullet["listId"], {}).get("listProperties", {}).get("nestingLevels", ())
    look: Json = levels[level] if level < len(levels) else {}
    kind = look.get("glyphType", "GLYPH_TYPE_UNSPECIFIED")
    if kind not in {"GLYPH_TYPE_UNSPECIFIED", "NONE"}:
        return Bullet(bullet["listId"], level, "1")
    return Bullet(bullet["listId"], level, "" if look.get("glyphSymbol") or not look else "x")


_KINDS = {
    "inlineObjectElement": "image", "footnoteReference": "footnote", "pageBreak": "page",
    "horizontalRule": "rule", "person": "person", "richLink": "link", "dateElement": "date",
    "dropdown": "choice", "equation": "equation", "columnBreak": "column", "autoText": "auto",
}  # fmt: skip


def _run(element: Json) -> Run:
    start, end = element.get("startIndex", 0), element["endIndex"]
    for name, value in element.items():
        if name == "textRun":
            text, kind = value["content"], ""
        elif name in _KINDS:
            text, kind = OBJECT * (end - start), _KINDS[name]
        else:
            continue
        new, old = value.get("suggestedInsertionIds"), value.get("suggestedDeletionIds")
        return Run(
            start, end, text, value.get("textStyle", {}), kind, {} if name == "textRun" else value,
            bool(new), bool(old), (new or old or [""])[0],
        )  # fmt: skip
    return Run(start, end, OBJECT * (end - start), kind="unknown")


def units(text: str) -> int:
    """How many indices a text takes: its UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)
