"""Where values go: what is there now, what may be overwritten, and what changed.

Sheets has no revisions to write against: what is read here is a moment older than the write.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.errors import ArgumentError, OutcomeUnknownError
from workspace_mcp.formats import a1, show
from workspace_mcp.formats.a1 import Area
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.sheets.cells import Grid, one_line, raw
from workspace_mcp.services.sheets.spreadsheets import Address, Place
from workspace_mcp.services.sheets.values import Rows, Value
from workspace_mcp.tools import JsonObject, View

_LINES: Final = 40
_FEW: Final = 12
"""Changes of which each is listed, whatever it is."""
_NAMED: Final = 12
_BEFORE: Final = (
    "sheets(properties(sheetId),data(startRow,startColumn,"
    "rowData(values(formattedValue,userEnteredValue))))"
)
MAYBE: Final = "Google's answer was lost: the change may have been made, or not."
LOOK: Final = "Look with sheets_read before repeating it."


def lost(error: OutcomeUnknownError) -> OutcomeUnknownError:
    """The error of a change whose answer was lost."""
    del error
    return OutcomeUnknownError(MAYBE, LOOK)


async def before(google: Google, address: Address, places: Sequence[Place]) -> list[Grid]:
    """What is in the places now; nothing is asked for places outside of the grid."""
    inside = [one for one in places if one.box.height > 0 and one.box.width > 0]
    if not inside:
        return [Grid(0, 0, ()) for _ in places]
    answer = await google.get_large(
        address.resource,
        ranges=[a1.place(one.tab.title, one.box) for one in inside],
        fields=_BEFORE,
    )
    data = {
        one["properties"].get("sheetId", 0): iter(one.get("data", ())) for one in answer["sheets"]
    }
    return [
        Grid.from_api(next(data[one.tab.id])) if one in inside else Grid(0, 0, ()) for one in places
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: what it showed and what it shows now."""

    row: int
    column: int
    old: str
    new: str
    plain: bool = False
    """It was empty, and shows exactly what was given."""


def formula(cell: Mapping[str, Any]) -> str:
    """The cell's formula; "" when it has none."""
    return str(cell.get("userEnteredValue", {}).get("formulaValue", ""))


def guard(
    grid: Grid, at: tuple[int, int], rows: Rows, *, overwrite: bool, formulas_only: bool = False
) -> None:
    """Nothing, when what would be overwritten is empty, or may be.

    Raises:
        ArgumentError: which cells are in the way.
    """
    if overwrite:
        return
    full: list[str] = []
    with_formula: list[str] = []
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            place = at[0] + down, at[1] + across
            cell = grid.at(*place)
            if value is None or not cell.get("userEnteredValue"):
                continue
            if formula(cell):
                with_formula.append(a1.cell(*place))
            elif not formulas_only and not _same(cell, value):
                full.append(a1.cell(*place))
    if not full and not with_formula:
        return
    said = [f"filled already: {_few(full)}"] if full else []
    said += [f"with a formula: {_few(with_formula)}"] if with_formula else []
    raise ArgumentError(
        f"Nothing was written; {'; '.join(said)}.",
        "Read them, write elsewhere, give null for cells to keep, or repeat with overwrite=true.",
    )


def _same(cell: Mapping[str, Any], value: Value) -> bool:
    held = next(iter(cell["userEnteredValue"].values()))
    return held == value or (isinstance(value, str) and value == cell.get("formattedValue"))


def _few(places: Sequence[str]) -> str:
    more = f", +{len(places) - _NAMED}" if len(places) > _NAMED else ""
    return ", ".join(places[:_NAMED]) + more


def changes(
    grid: Grid, at: tuple[int, int], rows: Sequence[Sequence[Any]], asked: Rows
) -> Iterator[Change]:
    """What a write made of the cells: `rows` are the values as they show now."""
    for down, row in enumerate(asked):
        for across, value in enumerate(row):
            if value is None:
                continue
            now = rows[down][across] if down < len(rows) and across < len(rows[down]) else ""
            place = at[0] + down, at[1] + across
            cell = grid.at(*place)
            old = formula(cell) or str(cell.get("formattedValue", ""))
            new = str(now)
            plain = not old and new == raw(value)
            if isinstance(value, str) and value.startswith("=") and new != value:
                new = f"{value} ({new})" if new else value
            if old != new:
                yield Change(*place, old, new, plain)


def added(at: tuple[int, int], rows: Sequence[Sequence[Any]], asked: Rows) -> list[Change]:
    """What new rows hold: `rows` are the values as they show now."""
    found: list[Change] = []
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if value not in ("", None):
                given = asked[down][across] if across < len(asked[down]) else None
                plain = str(value) == raw(given)
                found.append(Change(at[0] + down, at[1] + across, "", str(value), plain))
    return found


@dataclass(frozen=True, slots=True)
class Written(View):
    """What was done where, and each cell's before and after."""

    said: str
    """Ours; `{}` stands for the range."""
    place: str
    changes: Sequence[Change] = ()
    notes: Sequence[str] = ()
    dry_run: bool = False
    listed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further blocks: kind → text of strangers."""

    def text(self, fence: Fence) -> str:
        """The range, then `B3: old → new`."""
        lines = [self.said.format(fence.line(self.place))]
        many = len(self.changes) > _FEW
        listed = [one for one in self.changes if not (many and one.plain)]
        if many and listed and not any(one.old for one in listed):
            lines.append(fence.block("now, empty before", _grid(listed[:_LINES])))
        elif listed:
            told = [
                f"{a1.cell(one.row, one.column)}: {_word(one.old)} → {_word(one.new)}"
                for one in listed[:_LINES]
            ]
            lines.append(fence.block("before → after", "\n".join(told)))
        if len(listed) > _LINES:
            lines.append(f"and {show.count(len(listed) - _LINES, 'more changed cell')}")
        if plain := len(self.changes) - len(listed):
            verb = "would take" if self.dry_run else "took"
            lines.append(f"{show.count(plain, 'empty cell')} {verb} what was given, as it is.")
        lines += [fence.block(kind, text) for kind, text in self.listed.items() if text]
        lines += self.notes
        if self.dry_run:
            lines.append("Nothing was written: dry_run.")
        return "\n".join(lines)


def _grid(changes: Sequence[Change]) -> str:
    """The new texts as a table with true rows and columns."""
    columns = sorted({one.column for one in changes})
    rows: dict[int, dict[int, str]] = {}
    for one in changes:
        rows.setdefault(one.row, {})[one.column] = one_line(one.new, 120)
    lines = ["\t".join(["", *map(a1.letters, columns)])]
    for row, texts in rows.items():
        cells = [texts.get(column, "") for column in columns]
        lines.append("\t".join([str(row + 1), *cells]).rstrip("\t"))
    return "\n".join(lines)


def _word(text: str) -> str:
    return one_line(text, 120) if text else "(empty)"


async def send_values(
    google: Google, address: Address, data: Sequence[JsonObject], *, raw: bool
) -> Sequence[JsonObject]:
    """Write values at several ranges, all or none; an `UpdateValuesResponse` for each.

    Raises:
        OutcomeUnknownError: the answer was lost. Writing the same again does no harm.
    """
    body: JsonObject = {
        "valueInputOption": "RAW" if raw else "USER_ENTERED",
        "data": list(data),
        "includeValuesInResponse": True,
        "responseValueRenderOption": "FORMATTED_VALUE",
    }
    values = address.resource.sub("values").verb("batchUpdate")
    answer = await google.post(values, body, safe=True)
    return answer["responses"]


async def send_requests(
    google: Google, address: Address, requests: Sequence[JsonObject]
) -> Sequence[JsonObject]:
    """A batch of changes, all or none; a reply for each.

    Raises:
        OutcomeUnknownError: the answer was lost, and it is not repeated.
    """
    try:
        answer = await google.post(
            address.resource.verb("batchUpdate"), {"requests": list(requests)}
        )
    except OutcomeUnknownError as error:
        raise lost(error) from error
    return answer.get("replies", ())


def growth(place: Place, rows: int, columns: int) -> list[JsonObject]:
    """Requests that make the grid large enough for so many rows and columns."""
    wanted = (("ROWS", rows - place.tab.rows), ("COLUMNS", columns - place.tab.columns))
    return [
        {"appendDimension": {"sheetId": place.tab.id, "dimension": name, "length": by}}
        for name, by in wanted
        if by > 0
    ]


def sized(place: Place, rows: Rows) -> Place:
    """The cells that rows fill from a place's first cell on.

    Raises:
        ArgumentError: the place is a smaller range.
    """
    height, width = len(rows), max(len(row) for row in rows)
    area = place.area
    top, left = area.top or 0, area.left or 0
    one_cell = area.bottom == top + 1 and area.right == left + 1
    if not one_cell and area.bottom is not None and height > area.bottom - top:
        raise ArgumentError(
            f"There are {show.count(height, 'row')}, and the range has {show.count(area.bottom - top, 'row')}."
        )
    if not one_cell and area.right is not None and width > area.right - left:
        raise ArgumentError(
            f"A row has {show.count(width, 'cell')}, and the range has {show.count(area.right - left, 'column')}."
        )
    return place.at(Area(top, left, top + height, left + width))
