"""Chips in cells: people and files. No I/O.

Source: developers.google.com/workspace/sheets/api/guides/chips
"""

import re
from collections.abc import Sequence

from workspace_mcp.errors import ArgumentError
from workspace_mcp.services.sheets.spreadsheets import Place
from workspace_mcp.tools import JsonObject


def chips_request(place: Place, value: str) -> JsonObject:
    """People by address and files of Drive by URL: all in one cell, or one in each cell."""
    chips = [_chip(one.strip()) for one in value.split(",")]
    box = place.box
    if box.height * box.width not in {1, len(chips)}:
        raise ArgumentError("Chips go into one cell, or one into each cell of the range.")
    alone = box.height * box.width == 1
    cells = [_holding(chips)] if alone else [_holding([one]) for one in chips]
    rows = [{"values": cells[at : at + box.width]} for at in range(0, len(cells), box.width)]
    grid = box.grid(place.tab.id)
    mask = "userEnteredValue,chipRuns"
    return {"updateCells": {"range": grid, "rows": rows, "fields": mask}}


def _chip(value: str) -> JsonObject:
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return {"personProperties": {"email": value, "displayFormat": "DEFAULT"}}
    if re.match(r"https://(docs|drive)\.google\.com/", value):
        return {"richLinkProperties": {"uri": value}}
    raise ArgumentError("value is neither an email address nor a URL of a Google file.")


def _holding(chips: Sequence[JsonObject]) -> JsonObject:
    """A cell with chips, blanks between: each stands at an "@" of the text."""
    runs = [{"startIndex": 2 * number, "chip": chip} for number, chip in enumerate(chips)]
    text = " ".join("@" * len(chips))
    return {"userEnteredValue": {"stringValue": text}, "chipRuns": runs}
