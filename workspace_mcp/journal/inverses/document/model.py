"""A document's JSON → blocks that can be compared, kept and made again. No I/O.

What Google numbers anew by itself (indices, headings, lists) is left out, so that a document which was
put back compares equal to what it was. Positions are in UTF-16 code units, as Google counts them.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Json = Mapping[str, Any]
_NUMBERED: Final = frozenset({"headingId", "tabStops"})
_OWN: Final = frozenset({"personId", "richLinkId", "dateId", "footnoteNumber"})
_GLYPHS: Final = {
    "●○■": "BULLET_DISC_CIRCLE_SQUARE",
    "➔◆●": "BULLET_ARROW_DIAMOND_DISC",
    "★○■": "BULLET_STAR_CIRCLE_SQUARE",
    "➢○■": "BULLET_ARROW3D_CIRCLE_SQUARE",
    "DECIMAL ALPHA ROMAN %0.": "NUMBERED_DECIMAL_ALPHA_ROMAN",
    "DECIMAL ALPHA ROMAN %0)": "NUMBERED_DECIMAL_ALPHA_ROMAN_PARENS",
    "DECIMAL DECIMAL DECIMAL": "NUMBERED_DECIMAL_NESTED",
    "UPPER_ALPHA ALPHA ROMAN": "NUMBERED_UPPERALPHA_ALPHA_ROMAN",
    "UPPER_ROMAN UPPER_ALPHA DECIMAL": "NUMBERED_UPPERROMAN_UPPERALPHA_DECIMAL",
    "ZERO_DECIMAL ALPHA ROMAN": "NUMBERED_ZERODECIMAL_ALPHA_ROMAN",
}


def units(text: str) -> int:
    """How many indices a text takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one look, or with `thing` what stands at one index: an image, a person, a page break."""

    text: str
    style: Json
    thing: Json | None = None

    @property
    def size(self) -> int:
        """Its indices."""
        return units(self.text) if self.thing is None else 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`pieces` include the newline at the end. `bullet`: `look` (a preset, or a mark of one that is none),
    `level`, and `list`, which is not compared."""

    at: int
    style: Json
    bullet: Json | None
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> int:
        """The index behind its newline."""
        return self.at + sum(one.size for one in self.pieces)

    @property
    def text(self) -> str:
        """What a person reads of it."""
        return "".join(one.text if one.thing is None else "￼" for one in self.pieces)

    def kept(self) -> Json:
        """As it is compared."""
        bullet = {k: v for k, v in self.bullet.items() if k != "list"} if self.bullet else None
        return {
            "p": self.style,
            "b": bullet,
            "t": [[o.text, o.style, o.thing] for o in self.pieces],
        }

    def json(self) -> Json:
        """As the journal has it."""
        return {**self.kept(), "b": self.bullet}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's content and its look."""

    at: int
    style: Json
    blocks: "tuple[Block, ...]"

    def kept(self) -> Json:
        """As it is compared."""
        return {"s": self.style, "c": [one.kept() for one in self.blocks]}

    def json(self) -> Json:
        """As the journal has it."""
        return {"s": self.style, "c": [one.json() for one in self.blocks]}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    at: int
    style: Json
    cells: tuple[Cell, ...]

    def kept(self) -> Json:
        """As it is compared."""
        return {"s": self.style, "r": [one.kept() for one in self.cells]}

    def json(self) -> Json:
        """As the journal has it."""
        return {"s": self.style, "r": [one.json() for one in self.cells]}


@dataclass(frozen=True, slots=True)
class Table:
    """`style`: its columns' widths."""

    at: int
    end: int
    style: Json
    rows: tuple[Row, ...]

    @property
    def text(self) -> str:
        """What a person reads of it."""
        cells = [[one for cell in row.cells for one in cell.blocks] for row in self.rows]
        return "\n".join(" | ".join(one.text.strip() for one in row) for row in cells)

    @property
    def columns(self) -> int:
        """How many."""
        return len(self.rows[0].cells) if self.rows else 0

    def kept(self) -> Json:
        """As it is compared."""
        return {"table": self.style, "rows": [one.kept() for one in self.rows]}

    def json(self) -> Json:
        """As the journal has it."""
        return {"table": self.style, "rows": [one.json() for one in self.rows]}


@dataclass(frozen=True, slots=True)
class Other:
    """A section break, or what cannot be made again: a contents list, text with suggestions."""

    at: int
    end: int
    raw: Json
    text: str = ""

    def kept(self) -> Json:
        """As it is compared."""
        return {"other": self.raw}

    def json(self) -> Json:
        """As the journal has it."""
        return self.kept()


Block = Paragraph | Table | Other


def digest(found: "Block | Row | Cell") -> str:
    """Twelve letters that are the same for what is the same."""
    text = json.dumps(found.kept(), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab's segments: "" is the body; headers, footers and footnotes by their ids."""

    id: str
    title: str
    emoji: str
    segments: Mapping[str, tuple[Block, ...]]
    kinds: Mapping[str, str]
    style: Json
    names: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """Named ranges: id → name and ranges."""


@dataclass(frozen=True, slots=True)
class Document:
    """All tabs, by id."""

    revision: str
    tabs: Mapping[str, Tab]

    @classmethod
    def from_api(cls, found: Json) -> "Document":
        """Read a document that was asked for with its tabs."""
        tabs = {one["tabProperties"]["tabId"]: _tab(one) for one in _flat(found.get("tabs", ()))}
        return cls(str(found.get("revisionId", "")), tabs)


def _flat(tabs: Sequence[Json]) -> Iterator[Json]:
    for one in tabs:
        yield one
        yield from _flat(one.get("childTabs", ()))


def _tab(found: Json) -> Tab:
    properties, content = found["tabProperties"], found.get("documentTab", {})
    lists = content.get("lists", {})
    segments = {"": _blocks(content.get("body", {}).get("content", ()), lists)}
    kinds = {"": "body"}
    for kind in ("header", "footer", "footnote"):
        for key, one in content.get(f"{kind}s", {}).items():
            segments[key] = _blocks(one.get("content", ()), lists)
            kinds[key] = kind
    names = {
        one["namedRangeId"]: {"name": one.get("name", ""), "ranges": one.get("ranges", [])}
        for group in content.get("namedRanges", {}).values()
        for one in group.get("namedRanges", ())
    }
    return Tab(
        properties["tabId"], properties.get("title", ""), properties.get("iconEmoji", ""), segments,
        kinds, content.get("documentStyle", {}), names,
    )  # fmt: skip


def _blocks(content: Sequence[Json], lists: Json) -> tuple[Block, ...]:
    return tuple(_block(one, lists) for one in content)


def _block(found: Json, lists: Json) -> Block:
    at, end = int(found.get("startIndex", 0)), int(found["endIndex"])
    if _suggested(found):
        return Other(at, end, _bare(found), "(with suggestions)")
    match found:
        case {"paragraph": paragraph} if not paragraph.get("positionedObjectIds"):
            pieces = _joined(map(_piece, paragraph.get("elements", ())))
            style = _without(paragraph.get("paragraphStyle", {}), _NUMBERED)
            return Paragraph(at, style, _bullet(paragraph.get("bullet"), lists), pieces)
        case {"table": table}:
            rows = tuple(_row(one, lists) for one in table.get("tableRows", ()))
            return Table(at, end, _table_style(table.get("tableStyle", {})), rows)
        case _:
            return Other(at, end, _bare(found))


def _table_style(found: Json) -> Json:
    """The columns' widths; {} when all are as wide as they come."""
    columns = found.get("tableColumnProperties", ())
    if all(one.get("widthType") == "EVENLY_DISTRIBUTED" for one in columns):
        return {}
    return {"tableColumnProperties": list(columns)}


def _row(found: Json, lists: Json) -> Row:
    cells = tuple(
        Cell(
            int(one["startIndex"]),
            one.get("tableCellStyle", {}),
            _blocks(one.get("content", ()), lists),
        )
        for one in found.get("tableCells", ())
    )
    style = {key: value for key, value in found.get("tableRowStyle", {}).items() if value}
    return Row(int(found["startIndex"]), style, cells)


def _piece(element: Json) -> Piece:
    if "textRun" in element:
        run = element["textRun"]
        return Piece(run.get("content", ""), run.get("textStyle", {}))
    kind = next(one for one in element if one not in {"startIndex", "endIndex"})
    value = element[kind]
    return Piece("", value.get("textStyle", {}), {kind: _without(value, _OWN | {"textStyle"})})


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Texts of one look as one piece, however Google cut them."""
    found: list[Piece] = []
    for one in pieces:
        last = found[-1] if found else None
        if last and last.thing is None and one.thing is None and last.style == one.style:
            found[-1] = Piece(last.text + one.text, one.style)
        else:
            found.append(one)
    return tuple(found)


def _bullet(found: Json | None, lists: Json) -> Json | None:
    if found is None:
        return None
    key = found.get("listId", "")
    levels = lists.get(key, {}).get("listProperties", {}).get("nestingLevels", ())
    return {"look": look_of(levels), "level": found.get("nestingLevel", 0), "list": key}


def look_of(levels: Sequence[Json]) -> str:
    """The preset that makes such a list; else a mark with an `=` before it."""
    first = levels[:3]
    glyphs = "".join(one.get("glyphSymbol", "") for one in first)
    if glyphs in _GLYPHS:
        return _GLYPHS[glyphs]
    kinds = " ".join(one.get("glyphType", "") for one in first)
    for end in ("", f" {first[0].get('glyphFormat', '')}" if first else ""):
        if kinds + end in _GLYPHS:
            return _GLYPHS[kinds + end]
    if kinds.startswith("GLYPH_TYPE_UNSPECIFIED") and not glyphs:
        return "BULLET_CHECKBOX"
    text = json.dumps([dict(one) for one in levels], sort_keys=True)
    return f"={hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _without(found: Json, names: frozenset[str]) -> Json:
    return {key: value for key, value in found.items() if key not in names}


def _bare(node: Any) -> Any:
    """Without indices and what Google numbers."""
    if isinstance(node, Mapping):
        gone = {"startIndex", "endIndex", *_NUMBERED, *_OWN}
        return {
            key: _bare(value)
            for key, value in node.items()
            if key not in gone and not key.endswith(("HeaderId", "FooterId"))
        }
    return [_bare(one) for one in node] if isinstance(node, list) else node


def _suggested(node: Any) -> bool:
    if isinstance(node, Mapping):
        return any(
            (key.startswith("suggested") and value) or _suggested(value)
            for key, value in node.items()
        )
    return any(map(_suggested, node)) if isinstance(node, list) else False


def block_of(kept: Json) -> Block:
    """A block that the journal has; it stands nowhere."""
    match kept:
        case {"p": style, "b": bullet, "t": pieces}:
            return Paragraph(0, style, bullet, tuple(Piece(*one) for one in pieces))
        case {"table": style, "rows": rows}:
            return Table(0, 0, style, tuple(row_of(one) for one in rows))
        case _:
            return Other(0, 0, kept["other"])


def row_of(kept: Json) -> Row:
    """A row that the journal has."""
    cells = [Cell(0, one["s"], tuple(map(block_of, one["c"]))) for one in kept["r"]]
    return Row(0, kept["s"], tuple(cells))
