"""Asking the person through the client: T63 of auth_cli/CASES.md, in both eras of the protocol."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from mcp import Client
from mcp.types import ElicitResult, TextContent

from tests.conftest import ME
from tests.google_over_tls import write
from workspace_mcp import server
from workspace_mcp.backends import LiveBackend
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings

Mode = Literal["auto", "legacy"]
pytestmark = pytest.mark.anyio


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> Mode:
    return request.param


@pytest.fixture
def backend(tmp_path: Path) -> LiveBackend:
    environ = {"HOME": str(tmp_path)}
    return LiveBackend(Settings(environ=environ))


def sign_in(tmp_path: Path) -> None:
    write(tmp_path / ".google_workspace_mcp" / "credentials", scopes=[])


async def asked(
    backend: LiveBackend,
    era: Mode,
    answer: Callable[[str], ElicitResult | None] | None,
    times: int = 1,
) -> tuple[list[str], list[str]]:
    """What the calls answered, and what the person was asked."""
    questions: list[str] = []

    async def person(context: Any, params: Any) -> ElicitResult:
        questions.append(params.message)
        assert answer is not None
        await anyio.sleep(0.7)
        found = answer(params.message)
        if found is None:
            await anyio.sleep(60)
        assert found is not None
        return found

    ours = WorkspaceServer(backend.settings, backend)
    more: dict[str, Any] = {"elicitation_callback": person} if answer is not None else {}
    texts: list[str] = []
    async with Client(ours.mcp, mode=era, raise_exceptions=True, **more) as client:
        for _ in range(times):
            result = await client.call_tool("gmail_search", {"query": "x", "account": ME})
            assert isinstance(result.content[0], TextContent)
            texts.append(result.content[0].text)
    return texts, questions


async def test_who_signs_in_when_asked_gets_the_answer(
    backend: LiveBackend, era: Mode, tmp_path: Path
) -> None:
    def accept(_: str) -> ElicitResult:
        sign_in(tmp_path)
        return ElicitResult(action="accept", content={"yes": True})

    texts, questions = await asked(backend, era, accept)

    assert f"    workspace-auth login {ME}\n" in questions[0]
    assert "not_signed_in" not in texts[0]
    assert "was not reached" in texts[0] or "GOOGLE_LOGIN_REQUIRED" not in texts[0]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(ElicitResult(action="decline"), id="decline"),
        pytest.param(ElicitResult(action="cancel"), id="cancel"),
        pytest.param(ElicitResult(action="accept", content={}), id="accept without the tick"),
        pytest.param(ElicitResult(action="accept", content={"yes": False}), id="accept with no"),
        pytest.param(
            ElicitResult(action="accept", content={"yes": True}), id="accept without signing in"
        ),
    ],
)
async def test_anything_else_is_the_sign_in_text_and_nobody_is_asked_twice(
    backend: LiveBackend, era: Mode, answer: ElicitResult
) -> None:
    texts, questions = await asked(backend, era, lambda _: answer, times=3)

    assert [text.split("\n")[0] for text in texts] == [
        f"GOOGLE_LOGIN_REQUIRED account={ME} reason=not_signed_in"
    ] * 3
    assert len(questions) == 1


async def test_a_client_that_cannot_ask_gets_the_sign_in_text(
    backend: LiveBackend, era: Mode
) -> None:
    texts, _ = await asked(backend, era, None)

    assert texts[0].startswith(f"GOOGLE_LOGIN_REQUIRED account={ME}")


async def test_a_person_who_does_not_answer_holds_a_call_up_for_a_while_and_no_longer(
    backend: LiveBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.SIGN_IN_PATIENCE <= 20 < server.DEADLINE
    monkeypatch.setattr(server, "SIGN_IN_PATIENCE", 0.3)
    began = time.monotonic()
    texts, questions = await asked(backend, "legacy", lambda _: None)

    assert texts[0].startswith(f"GOOGLE_LOGIN_REQUIRED account={ME}")
    assert len(questions) == 1
    assert time.monotonic() - began < 5
