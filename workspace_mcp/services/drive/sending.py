"""Bytes on their way to Drive, in parts; a later call goes on where one ended.

Source: developers.google.com/workspace/drive/api/guides/manage-uploads
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import anyio

from workspace_mcp.errors import GoogleError, OutcomeUnknownError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.media import Begun, Report
from workspace_mcp.services.drive.files import FIELDS, UPLOAD, File
from workspace_mcp.services.drive.incoming import Content
from workspace_mcp.services.drive.paths import paths
from workspace_mcp.services.drive.saving import PATIENCE
from workspace_mcp.tools import JsonObject, Progress, View

_BEGUN: WeakKeyDictionary[Google, dict[str, Begun]] = WeakKeyDictionary()
"""Uploads that a call did not finish."""


@dataclass(frozen=True, slots=True)
class Uploaded(View):
    """What is there now."""

    file: File
    path: str
    said: str
    link: str

    def text(self, fence: Fence) -> str:
        """What was made or changed, where, and its link."""
        where = f" in {fence.line(self.path, 300)}" if self.path else ""
        return f"{self.said} {self.file.title(fence)}{where}\n{fence.line(self.link, 300)}"


@dataclass(frozen=True, slots=True)
class Partly(View):
    """How far an upload is."""

    at: int
    size: int

    def text(self, fence: Fence) -> str:
        """And how to go on."""
        del fence
        return (
            f"{show.size(self.at)} of {show.size(self.size)} are uploaded so far.\n"
            "Repeat this call unchanged: it goes on from there."
        )


async def sent(
    google: Google, progress: Progress, given: Content, metadata: JsonObject, file: File | None,
    said: str,
) -> View:  # fmt: skip
    """Upload, and go on later where this call ends."""
    open_ = _BEGUN.setdefault(google, {})
    key = f"{given.mark} {file.id if file else ''} {metadata}" if given.mark else ""
    begun = open_.pop(key, None) or Begun()

    async def report(done: float, total: float | None) -> None:
        await progress(done, total)

    made: JsonObject | None = None
    try:
        with anyio.move_on_after(PATIENCE):
            made = await _upload(google, given, metadata, file, begun if key else None, report)
    except OutcomeUnknownError as error:
        if file is not None:
            raise
        raise OutcomeUnknownError(
            "Google's answer was lost: the file may be there, or not.",
            "drive_search order=created shows the newest files: look before you upload it again.",
        ) from error
    except GoogleError:
        begun.place = None  # Google ended it: nothing is there to go on with
        raise
    finally:
        if made is None and begun.place is not None:
            open_[key] = begun
    if made is None:
        if begun.place is None:
            raise OutcomeUnknownError(
                "Google took too long: the file may be there, or not.",
                "drive_search order=created shows the newest files: look before you upload it again.",
            )
        return Partly(begun.at, given.size)
    one = File.from_api(made)
    return Uploaded(
        one, (await paths(google, [one]))[one.id], said, str(made.get("webViewLink", ""))
    )


async def _upload(
    google: Google,
    given: Content,
    metadata: JsonObject,
    file: File | None,
    begun: Begun | None,
    report: Report,
) -> JsonObject:
    fields = f"{FIELDS},webViewLink"
    place = UPLOAD.item(file.id) if file else UPLOAD
    method = "PATCH" if file else "POST"
    return await google.upload(
        place, metadata, given.media, method=method, report=report, begun=begun,
        supportsAllDrives=True, fields=fields,
    )  # fmt: skip
