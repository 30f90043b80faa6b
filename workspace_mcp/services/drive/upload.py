"""New files and new content: from this machine or from text, converted where wanted.

Source: developers.google.com/workspace/drive/api/guides/manage-uploads
"""

import dataclasses
from typing import Annotated, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError
from workspace_mcp.files import LocalFiles
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive import kinds
from workspace_mcp.services.drive.folders import folder_of
from workspace_mcp.services.drive.incoming import (
    Content,
    Convert,
    content_of,
    joined,
    name_of,
    target_of,
)
from workspace_mcp.services.drive.kinds import FOLDER, TARGETS
from workspace_mcp.services.drive.locating import opened
from workspace_mcp.services.drive.sending import sent
from workspace_mcp.tools import Effect, JsonObject, Progress, Tier, View, tool


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
    """Upload a local file or text as a new file or new content; repeat the call to go on with a large one."""
    if (path is None) == (content is None):
        raise ArgumentError(
            "Give either path or content.", "For a new folder: drive_organize action=folder."
        )
    given = content_of(files, path, content, name, mime)
    if replace is not None:
        return await _replaced(google, progress, given, replace, name, mode, convert)
    if mode != "replace":
        raise ArgumentError(f"mode={mode} needs replace: the file to add to.")
    target = target_of(given, convert)
    place = await folder_of(google, folder, make=True)
    metadata: JsonObject = {"name": name_of(given, target, name), "parents": [place]}
    metadata["mimeType"] = TARGETS[target] if target else given.mime
    said = f"Made of {given.name}:" if target and path else "Made"
    return await sent(google, progress, given, metadata, None, said)


async def _replaced(
    google: Google, progress: Progress, given: Content, text: str, name: str | None, mode: str, convert: Convert,
) -> View:  # fmt: skip
    file, _ = await opened(google, text)
    if file.mime == FOLDER:
        raise ArgumentError("A folder has no content.", "folder names where a new file goes.")
    if mode != "replace":
        given = await joined(google, given, file, mode)
    metadata: JsonObject = {"name": name} if name and name != file.name else {}
    if file.native:
        target = target_of(given, "auto" if convert == "none" else convert)
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
    return await sent(google, progress, given, metadata, file, verb)
