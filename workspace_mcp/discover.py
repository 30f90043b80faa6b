"""Finds every tool in `services/` and writes down what the catalogue says of it.

Development only: `pytest --update-catalogue` writes the file, a test compares it with the code.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import workspace_mcp.services
from workspace_mcp.arguments import Arguments
from workspace_mcp.injected import INJECTED
from workspace_mcp.registry import ALWAYS
from workspace_mcp.scopes import SERVICES
from workspace_mcp.tools import Effect, JsonObject, Tool


def tools() -> Iterator[tuple[str, str, Tool]]:
    """(service, module, tool) of every tool."""
    found = pkgutil.walk_packages(workspace_mcp.services.__path__, "workspace_mcp.services.")
    for info in found:
        module = importlib.import_module(info.name)
        for tool in vars(module).values():
            if isinstance(tool, Tool) and tool.function.__module__ == info.name:
                yield info.name.split(".")[2], info.name, tool


def annotations(effect: Effect) -> JsonObject:
    """MCP's four hints for an effect."""
    reads = effect is Effect.READS
    return {
        "readOnlyHint": reads,
        "destructiveHint": effect in {Effect.LEAVES, Effect.DELETES},
        "idempotentHint": reads,
        "openWorldHint": True,
    }


def listing(tool: Tool) -> JsonObject:
    """What `tools/list` says of `tool`."""
    return {
        "name": tool.name,
        "title": tool.title,
        "description": " ".join(inspect.getdoc(tool.function).split()),  # pyright: ignore[reportOptionalMemberAccess]
        "inputSchema": Arguments(
            tool.function, INJECTED, changes=tool.effect is not Effect.READS
        ).schema,
        "annotations": annotations(tool.effect),
    }


def catalogue() -> list[dict[str, Any]]:
    """Every tool, in the order in which they are listed: by service, tier and name."""
    order = (ALWAYS, *SERVICES)
    found = sorted(tools(), key=lambda entry: (order.index(entry[0]), entry[2].tier, entry[2].name))
    return [
        {
            "service": service,
            "module": module,
            "tier": int(tool.tier),
            "effect": tool.effect.value,
            "level": tool.level,
            "needs": [scope.value for scope in tool.needs],
            "listing": listing(tool),
        }
        for service, module, tool in found
    ]
