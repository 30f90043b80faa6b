"""Editing a document by exact text: one atomic batch against the revision that was read.

Source: developers.google.com/workspace/docs/api/how-tos/best-practices
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from workspace_mcp.errors import ArgumentError, ConflictError, WorkspaceError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import show
from workspace_mcp.formats.docs.change import Change
from workspace_mcp.formats.docs.model import Doc
from workspace_mcp.formats.docs.requests import Note, Request
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.audience import ahead
from workspace_mcp.policy.consent import Consent
from workspace_mcp.scopes import Scope
from workspace_mcp.services.docs.batch import CHANGED, READ_AGAIN, fill_notes, send
from workspace_mcp.services.docs.documents import Address, DocId, chosen, fetched
from workspace_mcp.services.docs.pictures import pictured, sources
from workspace_mcp.services.docs.places import Wish, changes
from workspace_mcp.services.docs.suggesting import prove
from workspace_mcp.tools import Effect, Tier, View, tool

_SHOWN: Final = 20
_TEXT: Final = 300


class Edit(BaseModel):
    """One edit; without a place, `new` is appended."""

    model_config = ConfigDict(extra="forbid")

    new: Annotated[str, Field(description="Markdown.")] = ""
    old: Annotated[str | None, Field(description="Exact text to replace.")] = None
    after: Annotated[str | None, Field(description="Heading or exact text.")] = None
    before: str | None = None
    section: Annotated[
        str | None, Field(description="Heading, or * for all; its text is replaced.")
    ] = None
    nth: Annotated[int | None, Field(description="Which, of several.")] = None
    all: bool = False


@dataclass(frozen=True, slots=True)
class Edited(View):
    """What was changed, before → after, or would be."""

    doc: Doc
    done: Sequence[Change]
    revision: str
    dry_run: bool
    suggested: int = 0
    problem: WorkspaceError | None = None

    def text(self, fence: Fence) -> str:
        """A line of counts, then each change, then the new revision."""
        places = show.count(len(self.done), "place")
        if self.dry_run:
            first = f"Would change {places}. Nothing was changed: dry_run."
        elif self.suggested:
            first = (
                f"Suggested changes in {places}; the text stays as it is until they are accepted."
            )
        else:
            first = f"Changed {places}."
        lines: list[str] = []
        for change in self.done[:_SHOWN]:
            if change.before:
                lines.append(f"- {fence.line(change.before, _TEXT)}")
            if change.after:
                lines.append(f"+ {fence.line(change.after, _TEXT)}")
            if not (change.before or change.after):
                lines.append("+ (no text: a picture, a line or a break)")
        if len(self.done) > _SHOWN:
            lines.append(f"and {len(self.done) - _SHOWN} more")
        parts = [first, fence.block("changes", "\n".join(lines)), f"revision {self.revision}"]
        return "\n".join(parts + ([str(self.problem)] if self.problem else []))


@tool(
    title="Edit a document",
    needs=[Scope.DOCS],
    effect=Effect.WRITES,
    tier=Tier.CORE,
)
async def docs_edit(
    google: Google,
    files: LocalFiles,
    consent: Consent,
    doc: DocId,
    edits: Annotated[list[Edit], Field(min_length=1, max_length=200)],
    tab: str | None = None,
    mode: Literal["direct", "suggest"] = "direct",
    revision: Annotated[str | None, Field(description="Refuses if it changed.")] = None,
    dry_run: bool = False,
) -> View:
    """Edit a Google Doc by exact text, all edits or none: replace, insert, append, rewrite a section.

    What replaces a text keeps its look.
    """
    address = Address.of(doc)
    found = await fetched(google, address)
    if revision and revision != found.revision:
        raise ConflictError(CHANGED, READ_AGAIN)
    wanted = tab or address.tab
    one = chosen(found, wanted) if wanted else None
    wishes = [Wish(**edit.model_dump()) for edit in edits]
    done = changes(found, one, wishes, suggest=mode == "suggest")
    if dry_run:
        return Edited(found, _in_order(done), found.revision, dry_run)
    await ahead(google, [address.id])
    if mode == "suggest":
        await prove(google)
    requests, pending = _together(done)
    if not requests:
        raise ArgumentError("Nothing would change: the text is so already.")
    async with pictured(google, files, consent, list(sources(requests)), doc=found) as ready:
        sent = await send(
            google, address, ready.into(requests), found.revision, suggest=mode == "suggest"
        )
    if mode == "suggest" and not sent.suggestions:
        raise WorkspaceError(
            "Google answered without naming a suggestion: the change may have been made directly.",
            "Look with docs_read suggestions=inline, and tell the user.",
        )
    problem, after = None, sent.revision
    try:
        after = await fill_notes(google, address, pending, sent)
    except WorkspaceError as error:
        problem = WorkspaceError(f"The footnotes are still empty: {error.what}", error.remedy)
    return Edited(found, _in_order(done), after, dry_run, len(sent.suggestions), problem)


def _in_order(done: Sequence[Change]) -> Sequence[Change]:
    return list(reversed(done))


def _together(done: Sequence[Change]) -> tuple[list[Request], list[tuple[str, Sequence[Note]]]]:
    """One batch of all changes, and the footnotes to fill after it, by tab."""
    requests: list[Request] = []
    pending: list[tuple[str, Sequence[Note]]] = []
    for change in done:
        notes = [Note(one.request + len(requests), one.spans) for one in change.notes]
        if notes:
            pending.append((change.where.tab, notes))
        requests += change.requests
    return requests, pending
