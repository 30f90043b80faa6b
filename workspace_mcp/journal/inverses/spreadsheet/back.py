"""What the journal kept of a change → the requests that take it back, from what is there now. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from workspace_mcp.errors import ConflictError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.journal.inverses.spreadsheet.book import CELL, Book, Grid, Json, Place, digest
from workspace_mcp.journal.inverses.spreadsheet.state import place_of
from workspace_mcp.journal.rule import EARLIER_LOOK, Worked

_NAMED: Final = 12
_NEWER: Final = "workspace_history shows newer changes: take those back first."
_ALWAYS: Final = frozenset(CELL) - {"pivotTable", "chipRuns"}
_WRAP: Final = {
    "protectedRanges": ("ProtectedRange", "protectedRange", "protectedRangeId"),
    "filterViews": ("FilterView", "filter", "filterId"),
    "bandedRanges": ("Banding", "bandedRange", "bandedRangeId"),
    "namedRanges": ("NamedRange", "namedRange", "namedRangeId"),
    "charts": ("Chart", "chart", "objectId"),
}
_NOUN: Final = {
    "merges": "merged cells", "conditionalFormats": "conditional formats", "basicFilter": "the filter",
    "rowGroups": "groups of rows", "columnGroups": "groups of columns", "namedRanges": "a named range",
    "protectedRanges": "a protection", "filterViews": "a filter view", "charts": "a chart",
    "bandedRanges": "banding", "tables": "a table", "properties": "a title or a tab's properties",
}  # fmt: skip
Request = dict[str, Any]


def worked(found: Json, book: Book, grid: Grid) -> Worked:
    """The requests, and each changed cell now → then.

    Raises:
        ConflictError: what the change left is not there any more; which cells differ.
    """
    if "checks" in found:
        _unchanged(found, book, grid)
    before, behind = _objects(found, book)
    requests = [
        *map(_fitting(book), found.get("structure", ())), *before, *_cleared(found, book), *_cells(found),
        *_sizes(found), *behind,
    ]  # fmt: skip
    return Worked({"requests": requests} if requests else None, list(_shown(found, grid)))


def _shown(found: Json, grid: Grid) -> Iterator[tuple[str, str]]:
    """Each changed cell now → then; blank ones whose look alone changes are left out."""
    for tab, row, column, cell in found.get("cells", ()):
        now, then = _text(grid.cells.get((tab, row, column), {})), _text(cell)
        if now or then:
            yield f"{a1.cell(row, column)}: {now}", then if then != now else EARLIER_LOOK


def _unchanged(found: Json, book: Book, grid: Grid) -> None:
    checks = found["checks"]
    for tab, (rows, columns) in found.get("counts", {}).items():
        sheet = book.sheets.get(int(tab))
        if sheet is None or (sheet.rows, sheet.columns) != (rows, columns):
            raise ConflictError(
                "Rows, columns or tabs came or went since then, so nothing was taken back.", _NEWER
            )
    wrong = [
        place for key, mark in checks.items()
        if digest(grid.cells.get(place := place_of(key))) != mark
    ]  # fmt: skip
    known = {place_of(key) for key in checks}
    for tab, top, left, bottom, right in found.get("bands", ()):
        wrong += [
            (one, row, column)
            for one, row, column in grid.cells
            if one == tab and top <= row < bottom and left <= column < right
            and (one, row, column) not in known
        ]  # fmt: skip
    if wrong:
        raise ConflictError(
            f"Changed since then: {_named(wrong, book)}. Nothing was taken back.", _NEWER
        )
    objects = book.objects()
    for tab, kind, key, _, mark in found.get("objects", ()):
        if digest(objects.get((tab, kind, key))) != mark:
            raise ConflictError(
                f"Changed since then: {_NOUN[kind]}. Nothing was taken back.", _NEWER
            )


def _named(places: Sequence[Place], book: Book) -> str:
    """Cells in A1, with their tab's number where there are several."""
    several = len(book.sheets) > 1
    said = [
        (f"tab {book.sheets[tab].properties.get('index', 0) + 1} " if several and tab in book.sheets else "")
        + a1.cell(row, column)
        for tab, row, column in sorted(set(places))[:_NAMED]
    ]  # fmt: skip
    more = len(set(places)) - _NAMED
    return ", ".join(said) + (f", and {more} more" if more > 0 else "")


def _text(cell: Json) -> str:
    value = cell.get("userEnteredValue", {})
    return str(next(iter(value.values()), ""))


def _fitting(book: Book) -> Any:
    """Lines behind the last one are appended, not inserted."""
    counts = {
        (tab, name): one.count(name)
        for tab, one in book.sheets.items()
        for name in ("ROWS", "COLUMNS")
    }

    def fit(request: Request) -> Request:
        kind, given = next(iter(request.items()))
        span = given.get("range", {})
        key = (span.get("sheetId"), span.get("dimension"))
        count = span.get("endIndex", 0) - span.get("startIndex", 0)
        if kind == "insertDimension" and span["startIndex"] >= counts[key]:
            counts[key] += count
            return {"appendDimension": {"sheetId": key[0], "dimension": key[1], "length": count}}
        if kind in {"insertDimension", "deleteDimension"}:
            counts[key] += count if kind == "insertDimension" else -count
        return request

    return fit


def _cleared(found: Json, book: Book) -> Iterator[Request]:
    """Lines that came back, without the look of their neighbours."""
    for tab, dimension, at in found.get("fresh", ()):
        sheet = book.sheets[tab]
        area = (
            Area(at, 0, at + 1, sheet.columns)
            if dimension == "ROWS"
            else Area(0, at, sheet.rows, at + 1)
        )
        yield {"updateCells": {"range": area.grid(tab), "fields": ",".join(sorted(_ALWAYS))}}


def _cells(found: Json) -> Iterator[Request]:
    """`updateCells` for runs of cells beside each other."""
    run: list[tuple[Place, Json]] = []
    for tab, row, column, cell in found.get("cells", ()):
        if run and run[-1][0] != (tab, row, column - 1):
            yield _written(run)
            run = []
        run.append(((tab, row, column), cell))
    if run:
        yield _written(run)


def _written(run: Sequence[tuple[Place, Json]]) -> Request:
    (tab, row, column), _ = run[0]
    fields = _ALWAYS | {key for _, cell in run for key in cell}
    start = {"sheetId": tab, "rowIndex": row, "columnIndex": column}
    return {
        "updateCells": {
            "start": start, "rows": [{"values": [cell for _, cell in run]}], "fields": ",".join(sorted(fields)),
        }
    }  # fmt: skip


def _sizes(found: Json) -> Iterator[Request]:
    for tab, dimension, start, end, size in found.get("sizes", ()):
        span = {"sheetId": tab, "dimension": dimension, "startIndex": start, "endIndex": end}
        yield {
            "updateDimensionProperties": {
                "range": span, "properties": {"hiddenByUser": False, **size},
                "fields": "pixelSize,hiddenByUser",
            }
        }  # fmt: skip


def _objects(found: Json, book: Book) -> tuple[list[Request], list[Request]]:
    """What comes before the cells, and what comes behind them."""
    objects = book.objects()
    before: list[Request] = []
    behind: list[Request] = []
    sheets: dict[str, dict[str, Any]] = {}
    for tab, kind, key, old, _ in found.get("objects", ()):
        now = objects.get((tab, kind, key))
        if now == old:
            continue
        match kind:
            case "properties":
                sheets.setdefault(tab, {})[key] = old
            case "merges":
                before += [
                    {"unmergeCells": {"range": one}} for one in now or () if one not in (old or ())
                ]
                before += [
                    {"mergeCells": {"range": one, "mergeType": "MERGE_ALL"}}
                    for one in old or () if one not in (now or ())
                ]  # fmt: skip
            case "conditionalFormats":
                behind += _rules(int(tab), now or (), old or ())
            case "basicFilter":
                behind.append(
                    {"setBasicFilter": {"filter": old}} if old
                    else {"clearBasicFilter": {"sheetId": int(tab)}}
                )  # fmt: skip
            case "rowGroups" | "columnGroups":
                behind += _groups(now or (), old or ())
            case "tables":
                first, last = _table(key, now, old)
                before += first
                behind += last
            case _:
                name, field, identifier = _WRAP[kind]
                if now is not None:
                    verb = "deleteEmbeddedObject" if kind == "charts" else f"delete{name}"
                    number = key if kind == "namedRanges" else int(key)
                    before.append({verb: {identifier: number}})
                if old is not None and not _empty(old.get("range", {})):
                    made = {f"add{name}": {field: old}}
                    (before if kind == "namedRanges" else behind).append(made)
    for tab, given in sheets.items():
        before += _properties(tab, given)
    return before, behind


def _empty(grid: Json) -> bool:
    """Whether a range's lines were all deleted: such a one is left by Google, and cannot be made."""
    return any(
        grid.get(f"start{name}Index", 0) >= grid.get(f"end{name}Index", 1 << 40)
        for name in ("Row", "Column")
    )


def _properties(tab: str, given: dict[str, Any]) -> Iterator[Request]:
    fields = ",".join(sorted(given))
    if not tab:
        yield {"updateSpreadsheetProperties": {"properties": _nested(given), "fields": fields}}
        return
    properties = {"sheetId": int(tab), **_nested(given)}
    yield {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _nested(given: dict[str, Any]) -> Request:
    found: Request = {}
    for key, value in given.items():
        if value is None:
            continue
        name, _, inner = key.partition(".")
        if inner:
            found.setdefault(name, {})[inner] = value
        else:
            found[name] = value
    return found


def _rules(tab: int, now: Sequence[Json], old: Sequence[Json]) -> Iterator[Request]:
    """The rules from the first that differs on, anew."""
    same = next(
        (n for n, (one, other) in enumerate(zip(now, old, strict=False)) if one != other),
        min(len(now), len(old)),
    )
    for number in range(len(now) - 1, same - 1, -1):
        yield {"deleteConditionalFormatRule": {"sheetId": tab, "index": number}}
    for number in range(same, len(old)):
        yield {"addConditionalFormatRule": {"rule": old[number], "index": number}}


def _groups(now: Sequence[Json], old: Sequence[Json]) -> Iterator[Request]:
    mine, goal = ([one["range"] for one in group] for group in (now, old))
    for one in mine:
        if mine.count(one) > goal.count(one):
            yield {"deleteDimensionGroup": {"range": one}}
    for one in goal:
        if goal.count(one) > mine.count(one):
            yield {"addDimensionGroup": {"range": one}}


def _table(key: str, now: Json | None, old: Json | None) -> tuple[list[Request], list[Request]]:
    if old is None:
        return [{"deleteTable": {"tableId": key}}], []
    if now is None:
        return [], [{"addTable": {"table": old}}]
    names = sorted(name for name in {*old, *now} if old.get(name) != now.get(name))
    table = {"tableId": key, **{name: old[name] for name in names if name in old}}
    return [{"updateTable": {"table": table, "fields": ",".join(names)}}], []
