"""Suggestions instead of edits: proven on a scratch document before one is trusted to Google.

An account outside Google's preview may find a suggestion applied as a direct edit, so nothing is
sent to a document before the same was seen to work on one that does not matter.

Source: developers.google.com/workspace/docs/api/how-tos/suggestions
"""

from typing import Final
from weakref import WeakKeyDictionary

from workspace_mcp.errors import InvalidRequestError, PolicyError
from workspace_mcp.formats.docs.model import paragraphs
from workspace_mcp.google.client import Google
from workspace_mcp.services.docs.batch import send
from workspace_mcp.services.docs.documents import DOCUMENTS, Address, fetched
from workspace_mcp.services.docs.scratch import thrown_away, unrecorded

_PROBE: Final = "suggested"
_TITLE: Final = "Scratch (workspace-mcp: do suggestions work? can be deleted)"
_proven: WeakKeyDictionary[Google, bool] = WeakKeyDictionary()
"""Accounts whose suggestions were seen to be suggestions, for the life of the process."""


async def prove(google: Google) -> None:
    """Nothing, when suggestions work for this account and this OAuth client.

    Raises:
        PolicyError: they do not; no document of the person was touched.
    """
    if google not in _proven:
        with unrecorded():
            _proven[google] = await _tried(google)
    if not _proven[google]:
        raise PolicyError(
            "Google does not take suggestions from this sign-in: writing them is a preview, and a "
            "trial on a scratch document was refused or applied as a direct edit. Nothing was changed.",
            "Ask the user whether to edit directly (leave mode away), or show the change with dry_run.",
        )


async def _tried(google: Google) -> bool:
    made = await google.post(DOCUMENTS, {"title": _TITLE}, fields="documentId,revisionId")
    address = Address(made["documentId"])
    request = {"insertText": {"location": {"index": 1}, "text": _PROBE}}
    try:
        sent = await send(google, address, [request], made["revisionId"], suggest=True)
    except InvalidRequestError:
        return False
    else:
        if not sent.suggestions:
            return False
        inline = await fetched(google, address)
        without = await fetched(google, address, "rejected")
        runs = [run for one in paragraphs(inline.tabs[0].body.blocks) for run in one.runs]
        marked = any(run.inserted and run.text == _PROBE for run in runs)
        text = "".join(one.text for one in paragraphs(without.tabs[0].body.blocks))
        return marked and _PROBE not in text
    finally:
        await thrown_away(google, address.id)
