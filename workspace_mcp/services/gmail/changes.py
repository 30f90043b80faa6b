"""What changed in a mailbox.

Source: developers.google.com/workspace/gmail/api/guides/sync,
…/reference/rest/v1/users.history/list
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import chain
from typing import Annotated, Any, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError, GoogleError, NotFoundError
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.lookalike import NOBODY, Familiar
from workspace_mcp.google.client import Google
from workspace_mcp.scopes import Scope
from workspace_mcp.services.gmail.known import known
from workspace_mcp.services.gmail.mailbox import HISTORY, PROFILE, Labels
from workspace_mcp.services.gmail.summary import Room, Summary, fitting
from workspace_mcp.tools import Clock, Done, Effect, Tier, View, tool

_PAGE: Final = 500
_BYTES: Final = 9_500


@dataclass(slots=True)
class Changes:
    """What the history's records add up to. Ids are in the order of the first change."""

    new: dict[str, None] = field(default_factory=dict[str, None])
    removed: dict[str, None] = field(default_factory=dict[str, None])
    added: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    dropped: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def take(self, record: Mapping[str, Any]) -> None:
        """Add one `History` record; later ones undo earlier ones."""
        for change in record.get("messagesAdded", ()):
            self.new[change["message"]["id"]] = None
        for change in record.get("messagesDeleted", ()):
            self._remove(change["message"]["id"])
        for change in record.get("labelsAdded", ()):
            self._label(change, self.added, self.dropped)
        for change in record.get("labelsRemoved", ()):
            self._label(change, self.dropped, self.added)

    def _remove(self, identifier: str) -> None:
        self.added.pop(identifier, None)
        self.dropped.pop(identifier, None)
        if identifier in self.new:
            del self.new[identifier]
        else:
            self.removed[identifier] = None

    @staticmethod
    def _label(
        change: Mapping[str, Any], to: dict[str, set[str]], other: dict[str, set[str]]
    ) -> None:
        identifier = change["message"]["id"]
        labels = set(change.get("labelIds", ()))
        undone = labels & other.get(identifier, set())
        other.get(identifier, set()).difference_update(undone)
        to.setdefault(identifier, set()).update(labels - undone)

    @property
    def relabelled(self) -> tuple[str, ...]:
        """Messages that were there before and have other labels now."""
        both = dict.fromkeys((*self.added, *self.dropped))
        return tuple(
            one
            for one in both
            if one not in self.new and (self.added.get(one) or self.dropped.get(one))
        )


@dataclass(frozen=True, slots=True)
class ChangesResult(View):
    """New mail as a search shows it, the rest as lists of ids."""

    new: Sequence[Summary]
    gone: int
    changes: Changes
    labels: Labels
    zone: tzinfo
    cursor: str
    unshown: int
    more: bool
    familiar: Familiar = NOBODY

    def text(self, fence: Fence) -> str:
        """Counts, then each kind of change, then the cursor for the next call."""
        return fitting(lambda room: "\n".join(self._lines(fence, room)), _BYTES)

    def _lines(self, fence: Fence, room: Room) -> Iterator[str]:
        yield (
            f"{len(self.changes.new)} new, {len(self.changes.removed)} removed, "
            f"{len(self.changes.relabelled)} relabelled"
        )
        for summary in self.new:
            yield summary.text(
                fence, self.zone, self.labels, shown_id=summary.id, room=room,
                familiar=self.familiar,
            )  # fmt: skip
        if self.gone:
            yield f"{self.gone} of the new ones are deleted again."
        if self.unshown:
            yield f"{self.unshown} more new ones are not shown: gmail_search, or a larger max."
        yield from self._listed("removed", list(self.changes.removed))
        yield from self._listed("relabelled", [self._relabelling(x) for x in self._relabelled()])
        yield f"Cursor for the next call: since={self.cursor}" + (
            " (more happened: call again at once)" if self.more else ""
        )

    def _relabelled(self) -> tuple[str, ...]:
        return self.changes.relabelled

    def _relabelling(self, identifier: str) -> str:
        signs = [
            *(
                f"+{self.labels.name(one)}"
                for one in sorted(self.changes.added.get(identifier, ()))
            ),
            *(
                f"-{self.labels.name(one)}"
                for one in sorted(self.changes.dropped.get(identifier, ()))
            ),
        ]
        return f"{identifier} {' '.join(signs)}"

    @staticmethod
    def _listed(kind: str, entries: Sequence[str]) -> Iterator[str]:
        shown = 100
        if entries:
            more = f", and {len(entries) - shown} more" if len(entries) > shown else ""
            yield f"{kind}: {', '.join(entries[:shown])}{more}"


@tool(
    title="Mailbox changes",
    needs=[Scope.GMAIL_READONLY],
    effect=Effect.READS,
    tier=Tier.COMPLETE,
)
async def gmail_changes(
    google: Google,
    clock: Clock,
    since: Annotated[
        str | None, Field(description="Cursor of an earlier answer; omit for a first one.")
    ] = None,
    max: Annotated[int, Field(ge=1, le=100)] = 20,
) -> View:
    """New, removed and relabelled messages since a cursor, which lasts about a week."""
    if since is None:
        return Done(f"Cursor for the next call: since={await _cursor(google)}")
    if not since.isdecimal() or len(since) > 20:
        raise ArgumentError("since is not a cursor.", "Give the number of an earlier answer.")
    try:
        changes, cursor, more = await _changes(google, since)
    except NotFoundError:
        fresh = await _cursor(google)
        return Done(
            "That cursor is too old: Google no longer knows what changed since. "
            f"gmail_search shows what is there now.\nCursor for the next call: since={fresh}"
        )
    memory = known(google)
    shown = list(reversed(changes.new))[:max]
    found = await memory.summaries(google, shown)
    new = [one for one in found if not isinstance(one, GoogleError)]
    both = (*changes.added.values(), *changes.dropped.values())
    shown_labels = chain.from_iterable((*both, *(summary.labels for summary in new)))
    return ChangesResult(
        new=new,
        gone=len(found) - len(new),
        changes=changes,
        labels=await memory.labels(google, shown_labels, clock.now()),
        zone=clock.zone,
        cursor=cursor,
        unshown=len(changes.new) - len(shown),
        more=more,
        familiar=await memory.familiar(google, [x.sender.address for x in new], clock.now()),
    )


async def _cursor(google: Google) -> str:
    return str((await google.get(PROFILE, fields="historyId"))["historyId"])


async def _changes(google: Google, since: str) -> tuple[Changes, str, bool]:
    """The changes of one page of history, where it ends, and whether there is more."""
    answer = await google.get(HISTORY, startHistoryId=since, maxResults=_PAGE)
    changes = Changes()
    records: Sequence[Mapping[str, Any]] = answer.get("history", ())
    for record in records:
        changes.take(record)
    more = "nextPageToken" in answer
    cursor = records[-1]["id"] if more and records else answer.get("historyId", since)
    return changes, str(cursor), more
