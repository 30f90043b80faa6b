"""Number formats, borders and banding → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/samples/formatting
"""

import re
from collections.abc import Sequence
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.services.sheets import looks
from workspace_mcp.services.sheets.spreadsheets import Place
from workspace_mcp.tools import JsonObject

_NUMBERS: Final = {
    "number": ("NUMBER", "#,##0.00"), "percent": ("PERCENT", "0.00%"), "currency": ("CURRENCY", ""),
    "date": ("DATE", "yyyy-mm-dd"), "time": ("TIME", "hh:mm"), "datetime": ("DATE_TIME", "yyyy-mm-dd hh:mm"),
    "scientific": ("SCIENTIFIC", "0.00E+00"), "text": ("TEXT", ""),
}  # fmt: skip
_LINES: Final = {
    "solid": "SOLID", "medium": "SOLID_MEDIUM", "thick": "SOLID_THICK", "dashed": "DASHED",
    "dotted": "DOTTED", "double": "DOUBLE", "none": "NONE",
}  # fmt: skip


def repeated(place: Place, cell: JsonObject, mask: Sequence[str]) -> JsonObject:
    """The same fields of every cell."""
    return {"repeatCell": {"range": place.grid, "cell": cell, "fields": ",".join(mask)}}


def number_request(place: Place, kind: str, pattern: str) -> JsonObject:
    """A number format by its kind, by a pattern, or Sheets' own choice: auto.

    Raises:
        ArgumentError: there is no such kind.
    """
    mask = ["userEnteredFormat.numberFormat"]
    if kind == "auto":
        return repeated(place, {}, mask)
    if kind not in {*_NUMBERS, ""} or not (kind or pattern):
        raise ArgumentError(
            f"kind is one of {', '.join(_NUMBERS)}, auto; or give a pattern as value."
        )
    google, default = _NUMBERS[kind or _guessed(pattern)]
    format_ = {"type": google} | ({"pattern": pattern or default} if pattern or default else {})
    return repeated(place, {"userEnteredFormat": {"numberFormat": format_}}, mask)


def _guessed(pattern: str) -> str:
    if "%" in pattern:
        return "percent"
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]', "", pattern).lower()
    day, clock = re.search(r"[yd]", bare), re.search(r"[hs]", bare)
    return "datetime" if day and clock else "date" if day else "time" if clock else "number"


def borders_request(place: Place, sides: str, kind: str, css: str) -> JsonObject:
    """Lines at the sides, named with commas between.

    Raises:
        ArgumentError: there is no such side or line.
    """
    if (kind or "solid") not in _LINES:
        raise ArgumentError(f"kind is one of {', '.join(_LINES)}.")
    line: JsonObject = {"style": _LINES[kind or "solid"]}
    if css:
        look, _ = looks.declared(css)
        shade = look.get("textFormat", {}).get("foregroundColorStyle")
        line |= {"colorStyle": shade} if shade else {}
    every = ("top", "bottom", "left", "right", "innerHorizontal", "innerVertical")
    words = {"all": every, "outer": every[:4], "inner": every[4:], "none": every}
    chosen = [
        one
        for word in (sides or "all").split(",")
        for one in words.get(word.strip(), (word.strip(),))
    ]
    if unknown := [one for one in chosen if one not in every]:
        raise ArgumentError(
            f"{len(unknown)} sides are not known.",
            "value: all, outer, inner, none, top, bottom, left, right.",
        )
    if sides == "none":
        line = {"style": "NONE"}
    return {"updateBorders": {"range": place.grid, **dict.fromkeys(chosen, line)}}


def banding_request(place: Place, css: str) -> JsonObject:
    """A head and rows of two shades by turns."""
    shade = {"rgbColor": {"red": 0.95, "green": 0.95, "blue": 0.95}}
    head: JsonObject = {"rgbColor": {"red": 0.8, "green": 0.85, "blue": 0.9}}
    if css:
        look, _ = looks.declared(css)
        head = look.get("backgroundColorStyle", head)
    white = {"rgbColor": {"red": 1, "green": 1, "blue": 1}}
    rows = {"headerColorStyle": head, "firstBandColorStyle": white, "secondBandColorStyle": shade}
    return {"addBanding": {"bandedRange": {"range": place.grid, "rowProperties": rows}}}
