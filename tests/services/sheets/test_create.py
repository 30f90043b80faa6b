"""New spreadsheets."""

from pathlib import Path

import pytest

from tests.conftest import Model
from tests.services.faults import Faults, count
from tests.services.sheets.made import values
from workspace_mcp.demo.drive.records import FOLDER
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import Tab
from workspace_mcp.demo.world import World


class DriveAnswers(dict[str, object]):
    """Answers for Drive's files, which the demo may not have."""

    def __contains__(self, path: object) -> bool:
        return str(path).startswith("/drive/v3/files/")

    def __getitem__(self, path: str) -> object:
        return {"id": "1copy" if path.endswith("/copy") else path.rsplit("/", 1)[1]}


async def test_tabs_with_rows_become_a_spreadsheet(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    tabs = {
        "Sales 2026": [
            ["Name", "Amount", "Due"],
            ["Ana", "5%", "2026-11-20"],
            ["=1+1", "007", None],
        ],
        "Empty": [],
    }

    said = await model.call("sheets_create", title="Budget", tabs=tabs)

    (book,) = sheets.spreadsheets.values()
    assert said == (
        f"Created [{book.id}] https://docs.google.com/spreadsheets/d/{book.id}/edit\n"
        "'Sales 2026': 3 rows\nEmpty: 0 rows"
    )
    assert values(book, "'Sales 2026'!A1:C3") == [
        ["Name", "Amount", "Due"],
        ["Ana", "5%", "2026-11-20"],
        ["=1+1", "007"],
    ]
    assert book.tabs[0].properties["gridProperties"]["frozenRowCount"] == 1
    assert book.tabs[0].cell(0, 2).look == {"textFormat": {"bold": True}}
    assert faults.seen == [
        "POST /v4/spreadsheets",
        f"POST /v4/spreadsheets/{book.id}/values:batchUpdate",
    ]


async def test_a_budget_from_csv_with_formulas(model: Model, sheets: FakeSheets) -> None:
    await model.call(
        "sheets_create",
        title="B",
        csv="Item,Cost\nRent,800\nFood,250\nSum,=SUM(B2:B3)\n",
        formulas=True,
    )

    (book,) = sheets.spreadsheets.values()
    assert values(book, "Sheet1!A4:B4") == [["Sum", "1050"]]


async def test_a_csv_file_becomes_a_spreadsheet_of_its_name(
    model: Model, sheets: FakeSheets, folder: Path
) -> None:
    (folder / "costs 2026.csv").write_text("Item;Amount\nRent;1800\n")

    said = await model.call("sheets_create", title="Costs", path="costs 2026.csv")

    (book,) = sheets.spreadsheets.values()
    assert said.endswith(
        "'costs 2026': 2 rows\n--- row 1 7f3a00 ---\nA Item | B Amount\n--- end 7f3a00 ---"
    )
    assert values(book, "'costs 2026'!A1:C3") == [["Item", "Amount"], ["Rent", "1800"]]


async def test_more_rows_than_a_tab_has_at_first(model: Model, sheets: FakeSheets) -> None:
    await model.call(
        "sheets_create", title="B", tabs={"T": [[n] for n in range(1500)]}, header=False
    )

    (book,) = sheets.spreadsheets.values()
    assert values(book, "T!A1500") == [["1499"]]
    assert "frozenRowCount" not in book.tabs[0].properties["gridProperties"]


async def test_it_is_made_in_the_folder(model: Model, sheets: FakeSheets, drive: Drive) -> None:
    drive.add("Money", FOLDER, id="1folder")
    tabs = {"Plan": [["Item", "Cost"], ["Rent", 1800]], "Sheet1": [], "Wide": [list(range(30))] * 2}

    await model.call(
        "sheets_create", title="B", tabs=tabs,
        folder="https://drive.google.com/drive/folders/1folder?usp=sharing",
    )  # fmt: skip

    (book,) = sheets.spreadsheets.values()
    await model.call("sheets_create", title="Same", tabs=tabs)
    same = next(one for one in sheets.spreadsheets.values() if one is not book)
    assert (drive.file(book.id).name, drive.file(book.id).parent) == ("B", "1folder")
    assert values(book, "Plan!A1:B2") == [["Item", "Cost"], ["Rent", "1800"]]
    assert [_plain(one) for one in book.tabs] == [_plain(one) for one in same.tabs]


def _plain(tab: Tab) -> tuple[str, int, object, object]:
    return (
        tab.title,
        tab.properties["index"],
        tab.properties["gridProperties"],
        [
            (place, one.entered, one.look.get("textFormat"))
            for place, one in sorted(tab.cells.items())
        ],
    )


async def test_where_there_is_no_folder_no_spreadsheet_is_made(
    model: Model, sheets: FakeSheets, drive: Drive
) -> None:
    failure = await model.call_failing("sheets_create", title="R", csv="x", folder="1nowhere")

    assert "was created" not in failure
    assert sheets.spreadsheets == {}
    assert [one.name for one in drive.store.files.values() if one.name == "R"] == []


async def test_a_template_is_copied(model: Model, sheets: FakeSheets, faults: Faults) -> None:
    faults.answers = DriveAnswers()

    said = await model.call(
        "sheets_create",
        title="B",
        template="https://docs.google.com/spreadsheets/d/1t/edit",
        folder="1folder",
    )

    assert said == "Created [1copy] https://docs.google.com/spreadsheets/d/1copy/edit"
    assert [(method, path, body) for method, path, _, body in faults.bodies] == [
        ("GET", "/drive/v3/files/1folder", b""),
        (
            "POST",
            "/drive/v3/files/1t/copy",
            b'{"name": "B", "mimeType": "application/vnd.google-apps.spreadsheet", "parents": ["1folder"]}',
        ),
    ]
    assert sheets.spreadsheets == {}


async def test_a_lost_answer_is_not_repeated(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    faults.lose_answer("POST", "/v4/spreadsheets")

    failure = await model.call_failing("sheets_create", title="B", csv="a")

    assert failure.startswith("Google's answer was lost: an empty spreadsheet may have been made")
    assert len(sheets.spreadsheets) == 1
    assert count(faults.seen, "POST /v4/spreadsheets") == 1


async def test_what_google_does_not_take_leaves_the_spreadsheet_and_says_so(
    model: Model, sheets: FakeSheets, world: World
) -> None:
    world.fail_next(400, path="values:batchUpdate")

    said = await model.call("sheets_create", title="B", csv="a,b")

    assert len(sheets.spreadsheets) == 1
    assert (
        "The spreadsheet was created, but not all of it could be done: Google could not use" in said
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"title": " "}, "title is empty."),
        ({"title": "B", "folder": "../x"}, "'../x' is not an id."),
        ({"title": "B", "tabs": {"A": "x"}}, "tabs maps a tab's name to a list of rows"),
        ({"title": "B", "tabs": {"A": [["x"]]}, "csv": "x"}, "Give one of tabs, csv and path."),
        ({"title": "B", "tabs": {"A": [], "a": []}}, "Two tabs have the same name."),
        (
            {"title": "B", "template": "1t", "csv": "x"},
            "template comes without tabs, csv and path.",
        ),
    ],
)
async def test_what_cannot_be_makes_nothing(
    model: Model, sheets: FakeSheets, faults: Faults, arguments: dict[str, object], said: str
) -> None:
    assert (await model.call_failing("sheets_create", **arguments)).startswith(said)
    assert sheets.spreadsheets == {}
    assert faults.seen == []
