"""An MCP server over our stdio transport with tools that misbehave: for tests of the transport."""

import os
import subprocess
import sys
import time
from typing import Any

import anyio
from mcp.server import Server, ServerRequestContext
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)

from workspace_mcp.stdio import serve_stdio

NAMES = ("echo", "sleep", "big", "noise", "block")


async def list_tools(
    context: ServerRequestContext[Any], params: PaginatedRequestParams | None
) -> ListToolsResult:
    return ListToolsResult(
        tools=[Tool(name=name, input_schema={"type": "object"}) for name in NAMES]
    )


async def call_tool(
    context: ServerRequestContext[Any], params: CallToolRequestParams
) -> CallToolResult:
    given = params.arguments or {}
    text = str(given.get("text", ""))
    match params.name:
        case "sleep":
            await anyio.sleep(float(given["s"]))
        case "big":
            text = "x" * int(given["bytes"])
        case "noise":
            print("stray print", flush=True)
            os.write(1, b"stray write\n")
            subprocess.run(["echo", "stray child"], check=True)
        case "block":
            await anyio.to_thread.run_sync(time.sleep, float(given["s"]))
        case _:
            pass
    return CallToolResult(content=[TextContent(text=text)])


server: Server[Any] = Server("echo", version="1", on_list_tools=list_tools, on_call_tool=call_tool)

if __name__ == "__main__":
    anyio.run(serve_stdio, server)
    sys.stdout.flush()
    os._exit(0)
