"""A small Workspace, a server with the usual limits, and a person who answers its forms."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import anyio
from mcp import Client
from mcp.types import ElicitResult, TextContent

from tests.conftest import ME, NOW
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.world import World
from workspace_mcp.policy.parking import Parking
from workspace_mcp.policy.rules import Policy
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings

Mode = Literal["auto", "legacy"]


class Desk:
    """A server on a small Workspace, a client, and a person who answers its forms."""

    def __init__(
        self, folder: Path, era: Mode, policy: Policy, standing: Sequence[str] = ()
    ) -> None:
        file = folder / "world.json"
        file.write_text(json.dumps({
            "accounts": [{"email": ME, "name": "Me"}, {"email": "pa@example.com", "name": "Pa"}],
            "time_zone": "UTC", "now": NOW.isoformat(),
        }))  # fmt: skip
        self.settings = Settings(
            tier=3, demo=True, demo_file=file, environ={"HOME": str(folder)}, policy=policy,
            standing=frozenset(standing), default_account=ME, local_files=False,
        )  # fmt: skip
        self.backend = DemoBackend(self.settings)
        self.world: World = self.backend.world
        self.era: Mode = era
        self.asked: list[str] = []
        self.answer: ElicitResult | None = None
        self.parking = Parking(folder / ".google_workspace_mcp" / "approvals")

    async def calls(self, *calls: tuple[str, dict[str, Any]]) -> list[str]:
        """What each call answers."""

        async def person(context: Any, params: Any) -> ElicitResult:
            self.asked.append(params.message)
            await anyio.sleep(0.65)
            assert self.answer is not None
            return self.answer

        more: dict[str, Any] = {"elicitation_callback": person} if self.answer is not None else {}
        texts: list[str] = []
        server = WorkspaceServer(self.settings, self.backend)
        async with Client(server.mcp, mode=self.era, **more) as client:
            for name, arguments in calls:
                result = await client.call_tool(name, arguments)
                assert isinstance(result.content[0], TextContent)
                texts.append(result.content[0].text)
        return texts

    async def call(self, name: str, **arguments: Any) -> str:
        return (await self.calls((name, arguments)))[0]

    def sent(self) -> list[str]:
        """Subjects of what left."""
        box = self.world.gmail(ME)
        return [
            one.header("Subject") for one in box.mails.values()
            if "SENT" in one.labels and one.header("Subject") != "before"
        ]  # fmt: skip
