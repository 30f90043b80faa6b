"""What `workspace-auth setup` shows and looks for. No I/O but reading folders."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from auth_cli.doctor.around import configured
from workspace_mcp.credentials.clients import OAuthClient, checked, read
from workspace_mcp.errors import ClientFileError

CONSOLE: Final = "https://console.cloud.google.com"
APIS: Final[Mapping[str, str]] = {
    "gmail": "gmail.googleapis.com", "drive": "drive.googleapis.com",
    "calendar": "calendar-json.googleapis.com", "docs": "docs.googleapis.com",
    "sheets": "sheets.googleapis.com", "slides": "slides.googleapis.com",
    "forms": "forms.googleapis.com", "tasks": "tasks.googleapis.com",
    "contacts": "people.googleapis.com", "chat": "chat.googleapis.com",
    "appscript": "script.googleapis.com", "search": "customsearch.googleapis.com",
}  # fmt: skip
"""Service → the API to enable."""
_NAME: Final = "client_secret*.json"


def steps(services: Sequence[str]) -> list[tuple[str, str]]:
    """What to do in Google's console, each with its address."""
    apis = ",".join(dict.fromkeys(APIS[name] for name in services))
    return [
        ("Make a project (or choose one you have).", f"{CONSOLE}/projectcreate"),
        (f"Enable the APIs of {', '.join(services)}.", f"{CONSOLE}/flows/enableapi?apiid={apis}"),
        ("Give the app a name and your address.", f"{CONSOLE}/auth/branding"),
        (
            "Set who may use it. In a Workspace organisation: Internal. With a private account: External, "
            "then Publish app; in Testing, Google would end each sign-in after seven days.",
            f"{CONSOLE}/auth/audience",
        ),
        (
            "Create a client of the type Desktop app, and download its JSON.",
            f"{CONSOLE}/auth/clients/create",
        ),
    ]


def downloads(home: Path) -> dict[Path, float]:
    """Client files in the folder of downloads, with the time of their last change."""
    found: dict[Path, float] = {}
    for folder in (home / "Downloads", Path.cwd()):
        for path in folder.glob(_NAME) if folder.is_dir() else ():
            try:
                found[path] = path.stat().st_mtime
            except OSError:
                continue  # it went away
    return found


def newest(before: Mapping[Path, float], now: Mapping[Path, float]) -> Path | None:
    """The client file that appeared or changed, the newest one."""
    fresh = [path for path, moment in now.items() if before.get(path) != moment]
    return max(fresh, key=lambda path: now[path], default=None)


def usable(paths: Sequence[Path]) -> Iterator[tuple[Path, OAuthClient]]:
    """Those of some files that are clients of a Desktop app."""
    for path in paths:
        try:
            yield path, read(path)
        except ClientFileError:
            continue  # said when it is chosen by hand


def configured_clients(home: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, OAuthClient]]:
    """Clients that stand in the MCP clients' configurations, as the older server wanted it."""
    seen: set[str] = set()
    for one in configured(home, Path.cwd(), environ):
        client_id = one.environ.get("GOOGLE_OAUTH_CLIENT_ID", "")
        secret = one.environ.get("GOOGLE_OAUTH_CLIENT_SECRET", "")
        try:
            found = checked(client_id, secret, str(one.file))
        except ClientFileError:
            continue  # a server without one of its own
        if found.client_id not in seen:
            seen.add(found.client_id)
            yield str(one.file), found


def snippet(command: str, services: Sequence[str]) -> str:
    """What an MCP client's configuration needs."""
    entry = {"command": command, "args": ["--tools", *services]}
    return json.dumps({"mcpServers": {"workspace": entry}}, indent=2)


def home_of(environ: Mapping[str, str]) -> Path:
    """The home folder."""
    return Path(environ.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - "~" without a home
