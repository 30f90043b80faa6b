"""Documents of a demo file ↔ Docs of the demo: each tab as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.docs.render import document
from workspace_mcp.formats.docs.blocks import parsed
from workspace_mcp.formats.docs.model import Doc
from workspace_mcp.formats.docs.requests import Where
from workspace_mcp.formats.docs.to_markdown import markdown
from workspace_mcp.formats.docs.writing import written

KNOWN = {"account", "id", "title", "markdown", "tabs", "readers", "editors"}


def put(docs: FakeDocs, owner: str, entry: Mapping[str, Any]) -> FakeDocument:
    """A document as an entry describes it.

    Raises:
        KeyError: no title. Refusal: what it holds is nothing that Docs takes.
    """
    doc = docs.add(owner, str(entry["title"]), str(entry.get("id", "")))
    doc.readers |= set(entry.get("readers", ()))
    doc.editors |= set(entry.get("editors", ()))
    tabs = entry.get("tabs") or [{"title": "Tab 1", "markdown": entry.get("markdown", "")}]
    first = next(iter(doc.tabs.values()))
    first.title = str(tabs[0].get("title", first.title))
    key = first.id
    for number, tab in enumerate(tabs):
        if number:
            properties = {"title": str(tab.get("title", f"Tab {number + 1}"))}
            add = {"addDocumentTab": {"tabProperties": properties}}
            reply = docs.update(doc, {"requests": [add]})["replies"][0]
            key = reply["addDocumentTab"]["tabProperties"]["tabId"]
        _fill(docs, doc, key, tab.get("markdown", ""))
    doc.revision = 1
    return doc


def _fill(docs: FakeDocs, doc: FakeDocument, tab: str, text: Any) -> None:
    source = parsed("\n".join(text) if isinstance(text, list) else str(text))
    writer = written(Where(tab), 1, "fill", source.pieces, source.notes, spacing=True)
    replies = docs.update(doc, {"requests": writer.requests})["replies"]
    for note in writer.pending:
        key = replies[note.request]["createFootnote"]["footnoteId"]
        said = "".join(span.text for span in note.spans)
        insert = {"location": {"index": 1, "segmentId": key, "tabId": tab}, "text": said}
        docs.update(doc, {"requests": [{"insertText": insert}]})


def text_of(doc: FakeDocument) -> str:
    """All tabs as Markdown."""
    found = Doc.from_api(document(doc, "SUGGESTIONS_INLINE", tabs=True))
    return "\n\n".join(markdown(tab, tab.body.blocks) for tab in found.tabs)


def entries(docs: FakeDocs) -> Iterator[dict[str, Any]]:
    """Every document as an entry that `put` reads."""
    for doc in docs.documents.values():
        found = Doc.from_api(document(doc, "SUGGESTIONS_INLINE", tabs=True))
        yield {
            "account": doc.owner,
            "id": doc.id,
            "title": doc.title,
            "readers": sorted(doc.readers),
            "editors": sorted(doc.editors),
            "tabs": [
                {"title": tab.title, "markdown": markdown(tab, tab.body.blocks).split("\n")}
                for tab in found.tabs
            ],
        }
