"""Whatever stands in the files of this machine: nothing that a terminal obeys reaches it raw."""

import json
import re
from pathlib import Path

import pytest

from auth_cli.main import main
from tests.auth_cli.kit import Terminal
from tests.conftest import ME, NOW
from workspace_mcp.journal.entry import Entry
from workspace_mcp.journal.file import Journal
from workspace_mcp.policy.parking import Parking

EVIL = "\x1b]0;x\x07\x1b[2J\x9b2J\u202e\u2066\u200b\U000e0041\rzebra\x08"
RAW = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


def planted(home: Path) -> dict[str, str]:
    """A home in whose files somebody wrote that: an act that waits, a change, an alias, a credential."""
    root = home / ".google_workspace_mcp"
    Parking(root / "approvals").park(
        "mark", f"{ME}{EVIL}", f"tool{EVIL}", f"Send{EVIL}\nTo: {EVIL}"
    )
    entry = Entry(
        "j1", NOW.isoformat(), f"{ME}{EVIL}", f"gmail{EVIL}", (f"labelled {EVIL}",), lost=(EVIL,)
    )
    Journal(root / "journal").add(entry, NOW)
    folder = home / ".google_workspace_mcp" / "credentials"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{ME}.json").write_text(json.dumps({
        "token": "t", "refresh_token": "r", "client_id": f"c{EVIL}", "client_secret": "s",
        "token_uri": "https://oauth2.googleapis.com/token", "scopes": [f"https://x/{EVIL}"], "expiry": None,
    }))  # fmt: skip
    escaped = json.dumps(f"a{EVIL}")
    (root / "accounts.toml").write_text(f'default = "{ME}"\n[aliases]\n{escaped} = "{ME}"\n')
    return {"HOME": str(home)}


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    "command",
    [["approve"], ["history"], ["list"], ["status"], ["status", ME], ["doctor"]],
    ids=" ".join,
)
def test_nothing_raw_is_written(
    tmp_path: Path, command: list[str], as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = planted(tmp_path)
    main([*command, *(["--json"] if as_json else [])], environ)
    out, err = capsys.readouterr()

    assert out + err
    assert RAW.findall(out + err) == []


def test_an_approval_is_shown_clean_at_a_terminal(tmp_path: Path) -> None:
    planted(tmp_path)
    (waits,) = Parking(tmp_path / ".google_workspace_mcp" / "approvals").all()
    environ = {
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path.cwd()),
        "NO_COLOR": "1",
    }
    terminal = Terminal(environ, "approve", waits.code)
    terminal.wait_for(f"Type the code {waits.code}")
    terminal.type("n\n")
    terminal.end()

    assert "zebra" in terminal.text
    assert RAW.findall(terminal.text.replace("\r\n", "\n")) == []


def test_json_says_all_of_it_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = planted(tmp_path)
    main(["approve", "--json"], environ)
    (found,) = json.loads(capsys.readouterr().out)

    assert found["shown"] == f"Send{EVIL}\nTo: {EVIL}"
