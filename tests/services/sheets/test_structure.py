"""Tabs, names, tables, filters, sorting, charts, pivot tables, protection, data."""

import pytest

from tests.conftest import Model
from tests.services.faults import Faults, count
from tests.services.sheets.acting import Do, act
from tests.services.sheets.made import SALES, batch, grid, made, table, values
from workspace_mcp.demo.sheets.api import FakeSheets


async def test_tabs_are_added_renamed_copied_moved_and_deleted(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)

    said = await act(
        model, {"do": "add_tab", "value": "Plan"}, {"do": "rename_tab", "tab": "Notes", "value": "Old notes"},
        {"do": "copy_tab", "tab": "Data", "value": "Data copy"}, {"do": "move_tab", "tab": "Plan", "index": 1},
        {"do": "delete_tab", "tab": "old NOTES"}, {"do": "rename", "value": "Budget 2026"},
        {"do": "name", "range": "Plan!A1:B2", "value": "Plans"},
    )  # fmt: skip

    assert said.split("\n") == [
        "Done:", "add_tab Plan", "rename_tab Notes → Old notes", "copy_tab Data → Data copy", "move_tab Plan",
        "delete_tab Old notes", "rename Budget 2026", "name Plans = Plan!A1:B2",
    ]  # fmt: skip
    assert [one.title for one in book.tabs] == ["Plan", "Data", "Data copy"]
    assert values(book, "'Data copy'!A1:D2") == values(book, "Data!A1:D2")
    assert book.title == "Budget 2026"
    assert count(faults.seen, "POST /v4/spreadsheets/1b:batchUpdate") == 1


@pytest.mark.parametrize(
    ("order", "index", "after"),
    [("ABCD", 1, "CABD"), ("ABCD", 4, "ABDC"), ("ABCD", 3, "ABCD"), ("ABCD", 2, "ACBD")],
)
async def test_a_tab_comes_to_its_place(
    model: Model, sheets: FakeSheets, order: str, index: int, after: str
) -> None:
    book = made(sheets, (), tabs=tuple(order))

    await act(model, {"do": "move_tab", "tab": "C", "index": index})

    assert "".join(one.title for one in book.tabs) == after


async def test_a_new_tab_takes_its_place_among_the_others(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets, (), tabs=("A", "B", "C"))

    await act(
        model, {"do": "add_tab", "value": "X", "index": 1}, {"do": "copy_tab", "tab": "C", "value": "Y", "index": 2},
        {"do": "move_tab", "tab": "X", "index": 3}, {"do": "delete_tab", "tab": "A"}, {"do": "move_tab",
         "tab": "C", "index": 1},
    )  # fmt: skip

    assert [one.title for one in book.tabs] == ["C", "Y", "X", "B"]


async def test_tabs_are_hidden_coloured_and_without_lines(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await act(
        model,
        {"do": "hide_tab", "tab": "Notes"},
        {"do": "color_tab", "tab": "Data", "value": "#f00"},
        {"do": "gridlines", "tab": "Data", "value": "off"},
    )

    assert book.tabs[1].properties["hidden"] is True
    assert book.tabs[0].properties["tabColorStyle"]["rgbColor"]["red"] == 1
    assert book.tabs[0].properties["gridProperties"]["hideGridlines"] is True

    await act(
        model,
        {"do": "show_tab", "tab": "Notes"},
        {"do": "color_tab", "tab": "Data", "value": "none"},
        {"do": "gridlines", "tab": "Data", "value": "on"},
    )

    assert book.tabs[1].properties["hidden"] is False
    assert "tabColorStyle" not in book.tabs[0].properties
    assert book.tabs[0].properties["gridProperties"]["hideGridlines"] is False


async def test_a_tab_is_copied_into_another_spreadsheet(model: Model, sheets: FakeSheets) -> None:
    made(sheets)
    other = sheets.add("me@example.com", "Other", "1o")

    said = await act(
        model,
        {"do": "copy_tab", "tab": "Data", "to": "https://docs.google.com/spreadsheets/d/1o/edit"},
    )

    assert said == "Done:\ncopy_tab into the other spreadsheet: Data"
    assert values(other, "'Copy of Data'!A1:D1") == [["Name", "Amount", "Due", "State"]]


async def test_names_are_made_moved_renamed_and_taken_away(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)

    await act(model, {"do": "name", "range": "Data!B2:B4", "value": "Rates"})
    await act(
        model,
        {"do": "name", "range": "Data!B2:B9", "value": "rates"},
        {"do": "rename_name", "value": "Rates", "to": "Prices"},
    )
    made_name = [(one["name"], one["range"]) for one in book.names]
    await act(model, {"do": "unname", "value": "prices"})

    assert made_name == [("Prices", grid(0, 1, 1, 9, 2))]
    assert book.names == []


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (["Amount"], ["Bo", "Ana", "Cy"]),
        (["Amount desc"], ["Cy", "Ana", "Bo"]),
        (["State", "Name desc"], ["Bo", "Cy", "Ana"]),
        (["A desc"], ["Cy", "Bo", "Ana"]),
    ],
)
async def test_rows_are_sorted_and_the_header_stays(
    model: Model, sheets: FakeSheets, columns: list[str], names: list[str]
) -> None:
    rows = [SALES[0], *SALES[1:3], ["Cy", 2401, "2026-12-05", "open"]]
    book = made(sheets, rows)
    area = "Data!A1:D4" if columns != ["A desc"] else "Data!A2:D4"

    await act(model, {"do": "sort", "range": area, "columns": columns})

    assert [row[0] for row in values(book, "Data!A1:A4")] == ["Name", *names]


async def test_texts_are_replaced_and_counted(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    said = await act(
        model, {"do": "replace", "value": "OPEN", "to": "pending"}, {"do": "replace", "value": "^B.",
         "to": "Bob", "range": "Data!A:A", "kind": "regex"},
        {"do": "replace", "value": "an", "to": "x", "tab": "Data", "kind": "cell,case"},
    )  # fmt: skip

    assert (
        said
        == "Done:\nreplace in every tab: 2 replaced\nreplace in Data!A:A: 1 replaced\nreplace in Data: 0 replaced"
    )
    assert [(row[0], row[3]) for row in values(book, "Data!A2:D4")] == [
        ("Ana", "pending"),
        ("Bob", "done"),
        ("Cy", "pending"),
    ]


async def test_duplicates_blanks_and_columns(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets, [["n", "v"], ["a", 1], ["a", 2], ["a", 1], ["  b   c ", "x;y"]])

    said = await act(
        model, {"do": "dedupe", "range": "Data!A1:B5"}, {"do": "trim", "range": "Data!A1:A9"},
        {"do": "split", "range": "Data!B4:B4", "value": ";"}, {"do": "dedupe", "range": "Data!A1:C4",
         "columns": ["n"]},
    )  # fmt: skip

    assert said.split("\n")[1:] == [
        "dedupe Data!A1:B5: 1 rows removed", "trim Data!A1:A9: 1 cells changed", "split Data!B4",
         "dedupe Data!A1:C4: 1 rows removed",
    ]  # fmt: skip
    assert values(book, "Data!A1:C4") == [["n", "v"], ["a", "1"], ["b c", "x", "y"]]


async def test_cells_are_copied_and_cut(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await act(
        model, {"do": "copy", "range": "Data!B4", "to": "B5:B6"}, {"do": "copy", "range": "Data!B4", "to": "F1",
         "kind": "values"},
        {"do": "cut", "range": "Data!A1:A2", "to": "Notes!C3"},
    )  # fmt: skip

    assert values(book, "Data!B4:B6", "FORMULA") == [["=B2*2"], ["=B3*2"], ["=B4*2"]]
    assert values(book, "Data!F1", "FORMULA") == [[2401]]
    assert values(book, "Notes!C3:C4") == [["Name"], ["Ana"]]
    assert values(book, "Data!A1:A2") == []


async def test_a_named_range_as_the_goal_is_on_its_own_tab(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)
    await act(model, {"do": "name", "range": "Notes!C3", "value": "Here"})

    said = await act(model, {"do": "copy", "range": "Data!A1:A2", "to": "Here"})

    assert said == "Done:\ncopy Data!A1:A2 → Notes!C3"
    assert values(book, "Notes!C3:C4") == [["Name"], ["Ana"]]


async def test_cells_without_a_tab_are_of_the_tab_that_they_come_from(
    model: Model, sheets: FakeSheets
) -> None:
    """Also where the first tab is too small to have them."""
    book = made(sheets)
    small = {"title": "Small", "index": 0, "gridProperties": {"rowCount": 2, "columnCount": 2}}
    book.add_tab(small)
    assert book.tabs[0].title == "Small"

    await act(model, {"do": "copy", "range": "Data!A1:A2", "to": "F8"})

    assert values(book, "Data!F8:F9") == [["Name"], ["Ana"]]


@pytest.mark.parametrize(
    "action",
    [
        {"do": "copy", "range": "Data!A1:A2", "to": "B3"},
        {"do": "cut", "range": "Data!A1:A2", "to": "Data!B3"},
        {
            "do": "pivot",
            "range": "Data!A1:D4",
            "to": "B3",
            "rows": ["State"],
            "values": ["sum Amount"],
        },
        {"do": "split", "range": "Data!A1:A4", "value": ","},
    ],
)
async def test_filled_cells_are_kept_unless_told(
    model: Model, sheets: FakeSheets, faults: Faults, action: Do
) -> None:
    made(sheets)

    failure = await model.call_failing("sheets_structure", sheet="1b", actions=[action])

    assert failure.startswith("Nothing was changed; filled already: B")
    assert count(faults.seen, "POST /v4/spreadsheets/1b:batchUpdate") == 0
    assert (await act(model, action, overwrite=True)).startswith("Done:")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"do": "add_tab", "value": "data"}, "A tab of that name is there already."),
        ({"do": "rename_tab", "tab": "Nope", "value": "x"}, "There is no tab of that name."),
        ({"do": "move_tab", "tab": "Data", "index": 4}, "index is 4; there are 3 tabs."),
        ({"do": "gridlines", "tab": "Data", "value": "maybe"}, "value is on or off."),
        ({"do": "unname", "value": "Nope"}, "No range has that name."),
        ({"do": "delete_table", "value": "Nope"}, "No table has that name."),
        (
            {"do": "table", "range": "Data!A1:D4", "value": "T", "columns": ["Amount"]},
            "A table's column is written like",
        ),
        ({"do": "sort", "range": "Data!A1:D4"}, "columns is missing"),
        (
            {"do": "sort", "range": "Data!A1:D4", "columns": ["Nope"]},
            "No column of the range has that header.",
        ),
        ({"do": "filter", "range": "Data!A1:D4", "columns": ["State"]}, "A filter is written like"),
        ({"do": "chart", "range": "Data!A1:A4"}, "A chart needs two columns"),
        ({"do": "chart", "range": "Data!A1:B4", "kind": "bubble"}, "kind is one of column, bar"),
        (
            {"do": "pivot", "range": "Data!A1:D4", "to": "Notes!A1", "values": ["Amount"]},
            "values are written like sum Amount",
        ),
        ({"do": "trim"}, "range is missing."),
        ({"do": "trim", "range": "Data!A1", "tab": "Data"}, "trim takes no tab."),
        ({"do": "unprotect"}, "index is missing"),
    ],
)
async def test_an_action_that_cannot_be_is_named(
    model: Model, sheets: FakeSheets, faults: Faults, action: Do, said: str
) -> None:
    made(sheets)

    failure = await model.call_failing(
        "sheets_structure", sheet="1b", actions=[{"do": "add_tab", "value": "New"}, action]
    )

    assert failure.startswith(f"actions[1]: {said}")
    assert [one for one in faults.seen if not one.startswith("GET")] == []


async def test_google_undoes_all_when_one_fails(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    table(sheets, book)

    failure = await model.call_failing(
        "sheets_structure",
        sheet="1b",
        actions=[
            {"do": "add_tab", "value": "New"},
            {"do": "table", "range": "Data!B1:C3", "value": "Two"},
        ],
    )

    assert (
        "Invalid requests[1].addTable: You can't add a table that overlaps with another table."
        in failure
    )
    assert [one.title for one in book.tabs] == ["Data", "Notes"]


async def test_a_dry_run_changes_nothing(model: Model, sheets: FakeSheets, faults: Faults) -> None:
    book = made(sheets)
    batch(
        sheets,
        book,
        {"addNamedRange": {"namedRange": {"name": "Rates", "range": grid(0, 1, 1, 4, 2)}}},
    )

    said = await act(
        model,
        {"do": "delete_tab", "tab": "Notes"},
        {"do": "unname", "value": "Rates"},
        dry_run=True,
    )

    assert said == "Would do:\ndelete_tab Notes\nunname Rates\nNothing was changed: dry_run."
    assert len(faults.seen) == 1
