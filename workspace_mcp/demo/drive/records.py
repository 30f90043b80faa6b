"""What a Drive holds: files, permissions, revisions, comments, changes. No I/O."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

FOLDER: Final = "application/vnd.google-apps.folder"
SHORTCUT: Final = "application/vnd.google-apps.shortcut"
DOC: Final = "application/vnd.google-apps.document"
SHEET: Final = "application/vnd.google-apps.spreadsheet"
SLIDES: Final = "application/vnd.google-apps.presentation"
NATIVE: Final = "application/vnd.google-apps."
ROLES: Final = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
"""Each holds those before it."""


def permission_id(kind: str, who: str, *, discoverable: bool = False) -> str:
    """The id of a permission: one a person, whatever the file."""
    if kind == "anyone":
        return "anyone" if discoverable else "anyoneWithLink"
    number = int(hashlib.sha256(who.encode()).hexdigest()[:15], 16)
    return f"{number:020d}{'k' if kind == 'domain' else ''}"


@dataclass(slots=True)
class Permission:
    """A grant on a file, a folder or a shared drive. `who` is an address, a domain, or ""."""

    kind: str
    who: str
    role: str
    name: str = ""
    discoverable: bool = False
    expires: datetime | None = None
    pending_owner: bool = False

    @property
    def id(self) -> str:
        """Google's id of it."""
        return permission_id(self.kind, self.who, discoverable=self.discoverable)


@dataclass(frozen=True, slots=True)
class Held:
    """A grant as it holds for one file: given there, or inherited from `source`."""

    permission: Permission
    source: str
    inherited: bool


@dataclass(slots=True)
class Revision:
    """One version of a file's content. A Google-native file's is its exported text."""

    id: str
    at: datetime
    by: str
    data: bytes
    mime: str
    name: str
    keep: bool = False


@dataclass(slots=True)
class Reply:
    """An answer to a comment; `action` is resolve, reopen or ""."""

    id: str
    by: str
    at: datetime
    content: str
    action: str = ""
    changed: datetime | None = None
    deleted: bool = False


@dataclass(slots=True)
class Comment:
    """A remark on a file, with the text that it is about."""

    id: str
    by: str
    at: datetime
    content: str
    quoted: str = ""
    anchor: str = ""
    resolved: bool = False
    deleted: bool = False
    changed: datetime | None = None
    replies: list[Reply] = field(default_factory=list[Reply])

    @property
    def modified(self) -> datetime:
        """When it, or an answer to it, changed last."""
        times = [self.at, *([self.changed] if self.changed else [])]
        times += [reply.changed or reply.at for reply in self.replies]
        return max(times)


@dataclass(slots=True)
class File:
    """A file, a folder or a shortcut. `drive` is the shared drive that it lies in, or ""."""

    id: str
    name: str
    mime: str
    created: datetime
    modified: datetime
    by: str
    parent: str = ""
    drive: str = ""
    description: str = ""
    trashed: datetime | None = None
    trashed_by: str = ""
    target: str = ""
    permissions: list[Permission] = field(default_factory=list[Permission])
    revisions: list[Revision] = field(default_factory=list[Revision])
    comments: list[Comment] = field(default_factory=list[Comment])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    app_properties: dict[str, str] = field(default_factory=dict[str, str])
    starred: set[str] = field(default_factory=set[str])
    viewed: dict[str, datetime] = field(default_factory=dict[str, datetime])
    shared: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Address → when it was shared with that person."""
    restriction: dict[str, Any] | None = None
    no_copy: bool = False
    writers_share: bool = True
    version: int = 1
    root: bool = False
    """Somebody's My Drive, or a shared drive itself."""

    @property
    def native(self) -> bool:
        """Of a type of Google's own: it has no bytes, only exports."""
        return self.mime.startswith(NATIVE)

    @property
    def data(self) -> bytes:
        """What it holds now."""
        return self.revisions[-1].data if self.revisions else b""

    @property
    def owner(self) -> str:
        """Whose it is; "" in a shared drive."""
        return next((one.who for one in self.permissions if one.role == "owner"), "")


@dataclass(slots=True)
class SharedDrive:
    """A shared drive; its root is a folder of the same id, whose permissions are its members."""

    id: str
    name: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to a file. `before` are those who could see it then."""

    id: int
    file: str
    at: datetime
    before: frozenset[str]
