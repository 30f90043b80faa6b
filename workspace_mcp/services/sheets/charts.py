"""Actions on charts → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/samples/charts
"""

from collections.abc import Sequence
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets.batch import Fields, Step, need
from workspace_mcp.services.sheets.headers import Heads, column_of
from workspace_mcp.services.sheets.spreadsheets import Book, Place
from workspace_mcp.tools import JsonObject

_CHARTS: Final = {
    "column": "COLUMN", "bar": "BAR", "line": "LINE", "area": "AREA", "scatter": "SCATTER", "combo": "COMBO",
}  # fmt: skip


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
    beside = Area(top, min(right + 1, place.tab.columns - 1))
    anchor = (book.goal(str(fields["to"]), place) if "to" in fields else place.at(beside)).corner
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


def moved_chart(book: Book, fields: Fields) -> Step:
    """A chart at another cell."""
    goal = book.place(str(need(fields, "to")))
    position = {"overlayPosition": {"anchorCell": goal.corner}}
    number = int(need(fields, "index", "the chart's number"))
    request = {"objectId": number, "newPosition": position, "fields": "anchorCell"}
    return Step(
        f"move_chart #{number} to", goal.text(), [{"updateEmbeddedObjectPosition": request}]
    )
