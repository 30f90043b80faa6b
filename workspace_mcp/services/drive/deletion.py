"""Deleting files and comments, for `workspace_delete`.

Source: developers.google.com/workspace/drive/api/guides/delete,
…/guides/manage-comments
"""

from collections.abc import Sequence
from typing import Final

from workspace_mcp.deleting import Doomed, Plan
from workspace_mcp.errors import ArgumentError, GoogleError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive.comments import COMMENT, Comment, where
from workspace_mcp.services.drive.files import FIELDS, File, item
from workspace_mcp.services.drive.locating import identifier, locate
from workspace_mcp.services.drive.paths import forget

_GONE: Final = frozenset({400, 404, 410})
_BACK: Final = "drive_organize action=restore takes it back, within 30 days."


def check(kind: str, granted: frozenset[str], *, permanent: bool) -> None:
    """Nothing: what may be written may be deleted."""
    del kind, granted, permanent


def needs(kind: str, *, permanent: bool) -> Sequence[Scope]:
    """The permissions that deleting takes."""
    del kind, permanent
    return [Scope.DRIVE_FILE]


async def plan(google: Google, kind: str, ids: Sequence[str], *, permanent: bool) -> Plan:
    """What the ids mean, and how each would go."""
    if kind == "comment":
        return await _comments(google, ids)
    return await _files(google, ids, permanent=permanent)


async def _files(google: Google, ids: Sequence[str], *, permanent: bool) -> Plan:
    wanted = [identifier(one) or await locate(google, one) for one in ids]
    answers = await google.get_many(
        [item(one) for one in wanted], supportsAllDrives=True, fields=FIELDS
    )
    doomed: list[Doomed] = []
    lost: list[str] = []
    for one, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, GoogleError):
            if answer.status not in _GONE:
                raise answer
            lost.append(one)
            continue
        file = File.from_api(answer)
        if not file.parent and file.owners and file.folder and file.name == "My Drive":
            raise ArgumentError("My Drive itself cannot be deleted.")
        doomed.append(Doomed(file.id, _described(file), item(file.id), trash=not permanent))
    return Plan(doomed, lost, _BACK)


def _described(file: File) -> str:
    inside = " with all that is in it" if file.folder else ""
    owner = "" if file.owners in {(), ("me",)} else f", owned by {', '.join(file.owners)}"
    return f'"{clean_line(file.name)[:120]}" {file.kind()}{inside}{owner}'


async def _comments(google: Google, ids: Sequence[str]) -> Plan:
    """FILE/COMMENT, or FILE/COMMENT/REPLY."""
    doomed: list[Doomed] = []
    lost: list[str] = []
    for one in ids:
        parts = one.split("/")
        if len(parts) not in {2, 3} or not all(parts):
            raise ArgumentError(
                "A comment is named FILE_ID/COMMENT_ID, a reply FILE_ID/COMMENT_ID/REPLY_ID.",
                "comments shows the ids.",
            )
        place = where(parts[0]).item(parts[1])
        try:
            found = Comment.from_api(await google.get(place, fields=COMMENT))
        except GoogleError as error:
            if error.status not in _GONE:
                raise
            lost.append(one)
            continue
        if len(parts) == 2:
            what = (
                f'"{clean_line(found.content)[:150]}" by {found.by}, {len(found.replies)} replies'
            )
            doomed.append(Doomed(one, what, place, trash=False))
            continue
        reply = next((each for each in found.replies if each.id == parts[2]), None)
        if reply is None:
            lost.append(one)
            continue
        what = f'"{clean_line(reply.content)[:150]}" by {reply.by}'
        doomed.append(Doomed(one, what, place.sub("replies").item(parts[2]), trash=False))
    return Plan(doomed, lost)


async def delete(google: Google, doomed: Doomed) -> None:
    """Delete one thing for good, or put it into the trash. Twice does no harm."""
    if doomed.trash:
        await google.patch(
            doomed.resource, {"trashed": True}, safe=True, supportsAllDrives=True, fields="id"
        )
    elif "comments" in doomed.resource.template:
        await google.delete(doomed.resource)
    else:
        await google.delete(doomed.resource, supportsAllDrives=True)
    forget(google)
