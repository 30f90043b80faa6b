"""One file moved, renamed, copied, starred, locked: what `drive_organize` does to each.

Source: developers.google.com/workspace/drive/api/guides/folder, …/guides/shortcuts,
…/guides/content-restrictions
"""

from dataclasses import dataclass
from typing import Final, Literal

from workspace_mcp.errors import ArgumentError, OutcomeUnknownError, WorkspaceError
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.files import FIELDS, FILES, File, item
from workspace_mcp.services.drive.kinds import IMPORTS, SHORTCUT, Target, converted, suffix
from workspace_mcp.tools import JsonObject

Action = Literal[
    "move", "rename", "copy", "folder", "shortcut", "star", "unstar", "restore", "lock", "unlock",
    "describe", "keep", "unkeep",
]  # fmt: skip
_PATCHES: Final[dict[str, JsonObject]] = {
    "star": {"starred": True}, "unstar": {"starred": False}, "restore": {"trashed": False},
    "unlock": {"contentRestrictions": [{"readOnly": False}]},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done with every file. `place` is a folder's id, "" for none."""

    action: Action
    place: str
    name: str | None
    description: str | None
    properties: dict[str, str] | None
    revision: str | None
    comments: bool
    convert: Target | None


@dataclass(frozen=True, slots=True)
class One:
    """What became of a file: before, after (None for a dry run), or why nothing did.

    `unsure`: perhaps something did; Google's answer was lost.
    """

    before: File
    after: File | None
    failed: str = ""
    unsure: bool = False


async def arranged(google: Google, file: File, asked: Asked) -> One:
    """What became of a file; a failure is told, not raised."""
    try:
        return One(file, await _done(google, file, asked))
    except WorkspaceError as error:
        unsure = isinstance(error, OutcomeUnknownError)
        return One(file, None, str(error).replace("\n", " "), unsure)


async def _done(google: Google, file: File, asked: Asked) -> File:
    match asked.action:
        case "copy":
            return await _copied(google, file, asked)
        case "shortcut":
            return await _shortcut(google, file, asked)
        case "keep" | "unkeep":
            return await _kept(google, file, asked)
        case "move":
            if file.parent == asked.place:
                raise ArgumentError("It is there already.")
            body, move = {}, {"addParents": asked.place, "removeParents": file.parent or None}
        case _:
            body, move = _body(asked), {}
    answer = await google.patch(
        item(file.id), body, safe=True, supportsAllDrives=True, fields=FIELDS, **move
    )
    return File.from_api(answer)


def _body(asked: Asked) -> JsonObject:
    match asked.action:
        case "rename":
            return {"name": asked.name}
        case "lock":
            reason = {"reason": asked.description} if asked.description else {}
            return {"contentRestrictions": [{"readOnly": True, **reason}]}
        case "describe":
            body: JsonObject = {}
            if asked.description is not None:
                body["description"] = asked.description
            if asked.properties is not None:
                body["properties"] = {key: value or None for key, value in asked.properties.items()}
            return body
        case _:
            return _PATCHES[asked.action]


async def _copied(google: Google, file: File, asked: Asked) -> File:
    if file.folder:
        raise ArgumentError(
            "Google copies no folders.", "Make a folder, and copy its files into it."
        )
    body: JsonObject = {"name": asked.name or file.name}
    if asked.convert is not None:
        body["mimeType"] = converted(file.name, file.mime, asked.convert)
        if asked.name is None and suffix(file.name) in IMPORTS:
            body["name"] = file.name.rpartition(".")[0]
    if asked.place:
        body["parents"] = [asked.place]
    answer = await google.post(
        item(file.id).sub("copy"), body, supportsAllDrives=True, fields=FIELDS,
        copyComments=True if asked.comments else None,
    )  # fmt: skip
    return File.from_api(answer)


async def _shortcut(google: Google, file: File, asked: Asked) -> File:
    body: JsonObject = {
        "name": asked.name or file.name, "mimeType": SHORTCUT,
        "shortcutDetails": {"targetId": file.target or file.id},
        "parents": [asked.place or "root"],
    }  # fmt: skip
    return File.from_api(await google.post(FILES, body, supportsAllDrives=True, fields=FIELDS))


async def _kept(google: Google, file: File, asked: Asked) -> File:
    if file.native:
        raise ArgumentError("Google keeps every version of its own types; none is kept by hand.")
    place = item(file.id).sub("revisions").item(asked.revision or "")
    await google.patch(
        place, {"keepForever": asked.action == "keep"}, safe=True, fields="id,keepForever"
    )
    return file
