"""Whatever workspace-mcp's Drive and comment tools do is done here: docs/from-upstream-drive.md."""

import re
from pathlib import Path

from tests.conftest import Model
from tests.services.faults import QuickBackend
from workspace_mcp.demo.drive.records import DOC
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.registry import catalogue
from workspace_mcp.scopes import Scope
from workspace_mcp.settings import Settings

TABLE = Path(__file__).parents[3] / "docs" / "from-upstream-drive.md"
UPSTREAM = (
    "search_drive_files", "get_drive_file_content", "get_drive_file_download_url", "list_drive_items",
    "create_drive_folder", "create_drive_file", "import_to_google_doc", "import_to_google_slides",
    "import_to_google_sheets", "get_drive_file_permissions", "check_drive_file_public_access",
    "update_drive_file", "get_drive_shareable_link", "manage_drive_access", "copy_drive_file",
    "set_drive_file_permissions", "search_docs", "list_spreadsheets", "export_doc_to_pdf",
    "list_document_comments", "manage_document_comment", "list_spreadsheet_comments",
    "manage_spreadsheet_comment", "list_presentation_comments", "manage_presentation_comment",
)  # fmt: skip
"""Version 2.2.1."""


def test_every_tool_of_theirs_has_its_row() -> None:
    text = TABLE.read_text("utf-8")

    assert [name for name in UPSTREAM if f"`{name}" not in text] == []


def test_every_row_names_tools_that_are_and_a_test_that_is() -> None:
    rows = [
        line.split("|") for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")
    ]
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    tools = {entry.name for entry in catalogue()}

    for _, theirs, ours, held, _ in rows[1:]:
        named = re.findall(r"`(test_\w+)`", held)
        assert named, theirs
        assert [name for name in named if f"def {name}(" not in tests] == []
        assert set(re.findall(r"`([a-z_]+)\(", ours)) <= tools


async def test_a_doc_is_exported_and_its_pdf_put_back_into_drive(
    model: Model, drive: Drive, settings: Settings
) -> None:
    doc = drive.add("Plan", DOC, content="Text")

    await model.call("drive_read", file=doc.id, save="Plan.pdf", format="pdf")
    answer = await model.call("drive_upload", path="Plan.pdf", folder="/Exports")

    (made,) = [one for one in drive.store.files.values() if one.name == "Plan.pdf"]
    assert answer.startswith(f'Made [{made.id}] "Plan.pdf" PDF')
    assert made.data.startswith(b"%PDF")
    assert settings.downloads is not None


async def test_a_sign_in_for_this_apps_own_files_alone_reads_and_writes(
    model: Model, drive: Drive, backend: QuickBackend
) -> None:
    drive.add("mine.txt", "text/plain", content="x")
    backend.allow(Scope.DRIVE_FILE)

    assert "mine.txt" in await model.call("drive_search")
    await model.call("drive_organize", action="rename", files=["/mine.txt"], name="new.txt")
    assert "new.txt" in await model.call("drive_search")


async def test_a_sign_in_without_drive_names_the_command(
    model: Model, drive: Drive, backend: QuickBackend
) -> None:
    drive.add("mine.txt", "text/plain", content="x")
    for known in (True, False):
        backend.allow(Scope.GMAIL_READONLY, known=known)

        for tool, given in (
            ("drive_search", {}),
            ("drive_organize", {"action": "star", "files": ["/mine.txt"]}),
        ):
            failure = await model.call_failing(tool, **given)
            assert failure.startswith(
                "GOOGLE_LOGIN_REQUIRED account=me@example.com reason=missing_scope"
            )
            assert "--services drive" in failure
