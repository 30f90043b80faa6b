"""What `sheets_structure` is asked for: one flat item, and which fields each of its kinds takes. No I/O."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Do = Literal[
    "rename", "add_tab", "rename_tab", "copy_tab", "delete_tab", "move_tab", "hide_tab", "show_tab",
    "color_tab", "gridlines", "name", "rename_name", "unname", "table", "rename_table", "resize_table",
    "delete_table", "filter", "unfilter", "sort", "chart", "move_chart", "delete_chart", "pivot",
    "protect", "unprotect", "replace", "dedupe", "trim", "split", "copy", "cut",
    "comment",
]  # fmt: skip


class Action(BaseModel):
    """One thing to do."""

    model_config = ConfigDict(extra="forbid")

    do: Do
    tab: str | None = None
    range: str | None = None
    value: Annotated[str | None, Field(description="Title, name, colour, text to find.")] = None
    to: Annotated[
        str | None, Field(description="New name, replacement, first cell; other spreadsheet.")
    ] = None
    kind: Annotated[
        str | None,
        Field(
            description="stacked column, bar, line, area, scatter, combo, pie; copy values; replace regex; warn."
        ),
    ] = None
    columns: Annotated[
        list[str] | None,
        Field(
            description="sort: Amount desc; filter: State=open; chart: Name, Amount; table: Due:date, State:a|b."
        ),
    ] = None
    rows: list[str] | None = None
    values: Annotated[list[str] | None, Field(description="pivot: sum Amount")] = None
    who: list[str] | None = None
    index: Annotated[int | None, Field(description="Place from 1, or #number.")] = None


TAKES: Final[Mapping[str, set[str]]] = {
    "rename": {"value"},
    "add_tab": {"value", "index"},
    "rename_tab": {"tab", "value"},
    "copy_tab": {"tab", "value", "to", "index"},
    "delete_tab": {"tab"},
    "move_tab": {"tab", "index"},
    "hide_tab": {"tab"},
    "show_tab": {"tab"},
    "color_tab": {"tab", "value"},
    "gridlines": {"tab", "value"},
    "name": {"range", "value"},
    "rename_name": {"value", "to"},
    "unname": {"value"},
    "table": {"range", "value", "columns"},
    "rename_table": {"value", "to"},
    "resize_table": {"value", "range"},
    "delete_table": {"value"},
    "filter": {"range", "columns", "value"},
    "unfilter": {"tab", "index"},
    "sort": {"range", "columns"},
    "chart": {"range", "value", "kind", "columns", "to", "index"},
    "move_chart": {"index", "to"},
    "delete_chart": {"index"},
    "pivot": {"range", "to", "rows", "columns", "values"},
    "protect": {"range", "value", "kind", "who", "index"},
    "unprotect": {"index"},
    "replace": {"value", "to", "range", "tab", "kind"},
    "dedupe": {"range", "columns"},
    "trim": {"range"},
    "split": {"range", "value"},
    "copy": {"range", "to", "kind"},
    "cut": {"range", "to"},
    "comment": {"range", "value"},
}
"""Kind → the fields that it understands."""
NEEDS_HEADERS: Final = frozenset({"sort", "filter", "pivot", "dedupe", "table", "chart"})
"""Kinds whose `columns` may be the names in a range's first row."""
