"""Actions on tables, filters, charts, pivot tables, protection and data → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets import rules
from workspace_mcp.services.sheets.batch import Fields, Step, need
from workspace_mcp.services.sheets.spreadsheets import LOOK, Book, Place, Table
from workspace_mcp.tools import JsonObject

_TYPES: Final = {
    "number": "DOUBLE", "currency": "CURRENCY", "percent": "PERCENT", "date": "DATE", "time": "TIME",
    "datetime": "DATE_TIME", "text": "TEXT", "checkbox": "BOOLEAN", "person": "PEOPLE_CHIP",
    "file": "FILES_CHIP", "rating": "RATINGS_CHIP",
}  # fmt: skip
_CHARTS: Final = {
    "column": "COLUMN", "bar": "BAR", "line": "LINE", "area": "AREA", "scatter": "SCATTER", "combo": "COMBO",
}  # fmt: skip
_SUMS: Final = {
    "sum": "SUM", "count": "COUNTA", "average": "AVERAGE", "avg": "AVERAGE", "min": "MIN", "max": "MAX",
    "median": "MEDIAN", "unique": "COUNTUNIQUE", "product": "PRODUCT", "stdev": "STDEV",
}  # fmt: skip
_FILTER: Final = re.compile(
    r"(.+?)\s*(>=|<=|!=|<>|=|>|<|\bnot contains\b|\bcontains\b|\bstarts with\b|\bends with\b|"
    r"\bnot blank\b|\bblank\b)\s*(.*)"
)
Heads = Sequence[str]
"""The texts of a range's first row."""


def column_of(place: Place, heads: Heads, text: str) -> int:
    """The column, counted in the tab, of a header or a letter.

    Raises:
        ArgumentError: there is none, or there are several.
    """
    left = place.box.left or 0
    wanted = text.strip()
    found = [
        n for n, one in enumerate(heads) if one.strip().casefold() == wanted.casefold() and one
    ]
    if len(found) == 1:
        return left + found[0]
    if not found and re.fullmatch(r"[A-Z]{1,3}", wanted):
        column = a1.number_of(wanted)
        if left <= column < (place.box.right or 0):
            return column
    problem = "Several columns have" if found else "No column of the range has"
    raise ArgumentError(
        f"{problem} that header.", "Give a header of the range's first row, or a column's letter."
    )


# Tables


def table_step(book: Book, place: Place | None, heads: Heads, do: str, fields: Fields) -> Step:
    """An action on a native table.

    Raises:
        ArgumentError: fields that do not fit. NotFoundError: no such table.
    """
    value = str(need(fields, "value", "the table's name"))
    if do == "table":
        assert place is not None
        columns = [_typed(place, heads, one) for one in fields.get("columns", ())]
        table: JsonObject = {"name": value, "range": place.box.grid(place.tab.id)}
        if columns:
            table["columnProperties"] = _all_columns(place, heads, columns)
        return Step(do, f"{value} = {place.text()}", [{"addTable": {"table": table}}])
    found = _table(book, value)
    match do:
        case "rename_table":
            new = str(need(fields, "to"))
            update: JsonObject = {"table": {"tableId": found.id, "name": new}, "fields": "name"}
            return Step(do, f"{value} → {new}", [{"updateTable": update}])
        case "resize_table":
            assert place is not None
            table = {"tableId": found.id, "range": place.box.grid(place.tab.id)}
            return Step(
                do,
                f"{value} = {place.text()}",
                [{"updateTable": {"table": table, "fields": "range"}}],
            )
        case _:
            return Step(f"{do} with its cells", value, [{"deleteTable": {"tableId": found.id}}])


def _table(book: Book, name: str) -> Table:
    for tab in book.tabs:
        for one in tab.tables:
            if one.name.casefold() == name.casefold():
                return one
    raise NotFoundError("No table has that name.", LOOK)


def _typed(place: Place, heads: Heads, text: str) -> JsonObject:
    """`Due:date`, `State:open|done`."""
    name, colon, kind = text.rpartition(":")
    if not colon:
        raise ArgumentError("A table's column is written like Due:date or State:open|done.")
    number = column_of(place, heads, name) - (place.box.left or 0)
    if "|" in kind:
        values = [{"userEnteredValue": one.strip()} for one in kind.split("|") if one.strip()]
        rule = {"condition": {"type": "ONE_OF_LIST", "values": values}}
        return {"columnIndex": number, "columnType": "DROPDOWN", "dataValidationRule": rule}
    if kind.strip().lower() not in _TYPES:
        raise ArgumentError(f"A column's type is one of {', '.join(_TYPES)}, or choices: a|b.")
    return {"columnIndex": number, "columnType": _TYPES[kind.strip().lower()]}


def _all_columns(place: Place, heads: Heads, typed: Sequence[JsonObject]) -> list[JsonObject]:
    given: Mapping[int, JsonObject] = {one["columnIndex"]: one for one in typed}
    return [
        {
            "columnIndex": n,
            "columnName": heads[n] if n < len(heads) and heads[n] else f"Column {n + 1}",
            **given.get(n, {}),
        }
        for n in range(place.box.width)
    ]  # fmt: skip


# Filters and order


def filter_step(place: Place, heads: Heads, fields: Fields) -> Step:
    """The tab's filter; with a title, a filter view that hides nothing from others."""
    specs = [_criteria(place, heads, one) for one in fields.get("columns", ())]
    found: JsonObject = {"range": place.box.grid(place.tab.id)} | (
        {"filterSpecs": specs} if specs else {}
    )
    title = fields.get("value")
    if title:
        return Step(
            "filter view", place.text(), [{"addFilterView": {"filter": {**found, "title": title}}}]
        )
    return Step("filter", place.text(), [{"setBasicFilter": {"filter": found}}])


def _criteria(place: Place, heads: Heads, text: str) -> JsonObject:
    """`State=open`, `Amount > 5`, `Name contains x`."""
    match = _FILTER.fullmatch(text)
    if match is None:
        raise ArgumentError("A filter is written like State=open, Amount > 5 or Name contains x.")
    name, sign, value = match.groups()
    words = f"{sign} {value}".strip()
    if sign in {"=", "!=", "<>"} and not re.fullmatch(r"-?\d+(\.\d+)?%?|\d{4}-\d{2}-\d{2}", value):
        words = f"{'is' if sign == '=' else 'is not'} {value}"
    return {
        "columnIndex": column_of(place, heads, name),
        "filterCriteria": {"condition": rules.condition(words)},
    }


def sort_step(place: Place, heads: Heads, fields: Fields) -> Step:
    """Rows in another order; the first row, when it is a header, stays."""
    specs: list[JsonObject] = []
    for one in need(fields, "columns", "what to sort by"):
        name, down = re.fullmatch(
            r"(.*?)(?:\s+(asc|desc))?", str(one).strip(), re.IGNORECASE | re.DOTALL
        ).groups()  # pyright: ignore[reportOptionalMemberAccess]
        order = "DESCENDING" if (down or "").lower() == "desc" else "ASCENDING"
        specs.append({"dimensionIndex": column_of(place, heads, name), "sortOrder": order})
    box = place.box
    named = any(column_named(heads, str(one)) for one in fields["columns"])
    frozen = place.tab.frozen_rows
    top = max((box.top or 0) + 1 if named or place.table else box.top or 0, frozen)
    body = Area(top, box.left, box.bottom, box.right)
    request: JsonObject = {"sortRange": {"range": body.grid(place.tab.id), "sortSpecs": specs}}
    return Step("sort", place.at(body).text(), [request])


def column_named(heads: Heads, text: str) -> bool:
    """Whether a wish such as `Amount desc` names a header."""
    name = re.sub(r"\s+(asc|desc)$", "", text.strip(), flags=re.IGNORECASE).casefold()
    return name in {one.strip().casefold() for one in heads}


# Charts and pivot tables


def chart_step(book: Book, place: Place, heads: Heads, fields: Fields) -> Step:
    """A chart of a range: its first column are the names, each further one a series.

    `columns` chooses them: the names first, then the series.
    """
    stacked, kind = _stacked(str(fields.get("kind", "column")))
    box = place.box
    top, left, bottom, right = box.top or 0, box.left or 0, box.bottom or 0, box.right or 0
    chosen = [column_of(place, heads, str(one)) for one in fields.get("columns", ())]
    columns = chosen or list(range(left, right))
    if len(columns) < 2:
        raise ArgumentError("A chart needs two columns: names, then numbers.")
    source = [Area(top, n, bottom, n + 1).grid(place.tab.id) for n in columns]
    data = [{"sourceRange": {"sources": [one]}} for one in source]
    spec: JsonObject = {"title": fields["value"]} if "value" in fields else {}
    if kind == "pie":
        spec["pieChart"] = {"legendPosition": "RIGHT_LEGEND", "domain": data[0], "series": data[1]}
    else:
        at = columns[0] - left
        spec["basicChart"] = _basic(kind, stacked, data, heads[at] if at < len(heads) else "")
    if "index" in fields:
        update = {"updateChartSpec": {"chartId": fields["index"], "spec": spec}}
        return Step("chart", place.text(), [update])
    anchor = _anchor(book, place, fields, (top, right + 1))
    position = {"overlayPosition": {"anchorCell": anchor}}
    request: JsonObject = {"addChart": {"chart": {"spec": spec, "position": position}}}
    return Step(f"{kind} chart of", place.text(), [request])


def _stacked(kind: str) -> tuple[str, str]:
    """How series lie on each other, and the kind of chart: `stacked bar`, `100% area`, `line`.

    Raises:
        ArgumentError: there is no such chart.
    """
    word, _, rest = kind.strip().lower().rpartition(" ")
    how = {"": "", "stacked": "STACKED", "100%": "PERCENT_STACKED"}.get(word)
    able = {"column", "bar", "area"} if how else {*_CHARTS, "pie"}
    if how is None or rest not in able:
        raise ArgumentError(
            f"kind is one of {', '.join(_CHARTS)}, pie; stacked or 100% before column, bar, area."
        )
    return how, rest


def _basic(kind: str, stacked: str, data: Sequence[JsonObject], name: str) -> JsonObject:
    """A chart with axes. `name` stands at that of the names."""
    flat = kind == "bar"
    series: list[JsonObject] = [
        {"series": one, "targetAxis": "BOTTOM_AXIS" if flat else "LEFT_AXIS"} for one in data[1:]
    ]
    if kind == "combo":
        series = [one | {"type": "LINE" if n else "COLUMN"} for n, one in enumerate(series)]
    chart: JsonObject = {
        "chartType": _CHARTS[kind], "legendPosition": "BOTTOM_LEGEND", "headerCount": 1,
        "domains": [{"domain": data[0]}], "series": series,
        "axis": [{"position": "LEFT_AXIS" if flat else "BOTTOM_AXIS", "title": name}] if name else [],
    }  # fmt: skip
    return chart | ({"stackedType": stacked} if stacked else {})


def _anchor(book: Book, place: Place, fields: Fields, default: tuple[int, int]) -> JsonObject:
    if "to" in fields:
        goal = book.place(str(fields["to"]))
        if a1.parsed(str(fields["to"])).tab is None and goal.table is None:
            goal = place.at(goal.area)
        return {
            "sheetId": goal.tab.id,
            "rowIndex": goal.area.top or 0,
            "columnIndex": goal.area.left or 0,
        }
    row, column = default
    return {
        "sheetId": place.tab.id,
        "rowIndex": row,
        "columnIndex": min(column, place.tab.columns - 1),
    }


def moved_chart(book: Book, fields: Fields) -> Step:
    """A chart at another cell."""
    goal = book.place(str(need(fields, "to")))
    anchor = {
        "sheetId": goal.tab.id,
        "rowIndex": goal.area.top or 0,
        "columnIndex": goal.area.left or 0,
    }
    position = {"overlayPosition": {"anchorCell": anchor}}
    number = int(need(fields, "index", "the chart's number"))
    request = {"objectId": number, "newPosition": position, "fields": "anchorCell"}
    return Step(
        f"move_chart #{number} to", goal.text(), [{"updateEmbeddedObjectPosition": request}]
    )


def pivot_step(book: Book, place: Place, heads: Heads, fields: Fields) -> Step:
    """A pivot table of a range whose first row are headers, at a cell."""
    left = place.box.left or 0

    def groups(name: str) -> list[JsonObject]:
        return [
            {
                "sourceColumnOffset": column_of(place, heads, str(one)) - left,
                "showTotals": True, "sortOrder": "ASCENDING",
            }
            for one in fields.get(name, ())
        ]  # fmt: skip

    values: list[JsonObject] = []
    for one in need(fields, "values", "such as sum Amount"):
        how, _, name = str(one).strip().partition(" ")
        if how.lower() not in _SUMS or not name:
            raise ArgumentError(
                f"values are written like sum Amount; the first word is one of {', '.join(_SUMS)}."
            )
        offset = column_of(place, heads, name) - left
        values.append({"sourceColumnOffset": offset, "summarizeFunction": _SUMS[how.lower()]})
    pivot: JsonObject = {
        "source": place.box.grid(place.tab.id),
        "rows": groups("rows"),
        "columns": groups("columns"),
        "values": values,
    }
    pivot = {key: value for key, value in pivot.items() if value}
    need(fields, "to", "the first cell of the pivot table")
    start = _anchor(book, place, fields, (0, 0))
    rows = [{"values": [{"pivotTable": pivot}]}]
    request: JsonObject = {"updateCells": {"start": start, "rows": rows, "fields": "pivotTable"}}
    return Step(
        "pivot of",
        f"{place.text()} at {a1.cell(start['rowIndex'], start['columnIndex'])}",
        [request],
    )


# Protection


def protect_step(place: Place, fields: Fields) -> Step:
    """A range that only some may edit, or that warns."""
    protected: JsonObject = {"range": place.grid}
    if "value" in fields:
        protected["description"] = fields["value"]
    kind = str(fields.get("kind", ""))
    if kind not in {"", "warn"}:
        raise ArgumentError("kind is warn, or nothing.")
    if kind == "warn":
        protected["warningOnly"] = True
    elif "who" in fields:
        protected["editors"] = {"users": list(fields["who"])}
    if "index" in fields:
        protected["protectedRangeId"] = fields["index"]
        mask = ",".join(one for one in protected if one != "protectedRangeId")
        return Step(
            "protect",
            place.text(),
            [{"updateProtectedRange": {"protectedRange": protected, "fields": mask}}],
        )
    return Step("protect", place.text(), [{"addProtectedRange": {"protectedRange": protected}}])


def comment_step(place: Place, fields: Fields) -> Step:
    """A comment at a cell; Google tells the people of the file."""
    text = str(need(fields, "value", "what to say"))
    if place.box.height * place.box.width != 1:
        raise ArgumentError("A comment stands at one cell.")
    at = {
        "sheetId": place.tab.id,
        "rowIndex": place.box.top or 0,
        "columnIndex": place.box.left or 0,
    }
    request: JsonObject = {"insertComment": {"content": text, "coordinate": at}}
    return Step("comment at", place.text(), [request])


# Data


def data_step(book: Book, place: Place | None, heads: Heads, do: str, fields: Fields) -> Step:
    """Find and replace, duplicates, blanks, splitting, copying.

    Raises:
        ArgumentError: fields that do not fit.
    """
    if do == "replace":
        return _replaced(book, place, fields)
    if place is None:
        raise ArgumentError("range is missing.")
    grid: dict[str, Any] = place.box.grid(place.tab.id)
    match do:
        case "trim":
            request: JsonObject = {"trimWhitespace": {"range": grid}}
        case "dedupe":
            columns = [column_of(place, heads, str(one)) for one in fields.get("columns", ())]
            spans = [
                {
                    "sheetId": place.tab.id,
                    "dimension": "COLUMNS",
                    "startIndex": one,
                    "endIndex": one + 1,
                }
                for one in columns
            ]
            request = {
                "deleteDuplicates": {"range": grid}
                | ({"comparisonColumns": spans} if spans else {})
            }
        case "split":
            mark = str(fields.get("value", ","))
            request = {
                "textToColumns": {"source": grid, "delimiter": mark, "delimiterType": "CUSTOM"}
            }
        case _:
            return _copied(book, place, do, fields)
    return Step(do, place.text(), [request])


def _replaced(book: Book, place: Place | None, fields: Fields) -> Step:
    kinds = {one.strip() for one in str(fields.get("kind", "")).split(",") if one.strip()}
    if kinds - {"regex", "cell", "case", "formulas"}:
        raise ArgumentError("kind is regex, cell, case, formulas, or several with commas.")
    request: JsonObject = {
        "find": need(fields, "value", "what to find"),
        "replacement": fields.get("to", ""),
    }
    flags = {
        "regex": "searchByRegex",
        "cell": "matchEntireCell",
        "case": "matchCase",
        "formulas": "includeFormulas",
    }
    request |= {flags[one]: True for one in sorted(kinds)}
    if place is not None:
        return Step("replace in", place.text(), [{"findReplace": request | {"range": place.grid}}])
    if "tab" in fields:
        tab = book.tab(str(fields["tab"]))
        return Step("replace in", tab.title, [{"findReplace": request | {"sheetId": tab.id}}])
    return Step("replace in every tab", "", [{"findReplace": request | {"allSheets": True}}])


def _copied(book: Book, place: Place, do: str, fields: Fields) -> Step:
    goal = book.place(str(need(fields, "to", "where to")))
    if a1.parsed(str(fields["to"])).tab is None and goal.table is None:
        goal = place.at(goal.area)
    said = f"{place.text()} → {goal.text()}"
    source = place.box.grid(place.tab.id)
    if do == "cut":
        corner = {
            "sheetId": goal.tab.id,
            "rowIndex": goal.area.top or 0,
            "columnIndex": goal.area.left or 0,
        }
        request: JsonObject = {"source": source, "destination": corner, "pasteType": "PASTE_NORMAL"}
        return Step(do, said, [{"cutPaste": request}])
    kinds = {
        "": "PASTE_NORMAL",
        "values": "PASTE_VALUES",
        "format": "PASTE_FORMAT",
        "formulas": "PASTE_FORMULA",
    }
    kind = str(fields.get("kind", ""))
    if kind not in kinds:
        raise ArgumentError("kind is values, format or formulas.")
    into = goal.box.grid(goal.tab.id)
    return Step(
        do, said, [{"copyPaste": {"source": source, "destination": into, "pasteType": kinds[kind]}}]
    )
