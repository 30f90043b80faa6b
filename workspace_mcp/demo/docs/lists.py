"""Bullets of the demo's Docs: presets, nesting by leading tabs. No I/O.

Source: …/docs/api/reference/rest/v1/documents/request#createparagraphbulletsrequest
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from workspace_mcp.demo.docs.document import DocTab
from workspace_mcp.demo.docs.segment import Segment, bad

_GLYPHS: Final = {
    "BULLET_DISC_CIRCLE_SQUARE": ("●", "○", "■"),
    "BULLET_ARROW_DIAMOND_DISC": ("➔", "◆", "●"),
    "BULLET_STAR_CIRCLE_SQUARE": ("★", "○", "■"),
    "BULLET_ARROW3D_CIRCLE_SQUARE": ("➢", "○", "■"),
}
_NUMBERS: Final = {
    "NUMBERED_DECIMAL_ALPHA_ROMAN": ("DECIMAL", "ALPHA", "ROMAN"),
    "NUMBERED_DECIMAL_ALPHA_ROMAN_PARENS": ("DECIMAL", "ALPHA", "ROMAN"),
    "NUMBERED_DECIMAL_NESTED": ("DECIMAL", "DECIMAL", "DECIMAL"),
    "NUMBERED_UPPERALPHA_ALPHA_ROMAN": ("UPPER_ALPHA", "ALPHA", "ROMAN"),
    "NUMBERED_UPPERROMAN_UPPERALPHA_DECIMAL": ("UPPER_ROMAN", "UPPER_ALPHA", "DECIMAL"),
    "NUMBERED_ZERODECIMAL_ALPHA_ROMAN": ("ZERO_DECIMAL", "ALPHA", "ROMAN"),
}
LEVELS: Final = 9


def _level(preset: str, level: int) -> dict[str, Any]:
    place = {
        "bulletAlignment": "START",
        "indentFirstLine": {"magnitude": 18 + 36 * level, "unit": "PT"},
        "indentStart": {"magnitude": 36 + 36 * level, "unit": "PT"},
        "textStyle": {"underline": False},
        "startNumber": 1,
    }
    if preset in _NUMBERS:
        kind = _NUMBERS[preset][level % 3]
        return {**place, "glyphType": kind, "glyphFormat": f"%{level}."}
    if preset == "BULLET_CHECKBOX":
        return {**place, "glyphType": "GLYPH_TYPE_UNSPECIFIED", "glyphFormat": f"%{level}"}
    return {**place, "glyphSymbol": _GLYPHS[preset][level % 3], "glyphFormat": f"%{level}"}


def list_of(preset: str) -> dict[str, Any]:
    """The `List` that a preset makes.

    Raises:
        Refusal: there is no such preset.
    """
    if preset not in {*_GLYPHS, *_NUMBERS, "BULLET_CHECKBOX"}:
        raise bad(f"Invalid value for bulletPreset: {preset}")
    return {"listProperties": {"nestingLevels": [_level(preset, n) for n in range(LEVELS)]}}


def bullets(tab: DocTab, segment: Segment, given: Mapping[str, Any], fresh: str) -> None:
    """Make list items of all paragraphs in a range; their leading tabs become the nesting.

    They join the list right before them when that has the same look, else `fresh` is their list.
    """
    start, end = segment.span(given["range"])
    made = list_of(str(given.get("bulletPreset", "")))
    endings = list(segment.paragraphs(start, end))
    first = segment.start(endings[0])
    before = segment.units[first - 1] if first else None
    joined = before.bullet if before is not None and before.ends_paragraph else None
    key = fresh
    if joined is not None and tab.lists[joined["listId"]] == made:
        key = joined["listId"]
    tab.lists[key] = made
    for ending in reversed(endings):
        begin = segment.start(ending)
        level = 0
        while segment.units[begin + level].char == "\t":
            level += 1
        del segment.units[begin : begin + level]
        at = ending - level
        level = min(level, LEVELS - 1)
        place = made["listProperties"]["nestingLevels"][level]
        unit = segment.units[at]
        bullet = {"listId": key} | ({"nestingLevel": level} if level else {})
        style = {
            **unit.paragraph,
            "indentStart": place["indentStart"], "indentFirstLine": place["indentFirstLine"],
        }  # fmt: skip
        segment.units[at] = replace(unit, bullet=bullet, paragraph=style)
    used = {
        unit.bullet["listId"] for one in tab.segments.values() for unit in one.units if unit.bullet
    }
    for gone in set(tab.lists) - used:
        del tab.lists[gone]


def no_bullets(segment: Segment, given: Mapping[str, Any]) -> None:
    """Paragraphs of a range are list items no more; their indent stays."""
    for at in segment.paragraphs(*segment.span(given["range"])):
        segment.units[at] = replace(segment.units[at], bullet=None)
