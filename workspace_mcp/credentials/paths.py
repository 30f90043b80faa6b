"""Where things lie. No I/O.

    ~/.google_workspace_mcp/
      credentials/     a file an account, shared with workspace-mcp 1.x and 2.x; nothing else
      locks/           kernel locks, one an account
      clients/         OAuth clients, by name
      keys/            keys of service accounts
      pending/         sign-ins that are under way
      journal/         what was changed, a file a month
      approvals/       acts that wait for the person
      policy.toml      limits for every server here
      accounts.toml    default, aliases, clients, when an account signed in

When another folder is named for the credentials, the rest stays under the home folder, and the
locks carry a mark of that folder, so that two servers on one shared folder find the same lock only
on the same machine.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from workspace_mcp.errors import UsageError

_VARIABLES = ("WORKSPACE_MCP_CREDENTIALS_DIR", "GOOGLE_MCP_CREDENTIALS_DIR")


@dataclass(frozen=True, slots=True)
class Places:
    """Every path that accounts are kept under."""

    credentials: Path
    home: Path

    @property
    def accounts(self) -> Path:
        """The book of accounts."""
        return self.home / "accounts.toml"

    @property
    def clients(self) -> Path:
        """The folder of OAuth clients."""
        return self.home / "clients"

    @property
    def keys(self) -> Path:
        """The folder of service accounts' keys."""
        return self.home / "keys"

    @property
    def pending(self) -> Path:
        """The folder of sign-ins that are under way."""
        return self.home / "pending"

    @property
    def journal(self) -> Path:
        """The folder of the journal of changes."""
        return self.home / "journal"

    @property
    def approvals(self) -> Path:
        """The folder of acts that wait for the person."""
        return self.home / "approvals"

    @property
    def policy(self) -> Path:
        """The limits that hold for every server here."""
        return self.home / "policy.toml"

    @property
    def book_lock(self) -> Path:
        """The lock of the book of accounts."""
        return self.home / "locks" / "accounts.toml.lock"

    def lock(self, email: str) -> Path:
        """The lock of an account."""
        standard = self.credentials == self.home / "credentials"
        mark = (
            "" if standard else hashlib.sha256(os.fsencode(self.credentials)).hexdigest()[:12] + "-"
        )
        return self.home / "locks" / f"{mark}{file_name(email).removesuffix('.json')}.lock"


def places(environ: Mapping[str, str]) -> Places:
    """The paths for an environment.

    Raises:
        UsageError: there is no home folder.
    """
    try:
        user = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    except RuntimeError as error:
        raise UsageError(
            "There is no home folder to keep sign-ins in.",
            "Set HOME, or WORKSPACE_MCP_CREDENTIALS_DIR.",
        ) from error
    home = user / ".google_workspace_mcp"
    named = next((environ[name] for name in _VARIABLES if environ.get(name, "").strip()), None)
    if named is None:
        return Places(home / "credentials", home)
    shown = Path(re.sub(r"^~(?=/|$)", lambda _: str(user), named.strip()))
    return Places(shown.absolute(), home)


def file_name(email: str) -> str:
    """The file of an account: `ana@example.com.json`."""
    return quote(email.strip().lower(), safe="@._-") + ".json"


def legacy_name(email: str) -> str:
    """The file that an older program may have made for an account."""
    return re.sub(r"[^a-zA-Z0-9@._-]", "_", email.strip()) + ".json"
