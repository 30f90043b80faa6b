"""The requests of `documents.batchUpdate`, applied to a Doc of the demo.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

from collections.abc import Mapping
from typing import Any, Final

from workspace_mcp.demo.docs import cells, texts, things, whole
from workspace_mcp.demo.docs.batch import Batch, Change, Given
from workspace_mcp.demo.docs.segment import bad
from workspace_mcp.demo.http import Refusal

_KINDS: Final[Mapping[str, Change]] = {
    **texts.KINDS, **things.KINDS, **cells.KINDS, **whole.KINDS,
}  # fmt: skip
_SUGGESTED: Final = frozenset({
    "insertText", "deleteContentRange", "updateTextStyle", "updateParagraphStyle",
    "createParagraphBullets", "deleteParagraphBullets",
})  # fmt: skip


def apply(batch: Batch, request: Given) -> dict[str, Any]:
    """Do one request; its reply.

    Raises:
        Refusal: it does not fit the document.
    """
    (name, given), *more = request.items() or [("", {})]
    if more or name not in _KINDS:
        raise bad("Each request must set exactly one kind of request.")
    if batch.suggestion and name not in _SUGGESTED:
        raise bad(f"{name} is not supported in suggest mode.")
    return _KINDS[name](batch, given) or {}


def refusal_in(number: int, request: Given, refusal: Refusal) -> Refusal:
    """Google's form: which request of the batch it was."""
    name = next(iter(request), "")
    return Refusal(
        refusal.status, f"Invalid requests[{number}].{name}: {refusal.message}", refusal.reason
    )
