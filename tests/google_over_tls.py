"""Google on loopback for real processes: a small Workspace with its token endpoint, over TLS."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.conftest import ME, SMALL
from workspace_mcp.demo import signin
from workspace_mcp.demo.http import Request, Response
from workspace_mcp.demo.scenario import load


class LoopbackGoogle:
    """The demo, for several connections at once. `pause`: seconds that a token takes."""

    def __init__(self, folder: Path) -> None:
        file = folder / "world.json"
        file.write_text(json.dumps(SMALL))
        self.world = load(file)
        self.accounts = self.world.sign_in.accounts
        self.accounts["1//canary-refresh"] = ME
        self.refreshes = self.world.sign_in.refreshed
        self.pause = 0.0
        self._turn = threading.Lock()

    def handle(self, request: Request) -> Response:
        """The answer of whichever host was asked."""
        with self._turn:
            found = self.world.handle(request)
        if request.host == signin.HOST:
            time.sleep(self.pause)
        return found

    def consent(self, url: str, email: str = ME, scopes: str | None = None) -> str:
        """A person says yes; where Google sends the browser then."""
        return self.world.sign_in.consent(url, email, scopes)


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
