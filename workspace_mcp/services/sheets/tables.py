"""Actions on native tables → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/guides/tables
"""

from collections.abc import Mapping, Sequence
from typing import Final

from workspace_mcp.errors import ArgumentError, NotFoundError
from workspace_mcp.services.sheets.batch import Fields, Step, need
from workspace_mcp.services.sheets.headers import Heads, column_of
from workspace_mcp.services.sheets.spreadsheets import LOOK, Book, Place, Table
from workspace_mcp.tools import JsonObject

_TYPES: Final = {
    "number": "DOUBLE", "currency": "CURRENCY", "percent": "PERCENT", "date": "DATE", "time": "TIME",
    "datetime": "DATE_TIME", "text": "TEXT", "checkbox": "BOOLEAN", "person": "PEOPLE_CHIP",
    "file": "FILES_CHIP", "rating": "RATINGS_CHIP",
}  # fmt: skip


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
