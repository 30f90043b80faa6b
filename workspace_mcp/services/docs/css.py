"""A few of CSS's declarations, in which a look is written, → fields. No I/O."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean_line

_COLOURS: Final = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000",
    "blue": "#0000ff", "yellow": "#ffff00", "orange": "#ffa500", "gray": "#808080",
    "grey": "#808080", "none": "none", "transparent": "none", "inherit": "none",
}  # fmt: skip
_ALIGN: Final = {"start": "left", "end": "right"}


def _colour(value: str) -> str:
    short = re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", value.lower())
    return (
        f"#{short[1] * 2}{short[2] * 2}{short[3] * 2}"
        if short
        else _COLOURS.get(value.lower(), value)
    )


def _length(value: str) -> float:
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(pt|px|cm|mm|in|)", value.lower())
    if found is None:
        raise ValueError(value)
    factor = {"px": 0.75, "cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72.0}.get(found[2], 1.0)
    return float(found[1]) * factor


def _lines(value: str) -> float:
    return float(value.rstrip("%")) / (100 if value.endswith("%") else 1)


def _align(value: str) -> str:
    found = _ALIGN.get(value, value)
    if found not in {"left", "center", "right", "justify"}:
        raise ValueError(value)
    return found


def _bold(value: str) -> bool:
    return value in {"bold", "bolder"} or (value.isdigit() and int(value) >= 600)


def _one_of(**values: Any) -> Callable[[str], Any]:
    """What a word stands for; a hyphen is written `_`."""

    def read(value: str) -> Any:
        key = value.replace("-", "_")
        if key not in values:
            raise ValueError(value)
        return values[key]

    return read


def _border(value: str) -> dict[str, Any]:
    """`1px solid #ccc` in any order, or none."""
    found: dict[str, Any] = {"width": 1.0, "dash": "SOLID", "color": "#000000"}
    for part in value.split():
        if part in {"none", "0"}:
            found["width"] = 0.0
        elif part in _DASHES:
            found["dash"] = _DASHES[part]
        elif part[0].isdigit():
            found["width"] = _length(part)
        else:
            found["color"] = _colour(part)
    return found


def _count(value: str) -> int:
    if not 0 < int(value) < 10_000:
        raise ValueError(value)
    return int(value)


_DASHES: Final = {"solid": "SOLID", "dashed": "DASH", "dotted": "DOT"}
_BREAK: Final = _one_of(always=True, page=True, auto=False)
_AVOID: Final = _one_of(avoid=True, auto=False)
_SIDES: Final = ("top", "right", "bottom", "left")
_PROPERTIES: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "font-weight": ("bold", _bold),
    "font-style": ("italic", lambda value: value in {"italic", "oblique"}),
    "font-variant": ("caps", _one_of(small_caps=True, normal=False)),
    "color": ("color", _colour),
    "background": ("background", _colour),
    "background-color": ("background", _colour),
    "shading": ("shade", _colour),
    "font-family": ("font", lambda value: value.split(",")[0].strip("'\" ")),
    "font-size": ("size", _length),
    "vertical-align": (
        "vertical",
        _one_of(
            super="SUPERSCRIPT", sub="SUBSCRIPT", baseline="NONE", top="TOP", middle="MIDDLE",
            bottom="BOTTOM",
        ),
    ),
    "text-align": ("align", _align),
    "line-height": ("spacing", _lines),
    "margin-top": ("above", _length),
    "margin-bottom": ("below", _length),
    "margin-left": ("indent", _length),
    "margin-right": ("end", _length),
    "text-indent": ("first", _length),
    "direction": ("direction", _one_of(rtl="RIGHT_TO_LEFT", ltr="LEFT_TO_RIGHT")),
    "break-before": ("page_before", _BREAK),
    "break-inside": ("together", _AVOID),
    "break-after": ("with_next", _AVOID),
    "orphans": ("orphans", lambda value: _count(value) > 1),
    "spacing-mode": ("mode", _one_of(collapse="COLLAPSE_LISTS", separate="NEVER_COLLAPSE")),
    "width": ("width", _length),
    "height": ("height", _length),
    "column-count": ("column_count", _count),
    "column-gap": ("column_gap", _length),
    "column-rule": ("column_rule", _one_of(solid="BETWEEN_EACH_COLUMN", none="NONE")),
    "margin-header": ("header", _length),
    "margin-footer": ("footer", _length),
    "page-number": ("page_number", _count),
    "border": ("border", _border),
    "padding": ("padding", _length),
    **{f"border-{side}": (f"border_{side}", _border) for side in _SIDES},
    **{f"padding-{side}": (f"padding_{side}", _length) for side in _SIDES},
}  # fmt: skip
_OTHER_NAMES: Final = {f"page-break-{one}": f"break-{one}" for one in ("before", "inside", "after")}


def declared(css: str) -> dict[str, Any]:
    """The fields that declarations stand for. A length without a unit is in points.

    Raises:
        ArgumentError: a property that is not known here, or a value that it cannot have.
    """
    fields: dict[str, Any] = {}
    for one in css.split(";"):
        name, colon, value = (part.strip() for part in one.partition(":"))
        name = _OTHER_NAMES.get(name.lower(), name.lower())
        if not name:
            continue
        if name == "text-decoration" and colon:
            fields |= {"underline": "underline" in value, "strike": "line-through" in value}
            continue
        if name not in _PROPERTIES or not colon:
            known = ", ".join([*_PROPERTIES, "text-decoration"])
            raise ArgumentError(f"css has no {clean_line(name)[:40]} here.", f"It takes: {known}.")
        field, read = _PROPERTIES[name]
        try:
            fields[field] = read(value if field == "font" else value.lower())
        except ValueError as error:
            raise ArgumentError(f"css: {name} cannot be {clean_line(value)[:40]}.") from error
        if name == "font-weight" and value.isdigit():
            fields["weight"] = int(value)
    return fields


def named(field: str) -> str:
    """The CSS property of a field, for errors."""
    return next((name for name, (own, _) in _PROPERTIES.items() if own == field), field)
