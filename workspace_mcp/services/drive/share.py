"""Giving and taking access.

Source: developers.google.com/workspace/drive/api/guides/manage-sharing,
…/guides/transfer-file, …/reference/rest/v3/permissions
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, tzinfo
from typing import Annotated, Final, Literal

from pydantic import Field

from workspace_mcp.errors import ArgumentError, WorkspaceError
from workspace_mcp.formats import show
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import Google
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.consent import ADDRESS, Consent
from workspace_mcp.policy.effects import Reach
from workspace_mcp.scopes import Scope
from workspace_mcp.services.drive.access import GRANT, Grant, may
from workspace_mcp.services.drive.files import FIELDS, File, fetched, item, locate
from workspace_mcp.services.drive.info import granted
from workspace_mcp.services.drive.kinds import named
from workspace_mcp.tools import Clock, Effect, JsonObject, Strings, View, tool

Action = Literal["grant", "revoke", "link", "transfer", "limit"]
Role = Literal["reader", "commenter", "writer", "fileOrganizer", "organizer", "off"]
MOST: Final = 50
_LISTED: Final = 40
PEOPLE: Final = frozenset({"user", "group"})
"""Those whom Google can mail."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to have which role ("" for none), and until when."""

    kind: str
    who: str
    role: str
    discoverable: bool = False
    expires: datetime | None = None

    def whom(self) -> str:
        """In words."""
        if self.kind == "anyone":
            return "anyone on the web" if self.discoverable else "anyone with the link"
        if self.kind == "domain":
            return f"everybody at {self.who}" + ("" if self.discoverable else " who has the link")
        return self.who


@dataclass(frozen=True, slots=True)
class Told:
    """What Google's notification is to say; `mail` is None where Google sends none."""

    mail: bool | None
    message: str = ""

    def text(self) -> str:
        """In words."""
        if self.mail is None:
            return "Google mails nobody."
        if not self.mail:
            return "Google mails nobody: notify=false."
        return "Google mails each of them" + (", with the message." if self.message else ".")


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


@dataclass(slots=True)
class Change:
    """What is asked of Google, permission by permission."""

    add: list[Wish] = field(default_factory=list[Wish])
    change: list[tuple[Grant, Wish]] = field(default_factory=list[tuple[Grant, Wish]])
    remove: list[Grant] = field(default_factory=list[Grant])
    same: list[str] = field(default_factory=list[str])

    @property
    def wider(self) -> int:
        """How many requests give access."""
        return len(self.add) + len(self.change)

    def lines(self, zone: tzinfo) -> list[str]:
        """In words, before → after."""
        found = [f"{one.whom()} {may(one.role)}{_until(one.expires, zone)}" for one in self.add]
        found += [_changed(old, wish, zone) for old, wish in self.change]
        found += [f"{_old(one)} no longer {may(one.role)}" for one in self.remove]
        return found + [f"{one}: so already" for one in self.same]


def _changed(old: Grant, wish: Wish, zone: tzinfo) -> str:
    until = _until(wish.expires, zone)
    if old.role != wish.role:
        return f"{wish.whom()}: {may(old.role)} -> {may(wish.role)}{until}"
    return f"{wish.whom()} {may(wish.role)}{until or ', without an end now'}"


def _until(expires: datetime | None, zone: tzinfo) -> str:
    return f", until {show.local(expires, zone)}" if expires else ""


def _old(one: Grant) -> str:
    return Wish(one.kind, one.who or one.name, one.role, one.discoverable).whom()


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
    until = _expiry(expires, clock)
    wishes = _wishes(google, action, who, role, until, discoverable=discoverable)
    have = await granted(google, one)
    if have is None:
        raise ArgumentError("This account may not see or change who has access to that file.")
    change = _change(wishes, have, keep=expires is None)
    told = _told(action, change, notify=notify, message=message)
    lines = change.lines(clock.zone)
    if dry_run:
        return Shared(one, lines, {}, None, clock.zone, dry_run=True)
    if not change.wider and not change.remove:
        return Shared(one, lines, {}, have, clock.zone)
    if change.wider:
        await consent(sharing(one, action, change, told, clock.zone))
    failed = await _apply(google, one, change, told, transfers=action == "transfer", move=move)
    if len(failed) == change.wider + len(change.remove):
        raise WorkspaceError(next(iter(failed.values())))
    done = Change(
        [wish for wish in change.add if wish.whom() not in failed],
        [(old, wish) for old, wish in change.change if wish.whom() not in failed],
        [old for old in change.remove if _old(old) not in failed],
        change.same,
    )
    said = told.text() if done.wider else ""
    return Shared(
        one, done.lines(clock.zone), failed, await granted(google, one), clock.zone, told=said
    )


def _expiry(text: str | None, clock: Clock) -> datetime | None:
    """A moment; a bare date ends with its day.

    Raises:
        ArgumentError: no date, or none to come.
    """
    if text is None or text == "off":
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ArgumentError("expires is no date.", "Write it like 2026-12-31.") from None
    if len(text.strip()) == 10:
        found = datetime.combine(found.date(), time(23, 59, 59))
    found = found if found.tzinfo else found.replace(tzinfo=clock.zone)
    if found <= clock.now():
        raise ArgumentError("expires is over already.")
    return found


def _wishes(
    google: Google, action: Action, who: Sequence[str] | None, role: str | None,
    expires: datetime | None, *, discoverable: bool,
) -> list[Wish]:  # fmt: skip
    """What is asked for, checked as far as it can be without Google.

    Raises:
        ArgumentError: something is missing, or no address or domain.
    """
    people = list(dict.fromkeys(one.strip().lower() for one in who or ()))
    if len(people) > MOST:
        raise ArgumentError(f"{len(people)} were named; {MOST} can be at a time.")
    if action == "link":
        return _link(people, role, expires, discoverable=discoverable)
    if not people:
        raise ArgumentError(
            f"{action} needs who.", "E-mail addresses, or a domain such as example.com."
        )
    if action == "transfer":
        if len(people) != 1 or not ADDRESS.fullmatch(people[0]):
            raise ArgumentError("transfer needs one e-mail address.")
        return [Wish("user", people[0], "owner")]
    if action == "grant" and role in {None, "off"}:
        raise ArgumentError("grant needs role.", "reader, commenter or writer.")
    chosen = role if action == "grant" and role else ""
    return [_wish(one, chosen, expires, discoverable=discoverable) for one in people]


def _wish(one: str, role: str, expires: datetime | None, *, discoverable: bool) -> Wish:
    kind, _, address = one.rpartition(":")
    if kind in {"", "group"} and ADDRESS.fullmatch(address):
        return Wish(kind or "user", address, role, expires=expires)
    if one.replace("-", "").replace(".", "").isalnum() and "." in one.strip("."):
        return Wish("domain", one, role, discoverable)
    if one == "anyone" and not role:
        return Wish("anyone", "", "")
    raise ArgumentError("who holds something that is no e-mail address and no domain.")


def _link(
    domains: Sequence[str], role: str | None, expires: datetime | None, *, discoverable: bool
) -> list[Wish]:
    if role not in {"reader", "commenter", "writer", "off"}:
        raise ArgumentError("link needs role: reader, commenter, writer or off.")
    if expires:
        raise ArgumentError(
            "Google ends links by hand alone.", "expires goes with grant, to people."
        )
    chosen = "" if role == "off" else role
    if not domains:
        return [Wish("anyone", "", chosen, discoverable)]
    found = [_wish(one, chosen, None, discoverable=discoverable) for one in domains]
    if any(one.kind != "domain" for one in found):
        raise ArgumentError(
            "link takes domains, or nobody for anyone.", "grant gives people access."
        )
    return found


def _matches(grant: Grant, wish: Wish) -> bool:
    if wish.kind == "anyone" or grant.kind == "anyone":
        return grant.kind == wish.kind
    kinds = {"domain"} if wish.kind == "domain" else {"user", "group"}
    return grant.kind in kinds and grant.who == wish.who


def _change(wishes: Sequence[Wish], have: Sequence[Grant], *, keep: bool) -> Change:
    """What must be asked of Google for the wishes.

    Raises:
        ArgumentError: somebody has no access that could be taken, or has it from a folder.
    """
    found = Change()
    for wish in wishes:
        old = next((one for one in have if _matches(one, wish)), None)
        if keep and old is not None and old.kind in PEOPLE and old.role != "owner":
            wish = replace(wish, expires=old.expires)  # noqa: PLW2901
        if not wish.role:
            _remove(found, wish, old)
        elif old is None or (not old.direct and old.role != wish.role):
            found.add.append(wish)
        elif old.role == "owner":
            raise ArgumentError(
                "The owner's access cannot be changed.", "action=transfer makes another owner."
            )
        elif old.kind in {"anyone", "domain"} and old.discoverable != wish.discoverable:
            found.remove.append(old)
            found.add.append(wish)
        elif old.role == wish.role and (keep or old.expires == wish.expires):
            found.same.append(f"{wish.whom()} {may(wish.role)}")
        else:
            found.change.append((old, wish))
    return found


def _remove(found: Change, wish: Wish, old: Grant | None) -> None:
    if old is None:
        found.same.append(f"{wish.whom()} has no access")
    elif old.role == "owner":
        raise ArgumentError(
            "The owner's access cannot be taken.", "action=transfer makes another owner."
        )
    elif not old.direct:
        raise ArgumentError(
            "That access comes from a folder above, and can be taken there alone.",
            "drive_info names the folder.",
        )
    else:
        found.remove.append(old)


def _told(action: Action, change: Change, *, notify: bool, message: str | None) -> Told:
    """Whether Google mails anybody. It always does at a transfer, and never for a change of role."""
    people = [one for one in change.add if one.kind in PEOPLE]
    if action == "transfer":
        return Told(True, message or "")
    if not people:
        return Told(None)
    return Told(notify, (message or "") if notify else "")


def sharing(file: File, action: Action, change: Change, told: Told, zone: tzinfo) -> Act:
    """What is given, as a person is asked about it."""
    wishes = [*change.add, *(wish for _, wish in change.change)]
    title = "Transfer ownership" if action == "transfer" else "Give access"
    name = clean_line(file.name)[:120]
    return Act(
        Reach.SHARES,
        title,
        (f"{named(file.mime)}: {name}", *change.lines(zone), told.text()),
        people=frozenset(one.who or "anyone" for one in wishes),
        text=told.message,
        digest=file.id,
        requests=change.wider,
    )


async def _apply(
    google: Google, file: File, change: Change, told: Told, *, transfers: bool, move: bool
) -> dict[str, str]:
    """Ask Google, one after the other: at the same time on one file, some would be lost. What failed."""
    failed: dict[str, str] = {}
    place = item(file.id).sub("permissions")
    for old in change.remove:
        try:
            await google.delete(place.item(old.id), supportsAllDrives=True)
        except WorkspaceError as error:
            failed[_old(old)] = str(error).replace("\n", " ")
    for wish in change.add:
        mails = told.mail if wish.kind in PEOPLE else None
        try:
            await google.post(
                place, _body(wish), safe=not mails, supportsAllDrives=True,
                sendNotificationEmail=mails, emailMessage=(told.message or None) if mails else None,
                transferOwnership=True if transfers else None,
                moveToNewOwnersRoot=True if transfers and move else None, fields=GRANT,
            )  # fmt: skip
        except WorkspaceError as error:
            failed[wish.whom()] = str(error).replace("\n", " ")
    for old, wish in change.change:
        body: JsonObject = {"role": wish.role}
        if wish.expires:
            body["expirationTime"] = _stamp(wish.expires)
        try:
            await google.patch(
                place.item(old.id), body, safe=True, supportsAllDrives=True, fields=GRANT,
                removeExpiration=True if old.expires and not wish.expires else None,
                transferOwnership=True if transfers else None,
            )  # fmt: skip
        except WorkspaceError as error:
            failed[wish.whom()] = str(error).replace("\n", " ")
    return failed


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
