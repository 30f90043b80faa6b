"""What was decided about access, asked of Google, one request after the other: together, some would be lost.

Source: developers.google.com/workspace/drive/api/guides/manage-sharing, …/guides/transfer-file
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from workspace_mcp.errors import ForbiddenError, WorkspaceError
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import Resource
from workspace_mcp.services.drive.access import GRANT, Grant
from workspace_mcp.services.drive.files import File, item
from workspace_mcp.services.drive.granting import PEOPLE, Change, Told, said_of
from workspace_mcp.services.drive.wishes import Wish
from workspace_mcp.tools import JsonObject

_CONSENT: Final = "consentRequiredForOwnershipTransfer"
PROPOSED: Final = (
    "is asked to become the owner; the file stays yours until they accept that in Drive"
)
PROPOSING: Final = 3
"""Requests that a transfer may take: refused, then edit access, then the proposal."""


@dataclass(slots=True)
class Outcome:
    """What failed, by whom it was about, and who must accept first to become the owner ("" for nobody)."""

    failed: dict[str, str] = field(default_factory=dict[str, str])
    proposed: str = ""


async def applied(google: Google, file: File, change: Change, mail: Told, *, move: bool) -> Outcome:
    """Ask for all of it; what is refused does not keep the rest from being done."""
    found = Outcome()
    place = item(file.id).sub("permissions")
    for old in change.remove:
        try:
            await google.delete(place.item(old.id), supportsAllDrives=True)
        except WorkspaceError as error:
            found.failed[said_of(old)] = _line(error)
    olds = {wish: old for old, wish in change.change}
    for wish in (*change.add, *olds):
        try:
            await _given(google, place, olds.get(wish), wish, mail, move=move)
        except WorkspaceError as error:
            if not isinstance(error, ForbiddenError) or error.reason != _CONSENT:
                found.failed[wish.whom()] = _line(error)
                continue
            try:
                await _proposed(google, place, olds.get(wish), wish, mail)
                found.proposed = wish.whom()
            except WorkspaceError as refused:
                found.failed[wish.whom()] = _line(refused)
    return found


def _line(error: WorkspaceError) -> str:
    return str(error).replace("\n", " ")


async def _given(
    google: Google, place: Resource, old: Grant | None, wish: Wish, mail: Told, *, move: bool
) -> None:
    owns = True if wish.role == "owner" else None
    if old is not None:
        body: JsonObject = {"role": wish.role}
        if wish.expires:
            body["expirationTime"] = _stamp(wish.expires)
        await google.patch(
            place.item(old.id), body, safe=True, supportsAllDrives=True, fields=GRANT,
            removeExpiration=True if old.expires and not wish.expires else None,
            transferOwnership=owns,
        )  # fmt: skip
        return
    mails = mail.mail if wish.kind in PEOPLE else None
    await google.post(
        place, _body(wish), safe=not mails, supportsAllDrives=True, sendNotificationEmail=mails,
        emailMessage=(mail.message or None) if mails else None, transferOwnership=owns,
        moveToNewOwnersRoot=True if owns and move else None, fields=GRANT,
    )  # fmt: skip


async def _proposed(
    google: Google, place: Resource, old: Grant | None, wish: Wish, mail: Told
) -> None:
    """Accounts outside of an organisation must accept a file: they may edit it, and are asked to own it."""
    pending: JsonObject = {"role": "writer", "pendingOwner": True}
    if old is None:
        await google.post(
            place, {**_body(wish), **pending}, supportsAllDrives=True, sendNotificationEmail=True,
            emailMessage=mail.message or None, fields=GRANT,
        )  # fmt: skip
        return
    if old.role != "writer":
        await google.patch(
            place.item(old.id), {"role": "writer"}, safe=True, supportsAllDrives=True, fields=GRANT
        )
    await google.patch(place.item(old.id), pending, safe=True, supportsAllDrives=True, fields=GRANT)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _body(wish: Wish) -> JsonObject:
    body: JsonObject = {"type": wish.kind, "role": wish.role}
    if wish.kind in PEOPLE:
        body["emailAddress"] = wish.who
    elif wish.kind == "domain":
        body["domain"] = wish.who
    if wish.kind not in PEOPLE and wish.discoverable:
        body["allowFileDiscovery"] = True
    if wish.expires:
        body["expirationTime"] = _stamp(wish.expires)
    return body
