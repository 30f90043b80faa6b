"""Filters, filter views and sorting → requests. No I/O.

Source: developers.google.com/workspace/sheets/api/guides/filters
"""

import re
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets import rules
from workspace_mcp.services.sheets.batch import Fields, Step, need
from workspace_mcp.services.sheets.headers import Heads, column_named, column_of
from workspace_mcp.services.sheets.spreadsheets import Place
from workspace_mcp.tools import JsonObject

_FILTER: Final = re.compile(
    r"(.+?)\s*(>=|<=|!=|<>|=|>|<|\bnot contains\b|\bcontains\b|\bstarts with\b|\bends with\b|"
    r"\bnot blank\b|\bblank\b)\s*(.*)"
)


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
    column = column_of(place, heads, name)
    first = a1.cell((place.box.top or 0) + 1, column)
    return {
        "columnIndex": column,
        "filterCriteria": {"condition": rules.condition(words, "filter", first)},
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
