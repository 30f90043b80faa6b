"""References of formulas that move with their cells."""

import re
from collections.abc import Callable
from typing import Final

from workspace_mcp.demo.sheets.book import index, letters

_REF: Final = re.compile(
    r"""("(?:[^"]|"")*")|((?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?(\$?)([A-Za-z]{1,3})(\$?)(\d+)(?![\w(!])""",
)


def copied(formula: str, rows: int, columns: int) -> str:
    """A formula as it stands after being copied that far."""

    def moved(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        column = index(found[4]) + (0 if found[3] else columns)
        row = int(found[6]) + (0 if found[5] else rows)
        if column < 0 or row < 1:
            return "#REF!"
        return f"{found[2] or ''}{found[3]}{letters(column)}{found[5]}{row}"

    return _REF.sub(moved, formula)


def shifted(
    formula: str, own: str, tab: str, dimension: str, moved: Callable[[int], int | None]
) -> str:
    """A formula of the tab `own` after rows or columns of `tab` moved; None: they are gone."""

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        target = (found[2] or "")[:-1].strip("'").replace("''", "'") or own
        if target.lower() != tab.lower():
            return found[0]
        row, column = int(found[6]) - 1, index(found[4])
        new = moved(row if dimension == "ROWS" else column)
        if new is None:
            return "#REF!"
        row, column = (new, column) if dimension == "ROWS" else (row, new)
        return f"{found[2] or ''}{found[3]}{letters(column)}{found[5]}{row + 1}"

    return _REF.sub(one, formula)
