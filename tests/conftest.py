"""Fixtures that all tests share: a model's view of the server, on a small Workspace in memory."""

import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from mcp import Client
from mcp.types import CallToolResult, ImageContent, TextContent

from tests.contract import Contract, ContractTransport
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.docs.api import FakeDocs
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.scenario import load
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.demo.world import World
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import http_client
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings

os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
"""Messages name `workspace-auth` as a shell finds it."""

hypothesis.settings.register_profile("checks", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("checks")

ME = "me@example.com"
BO = "bo@example.com"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NONCE = "7f3a00"
SMALL = {"accounts": [{"email": ME, "name": "Me Myself"}], "time_zone": "UTC"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-catalogue", action="store_true", help="write what a model sees")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Google's discovery documents, which every request and answer is held to."""
    return Contract()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One account, no mail, and a clock that stands."""
    file = tmp_path / "world.json"
    file.write_text(json.dumps(SMALL))
    return load(file, now=NOW)


@pytest.fixture
def gmail(world: World) -> Any:
    """The mailbox of the one account."""
    return world.gmail(ME)


@pytest.fixture
def drive(world: World) -> Drive:
    """The Drive of the one account; Bo is a colleague without a mailbox here."""
    world.people.append({"email": BO, "name": "Bo Berg"})
    return world.drive(ME)


@pytest.fixture
def docs(world: World) -> FakeDocs:
    """The Docs of the one account."""
    return world.docs(ME)


@pytest.fixture
def sheets(world: World) -> FakeSheets:
    """The Sheets of the one account."""
    return world.sheets(ME)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Everything offered; files below the test's own folder."""
    folder = tmp_path / "files"
    folder.mkdir()
    return Settings(
        tier=3, demo=True, downloads=tmp_path / "downloads", file_folders=(folder,),
        environ={"HOME": str(tmp_path)}, policy=Policy(ask=Ask.NEVER),
    )  # fmt: skip


class Model:
    """Calls tools as a model does, through a real client and the real server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.images: list[ImageContent] = []

    async def result(self, name: str, /, **arguments: Any) -> CallToolResult:
        """The whole result."""
        return await self.client.call_tool(name, arguments)

    async def call(self, name: str, /, **arguments: Any) -> str:
        """The answer's text; fails when the call failed."""
        result = await self.result(name, **arguments)
        assert not result.is_error, text_of(result)
        self.images = [part for part in result.content if isinstance(part, ImageContent)]
        return text_of(result)

    async def call_failing(self, name: str, /, **arguments: Any) -> str:
        """The error's text; fails when the call did not."""
        result = await self.result(name, **arguments)
        assert result.is_error, text_of(result)
        return text_of(result)


def text_of(result: CallToolResult) -> str:
    """All text of a result."""
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


@pytest.fixture
def backend(settings: Settings, world: World, contract: Contract) -> DemoBackend:
    """The demo's backend, with every request and answer checked on its way."""
    made = DemoBackend(settings)
    made.world = world
    made.http = http_client(
        tls=False, transport=ContractTransport(DemoTransport(world.handle), contract)
    )
    return made


@pytest.fixture
def server(settings: Settings, backend: DemoBackend) -> WorkspaceServer:
    """The real server, whose fences carry a known mark."""
    return WorkspaceServer(settings, backend, lambda: Fence(NONCE))


@pytest.fixture(params=["legacy", "auto"], ids=["2025-11-25", "2026-07-28"])
async def model(server: WorkspaceServer, request: pytest.FixtureRequest) -> AsyncIterator[Model]:
    """A model in each era of the protocol."""
    async with Client(server.mcp, mode=request.param) as client:
        yield Model(client)


Connect = Callable[[WorkspaceServer], Any]
