"""Starts a browser apart from us: its output goes nowhere, and its failing is never ours."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from auth_cli.oauth.request import AUTHORIZE

_LINUX: Final = ("wslview", "xdg-open", "gio", "x-www-browser")
_TEXT: Final = frozenset({"w3m", "lynx", "links", "links2", "elinks", "www-browser"})


def command(environ: Mapping[str, str], named: str | None) -> list[str] | None:
    """What starts a browser here; None when nothing does. Never a browser of the terminal."""
    for wish in (named, *(environ.get("BROWSER", "").split(":"))):
        words = shlex.split(wish or "")
        if words and words[0].rsplit("/", 1)[-1] not in _TEXT and shutil.which(words[0]):
            return words
    if sys.platform == "darwin":
        return ["open"]
    if sys.platform == "win32":
        return ["rundll32", "url.dll,FileProtocolHandler"]
    if not any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")):
        return None
    found = next((name for name in _LINUX if shutil.which(name)), None)
    return None if found is None else [found, "open"] if found == "gio" else [found]


def start(url: str, environ: Mapping[str, str], named: str | None) -> bool:
    """Open `url`, which is Google's; False when no browser could be started."""
    assert url.startswith(f"{AUTHORIZE}?")
    words = command(environ, named)
    if words is None:
        return False
    try:
        subprocess.Popen(  # noqa: S603 - words, never a shell, and an address of ours
            [*words, url], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError:
        return False
    return True
