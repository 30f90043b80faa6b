"""What is written into cells: rows and CSV → values that Sheets reads as they were meant."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import show
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import Reach, fetching

Value = str | int | float | bool | None
Rows = list[list[Value]]
_NUMBER: Final = re.compile(r"(?=.*\d)[-+]?[$€£]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?([eE][-+]?\d+)?%?")
_FORMULA: Final = re.compile(r"\s*[-=+@]")
_AMOUNT: Final = re.compile(r"[-+][$€£]?\d[\d.,'\s]*([eE][-+]?\d+)?\s*[%$€£]?")
"""A number with a sign, in any locale: no formula."""
_KEPT: Final = re.compile(r"0\d+|\+\d[\d\s()/-]*|\d{16,}|'.*", re.DOTALL)
"""What Sheets would take for a number and change: 007, telephone numbers, long card numbers."""
_ASKED: Final = 20
MOST: Final = 50_000
"""Cells of one call."""
LONGEST: Final = 50_000
"""Characters of one cell; Google takes no more."""


def given(rows: Sequence[Sequence[Any]] | None, text: str | None) -> Rows:
    """The rows of `rows` or of CSV.

    Raises:
        ArgumentError: none or both, values that no cell holds, or too many.
    """
    if (rows is None) == (text is None):
        raise ArgumentError("Give rows or csv, one of them.")
    found: Rows = (
        [[_value(value, r, c) for c, value in enumerate(row)] for r, row in enumerate(rows)]
        if rows is not None
        else [list(row) for row in csv.reader(io.StringIO(text or ""), strict=False)]
    )
    if not any(found):
        raise ArgumentError("There are no rows.")
    if sum(len(row) for row in found) > MOST:
        raise ArgumentError(f"There are more than {MOST:,} cells.", "Write them in several calls.")
    return found


def _value(value: Any, row: int, column: int) -> Value:
    place = f"rows[{row}][{column}]"
    if value is not None and not isinstance(value, str | int | float):
        raise ArgumentError(f"{place} is no text, number, true, false or null.")
    if isinstance(value, str) and len(value) > LONGEST:
        raise ArgumentError(f"{place} has {len(value):,} characters; a cell holds {LONGEST:,}.")
    return value


def entered(value: Value, *, formulas: bool, raw: bool) -> Value:
    """A value as it is sent: with an apostrophe where Sheets must not read a formula or a number."""
    if not isinstance(value, str) or raw:
        return value
    text = value
    if _KEPT.fullmatch(text.strip()) or text.startswith("'"):
        return f"'{text}"
    signed = _NUMBER.fullmatch(text.strip()) or _AMOUNT.fullmatch(text.strip())
    if not formulas and _FORMULA.match(text) and not signed:
        return f"'{text}"
    return text


def outside(rows: Sequence[Sequence[Value]]) -> list[str]:
    """Formulas that make Google fetch from elsewhere."""
    return [one for row in rows for one in row if isinstance(one, str) and fetching(one)]


async def asked(consent: Consent, formulas: Sequence[str], requests: int) -> list[str]:
    """What to say of formulas that fetch from elsewhere, after the person said yes to them.

    Raises:
        WorkspaceError: they did not, or may not.
    """
    if not formulas:
        return []
    names = ", ".join(dict.fromkeys(map(fetching, formulas)))
    lines = tuple(clean_line(one)[:300] for one in formulas[:_ASKED])
    more = len(formulas) - len(lines)
    await consent(
        Act(
            Reach.SENDS,
            f"Write {show.count(len(formulas), 'formula')} by which Google asks other sites ({names})",
            (*lines, f"and {more} more") if more else lines,
            digest="\n".join(formulas),
            requests=requests,
        )
    )
    return [
        f"By {names}, Google now fetches from other places, and tells them what is in the address."
    ]


def data(value: Value, kind: str, *, formulas: bool, raw: bool) -> dict[str, Any]:
    """A `CellData` for a column of a table, whose type says how a text is read."""
    match value:
        case None | "":
            return {}
        case bool():
            return {"userEnteredValue": {"boolValue": value}}
        case int() | float():
            return {"userEnteredValue": {"numberValue": value}}
        case str() if formulas and value.startswith("=") and not raw:
            return {"userEnteredValue": {"formulaValue": value}}
        case str():
            number = None if raw else _read(value, kind)
            if number is not None:
                return {"userEnteredValue": {"numberValue": number}}
            return {"userEnteredValue": {"stringValue": value}}


def _read(text: str, kind: str) -> float | None:
    bare = text.strip()
    if kind in {"DATE", "DATE_TIME"}:
        return _day(bare)
    if kind not in {"DOUBLE", "CURRENCY", "PERCENT"} or not _NUMBER.fullmatch(bare):
        return None
    digits = re.sub(r"[$€£,%]", "", bare)
    try:
        number = float(digits)
    except ValueError:
        return None
    number = number / 100 if bare.endswith("%") else number
    return int(number) if number.is_integer() else number


def _day(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    days = (moment.replace(tzinfo=None) - datetime(1899, 12, 30)).total_seconds() / 86_400
    return int(days) if days.is_integer() else days
