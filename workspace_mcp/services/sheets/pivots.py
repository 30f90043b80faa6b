"""A pivot table → its request. No I/O.

Source: developers.google.com/workspace/sheets/api/guides/pivot-tables
"""

from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1
from workspace_mcp.services.sheets.batch import Fields, Step, need
from workspace_mcp.services.sheets.headers import Heads, column_of
from workspace_mcp.services.sheets.spreadsheets import Book, Place
from workspace_mcp.tools import JsonObject

_SUMS: Final = {
    "sum": "SUM", "count": "COUNTA", "average": "AVERAGE", "avg": "AVERAGE", "min": "MIN", "max": "MAX",
    "median": "MEDIAN", "unique": "COUNTUNIQUE", "product": "PRODUCT", "stdev": "STDEV",
}  # fmt: skip


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
    goal = book.goal(str(need(fields, "to", "the first cell of the pivot table")), place)
    start = goal.corner
    rows = [{"values": [{"pivotTable": pivot}]}]
    request: JsonObject = {"updateCells": {"start": start, "rows": rows, "fields": "pivotTable"}}
    return Step(
        "pivot of",
        f"{place.text()} at {a1.cell(start['rowIndex'], start['columnIndex'])}",
        [request],
    )
