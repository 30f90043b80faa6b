"""Small requests to Google beside the sign-in itself: forms and single facts, small answers, no redirects."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import httpx2

from workspace_mcp.credentials.refresh import network_error
from workspace_mcp.errors import NetworkError
from workspace_mcp.tls import tls_context

TOKEN: Final = "https://oauth2.googleapis.com/token"
REVOKE: Final = "https://oauth2.googleapis.com/revoke"
DEVICE: Final = "https://oauth2.googleapis.com/device/code"
TOKENINFO: Final = "https://oauth2.googleapis.com/tokeninfo"
USERINFO: Final = "https://openidconnect.googleapis.com/v1/userinfo"
SECONDS: Final = 10.0
_LARGEST: Final = 256 << 10


@dataclass(frozen=True, slots=True)
class Answer:
    """Google's answer. `body` is {} when it is no JSON object."""

    status: int
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def error(self) -> str:
        """OAuth's word for what is wrong; "" when nothing is, "unknown" when it has none."""
        if self.status < 400:
            return ""
        word = self.body.get("error") or self.body.get("error_code")
        safe = isinstance(word, str) and word.replace("_", "").isalnum() and len(word) < 60
        return str(word) if safe else "unknown"


class Web:
    """HTTPS by the machine's proxies and certificates."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return tls_context(self._environ)

    def form(self, url: str, fields: Mapping[str, str], seconds: float = SECONDS) -> Answer:
        """POST a form.

        Raises:
            NetworkError: no answer.
        """
        return self._ask("POST", url, data=dict(fields), timeout=seconds)

    def get(self, url: str, token: str = "", seconds: float = SECONDS) -> Answer:
        """GET one thing.

        Raises:
            NetworkError: no answer.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._ask("GET", url, headers=headers, timeout=seconds)

    def _ask(self, method: str, url: str, **how: Any) -> Answer:
        try:
            with (
                httpx2.Client(verify=self._tls, follow_redirects=False) as http,
                http.stream(method, url, **how) as answer,
            ):
                data = b""
                for chunk in answer.iter_bytes():
                    data += chunk
                    if len(data) > _LARGEST:
                        raise NetworkError("Google's answer does not end.", "Try again.")
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status_code, _object(data), headers, data)
        except httpx2.HTTPError as error:
            raise network_error(error) from None


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
