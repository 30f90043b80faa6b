"""What `docs_format` is asked for: one flat item, and which fields each of its kinds takes. No I/O."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.services.docs.css import declared, named

Do = Literal[
    "style", "list", "unlist", "table", "cell", "add_rows", "delete_rows", "add_columns",
    "delete_columns", "merge", "unmerge", "cell_style", "widths", "header_rows", "image", "person",
    "header", "footer", "page_break", "section_break", "footnote", "page", "name", "unname",
    "add_tab", "rename_tab", "delete_tab",
    "comment",
]  # fmt: skip


class Action(BaseModel):
    """One thing to do."""

    model_config = ConfigDict(extra="forbid")

    do: Do
    text: Annotated[str | None, Field(description="Exact, where.")] = None
    heading: str | None = None
    nth: int | None = None
    all: bool = False
    value: Annotated[
        str | None,
        Field(description="Markdown, title, link, email, remark; image: path, URL, drive:ID."),
    ] = None
    style: Annotated[str | None, Field(description="title, subtitle, h1-h6, normal")] = None
    css: Annotated[
        str | None, Field(description="font-weight:bold; color:#f00; margin-top:12; width:90 (pt)")
    ] = None
    kind: Annotated[
        str | None, Field(description="List: bullet, number, check; page: portrait, landscape.")
    ] = None
    table: Annotated[int | None, Field(description="From 1, so row, column.")] = None
    row: int | None = None
    column: int | None = None
    count: int | None = None
    columns: int | None = None
    rows: Annotated[list[list[str]] | None, Field(description="Cells.")] = None


_TEXT: Final = {"text", "heading", "nth", "all"}
_PLACE: Final = {"text", "heading", "nth"}
_CELL: Final = {"table", "row", "column"}
_BOX: Final = {
    f"{name}{side}"
    for name in ("border", "padding")
    for side in ("", "_top", "_right", "_bottom", "_left")
}
_LOOK: Final = _BOX | {
    "bold", "weight", "italic", "underline", "strike", "caps", "vertical", "color", "background",
    "shade", "font", "size", "align", "spacing", "mode", "above", "below", "indent", "end", "first",
    "direction", "page_before", "together", "with_next", "orphans",
}  # fmt: skip
_PAGE: Final = {
    "width", "height", "above", "below", "indent", "end", "header", "footer", "background",
    "page_number", "column_count", "column_gap", "column_rule", "direction",
}  # fmt: skip
TAKES: Final[Mapping[str, set[str]]] = {
    "style": _TEXT | _LOOK | {"style", "value"},
    "list": _TEXT | {"kind"},
    "unlist": _TEXT,
    "table": _PLACE | {"rows"},
    "cell": _CELL | {"value"},
    "add_rows": {"table", "row", "rows", "count"},
    "delete_rows": {"table", "row", "count"},
    "add_columns": {"table", "column", "rows", "count"},
    "delete_columns": {"table", "column", "count"},
    "merge": _CELL | {"count", "columns"},
    "unmerge": _CELL | {"count", "columns"},
    "cell_style": _CELL | _BOX | {"count", "columns", "background", "vertical", "height", "together"},
    "widths": {"table", "column", "width"},
    "header_rows": {"table", "count"},
    "image": _PLACE | {"value", "width", "height"},
    "person": _PLACE | {"value"},
    "header": {"value", "kind"},
    "footer": {"value", "kind"},
    "page_break": _PLACE,
    "section_break": _PLACE | {"kind"},
    "footnote": _PLACE | {"value"},
    "page": _PLACE | _PAGE | {"kind"},
    "name": {"text", "nth", "value"},
    "unname": {"value"},
    "add_tab": {"value", "text", "nth", "kind"},
    "rename_tab": {"value"},
    "delete_tab": set(),
    "comment": {"text", "nth", "value"},
}  # fmt: skip
"""Kind → the fields that it understands."""


def given(action: Action) -> dict[str, Any]:
    """The fields that were given.

    Raises:
        ArgumentError: one that this kind does not take.
    """
    fields = {
        name: value
        for name, value in action.model_dump(exclude={"do", "css"}).items()
        if value is not None and not (name == "all" and value is False)
    }
    fields |= declared(action.css) if action.css else {}
    if unknown := sorted(set(fields) - TAKES[action.do]):
        takes = (
            ", ".join(sorted(map(named, TAKES[action.do]))) or "nothing; tab stands beside actions"
        )
        names = ", ".join(map(named, unknown))
        raise ArgumentError(f"{action.do} takes no {names}.", f"It takes: {takes}.")
    return fields
