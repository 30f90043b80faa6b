"""Settings of one server process, built once from flags and environment."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from workspace_mcp.errors import UsageError
from workspace_mcp.policy.rules import Limits, Policy
from workspace_mcp.scopes import SERVICES

TIERS: Mapping[str, int] = MappingProxyType({"core": 1, "extended": 2, "complete": 3})
LOG_LEVELS = ("debug", "info", "warning", "error")

LADDERS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "gmail": ("readonly", "organize", "drafts", "send", "full"),
        "tasks": ("readonly", "manage", "full"),
    }
)
"""`--permissions`: a service's rungs, each holding those before it; other services: `LADDER`."""
LADDER = ("readonly", "full")

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for. `environ` is what credentials and TLS are looked up in."""

    services: tuple[str, ...] = SERVICES
    tier: int = TIERS["extended"]
    read_only: bool = False
    disabled: frozenset[str] = frozenset()
    levels: Mapping[str, frozenset[str]] | None = None
    """Service → allowed rungs; None when `--permissions` was not given."""
    account: str | None = None
    """The only account that this server may use; None when it may use every one."""
    default_account: str | None = None
    demo: bool = False
    demo_file: Path | None = None
    demo_now: datetime | None = None
    demo_save: Path | None = None
    downloads: Path | None = None
    """Folder for downloads; None: `~/.workspace-mcp/attachments`."""
    policy: Policy = field(default_factory=Policy)
    """What may leave, and when the person is asked, as it was at the start."""
    limits: Limits | None = None
    """What flags and variables said of it; None: `policy` stands, whatever the file becomes."""
    standing: frozenset[str] = frozenset()
    """What the person approved once and for all."""
    allowed: frozenset[str] | None = None
    """The only tools that are offered; None: no such limit."""
    file_folders: tuple[Path, ...] = ()
    """Folders whose files may be read (attached, uploaded), besides the downloads."""
    local_files: bool = True
    log_level: str = "warning"
    log_file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def lines(self, policy: Policy, standing: Iterable[str]) -> list[str]:
        """What is in force, a line each, with the policy and the approvals of this moment."""
        chosen = [] if self.services == SERVICES else [f"services: {' '.join(self.services)}"]
        found = [*chosen, *policy.lines()]
        if said := sorted(name.replace("_", "-") for name in standing):
            found.append(f"approved once and for all: {', '.join(said)}")
        if self.allowed is not None:
            found.append(f"only these tools: {', '.join(sorted(self.allowed))}")
        if self.disabled:
            found.append(f"switched off: {', '.join(sorted(self.disabled))}")
        if not self.local_files:
            found.append("no local files")
        return found


def flag(environ: Mapping[str, str], name: str) -> bool:
    """A yes-or-no variable; absent is no.

    Raises:
        UsageError: neither yes nor no. Safety settings fail closed.
    """
    value = environ.get(name, "").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise UsageError(f"{name}={environ[name]!r} is neither yes nor no.", f"Set {name} to 1 or 0.")


def words(environ: Mapping[str, str], name: str) -> list[str]:
    """A list variable: values between commas or white space."""
    return environ.get(name, "").replace(",", " ").split()


def services(names: Iterable[str]) -> tuple[str, ...]:
    """`names` without repetition, in our order; all when there are none.

    Raises:
        UsageError: a name that is no service.
    """
    wanted = {name.strip().lower() for name in names} - {""}
    unknown = sorted(wanted - set(SERVICES))
    if unknown:
        raise UsageError(
            f"Unknown service: {', '.join(unknown)}.", f"Services: {', '.join(SERVICES)}."
        )
    return tuple(name for name in SERVICES if name in wanted) or SERVICES


def tier(name: str) -> int:
    """The number of a tier.

    Raises:
        UsageError: no such tier.
    """
    if name.lower() not in TIERS:
        raise UsageError(f"Unknown tool tier: {name}.", f"Tiers: {', '.join(TIERS)}.")
    return TIERS[name.lower()]


def permissions(entries: Iterable[str]) -> dict[str, frozenset[str]]:
    """`["gmail:drafts", "drive:readonly"]` → service → allowed rungs.

    `gmail:organize+send` is everything up to organize, and send, without the rung between.

    Raises:
        UsageError: not `service:level`, an unknown service or level, or a service named twice.
    """
    allowed: dict[str, frozenset[str]] = {}
    for entry in entries:
        service, _, asked = entry.partition(":")
        if service not in SERVICES or service in allowed or not asked:
            raise UsageError(
                f"--permissions: {entry!r} is not a service and its level, given once.",
                f"Write it like gmail:readonly. Services: {', '.join(SERVICES)}.",
            )
        ladder = LADDERS.get(service, LADDER)
        first, *more = asked.split("+")
        unknown = sorted({first, *more} - set(ladder))
        if unknown:
            raise UsageError(
                f"--permissions: {service} has no level {', '.join(unknown)}.",
                f"Levels of {service}: {', '.join(ladder)}.",
            )
        lowest = min(ladder.index(level) for level in (first, *more))
        allowed[service] = frozenset({*ladder[: lowest + 1], first, *more})
    return allowed


def existing_folder(text: str, source: str) -> Path:
    """A folder that is there, absolute.

    Raises:
        UsageError: there is no such folder. `source` says where it was named.
    """
    path = Path(text).expanduser()
    if not path.is_dir():
        raise UsageError(f"{source}: {text} is not a folder.", "Create it, or name another.")
    return path.absolute()


def refuse_foreign(environ: Mapping[str, str]) -> None:
    """Stop when the environment asks for something that this server will not be.

    Raises:
        UsageError: a setting of an HTTP server, or of a credential store that is not a folder.
    """
    stdio = "Unset it: this server talks to one client over stdio. Sign in with workspace-auth."
    if environ.get("WORKSPACE_MCP_TRANSPORT", "stdio").strip().lower() not in {"", "stdio"}:
        raise UsageError("WORKSPACE_MCP_TRANSPORT asks for a transport other than stdio.", stdio)
    for name in (
        "MCP_ENABLE_OAUTH21", "EXTERNAL_OAUTH21_PROVIDER", "WORKSPACE_MCP_STATELESS_MODE",
        "TRUST_GATEWAY_IDENTITY",
    ):  # fmt: skip
        if flag(environ, name):
            raise UsageError(f"{name} is a setting of an HTTP server.", stdio)
    backend = environ.get("WORKSPACE_MCP_CREDENTIAL_STORE_BACKEND", "").strip().lower()
    if backend not in {"", "local_directory"}:
        raise UsageError(
            f"WORKSPACE_MCP_CREDENTIAL_STORE_BACKEND={backend}: credentials lie in a folder here.",
            "Unset it, and name the folder in WORKSPACE_MCP_CREDENTIALS_DIR if need be.",
        )


def path_list(environ: Mapping[str, str], name: str) -> list[str]:
    """A list of paths between the system's separators (":" or, on Windows, ";")."""
    return [part for part in environ.get(name, "").split(os.pathsep) if part.strip()]
