"""The three methods of the Docs API over the demo's documents: path and verb → answer.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol
from urllib.parse import unquote

from workspace_mcp.demo.docs import render
from workspace_mcp.demo.docs.batch import Batch, Merging
from workspace_mcp.demo.docs.changes import apply, refusal_in
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.docs.segment import bad
from workspace_mcp.demo.http import Refusal, Request, Response, answer
from workspace_mcp.demo.permission import need, need_role

HOST: Final = "docs.googleapis.com"
MIME: Final = "application/vnd.google-apps.document"
_AUTH: Final = "https://www.googleapis.com/auth/"
FULL: Final = f"{_AUTH}documents"
_WRITERS: Final = frozenset({FULL, f"{_AUTH}drive", f"{_AUTH}drive.file"})
_READERS: Final = _WRITERS | {f"{_AUTH}documents.readonly", f"{_AUTH}drive.readonly"}
_PATH: Final = re.compile(r"/v1/documents(?:/([^/:]+)(:batchUpdate)?)?")


class Files(Protocol):
    """Where a Doc is a file: the demo's Drive."""

    def add(self, id: str, name: str, mime_type: str, owner: str) -> None:
        """A new file in the owner's root folder."""
        ...

    def rename(self, id: str, name: str) -> None:
        """Another name for a file."""
        ...

    def remark(self, id: str, comment: str, by: str, quote: str, said: str) -> None:
        """A comment on a text of a file."""
        ...


Suggesting = Literal["works", "applied", "refused"]
"""What writing suggestions does: it works; an account outside Google's preview finds them applied
as edits; or the request is refused."""


@dataclass(slots=True)
class FakeDocs:
    """Every Doc of the demo.

    `merging`: which paragraph's style is left when two become one; Google does not say.
    """

    number: Callable[[], int]
    files: Files | None = None
    documents: dict[str, FakeDocument] = field(default_factory=dict[str, FakeDocument])
    role: Callable[[str, str], str | None] = lambda identifier, account: None
    """What an account may do with a Doc, by Drive; None where Drive does not know the Doc."""
    suggesting: Suggesting = "works"
    merging: Merging = "last"

    def add(self, owner: str, title: str, identifier: str = "") -> FakeDocument:
        """A new, empty Doc."""
        key = identifier or f"1Doc{self.number():028d}"
        made = FakeDocument(key, title, owner, self.number)
        self.documents[key] = made
        if self.files is not None:
            self.files.add(key, title, MIME, owner)
        return made

    def find(self, identifier: str, account: str, *, writing: bool = False) -> FakeDocument:
        """A Doc that an account may read, or write.

        Raises:
            Refusal: 404 or 403.
        """
        doc = self.documents.get(identifier)
        if doc is None:
            raise Refusal(404, "Requested entity was not found.")
        need_role(doc, account, self.role(identifier, account), writing=writing)
        return doc

    def handle(self, account: str, granted: frozenset[str], request: Request) -> Response:
        """The answer to a request below `/v1/documents`.

        Raises:
            Refusal: Google's error for it.
        """
        found = _PATH.fullmatch(request.path)
        match request.method, found and found[1], found and found[2]:
            case "POST", None, None if found:
                need(granted, _WRITERS, HOST)
                made = self.add(
                    account, str(request.json().get("title", "")) or "Untitled document"
                )
                return answer(render.document(made, "SUGGESTIONS_INLINE", tabs=True))
            case "GET", str(identifier), None:
                need(granted, _READERS, HOST)
                return self._get(self.find(unquote(identifier), account), request)
            case "POST", str(identifier), str():
                need(granted, _WRITERS, HOST)
                doc = self.find(unquote(identifier), account, writing=True)
                return answer(self.update(doc, request.json(), account))
            case _:
                raise Refusal(404, "The requested URL was not found on this server.")

    def _get(self, doc: FakeDocument, request: Request) -> Response:
        view = request.one("suggestionsViewMode") or "SUGGESTIONS_INLINE"
        if view == "DEFAULT_FOR_CURRENT_ACCESS":
            view = "SUGGESTIONS_INLINE"
        tabs = request.one("includeTabsContent") == "true"
        return answer(render.document(doc, view, tabs=tabs))

    def update(
        self, doc: FakeDocument, body: Mapping[str, Any], account: str = ""
    ) -> dict[str, Any]:
        """All requests of a batch, or none of them.

        Raises:
            Refusal: a stale revision, or a request that does not fit.
        """
        control = body.get("writeControl", {})
        wanted = control.get("requiredRevisionId")
        if wanted is not None and wanted != doc.revision_id:
            raise bad(
                "The required revision ID does not match the latest revision of the document."
            )
        suggestion = self._suggestion(doc, control.get("writeMode", "EDIT"))
        batch = Batch(doc, self.merging, suggestion, self._remarks(), self._kept())
        before = {key: tab.copy() for key, tab in doc.tabs.items()}
        replies: list[dict[str, Any]] = []
        for number, request in enumerate(body.get("requests", [])):
            try:
                replies.append(apply(batch, request))
            except Refusal as refusal:
                doc.tabs = before
                raise refusal_in(number, request, refusal) from refusal
        for key, quote, said in batch.remarks or ():
            if self.files is not None:
                self.files.remark(doc.id, key, account, quote, said)
        for tab in doc.tabs.values():
            tab.drop_notes()
        if replies:
            doc.revision += 1
        result: dict[str, Any] = {
            "documentId": doc.id,
            "replies": replies,
            "writeControl": {"requiredRevisionId": doc.revision_id},
        }
        if suggestion:
            doc.suggestions.append(suggestion)
            result["suggestionResponses"] = [{"createdSuggestionIds": [suggestion]}]
        return result

    def _remarks(self) -> list[tuple[str, str, str]] | None:
        return [] if self.suggesting == "works" and self.files is not None else None

    def _kept(self) -> set[str]:
        """Where the pictures of all Docs can be fetched."""
        return {
            one["inlineObjectProperties"]["embeddedObject"]["imageProperties"]["contentUri"]
            for doc in self.documents.values()
            for tab in doc.tabs.values()
            for one in tab.objects.values()
        }

    def _suggestion(self, doc: FakeDocument, mode: str) -> str:
        if mode != "SUGGEST" or self.suggesting == "applied":
            return ""
        if self.suggesting == "refused":
            raise bad("Suggestion mode is not available for this project.")
        return f"suggest.{doc.number():08x}"
