"""Columns of a range, named by the texts of its first row or by letters. No I/O."""

import re
from collections.abc import Sequence

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1
from workspace_mcp.services.sheets.spreadsheets import Place

Heads = Sequence[str]
"""The texts of a range's first row."""


def column_of(place: Place, heads: Heads, text: str) -> int:
    """The column, counted in the tab, of a header or a letter.

    Raises:
        ArgumentError: there is none, or there are several.
    """
    left = place.box.left or 0
    wanted = text.strip()
    found = [
        n for n, one in enumerate(heads) if one.strip().casefold() == wanted.casefold() and one
    ]
    if len(found) == 1:
        return left + found[0]
    if not found and re.fullmatch(r"[A-Z]{1,3}", wanted):
        column = a1.number_of(wanted)
        if left <= column < (place.box.right or 0):
            return column
    problem = "Several columns have" if found else "No column of the range has"
    raise ArgumentError(
        f"{problem} that header.", "Give a header of the range's first row, or a column's letter."
    )


def column_named(heads: Heads, text: str) -> bool:
    """Whether a wish such as `Amount desc` names a header."""
    name = re.sub(r"\s+(asc|desc)$", "", text.strip(), flags=re.IGNORECASE).casefold()
    return name in {one.strip().casefold() for one in heads}
