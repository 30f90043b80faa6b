"""Hostile ids in every string argument of every tool: no request leaves its collection."""

from collections.abc import Iterator
from typing import Any

import pytest
from mcp import Client

from tests.contract import Contract, ContractTransport
from tests.google.test_resource import HOSTILE
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.demo.world import World
from workspace_mcp.google.client import http_client
from workspace_mcp.registry import Entry, catalogue
from workspace_mcp.server import WorkspaceServer

_DRIVE = (
    "/drive/v3/files", "/drive/v3/drives", "/drive/v3/changes", "/drive/v3/about",
    "/upload/drive/v3/files", "/batch/drive/v3",
)  # fmt: skip
HOMES = {
    "gmail": ("/gmail/v1/users/me", "/upload/gmail/v1/users/me", "/batch/gmail/v1"),
    "drive": _DRIVE,
    "docs": ("/v1/documents", "/drive/v3/files"),
}


def arguments(entry: Entry) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tool's required arguments, with one of its strings to be filled in."""
    schema = entry.listing["inputSchema"]
    properties: dict[str, Any] = schema["properties"]
    needed = {
        name: _plain(properties[name]) for name in schema.get("required", ()) if name in properties
    }
    for name, rule in properties.items():
        listed = rule["type"] == "array" and rule["items"]["type"] == "string"
        if (rule["type"] == "string" and "enum" not in rule) or listed:
            yield name, needed


def _plain(rule: dict[str, Any]) -> Any:
    if "enum" in rule:
        return rule["enum"][0]
    return {"string": "x", "array": ["x"], "object": {"name": "x"}, "integer": 1, "boolean": True}[
        rule["type"]
    ]


CASES = [
    (entry.name, entry.service, name, needed, entry.listing["inputSchema"]["properties"][name])
    for entry in catalogue()
    for name, needed in arguments(entry)
]


@pytest.mark.parametrize(
    ("tool", "service", "name", "needed", "rule"), CASES, ids=[f"{c[0]}.{c[2]}" for c in CASES]
)
async def test_a_hostile_value_reaches_no_other_address(
    tool: str,
    service: str,
    name: str,
    needed: dict[str, Any],
    rule: dict[str, Any],
    world: World,
    backend: DemoBackend,
    server: WorkspaceServer,
    contract: Contract,
) -> None:
    checked = ContractTransport(DemoTransport(world.handle), contract)
    backend.http = http_client(tls=False, transport=checked)
    async with Client(server.mcp, mode="auto") as client:
        for hostile in HOSTILE:
            value = [hostile] if rule["type"] == "array" else hostile
            result = await client.call_tool(tool, {**needed, name: value})
            text = result.content[0].text if result.content else ""  # pyright: ignore[reportAttributeAccessIssue]
            assert not text.startswith("This call failed inside the server"), hostile

    homes = HOMES.get(service, HOMES["gmail"])
    for method, path, _ in world.requests:
        assert path.startswith(homes), (method, path)
        assert "/../" not in path
