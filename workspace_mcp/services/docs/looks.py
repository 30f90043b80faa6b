"""Fields of an action → styles of the Docs API. No I/O."""

import re
from collections.abc import Mapping
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.docs.style import points

Style = dict[str, Any]
_NAMED: Final = {
    "normal": "NORMAL_TEXT", "title": "TITLE", "subtitle": "SUBTITLE",
    **{f"h{n}": f"HEADING_{n}" for n in range(1, 7)},
}  # fmt: skip
_ALIGN: Final = {"left": "START", "center": "CENTER", "right": "END", "justify": "JUSTIFIED"}
_FLAGS: Final = {
    "bold": "bold", "italic": "italic", "underline": "underline", "strike": "strikethrough",
}  # fmt: skip


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
        style["weightedFontFamily"] = {"fontFamily": fields["font"]}
    if "size" in fields:
        style["fontSize"] = points(fields["size"])
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
    for name, api in (("above", "spaceAbove"), ("below", "spaceBelow")):
        if name in fields:
            style[api] = points(fields[name])
    if "indent" in fields:
        style["indentStart"] = style["indentFirstLine"] = points(fields["indent"])
    return style


def page_look(fields: Mapping[str, Any]) -> Style:
    """The `DocumentStyle` that was asked for: size, margins, orientation."""
    style: Style = {}
    if "width" in fields and "height" in fields:
        style["pageSize"] = {"width": points(fields["width"]), "height": points(fields["height"])}
    if "kind" in fields:
        style["flipPageOrientation"] = fields["kind"] == "landscape"
    if "above" in fields:
        style["marginTop"] = points(fields["above"])
    if "below" in fields:
        style["marginBottom"] = points(fields["below"])
    if "indent" in fields:
        style["marginLeft"] = style["marginRight"] = points(fields["indent"])
    return style
