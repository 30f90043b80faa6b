"""Whether a service's API answers an account: one cheap request each, none of which reads content."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

from auth_cli.web import Web
from workspace_mcp.errors import ApiDisabledError, NetworkError, NotFoundError, WorkspaceError
from workspace_mcp.google.failures import Problem, failure

ASKS: Final[Mapping[str, str]] = {
    "gmail": "https://gmail.googleapis.com/gmail/v1/users/me/profile",
    "drive": "https://www.googleapis.com/drive/v3/about?fields=kind",
    "calendar": "https://www.googleapis.com/calendar/v3/users/me/calendarList?maxResults=1&fields=kind",
    "docs": "https://docs.googleapis.com/v1/documents/no-such-document",
    "sheets": "https://sheets.googleapis.com/v4/spreadsheets/no-such-spreadsheet",
    "slides": "https://slides.googleapis.com/v1/presentations/no-such-presentation",
    "forms": "https://forms.googleapis.com/v1/forms/no-such-form",
    "tasks": "https://tasks.googleapis.com/tasks/v1/users/@me/lists?maxResults=1&fields=kind",
    "contacts": "https://people.googleapis.com/v1/people/me?personFields=metadata",
    "chat": "https://chat.googleapis.com/v1/spaces?pageSize=1",
    "appscript": "https://script.googleapis.com/v1/processes?pageSize=1",
}
"""Service → what to ask. A document that is not there says as well that the API is on."""
SECONDS: Final = 5.0


def answers(
    web: Web, token: str, email: str, services: Sequence[str]
) -> Iterator[tuple[str, WorkspaceError | None]]:
    """Each service with what is wrong with it, all asked at the same time."""
    known = [name for name in services if name in ASKS]

    def asked(name: str) -> WorkspaceError | None:
        return _wrong(web, token, email, ASKS[name])

    with ThreadPoolExecutor(max_workers=len(known) or 1) as pool:
        yield from zip(known, pool.map(asked, known), strict=True)


def _wrong(web: Web, token: str, email: str, url: str) -> WorkspaceError | None:
    try:
        answer = web.get(url, token, SECONDS)
    except NetworkError as error:
        return error
    if answer.status < 400:
        return None
    host = urlsplit(url).hostname or ""
    problem = Problem.read(answer.status, answer.raw or json.dumps({}).encode())
    found = failure(problem, email, host, answer.headers, None)
    gone = isinstance(found, NotFoundError) and "no-such-" in url
    return None if gone else found


def switched_off(
    found: Iterator[tuple[str, WorkspaceError | None]],
) -> list[tuple[str, WorkspaceError]]:
    """The services whose API is switched off in the Cloud project."""
    return [(name, error) for name, error in found if isinstance(error, ApiDisabledError)]
