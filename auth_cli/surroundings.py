"""Where this terminal is, and what that means for a browser: SSH, containers, WSL. No I/O but `look`."""

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CONTAINER: Final = ("/.dockerenv", "/run/.containerenv")
_HOSTED: Final = (
    "CODESPACES",
    "GITPOD_WORKSPACE_ID",
    "KUBERNETES_SERVICE_HOST",
    "REMOTE_CONTAINERS",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around this terminal. `ssh`: `user@host` to come back by, "" when it is no SSH session."""

    ssh: str = ""
    ssh_port: int = 22
    container: bool = False
    wsl: bool = False
    display: bool = True

    def advice(self, port: int, *, can_paste: bool) -> str:
        """What a person must know here; "" on a machine with a browser of its own."""
        paste = (
            "paste its address here."
            if can_paste
            else "copy its address, and run in another shell here:\n    workspace-auth login --finish 'ADDRESS'"
        )
        if self.ssh:
            way = "" if self.ssh_port == 22 else f"-p {self.ssh_port} "
            return (
                "This is an SSH session, and the browser is on your own computer. There, in another "
                "terminal, run and leave running:\n"
                f"    ssh -N {way}-L {port}:127.0.0.1:{port} {self.ssh}\n"
                f"Or open the address without it: the last page fails to load; {paste}"
            )
        if self.container:
            return (
                "This is a container: your browser cannot reach its ports. The last page fails to "
                f"load; {paste}"
            )
        if self.wsl:
            return f"This is WSL. If the last page fails to load, {paste}"
        if not self.display:
            return (
                "There is no browser on this machine. Open the address on another one; the last page "
                f"fails to load there; {paste}"
            )
        return ""


def look(environ: Mapping[str, str], root: Path = Path("/")) -> Surroundings:
    """What is around us, by the environment and a few files."""
    parts = environ.get("SSH_CONNECTION", "").split()
    known = len(parts) == 4 and parts[3].isdigit()
    container = any((root / name.lstrip("/")).exists() for name in _CONTAINER)
    wsl = bool(environ.get("WSL_DISTRO_NAME") or environ.get("WSL_INTEROP"))
    display = sys.platform in {"darwin", "win32"} or wsl or any(
        environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )  # fmt: skip
    return Surroundings(
        ssh=f"{_user(environ)}@{_host(parts[2])}" if known else "",
        ssh_port=int(parts[3]) if known else 22,
        container=container or any(environ.get(name) for name in _HOSTED),
        wsl=wsl,
        display=display,
    )


def _user(environ: Mapping[str, str]) -> str:
    name = environ.get("USER") or environ.get("LOGNAME")
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in containers
        return str(os.getuid()) if hasattr(os, "getuid") else "user"


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
