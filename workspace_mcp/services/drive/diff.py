"""What changed between two versions of a file, or between two files.

Source: developers.google.com/workspace/drive/api/guides/manage-revisions
"""

import csv
import io
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Annotated, Final

import anyio
import anyio.to_thread
from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import excel, opendocument, show
from workspace_mcp.formats.difference import Cells, Difference, by_cell, by_word
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.office import Archive, UnreadableError, kind
from workspace_mcp.formats.payload import decoded
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.content import Bytes, loaded, text
from workspace_mcp.services.drive.files import File
from workspace_mcp.services.drive.kinds import MIMES, XLSX, named, suffix
from workspace_mcp.services.drive.locating import opened
from workspace_mcp.services.drive.revisions import Revision, chosen, revisions
from workspace_mcp.tools import Clock, Effect, View, tool

_SECONDS: Final = 20.0
_BYTES: Final = 8_500
_TABLES: Final = frozenset({"text/csv", "text/tab-separated-values", XLSX, MIMES["ods"]})


@dataclass(frozen=True, slots=True)
class Compared(View):
    """What differs, from `offset` on."""

    first: str
    found: Difference
    table: bool
    offset: int
    note: str

    def text(self, fence: Fence) -> str:
        """What was compared, the differences, what is missing."""
        noun = "cell" if self.table else "line"
        head = fence.line(self.first, 600)
        if not self.found.changes:
            return f"{head}\nThe text is the same in both.{self._note()}"
        rest = self.found.lines[self.offset :]
        fit = show.fitting((line[:2000] for line in rest), _BYTES)
        head += f"\n{show.count(self.found.changes, f'changed {noun}')}"
        head += "" if self.table else "; [-gone-] {+new+}"
        parts = [head, fence.block("differences", "\n".join(line[:2000] for line in rest[:fit]))]
        if fit < len(rest):
            parts.append(f"[{len(rest) - fit:,} more: offset={self.offset + fit} goes on]")
        return "\n".join(parts) + self._note()

    def _note(self) -> str:
        return f"\n{self.note}" if self.note else ""


@tool(title="Compare versions", effect=Effect.READS)
async def drive_diff(
    google: Google,
    clock: Clock,
    file: Annotated[str, Field(description="Id, URL or /path.")],
    from_: Annotated[
        str | None, Field(description="Version id or time; default the one before the last.")
    ] = None,
    to: Annotated[str | None, Field(description="Default: as it is now.")] = None,
    other: Annotated[str | None, Field(description="Compare with this file instead.")] = None,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> View:
    """Compare versions of a file, or two files: texts by word, CSV and Sheets by cell."""
    one, _ = await opened(google, file)
    if other is not None:
        second, _ = await opened(google, other)
        first = f'"{one.name}" -> "{second.name}"'
        return await _compared(
            one, await loaded(google, one), second, await loaded(google, second), first, offset
        )
    known = await revisions(google, one)
    if not known:
        raise ArgumentError(f"Google keeps no versions of a {named(one.mime)}.")
    new = chosen(known, to, -1, clock.zone)
    at = known.index(new)
    if from_ is None and at == 0:
        raise ArgumentError(
            "Google keeps no version before that one." if to else "Google keeps one version alone."
        )
    old = known[at - 1] if from_ is None else chosen(known, from_, -1, clock.zone)
    first = f'"{one.name}": {_said(old, clock)} -> {_said(new, clock)}'
    before, after = await loaded(google, one, old.id), await loaded(google, one, new.id)
    return await _compared(one, before, one, after, first, offset)


def _said(one: Revision, clock: Clock) -> str:
    return f"version {one.id} ({show.local(one.at, clock.zone)} by {one.by})"


async def _compared(
    first: File, old: Bytes, second: File, new: Bytes, said: str, offset: int
) -> Compared:
    given_up = Event()
    table = _tabular(first, old) and _tabular(second, new)
    if table:
        work = partial(_by_cell, first, old, second, new)
        notes = ""
    else:
        texts = [await text(first, old, None), await text(second, new, None)]
        if texts[0] is None or texts[1] is None:
            raise ArgumentError(
                f"A {named(first.mime)} holds no text that could be compared.",
                "drive_read with revision and save writes a version to disk.",
            )
        work = partial(by_word, texts[0].text, texts[1].text, lambda: not given_up.is_set())
        notes = " ".join(one.note for one in texts if one and one.note)
    found: Difference | None = None
    try:
        with anyio.move_on_after(_SECONDS):
            found = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    finally:
        given_up.set()  # the thread ends too
    if found is None:
        raise ArgumentError(
            "Comparing these takes too long.", "drive_read with revision reads one version."
        )
    return Compared(said, found, table, offset, notes)


def _tabular(file: File, found: Bytes) -> bool:
    return found.mime in _TABLES or suffix(file.name) in {"csv", "tsv", "xlsx", "ods"}


def _by_cell(first: File, old: Bytes, second: File, new: Bytes) -> Difference:
    return by_cell(_cells(first, old), _cells(second, new))


def _cells(file: File, found: Bytes) -> Cells:
    """What stands in each cell.

    Raises:
        ArgumentError: the file cannot be read.
    """
    if found.data.startswith(b"PK\x03\x04"):
        try:
            archive = Archive(found.data)
            read = opendocument.cells if kind(found.data) == "ods" else excel.cells
            return read(archive)
        except UnreadableError as error:
            raise ArgumentError(str(error)) from error
    tabs = found.mime == "text/tab-separated-values" or suffix(file.name) == "tsv"
    rows = csv.reader(io.StringIO(decoded(found.data, "utf-8")), delimiter="\t" if tabs else ",")
    return {
        ("", row, column): value
        for row, values in enumerate(rows, 1)
        for column, value in enumerate(values, 1)
        if value
    }
