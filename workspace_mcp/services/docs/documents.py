"""Documents as the tools share them: ids and addresses, one whole read, tabs and sections by name.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import show
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.docs.blocks import inline
from workspace_mcp.formats.docs.model import Doc, Tab
from workspace_mcp.formats.docs.to_markdown import Section, sections
from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import UnreadableError
from workspace_mcp.google.resource import Resource, collection

DOCUMENTS: Final = collection("https://docs.googleapis.com/v1/documents")
FILES: Final = collection("https://www.googleapis.com/drive/v3/files")
MIME: Final = "application/vnd.google-apps.document"
_CONTENT: Final = "body,lists,headers,footers,footnotes,inlineObjects,namedRanges,documentStyle"
FIELDS: Final = f"documentId,title,revisionId,tabs(tabProperties,documentTab({_CONTENT}),childTabs)"
_URL: Final = re.compile(r"https?://docs\.google\.com/(?:\w+/)*d/([\w-]+)\S*", re.ASCII)
DocId = Annotated[str, Field(description="Id or URL.")]
TabName = Annotated[str | None, Field(description="Id or title; default the first.")]
Suggestions = Literal["inline", "accepted", "rejected"]
_VIEWS: Final = {
    "inline": "SUGGESTIONS_INLINE",
    "accepted": "PREVIEW_SUGGESTIONS_ACCEPTED",
    "rejected": "PREVIEW_WITHOUT_SUGGESTIONS",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A document, and the tab that its URL names."""

    id: str
    tab: str = ""

    @classmethod
    def of(cls, given: str) -> "Address":
        """From an id or a URL of Google's."""
        found = _URL.fullmatch(given.strip())
        if found is None:
            return cls(given.strip())
        tab = re.search(r"[?&]tab=([\w.]+)", given)
        return cls(found[1], tab[1] if tab else "")

    @property
    def resource(self) -> Resource:
        """Where the API has it.

        Raises:
            ArgumentError: it is no id.
        """
        return DOCUMENTS.item(self.id)


async def fetched(google: Google, address: Address, view: Suggestions = "inline") -> Doc:
    """The whole document in one request, all tabs included.

    Only with suggestions inline do indices fit what `batchUpdate` counts.
    """
    answer = await google.get(
        address.resource, includeTabsContent=True, suggestionsViewMode=_VIEWS[view], fields=FIELDS
    )
    if not answer.get("tabs"):  # every document has one at least
        raise UnreadableError
    return Doc.from_api(answer)


def chosen(doc: Doc, wanted: str | None) -> Tab:
    """The tab of an id or a title; the first without.

    Raises:
        ArgumentError: there is none, or there are several.
    """
    if not wanted:
        return doc.tabs[0]
    by_id = [tab for tab in doc.tabs if tab.id == wanted]
    found = by_id or [tab for tab in doc.tabs if _same(tab.title, wanted)]
    if len(found) == 1:
        return found[0]
    ids = ", ".join(tab.id for tab in doc.tabs)
    raise ArgumentError(
        f"{show.count(len(found), 'tab') if found else 'No tab'} has that title.",
        f"Give an id: {ids}. docs_read view=outline shows their titles.",
    )


def section_of(tab: Tab, wanted: str) -> Section:
    """The section of a heading: by its text, or by its number in the outline.

    Raises:
        ArgumentError: there is none, or there are several.
    """
    every = sections(tab.body)
    number = re.fullmatch(r"#(\d{1,4})", wanted.strip())
    if number and 0 < int(number[1]) <= len(every):
        return every[int(number[1]) - 1]
    text = re.sub(r"^#{1,6}\s+|\s*\{\.(sub)?title\}$", "", wanted.strip())
    found = [n for n, one in enumerate(every, 1) if _same(one.title, text)]
    if not found:
        found = [n for n, one in enumerate(every, 1) if _same(one.title, _plain(text))]
    if len(found) == 1:
        return every[found[0] - 1]
    if not found:
        raise ArgumentError(
            "No heading of this tab has that text.",
            "docs_read view=outline lists the headings; give one as it is there, or its #number.",
        )
    numbers = ", ".join(f"#{n}" for n in found)
    raise ArgumentError(f"{len(found)} headings have that text.", f"Give a number: {numbers}.")


def _same(one: str, other: str) -> bool:
    return clean_line(one).casefold() == clean_line(other).casefold()


def _plain(markdown: str) -> str:
    return "".join(span.text for span in inline(markdown))


def number_of(every: Sequence[Section], section: Section) -> int:
    """A section's number in the outline."""
    return next(n for n, one in enumerate(every, 1) if one.heading is section.heading)
