"""Whatever workspace-mcp's Sheets tools do is done here: docs/from-upstream-sheets.md."""

import re
from pathlib import Path

from workspace_mcp.registry import catalogue

TESTS = Path(__file__).parents[2]
TABLE = (TESTS.parent / "docs" / "from-upstream-sheets.md").read_text("utf-8")
ROWS = [line.split("|")[1:-1] for line in TABLE.splitlines() if line.startswith("| ")][1:]
UPSTREAM = (
    "list_spreadsheets", "get_spreadsheet_info", "read_sheet_values", "modify_sheet_values",
    "format_sheet_range", "manage_conditional_formatting", "create_spreadsheet", "create_sheet",
    "list_sheet_tables", "append_table_rows", "manage_sheet_tab", "resize_sheet_dimensions",
    "move_sheet_rows", "manage_named_range", "list_spreadsheet_comments",
    "manage_spreadsheet_comment",
)  # fmt: skip
"""Version 2.2.1."""


def test_every_tool_of_theirs_has_its_row() -> None:
    assert [name for name in UPSTREAM if not any(f"`{name}" in row[0] for row in ROWS)] == []


def test_every_row_names_tools_that_are_and_a_test_that_is() -> None:
    texts = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    tools = {entry.name for entry in catalogue()}

    for theirs, ours, held in ROWS:
        named = re.findall(r"`(test_\w+)`", held)
        assert named, theirs
        assert [name for name in named if f"def {name}(" not in texts] == []
        assert set(re.findall(r"`([a-z_]+)\(", ours)) <= tools
