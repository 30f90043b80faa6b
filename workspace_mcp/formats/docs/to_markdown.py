"""A Doc → Markdown: blocks, lists, tables, footnotes; the outline; the section of a heading. No I/O."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from workspace_mcp.formats.docs import inline
from workspace_mcp.formats.docs.model import (
    OBJECT,
    Block,
    Bullet,
    Cell,
    Paragraph,
    Run,
    Segment,
    Tab,
    Table,
    paragraphs,
)
from workspace_mcp.formats.docs.style import has_border, is_mono, marks_of

PAGE_BREAK: Final = "<!-- page break -->"
_PIPE: Final = "\ue000"
"""For a `|` in code, whose escape in a table is none elsewhere; Docs has no such character."""
_RULES: Final = {"CENTER": ":---:", "END": "---:"}


@dataclass(slots=True)
class _Writer:
    """Writes blocks of one tab, and keeps what footnotes were met."""

    tab: Tab
    notes: list[str] = field(default_factory=list[str])
    counts: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    depth: int = -1
    glyph: str = ""

    # Inline

    def line(self, runs: Sequence[Run]) -> str:
        return inline.line(runs, self._object)

    def _object(self, run: Run) -> str:
        value = run.value
        match run.kind:
            case "image":
                return self._image(str(value.get("inlineObjectId", "")))
            case "footnote":
                identifier = str(value.get("footnoteId", ""))
                if identifier not in self.notes:
                    self.notes.append(identifier)
                return f"[^{self.notes.index(identifier) + 1}]"
            case "person":
                who = value.get("personProperties", {})
                email = str(who.get("email", ""))
                name = inline.escaped(str(who.get("name") or email))
                return f"[{name}](mailto:{inline.destination(email)})"
            case "link":
                to = value.get("richLinkProperties", {})
                title = inline.escaped(str(to.get("title") or to.get("uri", "")))
                return f"[{title}]({inline.destination(str(to.get('uri', '')))})"
            case "date":
                return inline.escaped(
                    str(value.get("dateElementProperties", {}).get("displayText", ""))
                )
            case "choice":
                return inline.escaped(
                    str(value.get("dropdownProperties", {}).get("displayValue", ""))
                )
            case "comment":
                return str(value["text"])
            case "equation" | "auto" | "unknown":
                return f"‹{run.kind}›"
            case _:
                return ""

    def _image(self, identifier: str) -> str:
        properties = self.tab.images.get(identifier, {}).get("inlineObjectProperties", {})
        one: Mapping[str, Any] = properties.get("embeddedObject", {})
        alt = inline.escaped(str(one.get("description") or one.get("title") or ""))
        source = str(one.get("imageProperties", {}).get("sourceUri", ""))
        if "googleusercontent.com/" in source:  # short-lived, and whoever has it sees the picture
            source = ""
        return (
            f"![{alt.replace(inline.LINE_BREAK, ' ')}]({inline.destination(source or identifier)})"
        )

    # Blocks

    def blocks(self, blocks: Sequence[Block]) -> str:
        out: list[str] = []
        before: str = ""
        for block in blocks:
            for kind, text in self._block(block):
                if not text:
                    continue
                if kind != "item":
                    self.counts.clear()
                    self.depth = -1
                if out:
                    tight = kind == before == "item" and not self._turns(block)
                    out.append("\n" if tight else "\n>\n" if kind == before == "quote" else "\n\n")
                out.append(text)
                before = kind
                if isinstance(block, Paragraph) and block.bullet and not block.bullet.level:
                    self.glyph = block.bullet.glyph
        return "".join(out)

    def _turns(self, block: Block) -> bool:
        """Whether another kind of list begins with this item."""
        bullet = block.bullet if isinstance(block, Paragraph) else None
        return bullet is not None and bullet.level == 0 and bullet.glyph != self.glyph

    def _block(self, block: Block) -> Iterator[tuple[str, str]]:
        if isinstance(block, Table):
            yield "table", self.table(block)
        elif isinstance(block, Paragraph):
            yield from self._paragraph(block)
        elif block.kind == "contents":
            yield "contents", "<!-- table of contents -->"

    def _paragraph(self, one: Paragraph) -> Iterator[tuple[str, str]]:
        runs: list[Run] = []
        for run in one.runs:
            if run.kind in {"page", "rule"}:
                yield from self._text(one, runs)
                runs = []
                yield "break", PAGE_BREAK if run.kind == "page" else "---"
            else:
                runs.append(run)
        yield from self._text(one, runs)

    def _text(self, one: Paragraph, runs: Sequence[Run]) -> Iterator[tuple[str, str]]:
        if one.bullet is not None:
            yield "item", self._item(one.bullet, self.line(runs))
            return
        if _is_code(one, runs):
            text = "".join(run.text for run in runs).removesuffix("\n")
            yield "code", fenced(text.replace(inline.LINE_BREAK, "\n"))
            return
        text = self.line(runs)
        if not text:
            if has_border(one.style, "Bottom") and not one.text:
                yield "break", "---"
            return
        if one.level:
            yield "heading", heading(one, text)
        elif has_border(one.style, "Left"):
            yield "quote", f"> {inline.starting(text)}"
        else:
            yield "text", inline.starting(text)

    def _item(self, bullet: Bullet, text: str) -> str:
        for key in [key for key in self.counts if key[1] > bullet.level]:
            del self.counts[key]
        key = (bullet.list_id, bullet.level)
        number = self.counts[key] = self.counts.get(key, 0) + 1
        sign = {"1": f"{number}.", "x": "- [ ]"}.get(bullet.glyph, "-")
        self.depth = min(bullet.level, self.depth + 1)
        return f"{'    ' * self.depth}{sign} {inline.starting(text)}".rstrip()

    # Tables

    def table(self, table: Table) -> str:
        rows = [
            [_unbold(cell) if not n else cell for cell in row] for n, row in enumerate(table.rows)
        ]
        if rows and not _bold_row(table.rows[0]):
            rows[0] = list(table.rows[0])
        width = max((len(row) for row in rows), default=0)
        lines = [[self.cell(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
        signs = [_alignment([row[n] for row in table.rows if n < len(row)]) for n in range(width)]
        lines.insert(1, signs)
        return "\n".join(f"| {' | '.join(row)} |" for row in lines)

    def cell(self, cell: Cell) -> str:
        if cell.hidden:
            return ""
        parts: list[str] = []
        for one in paragraphs(cell.blocks):
            sign = {"1": "1. ", "x": "☐ ", "": "• "}[one.bullet.glyph] if one.bullet else ""
            runs = [
                replace(r, text=r.text.replace("|", _PIPE)) if is_mono(r.style) else r
                for r in one.runs
            ]
            parts.append(sign + self.line(runs).replace(_PIPE, "\\|"))
        return "<br>".join(parts).removesuffix("<br>").strip()


def heading(one: Paragraph, text: str) -> str:
    """A heading's line; the title and subtitle say that they are."""
    kind = {"TITLE": " {.title}", "SUBTITLE": " {.subtitle}"}.get(one.named, "")
    shown = text if kind else re.sub(r"#(?=#*$)", r"\#", text)
    return f"{'#' * one.level} {shown}{kind}"


def fenced(text: str) -> str:
    """A block of code in a fence that is longer than any in it."""
    longest = max((len(one) for one in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _is_code(one: Paragraph, runs: Sequence[Run]) -> bool:
    text = [run for run in runs if run.text.strip()]
    shaded = bool(one.style.get("shading", {}).get("backgroundColor", {}).get("color"))
    return shaded and bool(text) and all(is_mono(run.style) and not run.kind for run in text)


def _bold_row(row: Sequence[Cell]) -> bool:
    runs = [run for cell in row for one in paragraphs(cell.blocks) for run in one.runs]
    shown = [run for run in runs if run.text.strip() and not run.kind]
    return bool(shown) and all(marks_of(run.style).bold for run in shown)


def _unbold(cell: Cell) -> Cell:
    def plain(run: Run) -> Run:
        return replace(run, style={k: v for k, v in run.style.items() if k != "bold"})

    blocks = tuple(
        replace(one, runs=tuple(map(plain, one.runs))) if isinstance(one, Paragraph) else one
        for one in cell.blocks
    )
    return replace(cell, blocks=blocks)


def _alignment(column: Sequence[Cell]) -> str:
    found = {
        one.style.get("alignment", "START") for cell in column for one in paragraphs(cell.blocks)
    }
    return _RULES.get(next(iter(found)), "---") if len(found) == 1 else "---"


def markdown(tab: Tab, blocks: Sequence[Block]) -> str:
    """Blocks of a tab, with the footnotes that they refer to at the end."""
    writer = _Writer(tab)
    text = writer.blocks(blocks)
    notes = {one.id: one for one in tab.of_kind("footnote")}
    said: list[str] = []
    for number, identifier in enumerate(writer.notes, 1):
        note = notes.get(identifier)
        lines = [writer.line(one.runs) for one in paragraphs(note.blocks)] if note else []
        said.append(f"[^{number}]: {'<br>'.join(one for one in lines if one)}")
    return "\n\n".join(part for part in (text, "\n".join(said)) if part)


def segment_markdown(tab: Tab, segment: Segment) -> str:
    """A header, footer or footnote."""
    return _Writer(tab).blocks(segment.blocks)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with all below it, up to the next heading of its level or above."""

    heading: Paragraph
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        """The heading's text."""
        return plain(self.heading)

    @property
    def characters(self) -> int:
        """Its length in the document's indices."""
        return self.blocks[-1].end - self.heading.start


def plain(one: Paragraph) -> str:
    """A paragraph's text on one line, without what is no text."""
    return one.text.replace(inline.LINE_BREAK, " ").replace(OBJECT, "").strip()


def sections(segment: Segment) -> list[Section]:
    """Every heading's section, in order; one of a lower level is part of that above it."""
    blocks = segment.blocks
    found: list[Section] = []
    for number, block in enumerate(blocks):
        if not (isinstance(block, Paragraph) and block.level and plain(block)):
            continue
        end = number + 1
        while end < len(blocks):
            other = blocks[end]
            if isinstance(other, Paragraph) and other.level and _rank(other) <= _rank(block):
                break
            end += 1
        found.append(Section(block, blocks[number:end]))
    return found


def _rank(one: Paragraph) -> float:
    """Order of headings; the title's section ends where the next heading begins."""
    return {"TITLE": 9, "SUBTITLE": 9}.get(one.named, one.level)
