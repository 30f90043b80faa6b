"""Moving, naming, copying, starring, locking files; folders and shortcuts.

Source: developers.google.com/workspace/drive/api/guides/folder, …/guides/shortcuts,
…/guides/content-restrictions
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError, OutcomeUnknownError, WorkspaceError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.audience import ahead
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive.arranging import Action, Asked, One, arranged
from workspace_mcp.services.drive.files import File, fetched, quoted
from workspace_mcp.services.drive.folders import NoFolderError, folder_of, made
from workspace_mcp.services.drive.kinds import Target
from workspace_mcp.services.drive.locating import locate
from workspace_mcp.services.drive.paths import forget, path_of, paths
from workspace_mcp.tools import Done, Effect, Strings, View, tool

MOST: Final = 50
_TO: Final = frozenset({"move", "shortcut"})
_DONE: Final = {
    "move": "Moved", "rename": "Renamed", "copy": "Copied", "shortcut": "Made a shortcut to",
    "star": "Starred", "unstar": "Unstarred", "restore": "Restored", "lock": "Locked",
    "unlock": "Unlocked", "describe": "Described", "keep": "Keeps forever a version of",
    "unkeep": "No longer keeps forever a version of",
}  # fmt: skip


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
            return f"{'Not known' if one.unsure else 'Not done'}: {title}. {one.failed}"
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

    A shortcut itself is meant, not what it leads to.
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
        then = f'"{name}"' if action == "rename" else place_path
        return Organized(action, [One(one, None) for one in before], was, {}, then, dry_run)
    asked = Asked(action, place, name, description, properties, revision, comments, convert)
    await _allowed(google, before, asked)
    every = [await arranged(google, one, asked) for one in before]
    if all(one.failed for one in every) and len(every) == 1:
        raise (OutcomeUnknownError if every[0].unsure else WorkspaceError)(every[0].failed)
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
    if revision and action not in {"keep", "unkeep"}:
        raise ArgumentError(
            f"{action} takes no revision.",
            "An earlier version comes back by drive_read revision=… save=., then drive_upload replace=….",
        )
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
