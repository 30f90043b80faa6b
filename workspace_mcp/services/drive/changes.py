"""What changed in Drive since a cursor.

Source: developers.google.com/workspace/drive/api/guides/manage-changes
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError, InvalidRequestError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.files import CHANGES, FIELDS, File, moment
from workspace_mcp.services.drive.folders import folder_of
from workspace_mcp.services.drive.paths import path_of, paths
from workspace_mcp.tools import Clock, Done, Effect, Tier, View, tool

_FIELDS: Final = (
    f"changes(removed,fileId,time,changeType,file({FIELDS})),nextPageToken,newStartPageToken"
)


@dataclass(frozen=True, slots=True)
class Changed(View):
    """Files that changed, and those that are gone or no longer to be seen."""

    files: Sequence[File]
    removed: Sequence[tuple[str, str]]
    places: Mapping[str, str]
    elsewhere: int
    zone: tzinfo
    cursor: str
    more: bool

    def text(self, fence: Fence) -> str:
        """Counts, a line each, the cursor for the next call."""
        return "\n".join(self._lines(fence))

    def _lines(self, fence: Fence) -> Iterator[str]:
        yield f"{len(self.files)} changed, {len(self.removed)} removed or no longer shared"
        for one in self.files:
            yield one.line(fence, self.zone, self.places.get(one.id, ""))
        yield from (f"[{one}] removed, {at}" for one, at in self.removed)
        if self.elsewhere:
            yield f"{self.elsewhere} more changed outside of that folder."
        more = " (more happened: call again at once)" if self.more else ""
        yield f"Cursor for the next call: since={self.cursor}{more}"


@tool(title="Drive changes", effect=Effect.READS, tier=Tier.COMPLETE)
async def drive_changes(
    google: Google,
    clock: Clock,
    since: Annotated[
        str | None, Field(description="Cursor of an earlier answer; omit for a first one.")
    ] = None,
    folder: Annotated[str | None, Field(description="Only below it.")] = None,
    max: Annotated[int, Field(ge=1, le=100)] = 25,
) -> View:
    """Files changed, added, shared, trashed or removed since a cursor, with their last state."""
    if since is None:
        answer = await google.get(
            CHANGES.sub("startPageToken"), supportsAllDrives=True, fields="startPageToken"
        )
        return Done(f"Cursor for the next call: since={answer['startPageToken']}")
    if not re.fullmatch(r"[A-Za-z0-9_~!-]{1,200}", since):
        raise ArgumentError("since is not a cursor.", "Give the one of an earlier answer.")
    place = await path_of(google, await folder_of(google, folder)) if folder else ""
    try:
        answer = await google.get(
            CHANGES, pageToken=since, pageSize=max, supportsAllDrives=True,
            includeItemsFromAllDrives=True, includeRemoved=True, fields=_FIELDS,
        )  # fmt: skip
    except InvalidRequestError as error:
        raise ArgumentError(
            "Google does not know that cursor.", "Omit since for a new one."
        ) from error
    return await _result(google, clock, answer, place)


async def _result(google: Google, clock: Clock, answer: Mapping[str, Any], place: str) -> Changed:
    changes: Sequence[Mapping[str, Any]] = [
        one for one in answer.get("changes", ()) if one.get("changeType", "file") == "file"
    ]
    files = [File.from_api(one["file"]) for one in changes if "file" in one]
    places = await paths(google, files)
    inside = [one for one in files if not place or f"{places[one.id]}/".startswith(f"{place}/")]
    return Changed(
        files=inside,
        removed=[
            (one["fileId"], show.local(moment(one["time"]), clock.zone))
            for one in changes
            if one.get("removed") and "file" not in one
        ],
        places=places,
        elsewhere=len(files) - len(inside),
        zone=clock.zone,
        cursor=str(answer.get("nextPageToken") or answer.get("newStartPageToken", "")),
        more="nextPageToken" in answer,
    )
