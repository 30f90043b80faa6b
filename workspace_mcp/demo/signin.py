"""A fake of Google's token endpoint: codes and refresh tokens become access tokens of the demo.

Source: developers.google.com/identity/protocols/oauth2/native-app
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from workspace_mcp.demo.http import Request, Response, answer

HOST: Final = "oauth2.googleapis.com"
_LIFE: Final = 3599


@dataclass
class SignIn:
    """Who may sign in. `token_for` gives an account's access token, `number` what ids are made of."""

    token_for: Callable[[str], str]
    number: Callable[[], int]
    accounts: dict[str, str] = field(default_factory=dict[str, str])
    """Refresh token → account; a token that is taken out is revoked."""
    refreshed: list[str] = field(default_factory=list[str])
    """The refresh tokens that were used, in order."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def consent(self, url: str, email: str, scopes: str | None = None) -> str:
        """A person says yes at the address `url`; where Google sends the browser then.

        `scopes`: what was ticked; all that was asked for when None.
        """
        fields = _fields(urlsplit(url).query)
        code = f"4/0demo-{self.number()}"
        self._codes[code] = {**fields, "email": email, "scope": scopes or fields["scope"]}
        back = {"state": fields["state"], "code": code, "iss": "https://accounts.google.com"}
        return f"{fields['redirect_uri']}?{urlencode(back)}"

    def handle(self, request: Request) -> Response:
        """The answer of the token endpoint."""
        form = _fields(request.body.decode("utf-8", "replace"))
        match request.method, request.path, form.get("grant_type"):
            case "POST", "/token", "refresh_token":
                return self._refresh(form)
            case "POST", "/token", "authorization_code":
                return self._exchange(form)
            case _:
                return _refusal("unsupported_grant_type", "Invalid grant_type.")

    def _refresh(self, form: dict[str, str]) -> Response:
        token = form.get("refresh_token", "")
        self.refreshed.append(token)
        if token not in self.accounts:
            return _refusal("invalid_grant", "Token has been expired or revoked.")
        return answer(self._granted(self.accounts[token]))

    def _exchange(self, form: dict[str, str]) -> Response:
        """A code counts once, with the verifier and the address that it was asked for with."""
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or challenge != asked.get("code_challenge"):
            return _refusal("invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return _refusal("redirect_uri_mismatch", "Bad Request")
        refresh = f"1//demo-{self.number()}"
        self.accounts[refresh] = asked["email"]
        body = self._granted(asked["email"])
        return answer(
            body | {"refresh_token": refresh, "scope": asked["scope"], "id_token": _id_token(asked)}
        )

    def _granted(self, account: str) -> dict[str, Any]:
        return {
            "access_token": self.token_for(account),
            "expires_in": _LIFE,
            "token_type": "Bearer",
        }


def _fields(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _refusal(error: str, words: str) -> Response:
    return answer({"error": error, "error_description": words}, 400)


def _id_token(asked: dict[str, str]) -> str:
    claims = {
        "iss": "https://accounts.google.com", "aud": asked["client_id"], "sub": "1",
        "email": asked["email"], "email_verified": True,
    }  # fmt: skip
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    coded = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
    return f"{'.'.join(coded)}.c2ln"
