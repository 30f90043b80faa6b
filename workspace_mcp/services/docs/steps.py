"""Actions of `docs_format` → steps: requests at a place, and what is written once ids are known. No I/O."""

from typing import Final

from workspace_mcp.formats.docs.blocks import Markdown
from workspace_mcp.formats.docs.model import Doc, Tab
from workspace_mcp.formats.docs.requests import Where
from workspace_mcp.services.docs import grid
from workspace_mcp.services.docs.actions import Action, given
from workspace_mcp.services.docs.edges import edge_step
from workspace_mcp.services.docs.insertions import comment_step, name_step, object_step
from workspace_mcp.services.docs.places import Wish, beside
from workspace_mcp.services.docs.plan import Fields, Step
from workspace_mcp.services.docs.styling import page_request, styled
from workspace_mcp.services.docs.tabs import tab_step


def step(doc: Doc, tab: Tab, action: Action) -> Step:
    """An action against the document that was read.

    Raises:
        ArgumentError: fields that do not fit. NotFoundError: no such text, table, name.
    """
    fields = given(action)
    where = Where(tab.id)
    match action.do:
        case "style" | "list" | "unlist":
            return styled(tab, action, fields)
        case (
            "cell"
            | "add_rows"
            | "delete_rows"
            | "add_columns"
            | "delete_columns"
            | "merge"
            | "unmerge"
        ):
            return _moving(where, tab, action.do, fields)
        case "cell_style" | "widths" | "header_rows":
            return Step(action.do, _STILL[action.do](where, tab, fields))
        case "header" | "footer":
            return edge_step(tab, action.do, fields.get("value", ""), fields.get("kind", "default"))
        case "page":
            return Step("page", [page_request(tab, fields)])
        case "name" | "unname":
            return name_step(tab, action, fields)
        case "add_tab" | "rename_tab" | "delete_tab":
            return tab_step(doc, tab, action.do, fields)
        case "comment":
            return comment_step(tab, fields)
        case "table":
            source = grid.grid_of(fields.get("rows", ()))
            change = beside(tab, _wish(fields), Markdown((source,)))
            return Step("table", list(change.requests), (tab.id, change.start, change.end))
        case "image" | "person" | "page_break" | "section_break" | "footnote":
            return object_step(tab, action, fields)


def _wish(fields: Fields) -> Wish:
    return Wish(after=fields.get("heading") or fields.get("text"), nth=fields.get("nth"))


_MOVES: Final = {
    "cell": grid.cell, "add_rows": grid.add_rows, "delete_rows": grid.delete_rows,
    "add_columns": grid.add_columns, "delete_columns": grid.delete_columns, "merge": grid.merge,
    "unmerge": grid.unmerge,
}  # fmt: skip
_STILL: Final = {
    "cell_style": grid.cell_style, "widths": grid.widths, "header_rows": grid.header_rows,
}  # fmt: skip


def _moving(where: Where, tab: Tab, name: str, fields: Fields) -> Step:
    requests = _MOVES[name](where, tab, fields)
    table = grid.table_of(tab, fields)
    start, end = table.start, table.end
    if name == "cell":
        one = table.rows[fields["row"] - 1][fields["column"] - 1]
        start, end = one.start, one.end
    return Step(name, requests, (tab.id, start, end))
