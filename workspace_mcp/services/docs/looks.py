"""Fields of an action → styles of the Docs API. No I/O."""

import re
from collections.abc import Mapping
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.docs.style import points
from workspace_mcp.services.docs.css import named

Style = dict[str, Any]
_NAMED: Final = {
    "normal": "NORMAL_TEXT", "title": "TITLE", "subtitle": "SUBTITLE",
    **{f"h{n}": f"HEADING_{n}" for n in range(1, 7)},
}  # fmt: skip
_ALIGN: Final = {"left": "START", "center": "CENTER", "right": "END", "justify": "JUSTIFIED"}
_FLAGS: Final = {
    "bold": "bold", "italic": "italic", "underline": "underline", "strike": "strikethrough",
    "caps": "smallCaps",
}  # fmt: skip
_LENGTHS: Final = {"above": "spaceAbove", "below": "spaceBelow", "end": "indentEnd"}
_PARAGRAPH: Final = {
    "direction": "direction", "page_before": "pageBreakBefore", "together": "keepLinesTogether",
    "with_next": "keepWithNext", "orphans": "avoidWidowAndOrphan", "mode": "spacingMode",
}  # fmt: skip
_MARGINS: Final = {
    "above": "marginTop", "below": "marginBottom", "indent": "marginLeft", "end": "marginRight",
    "header": "marginHeader", "footer": "marginFooter",
}  # fmt: skip
_RAISED: Final = frozenset({"SUPERSCRIPT", "SUBSCRIPT", "NONE"})


def colour(text: str) -> Style:
    """`#rrggbb` as an `OptionalColor`; "none" takes the colour away.

    Raises:
        ArgumentError: neither.
    """
    if text.lower() == "none":
        return {}
    found = re.fullmatch(r"#?([0-9a-fA-F]{6})", text.strip())
    if found is None:
        raise ArgumentError("A colour is written like #1a73e8, or none.")
    parts = [int(found[1][at : at + 2], 16) / 255 for at in (0, 2, 4)]
    return {"color": {"rgbColor": dict(zip(("red", "green", "blue"), parts, strict=True))}}


def text_look(fields: Mapping[str, Any]) -> Style:
    """The `TextStyle` that was asked for. What is False or empty is reset."""
    style: Style = {api: bool(fields[name]) for name, api in _FLAGS.items() if name in fields}
    if "color" in fields:
        style["foregroundColor"] = colour(fields["color"])
    if "background" in fields:
        style["backgroundColor"] = colour(fields["background"])
    if "font" in fields:
        weight = {"weight": fields["weight"]} if "weight" in fields else {}
        style["weightedFontFamily"] = {"fontFamily": fields["font"], **weight}
    if "size" in fields:
        style["fontSize"] = points(fields["size"])
    if "vertical" in fields:
        if fields["vertical"] not in _RAISED:
            raise ArgumentError("css: vertical-align of a text is super, sub or baseline.")
        style["baselineOffset"] = fields["vertical"]
    if "value" in fields:
        style["link"] = {"url": fields["value"]} if fields["value"] else {}
    return style


def paragraph_look(fields: Mapping[str, Any]) -> Style:
    """The `ParagraphStyle` that was asked for.

    Raises:
        ArgumentError: a named style that there is not.
    """
    style: Style = {}
    if "style" in fields:
        name = fields["style"].lower().replace("heading ", "h").replace("heading", "h")
        if name not in _NAMED:
            raise ArgumentError("There is no such style.", f"Styles: {', '.join(_NAMED)}.")
        style["namedStyleType"] = _NAMED[name]
    if "align" in fields:
        style["alignment"] = _ALIGN[fields["align"]]
    if "spacing" in fields:
        style["lineSpacing"] = fields["spacing"] * 100
    if "indent" in fields:
        style["indentStart"] = style["indentFirstLine"] = points(fields["indent"])
    if "first" in fields:
        style["indentFirstLine"] = points(fields.get("indent", 0) + fields["first"])
    style |= {api: points(fields[name]) for name, api in _LENGTHS.items() if name in fields}
    style |= {api: fields[name] for name, api in _PARAGRAPH.items() if name in fields}
    if "shade" in fields:
        style["shading"] = {"backgroundColor": colour(fields["shade"])}
    for side, border in _borders(fields, {"padding": points(1)}).items():
        padding = fields.get(f"padding_{side.lower()}", fields.get("padding"))
        style[f"border{side}"] = border | ({"padding": points(padding)} if padding else {})
    return style


def _borders(fields: Mapping[str, Any], more: Style) -> dict[str, Style]:
    """Side → the line there, for those that are named; `border` names all four."""
    found: dict[str, Style] = {}
    for side in ("Top", "Right", "Bottom", "Left"):
        given = fields.get(f"border_{side.lower()}", fields.get("border"))
        if given is not None:
            found[side] = {
                "color": colour(given["color"]), "width": points(given["width"]),
                "dashStyle": given["dash"], **more,
            }  # fmt: skip
    return found


def cell_look(fields: Mapping[str, Any]) -> Style:
    """The `TableCellStyle` that was asked for."""
    style: Style = {}
    if "background" in fields:
        style["backgroundColor"] = colour(fields["background"])
    if "vertical" in fields:
        if fields["vertical"] in _RAISED:
            raise ArgumentError("css: vertical-align of a cell is top, middle or bottom.")
        style["contentAlignment"] = fields["vertical"]
    style |= {f"border{side}": one for side, one in _borders(fields, {}).items()}
    for side in ("Top", "Right", "Bottom", "Left"):
        padding = fields.get(f"padding_{side.lower()}", fields.get("padding"))
        if padding is not None:
            style[f"padding{side}"] = points(padding)
    return style


def row_look(fields: Mapping[str, Any]) -> Style:
    """The `TableRowStyle` that was asked for: the least height, no break inside."""
    style: Style = {"minRowHeight": points(fields["height"])} if "height" in fields else {}
    return style | ({"preventOverflow": fields["together"]} if "together" in fields else {})


def page_look(fields: Mapping[str, Any]) -> Style:
    """The `DocumentStyle` that was asked for: size, margins, orientation, with pages or without."""
    style = _margins(fields)
    if "width" in fields and "height" in fields:
        style["pageSize"] = {"width": points(fields["width"]), "height": points(fields["height"])}
    if "background" in fields:
        style["background"] = {"color": colour(fields["background"])}
    if fields.get("kind") in {"pageless", "pages"}:
        style["documentFormat"] = {"documentMode": fields["kind"].upper()}
    if unknown := {"column_count", "column_gap", "column_rule", "direction"} & set(fields):
        raise ArgumentError(
            f"{', '.join(sorted(map(named, unknown)))} is for a section.",
            "Give heading or text of the section that is meant; section_break makes one.",
        )
    return style


def section_look(fields: Mapping[str, Any]) -> Style:
    """The `SectionStyle` that was asked for: columns, margins, orientation."""
    style = _margins(fields)
    if "column_count" in fields:
        gap = {"paddingEnd": points(fields.get("column_gap", 36))}
        style["columnProperties"] = [dict(gap) for _ in range(fields["column_count"])]
    if "column_rule" in fields:
        style["columnSeparatorStyle"] = fields["column_rule"]
    if "direction" in fields:
        style["contentDirection"] = fields["direction"]
    return style


def _margins(fields: Mapping[str, Any]) -> Style:
    kind = fields.get("kind")
    if kind not in {None, "portrait", "landscape", "pageless", "pages"}:
        raise ArgumentError("kind of a page: portrait, landscape, pages, pageless.")
    style: Style = {}
    if kind in {"portrait", "landscape"}:
        style["flipPageOrientation"] = kind == "landscape"
    style |= {api: points(fields[name]) for name, api in _MARGINS.items() if name in fields}
    if "page_number" in fields:
        style["pageNumberStart"] = fields["page_number"]
    return style
