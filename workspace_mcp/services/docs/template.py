"""New documents from a template: a copy of it, its placeholders filled in every tab, header and footer.

Source: developers.google.com/workspace/docs/api/how-tos/merge,
developers.google.com/workspace/drive/api/reference/rest/v3/files/copy
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.formats import show
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.docs.find import flows
from workspace_mcp.formats.docs.model import Doc
from workspace_mcp.formats.docs.requests import Request
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.newfile import copy_of
from workspace_mcp.services.docs.batch import send
from workspace_mcp.services.docs.documents import MIME, Address, fetched
from workspace_mcp.tools import View

_PLAIN: Final = re.compile(r"[\w .-]+")
_LEFT: Final = re.compile(r"\{\{[^{}\n]{1,60}\}\}")
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Filled(View):
    """A copy of a template; `places`: placeholder → how often it was filled; `left`: those still there."""

    id: str
    revision: str
    places: Mapping[str, int]
    left: Sequence[str] = ()
    problem: WorkspaceError | None = None

    def text(self, fence: Fence) -> str:
        """Where it is, what was filled, what is missing."""
        lines = [f"Created [{self.id}] https://docs.google.com/document/d/{self.id}/edit"]
        lines.append(f"revision {self.revision}")
        if self.problem is not None:
            return "\n".join([*lines, str(self.problem)])
        lines.append(f"Filled {show.count(sum(self.places.values()), 'place')}.")
        if missing := [clean_line(key) for key, count in self.places.items() if not count]:
            lines.append(f"Not in the template: {', '.join(missing)}")
        if self.left:
            lines.append(fence.block("placeholders still there", "\n".join(self.left[:_MOST])))
        return "\n".join(lines)


async def from_template(
    google: Google, template: str, name: str, home: str | None, fields: Mapping[str, str]
) -> View:
    """Copy, then fill in one batch.

    Raises:
        ArgumentError: a value holds another placeholder.
    """
    marks = {key: f"{{{{{key}}}}}" if _PLAIN.fullmatch(key) else key for key in fields}
    if any(not key.strip() for key in fields):
        raise ArgumentError("A placeholder's name is empty.")
    if any(mark in value for mark in marks.values() for value in fields.values()):
        raise ArgumentError("A value has a placeholder of these in it.", "Fill that in two calls.")
    identifier = await copy_of(google, Address.of(template).id, name, MIME, home)
    address = Address(identifier)
    try:
        doc = await fetched(google, address)
        if not fields:
            return Filled(identifier, doc.revision, {}, _left(doc, ()))
        requests: list[Request] = [
            {
                "replaceAllText": {
                    "containsText": {"text": marks[key], "matchCase": True}, "replaceText": value,
                }
            }
            for key, value in fields.items()
        ]  # fmt: skip
        sent = await send(google, address, requests, doc.revision)
    except WorkspaceError as error:
        problem = WorkspaceError(
            f"The copy was made, but its placeholders are as they were: {error.what}",
            f"Fill them with docs_edit, or delete it. {error.remedy}".strip(),
        )
        return Filled(identifier, "", {}, (), problem)
    counts = [one["replaceAllText"].get("occurrencesChanged", 0) for one in sent.replies]
    places = dict(zip(fields, counts, strict=True))
    return Filled(identifier, sent.revision, places, _left(doc, set(marks.values())))


def _left(doc: Doc, filled: Collection[str]) -> list[str]:
    """Placeholders of the template that nothing was given for."""
    found = [
        mark
        for tab in doc.tabs
        for flow in flows(tab)
        for mark in _LEFT.findall(flow.text)
        if mark not in filled
    ]
    return list(dict.fromkeys(found))
