"""A value and its number format → what a cell shows, as in en_US. No I/O.

Source: developers.google.com/workspace/sheets/api/guides/formats
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workspace_mcp.demo.sheets.entered import EPOCH, FORMATS

DATES = frozenset({"DATE", "TIME", "DATE_TIME"})


def shown(value: Any, look: Mapping[str, Any]) -> str:
    """The text of a cell: `1,234.50`, `12%`, `2026-11-20`, `TRUE`."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if not isinstance(value, int | float):
        return str(value)
    format_ = look.get("numberFormat", {})
    kind = format_.get("type", "")
    pattern = format_.get("pattern") or FORMATS.get(kind, "")
    if kind in DATES:
        return _moment(float(value), pattern)
    if not pattern or kind == "TEXT" or pattern in {"General", "@"}:
        return general(value)
    return _patterned(float(value), pattern)


def general(value: float) -> str:
    """A number without a format."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def _patterned(value: float, pattern: str) -> str:
    parts = pattern.split(";")
    if value < 0 and len(parts) > 1:
        return _patterned(-value, parts[1])
    pattern = parts[0]
    found = re.search(r"[#0?][#0?,]*(?:\.([#0?]*))?(?:[eE]\+?0+)?", pattern)
    if found is None:
        return pattern.replace('"', "").replace("\\", "")
    if "%" in pattern:
        value *= 100
    if "e" in found[0].lower():
        digits = len(found[1] or "")
        text = f"{value:.{digits}E}"
        return re.sub(r"E([-+])0?(\d+)", r"E\g<1>0\2", text) if text else text
    fixed, most = (found[1] or "").count("0"), len(found[1] or "")
    text = f"{abs(value):{',' if ',' in found[0] else ''}.{most}f}"
    if most > fixed:
        head, _, tail = text.partition(".")
        tail = tail[:fixed] + tail[fixed:].rstrip("0")
        text = f"{head}.{tail}" if tail else head
    least = len(re.sub(r"[^0]", "", found[0].split(".")[0]))
    head, dot, tail = text.partition(".")
    text = head.rjust(least, "0") + dot + tail
    before, after = pattern[: found.start()], pattern[found.end() :]
    sign = "-" if value < 0 and text.strip("0.,") else ""
    return sign + _literal(before) + text + _literal(after)


def _literal(text: str) -> str:
    return re.sub(r"\[[^\]]*\]|_.|\*.", "", text).replace('"', "").replace("\\", "")


def _moment(value: float, pattern: str) -> str:
    found = EPOCH + timedelta(seconds=round(value * 86_400))
    half = "am/pm" in pattern.lower()
    pieces: list[str] = []
    earlier = ""
    for one in re.findall(r'"[^"]*"|(?i:am/pm)|[yY]+|[mM]+|[dD]+|[hH]+|[sS]+|.', pattern):
        key = one[0].lower()
        if one.lower() == "am/pm":
            pieces.append("AM" if found.hour < 12 else "PM")
        elif key in "ymdhs" and one.isalpha():
            pieces.append(_part(found, key, len(one), earlier, half=half))
            earlier = key
        else:
            pieces.append(one.strip('"'))
    return "".join(pieces)


def _part(found: datetime, key: str, size: int, earlier: str, *, half: bool) -> str:
    match key:
        case "y":
            return f"{found.year:04d}" if size > 2 else f"{found.year % 100:02d}"
        case "m" if earlier in {"h", "s"}:
            return f"{found.minute:0{min(size, 2)}d}"
        case "m":
            return (
                f"{found:%B}"
                if size == 4
                else f"{found:%b}"
                if size == 3
                else f"{found.month:0{size}d}"
            )
        case "d":
            return (
                f"{found:%A}"
                if size == 4
                else f"{found:%a}"
                if size == 3
                else f"{found.day:0{size}d}"
            )
        case "h":
            hour = found.hour % 12 or 12 if half else found.hour
            return f"{hour:0{min(size, 2)}d}"
        case _:
            return f"{found.second:0{min(size, 2)}d}"
