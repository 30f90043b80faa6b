"""What the tools of flat actions share: fields that a kind takes, steps, and their answer. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.formats.fence import Fence
from workspace_mcp.services.sheets.spreadsheets import Book, Place, Tab
from workspace_mcp.tools import JsonObject, View

Fields = Mapping[str, Any]
WHOLE: Final = "Give whole rows or columns, such as Data!5:7 or Data!C:D."


def given(action: BaseModel, kind: str, takes: Mapping[str, set[str]]) -> dict[str, Any]:
    """The fields that were given.

    Raises:
        ArgumentError: one that this kind does not take.
    """
    fields = {
        name: value
        for name, value in action.model_dump(exclude={"do"}).items()
        if value is not None and value is not False
    }
    if unknown := sorted(set(fields) - takes[kind]):
        known = ", ".join(sorted(takes[kind])) or "nothing"
        raise ArgumentError(f"{kind} takes no {', '.join(unknown)}.", f"It takes: {known}.")
    return fields


def need(fields: Fields, name: str, why: str = "") -> Any:
    """A field that must be there.

    Raises:
        ArgumentError: it is not.
    """
    if name not in fields:
        raise ArgumentError(f"{name} is missing{f': {why}' if why else ''}.")
    return fields[name]


def integer(text: str, name: str) -> int:
    """A whole number.

    Raises:
        ArgumentError: it is none.
    """
    if not text.strip().isdigit():
        raise ArgumentError(f"{name} is no whole number.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Step:
    """One action as requests. `where` is a range or a name: a stranger's text."""

    said: str
    where: str
    requests: Sequence[JsonObject]
    book: Book | None = None
    """The spreadsheet as the next action finds it, when it is another."""


def with_tab(book: Book, tab: Tab) -> Book:
    """The spreadsheet with a tab more, or with another one in its place."""
    if any(one.id == tab.id for one in book.tabs):
        return replace(book, tabs=tuple(tab if one.id == tab.id else one for one in book.tabs))
    return replace(book, tabs=(*book.tabs, tab))


def without_tab(book: Book, tab: Tab) -> Book:
    """The spreadsheet with a tab less."""
    return replace(book, tabs=tuple(one for one in book.tabs if one.id != tab.id))


def fresh_id(book: Book) -> int:
    """A number that no tab has."""
    taken = {one.id for one in book.tabs}
    number = max(taken, default=0) + 1
    while number in taken or number >= 2**31:
        number = (number + 1) % 2**31
    return number


def lines_of(place: Place) -> tuple[str, int, int]:
    """Dimension and bounds of whole rows or columns.

    Raises:
        ArgumentError: it is another range.
    """
    area = place.area
    if area.left is None and area.top is not None and area.bottom is not None:
        return "ROWS", area.top, area.bottom
    if area.top is None and area.left is not None and area.right is not None:
        return "COLUMNS", area.left, area.right
    raise ArgumentError("These are not whole rows or columns.", WHOLE)


@dataclass(frozen=True, slots=True)
class Acted(View):
    """What was done, or would be."""

    steps: Sequence[Step]
    replies: Sequence[JsonObject]
    dry_run: bool = False
    problem: WorkspaceError | None = None

    def text(self, fence: Fence) -> str:
        """A line for each action, with the number of what is new."""
        lines = ["Would do:" if self.dry_run else "Done:"]
        at = 0
        for step in self.steps:
            new = [
                found
                for reply in self.replies[at : at + len(step.requests)]
                if (found := _new(reply))
            ]
            at += len(step.requests)
            place = f" {fence.line(step.where)}" if step.where else ""
            lines.append(f"{step.said}{place}{': ' if new else ''}{', '.join(new)}")
        if self.dry_run:
            lines.append("Nothing was changed: dry_run.")
        return "\n".join([*lines, str(self.problem)] if self.problem else lines)


def _new(reply: JsonObject) -> str:
    for kind, found in reply.items():
        match kind:
            case "addChart":
                return f"#{found['chart']['chartId']}"
            case "addProtectedRange":
                return f"#{found['protectedRange']['protectedRangeId']}"
            case "addFilterView":
                return f"#{found['filter']['filterViewId']}"
            case "insertComment":
                return str(found.get("commentThread", {}).get("commentId", ""))
            case "findReplace":
                return f"{found.get('occurrencesChanged', 0)} replaced"
            case "deleteDuplicates":
                return f"{found.get('duplicatesRemovedCount', 0)} rows removed"
            case "trimWhitespace":
                return f"{found.get('cellsChangedCount', 0)} cells changed"
            case _:
                pass
    return ""
