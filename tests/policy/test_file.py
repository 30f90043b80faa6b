"""`policy.toml`, flags and variables: each narrows, none relaxes, and what cannot be read ends the start."""

from pathlib import Path

import pytest

from workspace_mcp import cli
from workspace_mcp.errors import UsageError
from workspace_mcp.policy.effects import Reach
from workspace_mcp.policy.rules import Ask


def policy(folder: Path, text: str) -> dict[str, str]:
    """An environment whose home holds the file."""
    place = folder / ".google_workspace_mcp"
    place.mkdir(exist_ok=True)
    (place / "policy.toml").write_text(text)
    return {"HOME": str(folder)}


def test_the_file_narrows_what_flags_say(tmp_path: Path) -> None:
    environ = policy(
        tmp_path,
        'no_send = true\nask = "first-contact"\nrecipients = ["@Example.com"]\n'
        'disabled_tools = ["gmail_send"]\nallowed_tools = ["gmail_search", "gmail_read"]\n'
        "[budgets]\nsends = 5\n[standing]\nreplies = true\n",
    )
    found = cli.read(
        ["--ask", "never", "--recipients", "ana@example.com", "example.org", "--budget", "sends=50", "deletes=3",
         "--allowed-tools", "gmail_search"], environ,
    )  # fmt: skip

    assert found.policy.no_send
    assert found.policy.ask is Ask.FIRST_CONTACT
    assert found.policy.recipients == {"ana@example.com"}
    assert found.policy.budgets == {Reach.SENDS: 5, Reach.SHARES: 100, Reach.DELETES: 3}
    assert found.disabled == {"gmail_send"}
    assert found.allowed == {"gmail_search"}
    assert found.standing == {"replies"}


def test_a_flag_can_be_stricter_than_the_file(tmp_path: Path) -> None:
    environ = policy(tmp_path, 'ask = "never"\n')

    assert cli.read(["--ask", "all"], environ).policy.ask is Ask.ALL
    assert cli.read([], environ).policy.ask is Ask.NEVER
    assert cli.read([], {"HOME": str(tmp_path / "empty")}).policy.ask is Ask.ALL


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ('ask = "sometimes"', "ask takes all, first-contact, never"),
        ("[budgets]\nflights = 1", "[budgets] takes sends, shares, deletes"),
        ("[standing]\nstrangers = true", "[standing] takes own_domain, replies"),
    ],
)
def test_what_is_not_known_is_answered_with_what_is(tmp_path: Path, text: str, takes: str) -> None:
    with pytest.raises(UsageError) as failure:
        cli.read([], policy(tmp_path, text))

    assert takes in str(failure.value)


def test_a_standing_approval_may_be_written_as_the_command_says_it(tmp_path: Path) -> None:
    environ = policy(tmp_path, "[standing]\nown-domain = true\n")

    assert cli.read([], environ).standing == {"own_domain"}


@pytest.mark.parametrize(
    "text",
    ["= broken", "no_sends = true", "no_send = 1", 'ask = "sometimes"', "recipients = 5", 'recipients = [1]',
     "[budgets]\nsends = -1", "[budgets]\nsends = true", "[budgets]\nflights = 1", "[standing]\nreplies = 1"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_ends_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        cli.read([], policy(tmp_path, text))


@pytest.mark.parametrize(
    ("name", "value"),
    [("WORKSPACE_MCP_NO_SEND", "maybe"), ("WORKSPACE_MCP_NO_EXFIL", "2"), ("WORKSPACE_MCP_READ_ONLY", "ja"),
     ("WORKSPACE_MCP_ASK", "rarely"), ("WORKSPACE_MCP_BUDGET", "sends=many"), ("WORKSPACE_MCP_BUDGET", "5")],
)  # fmt: skip
def test_a_variable_that_cannot_be_read_ends_the_start(
    tmp_path: Path, name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([], {"HOME": str(tmp_path), name: value}) == 2
    assert capsys.readouterr().err.startswith("workspace-mcp: ")


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("WORKSPACE_MCP_NO_SEND", "1", "no_send", True),
        ("WORKSPACE_MCP_NO_EXFIL", "true", "no_exfil", True),
        ("WORKSPACE_MCP_READ_ONLY", "yes", "read_only", True),
        (
            "WORKSPACE_MCP_RECIPIENTS",
            "a.org, b@c.org",
            "recipients",
            frozenset({"a.org", "b@c.org"}),
        ),
        ("WORKSPACE_MCP_SHARE_WITH", "a.org", "share_domains", frozenset({"a.org"})),
        ("WORKSPACE_MCP_ASK", "First-Contact", "ask", Ask.FIRST_CONTACT),
    ],
)
def test_every_limit_has_a_variable(
    tmp_path: Path, name: str, value: str, field: str, expected: object
) -> None:
    found = cli.read([], {"HOME": str(tmp_path), name: value}).policy

    assert getattr(found, field) == expected
