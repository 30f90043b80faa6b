"""Giving and taking access.

Source: developers.google.com/workspace/drive/api/guides/manage-sharing,
…/guides/transfer-file, …/reference/rest/v3/permissions
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Final

from pydantic import Field

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import Reach
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive.access import Grant
from workspace_mcp.services.drive.applying import PROPOSED, PROPOSING, applied
from workspace_mcp.services.drive.files import FIELDS, File, fetched, item
from workspace_mcp.services.drive.granting import Change, Told, changes, told
from workspace_mcp.services.drive.info import granted
from workspace_mcp.services.drive.kinds import named
from workspace_mcp.services.drive.locating import locate
from workspace_mcp.services.drive.wishes import Action, Role, expiry, wishes
from workspace_mcp.tools import Clock, Effect, JsonObject, Strings, View, tool

_LISTED: Final = 40


@dataclass(frozen=True, slots=True)
class Shared(View):
    """What changed, and who sees the file now."""

    file: File
    lines: Sequence[str]
    failed: Mapping[str, str]
    now: Sequence[Grant] | None
    zone: tzinfo
    dry_run: bool = False
    told: str = ""

    def text(self, fence: Fence) -> str:
        """A line each change, then all who have access."""
        parts = [f"{self.file.title(fence)}:", *map(fence.line, self.lines)]
        parts += [f"Not done: {fence.line(who, 100)}. {why}" for who, why in self.failed.items()]
        if self.dry_run:
            return "\n".join((*parts, "Nothing was changed: dry_run."))
        parts += [self.told] if self.told else []
        if self.now is not None:
            parts.append("who sees it now:")
            parts += [f"- {one.text(fence, self.zone, {})}" for one in self.now[:_LISTED]]
            more = len(self.now) - _LISTED
            parts += [f"- and {more} more: drive_info"] if more > 0 else []
        return "\n".join(parts)


@tool(title="Share a file", needs=[Scope.DRIVE_FILE], effect=Effect.LEAVES)
async def drive_share(
    google: Google,
    clock: Clock,
    consent: Consent,
    file: Annotated[str, Field(description="Id, URL or /path.")],
    action: Action,
    who: Annotated[
        Strings | None, Field(description="E-mails, group:E-MAIL, domains; 1-50.")
    ] = None,
    role: Annotated[Role | None, Field(description="off: no link.")] = None,
    expires: Annotated[str | None, Field(description="2026-12-31, or off.")] = None,
    notify: Annotated[bool, Field(description="Google mails those who gain access.")] = True,
    message: str | None = None,
    discoverable: bool = False,
    move: Annotated[bool, Field(description="transfer: into their My Drive.")] = False,
    viewers_copy: Annotated[bool | None, Field(description="For limit.")] = None,
    editors_share: Annotated[bool | None, Field(description="For limit.")] = None,
    dry_run: bool = False,
) -> View:
    """Grant or change access, revoke, link sharing, transfer ownership; asks the person first."""
    one = File.from_api(await fetched(google, await locate(google, file)))
    if action == "limit":
        return await _limited(google, clock, one, viewers_copy, editors_share, dry_run=dry_run)
    until = expiry(expires, clock)
    wanted = wishes(action, who, role, until, discoverable=discoverable)
    have = await granted(google, one)
    if have is None:
        raise ArgumentError("This account may not see or change who has access to that file.")
    change = changes(wanted, have, keep=expires is None)
    mail = told(action, change, notify=notify, message=message)
    lines = change.lines(clock.zone)
    if dry_run:
        return Shared(one, lines, {}, None, clock.zone, dry_run=True)
    if not change.wider and not change.remove:
        return Shared(one, lines, {}, have, clock.zone)
    if change.wider:
        await consent(sharing(one, action, change, mail, clock.zone))
    outcome = await applied(google, one, change, mail, move=move)
    if len(outcome.failed) == change.wider + len(change.remove):
        raise WorkspaceError(next(iter(outcome.failed.values())))
    done = change.without(outcome.failed)
    return Shared(
        file=one,
        lines=[f"{outcome.proposed} {PROPOSED}"] if outcome.proposed else done.lines(clock.zone),
        failed=outcome.failed,
        now=await granted(google, one),
        zone=clock.zone,
        told=mail.text() if done.wider else "",
    )


def sharing(file: File, action: Action, change: Change, mail: Told, zone: tzinfo) -> Act:
    """What is given, as a person is asked about it."""
    wider = [*change.add, *(wish for _, wish in change.change)]
    title = "Transfer ownership" if action == "transfer" else "Give access"
    name = clean_line(file.name)[:120]
    return Act(
        Reach.SHARES,
        title,
        (f"{named(file.mime)}: {name}", *change.lines(zone), mail.text()),
        people=frozenset(one.who or "anyone" for one in wider),
        text=mail.message,
        digest=file.id,
        requests=change.wider * (PROPOSING if action == "transfer" else 1),
    )


async def _limited(
    google: Google, clock: Clock, file: File, viewers_copy: bool | None,
    editors_share: bool | None, *, dry_run: bool,
) -> Shared:  # fmt: skip
    """Whether viewers may download and copy, whether editors may share."""
    body: JsonObject = {}
    lines: list[str] = []
    if viewers_copy is not None:
        body["copyRequiresWriterPermission"] = not viewers_copy
        lines.append(f"viewers may {'' if viewers_copy else 'not '}download, print and copy it")
    if editors_share is not None:
        body["writersCanShare"] = editors_share
        lines.append(f"editors may {'' if editors_share else 'not '}share it")
    if not body:
        raise ArgumentError("limit needs viewers_copy or editors_share.")
    if not dry_run:
        await google.patch(item(file.id), body, safe=True, supportsAllDrives=True, fields=FIELDS)
    return Shared(file, lines, {}, None, clock.zone, dry_run=dry_run)
