"""Versions of a file.

Source: developers.google.com/workspace/drive/api/guides/manage-revisions,
…/reference/rest/v3/revisions
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Self

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.files import File, item, moment, person

_FIELDS: Final = (
    "id,modifiedTime,lastModifyingUser(displayName,emailAddress,me),size,keepForever,mimeType,"
    "originalFilename"
)
_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Revision:
    """One version. `size` is None for Google's own types."""

    id: str
    at: datetime
    by: str
    size: int | None
    keep: bool
    mime: str

    @classmethod
    def from_api(cls, one: Mapping[str, Any]) -> Self:
        """Read a `Revision`.

        Raises:
            KeyError: no `id` or `modifiedTime`.
        """
        return cls(
            id=one["id"],
            at=moment(one["modifiedTime"]),
            by=person(one.get("lastModifyingUser", {})),
            size=int(one["size"]) if "size" in one else None,
            keep=bool(one.get("keepForever")),
            mime=one.get("mimeType", ""),
        )

    def text(self, fence: Fence, zone: tzinfo) -> str:
        """Like `[3] Fri 2026-11-20 09:30 by me, 12 kB, kept forever`."""
        size = f", {show.size(self.size)}" if self.size is not None else ""
        keep = ", kept forever" if self.keep else ""
        return f"[{self.id}] {show.local(self.at, zone)} by {fence.line(self.by, 80)}{size}{keep}"


async def revisions(google: Google, file: File) -> list[Revision]:
    """Every version that Google still has, the oldest first.

    Raises:
        ForbiddenError: the account may not edit the file, or its kind has no versions.
    """
    return [
        Revision.from_api(one)
        async for one in google.pages(
            item(file.id).sub("revisions"), "revisions", most=_MOST, pageSize=1000,
            fields=f"revisions({_FIELDS}),nextPageToken",
        )
    ]  # fmt: skip


def chosen(known: Sequence[Revision], wanted: str | None, otherwise: int, zone: tzinfo) -> Revision:
    """The version that is asked for by id or by time (the newest until then), else that place's.

    Raises:
        ArgumentError: there is none.
    """
    if wanted is None:
        if len(known) < -otherwise:
            raise ArgumentError("Google has one version of that file alone.")
        return known[otherwise]
    for one in known:
        if one.id == wanted:
            return one
    try:
        at = datetime.fromisoformat(wanted)
    except ValueError:
        at = None
    if at is not None:
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        before = [one for one in known if one.at <= at]
        if before:
            return before[-1]
    raise ArgumentError(
        "The file has no such version.", "drive_info with revisions=true lists them."
    )
