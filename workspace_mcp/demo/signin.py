"""A fake of Google's sign-in: the consent page, the token endpoint, revocation, devices, who is who.

Source: developers.google.com/identity/protocols/oauth2/native-app and /limited-input-device
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from workspace_mcp.demo.http import Request, Response, answer

HOST: Final = "oauth2.googleapis.com"
IDENTITY: Final = "openidconnect.googleapis.com"
DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
ON_DEVICES: Final = frozenset({
    "email", "openid", "profile", "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/drive.appdata", "https://www.googleapis.com/auth/drive.file",
})  # fmt: skip
_LIFE: Final = 3599


@dataclass
class Device:
    """A code that somebody may type. `said`: None until then, afterwards the account or ""."""

    user_code: str
    client_id: str
    scope: str
    said: str | None = None
    asked: int = 0


@dataclass
class SignIn:
    """Who may sign in. `token_for` gives an account's access token, `number` what ids are made of.

    `holder`: whose an access token is, with its scopes; None when it is nobody's.
    """

    token_for: Callable[[str], str]
    number: Callable[[], int]
    holder: Callable[[str], tuple[str, frozenset[str]] | None] = lambda token: None
    withdraw: Callable[[str], None] = lambda account: None
    accounts: dict[str, str] = field(default_factory=dict[str, str])
    """Refresh token → account; a token that is taken out is revoked."""
    scopes: dict[str, str] = field(default_factory=dict[str, str])
    """Refresh token → what was granted with it, where that is known."""
    refreshed: list[str] = field(default_factory=list[str])
    """The refresh tokens that were used, in order."""
    exchanged: int = 0
    """How many codes were brought to the token endpoint."""
    clients: dict[str, str] = field(default_factory=dict[str, str])
    """Client id → secret, when only these are known; any client is when it is empty."""
    refuses: str = ""
    """OAuth's word with which every exchange is refused, for tests."""
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Changes to the answer of an exchange, for tests; None takes a field away."""
    claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Changes to the claims of an id token, for tests."""
    devices: dict[str, Device] = field(default_factory=dict[str, Device])
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

    def type_code(self, user_code: str, email: str) -> None:
        """A person types a device's code and says yes; no when `email` is ""."""
        next(one for one in self.devices.values() if one.user_code == user_code).said = email

    def handle(self, request: Request) -> Response:
        """The answer of the sign-in's hosts."""
        form = dict(request.query) | _fields(request.body.decode("utf-8", "replace"))
        match request.method, request.host, request.path:
            case "GET", _, "/v1/userinfo":
                return self._userinfo(request)
            case _, _, "/tokeninfo":
                return self._tokeninfo(form)
            case "POST", _, "/revoke":
                return self._revoke(form)
            case "POST", _, "/device/code":
                return self._begin_device(form)
            case "POST", _, "/token":
                return self._token(form)
            case _:
                return _refusal("unsupported_grant_type", "Invalid grant_type.")

    def _token(self, form: dict[str, str]) -> Response:
        known = self.clients.get(form.get("client_id", ""))
        if self.clients and known is None:
            return _refusal("invalid_client", "The OAuth client was not found.", 401)
        if self.clients and known != form.get("client_secret"):
            return _refusal("invalid_client", "The provided client secret is invalid.", 401)
        match form.get("grant_type"):
            case "refresh_token":
                return self._refresh(form)
            case "authorization_code":
                return self._exchange(form)
            case grant if grant == DEVICE:
                return self._device(form)
            case _:
                return _refusal("unsupported_grant_type", "Invalid grant_type.")

    def _refresh(self, form: dict[str, str]) -> Response:
        token = form.get("refresh_token", "")
        self.refreshed.append(token)
        if token not in self.accounts:
            return _refusal("invalid_grant", "Token has been expired or revoked.")
        scope = {"scope": self.scopes[token]} if token in self.scopes else {}
        return answer(self._granted(self.accounts[token]) | scope)

    def _exchange(self, form: dict[str, str]) -> Response:
        """A code counts once, with the verifier and the address that it was asked for with."""
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is not None:
            self.exchanged += 1
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or challenge != asked.get("code_challenge"):
            return _refusal("invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return _refusal("redirect_uri_mismatch", "Bad Request")
        if self.refuses:
            return _refusal(self.refuses, "Refused.", 401 if "client" in self.refuses else 400)
        renews = "consent" in asked.get("prompt", "")
        return self._signed_in(asked["email"], asked["scope"], asked["client_id"], renews=renews)

    def _signed_in(self, email: str, scope: str, client_id: str, *, renews: bool) -> Response:
        """A refresh token comes with consent, or when the account has none yet."""
        body = self._granted(email) | {"scope": scope, "id_token": self._id_token(email, client_id)}
        if renews or email not in self.accounts.values():
            refresh = f"1//demo-{self.number()}"
            self.accounts[refresh] = email
            self.scopes[refresh] = scope
            body["refresh_token"] = refresh
        changed = body | dict(self.body)
        return answer({name: value for name, value in changed.items() if value is not None})

    def _begin_device(self, form: dict[str, str]) -> Response:
        asked = form.get("scope", "").split()
        if self.clients and form.get("client_id") not in self.clients:
            return _refusal("invalid_client", "The OAuth client was not found.", 401)
        if not set(asked) <= ON_DEVICES:
            return _refusal("invalid_scope", "Invalid device flow scope.")
        code = f"device-{self.number()}"
        typed = f"DEMO-{len(self.devices) + 1:04}"
        self.devices[code] = Device(typed, form["client_id"], " ".join(asked))
        return answer(
            {
                "device_code": code,
                "user_code": typed,
                "verification_url": "https://www.google.com/device",
                "expires_in": 1800,
                "interval": 1,
            }
        )

    def _device(self, form: dict[str, str]) -> Response:
        found = self.devices.get(form.get("device_code", ""))
        if found is None or found.client_id != form.get("client_id"):
            return _refusal("invalid_grant", "Bad Request")
        found.asked += 1
        if found.said is None:
            return _refusal("authorization_pending", "Precondition Required", 428)
        if not found.said:
            return _refusal("access_denied", "Forbidden", 403)
        del self.devices[form["device_code"]]
        return self._signed_in(found.said, found.scope, found.client_id, renews=True)

    def _revoke(self, form: dict[str, str]) -> Response:
        token = form.get("token", "")
        account = self.accounts.pop(token, None)
        if account is None:
            return _refusal("invalid_token", "Token expired or revoked")
        self.withdraw(account)
        return answer({})

    def _userinfo(self, request: Request) -> Response:
        found = self.holder(request.headers.get("authorization", "").removeprefix("Bearer "))
        if found is None or "openid" not in found[1]:
            return _refusal("invalid_request", "Invalid Credentials", 401)
        return answer({"sub": "1", "email": found[0], "email_verified": True})

    def _tokeninfo(self, form: dict[str, str]) -> Response:
        found = self.holder(form.get("access_token", ""))
        if found is None:
            return _refusal("invalid_token", "Invalid Value")
        refresh = [token for token, email in self.accounts.items() if email == found[0]]
        known = [self.scopes[token] for token in refresh if token in self.scopes]
        scope = known[-1] if known else " ".join(sorted(found[1]))
        return answer({"scope": scope, "expires_in": str(_LIFE)})

    def _granted(self, account: str) -> dict[str, Any]:
        return {
            "access_token": self.token_for(account),
            "expires_in": _LIFE,
            "token_type": "Bearer",
        }

    def _id_token(self, email: str, client_id: str) -> str:
        claims = {
            "iss": "https://accounts.google.com", "aud": client_id, "sub": "1",
            "email": email, "email_verified": True, **self.claims,
        }  # fmt: skip
        parts = ({"alg": "RS256", "typ": "JWT"}, claims)
        coded = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in parts
        )
        return f"{'.'.join(coded)}.c2ln"


def _fields(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _refusal(error: str, words: str, status: int = 400) -> Response:
    return answer({"error": error, "error_description": words}, status)
