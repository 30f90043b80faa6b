"""Google's permissions: what they are called, what each covers, which service asks for which.

Source: developers.google.com/identity/protocols/oauth2/scopes. Which method accepts which scope
stands in Google's discovery documents; a test holds `COVERS` to them.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

_AUTH = "https://www.googleapis.com/auth/"


class Scope(StrEnum):
    """A permission, by the URL that Google knows it by."""

    OPENID = "openid"
    EMAIL = _AUTH + "userinfo.email"
    PROFILE = _AUTH + "userinfo.profile"

    MAIL = "https://mail.google.com/"
    GMAIL_READONLY = _AUTH + "gmail.readonly"
    GMAIL_MODIFY = _AUTH + "gmail.modify"
    GMAIL_COMPOSE = _AUTH + "gmail.compose"
    GMAIL_SEND = _AUTH + "gmail.send"
    GMAIL_LABELS = _AUTH + "gmail.labels"
    GMAIL_METADATA = _AUTH + "gmail.metadata"
    GMAIL_SETTINGS = _AUTH + "gmail.settings.basic"

    DRIVE = _AUTH + "drive"
    DRIVE_READONLY = _AUTH + "drive.readonly"
    DRIVE_FILE = _AUTH + "drive.file"

    CALENDAR = _AUTH + "calendar"
    CALENDAR_READONLY = _AUTH + "calendar.readonly"

    DOCS = _AUTH + "documents"
    DOCS_READONLY = _AUTH + "documents.readonly"
    SHEETS = _AUTH + "spreadsheets"
    SHEETS_READONLY = _AUTH + "spreadsheets.readonly"
    SLIDES = _AUTH + "presentations"
    SLIDES_READONLY = _AUTH + "presentations.readonly"

    FORMS_BODY = _AUTH + "forms.body"
    FORMS_BODY_READONLY = _AUTH + "forms.body.readonly"
    FORMS_RESPONSES_READONLY = _AUTH + "forms.responses.readonly"

    TASKS = _AUTH + "tasks"
    TASKS_READONLY = _AUTH + "tasks.readonly"

    CONTACTS = _AUTH + "contacts"
    CONTACTS_READONLY = _AUTH + "contacts.readonly"
    CONTACTS_OTHER_READONLY = _AUTH + "contacts.other.readonly"
    DIRECTORY_READONLY = _AUTH + "directory.readonly"

    CHAT_MESSAGES = _AUTH + "chat.messages"
    CHAT_MESSAGES_READONLY = _AUTH + "chat.messages.readonly"
    CHAT_SPACES = _AUTH + "chat.spaces"
    CHAT_SPACES_READONLY = _AUTH + "chat.spaces.readonly"
    CHAT_MEMBERSHIPS = _AUTH + "chat.memberships"
    CHAT_MEMBERSHIPS_READONLY = _AUTH + "chat.memberships.readonly"

    SCRIPT_PROJECTS = _AUTH + "script.projects"
    SCRIPT_PROJECTS_READONLY = _AUTH + "script.projects.readonly"
    SCRIPT_DEPLOYMENTS = _AUTH + "script.deployments"
    SCRIPT_DEPLOYMENTS_READONLY = _AUTH + "script.deployments.readonly"
    SCRIPT_PROCESSES = _AUTH + "script.processes"
    SCRIPT_METRICS = _AUTH + "script.metrics"

    CSE = _AUTH + "cse"

    @property
    def short(self) -> str:
        """`gmail.readonly`; the name a person uses."""
        return self.value.removeprefix(_AUTH)


IDENTITY = (Scope.OPENID, Scope.EMAIL)

COVERS: Mapping[str, frozenset[str]] = {
    Scope.MAIL: frozenset(
        {
            Scope.GMAIL_MODIFY,
            Scope.GMAIL_READONLY,
            Scope.GMAIL_COMPOSE,
            Scope.GMAIL_SEND,
            Scope.GMAIL_LABELS,
            Scope.GMAIL_METADATA,
        }
    ),
    Scope.GMAIL_MODIFY: frozenset(
        {
            Scope.GMAIL_READONLY,
            Scope.GMAIL_COMPOSE,
            Scope.GMAIL_SEND,
            Scope.GMAIL_LABELS,
            Scope.GMAIL_METADATA,
        }
    ),
    Scope.GMAIL_COMPOSE: frozenset({Scope.GMAIL_SEND}),
    Scope.GMAIL_READONLY: frozenset({Scope.GMAIL_METADATA}),
    Scope.DRIVE: frozenset(
        {
            Scope.DRIVE_READONLY,
            Scope.DRIVE_FILE,
            Scope.DOCS,
            Scope.DOCS_READONLY,
            Scope.SHEETS,
            Scope.SHEETS_READONLY,
            Scope.SLIDES,
            Scope.SLIDES_READONLY,
            Scope.FORMS_BODY,
            Scope.FORMS_BODY_READONLY,
        }
    ),
    Scope.DRIVE_READONLY: frozenset(
        {
            Scope.DOCS_READONLY,
            Scope.SHEETS_READONLY,
            Scope.SLIDES_READONLY,
            Scope.FORMS_BODY_READONLY,
        }
    ),
    Scope.CALENDAR: frozenset({Scope.CALENDAR_READONLY}),
    Scope.DOCS: frozenset({Scope.DOCS_READONLY}),
    Scope.SHEETS: frozenset({Scope.SHEETS_READONLY}),
    Scope.SLIDES: frozenset({Scope.SLIDES_READONLY}),
    Scope.FORMS_BODY: frozenset({Scope.FORMS_BODY_READONLY}),
    Scope.TASKS: frozenset({Scope.TASKS_READONLY}),
    Scope.CONTACTS: frozenset({Scope.CONTACTS_READONLY}),
    Scope.CHAT_MESSAGES: frozenset({Scope.CHAT_MESSAGES_READONLY}),
    Scope.CHAT_SPACES: frozenset({Scope.CHAT_SPACES_READONLY}),
    Scope.CHAT_MEMBERSHIPS: frozenset({Scope.CHAT_MEMBERSHIPS_READONLY}),
    Scope.SCRIPT_PROJECTS: frozenset({Scope.SCRIPT_PROJECTS_READONLY}),
    Scope.SCRIPT_DEPLOYMENTS: frozenset({Scope.SCRIPT_DEPLOYMENTS_READONLY}),
}
"""What a broad permission covers besides itself."""

FULL: Mapping[str, tuple[Scope, ...]] = {
    "gmail": (Scope.GMAIL_MODIFY, Scope.GMAIL_SETTINGS),
    "drive": (Scope.DRIVE,),
    "calendar": (Scope.CALENDAR,),
    "docs": (Scope.DOCS, Scope.DRIVE),
    "sheets": (Scope.SHEETS, Scope.DRIVE),
    "slides": (Scope.SLIDES, Scope.DRIVE),
    "forms": (Scope.FORMS_BODY, Scope.FORMS_RESPONSES_READONLY),
    "tasks": (Scope.TASKS,),
    "contacts": (Scope.CONTACTS, Scope.CONTACTS_OTHER_READONLY, Scope.DIRECTORY_READONLY),
    "chat": (Scope.CHAT_MESSAGES, Scope.CHAT_SPACES, Scope.CHAT_MEMBERSHIPS),
    "appscript": (
        Scope.SCRIPT_PROJECTS,
        Scope.SCRIPT_DEPLOYMENTS,
        Scope.SCRIPT_PROCESSES,
        Scope.SCRIPT_METRICS,
    ),
    "search": (Scope.CSE,),
}
"""Service → what to ask for when it may read and write. Its keys are all services there are."""

READ_ONLY: Mapping[str, tuple[Scope, ...]] = {
    "gmail": (Scope.GMAIL_READONLY,),
    "drive": (Scope.DRIVE_READONLY,),
    "calendar": (Scope.CALENDAR_READONLY,),
    "docs": (Scope.DOCS_READONLY, Scope.DRIVE_READONLY),
    "sheets": (Scope.SHEETS_READONLY, Scope.DRIVE_READONLY),
    "slides": (Scope.SLIDES_READONLY, Scope.DRIVE_READONLY),
    "forms": (Scope.FORMS_BODY_READONLY, Scope.FORMS_RESPONSES_READONLY),
    "tasks": (Scope.TASKS_READONLY,),
    "contacts": (
        Scope.CONTACTS_READONLY,
        Scope.CONTACTS_OTHER_READONLY,
        Scope.DIRECTORY_READONLY,
    ),
    "chat": (
        Scope.CHAT_MESSAGES_READONLY,
        Scope.CHAT_SPACES_READONLY,
        Scope.CHAT_MEMBERSHIPS_READONLY,
    ),
    "appscript": (
        Scope.SCRIPT_PROJECTS_READONLY,
        Scope.SCRIPT_DEPLOYMENTS_READONLY,
        Scope.SCRIPT_PROCESSES,
        Scope.SCRIPT_METRICS,
    ),
    "search": (Scope.CSE,),
}
"""Service → what to ask for when it may only read."""

SERVICES: tuple[str, ...] = tuple(FULL)


def closure(granted: Iterable[str]) -> frozenset[str]:
    """`granted` and everything that it covers."""
    reached: set[str] = set()
    for scope in granted:
        reached.add(scope)
        reached |= COVERS.get(scope, frozenset())
    return frozenset(reached)


def missing(needed: Iterable[str], granted: Iterable[str]) -> tuple[str, ...]:
    """Those of `needed` that nothing in `granted` covers, in `needed`'s order."""
    has = closure(granted)
    return tuple(scope for scope in needed if scope not in has)


def requested(services: Iterable[str], *, read_only: bool) -> tuple[str, ...]:
    """What to ask Google for: identity first, then each service's, no scope covered by another.

    Raises:
        KeyError: not a service.
    """
    table = READ_ONLY if read_only else FULL
    wanted = list(dict.fromkeys(scope for service in services for scope in table[service]))
    covered = frozenset[str]().union(*(COVERS.get(scope, frozenset()) for scope in wanted))
    return tuple(map(str, (*IDENTITY, *(scope for scope in wanted if scope not in covered))))


def grants(granted: frozenset[str]) -> str:
    """The services that `granted` opens, each with what it may: "gmail, drive (read only)"."""
    if not granted:
        return "permissions unknown until the first call"
    found: list[str] = []
    for service, scopes in FULL.items():
        if not missing(scopes, granted):
            found.append(service)
        elif not missing(READ_ONLY[service], granted):
            found.append(f"{service} (read only)")
        elif some := [s for s in scopes if not missing([s], granted)]:
            found.append(f"{service} (only {', '.join(Scope(s).short for s in some)})")
    return ", ".join(found) or "no service granted"
