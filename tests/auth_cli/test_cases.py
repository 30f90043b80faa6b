"""Every case of CASES.md names a test that is there."""

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
ROW = re.compile(r"\| (T\d+) \| .+ \| `(\S+)` `(\S+)` \|")


def test_each_case_has_a_row_and_each_row_a_test() -> None:
    rows = ROW.findall((TESTS / "auth_cli" / "CASES.md").read_text("utf-8"))
    lacking = [
        name for name, file, test in rows
        if not re.search(rf"def {test}\(", (TESTS / file).read_text("utf-8"))
    ]  # fmt: skip

    assert [name for name, _, _ in rows] == [f"T{number}" for number in range(1, 66)]
    assert lacking == []


def test_the_page_for_users_names_every_command_and_exit_code() -> None:
    from auth_cli.exits import MEANINGS
    from auth_cli.main import app

    page = (TESTS.parent / "docs" / "signing-in.md").read_text("utf-8")
    readme = (TESTS.parent / "README.md").read_text("utf-8")
    commands = [str(one.name) for one in app.registered_commands]

    assert [name for name in commands if f"workspace-auth {name}" not in page + readme] == []
    assert [code for code, what in MEANINGS.items() if f"| {code} | {what} |" not in page] == []
