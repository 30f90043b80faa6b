"""One cell's scene: a fresh Workspace, a server, a connection that will break."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from mcp import Client
from mcp.types import CallToolResult

from tests.conftest import BO, ME, NOW
from tests.matrix.faults import Broken, Fault, Line
from tests.services.docs.written import fill
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.demo.world import World
from workspace_mcp.google.client import Google, http_client
from workspace_mcp.google.exchange import Answer, Sending
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings

SECONDS: Final = 0.4
"""Instead of the 30 that a request may take."""
ATTACHED: Final = b"The whole attachment.\n" * 4000
STORED: Final = bytes(range(256)) * 8
"""Of a file in Drive: small, for where it drips."""
LARGE: Final = bytes(range(256)) * 36_000
"""9 MB, which are two parts of an upload."""


class Quick(DemoBackend):
    """The demo's backend: no waiting, short requests."""

    def google(self, email: str) -> Google:
        """A client in a hurry."""
        if email not in self._googles:

            async def token(refused: str | None) -> str:
                if refused is not None:
                    self.world.revoke(email)
                return await self.token(email, refused)

            async def no_sleep(seconds: float) -> None:
                del seconds

            async def leaves(sending: Sending) -> Callable[[Answer], None] | Answer | None:
                return await self._leaves(email, sending)

            async def sifted(sending: Sending, answer: Answer) -> Answer:
                return await self._sifted(email, sending, answer)

            found = Google(email, token, self.http, sleep=no_sleep, guard=leaves, sift=sifted)
            once = found.sender.once

            async def hurried(sending: Sending, token: str) -> Any:
                return await once(replace(sending, seconds=SECONDS), token)

            found.sender.once = hurried
            self._googles[email] = found
        return self._googles[email]


@dataclass
class Stage:
    """What an operation works on. `ids`: what is there already."""

    folder: Path
    backend: Quick
    line: Line
    ids: dict[str, str]

    @property
    def world(self) -> World:
        """What Google holds."""
        return self.backend.world

    async def call(self, tool: str, /, **arguments: Any) -> CallToolResult:
        """A call by the official client."""
        server = WorkspaceServer(self.backend.settings, self.backend)
        async with Client(server.mcp, mode="legacy") as client:
            return await client.call_tool(tool, arguments)

    def saved(self) -> list[bytes]:
        """The files of the download folder, as they are under their final names."""
        return [
            path.read_bytes()
            for path in (self.folder / "down").rglob("*")
            if path.is_file() and not path.name.endswith(".part")
        ]

    def named(self, name: str) -> list[bytes]:
        """The contents of Drive's files of that name."""
        return [
            file.data for file in self.world.drive(ME).store.files.values() if file.name == name
        ]


@cache
def large() -> Path:
    """A folder with a large file, made once."""
    folder = Path(tempfile.mkdtemp(prefix="matrix-large-"))
    (folder / "big.bin").write_bytes(LARGE)
    return folder


def stage(fault: Fault, folder: Path) -> Stage:
    """A new one; nothing is broken yet."""
    file = folder / "world.json"
    file.write_text(
        json.dumps({"accounts": [{"email": ME}], "time_zone": "UTC", "now": NOW.isoformat()})
    )
    settings = Settings(
        tier=3, demo=True, demo_file=file, environ={"HOME": str(folder)}, downloads=folder / "down",
        file_folders=(large(),), policy=Policy(ask=Ask.NEVER), default_account=ME,
    )  # fmt: skip
    backend = Quick(settings)
    line = Line(DemoTransport(backend.world.handle), fault)
    backend.http = http_client(tls=False, transport=Broken(line))
    return Stage(folder, backend, line, _filled(backend.world))


def _filled(world: World) -> dict[str, str]:
    """Put something into the Workspace; the ids of it."""
    world.people.append({"email": BO, "name": "Bo Berg"})
    box = world.gmail(ME)
    mail = box.deliver("ana@example.com", "Hello", "Please pay.",
                       attachments=(("report.txt", "text/plain", ATTACHED),))  # fmt: skip
    box.deliver(BO, "Second", "x")
    offer = f"From: {ME}\r\nTo: {BO}\r\nSubject: Offer\r\n\r\nhi".encode()
    file = world.drive(ME).add("stored.bin", "application/octet-stream", content=STORED)
    world.drive(ME).folder("Place")
    doc = world.docs(ME).add(ME, "Plan")
    fill(world.docs(ME), doc, "First line.")
    book = world.sheets(ME).add(ME, "Budget")
    world.sheets(ME).fill(book, "Sheet1!A1", [["Name", "Amount"], ["Ana", "1"]])
    return {
        "mail": mail.id, "draft": box.new_draft(offer, None), "file": file.id, "doc": doc.id,
        "book": book.id,
    }  # fmt: skip
