"""A stranger's text in every free string of Google's answers: whatever tool is called, it stays fenced."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult

from tests.conftest import NOW, text_of
from tests.contract import Contract, ContractTransport
from tests.strangers.calls import Arguments, first, ids, varied
from tests.strangers.planting import MARK, PAYLOAD, Planter
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.formats.clean import clean
from workspace_mcp.formats.fence import Fence
from workspace_mcp.google.client import http_client
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.registry import Entry, catalogue
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings
from workspace_mcp.tools import Effect

pytestmark = pytest.mark.anyio
NONCE = "c0ffee"
BEGIN, END = "\ue000", "\ue001"
_SHAPES, _THINGS, _VARIED = 60, 14, 50
"""How many forms of a call, of things it is about, of changes to it are tried."""
SAYS_NOTHING = {"workspace_status", "workspace_history", "gmail_settings"}
"""Tools that read, whose answers hold nothing that others could have written."""


class Marking(Fence):
    """Shows which text of one line went through the fence."""

    def line(self, text: str, limit: int = 200) -> str:
        found = super().line(text, limit)
        return f"{BEGIN}{found}{END}" if MARK in found else found


def unfenced(answer: str) -> str:
    """What of an answer stands in no fence."""
    blocks = rf"--- [^\n]*? {NONCE} ---\n.*?\n--- end {NONCE} ---"
    rest = re.sub(blocks, "[fenced]", answer, flags=re.DOTALL)
    return re.sub(f"{BEGIN}[^{BEGIN}{END}\n]*{END}", "[line]", rest)


def company(folder: Path) -> Path:
    """The sample company, with the text in its documents too."""
    found = json.loads(files("workspace_mcp.demo").joinpath("company.json").read_text("utf-8"))
    for entry in found["docs"]:
        for place in (entry, *entry.get("tabs", ())):
            if "markdown" in place:
                lines = place["markdown"]
                lines = lines if isinstance(lines, list) else [lines]
                place["markdown"] = [*lines, "", f"# {MARK}", "", clean(PAYLOAD)]
    file = folder / "company.json"
    file.write_text(json.dumps(found))
    return file


class Hostile:
    """The server on a Workspace in which strangers wrote everything."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        self.settings = Settings(
            tier=3, demo=True, demo_file=company(folder), demo_now=NOW,
            downloads=folder / "downloads", file_folders=(folder,),
            environ={"HOME": str(folder)}, policy=Policy(ask=Ask.NEVER, per_minute=100_000),
        )  # fmt: skip
        self.backend = DemoBackend(self.settings)
        inner = ContractTransport(DemoTransport(self.backend.world.handle), contract)
        self.backend.http = http_client(tls=False, transport=Planter(inner, contract))
        self.server = WorkspaceServer(self.settings, self.backend, lambda: Marking(NONCE))

    async def answers(self, entry: Entry) -> list[tuple[Arguments, CallToolResult]]:
        """Calls of a tool on everything there is, and what it answered."""
        found: list[tuple[Arguments, CallToolResult]] = []
        async with Client(self.server.mcp, mode="auto") as client:

            async def call(arguments: Arguments) -> CallToolResult:
                given = {**arguments, "account": self.backend.world.accounts()[0]}
                result = await client.call_tool(entry.name, given)
                found.append((arguments, result))
                return result

            known = [*await self._changes(client), *ids(self.backend.world), *self._journal()]
            fitting = await self._fitting(entry, known, call)
            for one in fitting:
                for arguments in first(entry, one)[1:_SHAPES]:
                    await call(arguments)
            good = [one for one, result in found if not result.is_error]
            bases = good[:: max(1, len(good) // 4)][:4] or first(entry, fitting[0])[:4]
            for base in bases:
                for arguments in list(varied(entry, base, known))[:_VARIED]:
                    await call(arguments)
        return found

    async def _fitting(
        self,
        entry: Entry,
        known: Sequence[str],
        call: Callable[[Arguments], Awaitable[CallToolResult]],
    ) -> list[str]:
        """Things that the tool takes: one for each way in which it answers about them, at least."""
        ways: dict[str, list[str]] = {}
        for one in known:
            result = await call(first(entry, one)[0])
            way = text_of(result).replace(one, "")[:60] if result.is_error else one
            ways.setdefault(way, []).append(one)
        return [same[0] for same in ways.values()][:_THINGS]

    async def _changes(self, client: Client) -> list[str]:
        """Some changes that can be taken back; from where on mailbox and Drive know of them."""
        me = self.backend.world.accounts()[0]
        box = self.backend.world.gmail(me)
        mail = next(one.id for one in box.mails.values())
        since = str(box.history_id)
        box.deliver("Lena <lena@fischer-print.example>", "New", "Hello")
        for name, arguments in (
            ("gmail_modify", {"ids": [mail], "action": "star"}),
            ("drive_organize", {"action": "folder", "name": "New"}),
            ("docs_create", {"title": "New"}),
        ):
            result = await client.call_tool(name, {**arguments, "account": me})
            assert not result.is_error, text_of(result)
        return [since, "1"]

    def _journal(self) -> list[str]:
        return [entry.id for entry in self.backend.journal.newest_first()]


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
async def test_what_strangers_wrote_stays_fenced(
    entry: Entry, tmp_path: Path, contract: Contract
) -> None:
    found = await Hostile(tmp_path, contract).answers(entry)
    texts: list[tuple[Any, str]] = [(arguments, text_of(result)) for arguments, result in found]

    for arguments, text in texts:
        assert MARK not in unfenced(text), (arguments, unfenced(text))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e]", text), arguments
        assert not text.startswith("This call failed inside the server"), arguments
    errors = {
        text
        for text, (_, result) in zip((text for _, text in texts), found, strict=True)
        if result.is_error
    }
    assert any(not result.is_error for _, result in found), sorted(errors)
    if entry.effect == Effect.READS and entry.name not in SAYS_NOTHING:
        assert any(MARK in text for _, text in texts), "no call of this tool showed the text"
