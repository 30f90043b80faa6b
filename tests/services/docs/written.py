"""Documents that the tests start from."""

from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.docs.render import document
from workspace_mcp.formats.docs.blocks import parsed
from workspace_mcp.formats.docs.model import Doc
from workspace_mcp.formats.docs.requests import Where
from workspace_mcp.formats.docs.to_markdown import markdown
from workspace_mcp.formats.docs.writing import written

ME = "me@example.com"


def made(docs: FakeDocs, text: str, title: str = "Plan", tab: str = "t.0") -> FakeDocument:
    """A document of the account with this Markdown."""
    doc = docs.add(ME, title, "1plan")
    fill(docs, doc, text, tab)
    return doc


def fill(docs: FakeDocs, doc: FakeDocument, text: str, tab: str = "t.0") -> None:
    """Write Markdown into an empty tab."""
    source = parsed(text)
    writer = written(Where(tab), 1, "fill", source.pieces, source.notes)
    if writer.requests:
        docs.update(doc, {"requests": writer.requests})


def read(doc: FakeDocument) -> Doc:
    """The document as a tool reads it."""
    return Doc.from_api(document(doc, "SUGGESTIONS_INLINE", tabs=True))


def shown(doc: FakeDocument, tab: int = 0) -> str:
    """A tab's Markdown."""
    one = read(doc).tabs[tab]
    return markdown(one, one.body.blocks)


def suggest(docs: FakeDocs, doc: FakeDocument, request: dict[str, object]) -> None:
    """One request as a suggestion of somebody."""
    docs.update(doc, {"requests": [request], "writeControl": {"writeMode": "SUGGEST"}})
