"""HTML of a mail → the text that a person would see, links kept, hidden text dropped and counted.

Parsed by lexbor, which builds trees as browsers do and cannot be hung by unfinished tags; sizes and
depths are capped before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from workspace_mcp.formats import css
from workspace_mcp.formats.clean import clean, clean_line
from workspace_mcp.formats.clean import hidden as invisible

LARGEST: Final = 1 << 20
"""Characters of HTML that are looked at; the rest is cut, and said so."""
DEEPEST: Final = 110
"""Elements inside each other; what lies deeper is left out, and said so."""
_PARSED: Final = 3_000
"""The same for the parser, which gets slow beyond it."""
_SKIPPED: Final = frozenset({
    "style", "script", "template", "noscript", "head", "title", "meta", "link", "object", "embed",
    "iframe", "svg", "math", "select", "textarea", "button", "input", "audio", "video",
})  # fmt: skip
_BLOCKS: Final = frozenset({
    "p", "div", "section", "article", "header", "footer", "main", "aside", "nav", "center", "form",
    "address", "figure", "figcaption", "fieldset", "dl", "dt", "dd", "table", "tbody", "thead",
    "tfoot", "tr", "body", "html", "ul", "ol", "pre", "blockquote", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "li",
})  # fmt: skip
_BREAK: Final = "\n\n"
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
_VOID: Final = frozenset({
    "br", "img", "hr", "meta", "link", "input", "area", "base", "col", "wbr",
    "p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "tfoot",
})  # fmt: skip
"""Tags that open nothing, or that the next of their kind closes."""


@dataclass(frozen=True, slots=True)
class HtmlText:
    """What a person sees. `hidden` counts characters that they would not; `cut`, whether HTML was."""

    text: str
    hidden: int = 0
    cut: bool = False


def html_text(source: str) -> HtmlText:
    """The visible text of HTML, in Markdown's manner: links, headings, lists, quotes, tables."""
    taken = shallow(source[:LARGEST])
    cut = len(taken) < len(source)
    tree = LexborHTMLParser(taken)
    body = tree.body
    if body is None:
        return HtmlText("", 0, cut)
    writer = _Writer(css.rules(_sheets(tree)))
    writer.children(body, css.START)
    seen = writer.text()
    return HtmlText(tidy(seen), writer.hidden + invisible(seen), cut or writer.cut)


def _sheets(tree: LexborHTMLParser) -> str:
    return "\n".join(node.text() or "" for node in tree.css("style"))


def shallow(source: str) -> str:
    """`source` up to the place where it is nested deeper than a parser takes in good time."""
    if source.count("<") <= _PARSED:
        return source
    depth = 0
    for found in _TAG.finditer(source):
        name = found[2].lower()
        if name in _VOID or found[3]:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > _PARSED:
            return source[: found.start()]
    return source


def tidy(text: str) -> str:
    """Cleaned, without trailing blanks and with at most one empty line in a row."""
    lines = [line.rstrip() for line in clean(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


class _Writer:
    """Walks the tree once and collects what is seen."""

    def __init__(self, rules: css.Rules, depth: int = 0) -> None:
        self._rules = rules
        self._depth = depth
        self._out: list[str] = []
        self.hidden = 0
        self.cut = False

    def text(self) -> str:
        """What was collected."""
        return "".join(self._out)

    def children(self, node: LexborNode, look: css.Look) -> None:
        if self._depth >= DEEPEST:
            self.cut = True
            return
        self._depth += 1
        for child in node.iter(include_text=True):
            self._node(child, look)
        self._depth -= 1

    def _node(self, node: LexborNode, look: css.Look) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text(deep=False) or "", look)
            return
        if tag.startswith(("-", "!", "_")) or tag in _SKIPPED:
            return
        look = css.applied(look, tag, node.attributes, self._rules)
        if not look.visible:
            self.hidden += len("".join((node.text() or "").split()))
            return
        match tag:
            case "br":
                self._out.append("\n")
            case "hr":
                self._out.append("\n\n---\n\n")
            case "img":
                self._image(node)
            case "a":
                self._link(node, look)
            case "blockquote":
                self._prefixed(node, look, "> ", "> ")
            case "ul" | "ol":
                self._list(node, look, ordered=tag == "ol")
            case "table":
                self._table(node, look)
            case "pre":
                self._out.append(f"\n\n{node.text() or ''}\n\n")
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                inner = clean_line(self._inside(node, look))
                self._out.append(f"\n\n{'#' * int(tag[1])} {inner}\n\n" if inner else "")
            case _:
                self._flow(node, look, tag)

    def _flow(self, node: LexborNode, look: css.Look, tag: str) -> None:
        gap = _BREAK if tag == "p" else "\n" if tag in _BLOCKS else ""
        self._gap(gap)
        self.children(node, look)
        self._gap(gap)

    def _gap(self, gap: str) -> None:
        """End the line, or leave one empty; never more for nested blocks."""
        if not gap:
            return
        end = "".join(self._out[-4:])
        have = len(end) - len(end.rstrip("\n"))
        self._out.append("\n" * max(0, len(gap) - have))

    def _text(self, text: str, look: css.Look) -> None:
        words = re.sub(r"[ \t\r\n\f]+", " ", text)
        if not look.readable:
            self.hidden += len("".join(words.split()))
            return
        if words.startswith(" ") and (not self._out or self._out[-1].endswith(("\n", " "))):
            words = words[1:]
        if words:
            self._out.append(words)

    def _inside(self, node: LexborNode, look: css.Look) -> str:
        """What `node` shows, apart from the rest."""
        inner = _Writer(self._rules, self._depth)
        inner.children(node, look)
        self.hidden += inner.hidden
        self.cut = self.cut or inner.cut
        return inner.text()

    def _image(self, node: LexborNode) -> None:
        attributes = node.attributes
        small = any(
            (attributes.get(side) or "").strip().removesuffix("px") in {"0", "1"}
            for side in ("width", "height")
        )
        words = clean_line(attributes.get("alt") or "")
        if words and not small:
            self._out.append(f"[image: {words[:200]}]")

    def _link(self, node: LexborNode, look: css.Look) -> None:
        inner = self._inside(node, look)
        self._out.append(link(clean_line(inner), node.attributes.get("href") or "", inner))

    def _prefixed(self, node: LexborNode, look: css.Look, first: str, rest: str) -> None:
        lines = tidy(self._inside(node, look)).split("\n")
        marked = [(first if number == 0 else rest) + line for number, line in enumerate(lines)]
        self._gap("\n")
        self._out.append("\n".join(line.rstrip() for line in marked))
        self._gap("\n")

    def _list(self, node: LexborNode, look: css.Look, *, ordered: bool) -> None:
        self._gap("\n")
        number = 0
        for child in node.iter(include_text=True):
            if child.tag != "li":
                self._node(child, look)
                continue
            number += 1
            item = css.applied(look, "li", child.attributes, self._rules)
            if not item.visible:
                self.hidden += len("".join((child.text() or "").split()))
                continue
            mark = f"{number}. " if ordered else "- "
            self._prefixed(child, item, mark, " " * len(mark))
        self._gap("\n")

    def _table(self, node: LexborNode, look: css.Look) -> None:
        """Rows of short cells become a table; tables that only lay out become text."""
        rows = [
            [tidy(self._cell(cell, row_look)) for cell in _cells(row)]
            for row, row_look in self._rows(node, look)
        ]
        cells = [cell for row in rows for cell in row]
        data = len(rows) > 1 and any(len(row) > 1 for row in rows)
        if data and all(len(cell) <= 80 and "\n" not in cell for cell in cells):
            lines = [" | ".join(row) for row in rows if any(row)]
            self._out.append("\n\n" + "\n".join(lines) + "\n\n")
            return
        self._gap("\n")
        for row in rows:
            self._out.append("\n".join(cell for cell in row if cell) + "\n")
        self._gap("\n")

    def _rows(self, node: LexborNode, look: css.Look) -> Iterator[tuple[LexborNode, css.Look]]:
        for child in node.iter():
            tag = child.tag or ""
            if tag not in {"tr", "tbody", "thead", "tfoot"}:
                continue
            inner = css.applied(look, tag, child.attributes, self._rules)
            if not inner.visible:
                self.hidden += len("".join((child.text() or "").split()))
            elif tag == "tr":
                yield child, inner
            else:
                yield from self._rows(child, inner)

    def _cell(self, cell: LexborNode, look: css.Look) -> str:
        inner = css.applied(look, cell.tag or "", cell.attributes, self._rules)
        if inner.visible:
            return self._inside(cell, inner)
        self.hidden += len("".join((cell.text() or "").split()))
        return ""


def _cells(row: LexborNode) -> Iterator[LexborNode]:
    return (cell for cell in row.iter() if cell.tag in {"td", "th"})


_ADDRESS: Final = re.compile(
    r"(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/?#:].*)?", re.IGNORECASE
)


def link(label: str, href: str, inner: str = "") -> str:
    """A link as text: where it leads is said whenever the label does not, or says otherwise."""
    target = clean_line(href)
    parts = _split(target)
    if parts is None:
        return inner or label
    scheme, host = parts
    if scheme == "mailto":
        address = target.partition(":")[2].partition("?")[0]
        return label if not address or address.lower() in label.lower() else f"{label} <{address}>"
    if not label:
        return ""
    shown = _ADDRESS.fullmatch(label)
    if shown and shown[1].lower().removeprefix("www.") != host.removeprefix("www."):
        return f"{label} (leads to {target}, not to {shown[1]})"
    bare = target.rstrip("/").removeprefix("https://").removeprefix("http://")
    if label.rstrip("/").removeprefix("https://").removeprefix("http://") == bare:
        return target
    return f"[{label}]({target})"


def _split(target: str) -> tuple[str, str] | None:
    """Scheme and host of an address that a person could follow; None for all others."""
    try:
        parts = urlsplit(target)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    return (parts.scheme, host) if parts.scheme in {"http", "https", "mailto"} else None
