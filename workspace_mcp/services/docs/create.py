"""New documents from Markdown.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/create
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.docs.blocks import Markdown, parsed, pictures
from workspace_mcp.formats.docs.requests import Where
from workspace_mcp.formats.docs.writing import written
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.newfile import folder_id, made_in, told_when_lost
from workspace_mcp.policy.audience import ahead
from workspace_mcp.policy.consent import Consent
from workspace_mcp.scopes import Scope
from workspace_mcp.services.docs.batch import fill_notes, send
from workspace_mcp.services.docs.documents import DOCUMENTS, MIME, Address
from workspace_mcp.services.docs.pictures import Ready, explained, pictured
from workspace_mcp.services.docs.template import from_template
from workspace_mcp.tools import Effect, Tier, View, tool


@dataclass(frozen=True, slots=True)
class Created(View):
    """A new document, and what of it did not work out."""

    id: str
    title: str
    revision: str
    problem: WorkspaceError | None = None

    def text(self, fence: Fence) -> str:
        """Where it is; what is missing, when something is."""
        said = f"Created [{self.id}] https://docs.google.com/document/d/{self.id}/edit"
        lines = [f"{said}\nrevision {self.revision}"]
        if self.problem is not None:
            lines.append(str(self.problem))
        return "\n".join(lines)


@tool(
    title="Create a document",
    needs=[Scope.DOCS],
    effect=Effect.WRITES,
    tier=Tier.CORE,
)
async def docs_create(
    google: Google,
    files: LocalFiles,
    consent: Consent,
    title: str,
    markdown: Annotated[str, Field(description="![](path, URL or drive:ID) for pictures.")] = "",
    folder: Annotated[str | None, Field(description="Folder id or URL.")] = None,
    template: Annotated[str | None, Field(description="Doc to copy instead.")] = None,
    fields: Annotated[
        dict[str, str] | None, Field(description="Its placeholders: name fills {{name}}.")
    ] = None,
) -> View:
    """Create a Google Doc from Markdown (tables, nested lists, [^1] footnotes) or a template."""
    name = clean_line(title)
    if not name:
        raise ArgumentError("title is empty.")
    home = folder_id(folder) if folder else None
    if template is not None and markdown:
        raise ArgumentError("Give either markdown or template.", "docs_edit adds to a copy.")
    if fields and template is None:
        raise ArgumentError("fields needs template: the Doc that has the placeholders.")
    if home is not None:
        await ahead(google, [home], "a new document")
    if template is not None:
        return await from_template(google, template, name, home, fields or {})
    source = parsed(markdown)
    async with pictured(google, files, consent, list(pictures(source))) as ready:
        return await _written(google, name, home, source, ready)


async def _made(google: Google, name: str, home: str | None) -> tuple[str, str]:
    """Id and revision of an empty document."""
    empty = "an empty document"
    if home is None:
        with told_when_lost(empty):
            made = await google.post(DOCUMENTS, {"title": name}, fields="documentId,revisionId")
        return made["documentId"], made["revisionId"]
    identifier = await made_in(google, home, name, MIME, empty)
    found = await google.get(DOCUMENTS.item(identifier), fields="revisionId")
    return identifier, found["revisionId"]


async def _written(
    google: Google, name: str, home: str | None, source: Markdown, ready: Ready
) -> View:
    identifier, revision = await _made(google, name, home)
    address = Address(identifier)
    try:
        if source.pieces:
            writer = written(Where(""), 1, "fill", source.pieces, source.notes, spacing=True)
            with explained():
                sent = await send(google, address, ready.into(writer.requests), revision)
            revision = sent.revision
            revision = await fill_notes(google, address, [("", writer.pending)], sent)
    except WorkspaceError as error:
        return Created(identifier, name, revision, _half(error))
    return Created(identifier, name, revision)


def _half(error: WorkspaceError) -> WorkspaceError:
    return WorkspaceError(
        f"The document was created, but not all of it could be done: {error.what}",
        f"Go on with docs_edit, or delete it. {error.remedy}".strip(),
    )
