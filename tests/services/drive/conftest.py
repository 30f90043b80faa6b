"""A Drive of one person, among colleagues."""

from typing import Any

import pytest

from tests.conftest import ME
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.world import World

BO = "bo@example.com"


@pytest.fixture
def drive(world: World) -> Drive:
    """The Drive of the one account; Bo is a colleague without a mailbox here."""
    world.people.append({"email": BO, "name": "Bo Berg"})
    return world.drive(ME)


@pytest.fixture
def bo(world: World, drive: Drive) -> Any:
    """A colleague's Drive."""
    del drive
    return world.drive(BO)
