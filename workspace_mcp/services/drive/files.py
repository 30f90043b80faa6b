"""A file of Drive as a value, and which file a model means.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/files
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Self

from workspace_mcp.errors import ArgumentError, NotFoundError
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
_HOPS: Final = 5
_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,}")
_IN_URL: Final = re.compile(
    r"^https://(?:docs|drive|sheets|slides)\.google\.com/[^?#]*?(?:/d/|/folders/)([A-Za-z0-9_-]{8,})"
    r"|^https://(?:docs|drive)\.google\.com/[^#]*[?&]id=([A-Za-z0-9_-]{8,})"
)


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


def identifier(text: str) -> str | None:
    """The id in an id or a URL of Google's; None for anything else."""
    plain = text.strip()
    if plain == "root" or _ID.fullmatch(plain):
        return plain
    found = _IN_URL.match(plain)
    return (found[1] or found[2]) if found else None


async def locate(google: Google, text: str) -> str:
    """The id of the file that a model names by id, URL or path from the top ("/Reports/May.pdf").

    Raises:
        ArgumentError: it is none of these, or several files are at that path.
        NotFoundError: nothing is there.
    """
    if (found := identifier(text)) is not None:
        return found
    if not text.strip().startswith("/"):
        raise ArgumentError(
            "That names no file.", "Give an id or URL, or a path such as /Reports/May.pdf."
        )
    return await _walked(google, [part for part in text.strip().split("/") if part])


SHARED: Final = "Shared drives"
"""The first part of a path in a shared drive."""


async def _walked(google: Google, parts: Sequence[str]) -> str:
    place = "root"
    rest = list(parts)
    if rest[:1] == [SHARED] and len(rest) > 1:
        place, rest = await drive_of(google, rest[1]), rest[2:]
    for number, part in enumerate(rest, 1):
        found = await children(google, place, part)
        if not found:
            raise NotFoundError("Nothing is at that path.", "drive_search finds files by words.")
        if len(found) > 1:
            raise ArgumentError(
                f"{len(found)} files are at that path.",
                f"Take one by its id: {', '.join(one.id for one in found[:10])}.",
            )
        last = number == len(rest)
        place = found[0].id if last else found[0].target or found[0].id
    return place


async def drive_of(google: Google, name: str) -> str:
    """The id of the shared drive of that name.

    Raises:
        NotFoundError: there is none.
    """
    async for one in google.pages(
        DRIVES, "drives", most=1000, pageSize=100, fields="drives(id,name),nextPageToken"
    ):
        if name in {one["id"], one["name"]}:
            return str(one["id"])
    raise NotFoundError(
        "There is no shared drive of that name.", "drive_search view=drives lists them."
    )


async def children(google: Google, folder: str, name: str) -> list[File]:
    """What has exactly that name in a folder."""
    answer = await google.get(
        FILES, q=f"{word(folder)} in parents and name = {word(name)} and trashed = false",
        supportsAllDrives=True, includeItemsFromAllDrives=True, pageSize=20,
        fields=f"files({FIELDS})",
    )  # fmt: skip
    return [one for one in map(File.from_api, answer.get("files", ())) if one.name == name]


def item(file_id: str) -> Resource:
    """A file's address."""
    return FILES.item(file_id)


async def fetched(google: Google, file_id: str, fields: str = FIELDS) -> Mapping[str, Any]:
    """A file, by its id."""
    return await google.get(item(file_id), supportsAllDrives=True, fields=fields)


async def opened(google: Google, text: str) -> tuple[File, Sequence[File]]:
    """The file whose content is meant, and the shortcuts that led to it.

    Raises:
        ArgumentError: shortcuts that lead nowhere, or in a circle.
    """
    file = File.from_api(await fetched(google, await locate(google, text)))
    passed: list[File] = []
    while file.mime == SHORTCUT:
        passed.append(file)
        if len(passed) > _HOPS or file.target in {one.id for one in passed}:
            raise ArgumentError("That shortcut leads to shortcuts alone, and to no file.")
        file = File.from_api(await fetched(google, file.target))
    return file, passed
