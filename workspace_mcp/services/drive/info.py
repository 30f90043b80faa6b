"""All about one file: facts, path, who sees it and why, versions.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/files/get, …/about
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Annotated, Any, Final

from pydantic import Field

from workspace_mcp.errors import ForbiddenError, NotFoundError
from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.services.drive.access import GRANT, Grant
from workspace_mcp.services.drive.files import ABOUT, FIELDS, File, fetched, item, moment
from workspace_mcp.services.drive.kinds import EXPORTS
from workspace_mcp.services.drive.locating import SHARED, WITH_ME, locate
from workspace_mcp.services.drive.paths import path_of, paths
from workspace_mcp.services.drive.revisions import Revision, revisions
from workspace_mcp.tools import Clock, Effect, Tier, View, tool

_MORE: Final = (
    "createdTime,description,webViewLink,webContentLink,properties,copyRequiresWriterPermission,"
    "writersCanShare,contentRestrictions(readOnly,reason),viewedByMeTime,sharedWithMeTime,md5Checksum,"
    "capabilities(canEdit,canComment,canShare,canDownload,canTrash,canDelete)"
)
_GRANTS: Final = 60
_ABILITIES: Final[Mapping[str, str]] = {
    "canEdit": "edit", "canComment": "comment", "canShare": "share", "canDownload": "download",
    "canTrash": "trash", "canDelete": "delete",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Info(View):
    """A file with everything that was fetched. `grants` is None where they cannot be seen."""

    file: File
    more: Mapping[str, Any]
    path: str
    grants: Sequence[Grant] | None
    places: Mapping[str, str]
    revisions: Sequence[Revision] | None
    zone: tzinfo
    account: str

    def text(self, fence: Fence) -> str:
        """A line each fact."""
        return "\n".join(self._lines(fence))

    def _lines(self, fence: Fence) -> Iterator[str]:
        file, more = self.file, self.more
        yield file.title(fence) + (", in the trash" if file.trashed else "")
        yield f"type: {fence.line(file.mime, 120)}"
        yield f"path: {fence.line(self.path, 300) or 'not to be seen by this account'}"
        if file.target:
            yield f"leads to: [{file.target}]"
        if file.owners:
            yield f"owner: {fence.line(', '.join(file.owners), 200)}"
        if file.modified:
            yield f"changed: {show.local(file.modified, self.zone)} by {fence.line(file.by, 100)}"
        if "createdTime" in more:
            yield f"made: {show.local(moment(more['createdTime']), self.zone)}"
        yield f"link: {fence.line(more.get('webViewLink', ''), 300)}"
        if file.mime in EXPORTS:
            yield f"can be saved as: {', '.join(EXPORTS[file.mime])}"
        if more.get("description"):
            yield fence.block("description", more["description"][:2000])
        for key, value in list(more.get("properties", {}).items())[:30]:
            yield f"property {fence.line(key, 60)}: {fence.line(value, 120)}"
        yield from self._rules()
        yield from self._seen(fence)
        yield from self._versions(fence)

    def _rules(self) -> Iterator[str]:
        more = self.more
        able = [word for key, word in _ABILITIES.items() if more.get("capabilities", {}).get(key)]
        yield f"{self.account} may: {', '.join(able) or 'view'}"
        if any(one.get("readOnly") for one in more.get("contentRestrictions", ())):
            yield "locked: its content cannot be changed"
        if more.get("copyRequiresWriterPermission"):
            yield "viewers cannot download, print or copy it"
        if more.get("writersCanShare") is False:
            yield "editors cannot share it"

    def _seen(self, fence: Fence) -> Iterator[str]:
        if self.grants is None:
            yield "who sees it: only those who can edit are told"
            return
        public = any(one.kind == "anyone" for one in self.grants)
        yield f"who sees it ({'public by its link' if public else 'not public'}):"
        for one in self.grants[:_GRANTS]:
            yield f"- {one.text(fence, self.zone, self.places)}"
        if len(self.grants) > _GRANTS:
            yield f"- and {len(self.grants) - _GRANTS} more"

    def _versions(self, fence: Fence) -> Iterator[str]:
        if self.revisions is None:
            return
        shown = list(reversed(self.revisions))[:40]
        yield f"{show.count(len(self.revisions), 'version')}, newest first:"
        for one in shown:
            yield one.text(fence, self.zone)
        if len(self.revisions) > len(shown):
            yield f"and {len(self.revisions) - len(shown)} older ones"


@dataclass(frozen=True, slots=True)
class Storage(View):
    """What the account has used."""

    account: str
    quota: Mapping[str, str]

    def text(self, fence: Fence) -> str:
        """In one line; an account without a limit has none."""
        del fence
        used = show.size(int(self.quota.get("usage", 0)))
        limit = self.quota.get("limit")
        of = f" of {show.size(int(limit))}" if limit else ", without a limit"
        drive = show.size(int(self.quota.get("usageInDrive", 0)))
        trash = show.size(int(self.quota.get("usageInDriveTrash", 0)))
        return (
            f"{self.account} has used {used}{of}: {drive} in Drive, {trash} of them in the trash."
        )


@tool(title="About a file", effect=Effect.READS, tier=Tier.CORE)
async def drive_info(
    google: Google,
    clock: Clock,
    file: Annotated[
        str | None, Field(description="Id, URL or /path; omit for storage used.")
    ] = None,
    revisions_: Annotated[bool, Field(description="List versions.")] = False,
) -> View:
    """One file in full: path, owner, link, who sees it and why, what this account may do."""
    if file is None:
        answer = await google.get(ABOUT, fields="storageQuota")
        return Storage(google.account, answer.get("storageQuota", {}))
    found = await fetched(google, await locate(google, file), f"{FIELDS},{_MORE}")
    one = File.from_api(found)
    grants = await granted(google, one)
    above = {grant.inherited_from for grant in grants or ()} - {"", "?"}
    path = (await paths(google, [one]))[one.id] if one.parent else _top(one, found)
    if one.id == one.drive:  # as a file it is only called "Drive"
        one = replace(one, name=(await path_of(google, one.id)).rpartition("/")[2])
    return Info(
        file=one,
        more=found,
        path=path,
        grants=grants,
        places={folder: await path_of(google, folder) for folder in sorted(above)[:10]},
        revisions=await revisions(google, one) if revisions_ else None,
        zone=clock.zone,
        account=google.account,
    )


def _top(file: File, found: Mapping[str, Any]) -> str:
    """Where a file is whose folder the account does not see, or that has none."""
    if file.id == file.drive:
        return f"/{SHARED}"
    if "sharedWithMeTime" in found:
        return f"/{WITH_ME}"
    return "/" if file.owners == ("me",) else ""


async def granted(google: Google, file: File) -> list[Grant] | None:
    """Every permission on a file; None when the account may not see them."""
    try:
        return [
            Grant.from_api(one)
            async for one in google.pages(
                item(file.id).sub("permissions"), "permissions", most=1000, pageSize=100,
                supportsAllDrives=True, fields=f"permissions({GRANT}),nextPageToken",
            )
        ]  # fmt: skip
    except (ForbiddenError, NotFoundError):
        return None
