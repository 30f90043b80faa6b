"""Excel files → rows of text. No I/O; formulas are not calculated, their stored results are read.

Source: ECMA-376, part 1, 18 (SpreadsheetML)
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import Element

from workspace_mcp.formats.office import RELATION, Archive

_S: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROWS: Final = 20_000
_WIDEST: Final = 500
_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Number formats of Excel's own that show dates or times."""
_PERCENTS: Final = frozenset({9, 10})
SINCE_1900: Final = datetime(1899, 12, 30)
"""The day 0 of most files."""
SINCE_1904: Final = datetime(1904, 1, 1)
"""The day 0 of files that were begun on old Macs."""
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Book:
    """What cells refer to: shared texts, how each style shows numbers, from when days are counted."""

    strings: Sequence[str]
    styles: Sequence[str]
    """date, time, span, percent or "" for each style."""
    since: datetime


def xlsx(archive: Archive, wanted: Any) -> str:
    """Every sheet as rows with their numbers; `wanted` chooses sheets by number."""
    book = _book(archive)
    found: list[str] = []
    for number, (name, path) in enumerate(_sheets(archive), 1):
        if wanted is not None and number not in wanted:
            continue
        rows = list(_rows(archive.xml(path), book))
        found.append("\n".join((f"[sheet {name}]", *rows[:_ROWS])))
        if len(rows) > _ROWS:
            found[-1] += f"\n… {len(rows) - _ROWS:,} more rows"
    return "\n\n".join(found)


def cells(archive: Archive) -> dict[tuple[str, int, int], str]:
    """(sheet, row, column) of an Excel file, rows and columns from 1 → the value that is stored there.

    Raises:
        UnreadableError: it is no such file.
    """
    book = _book(archive)
    found: dict[tuple[str, int, int], str] = {}
    for name, path in _sheets(archive):
        for number, row in _numbered(archive.xml(path).iter(f"{_S}row")):
            for column, cell in _placed(row):
                if value := " ".join(_value(cell, book).split()):
                    found[name, number, column] = value
    return found


def _book(archive: Archive) -> _Book:
    properties = archive.xml("xl/workbook.xml").find(f"{_S}workbookPr")
    old = properties is not None and properties.get("date1904") in {"1", "true"}
    return _Book(_shared(archive), _styles(archive), SINCE_1904 if old else SINCE_1900)


def _shared(archive: Archive) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.names:
        return []
    root = archive.xml("xl/sharedStrings.xml")
    return [_plain(item) for item in root.findall(f"{_S}si")]


def _plain(item: Element) -> str:
    """A text of runs, without the readings (furigana) that may go with it."""
    runs = [item, *item.findall(f"{_S}r")]
    return "".join(run.findtext(f"{_S}t") or "" for run in runs)


def _styles(archive: Archive) -> list[str]:
    """What each style of cells makes of a number."""
    if "xl/styles.xml" not in archive.names:
        return []
    root = archive.xml("xl/styles.xml")
    codes = {
        one.get("numFmtId", ""): one.get("formatCode", "")
        for one in root.findall(f"{_S}numFmts/{_S}numFmt")
    }
    return [shows(one.get("numFmtId", "0"), codes) for one in root.findall(f"{_S}cellXfs/{_S}xf")]


def shows(identifier: str, codes: Mapping[str, str]) -> str:
    """date, time, span, percent, or "" for plain numbers: what a number format shows."""
    code = codes.get(identifier)
    if code is None:
        number = int(identifier) if identifier.isdigit() else 0
        if number in {18, 19, 20, 21, 45, 47}:
            return "time"
        if number == 46:
            return "span"
        return "date" if number in _DATES else "percent" if number in _PERCENTS else ""
    first = _LITERAL.sub("", code).partition(";")[0].lower()
    if re.search(r"\[[hms]+\]", first):
        return "span"
    if "general" in first or not re.search(r"[dmyhs]", first):
        return "percent" if "%" in first else ""
    return "date" if re.search(r"[dy]", first) or not re.search(r"[hs]", first) else "time"


def _sheets(archive: Archive) -> Iterator[tuple[str, str]]:
    links = archive.links("xl/workbook.xml")
    for sheet in archive.xml("xl/workbook.xml").iter(f"{_S}sheet"):
        link = links.get(sheet.get(f"{RELATION}id", ""))
        if link is not None and link.target in archive.names:
            yield sheet.get("name", ""), link.target


def _numbered(rows: Iterator[Element]) -> Iterator[tuple[int, Element]]:
    """Rows with their numbers; one that has none follows the one before."""
    number = 0
    for row in rows:
        given = row.get("r", "")
        number = int(given) if given.isdigit() else number + 1
        yield number, row


def _placed(row: Element) -> Iterator[tuple[int, Element]]:
    """Cells with their columns; one that has none follows the one before."""
    column = 0
    for cell in row.findall(f"{_S}c"):
        column = _column(cell.get("r", "")) or column + 1
        yield column, cell


def _rows(root: Element, book: _Book) -> Iterator[str]:
    for number, row in _numbered(root.iter(f"{_S}row")):
        cells: list[str] = []
        for column, cell in _placed(row):
            cells += [""] * max(0, min(column, _WIDEST) - len(cells) - 1)
            cells.append(" ".join(_value(cell, book).split()))
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield f"{number}: {' | '.join(cells)}"


def _column(reference: str) -> int:
    found = re.match(r"[A-Z]{1,3}", reference)
    number = 0
    for letter in found[0] if found else "":
        number = number * 26 + ord(letter) - 64
    return number


def _value(cell: Element, book: _Book) -> str:
    inline = cell.find(f"{_S}is")
    if inline is not None:
        return _plain(inline)
    value = cell.findtext(f"{_S}v") or ""
    if not value and cell.get("t") != "str":  # a formula that nobody calculated yet
        formula = cell.findtext(f"{_S}f")
        return f"={formula}" if formula else ""
    match cell.get("t", "n"):
        case "s":
            return book.strings[int(value)] if _below(value, len(book.strings)) else value
        case "b":
            return "TRUE" if value == "1" else "FALSE"
        case "n":
            style = cell.get("s", "0")
            return number(
                value, book.styles[int(style)] if _below(style, len(book.styles)) else "",
                book.since,
            )  # fmt: skip
        case _:
            return value


def _below(text: str, end: int) -> bool:
    return text.isascii() and text.isdigit() and int(text) < end


def number(text: str, shown: str, since: datetime) -> str:
    """A stored number as it is meant: a date, a time, hours and minutes, a percentage, 15 digits.

    What cannot be a date stays a number.
    """
    try:
        found = float(text)
        if shown == "percent":
            return f"{found * 100:.12g}%"
        if shown == "span":
            minutes, seconds = divmod(round(found * 86_400), 60)
            return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        if shown and found >= 0:
            return _moment(found, shown, since)
        return text if re.fullmatch(r"-?\d{1,15}", text) else f"{found:.15g}"
    except (ValueError, OverflowError):
        return text


def _moment(days: float, shown: str, since: datetime) -> str:
    """Excel's 29 February 1900 never was: days before it are counted from one day later."""
    shift = 1 if since == SINCE_1900 and days < 60 else 0
    at = since + timedelta(seconds=round((days + shift) * 86_400))
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    if shown == "time":
        return clock if days < 1 else f"{at:%Y-%m-%d} {clock}"
    return f"{at:%Y-%m-%d}" if clock == "00:00" else f"{at:%Y-%m-%d} {clock}"
