"""What somebody types → what Sheets stores, as in the locale en_US. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/ValueInputOption
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

Json = dict[str, Any]
EPOCH: Final = datetime(1899, 12, 30)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_NUMBER: Final = re.compile(
    r"([-+]?)([$€£]?)(-?)(\d{1,3}(?:,\d{3})+|\d*)(\.\d*)?([eE][-+]?\d+)?(%?)"
)
_SIGNED: Final = re.compile(r"\+|-\S*[A-Za-z0-9(]")
"""What is no number with a sign before it is the beginning of a formula."""
_TIME: Final = r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp][Mm]))?"
FORMATS: Final[Mapping[str, str]] = {
    "DATE": "yyyy-mm-dd", "TIME": "h:mm:ss am/pm", "DATE_TIME": "yyyy-mm-dd hh:mm:ss",
    "PERCENT": "0%", "CURRENCY": "$#,##0.00",
}  # fmt: skip


def serial(moment: datetime) -> float:
    """Days since 1899-12-30."""
    days = (moment - EPOCH) / timedelta(days=1)
    return round(days, 10)


def stored(value: Any, option: str, look: Mapping[str, Any], year: int) -> tuple[Json, Json | None]:
    """An ExtendedValue, and the NumberFormat that entering it sets (None: the cell's own stays)."""
    if isinstance(value, bool):
        return {"boolValue": value}, None
    if isinstance(value, int | float):
        return {"numberValue": value}, None
    text = str(value)
    if text == "":
        return {}, None
    if option == "RAW":
        return {"stringValue": text}, None
    if text.startswith("'"):
        return {"stringValue": text[1:]}, None
    if look.get("numberFormat", {}).get("type") == "TEXT":
        return {"stringValue": text}, None
    return _typed(text, year)


def _typed(text: str, year: int) -> tuple[Json, Json | None]:
    bare = text.strip()
    if text.startswith("=") and len(text) > 1:
        return {"formulaValue": text}, None
    if bare.upper() in {"TRUE", "FALSE"}:
        return {"boolValue": bare.upper() == "TRUE"}, None
    if found := number(bare):
        return found
    if found := moment(bare, year):
        value, kind = found
        return {"numberValue": value}, {"type": kind, "pattern": FORMATS[kind]}
    if _SIGNED.match(text):
        return {"formulaValue": f"={text}"}, None
    return {"stringValue": text}, None


def number(text: str) -> tuple[Json, Json | None] | None:
    """`1,234.5`, `-3`, `5%`, `$4.50`, `1e5`."""
    found = _NUMBER.fullmatch(text)
    if found is None or not any(
        character.isdigit() for character in (found[4] or "") + (found[5] or "")
    ):
        return None
    sign, currency, inner, whole, part, power, percent = (group or "" for group in found.groups())
    if sign and inner:
        return None
    value = float(f"{whole.replace(',', '') or '0'}{part}{power}")
    value = -value if "-" in {sign, inner} else value
    if percent:
        value /= 100
    value = int(value) if value.is_integer() and abs(value) < 2**53 else round(value, 12)
    if percent:
        return {"numberValue": value}, {"type": "PERCENT", "pattern": "0.00%" if part else "0%"}
    if currency:
        pattern = f"{currency}#,##0.00" if part else f"{currency}#,##0"
        return {"numberValue": value}, {"type": "CURRENCY", "pattern": pattern}
    if "," in whole:
        return {"numberValue": value}, {
            "type": "NUMBER",
            "pattern": "#,##0.00" if part else "#,##0",
        }
    return {"numberValue": value}, None


def moment(text: str, year: int) -> tuple[float, str] | None:
    """A date, a time, or both, as a serial number and its kind."""
    if found := re.fullmatch(_TIME, text):
        clock = _clock(found[1], found[2], found[3], found[4])
        return None if clock is None else (round(clock / 86_400, 10), "TIME")
    day_text, _, time_text = text.replace("T", " ", 1).partition(" ")
    day = _date(text, year) or _date(day_text, year)
    if day is None:
        return None
    days = (day - EPOCH.date()).days
    if _date(text, year) is not None:
        return days, "DATE"
    found = re.fullmatch(_TIME, time_text)
    clock = _clock(found[1], found[2], found[3], found[4]) if found else None
    return None if clock is None else (round(days + clock / 86_400, 10), "DATE_TIME")


def _clock(hour: str, minute: str, second: str | None, half: str | None) -> int | None:
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return (
        None
        if hours > 23 or minutes > 59 or seconds > 59
        else hours * 3600 + minutes * 60 + seconds
    )


def _date(text: str, year: int) -> date | None:
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text):
        parts = int(found[1]), int(found[2]), int(found[3])
    elif found := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?", text):
        given = found[3]
        full = year if given is None else int(given) + (2000 if len(given) == 2 else 0)
        parts = full, int(found[1]), int(found[2])
    elif found := re.fullmatch(r"([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4})", text):
        parts = int(found[3]), _MONTHS.get(found[1][:3].lower(), 0), int(found[2])
    elif found := re.fullmatch(r"(\d{1,2})[- ]([A-Za-z]{3,9})[- ](\d{4})", text):
        parts = int(found[3]), _MONTHS.get(found[2][:3].lower(), 0), int(found[1])
    else:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None
