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


_PROPERTIES: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "font-weight": ("bold", _bold),
    "font-style": ("italic", lambda value: value in {"italic", "oblique"}),
    "color": ("color", _colour),
    "background": ("background", _colour),
    "background-color": ("background", _colour),
    "font-family": ("font", lambda value: value.split(",")[0].strip("'\" ")),
    "font-size": ("size", _length),
    "text-align": ("align", _align),
    "line-height": ("spacing", _lines),
    "margin-top": ("above", _length),
    "margin-bottom": ("below", _length),
    "margin-left": ("indent", _length),
    "width": ("width", _length),
    "height": ("height", _length),
}


def declared(css: str) -> dict[str, Any]:
    """The fields that declarations stand for. A length without a unit is in points.

    Raises:
        ArgumentError: a property that is not known here, or a value that it cannot have.
    """
    fields: dict[str, Any] = {}
    for one in css.split(";"):
        name, colon, value = (part.strip() for part in one.partition(":"))
        name = name.lower()
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
    return fields
