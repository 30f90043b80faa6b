"""One request and its answer as values, and what can go wrong between them. No I/O."""

import json
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx2

from workspace_mcp.errors import GoogleDownError, NetworkError, OutcomeUnknownError, WorkspaceError
from workspace_mcp.google.resource import Resource

JsonObject = dict[str, Any]
Problem = TypeVar("Problem", bound=WorkspaceError)
Query = str | int | float | bool | Sequence[str] | None
"""None is left out; a sequence repeats its key."""
DEADLINE: Final = 30.0
"""Seconds for one request and its answer, however slowly its bytes come."""
GOOD: Final = frozenset(range(200, 300))
LARGEST: Final = 32 << 20
"""Bytes of a JSON answer, unpacked. Mail of 25 MB arrives as 34 MB of base64 by `get_large`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Google's answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Sending:
    """One request, as often as it may be sent."""

    method: str
    resource: Resource
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | Callable[[], AsyncIterator[bytes]] | None = None
    mime: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    safe: bool = True
    largest: int = LARGEST
    seconds: float = DEADLINE
    good: frozenset[int] = GOOD
    sink: Callable[[bytes], None] | None = None
    """Takes the body of a 200 or 206 as it comes, instead of its being kept."""
    about: bytes = b""
    """The metadata inside a body that is streamed."""
    begin: Callable[[int, Mapping[str, str]], None] | None = None
    """Told the status and headers before the sink gets anything; may raise."""
    quiet: bool = False
    """Changes nothing that anybody sees, whatever its method."""

    @property
    def changes(self) -> bool:
        """Whether Google may have done something although no answer came."""
        return self.method != "GET" and not self.quiet


def pairs(query: Mapping[str, Query]) -> tuple[tuple[str, str], ...]:
    """Query parameters as they go on the wire."""
    found: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        many = [value] if isinstance(value, str | int | float) else value
        found += [(name, _word(one)) for one in many]
    return tuple(found)


def _word(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class UnreadableError(GoogleDownError):
    """An answer that is not what Google's documents say."""

    def __init__(self) -> None:
        super().__init__("Google's answer could not be read.", "Try again in a minute.")


class Fields(JsonObject):
    """An object of an answer. A field that must be there and is not makes the answer unreadable."""

    def __missing__(self, key: str) -> Any:
        raise UnreadableError


class FieldsOfAChange(JsonObject):
    """An object of the answer to a change that must not be sent twice: without the field, who knows."""

    def __missing__(self, key: str) -> Any:
        raise unknown_outcome()


class FieldsOfASafeChange(JsonObject):
    """An object of the answer to a change that may be sent twice: without the field, who knows."""

    def __missing__(self, key: str) -> Any:
        raise doubted(UnreadableError())


def json_object(body: bytes, *, safe: bool = True, changes: bool = False) -> JsonObject:
    """The JSON object of an answer; `safe`: the request may be sent again.

    Raises:
        GoogleDownError: it is none.
    """
    kind = (FieldsOfASafeChange if changes else Fields) if safe else FieldsOfAChange
    if not body.strip():
        return kind()
    try:
        found: Any = json.loads(body, object_hook=kind)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableError
    return found


def object_in(body: bytes) -> JsonObject | None:
    """The JSON object of a body for who only looks on; None when it is none, as the caller is told."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def host_of(resource: Resource) -> str:
    """Google's host of a resource."""
    return urlsplit(resource.url).hostname or ""


def service_of(resource: Resource) -> str:
    """The API that a resource belongs to ("gmail", "drive"): its host's first label, or its path."""
    parts = urlsplit(resource.url)
    label = (parts.hostname or "").partition(".")[0]
    if label != "www":
        return label
    path = re.sub(r"^/(resumable/)?(upload/|batch/)?", "", parts.path)
    return path.partition("/")[0]


def network_error(broken: Exception | None) -> NetworkError:
    """Google was not reached, in words that help."""
    if isinstance(broken, httpx2.ProxyError):
        return NetworkError(
            "The proxy did not let the request through.",
            "Look at HTTPS_PROXY and NO_PROXY: workspace-auth doctor --online shows them.",
        )
    cause: BaseException | None = broken
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NetworkError(
                "Google's certificate is not trusted here, as happens behind a proxy that looks "
                "into TLS.",
                "Name the file with its CA certificate in SSL_CERT_FILE.",
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(broken, TimeoutError | httpx2.TimeoutException):
        return NetworkError("Google did not answer in time.", "Try again in a minute.")
    return NetworkError("Google was not reached.", "Check the network, then repeat the call.")


def doubted(error: Problem) -> Problem:
    """`error`, which came in place of the answer to a change that Google may have made."""
    error.remedy = f"The change may have been made all the same: look first. {error.remedy}"
    return error


def unknown_outcome() -> OutcomeUnknownError:
    """The text for a change whose answer was lost."""
    return OutcomeUnknownError(
        "The change was sent to Google and the answer was lost: it may have happened.",
        "Do not repeat the call before you have looked whether it did.",
    )
