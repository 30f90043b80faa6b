"""Which tools are offered, from `catalogue.json`; loads a tool's module at its first call."""

import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from workspace_mcp.errors import PolicyError, UsageError
from workspace_mcp.settings import LADDERS, Settings

if TYPE_CHECKING:  # loading these is for the first call, not for the start
    from workspace_mcp.arguments import Arguments
    from workspace_mcp.tools import Tool

ALWAYS: Final = "workspace"
"""The service whose tools are there whatever services were chosen."""
_READS: Final = "R"


@dataclass(frozen=True, slots=True)
class Entry:
    """One tool as the catalogue has it. `listing` is its MCP `Tool`, as JSON."""

    service: str
    module: str
    tier: int
    effect: str
    level: str
    needs: tuple[str, ...]
    listing: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As the model calls it."""
        return self.listing["name"]


def catalogue() -> tuple[Entry, ...]:
    """Every tool there is, in the order in which they are listed."""
    text = files("workspace_mcp").joinpath("catalogue.json").read_text("utf-8")
    entries: list[dict[str, Any]] = json.loads(text)
    return tuple(map(_entry, entries))


def _entry(found: dict[str, Any]) -> Entry:
    found["needs"] = tuple(found["needs"])
    return Entry(**found)


def refusal(entry: Entry, settings: Settings) -> str:
    """Why `entry` is not offered under `settings`; "" when it is."""
    if entry.service not in {ALWAYS, *settings.services}:
        return f"--tools does not name {entry.service}"
    if entry.tier > settings.tier:
        return "it is in a higher --tool-tier"
    if settings.read_only and entry.effect != _READS:
        return "this server is read-only"
    if entry.name in settings.disabled:
        return "--disabled-tools names it"
    if settings.allowed is not None and entry.name not in settings.allowed:
        return "--allowed-tools does not name it"
    if settings.levels is not None and not _level_allows(entry, settings.levels):
        return f"--permissions does not allow {entry.level}"
    return ""


def _level_allows(entry: Entry, levels: Mapping[str, frozenset[str]]) -> bool:
    if entry.service == ALWAYS:
        held = frozenset[str]().union(*levels.values())
        return entry.effect == _READS or bool(held & {entry.level, "full"})
    allowed = levels[entry.service]
    if entry.service in LADDERS:
        return entry.level in allowed
    return entry.effect == _READS or "full" in allowed


@dataclass(frozen=True, slots=True)
class LoadedTool:
    """A tool whose module is loaded, with its argument check."""

    tool: "Tool"
    arguments: "Arguments"


class Registry:
    """The tools that `settings` offer, and the loaded ones among them."""

    def __init__(self, settings: Settings, entries: Sequence[Entry] | None = None) -> None:
        every = catalogue() if entries is None else entries
        known = {entry.name for entry in every}
        for flag, named in (
            ("--disabled-tools", settings.disabled), ("--allowed-tools", settings.allowed or ()),
        ):  # fmt: skip
            if unknown := sorted(set(named) - known):
                raise UsageError(
                    f"{flag}: there is no tool {', '.join(unknown)}.",
                    "workspace-mcp tools lists them.",
                )
        self._refused = {e.name: why for e in every if (why := refusal(e, settings))}
        self._offered = {e.name: e for e in every if e.name not in self._refused}
        self._loaded: dict[str, LoadedTool] = {}

    def offered(self) -> tuple[Entry, ...]:
        """In the catalogue's order."""
        return tuple(self._offered.values())

    def offers(self, name: str) -> bool:
        """Whether a model can call the tool of that name."""
        return name in self._offered

    def find(self, name: str) -> Entry | None:
        """The offered tool of that name; None when there is none at all.

        Raises:
            PolicyError: there is one, and it is not offered here.
        """
        if name in self._refused:
            raise PolicyError(
                f"{name} is switched off here: {self._refused[name]}.",
                "The person who set this server up can change that in its command line.",
            )
        return self._offered.get(name)

    def load(self, entry: Entry) -> LoadedTool:
        """Import the tool's module on its first call."""
        if entry.name not in self._loaded:
            self._loaded[entry.name] = load(entry.module, entry.name)
        return self._loaded[entry.name]


def load(module: str, name: str) -> LoadedTool:
    """The tool `name` of `module`."""
    from workspace_mcp.arguments import Arguments
    from workspace_mcp.injected import INJECTED

    tool: Tool = getattr(importlib.import_module(module), name)
    return LoadedTool(tool, Arguments(tool.function, INJECTED, changes=tool.effect != _READS))
