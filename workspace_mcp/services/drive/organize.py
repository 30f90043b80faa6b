"""Moving, naming, copying, starring, locking files; folders and shortcuts.

Source: developers.google.com/workspace/drive/api/guides/folder, …/guides/shortcuts,
…/guides/content-restrictions
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.audience import ahead
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive.files import FIELDS, FILES, File, fetched, item, quoted
from workspace_mcp.services.drive.folders import NoFolderError, folder_of, made
from workspace_mcp.services.drive.kinds import IMPORTS, SHORTCUT, Target, converted, suffix
from workspace_mcp.services.drive.locating import locate
from workspace_mcp.services.drive.paths import forget, path_of, paths
from workspace_mcp.tools import Done, Effect, JsonObject, Strings, View, tool

Action = Literal[
    "move", "rename", "copy", "folder", "shortcut", "star", "unstar", "restore", "lock", "unlock",
    "describe", "keep", "unkeep",
]  # fmt: skip
MOST: Final = 50
_TO: Final = frozenset({"move", "shortcut"})
_PATCHES: Final[dict[str, JsonObject]] = {
    "star": {"starred": True}, "unstar": {"starred": False}, "restore": {"trashed": False},
    "unlock": {"contentRestrictions": [{"readOnly": False}]},
}  # fmt: skip
_DONE: Final = {
    "move": "Moved", "rename": "Renamed", "copy": "Copied", "shortcut": "Made a shortcut to",
    "star": "Starred", "unstar": "Unstarred", "restore": "Restored", "lock": "Locked",
    "unlock": "Unlocked", "describe": "Described", "keep": "Keeps forever a version of",
    "unkeep": "No longer keeps forever a version of",
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
    """What became of a file: before, after (None for a dry run), or why nothing did."""

    before: File
    after: File | None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Organized(View):
    """A line each file, before → after."""

    action: Action
    every: Sequence[One]
    was: dict[str, str]
    is_: dict[str, str]
    place: str
    dry_run: bool

    def text(self, fence: Fence) -> str:
        """What changed, and what did not."""
        lines = [self._line(one, fence) for one in self.every]
        if self.dry_run:
            lines.append("Nothing was changed: dry_run.")
        return "\n".join(lines)

    def _line(self, one: One, fence: Fence) -> str:
        title = one.before.title(fence)
        if one.failed:
            return f"Not done: {title}. {one.failed}"
        if one.after is None:
            to = f" -> {fence.line(self.place, 200)}" if self.place else ""
            return f"Would {self.action}: {title}{to}"
        what = _DONE[self.action]
        if self.action in {"copy", "shortcut"}:
            where = fence.line(self.is_.get(one.after.id, ""), 200)
            return f"{what} {title}: {one.after.title(fence)} in {where}"
        change = ""
        if self.action == "rename":
            change = f" -> {quoted(fence, one.after.name)}"
        if self.action in {"move", "restore"}:
            was = fence.line(self.was.get(one.before.id, ""), 200) or "a folder that you do not see"
            is_ = fence.line(self.is_.get(one.after.id, ""), 200)
            change = f": {was} -> {is_}" if self.action == "move" else f" to {is_}"
        return f"{what} {title}{change}"


@tool(title="Organize files", needs=[Scope.DRIVE_FILE], effect=Effect.WRITES)
async def drive_organize(
    google: Google,
    action: Action,
    files: Annotated[Strings | None, Field(description="Ids, URLs or /paths, 1-50.")] = None,
    to: Annotated[
        str | None, Field(description="Folder: id, URL or /path; a missing path is made.")
    ] = None,
    name: str | None = None,
    description: str | None = None,
    properties: Annotated[dict[str, str] | None, Field(description='"" removes one.')] = None,
    revision: Annotated[str | None, Field(description="For keep, unkeep.")] = None,
    comments: Annotated[bool, Field(description="Copy open comments too.")] = False,
    convert: Annotated[Target | None, Field(description="Copy as Google's own type.")] = None,
    dry_run: bool = False,
) -> View:
    """Move, rename, copy, star, lock, describe files; make a folder or shortcut; restore from the trash.

    Locked files cannot be changed. A shortcut itself is meant, not what it leads to.
    """
    if action == "folder":
        return await _folder(google, name, to, dry_run=dry_run)
    if not files or len(files) > MOST:
        raise ArgumentError(f"{action} needs files, 1 to {MOST}.", "drive_search finds ids.")
    _check(action, files, to, name, description, properties, revision, convert)
    trashed = action == "restore"
    ids = [await locate(google, one, trashed=trashed) for one in files]
    before = [File.from_api(await fetched(google, one)) for one in ids]
    was = dict(await paths(google, before))
    place, place_path = await _place(google, to, make=not dry_run) if to else ("", "")
    if dry_run:
        return Organized(action, [One(one, None) for one in before], was, {}, place_path, dry_run)
    asked = Asked(action, place, name, description, properties, revision, comments, convert)
    await _allowed(google, before, asked)
    every = [await _one(google, one, asked) for one in before]
    if all(one.failed for one in every) and len(every) == 1:
        raise WorkspaceError(every[0].failed)
    forget(google)
    after = [one.after for one in every if one.after]
    return Organized(action, every, was, dict(await paths(google, after)), place_path, dry_run)


async def _place(google: Google, to: str, *, make: bool) -> tuple[str, str]:
    """A folder's id and path; no id for one that is only to be made."""
    try:
        place = await folder_of(google, to, make=make)
    except NoFolderError:
        return "", f"{to} (a new folder)"
    if place == "root":
        place = File.from_api(await fetched(google, place, "id")).id
    return place, await path_of(google, place)


def _check(
    action: Action, files: Sequence[str], to: str | None, name: str | None, description: str | None,
    properties: dict[str, str] | None, revision: str | None, convert: Target | None,
) -> None:  # fmt: skip
    """Refuse what cannot be meant.

    Raises:
        ArgumentError: with what is missing.
    """
    if action == "move" and not to:
        raise ArgumentError("move needs to: the folder to move into.", "to=root is My Drive.")
    if action == "rename" and not name:
        raise ArgumentError("rename needs name.")
    if name and len(files) > 1:
        raise ArgumentError("name is for one file at a time.")
    if to and action not in {"move", "copy", "shortcut"}:
        raise ArgumentError(f"{action} takes no folder.")
    if action == "describe" and description is None and properties is None:
        raise ArgumentError("describe needs description or properties.")
    if convert and action != "copy":
        raise ArgumentError(f"{action} takes no convert.", "action=copy makes a converted copy.")
    if action in {"keep", "unkeep"} and not revision:
        raise ArgumentError(
            f"{action} needs revision.", "drive_info with revisions=true lists them."
        )


async def _folder(google: Google, name: str | None, to: str | None, *, dry_run: bool) -> View:
    """A new folder in `to`, or a whole path of folders."""
    if not name:
        raise ArgumentError("folder needs name.", "to names where it goes; My Drive without it.")
    if dry_run:
        return Done("A folder would be made.\nNothing was changed: dry_run.")
    place = await folder_of(google, to or "root", make=True)
    found = File.from_api(await fetched(google, await made(google, name, place)))
    return Made(found, await path_of(google, place))


@dataclass(frozen=True, slots=True)
class Made(View):
    """A new folder."""

    file: File
    path: str

    def text(self, fence: Fence) -> str:
        """What, and where."""
        return f"Made {self.file.title(fence)} in {fence.line(self.path, 300)}"


async def _allowed(google: Google, files: Sequence[File], asked: Asked) -> None:
    """Return when the person has nothing against writing where people outside see it."""
    match asked.action:
        case "copy" | "move" | "shortcut":
            places = [asked.place] if asked.place else [one.parent for one in files if one.parent]
            await ahead(google, places, show.count(len(files), "file"))
        case "rename" | "describe":
            await ahead(google, [one.id for one in files])
        case "lock" if asked.description:
            await ahead(google, [one.id for one in files])
        case _:
            return


async def _one(google: Google, file: File, asked: Asked) -> One:
    try:
        return One(file, await _done(google, file, asked))
    except WorkspaceError as error:
        return One(file, None, str(error).replace("\n", " "))


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
