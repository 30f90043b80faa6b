"""What cannot be taken back says so before it is done, and again in the answer: for every tool that writes."""

import re
from typing import Any

import pytest

from tests.conftest import BO, ME, NOW, Model
from tests.services.docs.written import fill
from tests.services.sheets.made import batch, made
from workspace_mcp.demo.drive.records import DOC, Comment
from workspace_mcp.demo.world import World
from workspace_mcp.registry import catalogue

pytestmark = pytest.mark.anyio

DOCUMENT, BOOK, LARGE, FILE, TEXT = "1contract", "1b", "1large", "1PlanOfTheYear", "1TextOfTheYear"
TABLE = "| a |\n|---|\n| 1 |"
Call = tuple[str, dict[str, Any], str]

CALLS: tuple[Call, ...] = (
    ("gmail_modify", {"ids": ["MAIL"], "action": "archive"}, ""),
    ("gmail_draft", {"to": [BO], "subject": "Lunch", "body": "At noon?"}, ""),
    ("gmail_send", {"to": [BO], "subject": "Lunch", "body": "At noon?"}, "what went out"),
    ("gmail_unsubscribe", {"sender": "news@list.test"}, "what went out"),
    ("gmail_settings_set", {"what": "label", "values": {"name": "Work"}}, ""),
    ("workspace_delete", {"kind": "message", "ids": ["MAIL"]}, ""),
    ("workspace_delete", {"kind": "label", "ids": ["Old"]}, "messages that carried it"),
    ("workspace_delete", {"kind": "file", "ids": [FILE]}, ""),
    ("workspace_delete", {"kind": "file", "ids": [FILE], "permanent": True}, "deleted for good"),
    ("workspace_delete", {"kind": "comment", "ids": [f"{FILE}/AAAA1"]}, "a comment that is deleted"),
    ("drive_upload", {"content": "x", "name": "n.txt"}, ""),
    ("drive_upload", {"content": "new", "replace": TEXT}, ""),
    ("drive_organize", {"files": [FILE], "action": "rename", "name": "new"}, ""),
    ("drive_organize", {"files": [FILE], "action": "shortcut"}, ""),
    ("drive_share",
     {"file": FILE, "action": "grant", "who": [BO], "role": "reader"},
     "the mail that Google sends"),
    ("drive_share", {"file": FILE, "action": "grant", "who": [BO], "role": "reader", "notify": False}, ""),
    ("drive_share", {"file": FILE, "action": "transfer", "who": [BO]}, "ownership"),
    ("comment", {"file": FILE, "action": "add", "text": "Why?"}, ""),
    ("comment", {"file": FILE, "action": "resolve", "id": "AAAA1"}, ""),
    ("docs_create", {"title": "Plan B", "markdown": "x"}, ""),
    ("docs_edit", {"doc": DOCUMENT, "edits": [{"old": "fee", "new": "price"}]}, ""),
    ("docs_edit", {"doc": DOCUMENT, "edits": [{"section": "Note", "new": "None."}]}, "a footnote"),
    ("docs_edit",
     {"doc": DOCUMENT, "edits": [{"after": "Fees", "new": TABLE}, {"section": "Look", "new": "None."}]},
     "a footnote"),
    ("docs_edit",
     {"doc": DOCUMENT, "edits": [{"after": "Fees", "new": TABLE}, {"section": "Pic", "new": "None."}]},
     "an image"),
    ("docs_format", {"doc": DOCUMENT, "actions": [{"do": "unlist", "text": "one"}]}, ""),
    ("docs_format",
     {"doc": DOCUMENT, "actions": [{"do": "delete_rows", "table": 1, "row": 2, "count": 1}]},
     "a footnote"),
    ("docs_format",
     {"doc": DOCUMENT, "actions": [{"do": "delete_rows", "table": 1, "row": 3, "count": 1}]},
     ""),
    ("sheets_create", {"title": "Budget"}, ""),
    ("sheets_write", {"sheet": BOOK, "range": "Data!A2", "rows": [["Zoe"]], "overwrite": True}, ""),
    ("sheets_write",
     {"sheet": BOOK, "range": "Data!F1", "rows": [["Zoe"]], "overwrite": True},
     "a smart chip"),
    ("sheets_write", {"sheet": BOOK, "range": "Data!F:F", "mode": "delete"}, "a smart chip"),
    ("sheets_write", {"sheet": BOOK, "range": "Data!A:A", "mode": "delete"}, ""),
    ("sheets_format",
     {"sheet": BOOK, "actions": [{"do": "style", "range": "Data!A1", "css": "font-weight:bold"}]},
     ""),
    ("sheets_structure", {"sheet": BOOK, "actions": [{"do": "add_tab", "value": "More"}]}, ""),
    ("sheets_structure",
     {"sheet": BOOK, "actions": [{"do": "comment", "range": "Data!A1", "value": "Why?"}]},
     "a comment"),
    ("sheets_structure",
     {"sheet": LARGE, "actions": [{"do": "trim", "range": "Huge!A1:Z9000"}]},
     "more than 200,000 cells"),
)  # fmt: skip
"""A tool, arguments, and what of it cannot be taken back ("": all can)."""
BY_THEMSELVES = {"gmail_send", "gmail_unsubscribe", "workspace_delete"}
"""Tools whose answer says it without the frame."""
BESIDES = {"workspace_undo"}
"""Says for each entry itself what stays."""

DOC_TEXT = """# Fees

The fee is due.[^1]

## Note

See there.[^2]

## Pic

There:

## Look

Here:

- one

| Who | What |
| --- | --- |
| Ana | signs[^3] |
| Bo | pays |

[^1]: Soon.
[^2]: Late.
[^3]: Twice.
"""


@pytest.fixture
async def full(world: World, model: Model) -> World:
    """With what the calls need."""
    world.people.append({"email": BO, "name": "Bo"})
    box, drive, docs, sheets = world.gmail(ME), world.drive(ME), world.docs(ME), world.sheets(ME)
    unsubscribe = {"List-Unsubscribe": "<mailto:leave@list.test>"}
    box.deliver("News <news@list.test>", "News", "x", headers=unsubscribe)
    await model.call("gmail_settings_set", what="label", values={"name": "Old"})
    drive.add("Plan", DOC, content="x", id=FILE).comments = [Comment("AAAA1", ME, NOW, "First")]
    drive.add("a.txt", "text/plain", content="old", id=TEXT)
    fill(docs, docs.add(ME, "Contract", DOCUMENT), DOC_TEXT)
    image = {"do": "image", "text": "There:", "value": "https://example.com/a.png"}
    await model.call("docs_format", doc=DOCUMENT, actions=[image])
    made(sheets)
    large = sheets.add(ME, "Large", LARGE, ("Data",))
    huge = {"title": "Huge", "gridProperties": {"rowCount": 9000, "columnCount": 26}}
    batch(sheets, large, {"addSheet": {"properties": huge}})
    chip = {"do": "chip", "range": "Data!F1", "value": "cy@example.com"}
    await model.call("sheets_format", sheet=BOOK, actions=[chip])
    return world


def said(answer: str) -> str:
    """What an answer says that cannot be taken back."""
    found = re.search(r"^(?:Could not be taken back|No undo): (.*?)\.?$", answer, re.M)
    part = re.search(r"\(in part; not (.*)\)$", answer)
    return found[1] if found else part[1] if part else ""


@pytest.mark.parametrize(
    ("tool", "given", "words"), CALLS, ids=[f"{n} {one[0]}" for n, one in enumerate(CALLS)]
)
async def test_it_is_said_before_and_after(
    model: Model, full: World, tool: str, given: dict[str, Any], words: str
) -> None:
    ids = [one.id for one in full.gmail(ME).mails.values()][:1]
    given = {key: ids if value == ["MAIL"] else value for key, value in given.items()}

    before = await model.call(tool, **given, dry_run=True)
    after = await model.call(tool, **given)

    assert words in said(before)
    assert bool(words) == bool(said(before))
    assert "It would fail" not in before
    if tool not in BY_THEMSELVES:
        assert words in said(after)
        assert bool(words) == bool(said(after))


def test_every_tool_that_writes_is_held_to_it() -> None:
    writing = {one.name for one in catalogue() if one.effect != "R"}

    assert writing == {tool for tool, _, _ in CALLS} | BESIDES
