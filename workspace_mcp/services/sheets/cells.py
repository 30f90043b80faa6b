"""Cells as they were read, and how they are shown: compact tables with true rows and columns. No I/O."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets.looks import described

Show = Literal["values", "formulas", "notes", "links", "chips", "formats", "validation"]
_FIELDS: Final[Mapping[str, str]] = {
    "values": "formattedValue",
    "formulas": "userEnteredValue",
    "notes": "note",
    "links": "hyperlink,textFormatRuns(format(link))",
    "chips": "chipRuns",
    "formats": "userEnteredFormat",
    "validation": "dataValidation",
}
LONGEST: Final = 400
"""Characters of one cell in a table of several."""
_BREAK: Final = re.compile("\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
"""All that a reader takes for the end of a line: no cell may look like a row."""
_REF: Final = re.compile(r"(\"[^\"]*\")|(\$?)\b([A-Z]{1,3})(\$?)(\d+)\b(?!\()")


def fields(show: Sequence[Show], *, unformatted: bool) -> str:
    """The mask of a `CellData` for what is to be shown."""
    names = dict.fromkeys(("values", *show))
    first = "effectiveValue," if unformatted else ""
    return first + ",".join(_FIELDS[one] for one in names)


def scalar(value: Mapping[str, Any]) -> Any:
    """An `ExtendedValue` as a plain value; "" when there is none."""
    for name in ("numberValue", "stringValue", "boolValue", "formulaValue"):
        if name in value:
            return value[name]
    return value.get("errorValue", {}).get("message", "") if "errorValue" in value else ""


def raw(value: Any) -> str:
    """A plain value as text: numbers with the 15 digits that Sheets counts with, TRUE and FALSE."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a tab from a row and column on, as `CellData`; blank ends are not there."""

    top: int
    left: int
    rows: Sequence[Sequence[Mapping[str, Any]]]

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> "Grid":
        """Read a `GridData`."""
        rows = [row.get("values", ()) for row in data.get("rowData", ())]
        return cls(data.get("startRow", 0), data.get("startColumn", 0), rows)

    def at(self, row: int, column: int) -> Mapping[str, Any]:
        """The cell there; {} when nothing is in it."""
        down, across = row - self.top, column - self.left
        if not 0 <= down < len(self.rows) or not 0 <= across < len(self.rows[down]):
            return {}
        return self.rows[down][across]

    def cells(self, last: int | None = None) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
        """Row, column and data of each cell that has any, up to the row before `last`."""
        for down, row in enumerate(self.rows):
            if last is not None and self.top + down >= last:
                return
            for across, cell in enumerate(row):
                if cell:
                    yield self.top + down, self.left + across, cell


def shown(cell: Mapping[str, Any], *, unformatted: bool = False) -> str:
    """What a cell shows; its plain value with `unformatted`."""
    if unformatted:
        return raw(scalar(cell.get("effectiveValue", {})))
    return str(cell.get("formattedValue", ""))


def one_line(text: str, limit: int = LONGEST) -> str:
    """A cell's text as it stands in a table: line ends as ⏎, long ones cut with what is missing."""
    flat = _BREAK.sub("⏎", text).replace("\t", " ")
    return flat if len(flat) <= limit else f"{flat[:limit]}…+{len(flat) - limit}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A table as text. `end`: the first row that is not in it; None when all are."""

    text: str
    end: int | None
    cut: bool
    """Whether some cell's text was cut."""


def table(grid: Grid, limit: int, *, unformatted: bool) -> Printed:
    """Rows with their numbers under column letters, tabs between; blank rows are left away."""
    single = len(grid.rows) == 1 and len(grid.rows[0]) == 1
    texts = [
        [
            one_line(shown(cell, unformatted=unformatted), limit if single else LONGEST)
            for cell in row
        ]
        for row in grid.rows
    ]
    width = max((n + 1 for row in texts for n, text in enumerate(row) if text), default=0)
    head = "\t".join(["", *(a1.letters(grid.left + n) for n in range(width))])
    lines, used, cut, end = [head], len(head.encode()), False, None
    for down, row in enumerate(texts):
        if not any(row):
            continue
        line = "\t".join([str(grid.top + down + 1), *row]).rstrip("\t")
        used += len(line.encode()) + 1
        if used > limit and len(lines) > 1:
            end = grid.top + down
            break
        cut = cut or any(re.search(r"…\+\d+$", text) for text in row)
        lines.append(line)
    return Printed("\n".join(lines) if width else "", end, cut)


# What else cells have


def extras(grid: Grid, show: Sequence[Show], last: int | None) -> list[str]:
    """Lines like `B5 =SUM(B2:B4)`; what is the same all over a range is one line."""
    lines: list[str] = []
    for kind in dict.fromkeys(show):
        if kind == "values":
            continue
        found = _runs(grid, _READ[kind], last)
        if found:
            lines += [f"{kind}:", *found]
    return lines


Read = Callable[[Mapping[str, Any], int, int], tuple[str, str]]
Run = tuple[int, int, str, str]
"""First row, the row behind the last, the first cell's text, what they have in common."""


def _runs(grid: Grid, read: Read, last: int | None) -> list[str]:
    """Ranges whose cells have the same, with the text of their first cell."""
    found: list[tuple[Area, str]] = []
    open_: dict[tuple[int, int, str], int] = {}
    before = -1
    for column, runs in sorted(_columns(grid, read, last).items()):
        open_ = open_ if column == before + 1 else {}
        before = column
        going: dict[tuple[int, int, str], int] = {}
        for top, bottom, text, key in runs:
            at = open_.get((top, bottom, key))
            if at is None:
                at = len(found)
                found.append((Area(top, column, bottom, column + 1), text))
            area, first = found[at]
            found[at] = Area(top, area.left, bottom, column + 1), first
            going[top, bottom, key] = at
        open_ = going
    return [f"{area.text()} {one_line(text)}" for area, text in found]


def _columns(grid: Grid, read: Read, last: int | None) -> dict[int, list[Run]]:
    """For each column, the runs of cells with the same."""
    found: dict[int, list[Run]] = {}
    for row, column, cell in grid.cells(last):
        text, key = read(cell, row, column)
        if not text:
            continue
        runs = found.setdefault(column, [])
        if runs and runs[-1][1] == row and runs[-1][3] == key:
            runs[-1] = runs[-1][0], row + 1, runs[-1][2], key
        else:
            runs.append((row, row + 1, text, key))
    return found


def _formula(cell: Mapping[str, Any], row: int, column: int) -> tuple[str, str]:
    text = str(cell.get("userEnteredValue", {}).get("formulaValue", ""))
    return text, relative(text, row, column)


def relative(formula: str, row: int, column: int) -> str:
    """A formula with its references as distances: equal for what was filled down or to the right."""

    def distance(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        across = found[3] if found[2] else f"[{a1.number_of(found[3]) - column}]"
        down = found[5] if found[4] else f"[{int(found[5]) - 1 - row}]"
        return f"R{down}C{across}"

    return _REF.sub(distance, formula)


def _same(read: Callable[[Mapping[str, Any]], str]) -> Read:
    def both(cell: Mapping[str, Any], row: int, column: int) -> tuple[str, str]:
        del row, column
        text = read(cell)
        return text, text

    return both


def _link(cell: Mapping[str, Any]) -> str:
    inside = [
        run.get("format", {}).get("link", {}).get("uri", "")
        for run in cell.get("textFormatRuns", ())
    ]
    return " ".join(dict.fromkeys(one for one in [cell.get("hyperlink", ""), *inside] if one))


def _chips(cell: Mapping[str, Any]) -> str:
    found: list[str] = []
    for run in cell.get("chipRuns", ()):
        chip = run.get("chip", {})
        found.append(chip.get("personProperties", {}).get("email", ""))
        found.append(chip.get("richLinkProperties", {}).get("uri", ""))
    return " ".join(one for one in found if one)


def _rule(cell: Mapping[str, Any]) -> str:
    rule = cell.get("dataValidation", {})
    condition = rule.get("condition", {})
    if not condition:
        return ""
    values = [
        one.get("userEnteredValue") or one.get("relativeDate", "")
        for one in condition.get("values", ())
    ]
    strict = " strict" if rule.get("strict") else ""
    return f"{condition.get('type', '').lower()}{strict}: {', '.join(values)}".rstrip(": ")


_READ: Final[Mapping[str, Read]] = {
    "formulas": _formula,
    "notes": _same(lambda cell: str(cell.get("note", ""))),
    "links": _same(_link),
    "chips": _same(_chips),
    "formats": _same(lambda cell: described(cell.get("userEnteredFormat", {}))),
    "validation": _same(_rule),
}
