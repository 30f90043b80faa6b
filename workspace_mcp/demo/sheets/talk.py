"""Comments at a cell: they are Drive's, and know their place. No I/O.

Source: developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#InsertCommentRequest
"""

from typing import Final

from workspace_mcp.demo.sheets.batch import Batch
from workspace_mcp.demo.sheets.book import Json, bad
from workspace_mcp.demo.sheets.render import formatted

_LONGEST: Final = 2048


def insert_comment(batch: Batch, given: Json) -> Json:
    """A comment that Drive hears of when the whole batch is done."""
    at = given.get("coordinate", {})
    text = str(given.get("content", ""))
    if not text or len(text) > _LONGEST:
        raise bad(
            "Invalid requests[0].insertComment: Comment content must have 1 to 2048 characters."
        )
    tab = batch.book.tab(at.get("sheetId"))
    row, column = int(at.get("rowIndex", 0)), int(at.get("columnIndex", 0))
    if row >= tab.rows or column >= tab.columns:
        raise bad("Invalid requests[0].insertComment: The coordinate is outside of the sheet.")
    identifier = f"AAAASheet{batch.book.number():04d}"
    quoted = formatted(batch.book, tab, row, column)
    batch.said.append((identifier, text, quoted))
    thread: Json = {
        "commentId": identifier, "status": "OPEN", "plainTextQuote": quoted,
        "headPost": {"postId": identifier, "content": text},
    }  # fmt: skip
    return {"insertComment": {"commentThread": thread}}
