"""New files and new content: from this machine or from text, converted where wanted.

Source: developers.google.com/workspace/drive/api/guides/manage-uploads
"""

import dataclasses
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, BinaryIO, Final, Literal
from weakref import WeakKeyDictionary

import anyio
from pydantic import Field

from workspace_mcp.errors import ArgumentError, GoogleError, OutcomeUnknownError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.google.media import Begun, Media, Report
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive import kinds
from workspace_mcp.services.drive.content import loaded
from workspace_mcp.services.drive.files import FIELDS, UPLOAD, File
from workspace_mcp.services.drive.folders import folder_of
from workspace_mcp.services.drive.kinds import FOLDER, IMPORTS, MIMES, TARGETS
from workspace_mcp.services.drive.locating import opened
from workspace_mcp.services.drive.paths import paths
from workspace_mcp.services.drive.saving import PATIENCE
from workspace_mcp.tools import Effect, JsonObject, Progress, Tier, View, tool

Convert = Literal["none", "auto", "doc", "sheet", "slides"]
_LARGEST_JOINED: Final = 10_000_000
_BEGUN: WeakKeyDictionary[Google, dict[str, Begun]] = WeakKeyDictionary()
"""Uploads that a call did not finish."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is uploaded. `mark` tells it from every other content, so that an upload can go on."""

    name: str
    mime: str
    size: int
    open: Callable[[], BinaryIO]
    mark: str

    @classmethod
    def of_bytes(cls, name: str, mime: str, data: bytes) -> "Content":
        """Of a text that the model gave."""
        return cls(name, mime, len(data), lambda: io.BytesIO(data), "")

    @property
    def media(self) -> Media:
        """As the client takes it."""
        return Media(self.mime, self.size, self.open)


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


@tool(title="Upload a file", needs=[Scope.DRIVE_FILE], effect=Effect.WRITES, tier=Tier.CORE)
async def drive_upload(
    google: Google,
    files: LocalFiles,
    progress: Progress,
    path: Annotated[str | None, Field(description="File on this machine.")] = None,
    content: Annotated[str | None, Field(description="Or its text.")] = None,
    name: Annotated[str | None, Field(description="With its ending, such as plan.md.")] = None,
    folder: Annotated[str, Field(description="Id, URL or /path, made when missing.")] = "root",
    replace: Annotated[
        str | None, Field(description="File whose content this becomes; it keeps id and sharing.")
    ] = None,
    mode: Literal["replace", "append", "prepend"] = "replace",
    convert: Annotated[
        Convert, Field(description="To a Google Doc, Sheet or Slides; auto: by the ending.")
    ] = "none",
    mime: str | None = None,
) -> View:
    """Upload a local file or text as a new file or new content; large ones in parts, gone on with later."""
    if (path is None) == (content is None):
        raise ArgumentError(
            "Give either path or content.", "For a new folder: drive_organize action=folder."
        )
    given = _content(files, path, content, name, mime)
    if replace is not None:
        return await _replaced(google, progress, given, replace, name, mode, convert)
    if mode != "replace":
        raise ArgumentError(f"mode={mode} needs replace: the file to add to.")
    target = _target(given, convert)
    place = await folder_of(google, folder, make=True)
    metadata: JsonObject = {"name": _name(given, target, name), "parents": [place]}
    metadata["mimeType"] = TARGETS[target] if target else given.mime
    said = f"Made of {given.name}:" if target and path else "Made"
    return await _sent(google, progress, given, metadata, None, said)


def _content(
    files: LocalFiles, path: str | None, content: str | None, name: str | None, mime: str | None
) -> Content:
    if path is not None:
        source = files.source(path)
        ending = kinds.suffix(source.name)
        kind = mime or MIMES.get(ending) or source.mime
        return Content(
            source.name,
            kind,
            source.size,
            source.open,
            f"{source.name} {source.size} {source.changed}",
        )
    if not name:
        name = "Untitled.txt"
    kind = mime or MIMES.get(kinds.suffix(name)) or "text/plain"
    return Content.of_bytes(name, kind, (content or "").encode())


def _target(given: Content, convert: Convert) -> str:
    """doc, sheet, slides, or "" for no conversion.

    Raises:
        ArgumentError: Google makes nothing, or something else, of that kind.
    """
    if convert == "none":
        return ""
    if convert == "auto":
        if found := kinds.importable(given.name, given.mime):
            return found
        raise ArgumentError("Google converts no such file.", "Leave convert away.")
    kinds.converted(given.name, given.mime, convert)
    return convert


def _name(given: Content, target: str, name: str | None) -> str:
    """The name that the file gets; a converted one goes without its ending."""
    chosen = name or given.name
    ending = kinds.suffix(chosen)
    return chosen[: -len(ending) - 1] if target and ending in IMPORTS else chosen


async def _replaced(
    google: Google, progress: Progress, given: Content, text: str, name: str | None, mode: str, convert: Convert,
) -> View:  # fmt: skip
    file, _ = await opened(google, text)
    if file.mime == FOLDER:
        raise ArgumentError("A folder has no content.", "folder names where a new file goes.")
    if mode != "replace":
        given = await _joined(google, given, file, mode)
    metadata: JsonObject = {"name": name} if name and name != file.name else {}
    if file.native:
        target = _target(given, "auto" if convert == "none" else convert)
        if TARGETS[target] != file.mime:
            raise ArgumentError(
                f"A {kinds.named(file.mime)} cannot become a {kinds.named(TARGETS[target])}."
            )
        metadata.pop("name", None)
    elif convert != "none":
        raise ArgumentError(
            "A file that is not Google's own stays what it is.", "Leave convert away."
        )
    elif not given.mark and kinds.suffix(given.name) in {"", "txt"}:
        given = dataclasses.replace(given, mime=file.mime)
    else:
        metadata["mimeType"] = given.mime
    verb = "Changed the content of" if mode == "replace" else "Added to"
    return await _sent(google, progress, given, metadata, file, verb)


async def _joined(google: Google, given: Content, file: File, mode: str) -> Content:
    """What a file of text holds now, with the new text after or before it."""
    if file.native or given.size > _LARGEST_JOINED or (file.size or 0) > _LARGEST_JOINED:
        raise ArgumentError(
            f"mode={mode} is for files of text up to {show.size(_LARGEST_JOINED)}.",
            "docs_edit adds to a Doc, sheets_write to a Sheet.",
        )
    old = (await loaded(google, file)).data
    if b"\x00" in old[:4096]:
        raise ArgumentError(f"mode={mode} is for files of text; that one is not.")
    with given.open() as source:
        new = source.read()
    first, second = (old, new) if mode == "append" else (new, old)
    between = b"\n" if first and not first.endswith(b"\n") else b""
    return Content.of_bytes(file.name, file.mime, first + between + second)


async def _sent(
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
