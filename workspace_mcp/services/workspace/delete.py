"""The only tool that deletes, for every service. A service says how in its `deletion` module."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Annotated, Final, Literal, cast

import anyio
from pydantic import Field

from workspace_mcp.deleting import Deletion, Doomed, Plan
from workspace_mcp.errors import ArgumentError, MissingScopeError, NotFoundError, WorkspaceError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import Reach
from workspace_mcp.scopes import missing
from workspace_mcp.tools import Accounts, Effect, View, tool

_HOMES: Final = {
    "message": "gmail", "thread": "gmail", "draft": "gmail", "label": "gmail", "filter": "gmail",
    "file": "drive", "comment": "drive",
}  # fmt: skip
"""Kind → the service whose `deletion` module knows it."""
_ANEW: Final = {"draft", "label", "filter"}
"""Kinds of which `workspace_undo` makes the like anew."""
MOST: Final = 100
_SECONDS: Final = 40.0
_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Deleted(View):
    """What was deleted, or would be; what was not found; what failed, and why."""

    kind: str
    plan: Plan
    failed: dict[str, WorkspaceError] = field(default_factory=dict[str, WorkspaceError])
    dry_run: bool = False

    def text(self, fence: Fence) -> str:
        """A line each, then how to take it back."""
        return "\n".join(self._lines(fence))

    def _lines(self, fence: Fence) -> Iterator[str]:
        done = [one for one in self.plan.doomed if one.id not in self.failed]
        noun = self.kind if len(done) == 1 else f"{self.kind}s"
        trash = self.plan.doomed[0].trash
        verb = "Would delete" if self.dry_run else "Deleted"
        if done:
            yield f"{verb} {len(done)} {noun}{', into the trash' if trash else ' for good'}:"
        yield from (f"[{one.id}] {fence.line(one.what, 250)}" for one in done[:_LISTED])
        if len(done) > _LISTED:
            yield f"and {len(done) - _LISTED} more"
        if self.plan.lost:
            yield f"Not found: {', '.join(fence.line(one, 60) for one in self.plan.lost)}"
        yield from (f"Not deleted: [{one}]. {why.what}" for one, why in self.failed.items())
        if back := self._back(trash=trash):
            yield back

    def _back(self, *, trash: bool) -> str:
        if self.dry_run:
            return "Nothing was deleted: dry_run."
        if trash:
            return self.plan.back
        return "" if self.kind in _ANEW else "This cannot be undone."


@tool(title="Delete", effect=Effect.DELETES)
async def workspace_delete(
    google: Google,
    accounts: Accounts,
    consent: Consent,
    kind: Literal["message", "thread", "draft", "label", "filter", "file", "comment"],
    ids: Annotated[list[str], Field(description="1-100; label names, FILE/COMMENT.")],
    permanent: Annotated[bool, Field(description="Past the trash.")] = False,
    dry_run: bool = False,
) -> View:
    """Delete mail, files (into the trash), drafts, labels, comments (for good)."""
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= MOST:
        raise ArgumentError(f"{len(wanted)} ids were given; 1 to {MOST} can be.")
    home = cast(Deletion, import_module(f"workspace_mcp.services.{_HOMES[kind]}.deletion"))
    granted = accounts.granted(google.account)
    home.check(kind, granted, permanent=permanent)
    needed = home.needs(kind, permanent=permanent)
    if granted and (lacking := missing(needed, granted)):
        raise MissingScopeError(google.account, _HOMES[kind], lacking)
    plan = await home.plan(google, kind, wanted, permanent=permanent)
    if not plan.doomed:
        raise NotFoundError(f"None of these ids is a {kind}.", "Search again: ids go stale.")
    if dry_run:
        return Deleted(kind, plan, dry_run=True)
    await consent(deleting(kind, plan))
    failed = await _delete(google, home, plan.doomed)
    if len(failed) == len(plan.doomed):
        raise next(iter(failed.values()))
    return Deleted(kind, plan, failed)


def deleting(kind: str, plan: Plan) -> Act:
    """What goes, as a person is asked about it."""
    lines = [clean_line(one.what)[:250] for one in plan.doomed]
    shown = lines[:_LISTED] + ([f"and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else [])
    trash = all(one.trash for one in plan.doomed)
    return Act(
        Reach.DELETES,
        f"Delete {len(lines)} {kind}{'' if len(lines) == 1 else 's'}{', into the trash' if trash else ''}",
        tuple(shown),
        digest=" ".join(one.id for one in plan.doomed),
        final=not trash,
        requests=len(lines),
    )


async def _delete(
    google: Google, home: Deletion, doomed: Sequence[Doomed]
) -> dict[str, WorkspaceError]:
    """Delete everything; what failed, and why."""
    done: set[str] = set()
    failed: dict[str, WorkspaceError] = {}

    async def one(item: Doomed) -> None:
        try:
            await home.delete(google, item)
        except NotFoundError:
            done.add(item.id)  # somebody else was faster; gone is what was wanted
        except WorkspaceError as error:
            failed[item.id] = error
        else:
            done.add(item.id)

    with anyio.move_on_after(_SECONDS):
        async with anyio.create_task_group() as tasks:
            for item in doomed:
                tasks.start_soon(one, item)
    for item in doomed:
        if item.id not in done and item.id not in failed:
            failed[item.id] = WorkspaceError("There was no time left: call again for it.")
    return failed
