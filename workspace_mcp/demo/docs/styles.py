"""Text and paragraph styles of the demo's Docs: a field mask applied to what is there. No I/O."""

from collections.abc import Mapping
from typing import Any, Final

from workspace_mcp.demo.docs.segment import bad
from workspace_mcp.demo.docs.units import Style

TEXT: Final = frozenset({
    "bold", "italic", "underline", "strikethrough", "smallCaps", "backgroundColor",
    "foregroundColor", "fontSize", "weightedFontFamily", "baselineOffset", "link",
})  # fmt: skip
PARAGRAPH: Final = frozenset({
    "namedStyleType", "alignment", "lineSpacing", "direction", "spacingMode", "spaceAbove",
    "spaceBelow", "borderBetween", "borderTop", "borderBottom", "borderLeft", "borderRight",
    "indentFirstLine", "indentStart", "indentEnd", "keepLinesTogether", "keepWithNext",
    "avoidWidowAndOrphan", "shading", "pageBreakBefore",
})  # fmt: skip
_FALSE: Final = frozenset({"bold", "italic", "underline", "strikethrough", "smallCaps"})
_BLUE: Final = {"color": {"rgbColor": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}}}


def changed(
    before: Style, given: Mapping[str, Any], fields: str, known: frozenset[str]
) -> dict[str, Any]:
    """`before` with the fields of the mask as in `given`; those that it lacks are reset.

    Raises:
        Refusal: no field, or one that does not exist.
    """
    if not fields:
        raise bad("At least one field must be listed in 'fields'. (use '*' to indicate all fields)")
    names = (
        set(known) if fields == "*" else {one.split(".")[0].strip() for one in fields.split(",")}
    )
    if unknown := sorted(names - known):
        raise bad(f"Invalid field: {unknown[0]}")
    after = dict(before)
    for name in names:
        after.pop(name, None)
        if name in given and not (name in _FALSE and given[name] is False):
            after[name] = given[name]
    return after


def text_style(before: Style, given: Mapping[str, Any], fields: str) -> dict[str, Any]:
    """A text style changed as the editor does it: a link is blue and underlined."""
    after = changed(before, given, fields, TEXT)
    if "link" in fields.split(",") or fields == "*":
        if after.get("link"):
            after.setdefault("underline", True)
            after.setdefault("foregroundColor", _BLUE)
        elif before.get("link"):
            for name in {"underline", "foregroundColor"} - set(given):
                after.pop(name, None)
    return after


def paragraph_style(
    before: Style, given: Mapping[str, Any], fields: str, heading: str
) -> dict[str, Any]:
    """A paragraph style changed; a heading has an id (`heading` for a new one)."""
    after = changed(before, given, fields, PARAGRAPH)
    after.setdefault("namedStyleType", "NORMAL_TEXT")
    after.setdefault("direction", "LEFT_TO_RIGHT")
    if after["namedStyleType"] == "NORMAL_TEXT":
        after.pop("headingId", None)
    else:
        after.setdefault("headingId", heading)
    return after
