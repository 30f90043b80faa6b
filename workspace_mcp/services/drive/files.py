"""A file of Drive as a value, and which file a model means.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/files
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Self

from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource, collection
from workspace_mcp.services.drive.access import GRANT, Grant, glance
from workspace_mcp.services.drive.kinds import FOLDER, NATIVE, SHORTCUT, named

_BASE: Final = "https://www.googleapis.com/drive/v3"
FILES: Final = collection(f"{_BASE}/files")
UPLOAD: Final = collection("https://www.googleapis.com/upload/drive/v3/files")
DRIVES: Final = collection(f"{_BASE}/drives")
ABOUT: Final = collection(f"{_BASE}/about")
CHANGES: Final = collection(f"{_BASE}/changes")
OPERATIONS: Final = collection(f"{_BASE}/operations")
_PERSON: Final = "displayName,emailAddress,me"
FIELDS: Final = (
    "id,name,mimeType,size,md5Checksum,modifiedTime,"
    f"lastModifyingUser({_PERSON}),owners({_PERSON}),parents,driveId,shared,starred,trashed,"
    f"shortcutDetails(targetId,targetMimeType),permissions({GRANT})"
)
"""What a line about a file needs."""


def moment(text: str) -> datetime:
    """A time of Google's."""
    return datetime.fromisoformat(text)


def person(user: Mapping[str, Any]) -> str:
    """A person's address, else their name; "me" for the account itself."""
    return "me" if user.get("me") else str(user.get("emailAddress") or user.get("displayName", "?"))


@dataclass(frozen=True, slots=True)
class File:
    """One file, as far as a line tells of it. `size` is None, `md5` "", for Google's own types."""

    id: str
    name: str
    mime: str
    size: int | None
    modified: datetime | None
    by: str
    owners: tuple[str, ...]
    parent: str
    drive: str
    shared: bool
    starred: bool
    trashed: bool
    target: str
    target_mime: str
    grants: tuple[Grant, ...]
    md5: str

    @classmethod
    def from_api(cls, file: Mapping[str, Any]) -> Self:
        """Read a `File` that was fetched with `FIELDS`. What the account may not see is absent.

        Raises:
            KeyError: no `id`, so this is not a `File`.
        """
        shortcut = file.get("shortcutDetails", {})
        return cls(
            id=file["id"],
            name=file.get("name", ""),
            mime=file.get("mimeType", ""),
            size=int(file["size"]) if "size" in file else None,
            modified=moment(file["modifiedTime"]) if "modifiedTime" in file else None,
            by=person(file.get("lastModifyingUser", {})),
            owners=tuple(person(one) for one in file.get("owners", ())),
            parent=next(iter(file.get("parents", ())), ""),
            drive=file.get("driveId", ""),
            shared=bool(file.get("shared")),
            starred=bool(file.get("starred")),
            trashed=bool(file.get("trashed")),
            target=shortcut.get("targetId", ""),
            target_mime=shortcut.get("targetMimeType", ""),
            grants=tuple(map(Grant.from_api, file.get("permissions", ()))),
            md5=file.get("md5Checksum", ""),
        )

    @property
    def native(self) -> bool:
        """Of a type of Google's own, which has no bytes."""
        return self.mime.startswith(NATIVE)

    @property
    def folder(self) -> bool:
        """Whether it can hold files."""
        return self.mime == FOLDER

    def kind(self) -> str:
        """Like "Sheet", "PDF 1.2 MB", "shortcut to Doc"."""
        if self.id == self.drive:
            return "shared drive"
        if self.mime == SHORTCUT:
            return f"shortcut to {named(self.target_mime)}"
        return named(self.mime) + (f" {show.size(self.size)}" if self.size is not None else "")

    def title(self, fence: Fence) -> str:
        """Like `[1abc] "Budget" Sheet`."""
        return f"[{self.id}] {quoted(fence, self.name)} {self.kind()}"

    def line(self, fence: Fence, zone: tzinfo, path: str) -> str:
        """All of it in one line; the id stands first."""
        parts = [self.title(fence)]
        if self.modified:
            parts.append(f"{show.local(self.modified, zone)} by {fence.line(self.by, 60)}")
        if path:
            parts.append(fence.line(path, 160))
        if self.owners and self.owners != ("me",):
            parts.append(f"owner {fence.line(', '.join(self.owners), 80)}")
        seen = glance(fence, self.grants, shared=self.shared, drive=bool(self.drive))
        parts += [seen] if seen else []
        parts += ["starred"] if self.starred else []
        parts += ["in the trash"] if self.trashed else []
        return ", ".join(parts)


def quoted(fence: Fence, name: str, limit: int = 120) -> str:
    """A name in quotes that nothing in it can close."""
    return '"' + fence.line(name, limit).replace('"', "'") + '"'


def word(text: str) -> str:
    """`text` between the quotes of Drive's search language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def item(file_id: str) -> Resource:
    """A file's address."""
    return FILES.item(file_id)


async def fetched(google: Google, file_id: str, fields: str = FIELDS) -> Mapping[str, Any]:
    """A file, by its id."""
    return await google.get(item(file_id), supportsAllDrives=True, fields=fields)
