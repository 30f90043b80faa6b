"""The smallest server that the SDK allows: one tool, its own stdio transport. The yardstick."""

from typing import Any

import anyio
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.types import ListToolsResult, PaginatedRequestParams, Tool


async def list_tools(
    context: ServerRequestContext[Any], params: PaginatedRequestParams | None
) -> ListToolsResult:
    """One tool."""
    del context, params
    return ListToolsResult(tools=[Tool(name="echo", input_schema={"type": "object"})])


server: Server[Any] = Server("bare", version="1", on_list_tools=list_tools)


async def main() -> None:
    """Serve."""
    async with stdio_server() as (reads, writes):
        await server.run(reads, writes, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(main)
