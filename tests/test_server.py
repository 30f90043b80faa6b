"""What every client can rely on, in both eras of the protocol."""

import json
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from tests.conftest import ME, Model, text_of
from workspace_mcp import __version__
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.world import World
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings


async def test_the_server_says_who_it_is(model: Model) -> None:
    info = model.client.server_info

    assert info is not None
    assert (info.name, info.version) == ("workspace-mcp", __version__)


async def test_instructions_name_the_account_and_stay_short(model: Model) -> None:
    instructions = model.client.instructions

    assert instructions is not None
    assert instructions.startswith(f"A demo Google Workspace, in memory, of {ME} (demo).\n")
    assert len(instructions.encode()) < 2_000


async def test_an_unknown_tool_is_a_protocol_error(model: Model) -> None:
    with pytest.raises(MCPError) as failure:
        await model.result("gmail_fly")

    assert failure.value.error.code == -32602
    assert failure.value.error.message == "Unknown tool: gmail_fly"


async def test_a_tool_of_another_tier_says_why_it_is_not_there(
    settings: Settings, backend: DemoBackend
) -> None:
    server = WorkspaceServer(Settings(tier=1, demo=True), backend)
    async with Client(server.mcp) as client:
        failure = await Model(client).call_failing("gmail_changes")

    assert failure == (
        "gmail_changes is switched off here: it is in a higher --tool-tier.\n"
        "The person who set this server up can change that in its command line."
    )


async def test_wrong_types_and_unknown_names_are_clear_errors(model: Model) -> None:
    assert await model.call_failing("gmail_search", query=["x"], max="many") == (
        "gmail_search was called wrongly:\n"
        "query: input should be a valid string\n"
        "max: input should be a valid integer, unable to parse string as an integer"
    )
    assert (await model.call_failing("gmail_search", query="x", serach=1)).startswith(
        "gmail_search has no argument serach.\nIt takes: query, "
    )


async def test_twenty_calls_at_once_are_all_answered(model: Model, gmail: Any) -> None:
    for number in range(20):
        gmail.deliver("ana@example.com", f"Invoice {number}")
    answers: dict[int, str] = {}

    async def ask(number: int) -> None:
        answers[number] = await model.call("gmail_search", query=f'"Invoice {number}"')

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(ask, number)

    assert len(answers) == 20
    assert all(f"Invoice {number}" in text for number, text in answers.items())


async def test_account_is_asked_for_only_while_there_is_a_choice(
    server: WorkspaceServer, world: World, model: Model
) -> None:
    one = (await model.client.list_tools()).tools
    world.add_account("you@example.com", "You")
    await model.call("workspace_status")
    two = (await model.client.list_tools(cache_mode="bypass")).tools

    assert not any("account" in tool.input_schema["properties"] for tool in one)
    assert all("account" in tool.input_schema["properties"] for tool in two)


async def test_an_account_that_is_not_there_is_never_replaced_by_another(model: Model) -> None:
    failure = await model.call_failing("gmail_search", query="x", account="you@example.com")

    assert failure.startswith(
        "GOOGLE_LOGIN_REQUIRED account=you@example.com reason=unknown_account\n"
        f"Signed in here: {ME}."
    )


async def test_a_bug_of_ours_says_nothing_of_its_insides(
    model: Model, backend: DemoBackend, caplog: pytest.LogCaptureFixture
) -> None:
    del backend.http
    object.__setattr__(backend, "google", None)

    failure = await model.call_failing("gmail_search", query="x")

    assert failure.startswith("This call failed inside the server")
    assert "NoneType" not in failure
    assert "NoneType" in caplog.text


async def test_the_list_is_the_same_in_both_eras(server: WorkspaceServer) -> None:
    lists: list[str] = []
    for mode in ("legacy", "auto"):
        async with Client(server.mcp, mode=mode) as client:
            tools = (await client.list_tools()).tools
            lists.append(
                json.dumps(
                    [tool.model_dump(by_alias=True, exclude_none=True) for tool in tools],
                    sort_keys=True,
                )
            )

    assert lists[0] == lists[1]


async def test_every_tool_carries_all_four_hints(model: Model) -> None:
    for tool in (await model.client.list_tools()).tools:
        assert tool.annotations is not None
        hints = tool.annotations.model_dump(by_alias=True, exclude_none=True)
        assert set(hints) >= {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}


async def test_a_mail_of_50_mb_is_read_and_its_file_is_refused_with_the_reason(
    model: Model, gmail: Any
) -> None:
    mail = gmail.deliver(
        "ana@example.com", "Large", "See the file.",
        attachments=(("film.bin", "application/octet-stream", bytes(50_000_000)),),
    )  # fmt: skip

    assert "See the file." in await model.call("gmail_read", ids=[mail.id])
    failure = await model.call_failing(
        "gmail_attachment", message_id=mail.id, name="1", **{"as": "file"}
    )
    assert "MB" in failure


async def test_an_id_is_used_with_the_account_that_it_was_found_with(
    backend: DemoBackend, settings: Settings
) -> None:
    other = backend.world.add_account("you@example.com")
    backend.world.gmail(ME).deliver("ana@example.com", "Mine")
    theirs = other.deliver("ana@example.com", "Yours")
    server = WorkspaceServer(settings, backend)
    async with Client(server.mcp) as client:

        async def call(name: str, **arguments: Any) -> str:
            found = await client.call_tool(name, arguments)
            return text_of(found)

        await client.list_tools()
        await call("gmail_search", query="in:inbox", account="you@example.com")
        wrong = await call("gmail_read", ids=[theirs.thread_id], account=ME)
        right = await call("gmail_read", ids=[theirs.thread_id], account="you@example.com")

    assert f"{theirs.thread_id} was found as you@example.com, and this call is for {ME}." in wrong
    assert "Yours" in right


async def test_a_client_learns_which_answers_hold_the_text_of_others(
    model: Model, gmail: Any
) -> None:
    mail = gmail.deliver("ana@example.com", "Hello", "Some text")

    read = await model.result("gmail_read", ids=[mail.id])
    status = await model.result("workspace_status")

    assert (read.meta or {})["ifc"] == {"integrity": "untrusted", "confidentiality": "private"}
    assert "ifc" not in (status.meta or {})


@pytest.mark.parametrize("seen", ["\u200b", "\u202e", "\U000e0041", "\u2063"])
async def test_what_nobody_could_see_is_dropped_and_that_is_said(
    model: Model, gmail: Any, drive: Any, seen: str
) -> None:
    mail = gmail.deliver("ana@example.com", "Hello", f"So{seen * 3}me text")
    page = gmail.deliver("ana@example.com", "Page", "x", html=f"<p>So{seen * 3}me text</p>")
    drive.add(f"Pla{seen * 2}n", "text/plain", content="x")

    assert "[hidden text removed: 3 characters]" in await model.call("gmail_read", ids=[mail.id])
    assert "[hidden text removed: 3 characters]" in await model.call("gmail_read", ids=[page.id])
    assert "[invisible characters removed:" in await model.call("gmail_search", query="in:inbox")
    assert "[invisible characters removed: 2]" in await model.call("drive_search", folder="root")
    assert "removed" not in await model.call("workspace_status")
