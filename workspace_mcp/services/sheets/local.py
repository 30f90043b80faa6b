"""A CSV file on this machine as rows, so that no model has to write it out.

Source: rfc-editor.org/rfc/rfc4180
"""

import csv
import io
from typing import Final

import anyio.to_thread

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.services.sheets.values import MOST, Rows, given

_LARGEST: Final = 5_000_000
_MARKS: Final = (",", ";", "\t", "|")


def decoded(data: bytes) -> str:
    """A text file's text: UTF-8, UTF-16 by its mark, else as Windows in the West writes it.

    Raises:
        ArgumentError: it is no text.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise ArgumentError(
            "That file is no CSV.", "drive_upload convert=sheet makes a Sheet of XLSX and ODS."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def separated(text: str) -> str:
    """The mark between the cells: of those that Sheets and Excel write, the first line's most frequent."""
    line = next((one for one in text.splitlines() if one.strip()), "")
    outside = "".join(line.split('"')[::2])
    return max(_MARKS, key=outside.count)


async def rows_of(files: LocalFiles, path: str) -> tuple[str, Rows]:
    """A file's name without its ending, and its rows.

    Raises:
        LocalFileError: it is not there, or may not be read. ArgumentError: it holds no rows, or too many.
    """
    found = await anyio.to_thread.run_sync(files.read, path, _LARGEST)
    text = decoded(found.data)
    rows: Rows = [list(row) for row in csv.reader(io.StringIO(text), delimiter=separated(text))]
    if sum(map(len, rows)) > MOST:
        raise ArgumentError(
            f"The file has more than {MOST:,} cells.",
            "drive_upload convert=sheet makes a spreadsheet of it, whatever its size.",
        )
    return found.name.rpartition(".")[0] or found.name, given(rows, None)
