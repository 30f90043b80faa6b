"""A Drive of one person, among colleagues."""

from typing import Any

import anyio
import httpx2
import pytest

from tests.conftest import BO
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.world import World


class Stall(httpx2.AsyncBaseTransport):
    """The n-th request of a method gets no answer, until it is called off."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, method: str, number: int) -> None:
        self._inner, self._method, self._left = inner, method, number
        self.reached, self.left = anyio.Event(), anyio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == self._method:
            self._left -= 1
            if self._left == 0:
                self.reached.set()
                try:
                    await anyio.sleep_forever()
                finally:
                    self.left.set()
        return await self._inner.handle_async_request(request)


@pytest.fixture
def bo(world: World, drive: Drive) -> Any:
    """A colleague's Drive."""
    del drive
    return world.drive(BO)
