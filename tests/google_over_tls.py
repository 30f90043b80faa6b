"""Google on loopback for real processes: a small Workspace with its token endpoint, over TLS."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

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
        self.pause = 0.0
        self._turn = threading.Lock()

    def handle(self, request: Request) -> Response:
        """The answer of whichever host was asked."""
        if request.host != "oauth2.googleapis.com":
            with self._turn:
                return self.world.handle(request)
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
