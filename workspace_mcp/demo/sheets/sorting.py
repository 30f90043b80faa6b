"""Requests that go through the cells of a range: sorted, searched, without doubles, trimmed, split."""

import re
from typing import Any

from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import Cell, Json, bad
from workspace_mcp.demo.sheets.display import general
from workspace_mcp.demo.sheets.entered import stored
from workspace_mcp.demo.sheets.formulas import value_of
from workspace_mcp.demo.sheets.references import copied


def sort_range(batch: Batch, given: Json) -> Json:
    """Rows in another order: numbers before texts, blanks last."""
    tab, box = batch.box(given["range"])
    order = list(range(box.top, box.bottom))
    for spec in reversed(given.get("sortSpecs", [])):
        column = int(spec.get("dimensionIndex", 0))
        down = spec.get("sortOrder") == "DESCENDING"
        filled = [row for row in order if value_of(batch.book, tab, row, column) != ""]
        blank = [row for row in order if row not in set(filled)]
        filled.sort(
            key=lambda row, at=column: _rank(value_of(batch.book, tab, row, at)), reverse=down
        )
        order = filled + blank
    before = {place: tab.cells.pop(place, Cell()) for place in box.places()}
    for row, old in zip(range(box.top, box.bottom), order, strict=True):
        for column in range(box.left, box.right):
            cell = before[old, column]
            if formula := cell.entered.get("formulaValue"):
                cell.entered = {"formulaValue": copied(formula, row - old, 0)}
            tab.cells[row, column] = cell
    return {}


def _rank(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    return (0, value) if isinstance(value, int | float) else (1, str(value).lower())


def find_replace(batch: Batch, given: Json) -> Json:
    """Another text for what is found."""
    if "range" in given:
        tab, box = batch.box(given["range"])
        places = [(tab, place) for place in box.places()]
    else:
        wanted = given.get("sheetId")
        tabs = batch.book.tabs if given.get("allSheets") else [batch.book.tab(wanted)]
        places = [(tab, place) for tab in tabs for place in sorted(tab.cells)]
    flags = 0 if given.get("matchCase") else re.IGNORECASE
    text = given.get("find", "")
    pattern = re.compile(text if given.get("searchByRegex") else re.escape(text), flags)
    found = {"occurrencesChanged": 0, "valuesChanged": 0, "formulasChanged": 0}
    rows: set[tuple[int, int]] = set()
    for tab, place in places:
        cell = tab.cells.get(place)
        old = _searched(cell, formulas=bool(given.get("includeFormulas"))) if cell else None
        if cell is None or old is None:
            continue
        if given.get("matchEntireCell") and not pattern.fullmatch(old):
            continue
        new, count = pattern.subn(lambda _: given.get("replacement", ""), old)
        if count:
            found["occurrencesChanged"] += count
            found["formulasChanged" if "formulaValue" in cell.entered else "valuesChanged"] += 1
            rows.add((tab.id, place[0]))
            cell.entered, _ = stored(new, "USER_ENTERED", cell.look, batch.year)
    kept = {key: value for key, value in found.items() if value}
    counts = {"rowsChanged": len(rows), "sheetsChanged": len({tab for tab, _ in rows})}
    return {"findReplace": kept | (counts if rows else {})}


def _searched(cell: Cell, *, formulas: bool) -> str | None:
    kind = next(iter(cell.entered), "")
    value: Any = cell.entered.get(kind)
    if kind == "formulaValue":
        return str(value) if formulas else None
    return (
        general(value) if kind == "numberValue" else str(value) if kind == "stringValue" else None
    )


def delete_duplicates(batch: Batch, given: Json) -> Json:
    """Rows that are like an earlier one go; those below move up."""
    tab, box = batch.box(given["range"])
    columns = [
        one
        for spec in given.get("comparisonColumns", ())
        for one in range(spec.get("startIndex", 0), spec["endIndex"])
    ] or list(range(box.left, box.right))
    seen: set[tuple[Any, ...]] = set()
    kept: list[int] = []
    for row in range(box.top, box.bottom):
        key = tuple(value_of(batch.book, tab, row, column) for column in columns)
        if key not in seen:
            kept.append(row)
        seen.add(key)
    cells = {place: tab.cells.pop(place, Cell()) for place in box.places()}
    for new, old in enumerate(kept, box.top):
        for column in range(box.left, box.right):
            tab.cells[new, column] = cells[old, column]
    gone = box.bottom - box.top - len(kept)
    return {"deleteDuplicates": {"duplicatesRemovedCount": gone} if gone else {}}


def trim_whitespace(batch: Batch, given: Json) -> Json:
    """Texts without blanks at their ends, and single ones inside."""
    tab, box = batch.box(given["range"])
    count = 0
    for place in box.places():
        cell = tab.cells.get(place)
        text = cell.entered.get("stringValue") if cell else None
        if cell and text is not None and (new := " ".join(text.split())) != text:
            cell.entered = {"stringValue": new}
            count += 1
    return {"trimWhitespace": {"cellsChangedCount": count} if count else {}}


def text_to_columns(batch: Batch, given: Json) -> Json:
    """One column becomes several."""
    tab, box = batch.box(given["source"])
    if box.right - box.left != 1:
        raise bad("Invalid requests[0].textToColumns: The source must span exactly one column.")
    marks = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}
    mark = given.get("delimiter") if given.get("delimiterType") == "CUSTOM" else marks.get(
        given.get("delimiterType", "COMMA"), ","
    )  # fmt: skip
    for row in range(box.top, box.bottom):
        text = tab.cell(row, box.left).entered.get("stringValue")
        for across, part in enumerate(text.split(mark) if text else ()):
            cell = tab.cell(row, box.left + across)
            cell.entered, _ = stored(part.strip(), "USER_ENTERED", cell.look, batch.year)
    return {}
