"""Requests on rows and columns: inserted, deleted, moved, sized, grouped."""

from collections.abc import Mapping
from typing import Any

from workspace_mcp.demo.sheets import dimensions
from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import Box, Json, Tab, bad
from workspace_mcp.demo.sheets.formulas import value_of
from workspace_mcp.demo.sheets.masks import merged, paths
from workspace_mcp.demo.sheets.values import may_edit


def _dimension(
    batch: Batch, given: Mapping[str, Any], beyond: int = 0
) -> tuple[Tab, str, int, int]:
    tab = batch.book.tab(given.get("sheetId"))
    dimension, start, end = dimensions.span(tab, given, beyond=beyond)
    whole = Box(start, 0, end, tab.columns) if dimension == "ROWS" else Box(0, start, tab.rows, end)
    may_edit(batch.book, tab, whole, batch.account)
    return tab, dimension, start, end


def insert_dimension(batch: Batch, given: Json) -> Json:
    """New rows or columns."""
    tab, dimension, start, end = _dimension(batch, given["range"], beyond=10_000)
    before = bool(given.get("inheritFromBefore"))
    if before and start == 0:
        raise bad(
            "Invalid requests[0].insertDimension: inheritFromBefore cannot be true at index 0."
        )
    dimensions.insert(batch.book, tab, dimension, start, end - start, before=before)
    return {}


def delete_dimension(batch: Batch, given: Json) -> Json:
    """Rows or columns go."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    dimensions.delete(batch.book, tab, dimension, start, end)
    return {}


def move_dimension(batch: Batch, given: Json) -> Json:
    """Rows or columns go elsewhere in their tab."""
    tab, dimension, start, end = _dimension(batch, given["source"])
    dimensions.move(batch.book, tab, dimension, start, end, int(given.get("destinationIndex", 0)))
    return {}


def append_dimension(batch: Batch, given: Json) -> Json:
    """Rows or columns at the end."""
    tab = batch.book.tab(given.get("sheetId"))
    tab.grow(str(given["dimension"]), int(given["length"]))
    return {}


def update_dimension_properties(batch: Batch, given: Json) -> Json:
    """Sizes, and whether they are hidden."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    mask = paths(given.get("fields", ""))
    default = 21 if dimension == "ROWS" else 100
    for one in range(start, end):
        old = tab.sizes[dimension].get(one, {"pixelSize": default})
        new = merged(old, given.get("properties", {}), mask)
        tab.sizes[dimension][one] = {key: value for key, value in new.items() if value is not False}
    return {}


def auto_resize(batch: Batch, given: Json) -> Json:
    """Sizes that fit; here by the longest text, 7 pixels a letter."""
    tab, dimension, start, end = _dimension(batch, given["dimensions"])
    for one in range(start, end):
        texts = [
            str(value_of(batch.book, tab, *place)) for place in tab.cells
            if place[0 if dimension == "ROWS" else 1] == one
        ]  # fmt: skip
        size = 21 if dimension == "ROWS" else 10 + 7 * max(map(len, texts), default=0)
        tab.sizes[dimension][one] = {**tab.sizes[dimension].get(one, {}), "pixelSize": size}
    return {}


def add_group(batch: Batch, given: Json) -> Json:
    """Rows or columns that can be folded."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    name = "rowGroups" if dimension == "ROWS" else "columnGroups"
    depth = 1 + sum(
        1 for one in tab.list(name)
        if one["range"]["startIndex"] <= start and end <= one["range"]["endIndex"]
    )  # fmt: skip
    tab.list(name).append({"range": given["range"], "depth": depth})
    return {"addDimensionGroup": {"dimensionGroups": tab.list(name)}}


def delete_group(batch: Batch, given: Json) -> Json:
    """No longer foldable."""
    tab, dimension, start, end = _dimension(batch, given["range"])
    name = "rowGroups" if dimension == "ROWS" else "columnGroups"
    found = [
        one for one in tab.list(name)
        if (one["range"]["startIndex"], one["range"]["endIndex"]) == (start, end)
    ]  # fmt: skip
    if not found:
        raise bad("Invalid requests[0].deleteDimensionGroup: Group does not exist.")
    tab.list(name).remove(found[-1])
    return {"deleteDimensionGroup": {"dimensionGroups": tab.list(name)}}
