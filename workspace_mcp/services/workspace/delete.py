"""The only tool that deletes, for every service. A service says how in its `deletion.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, MissingScopeError, NotFoundError, WorkspaceError
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import missing
from workspace_mcp.tools import Accounts, Effect, View, tool

_HOMES: Final = {
    "message": "gmail", "thread": "gmail", "draft": "gmail", "label": "gmail", "filter": "gmail",
}  # fmt: skip
"""Kind → the service whose `deletion` module knows it."""
MOST: Final = 100
_LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class Deletion(View):
    """What was deleted, or would be; what was not found; what failed."""

    kind: str
    done: Sequence[tuple[str, str]]
    trash: bool
    lost: Sequence[str]
    failed: Sequence[str]
    dry_run: bool

    def text(self, fence: Fence) -> str:
        """A line each, and how to take it back."""
        where = "to the trash" if self.trash else "for good"
        verb = "Would delete" if self.dry_run else "Deleted"
        noun = self.kind if len(self.done) == 1 else f"{self.kind}s"
        lines = [f"{verb} {len(self.done)} {noun} {where}:"]
        lines += [f"[{one}] {fence.line(what, 250)}" for one, what in self.done[:_LISTED]]
        if len(self.done) > _LISTED:
            lines.append(f"… and {len(self.done) - _LISTED} more")
        if self.lost:
            lines.append(f"Not found: {', '.join(self.lost[:_LISTED])}.")
        lines += [f"Failed: {one}" for one in self.failed]
        lines.append(self._back())
        return "\n".join(lines)

    def _back(self) -> str:
        if self.dry_run:
            return "Nothing was deleted: dry_run." + (
                "" if self.trash else " There is no way back from it."
            )
        if self.trash:
            return "gmail_modify action=untrash brings it back, for 30 days."
        return "There is no way back."


@tool(title="Delete", effect=Effect.DELETES)
async def workspace_delete(
    google: Google,
    accounts: Accounts,
    kind: Literal["message", "thread", "draft", "label", "filter"],
    ids: Annotated[list[str], Field(description="1-100; labels: names.")],
    permanent: Annotated[bool, Field(description="Not just to the trash.")] = False,
    dry_run: bool = False,
) -> View:
    """Delete mail (to the trash), drafts, labels, filters (for good)."""
    if not 1 <= len(ids) <= MOST:
        raise ArgumentError(f"{len(ids)} ids were given; 1 to {MOST} can be.")
    home = import_module(f"workspace_mcp.services.{_HOMES[kind]}.deletion")
    granted = next(
        (one.granted for one in accounts.list() if one.email == google.account), frozenset[str]()
    )
    if granted and (lacking := missing([home.NEEDS[kind]], granted)):
        raise MissingScopeError(google.account, _HOMES[kind], lacking)
    plan = await home.PLANNERS[kind](google, list(dict.fromkeys(ids)), permanent)
    if not plan.doomed:
        raise NotFoundError(f"There is no {kind} of these ids.", "Search again: ids go stale.")
    done: list[tuple[str, str]] = []
    failed: list[str] = []
    for doomed in plan.doomed:
        try:
            if not dry_run:
                await home.delete(google, doomed)
        except WorkspaceError as error:
            if not done:
                raise
            failed.append(f"[{doomed.id}] {error.what}")
        else:
            done.append((doomed.id, doomed.what))
    return Deletion(kind, done, plan.doomed[0].trash, plan.lost, failed, dry_run)
