"""`workspace-auth history`: what agents changed, and a change before → after, with clean text."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from auth_cli.main import main
from tests.conftest import ME, Model
from tests.journal.test_docs import contract
from tests.services.sheets.made import made
from workspace_mcp.backends import DemoBackend
from workspace_mcp.credentials.paths import places
from workspace_mcp.demo.drive.records import DOC
from workspace_mcp.demo.world import World
from workspace_mcp.journal.file import Journal

pytestmark = pytest.mark.anyio
EVIL = "\x1b[31mred\x1b[0m \u202eltr"


@pytest.fixture
async def journal(
    model: Model, world: World, backend: DemoBackend, tmp_path: Path
) -> dict[str, str]:
    """An environment whose journal holds a change of every kind."""
    mail = world.gmail(ME).deliver("ana@example.com", EVIL)
    await model.call("gmail_modify", ids=[mail.id], action="archive")
    made(world.sheets(ME), [["Name", "Amount"], [EVIL, "7"]])
    rows = [["Zoe", 12]]
    await model.call("sheets_write", sheet="1b", range="Data!A2", rows=rows, overwrite=True)
    doc = await contract(model, world.docs(ME))
    await model.call("docs_edit", doc=doc.id, edits=[{"old": "100 EUR", "new": "250 EUR"}])
    file = world.drive(ME).add("Plan", DOC, content="x")
    await model.call("drive_organize", action="rename", files=[file.id], name="Plan B")
    await model.call("gmail_send", to=[ME], subject="x", body="y")
    environ = {"HOME": str(tmp_path / "home")}
    kept = Journal(places(environ).journal)
    for one in reversed(list(backend.journal.newest_first())):
        kept.add(one, datetime(2026, 11, 20, tzinfo=UTC))
    return environ


def shown(capsys: pytest.CaptureFixture[str], environ: dict[str, str], *given: str) -> str:
    """What the command prints."""
    assert main(["history", *given], environ) == 0
    return capsys.readouterr().out


async def test_each_change_is_shown_before_and_after(
    journal: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    every = json.loads(shown(capsys, journal, "--json"))
    told = {one["tool"]: shown(capsys, journal, one["id"]).splitlines()[1:] for one in every}

    assert told["gmail_modify"][0].endswith(": with INBOX → without INBOX")
    assert told["sheets_write"] == ["  A2: [31mred[0m ltr → Zoe", "  B2: 7 → 12"]
    assert told["docs_edit"][0].startswith("  The fee is 100 EUR per month")
    assert "→ The fee is 250 EUR per month" in told["docs_edit"][0]
    assert told["docs_create"][0].endswith(" made")
    assert told["drive_organize"] == ["  name: Plan → Plan B"]
    assert "  Cannot be taken back: mail" in told["gmail_send"][-1]


async def test_the_list_has_a_line_each_and_says_how_to_see_more(
    journal: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", "--max", "2"], journal) == 0
    out, err = capsys.readouterr()

    assert [line.split("  ")[2] for line in out.splitlines()] == ["gmail_send", "drive_organize"]
    assert "workspace-auth history ID" in err


async def test_nothing_that_steers_a_terminal_is_printed(
    journal: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    ids: list[Any] = [one["id"] for one in json.loads(shown(capsys, journal, "--json"))]
    text = "".join(shown(capsys, journal, one) for one in ids)

    assert "\x1b" not in text
    assert "\u202e" not in text


def test_an_unknown_id_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "j0"], {"HOME": str(tmp_path)}) == 2
    assert "The journal has no such change." in capsys.readouterr().err
