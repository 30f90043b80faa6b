"""The look of a document and what stands in it: styles, tables, images, headers, tabs.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated

from pydantic import Field

from workspace_mcp.errors import ArgumentError, ConflictError, NotFoundError, WorkspaceError
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.journal.inverses.docs import FINAL
from workspace_mcp.scopes import Scope
from workspace_mcp.services.docs.actions import Action
from workspace_mcp.services.docs.batch import CHANGED, READ_AGAIN, send
from workspace_mcp.services.docs.documents import Address, DocId, TabName, chosen, fetched
from workspace_mcp.services.docs.steps import Step, step, together
from workspace_mcp.tools import Effect, View, tool


@dataclass(frozen=True, slots=True)
class Formatted(View):
    """What was done, or would be."""

    steps: Sequence[Step]
    revision: str
    dry_run: bool
    problem: WorkspaceError | None = None

    def text(self, fence: Fence) -> str:
        """The kinds of actions in order; the new revision."""
        del fence
        kinds = ", ".join(one.said for one in self.steps)
        first = "Would do" if self.dry_run else "Done"
        final = [one.said for one in self.steps if any(FINAL & set(each) for each in one.requests)]
        last = "Nothing was changed: dry_run.\n" if self.dry_run else ""
        if self.dry_run and final:
            last = f"This cannot be taken back: {', '.join(final)}.\n{last}"
        said = f"{first}: {kinds}.\n{last}revision {self.revision}"
        return f"{said}\n{self.problem}" if self.problem else said


@tool(title="Format a document", needs=[Scope.DOCS], effect=Effect.WRITES)
async def docs_format(
    google: Google,
    doc: DocId,
    actions: Annotated[list[Action], Field(min_length=1, max_length=100)],
    tab: TabName = None,
    revision: str | None = None,
    dry_run: bool = False,
) -> View:
    """Style a Google Doc; tables, images, headers, breaks, footnotes, tabs. All actions or none.

    Things go behind text or heading, else to the end.
    """
    address = Address.of(doc)
    found = await fetched(google, address)
    if revision and revision != found.revision:
        raise ConflictError(CHANGED, READ_AGAIN)
    one = chosen(found, tab or address.tab)
    steps: list[Step] = []
    for number, action in enumerate(actions):
        try:
            steps.append(step(found, one, action))
        except (ArgumentError, NotFoundError) as error:
            raise type(error)(f"actions[{number}]: {error.what}", error.remedy) from error
    requests, later = together(steps)
    if dry_run:
        return Formatted(steps, found.revision, dry_run)
    sent = await send(google, address, requests, found.revision)
    filling = list(chain.from_iterable(one.make(sent.replies[one.request]) for one in later))
    if not filling:
        return Formatted(steps, sent.revision, dry_run)
    try:
        filled = await send(google, address, filling, sent.revision)
    except WorkspaceError as error:
        problem = WorkspaceError(f"What was added is still empty: {error.what}", error.remedy)
        return Formatted(steps, sent.revision, dry_run, problem)
    return Formatted(steps, filled.revision, dry_run)
