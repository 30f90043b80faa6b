"""Fixtures for the tools' tests: the demo behind a connection that can break."""

from pathlib import Path

import pytest

from tests.contract import Contract, ContractTransport
from tests.services.faults import Faults, QuickBackend
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.demo.world import World
from workspace_mcp.google.client import http_client
from workspace_mcp.settings import Settings


@pytest.fixture
def faults(world: World, contract: Contract) -> Faults:
    """What breaks on the way to Google; what was asked for."""
    return Faults(ContractTransport(DemoTransport(world.handle), contract))


@pytest.fixture
def backend(settings: Settings, world: World, faults: Faults) -> QuickBackend:
    """The demo's backend, which never waits."""
    made = QuickBackend(settings)
    made.world = world
    made.http = http_client(tls=False, transport=faults)
    return made


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The folder from which files may be attached."""
    return settings.file_folders[0]
