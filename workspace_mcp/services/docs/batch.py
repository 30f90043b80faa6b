"""Sending one batch of requests against the revision that was read; footnotes are filled after it.

Source: …/docs/api/reference/rest/v1/documents/batchUpdate
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.errors import ConflictError, InvalidRequestError, OutcomeUnknownError
from workspace_mcp.formats.docs.blocks import Span
from workspace_mcp.formats.docs.model import units
from workspace_mcp.formats.docs.requests import Note, Request, Where
from workspace_mcp.google.client import Google
from workspace_mcp.services.docs.documents import Address
from workspace_mcp.tools import JsonObject

CHANGED: Final = "The document changed since it was read. Nothing was written."
READ_AGAIN: Final = "Read it again with docs_read, then repeat with what it is now."


@dataclass(frozen=True, slots=True)
class Sent:
    """What Google said to a batch: the revision that it made, and a reply for each request."""

    revision: str
    replies: Sequence[JsonObject]
    suggestions: Sequence[str] = field(default=())


async def send(
    google: Google, address: Address, requests: Sequence[Request], revision: str, *,
    suggest: bool = False,
) -> Sent:  # fmt: skip
    """All requests or none, and only when the document is still at `revision`.

    Raises:
        ConflictError: it is not.
        OutcomeUnknownError: the answer was lost; the same edit again cannot be done twice.
    """
    control: dict[str, Any] = {"requiredRevisionId": revision}
    if suggest:
        control["writeMode"] = "SUGGEST"
    body: JsonObject = {"requests": list(requests), "writeControl": control}
    try:
        answer = await google.post(address.resource.verb("batchUpdate"), body)
    except InvalidRequestError as error:
        if "revision" not in error.what.lower():
            raise
        raise ConflictError(
            CHANGED, READ_AGAIN, status=error.status, reason=error.reason
        ) from error
    except OutcomeUnknownError as error:
        raise OutcomeUnknownError(
            "Google's answer was lost: the change may have been made, or not.",
            "Look with docs_read. With revision as it was read, repeating cannot change it twice.",
        ) from error
    made = [
        one
        for response in answer.get("suggestionResponses", ())
        for one in response.get("createdSuggestionIds", ())
    ]
    after = answer.get("writeControl", {}).get("requiredRevisionId", "")
    return Sent(after, answer.get("replies", ()), made)


async def fill_notes(
    google: Google, address: Address, pending: Sequence[tuple[str, Sequence[Note]]], sent: Sent
) -> str:
    """Write the texts of new footnotes, by tab, in one batch: only the first batch's replies tell their ids.

    What comes back is the revision.
    """
    requests: list[Request] = []
    for tab, notes in pending:
        for note in notes:
            key = sent.replies[note.request]["createFootnote"]["footnoteId"]
            requests += note_requests(Where(tab, key), note.spans)
    if not requests:
        return sent.revision
    return (await send(google, address, requests, sent.revision)).revision


def note_requests(where: Where, spans: Sequence[Span]) -> list[Request]:
    """The text of a new footnote, behind the blank that Google puts there."""
    at = 1
    text = "".join(span.text for span in spans if not span.kind)
    if not text:
        return []
    requests: list[Request] = [{"insertText": {"location": where.location(at), "text": text}}]
    for span in spans:
        size = units(span.text)
        if style := span.marks.style():
            requests.append(
                {
                    "updateTextStyle": {
                        "range": where.range(at, at + size), "textStyle": style,
                        "fields": ",".join(style),
                    }
                }
            )  # fmt: skip
        at += size
    return requests
