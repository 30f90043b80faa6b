"""How cells look: a few CSS declarations ↔ Google's `CellFormat`. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells#CellFormat
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean_line

_COLOURS: Final = {
    "black": "000000", "white": "ffffff", "red": "ff0000", "green": "008000", "blue": "0000ff",
    "yellow": "ffff00", "orange": "ffa500", "gray": "808080", "grey": "808080", "purple": "800080",
}  # fmt: skip
_KNOWN: Final = (
    "font-weight, font-style, text-decoration, color, background, font-family, font-size, "
    "text-align, vertical-align, white-space (wrap, clip, overflow), rotate; lines are do=borders"
)
_TEXT: Final = "userEnteredFormat.textFormat"


def colour(value: str) -> dict[str, Any]:
    """`#ff0000`, `#f00` or a name as a `ColorStyle`.

    Raises:
        ArgumentError: it is no colour.
    """
    text = _COLOURS.get(value.strip().lower(), value.strip().lstrip("#"))
    if re.fullmatch(r"[0-9a-fA-F]{3}", text):
        text = "".join(letter * 2 for letter in text)
    if not re.fullmatch(r"[0-9a-fA-F]{6}", text):
        raise ArgumentError(f"{clean_line(value)[:30]} is no colour.", "Write it like #ff8800.")
    parts = (int(text[at : at + 2], 16) / 255 for at in (0, 2, 4))
    rgb = {name: round(one, 6) for name, one in zip(("red", "green", "blue"), parts, strict=True)}
    return {"rgbColor": rgb}


def hexed(style: Mapping[str, Any]) -> str:
    """A `ColorStyle` or `Color` as `#rrggbb`; a theme's colour by its name."""
    if "themeColor" in style:
        return str(style["themeColor"]).lower()
    rgb = style.get("rgbColor", style)
    return "#" + "".join(f"{round(rgb.get(one, 0) * 255):02x}" for one in ("red", "green", "blue"))


def declared(css: str) -> tuple[dict[str, Any], list[str]]:
    """A `CellFormat` and the paths of its mask.

    Raises:
        ArgumentError: a property that is not known here, or a value that it cannot have.
    """
    look: dict[str, Any] = {}
    mask: list[str] = []
    for one in css.split(";"):
        name, colon, value = (part.strip() for part in one.partition(":"))
        if not name:
            continue
        found = dict(_one(name.lower(), value)) if colon else {}
        if not found:
            raise ArgumentError(
                f"css has no {clean_line(name)[:30]}: {clean_line(value)[:30]} here.",
                f"It takes {_KNOWN}.",
            )
        for path, wanted in found.items():
            node = look
            *parents, last = path.removeprefix("userEnteredFormat.").split(".")
            for parent in parents:
                node = node.setdefault(parent, {})
            if wanted is not None:
                node[last] = wanted
            mask.append(path)
    if not mask:
        raise ArgumentError("Nothing is to change: give css.", f"It takes {_KNOWN}.")
    return look, mask


def _one(name: str, value: str) -> Iterator[tuple[str, Any]]:
    low = value.lower()
    match name:
        case "font-weight":
            bold = low in {"bold", "bolder"} or (low.isdigit() and int(low) >= 600)
            yield f"{_TEXT}.bold", bold
        case "font-style":
            yield f"{_TEXT}.italic", low in {"italic", "oblique"}
        case "text-decoration":
            yield f"{_TEXT}.underline", "underline" in low
            yield f"{_TEXT}.strikethrough", "line-through" in low
        case "color":
            yield f"{_TEXT}.foregroundColorStyle", colour(value)
        case "background" | "background-color":
            none = low in {"none", "transparent"}
            yield "userEnteredFormat.backgroundColorStyle", None if none else colour(value)
        case "font-family":
            yield f"{_TEXT}.fontFamily", value.split(",", maxsplit=1)[0].strip("'\" ")
        case "font-size" if found := re.fullmatch(r"(\d{1,3})(?:pt)?", low):
            yield f"{_TEXT}.fontSize", int(found[1])
        case "text-align" if low in {"left", "center", "right"}:
            yield "userEnteredFormat.horizontalAlignment", low.upper()
        case "vertical-align" if low in {"top", "middle", "bottom"}:
            yield "userEnteredFormat.verticalAlignment", low.upper()
        case "white-space" if low in {"wrap", "normal", "clip", "nowrap", "overflow"}:
            kinds = {"wrap": "WRAP", "normal": "WRAP", "clip": "CLIP"}
            yield "userEnteredFormat.wrapStrategy", kinds.get(low, "OVERFLOW_CELL")
        case "rotate" if re.fullmatch(r"-?\d{1,2}|vertical", low):
            turned = {"vertical": True} if low == "vertical" else {"angle": int(low)}
            yield "userEnteredFormat.textRotation", turned
        case _:
            return


def described(look: Mapping[str, Any]) -> str:
    """A `CellFormat` in the words that `declared` takes, with its number format."""
    text = look.get("textFormat", {})
    words = [word for word in ("bold", "italic", "underline", "strikethrough") if text.get(word)]
    if style := text.get("foregroundColorStyle") or text.get("foregroundColor"):
        words.append(f"color {hexed(style)}")
    if style := look.get("backgroundColorStyle") or look.get("backgroundColor"):
        words.append(f"background {hexed(style)}")
    if "fontFamily" in text:
        words.append(str(text["fontFamily"]))
    if "fontSize" in text:
        words.append(f"{text['fontSize']}pt")
    places = ("horizontalAlignment", "verticalAlignment", "wrapStrategy")
    words += [str(look[name]).lower() for name in places if name in look]
    if number := look.get("numberFormat"):
        words.append(f"{number.get('type', '').lower()} {number.get('pattern', '')}".strip())
    if borders := look.get("borders"):
        words.append(f"borders {' '.join(sorted(borders))}")
    return "; ".join(words)
