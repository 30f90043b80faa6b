"""What Markdown's marks are in a Doc, and back. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MONO: Final = "Roboto Mono"
_MONOS: Final = frozenset({MONO, "Courier New", "Consolas", "Source Code Pro", "Fira Code"})
GREY: Final = {"color": {"rgbColor": {"red": 0.8, "green": 0.8, "blue": 0.8}}}
PALE: Final = {"color": {"rgbColor": {"red": 0.95, "green": 0.95, "blue": 0.95}}}
INDENT: Final = 36
TEXT_FIELDS: Final = (
    "bold", "italic", "underline", "strikethrough", "smallCaps", "backgroundColor",
    "foregroundColor", "fontSize", "weightedFontFamily", "baselineOffset", "link",
)  # fmt: skip
PARAGRAPH_FIELDS: Final = (
    "namedStyleType", "alignment", "lineSpacing", "direction", "spacingMode", "spaceAbove",
    "spaceBelow", "borderTop", "borderBottom", "borderLeft", "borderRight", "indentFirstLine",
    "indentStart", "indentEnd", "keepLinesTogether", "keepWithNext", "shading", "pageBreakBefore",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marks:
    """What Markdown can say about a piece of text."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    underline: bool = False
    raised: str = ""
    """"sup", "sub" or ""."""
    link: str = ""

    def style(self) -> dict[str, Any]:
        """As a `TextStyle`."""
        found: dict[str, Any] = {}
        if self.bold:
            found["bold"] = True
        if self.italic:
            found["italic"] = True
        if self.strike:
            found["strikethrough"] = True
        if self.underline:
            found["underline"] = True
        if self.code:
            found["weightedFontFamily"] = {"fontFamily": MONO}
        if self.raised:
            found["baselineOffset"] = "SUPERSCRIPT" if self.raised == "sup" else "SUBSCRIPT"
        if self.link:
            found["link"] = {"url": self.link}
        return found

    def __bool__(self) -> bool:
        return self != PLAIN


PLAIN: Final = Marks()


def marks_of(style: Mapping[str, Any]) -> Marks:
    """The marks of a `TextStyle`. What a link's look is made of is no mark of its own."""
    link = style.get("link") or {}
    target = link.get("url") or _inner(link)
    return Marks(
        bold=bool(style.get("bold")),
        italic=bool(style.get("italic")),
        strike=bool(style.get("strikethrough")),
        code=is_mono(style),
        underline=bool(style.get("underline")) and not target,
        raised={"SUPERSCRIPT": "sup", "SUBSCRIPT": "sub"}.get(style.get("baselineOffset", ""), ""),
        link=target,
    )


def _inner(link: Mapping[str, Any]) -> str:
    heading = link.get("headingId") or (link.get("heading") or {}).get("id")
    bookmark = link.get("bookmarkId") or (link.get("bookmark") or {}).get("id")
    if heading or bookmark:
        return f"#{heading or bookmark}"
    return f"#{link['tabId']}" if link.get("tabId") else ""


def is_mono(style: Mapping[str, Any]) -> bool:
    """Whether a text is set in a font of code."""
    return (style.get("weightedFontFamily") or {}).get("fontFamily") in _MONOS


def points(number: float) -> dict[str, Any]:
    """A `Dimension`."""
    return {"magnitude": number, "unit": "PT"}


def border(width: float, padding: float) -> dict[str, Any]:
    """A grey line beside or below a paragraph."""
    return {
        "color": GREY, "width": points(width), "padding": points(padding), "dashStyle": "SOLID",
    }  # fmt: skip


def has_border(style: Mapping[str, Any], side: str) -> bool:
    """Whether a paragraph has a line on a side ("Left", "Bottom")."""
    return bool((style.get(f"border{side}") or {}).get("width", {}).get("magnitude"))
