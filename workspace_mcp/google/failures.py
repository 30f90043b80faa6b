"""Google's error bodies → our errors, each with its remedy. No I/O."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.errors import (
    ApiDisabledError,
    ConflictError,
    ForbiddenError,
    GoogleDownError,
    GoogleError,
    InvalidRequestError,
    MissingScopeError,
    NotFoundError,
    NotSignedInError,
    QuotaError,
    WorkspaceError,
)
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.retry import TURNED_AWAY

_LONGEST: Final = 300
_DISABLED: Final = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_SCOPE: Final = frozenset({
    "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes",
})  # fmt: skip
_ADMIN: Final = frozenset({"domainPolicy", "mailServiceNotEnabled", "failedPrecondition"})
_LIMITS: Final = frozenset({
    "dailyLimitExceeded", "quotaExceeded", "storageQuotaExceeded", "sendingLimitExceeded",
})  # fmt: skip
_LINK: Final = re.compile(r"https://console\.(?:developers|cloud)\.google\.com/[^\s\"'<>]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error body says, whichever of Google's two forms it has."""

    status: int
    message: str = ""
    reasons: frozenset[str] = frozenset()
    metadata: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, status: int, body: bytes) -> "Problem":
        """From the bytes of an answer; a body that is not Google's gives a bare status."""
        try:
            error: Any = json.loads(body)["error"]
            message = error["message"]
        except (ValueError, RecursionError, KeyError, TypeError):
            return cls(status)
        details = [one for one in error.get("details") or () if isinstance(one, dict)]
        older = [one for one in error.get("errors") or () if isinstance(one, dict)]
        reasons = {one.get("reason") for one in (*older, *details)} | {error.get("status")}
        metadata = {
            str(key): str(value)
            for one in details
            if isinstance(one.get("metadata"), dict)
            for key, value in one["metadata"].items()
        }
        return cls(
            status,
            clean_line(str(message))[:_LONGEST],
            frozenset(reason for reason in reasons if isinstance(reason, str)),
            tuple(metadata.items()),
        )

    @property
    def reason(self) -> str:
        """The reason that decides about a repeat, else the API's own, else the general one, else ""."""
        found = self.reasons & TURNED_AWAY or self.reasons
        return min(found, key=lambda one: (one.isupper(), one), default="")


def failure(
    problem: Problem, account: str, service: str, headers: Mapping[str, str], wish: float | None
) -> WorkspaceError:
    """The error to raise for an answer of 400 or more.

    `service` is the API's name ("gmail", "drive") or its host; `wish` is Retry-After in seconds.

    Source: developers.google.com/workspace/gmail/api/guides/handle-errors,
    cloud.google.com/apis/design/errors
    """
    status, reasons = problem.status, problem.reasons
    service = service.partition(".")[0]
    if status == 401:
        return NotSignedInError(account, "token_expired_or_revoked")
    if reasons & _DISABLED:
        return _disabled(problem, service)
    if status == 403 and reasons & _SCOPE:
        return MissingScopeError(account, service, _scopes(headers))
    if status == 429 or reasons & TURNED_AWAY:
        return _quota(problem, wish)
    if reasons & _LIMITS:
        return QuotaError(
            f"A limit of {account} is used up.{_said(problem)}",
            "Try again later, or tell the user.", status=status, reason=problem.reason,
        )  # fmt: skip
    return _plain(problem, account)


def _plain(problem: Problem, account: str) -> GoogleError:
    status, said = problem.status, _said(problem)
    kind, what, remedy = GoogleError, f"Google refused the request ({status}).{said}", ""
    if status in {404, 410}:
        kind, what = NotFoundError, f"Google has no such item, or {account} may not see it."
        remedy = "Search again: ids go stale."
    elif problem.reasons & _ADMIN and status == 403:
        kind, what = ForbiddenError, f"The administrator of {account} does not allow this.{said}"
        remedy = "Ask the administrator."
    elif status == 403:
        kind, what = ForbiddenError, f"{account} may not do this.{said}"
    elif status in {409, 412}:
        kind, what = ConflictError, f"It changed meanwhile, or exists already.{said}"
        remedy = "Read it again, then repeat with what it is now."
    elif status in {400, 413, 415, 422}:
        kind, what = InvalidRequestError, f"Google could not use the request.{said}"
    elif status >= 500 or status < 400:
        kind, what = GoogleDownError, f"Google has a problem of its own ({status}).{said}"
        remedy = "Try again in a few minutes."
    return kind(what, remedy, status=status, reason=problem.reason)


def _said(problem: Problem) -> str:
    return f' Google says: "{problem.message}"' if problem.message else ""


def _disabled(problem: Problem, service: str) -> ApiDisabledError:
    found = dict(problem.metadata)
    link = _LINK.search(found.get("activationUrl", "")) or _LINK.search(problem.message)
    api = found.get("service") or f"{service}.googleapis.com"
    address = (
        link[0].rstrip(".,)")
        if link
        else f"https://console.developers.google.com/apis/library/{api}"
    )
    return ApiDisabledError(
        f"The {service} API is switched off in the Google Cloud project of this sign-in.",
        f"The user must open {address} and press Enable, then wait a minute or two.",
        status=problem.status,
        reason=problem.reason,
    )


def _scopes(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The scopes that would do, from `WWW-Authenticate`."""
    found = re.search(r'scope="([^"]+)"', headers.get("www-authenticate", ""))
    return tuple(clean_line(found[1]).split()[:3]) if found else ("a permission of this service",)


def _quota(problem: Problem, wish: float | None) -> QuotaError:
    when = f"in {wish:.0f} seconds" if wish else "in a minute"
    return QuotaError(
        f"Google turned the request away: too many at once.{_said(problem)}",
        f"Try again {when}.",
        status=problem.status,
        reason=problem.reason,
    )
