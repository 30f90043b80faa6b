"""Docs as files: a Doc is listed, shared, copied and exported by Drive, and holds its text itself."""

from workspace_mcp.demo.docs import sample
from workspace_mcp.demo.docs.api import MIME, FakeDocs
from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.drive.exports import exported, imported
from workspace_mcp.demo.drive.store import Drive, Store


class _Files:
    """What the Docs API tells Drive."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, id: str, name: str, mime_type: str, owner: str) -> None:
        """A new file in the owner's root folder, unless it is there already."""
        if id in self._store.files:
            return
        made = Drive(owner, self._store).add(name, mime_type, owner, id=id)
        if not made.revisions:
            self._store.write(made, b"", mime_type, owner)

    def rename(self, id: str, name: str) -> None:
        """Another name for a file."""
        if id in self._store.files:
            self._store.files[id].name = name


def link(store: Store, docs: FakeDocs) -> None:
    """Let the two know of each other."""
    docs.files = _Files(store)

    def export(identifier: str, target: str) -> bytes:
        doc = docs.documents.get(identifier)
        if doc is None:  # a file that was never opened as a Doc
            return exported(MIME, store.files[identifier].data, target)
        return exported(MIME, sample.text_of(doc).encode(), target)

    def create(identifier: str, name: str, owner: str, data: bytes, mime: str) -> None:
        text = imported(data, mime, name, MIME).decode("utf-8", "replace") if mime else ""
        _made(docs, identifier, name, owner, text)

    def copy(source: str, target: str) -> None:
        doc, file = docs.documents.get(source), store.files[target]
        _made(docs, target, file.name, file.owner or "", sample.text_of(doc) if doc else "")

    def role(identifier: str, account: str) -> str | None:
        file = store.files.get(identifier)
        return None if file is None else store.role(file, account)

    docs.role = role
    store.exporters[MIME] = export
    store.creators[MIME] = create
    store.copiers[MIME] = copy


def adopt(store: Store, docs: FakeDocs) -> None:
    """Make Docs of the files that a demo file describes with their text alone."""
    for file in store.files.values():
        if file.mime == MIME and file.id not in docs.documents:
            _made(docs, file.id, file.name, file.owner or "", file.data.decode("utf-8", "replace"))


def _made(docs: FakeDocs, identifier: str, name: str, owner: str, text: str) -> FakeDocument:
    """The Doc of a file that Drive has already."""
    files, docs.files = docs.files, None
    try:
        return sample.put(docs, owner, {"id": identifier, "title": name, "markdown": text})
    finally:
        docs.files = files
