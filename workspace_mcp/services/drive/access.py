"""Who may see a file, and why. No I/O.

Source: developers.google.com/workspace/drive/api/reference/rest/v3/permissions
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Self

from workspace_mcp.formats import show
from workspace_mcp.formats.fence import Fence

GRANT: Final = (
    "id,type,role,emailAddress,displayName,domain,allowFileDiscovery,expirationTime,pendingOwner,"
    "deleted,permissionDetails"
)
"""What is fetched of a permission."""
_MAY: Final[Mapping[str, str]] = {
    "owner": "owns it", "organizer": "manages the shared drive",
    "fileOrganizer": "manages its content", "writer": "can edit", "commenter": "can comment",
    "reader": "can view",
}  # fmt: skip


def may(role: str) -> str:
    """A role in words: "can edit"."""
    return _MAY.get(role, role)


@dataclass(frozen=True, slots=True)
class Grant:
    """Who has which role. `inherited_from` is a folder's id, "?" when Google does not say, or ""."""

    id: str
    kind: str
    role: str
    who: str
    name: str
    discoverable: bool
    expires: datetime | None
    inherited_from: str
    direct: bool
    pending_owner: bool = False
    deleted: bool = False

    @classmethod
    def from_api(cls, one: Mapping[str, Any]) -> Self:
        """Read a `Permission` that was fetched with `GRANT`."""
        details: Sequence[Mapping[str, Any]] = one.get("permissionDetails", ())
        inherited = [detail for detail in details if detail.get("inherited")]
        expires = one.get("expirationTime")
        return cls(
            id=one["id"],
            kind=one.get("type", ""),
            role=one.get("role", ""),
            who=str(one.get("emailAddress") or one.get("domain") or "").lower(),
            name=one.get("displayName", ""),
            discoverable=bool(one.get("allowFileDiscovery")),
            expires=datetime.fromisoformat(expires) if expires else None,
            inherited_from=inherited[0].get("inheritedFrom", "?") if inherited else "",
            direct=len(inherited) < len(details) or not details,
            pending_owner=bool(one.get("pendingOwner")),
            deleted=bool(one.get("deleted")),
        )

    def whom(self, fence: Fence) -> str:
        """Like "ana@example.com", "everybody at example.com", "anyone with the link"."""
        if self.kind == "anyone":
            return "anyone on the web" if self.discoverable else "anyone with the link"
        if self.kind == "domain":
            found = "" if self.discoverable else " who has the link"
            return f"everybody at {fence.line(self.who, 80)}{found}"
        group = "group " if self.kind == "group" else ""
        gone = " (deleted account)" if self.deleted else ""
        return f"{group}{fence.line(self.who or self.name, 100)}{gone}"

    def text(self, fence: Fence, zone: tzinfo, places: Mapping[str, str]) -> str:
        """Like "bo@example.com can edit, from the folder /Reports, until Fri 2026-11-27 00:00"."""
        parts = [f"{self.whom(fence)} {may(self.role)}"]
        if self.inherited_from and not self.direct:
            place = places.get(self.inherited_from, "")
            where = f"the folder {fence.line(place, 120)}" if place else "a folder above"
            parts.append(f"from {where}")
        if self.expires:
            parts.append(f"until {show.local(self.expires, zone)}")
        if self.pending_owner:
            parts.append("asked to become the owner")
        return ", ".join(parts)


def glance(fence: Fence, grants: Sequence[Grant], *, shared: bool, drive: bool) -> str:
    """Who sees a file, in a few words; "" for nobody else. Widest first."""
    parts = [
        f"anyone {'on the web' if one.discoverable else 'with the link'} {may(one.role)}"
        for one in grants
        if one.kind == "anyone"
    ]
    parts += [
        f"all of {fence.line(one.who, 80)} {may(one.role)}"
        for one in grants
        if one.kind == "domain"
    ]
    people = sum(one.kind in {"user", "group"} and one.role != "owner" for one in grants)
    if people:
        parts.append(f"shared with {people}")
    if parts or grants:
        return ", ".join(parts)
    return "" if drive or not shared else "shared"
