"""How cells look and what they take: formats, borders, merges, rules, drop-downs, sizes.

Source: developers.google.com/workspace/sheets/api/samples/formatting
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.google.client import Google
from workspace_mcp.journal.inverses.spreadsheet.book import OVERVIEW
from workspace_mcp.scopes import Scope
from workspace_mcp.services.sheets import looks, rules
from workspace_mcp.services.sheets.batch import Acted, Fields, Step, given, integer, lines_of, need
from workspace_mcp.services.sheets.spreadsheets import Address, Book, Place, SheetId, fetched
from workspace_mcp.services.sheets.target import before, send_requests
from workspace_mcp.tools import Effect, JsonObject, View, tool

Do = Literal[
    "style", "number", "borders", "merge", "unmerge", "conditional", "unconditional", "validate",
    "unvalidate", "freeze", "size", "hide", "unhide", "group", "ungroup", "note", "link", "chip",
    "banding", "clear",
]  # fmt: skip


class Action(BaseModel):
    """One thing to do."""

    model_config = ConfigDict(extra="forbid")

    do: Do
    range: Annotated[str, Field(description="Lines (2:5, B:C) to freeze, size, hide, group.")]
    css: Annotated[
        str | None,
        Field(description="font-weight:bold; color:#f00; background:#eee; text-align:right"),
    ] = None
    value: Annotated[
        str | None,
        Field(
            description="#,##0.00; choices a,b; condition > 5; pixels, auto; note, URL; outer, top."
        ),
    ] = None
    kind: Annotated[
        str | None,
        Field(
            description="percent, date …; rows; dashed; list, checkbox; gradient (min #fff; max #f00)."
        ),
    ] = None
    index: Annotated[int | None, Field(description="Rule's number.")] = None
    strict: bool = False


TAKES: Final[Mapping[str, set[str]]] = {
    "style": {"range", "css"},
    "number": {"range", "kind", "value"},
    "borders": {"range", "value", "kind", "css"},
    "merge": {"range", "kind"},
    "unmerge": {"range"},
    "conditional": {"range", "value", "css", "kind", "index"},
    "unconditional": {"range", "index"},
    "validate": {"range", "kind", "value", "strict"},
    "unvalidate": {"range"},
    "freeze": {"range"},
    "size": {"range", "value"},
    "hide": {"range"},
    "unhide": {"range"},
    "group": {"range"},
    "ungroup": {"range"},
    "note": {"range", "value"},
    "link": {"range", "value"},
    "chip": {"range", "value"},
    "banding": {"range", "css"},
    "clear": {"range"},
}
_NUMBERS: Final = {
    "number": ("NUMBER", "#,##0.00"), "percent": ("PERCENT", "0.00%"), "currency": ("CURRENCY", ""),
    "date": ("DATE", "yyyy-mm-dd"), "time": ("TIME", "hh:mm"), "datetime": ("DATE_TIME", "yyyy-mm-dd hh:mm"),
    "scientific": ("SCIENTIFIC", "0.00E+00"), "text": ("TEXT", ""),
}  # fmt: skip
_LINES: Final = {
    "solid": "SOLID", "medium": "SOLID_MEDIUM", "thick": "SOLID_THICK", "dashed": "DASHED",
    "dotted": "DOTTED", "double": "DOUBLE", "none": "NONE",
}  # fmt: skip
_MERGES: Final = {"all": "MERGE_ALL", "rows": "MERGE_ROWS", "columns": "MERGE_COLUMNS"}


@tool(title="Format a spreadsheet", needs=[Scope.SHEETS], effect=Effect.WRITES)
async def sheets_format(
    google: Google,
    sheet: SheetId,
    actions: Annotated[list[Action], Field(min_length=1, max_length=100)],
    dry_run: bool = False,
) -> View:
    """Styles, number formats, borders, merges, conditional formats, drop-downs, sizes, notes.

    All actions or none.
    """
    address = Address.of(sheet)
    book = await fetched(google, address, OVERVIEW)
    kept = await _rules_kept(google, address, book, actions)
    steps: list[Step] = []
    for number, action in enumerate(actions):
        try:
            steps.append(step(book, action, kept.get(number)))
        except (ArgumentError, NotFoundError) as error:
            raise type(error)(f"actions[{number}]: {error.what}", error.remedy) from error
    await _unharmed(google, address, book, actions)
    if dry_run:
        return Acted(steps, (), dry_run=True)
    replies = await send_requests(google, address, [one for step in steps for one in step.requests])
    return Acted(steps, replies)


async def _unharmed(
    google: Google, address: Address, book: Book, actions: Sequence[Action]
) -> None:
    """Nothing, when no chip and no merge would take away what a cell holds.

    Raises:
        ArgumentError: which cells.
    """
    risky = [(one, book.place(one.range)) for one in actions if one.do in {"merge", "chip"}]
    if not risky:
        return
    grids = await before(google, address, [place for _, place in risky])
    for (action, place), grid in zip(risky, grids, strict=True):
        lost = [
            a1.cell(row, column)
            for row, column, cell in grid.cells()
            if cell.get("userEnteredValue") and not _kept(action, place.box, row, column)
        ]
        if lost:
            more = f", +{len(lost) - 12}" if len(lost) > 12 else ""
            raise ArgumentError(
                f"Nothing was changed: {action.do} would take away what is in {', '.join(lost[:12])}{more}.",
                "Move it, or clear it with sheets_write mode=clear, then repeat.",
            )


def _kept(action: Action, box: Area, row: int, column: int) -> bool:
    """Whether a merge leaves what a cell holds."""
    first_row, first_column = row == box.top, column == box.left
    if action.do == "chip":
        return False
    by_kind = {"rows": first_column, "columns": first_row}
    return by_kind.get(action.kind or "", first_row and first_column)


async def _rules_kept(
    google: Google, address: Address, book: Book, actions: Sequence[Action]
) -> Mapping[int, JsonObject]:
    """Number of the action → the rule that it changes, where it does not say all of it anew."""
    partly = {
        number: one
        for number, one in enumerate(actions)
        if one.do == "conditional" and one.index is not None
        and (one.value is None or one.css is None or book.place(one.range).area == Area())
    }  # fmt: skip
    if not partly:
        return {}
    answer = await google.get(
        address.resource, fields="sheets(properties(sheetId),conditionalFormats)"
    )
    found = {
        one["properties"].get("sheetId", 0): one.get("conditionalFormats", ())
        for one in answer["sheets"]
    }
    return {
        number: of_tab[one.index]
        for number, one in partly.items()
        if one.index is not None
        and one.index in range(len(of_tab := found[book.place(one.range).tab.id]))
    }


def step(book: Book, action: Action, rule: JsonObject | None = None) -> Step:
    """What an action sends. `rule`: the conditional format that it changes.

    Raises:
        ArgumentError: fields that do not fit.
    """
    fields = given(action, action.do, TAKES)
    place = book.place(action.range)
    return Step(action.do, place.text(), _requests(action.do, place, fields, rule or {}))


def _requests(do: Do, place: Place, fields: Fields, rule: JsonObject) -> list[JsonObject]:
    value, kind = str(fields.get("value", "")), str(fields.get("kind", ""))
    match do:
        case "style":
            look, mask = looks.declared(str(need(fields, "css")))
            return [_repeat(place, {"userEnteredFormat": look}, mask)]
        case "number":
            return [_number(place, kind, value)]
        case "borders":
            return [_borders(place, value, kind, str(fields.get("css", "")))]
        case "merge":
            if (kind or "all") not in _MERGES:
                raise ArgumentError("kind is all, rows or columns.")
            return [{"mergeCells": {"range": place.grid, "mergeType": _MERGES[kind or "all"]}}]
        case "unmerge":
            return [{"unmergeCells": {"range": place.grid}}]
        case "conditional" | "unconditional":
            return [_conditional(place, do, fields, rule)]
        case "validate":
            valid = rules.validation(kind, value, strict=bool(fields.get("strict")))
            return [{"setDataValidation": {"range": place.grid, "rule": valid}}]
        case "unvalidate":
            return [{"setDataValidation": {"range": place.grid}}]
        case "freeze":
            return [_freeze(place)]
        case "size" | "hide" | "unhide":
            return [_lines(place, do, value)]
        case "group" | "ungroup":
            name = "addDimensionGroup" if do == "group" else "deleteDimensionGroup"
            return [{name: {"range": _dimensions(place)}}]
        case "note":
            return [_repeat(place, {"note": value} if value else {}, ["note"])]
        case "link":
            link = {"textFormat": {"link": {"uri": _address(value)}}} if value else {}
            return [
                _repeat(place, {"userEnteredFormat": link}, ["userEnteredFormat.textFormat.link"])
            ]
        case "chip":
            return [_chips(place, value)]
        case "banding":
            return [_banding(place, str(fields.get("css", "")))]
        case "clear":
            return [_repeat(place, {}, ["userEnteredFormat"])]


def _repeat(place: Place, cell: JsonObject, mask: Sequence[str]) -> JsonObject:
    return {"repeatCell": {"range": place.grid, "cell": cell, "fields": ",".join(mask)}}


def _number(place: Place, kind: str, pattern: str) -> JsonObject:
    mask = ["userEnteredFormat.numberFormat"]
    if kind == "auto":
        return _repeat(place, {}, mask)
    if kind not in {*_NUMBERS, ""} or not (kind or pattern):
        raise ArgumentError(
            f"kind is one of {', '.join(_NUMBERS)}, auto; or give a pattern as value."
        )
    google, default = _NUMBERS[kind or _guessed(pattern)]
    format_ = {"type": google} | ({"pattern": pattern or default} if pattern or default else {})
    return _repeat(place, {"userEnteredFormat": {"numberFormat": format_}}, mask)


def _guessed(pattern: str) -> str:
    if "%" in pattern:
        return "percent"
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]', "", pattern).lower()
    day, clock = re.search(r"[yd]", bare), re.search(r"[hs]", bare)
    return "datetime" if day and clock else "date" if day else "time" if clock else "number"


def _borders(place: Place, sides: str, kind: str, css: str) -> JsonObject:
    if (kind or "solid") not in _LINES:
        raise ArgumentError(f"kind is one of {', '.join(_LINES)}.")
    line: JsonObject = {"style": _LINES[kind or "solid"]}
    if css:
        look, _ = looks.declared(css)
        shade = look.get("textFormat", {}).get("foregroundColorStyle")
        line |= {"colorStyle": shade} if shade else {}
    every = ("top", "bottom", "left", "right", "innerHorizontal", "innerVertical")
    words = {"all": every, "outer": every[:4], "inner": every[4:], "none": every}
    chosen = [
        one
        for word in (sides or "all").split(",")
        for one in words.get(word.strip(), (word.strip(),))
    ]
    if unknown := [one for one in chosen if one not in every]:
        raise ArgumentError(
            f"{len(unknown)} sides are not known.",
            "value: all, outer, inner, none, top, bottom, left, right.",
        )
    if sides == "none":
        line = {"style": "NONE"}
    return {"updateBorders": {"range": place.grid, **dict.fromkeys(chosen, line)}}


def _conditional(place: Place, do: Do, fields: Fields, old: JsonObject) -> JsonObject:
    """A new rule comes first; one with a number is changed, and keeps what is not said anew."""
    index = fields.get("index")
    if do == "unconditional":
        if index is None:
            raise ArgumentError("index is missing: the rule's number, as sheets_read shows it.")
        return {"deleteConditionalFormatRule": {"sheetId": place.tab.id, "index": index}}
    whole = place.area == Area() and "ranges" in old
    rule: JsonObject = {"ranges": old["ranges"] if whole else [place.grid]}
    if fields.get("kind") == "gradient":
        rule["gradientRule"] = rules.gradient(str(need(fields, "value", "the scale's points")))
    else:
        rule["booleanRule"] = _boolean(fields, old.get("booleanRule", {}))
    if index is None:
        return {"addConditionalFormatRule": {"rule": rule, "index": 0}}
    return {"updateConditionalFormatRule": {"sheetId": place.tab.id, "index": index, "rule": rule}}


def _boolean(fields: Fields, old: JsonObject) -> JsonObject:
    if "value" in fields or "condition" not in old:
        condition = rules.condition(str(need(fields, "value", "the condition")))
    else:
        condition = old["condition"]
    if "css" not in fields and "format" in old:
        return {"condition": condition, "format": old["format"]}
    look, _ = looks.declared(str(need(fields, "css", "how they should look")))
    return {"condition": condition, "format": look}


def _freeze(place: Place) -> JsonObject:
    """Up to the last of the rows or columns; a whole tab is not frozen any more."""
    area = place.area
    grid: dict[str, int] = {}
    if area == Area():
        grid = {"frozenRowCount": 0, "frozenColumnCount": 0}
    if area.bottom is not None and area.top == 0:
        grid["frozenRowCount"] = area.bottom
    if area.right is not None and not area.left and area.top in {None, 0}:
        grid["frozenColumnCount"] = area.right
    if not grid:
        raise ArgumentError(
            "Only the first rows and columns can be frozen.",
            "Give Data!1:2, Data!A:B, or the tab to undo it.",
        )
    mask = ",".join(f"gridProperties.{one}" for one in grid)
    properties = {"sheetId": place.tab.id, "gridProperties": grid}
    return {"updateSheetProperties": {"properties": properties, "fields": mask}}


def _dimensions(place: Place) -> JsonObject:
    dimension, start, end = lines_of(place)
    return {"sheetId": place.tab.id, "dimension": dimension, "startIndex": start, "endIndex": end}


def _lines(place: Place, do: Do, value: str) -> JsonObject:
    lines = _dimensions(place)
    if do == "size":
        if value in {"", "auto"}:
            return {"autoResizeDimensions": {"dimensions": lines}}
        size = integer(value.removesuffix("px"), "value")
        properties: dict[str, Any] = {"pixelSize": size}
    else:
        properties = {"hiddenByUser": do == "hide"}
    mask = next(iter(properties))
    return {"updateDimensionProperties": {"range": lines, "properties": properties, "fields": mask}}


def _address(value: str) -> str:
    if not re.match(r"(https?://|mailto:|#)", value):
        raise ArgumentError("value is no address.", "Give https://…, mailto:… or #gid=…")
    return value


def _chips(place: Place, value: str) -> JsonObject:
    """People by address and files of Drive by URL: all in one cell, or one in each cell."""
    chips = [_chip(one.strip()) for one in value.split(",")]
    box = place.box
    if box.height * box.width not in {1, len(chips)}:
        raise ArgumentError("Chips go into one cell, or one into each cell of the range.")
    alone = box.height * box.width == 1
    cells = [_holding(chips)] if alone else [_holding([one]) for one in chips]
    rows = [{"values": cells[at : at + box.width]} for at in range(0, len(cells), box.width)]
    grid = box.grid(place.tab.id)
    mask = "userEnteredValue,chipRuns"
    return {"updateCells": {"range": grid, "rows": rows, "fields": mask}}


def _chip(value: str) -> JsonObject:
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return {"personProperties": {"email": value, "displayFormat": "DEFAULT"}}
    if re.match(r"https://(docs|drive)\.google\.com/", value):
        return {"richLinkProperties": {"uri": value}}
    raise ArgumentError("value is neither an email address nor a URL of a Google file.")


def _holding(chips: Sequence[JsonObject]) -> JsonObject:
    """A cell with chips, blanks between: each stands at an "@" of the text."""
    runs = [{"startIndex": 2 * number, "chip": chip} for number, chip in enumerate(chips)]
    text = " ".join("@" * len(chips))
    return {"userEnteredValue": {"stringValue": text}, "chipRuns": runs}


def _banding(place: Place, css: str) -> JsonObject:
    shade = {"rgbColor": {"red": 0.95, "green": 0.95, "blue": 0.95}}
    head: JsonObject = {"rgbColor": {"red": 0.8, "green": 0.85, "blue": 0.9}}
    if css:
        look, _ = looks.declared(css)
        head = look.get("backgroundColorStyle", head)
    white = {"rgbColor": {"red": 1, "green": 1, "blue": 1}}
    rows = {"headerColorStyle": head, "firstBandColorStyle": white, "secondBandColorStyle": shade}
    return {"addBanding": {"bandedRange": {"range": place.grid, "rowProperties": rows}}}
