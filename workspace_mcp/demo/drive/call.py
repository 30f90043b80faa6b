"""One request to Drive: who asks, with which permissions, for what."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from workspace_mcp.demo.drive.records import FOLDER, File
from workspace_mcp.demo.drive.store import Store, not_found
from workspace_mcp.demo.http import Refusal, Request
from workspace_mcp.demo.permission import need
from workspace_mcp.demo.uploads import Upload

_AUTH: Final = "https://www.googleapis.com/auth/"
DRIVE: Final = f"{_AUTH}drive"
READONLY: Final = f"{_AUTH}drive.readonly"
FILE: Final = f"{_AUTH}drive.file"


class Call:
    """What a method works with."""

    def __init__(
        self, store: Store, me: str, granted: frozenset[str], request: Request, media: Upload | None
    ) -> None:
        self.store = store
        self.me = me
        self.media = media
        self.request = request
        self.method = request.method
        self.body: Mapping[str, Any] = media.metadata if media is not None else request.json()
        self._granted = granted

    def one(self, name: str) -> str | None:
        """A query parameter."""
        return self.request.one(name)

    def need(self, *scopes: str) -> None:
        """Refuse unless one of `scopes` was granted."""
        need(self._granted, scopes, "drive.googleapis.com")

    @property
    def all_drives(self) -> bool:
        """Whether the caller says that it knows shared drives."""
        return self.one("supportsAllDrives") == "true"

    def file(self, identifier: str, *, drives: bool | None = None) -> File:
        """A file that the caller may see; `drives`: those in shared drives too.

        Raises:
            Refusal: 404.
        """
        root = self.store.root_of(self.me)
        found = root if identifier == "root" else self.store.files.get(identifier)
        if found is None or not self.store.role(found, self.me):
            raise not_found(identifier)
        if found.drive and not (self.all_drives if drives is None else drives):
            raise not_found(identifier)
        return found

    def folder(self, parents: Sequence[str] | None) -> File:
        """The folder that a file is put into; My Drive without one.

        Raises:
            Refusal: several, none of that id, no folder, or one that may not be written.
        """
        if parents and len(parents) > 1:
            raise Refusal(
                403, "A file cannot have more than one parent.", "multipleParentsNotSupported"
            )
        found = self.file(parents[0]) if parents else self.store.root_of(self.me)
        if found.mime != FOLDER:
            raise Refusal(403, "The specified parent is not a folder.", "parentNotAFolder")
        self.at_least(found, "writer")
        return found

    def at_least(self, file: File, role: str) -> None:
        """Refuse unless the caller has a role."""
        if not self.store.may(file, self.me, role):
            raise Refusal(
                403, "The user does not have sufficient permissions for this file.",
                "insufficientFilePermissions",
            )  # fmt: skip

    def page(self, rows: Sequence[Any], default: int, most: int) -> tuple[list[Any], str | None]:
        """A page of `rows`, and the token of the next.

        Raises:
            Refusal: 400, a page token that was never given.
        """
        token = self.one("pageToken")
        if token is not None and not (token.startswith("~!") and token[2:].isdigit()):
            raise Refusal(400, "Invalid Value", "invalid")
        start = int(token[2:]) if token else 0
        size = max(1, min(int(self.one("pageSize") or default), most))
        end = start + size
        return list(rows[start:end]), f"~!{end}" if end < len(rows) else None


def needs_fields(call: Call) -> None:
    """Refuse a request without `fields`, as some methods do."""
    if not call.one("fields"):
        raise Refusal(400, "The 'fields' parameter is required for this method.", "required")
