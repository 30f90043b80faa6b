"""Docs and Sheets as files: Drive lists, shares, copies and exports them, and they hold what stands in them."""

import csv
import io
from collections.abc import Callable
from copy import deepcopy

from workspace_mcp.demo import samples
from workspace_mcp.demo.docs import api as docs_api
from workspace_mcp.demo.docs import sample
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.docs.imported import take_pictures
from workspace_mcp.demo.drive.exports import DOCX, exported, imported
from workspace_mcp.demo.drive.records import Comment
from workspace_mcp.demo.drive.store import Drive, Store
from workspace_mcp.demo.sheets import api as sheets_api
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import FakeSpreadsheet
from workspace_mcp.demo.sheets.render import formatted


class _Files:
    """What an editor's API tells Drive."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, id: str, name: str, mime_type: str, owner: str) -> None:
        """A new file in the owner's root folder, unless it is there already."""
        if id in self._store.files:
            return
        made = Drive(owner, self._store).add(name, mime_type, owner, id=id)
        if not made.revisions:
            self._store.write(made, b"", mime_type, owner)

    def remark(self, id: str, comment: str, by: str, quote: str, said: str) -> None:
        """A comment on a text of a file."""
        made = Comment(comment, by, self._store.now(), said, quote, comment)
        self._store.files[id].comments.append(made)

    def rename(self, id: str, name: str) -> None:
        """Another name for a file."""
        if id in self._store.files:
            self._store.files[id].name = name

    def comment(self, id: str, by: str, said: tuple[str, str, str]) -> None:
        """A comment on a file: its id, its text, and the text that it is about."""
        if file := self._store.files.get(id):
            identifier, text, quoted = said
            file.comments.append(Comment(identifier, by, self._store.now(), text, quoted))
            self._store.changed(file)


def link(store: Store, docs: FakeDocs, sheets: FakeSheets) -> Callable[[], None]:
    """Let the three know of each other. What comes back opens files that have their text alone."""

    def role(identifier: str, account: str) -> str | None:
        file = store.files.get(identifier)
        return None if file is None else store.role(file, account)

    docs.files = sheets.files = _Files(store)
    docs.role = sheets.role = role

    def doc_text(identifier: str) -> str | None:
        doc = docs.documents.get(identifier)
        return None if doc is None else sample.text_of(doc)

    def doc_made(identifier: str, name: str, owner: str, text: str) -> None:
        sample.put(docs, owner, {"id": identifier, "title": name, "markdown": text})

    def doc_taken(source: str, target: str) -> None:
        tabs = docs.documents[source].tabs
        docs.documents[target].tabs = {key: tab.copy() for key, tab in tabs.items()}

    def doc_pictures(identifier: str, data: bytes) -> None:
        take_pictures(docs.documents[identifier], data)

    def book_text(identifier: str) -> str | None:
        book = sheets.spreadsheets.get(identifier)
        return None if book is None else _tables(book)

    def book_made(identifier: str, name: str, owner: str, text: str) -> None:
        tabs = samples.sheets(text)
        book = sheets.add(owner, name, identifier, [title for title, _ in tabs] or ["Sheet1"])
        for title, rows in tabs:
            if rows:
                quoted = title.replace("'", "''")
                sheets.fill(book, f"'{quoted}'", rows)

    def book_taken(source: str, target: str) -> None:
        book, copied = sheets.spreadsheets[source], sheets.spreadsheets[target]
        copied.tabs, copied.names = deepcopy(book.tabs), deepcopy(book.names)
        copied.calculated.clear()

    _serve(store, docs_api.MIME, doc_text, doc_made, doc_taken, doc_pictures)
    _serve(store, sheets_api.MIME, book_text, book_made, book_taken)
    known = {docs_api.MIME: (doc_text, doc_made), sheets_api.MIME: (book_text, book_made)}

    def adopt() -> None:
        for file in list(store.files.values()):
            if file.mime not in known:
                continue
            text_of, made = known[file.mime]
            if text_of(file.id) is None:
                made(file.id, file.name, file.owner or "", file.data.decode("utf-8", "replace"))

    return adopt


def _serve(
    store: Store,
    mime: str,
    text_of: Callable[[str], str | None],
    made: Callable[[str, str, str, str], None],
    taken: Callable[[str, str], None],
    pictures: Callable[[str, bytes], None] = lambda identifier, data: None,
) -> None:
    """Answer for the files of a type. `taken`: one becomes what another one is."""

    def export(identifier: str, target: str) -> bytes:
        text = text_of(identifier)
        # None: a file that was never opened by its editor
        data = store.files[identifier].data if text is None else text.encode()
        return exported(mime, data, target)

    def create(identifier: str, name: str, owner: str, data: bytes, kind: str) -> None:
        text = imported(data, kind, name, mime).decode("utf-8", "replace") if kind else ""
        made(identifier, name, owner, text)
        if kind == DOCX and data:
            pictures(identifier, data)

    def copy(source: str, target: str) -> None:
        file, known = store.files[target], text_of(source) is not None
        data = "" if known else store.files[source].data.decode("utf-8", "replace")
        made(target, file.name, file.owner or "", data)
        if known:
            taken(source, target)

    store.exporters[mime] = export
    store.creators[mime] = create
    store.copiers[mime] = copy


def _tables(book: FakeSpreadsheet) -> str:
    """Each tab as CSV below a line with its name, as Drive's fake takes it."""
    out = io.StringIO()
    for tab in book.tabs:
        rows, columns = tab.used()
        out.write(f"[sheet {tab.title}]\n")
        writer = csv.writer(out, lineterminator="\n")
        for row in range(rows):
            writer.writerow([formatted(book, tab, row, column) for column in range(columns)])
    return out.getvalue()
