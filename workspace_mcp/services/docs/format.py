"""The look of a document and what stands in it: styles, tables, images, headers, tabs.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import Annotated

from pydantic import Field

from workspace_mcp.errors import (
    ArgumentError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    WorkspaceError,
)
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import show
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.docs.model import Doc, Tab
from workspace_mcp.formats.docs.requests import Request
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.audience import ahead
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import Reach
from workspace_mcp.scopes import Scope
from workspace_mcp.services.docs.actions import Action
from workspace_mcp.services.docs.batch import CHANGED, READ_AGAIN, Sent, send
from workspace_mcp.services.docs.documents import Address, DocId, TabName, chosen, fetched
from workspace_mcp.services.docs.pictures import explained, pictured, sources
from workspace_mcp.services.docs.plan import Step, together
from workspace_mcp.services.docs.steps import step
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
        last = "Nothing was changed: dry_run.\n" if self.dry_run else ""
        said = f"{first}: {kinds}.\n{last}revision {self.revision}"
        return f"{said}\n{self.problem}" if self.problem else said


@tool(title="Format a document", needs=[Scope.DOCS], effect=Effect.WRITES)
async def docs_format(
    google: Google,
    files: LocalFiles,
    consent: Consent,
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
    deletes = any("deleteTab" in request for request in requests)
    if deletes and len(actions) > 1:
        raise ArgumentError("delete_tab goes alone.", "Make the other actions in another call.")
    if dry_run:
        return Formatted(steps, found.revision, dry_run)
    await ahead(google, [address.id])
    if deletes:
        await consent(deleting(found, one))
    now, then = list(sources(requests)), [name for each in later for name in each.pictures]
    batches = bool(now) + bool(then)
    async with pictured(
        google, files, consent, now + then, doc=found, batches=batches
    ) as ready:  # fmt: skip
        with anchored(requests):
            sent = await send(google, address, ready.into(requests), found.revision)
        proven(requests, sent)
        filling = list(chain.from_iterable(each.make(sent.replies[each.request]) for each in later))
        if not filling:
            return Formatted(steps, sent.revision, dry_run)
        try:
            with explained():
                filled = await send(google, address, ready.into(filling), sent.revision)
        except WorkspaceError as error:
            problem = WorkspaceError(f"What was added is still empty: {error.what}", error.remedy)
            return Formatted(steps, sent.revision, dry_run, problem)
        return Formatted(steps, filled.revision, dry_run)


@contextmanager
def anchored(requests: Sequence[Request]) -> Generator[None]:
    """Say what can be done where Google does not tie comments to text for this sign-in.

    Raises:
        WorkspaceError: it does not; whatever else is wrong stays as it was.
    """
    try:
        yield
    except InvalidRequestError as error:
        if not any("insertComment" in one for one in requests) or "insertComment" not in error.what:
            raise
        raise WorkspaceError(
            "Google does not tie comments to text for this sign-in: that is a preview. Nothing was done.",
            "comment action=add quote=… shows the text with the remark, without marking its place.",
        ) from error


def proven(requests: Sequence[Request], sent: Sent) -> None:
    """Nothing, when Google names a thread for each comment.

    Raises:
        WorkspaceError: it does not.
    """
    for one, reply in zip(requests, sent.replies, strict=False):
        made = reply.get("insertComment", {}).get("commentThread", {})
        if "insertComment" in one and not made.get("commentId"):
            raise WorkspaceError(
                "Google answered without naming the comment: it may be there, or not.",
                "Look with comments before saying it again.",
            )


def deleting(doc: Doc, tab: Tab) -> Act:
    """A tab that goes, as a person is asked about it: there is no trash for tabs."""
    at = doc.tabs.index(tab)
    below = list(takewhile(lambda one: one.depth > tab.depth, doc.tabs[at + 1 :]))
    inside = f", and {show.count(len(below), 'tab')} below it" if below else ""
    size = sum(one.body.end - 1 for one in (tab, *below))
    return Act(
        Reach.DELETES,
        "Delete a tab of a document",
        (f'"{clean_line(tab.title)[:120]}" of "{clean_line(doc.title)[:120]}"{inside}: {size:,} characters',),
        digest=f"{doc.id} {tab.id}",
        final=True,
    )  # fmt: skip
