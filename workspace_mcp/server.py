"""Assembles the MCP server; our errors become MCP's here."""

import base64
import gc
import logging
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import anyio
from mcp.server import CacheHint, Server, ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ContentBlock,
    ImageContent,
    InputRequiredResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
)
from mcp.types import Tool as ListedTool

from workspace_mcp import __version__
from workspace_mcp.asking import Answer, Asked, Asking, Question, Repeat
from workspace_mcp.backends import Backend, Call, backend_of
from workspace_mcp.errors import MissingScopeError, NotSignedInError, WorkspaceError, login_command
from workspace_mcp.formats.fence import Fence
from workspace_mcp.origins import Origins
from workspace_mcp.recorded import foreseen, recorded, rehearsed, view_of
from workspace_mcp.registry import Entry, LoadedTool, Registry
from workspace_mcp.scopes import missing
from workspace_mcp.settings import Settings

if TYPE_CHECKING:
    from workspace_mcp.policy.consent import Asks
    from workspace_mcp.tools import View

log = logging.getLogger(__name__)

DEADLINE: Final = 55.0
"""Seconds a call may take; clients give up after 60."""
SIGN_IN_PATIENCE = 20.0
"""Seconds that a call waits for a person who is asked to sign in."""
NAG: Final = 600.0
"""Seconds before a person is asked again to sign in, when they did not."""
AT_ONCE: Final = 32
"""Calls that run at the same time; the others wait their turn."""
LIST_TTL_MS: Final = 60_000

_ACCOUNT: Final = {"type": "string", "description": "E-mail or alias; see workspace_status."}
_UNEXPECTED: Final = (
    "This call failed inside the server, which is a bug of the server's. Nothing is known to have "
    "been changed.\nTry another way, or tell the user to look at the server's log (stderr)."
)
_OUTSIDE: Final = {"ifc": {"integrity": "untrusted", "confidentiality": "private"}}
"""What a client may know of an answer that holds others' text; no model reads it."""
_TOO_LONG: Final = (
    f"No result within {DEADLINE:.0f} seconds, so this call was stopped. If it was to change "
    "something, look whether it did before you repeat it.\nAsk for less at a time."
)


class WorkspaceServer:
    """The tools of `settings` over one backend; `mcp` is the protocol's side of it."""

    def __init__(
        self, settings: Settings, backend: Backend, fence: Callable[[], Fence] = Fence
    ) -> None:
        self._backend = backend
        self._fence = fence
        self._registry = Registry(settings)
        self._bus = InMemorySubscriptionBus()
        self._several = backend.several()
        self._turns = anyio.Semaphore(AT_ONCE)
        self._asking = Asking()
        self._nagged: dict[str, float] = {}
        self._origins = Origins()
        self.mcp: Server[Any] = Server(
            "workspace-mcp",
            version=__version__,
            title="Google Workspace",
            instructions=backend.instructions(),
            cache_hints={"tools/list": CacheHint(ttl_ms=LIST_TTL_MS, scope="private")},
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_subscriptions_listen=ListenHandler(self._bus),
        )

    async def _list_tools(
        self, context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        del context, params
        self._several = self._backend.several()
        offered = self._registry.offered()
        return ListToolsResult(
            tools=[ListedTool.model_validate(self._listing(entry)) for entry in offered]
        )

    def _listing(self, entry: Entry) -> Mapping[str, Any]:
        """With `account` only while there is a choice of accounts."""
        if not self._several:
            return entry.listing
        listing = deepcopy(dict(entry.listing))
        listing["inputSchema"]["properties"]["account"] = _ACCOUNT
        return listing

    async def _call_tool(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        asked = self._asking.of(context, params)
        try:
            async with self._turns:
                with anyio.fail_after(DEADLINE):
                    result = await self._answered(context, params, asked)
        except WorkspaceError as error:
            result = _failure(str(error))
        except Repeat as repeat:
            return repeat.result
        except TimeoutError:
            result = _failure(_TOO_LONG)
        except MCPError:
            raise
        except Exception:
            log.exception("%s failed", params.name)
            result = _failure(_UNEXPECTED)
        await self._tell_of_accounts(context)
        return result

    async def _answered(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams, asked: Asked
    ) -> CallToolResult:
        """The answer of a call; once more when the person signed in after being asked to."""
        try:
            return await self._run(context, params, asked)
        except NotSignedInError as error:
            if error.reason == "several_accounts" or not await self._signs_in(error, asked):
                raise
        return await self._run(context, params, asked)

    async def _signs_in(self, error: NotSignedInError, asked: Asked) -> bool:
        """Whether the person says that they signed in; asked at most once in ten minutes."""
        question = sign_in_question(error)
        now = time.monotonic()
        if question.mark not in asked.answered:
            if now - self._nagged.get(question.mark, -NAG) < NAG:
                return False
            self._nagged[question.mark] = now
        return await asked.put(question) is Answer.YES

    async def _run(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams, asked: Asked
    ) -> CallToolResult:
        name, given = params.name, params.arguments or {}
        entry = self._registry.find(name)
        if entry is None:
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {name[:60]}")
        loaded = self._registry.load(entry)
        rest = {key: value for key, value in given.items() if key != "account"}
        arguments = loaded.arguments.read(rest)
        account = given.get("account")
        call = self._backend.call(
            str(account) if account else None, context.session.report_progress, name, asks(asked)
        )
        injected = loaded.arguments.injected
        if entry.needs and (lacking := missing(entry.needs, call.granted() or entry.needs)):
            raise MissingScopeError(call.account, entry.service, lacking)
        pinned = self._several and any(kind.__name__ == "Google" for kind in injected.values())
        if pinned:
            self._origins.check(call.account, rest)
        if loaded.arguments.rehearses and arguments.pop("dry_run"):
            return await self._rehearsed(loaded, call, arguments)
        async with recorded(self._backend, call, name) as changed:
            view = await view_of(loaded, call, arguments)
            dry = arguments.get("dry_run") and name != "workspace_undo"
            ahead = await foreseen(loaded, call, arguments) if dry else ""
        result = self._answer(view)
        line = ahead or changed.line(undo=self._registry.offers("workspace_undo"))
        if line and name != "workspace_undo":
            result.content.append(TextContent(text=line))
        if pinned:
            self._origins.note(call.account, text_of(result))
        return result

    async def _rehearsed(
        self, loaded: LoadedTool, call: Call, arguments: Mapping[str, Any]
    ) -> CallToolResult:
        """What a call would do, without its being done."""
        async with recorded(self._backend, call, loaded.tool.name):
            found = await rehearsed(loaded, call, arguments)
        if found.view is not None:
            return self._answer(found.view)
        block = self._fence().block(found.title, found.shown)  # the caller's words: no new ones
        said = f"Nothing was done.\n{block}\n{found.line}".strip()
        return CallToolResult(content=[TextContent(text=said)])

    def _answer(self, view: "View") -> CallToolResult:
        fence = self._fence()
        text = view.text(fence)
        text = f"{text}\n{fence.notice}" if fence.notice else text
        content: list[ContentBlock] = [TextContent(text=text)]
        self._backend.ear.hear("\n".join(fence.heard))
        content += [
            ImageContent(data=base64.b64encode(image.data).decode(), mime_type=image.mime)
            for image in view.images()
        ]
        return CallToolResult(content=content, _meta=_OUTSIDE if fence.heard else None)

    async def _tell_of_accounts(self, context: ServerRequestContext[Any]) -> None:
        """Announce another list of tools when `account` came or went."""
        several = self._backend.several()
        if several != self._several:
            self._several = several
            await self._bus.publish(ToolsListChanged())
            await context.session.send_tool_list_changed()


def sign_in_question(error: NotSignedInError) -> Question:
    """Asks for a sign-in in a terminal."""
    who = error.account or "a Google account"
    return Question(
        f"sign in {error.account} {error.reason}",
        f"The agent needs {who}, which is not signed in ({error.reason}). In a terminal, run:\n"
        f"    {login_command(error.account)}\nthen accept this.",
        label="I have signed in",
        seconds=SIGN_IN_PATIENCE,
    )


def asks(asked: Asked) -> "Asks":
    """How a tool's act is put to the person: yes, no, or nobody answered."""

    async def ask(mark: str, text: str, /) -> bool | None:
        answer = await asked.put(Question(mark, text))
        return {Answer.YES: True, Answer.NO: False}.get(answer)

    return ask


def text_of(result: CallToolResult) -> str:
    """All text of a result."""
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def _failure(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=True)


def serve(settings: Settings) -> int:
    """Serve one client over stdio until it leaves; the exit status."""
    from workspace_mcp.stdio import serve_stdio

    backend = backend_of(settings)
    server = WorkspaceServer(settings, backend)
    gc.freeze()
    gc.enable()

    async def run() -> None:
        try:
            await serve_stdio(server.mcp)
        finally:
            await backend.close()

    anyio.run(run)
    return 0
