"""Google on loopback for real processes: a small Workspace with its token endpoint, over TLS."""

import base64
import hashlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.conftest import ME, SMALL
from workspace_mcp.demo.http import Request, Response, answer
from workspace_mcp.demo.scenario import load


class LoopbackGoogle:
    """A world whose access tokens come from refresh tokens. `refreshes` is who refreshed what."""

    def __init__(self, folder: Path) -> None:
        file = folder / "world.json"
        file.write_text(json.dumps(SMALL))
        self.world = load(file)
        self.accounts = {"1//canary-refresh": ME}
        self.refreshes: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.pause = 0.0
        self._turn = threading.Lock()

    def handle(self, request: Request) -> Response:
        """The answer of whichever host was asked."""
        if request.host != "oauth2.googleapis.com":
            with self._turn:
                return self.world.handle(request)
        if b"authorization_code" in request.body:
            return self._exchanged(request)
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        with self._turn:
            self.refreshes.append(form["refresh_token"])
        time.sleep(self.pause)
        account = self.accounts.get(form["refresh_token"])
        if account is None:
            gone = {
                "error": "invalid_grant",
                "error_description": "Token has been expired or revoked.",
            }
            return answer(gone, 400)
        with self._turn:
            token = self.world.token_for(account)
        return answer({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def consent(self, url: str, email: str = ME, scopes: str | None = None) -> str:
        """A person says yes to the address `url`; where Google sends the browser then."""
        fields = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"4/0canary-{len(self.codes)}"
        self.codes[code] = {**fields, "email": email, "scope": scopes or fields["scope"]}
        back = {"state": fields["state"], "code": code, "iss": "https://accounts.google.com"}
        return f"{fields['redirect_uri']}?{urlencode(back)}"

    def _exchanged(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return answer({"error": "invalid_grant", "error_description": "Bad code."}, 400)
        refresh = f"1//canary-login-{len(self.accounts)}"
        self.accounts[refresh] = asked["email"]
        claims = {
            "iss": "https://accounts.google.com", "aud": asked["client_id"], "sub": "1",
            "email": asked["email"], "email_verified": True,
        }  # fmt: skip
        middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return answer(
            {
                "access_token": self.world.token_for(asked["email"]), "expires_in": 3599,
                "refresh_token": refresh, "scope": asked["scope"], "token_type": "Bearer",
                "id_token": f"eyJhbGciOiJSUzI1NiJ9.{middle}.c2ln",
            }
        )  # fmt: skip


def credential(**changes: Any) -> dict[str, Any]:
    """A file as workspace-mcp 2.2.1 writes it, its access token long over."""
    return {
        "token": "ya29.canary-old",
        "refresh_token": "1//canary-refresh",
        "token_uri": "https://oauth2.googleapis.com/token",
        "client_id": "canary.apps.googleusercontent.com",
        "client_secret": "GOCSPX-canary-secret",
        "scopes": [
            "https://www.googleapis.com/auth/gmail.modify",
            "https://www.googleapis.com/auth/gmail.settings.basic",
        ],
        "expiry": (datetime.now(UTC) - timedelta(days=1)).replace(tzinfo=None).isoformat(),
        **changes,
    }


def write(folder: Path, email: str = ME, **changes: Any) -> Path:
    """Put a credential file where a server looks, in one step as a login does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{email}.json"
    beside = folder / f".{email}.new"
    beside.write_text(json.dumps(credential(**changes), indent=2))
    beside.chmod(0o600)
    beside.replace(path)
    return path
