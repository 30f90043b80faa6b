"""Requests and answers of the demo, and Google's form of an error. No I/O."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTPS request, taken apart. Header names are lower-case; `path` is not decoded."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    def one(self, name: str) -> str | None:
        """The last value of a query parameter, or None."""
        return dict(self.query).get(name)

    def many(self, name: str) -> list[str]:
        """Every value of a query parameter."""
        return [value for key, value in self.query if key == name]

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; {} when there is none.

        Raises:
            Refusal: it is not one.
        """
        if not self.body.strip():
            return {}
        try:
            found: Any = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Refusal(400, "Invalid JSON payload received.", "parseError")
        return found


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    409: "ALREADY_EXISTS", 412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip
REASON = {
    400: "badRequest", 401: "authError", 403: "forbidden", 404: "notFound", 409: "aborted",
    429: "rateLimitExceeded", 500: "backendError", 503: "backendError",
}  # fmt: skip


class Refusal(Exception):
    """An answer that is an error, in the form of Google's APIs."""

    def __init__(
        self,
        status: int,
        message: str,
        reason: str = "",
        *,
        details: list[dict[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason or REASON.get(status, "badRequest")
        self.details = details or []
        self.headers = headers or {}

    def response(self) -> Response:
        """The error as an answer."""
        one = {"message": self.message, "domain": "global", "reason": self.reason}
        error: dict[str, Any] = {
            "code": self.status,
            "message": self.message,
            "errors": [one],
            "status": STATUS.get(self.status, "UNKNOWN"),
        }
        if self.details:
            error["details"] = self.details
        return answer({"error": error}, self.status, self.headers)


def answer(
    body: Mapping[str, Any] | None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer; None is an empty one (204 becomes Google's status for deletions)."""
    if body is None:
        return Response(204 if status == 200 else status, dict(headers or {}), b"")
    kind = {"content-type": "application/json; charset=UTF-8"}
    text = json.dumps(body, ensure_ascii=False).encode()
    return Response(status, {**kind, **(headers or {})}, text)
