"""Every file is seen by somebody outside: whatever tool is called with whatever arguments, nothing is written there."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from tests.conftest import NOW
from tests.contract import Contract, ContractTransport
from tests.strangers.calls import first, ids
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.scenario import dump
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.google.client import http_client
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.registry import Entry, catalogue
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings
from workspace_mcp.tools import Effect

pytestmark = pytest.mark.anyio
BO = "bo@elsewhere.org"
_OWN = {"starred", "trashed", "viewed", "date", "folder", "shared", "account"}
"""What of a file others do not read. Where it lies, and who got access, is looked at by itself."""
_ELSEWHERE = {"gmail"}
"""Services that have no files."""
_WRITERS = [
    entry
    for entry in catalogue()
    if entry.effect != Effect.READS and entry.service not in _ELSEWHERE
]
_THINGS, _SHAPES = 30, 20


def backend(folder: Path, contract: Contract, ask: Ask) -> DemoBackend:
    """The sample company, whose every file and folder Bo sees."""
    company = folder / "company.json"
    company.write_text(files("workspace_mcp.demo").joinpath("company.json").read_text("utf-8"))
    made = DemoBackend(
        Settings(
            tier=3,
            demo=True,
            demo_file=company,
            demo_now=NOW,
            environ={"HOME": str(folder)},
            file_folders=(folder,),
            policy=Policy(ask=ask, per_minute=100_000),
        )
    )
    made.http = http_client(
        tls=False, transport=ContractTransport(DemoTransport(made.world.handle), contract)
    )
    drive = made.world.drive(made.world.accounts()[0])
    for one in list(made.world.files.files.values()):
        if not one.root:
            drive.share(one.id, BO, "writer")
    return made


def shown(made: DemoBackend) -> dict[str, Any]:
    """What others read, by file; and what lies in which folder."""
    found = json.loads(dump(made.world))
    things = {one["id"]: one for name in ("files", "docs", "sheets") for one in found[name]}
    merged: dict[str, Any] = {}
    for name in ("files", "docs", "sheets"):
        for one in found[name]:
            rest = {key: value for key, value in one.items() if key not in _OWN}
            merged.setdefault(one["id"], {})[name] = rest
    inside = {(one["id"], one["folder"]) for one in things.values() if "folder" in one}
    grants = {
        (one["id"], each["who"], each["role"])
        for one in things.values()
        for each in one.get("shared", ())
    }
    return {**merged, "inside": inside, "grants": grants}


async def called(entry: Entry, made: DemoBackend) -> dict[str, Any]:
    """What the calls of a tool changed, before and after; what lies where, and who sees it, anew."""
    before = shown(made)
    me = made.world.accounts()[0]
    async with Client(WorkspaceServer(made.settings, made).mcp, mode="auto") as client:
        for one in [one for one in ids(made.world) if one in made.world.files.files][:_THINGS]:
            for arguments in first(entry, one)[:_SHAPES]:
                await client.call_tool(entry.name, {**arguments, "account": me})
    after = shown(made)
    more = {name: after.pop(name) - before.pop(name) for name in ("inside", "grants")}
    more["inside"] = {
        pair for pair in more["inside"] if pair[1] in before
    }  # not in one's own new ones
    left = {key: (before[key], after[key]) for key in before if key in after}
    changed = {key: pair for key, pair in left.items() if pair[0] != pair[1]}
    return changed | {name: found for name, found in more.items() if found}


@pytest.mark.parametrize("entry", _WRITERS, ids=lambda entry: entry.name)
async def test_nothing_is_written_where_people_outside_see_it(
    entry: Entry, tmp_path: Path, contract: Contract
) -> None:
    assert await called(entry, backend(tmp_path, contract, Ask.ALL)) == {}


async def test_these_calls_would_write_there(tmp_path: Path, contract: Contract) -> None:
    """The same calls with nobody asked: what the test above shows is not that they fail anyway."""
    made = backend(tmp_path, contract, Ask.NEVER)
    wrote = {entry.name for entry in _WRITERS if await called(entry, made)}

    assert len(wrote) >= 7, wrote
