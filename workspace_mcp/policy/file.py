"""`policy.toml`: the limits that hold for every server of this machine. They only ever narrow what flags say."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workspace_mcp.errors import UsageError
from workspace_mcp.policy.effects import Reach
from workspace_mcp.policy.rules import Ask

NAME: Final = "policy.toml"
_SWITCHES: Final = ("read_only", "no_send", "no_exfil")
_LISTS: Final = ("recipients", "share_domains", "allowed_tools", "disabled_tools")
_STANDING: Final = ("own_domain", "replies")


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What the file says; absent settings are False, None or empty."""

    switches: frozenset[str] = frozenset()
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    ask: Ask | None = None
    budgets: Mapping[Reach, int] = field(default_factory=dict[Reach, int])
    standing: frozenset[str] = frozenset()
    """Standing approvals: own_domain, replies."""


def read(path: Path) -> PolicyFile:
    """The file at `path`; an empty one when there is none.

    Raises:
        UsageError: it cannot be read, or says something that is not known. A server does not start
            then: limits that cannot be read fail closed.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return PolicyFile()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as TOML.", "Mend it, or delete it.") from error
    known = {*_SWITCHES, *_LISTS, "ask", "budgets", "standing"}
    if unknown := sorted(set(found) - known):
        raise UsageError(
            f"{path}: {', '.join(unknown)} is not known.", f"Known: {', '.join(sorted(known))}."
        )
    try:
        return PolicyFile(
            frozenset(name for name in _SWITCHES if _switch(found, name)),
            {name: _list(found[name], name) for name in _LISTS if name in found},
            Ask(found["ask"]) if "ask" in found else None,
            {Reach(name): _count(count) for name, count in found.get("budgets", {}).items()},
            frozenset(name for name in _STANDING if _switch(found.get("standing", {}), name)),
        )
    except (ValueError, AttributeError, TypeError) as error:
        raise UsageError(f"{path}: {error}.", "Mend it, or delete it.") from error


def _switch(found: Mapping[str, Any], name: str) -> bool:
    value = found.get(name, False)
    if not isinstance(value, bool):
        raise TypeError(f"{name} is true or false")
    return value


def _list(value: Any, name: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{name} is a list of texts")
    return frozenset(
        one.strip().lower().lstrip("@") if "tools" not in name else one for one in value
    )


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("a budget is a number of 0 or more")
    return value
