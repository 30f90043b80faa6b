"""What the journal costs: requests and bytes of a small change in something large, in the demo.

python -m benchmarks.journal
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client

from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.scenario import load
from workspace_mcp.demo.transport import DemoTransport
from workspace_mcp.google.client import http_client
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings

ME = "me@example.com"
PARAGRAPHS = 3_000
ROWS = 50_000


class Counting(httpx2.AsyncBaseTransport):
    """Counts what goes by."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.seen: list[tuple[str, int]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass it on."""
        answer = await self._inner.handle_async_request(request)
        size = len(await answer.aread())
        self.seen.append((f"{request.method} {request.url.path[-30:]}", size))
        return answer


async def run() -> None:
    """Print a block for each change."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.json"
        file.write_text(json.dumps({"accounts": [{"email": ME}], "time_zone": "UTC"}))
        settings = Settings(
            tier=3, demo=True, environ={"HOME": folder}, policy=Policy(ask=Ask.NEVER)
        )
        backend = DemoBackend(settings)
        world = backend.world = load(file)
        counting = Counting(DemoTransport(world.handle))
        backend.http = http_client(tls=False, transport=counting)
        docs, sheets = world.docs(ME), world.sheets(ME)
        doc = docs.add(ME, "Long", "1long")
        text = "".join(f"Paragraph {n} of {'many words ' * 17}\n" for n in range(PARAGRAPHS))
        docs.update(doc, {"requests": [{"insertText": {"location": {"index": 1}, "text": text}}]})
        bold = [
            {"updateTextStyle": {
                "range": {"startIndex": 1 + 200 * n, "endIndex": 20 + 200 * n},
                "textStyle": {"bold": True}, "fields": "bold",
            }}
            for n in range(PARAGRAPHS)
        ]  # fmt: skip
        docs.update(doc, {"requests": bold})
        book = sheets.add(ME, "Big", "1big", ("Data", "Notes"))
        grid = {"sheetId": 0, "gridProperties": {"rowCount": ROWS, "columnCount": 10}}
        resize = {
            "updateSheetProperties": {
                "properties": grid,
                "fields": "gridProperties.rowCount,gridProperties.columnCount",
            }
        }
        sheets.update(book, ME, {"requests": [resize]})
        sheets.fill(book, "Data!A1", [[n, f"row {n}", n * 2] for n in range(ROWS)])
        async with Client(WorkspaceServer(settings, backend).mcp) as client:
            bold_cell = {"do": "style", "range": "Data!B2", "css": "font-weight:bold"}
            calls: list[tuple[str, dict[str, Any]]] = [
                ("docs_edit", {"doc": doc.id, "edits": [{"old": "Paragraph 1500 of", "new": "Part 1500 of"}]}),
                ("sheets_write", {"sheet": book.id, "range": "Data!B25000", "rows": [["x"]], "overwrite": True}),
                ("sheets_format", {"sheet": book.id, "actions": [bold_cell]}),
                ("sheets_write", {"sheet": book.id, "range": "Data!5:5", "mode": "insert"}),
            ]  # fmt: skip
            for tool, given in calls:
                counting.seen.clear()
                answer = await client.call_tool(tool, given)
                entry = next(backend.journal.newest_first())
                said = answer.content[-1].text  # pyright: ignore[reportAttributeAccessIssue]
                print(f"{tool}: {said}; entry {len(entry.json()):,} bytes")
                for what, size in counting.seen:
                    print(f"    {what} {size:,}")


if __name__ == "__main__":
    anyio.run(run)
