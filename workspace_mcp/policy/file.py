"""`policy.toml`: the limits that hold for every server of this machine. They only ever narrow what flags say."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from workspace_mcp.errors import UsageError
from workspace_mcp.policy.effects import Reach
from workspace_mcp.policy.rules import BUDGETS, LISTS, SWITCHES, Ask, Limits, listed

NAME: Final = "policy.toml"
_STANDING: Final = ("own_domain", "replies")


def read(path: Path) -> Limits:
    """The file at `path`; an empty one when there is none.

    Raises:
        UsageError: it cannot be read, or says something that is not known. A server does not start
            then: limits that cannot be read fail closed.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Limits()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as TOML.", "Mend it, or delete it.") from error
    known = {*SWITCHES, *LISTS, "ask", "budgets", "per_minute", "standing"}
    if unknown := sorted(set(found) - known):
        raise UsageError(
            f"{path}: {', '.join(unknown)} is not known.", f"Known: {', '.join(sorted(known))}."
        )
    try:
        return Limits(
            frozenset(name for name in SWITCHES if _switch(found, name)),
            {name: _list(found[name], name) for name in LISTS if name in found},
            Ask(_one_of("ask", found["ask"], Ask)) if "ask" in found else None,
            {
                Reach(_one_of("[budgets]", name, BUDGETS)): _count(count)
                for name, count in found.get("budgets", {}).items()
            },
            _count(found["per_minute"]) if "per_minute" in found else None,
            _standing(found.get("standing", {})),
        )
    except (ValueError, AttributeError, TypeError) as error:
        raise UsageError(f"{path}: {error}.", "Mend it, or delete it.") from error


def _one_of(key: str, value: Any, known: Iterable[str]) -> str:
    """A word that is one of a few."""
    if value not in (names := list(known)):
        raise ValueError(f"{key} takes {', '.join(names)}")
    return str(value)


def _standing(found: Mapping[str, Any]) -> frozenset[str]:
    """What is approved; written as the command says it, too."""
    given = {name.replace("-", "_"): value for name, value in found.items()}
    return frozenset(
        _one_of("[standing]", name, _STANDING) for name in given if _switch(given, name)
    )


def _switch(found: Mapping[str, Any], name: str) -> bool:
    value = found.get(name, False)
    if not isinstance(value, bool):
        raise TypeError(f"{name} is true or false")
    return value


def _list(value: Any, name: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{name} is a list of texts")
    return frozenset(listed(name, one) for one in value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("a limit is a number of 0 or more")
    return value
