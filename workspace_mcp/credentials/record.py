"""One credential file ↔ `Credential`: exactly the seven keys that workspace-mcp 1.x and 2.x know. No I/O."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

TOKEN_URIS: Final = frozenset({
    "https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token",
    "https://accounts.google.com/o/oauth2/token",
})  # fmt: skip
"""Where a refresh token may go, and nowhere else."""
TOKEN_URI: Final = "https://oauth2.googleapis.com/token"
LARGEST: Final = 64 << 10
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,4096}")


class MalformedError(ValueError):
    """A file that is no credential. Its text says why, without what stands in it."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A sign-in. `token` is the access token; `expiry` is aware, in UTC; None: not known, so over."""

    refresh_token: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    token_uri: str = TOKEN_URI
    scopes: tuple[str, ...] = ()
    expiry: datetime | None = None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a file's bytes.

        Raises:
            MalformedError: not JSON, a wrong type, a token with odd characters, or a `token_uri`
                that is not Google's.
        """
        if len(data) > LARGEST:
            raise MalformedError("it is too large")
        try:
            found: Any = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise MalformedError("it is not JSON") from None
        if not isinstance(found, dict):
            raise MalformedError("it is not a JSON object")
        uri = _text(found, "token_uri") or TOKEN_URI
        if uri not in TOKEN_URIS:
            raise MalformedError("its token_uri is not Google's")
        return cls(
            _secret(found, "refresh_token"), _text(found, "client_id"), _secret(found, "client_secret"),
            _secret(found, "token"), uri, _scopes(found.get("scopes")), _expiry(found.get("expiry")),
        )  # fmt: skip

    def render(self) -> bytes:
        """The bytes of a file: the seven keys, `expiry` without a zone."""
        expiry = None if self.expiry is None else self.expiry.astimezone(UTC).replace(tzinfo=None)
        fields = {
            "token": self.token or None,
            "refresh_token": self.refresh_token or None,
            "token_uri": self.token_uri,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scopes": list(self.scopes),
            "expiry": None if expiry is None else expiry.isoformat(),
        }
        return json.dumps(fields, indent=2).encode()

    def fresh(self, now: datetime, margin: timedelta) -> bool:
        """Whether the access token is good for `margin` more."""
        return bool(self.token) and self.expiry is not None and self.expiry - now > margin

    def refreshed(self, token: str, expiry: datetime, refresh_token: str = "") -> Self:
        """With a new access token, and a new refresh token when there is one."""
        return replace(
            self, token=token, expiry=expiry, refresh_token=refresh_token or self.refresh_token
        )


def good_token(text: str) -> bool:
    """Whether `text` can stand in an HTTP header."""
    return _TOKEN.fullmatch(text) is not None


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedError(f"its {name} is no text")
    return value


def _secret(found: Mapping[str, Any], name: str) -> str:
    value = _text(found, name)
    if value and not good_token(value):
        raise MalformedError(f"its {name} has characters that no token has")
    return value


def _scopes(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(value.split())
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise MalformedError("its scopes are no list of texts")
    return tuple(value)


def _expiry(value: Any) -> datetime | None:
    """Naive means UTC; what has an offset or is nonsense counts as not known."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip().removesuffix("Z"))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else None
