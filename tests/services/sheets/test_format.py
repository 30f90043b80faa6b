"""How cells look and what they take."""

from typing import Any

import pytest

from tests.conftest import Model
from tests.services.faults import Faults, count
from tests.services.sheets.made import batch, grid, made
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import FakeSpreadsheet, Tab

RED = {"rgbColor": {"red": 1.0, "green": 0.0, "blue": 0.0}}


def look(book: FakeSpreadsheet, row: int, column: int) -> dict[str, Any]:
    return book.tabs[0].cell(row, column).look


async def test_a_style_sets_what_it_names_and_nothing_else(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)
    old = {"userEnteredFormat": {"textFormat": {"italic": True}}}
    batch(
        sheets,
        book,
        {
            "repeatCell": {
                "range": grid(0, 0, 0, 1, 4),
                "cell": old,
                "fields": "userEnteredFormat.textFormat",
            }
        },
    )

    said = await model.call(
        "sheets_format", sheet="1b",
        actions=[{"do": "style", "range": "Data!1:1",
         "css": "font-weight: bold; color: #f00; background: #ff0000; text-align: center; "
                  "vertical-align: middle; white-space: wrap; font-size: 12pt; font-family: Arial; "
                  "text-decoration: underline; rotate: 45"}],
    )  # fmt: skip

    assert said == "Done:\nstyle Data!1:1"
    assert look(book, 0, 3) == {
        "textFormat": {"italic": True, "bold": True, "foregroundColorStyle": RED, "fontSize": 12,
         "fontFamily": "Arial",
                       "underline": True, "strikethrough": False},
        "backgroundColorStyle": RED, "horizontalAlignment": "CENTER", "verticalAlignment": "MIDDLE",
        "wrapStrategy": "WRAP", "textRotation": {"angle": 45},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("action", "format_", "shows"),
    [
        ({"kind": "number"}, {"type": "NUMBER", "pattern": "#,##0.00"}, "1,200.50"),
        ({"kind": "percent", "value": "0%"}, {"type": "PERCENT", "pattern": "0%"}, "120050%"),
        (
            {"kind": "currency", "value": "€#,##0"},
            {"type": "CURRENCY", "pattern": "€#,##0"},
            "€1,200",
        ),
        ({"value": "0.0000"}, {"type": "NUMBER", "pattern": "0.0000"}, "1200.5000"),
        ({"value": "d mmm yyyy"}, {"type": "DATE", "pattern": "d mmm yyyy"}, "14 Apr 1903"),
        (
            {"kind": "datetime"},
            {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"},
            "1903-04-14 12:00",
        ),
        ({"kind": "auto"}, None, "1200.5"),
    ],
)
async def test_a_number_format_shows_the_number(
    model: Model,
    sheets: FakeSheets,
    action: dict[str, str],
    format_: dict[str, str] | None,
    shows: str,
) -> None:
    book = made(sheets)

    await model.call(
        "sheets_format", sheet="1b", actions=[{"do": "number", "range": "Data!B2", **action}]
    )

    assert look(book, 1, 1).get("numberFormat") == format_
    assert f"\n2\t{shows}\n" in await model.call("sheets_read", sheet="1b", ranges=["Data!B2"])


async def test_borders_outside_inside_and_none(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call(
        "sheets_format", sheet="1b",
        actions=[{"do": "borders", "range": "Data!A1:B2", "value": "outer", "kind": "thick", "css": "color:#f00"},
                 {"do": "borders", "range": "Data!C1:D2"}, {"do": "borders", "range": "Data!D1:D2", "value": "none"}],
    )  # fmt: skip

    line = {"style": "SOLID_THICK", "colorStyle": RED, "width": 1}
    assert look(book, 0, 0)["borders"] == {"top": line, "left": line}
    assert look(book, 1, 1)["borders"] == {"bottom": line, "right": line}
    assert set(look(book, 0, 2)["borders"]) == {"top", "bottom", "left", "right"}
    assert "borders" not in look(book, 0, 3)


def tab(book: FakeSpreadsheet) -> Tab:
    return book.tabs[0]


async def test_cells_are_merged_and_single_again(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call(
        "sheets_format", sheet="1b",
        actions=[{"do": "merge", "range": "Data!A6:B7"}, {"do": "merge", "range": "Data!D6:E7", "kind": "rows"}],
    )  # fmt: skip
    merged = list(tab(book).list("merges"))
    await model.call(
        "sheets_format", sheet="1b", actions=[{"do": "unmerge", "range": "Data!A6:E7"}]
    )

    assert merged == [grid(0, 5, 0, 7, 2), grid(0, 5, 3, 6, 5), grid(0, 6, 3, 7, 5)]
    assert tab(book).list("merges") == []


async def test_a_merge_that_would_lose_cells_is_refused(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    book = made(sheets)

    failure = await model.call_failing(
        "sheets_format", sheet="1b", actions=[{"do": "merge", "range": "Data!A2:B3"}]
    )
    await model.call("sheets_format", sheet="1b", actions=[{"do": "merge", "range": "Data!A2:A2"}])

    assert failure.startswith("Nothing was changed: merge would take away what is in B2, A3, B3.")
    assert book.tabs[0].cell(1, 1).entered
    assert count(faults.seen, "POST /v4/spreadsheets/1b:batchUpdate") == 1


def formula(text: str) -> dict[str, Any]:
    return {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": text}]}


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        ("> 100", {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "100"}]}),
        ("<=5%", {"type": "NUMBER_LESS_THAN_EQ", "values": [{"userEnteredValue": "5%"}]}),
        ("between 1 and 5", {"type": "NUMBER_BETWEEN", "values": [{"userEnteredValue": "1"},
         {"userEnteredValue": "5"}]}),
        ("contains late", {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": "late"}]}),
        ("is not done", formula('=B2<>"done"')),
        ("starts with A", {"type": "TEXT_STARTS_WITH", "values": [{"userEnteredValue": "A"}]}),
        ("email", formula("=ISEMAIL(B2)")),
        ("< today", {"type": "DATE_BEFORE", "values": [{"relativeDate": "TODAY"}]}),
        (">= 2026-01-31", formula('=ISNUMBER(B2)*(B2>=DATEVALUE("2026-01-31"))=1')),
        ("<= today", formula("=ISNUMBER(B2)*(B2<TODAY()+1)=1")),
        ("!= 2026-01-31", formula(
            '=ISNUMBER(B2)*(B2>=DATEVALUE("2026-01-31"))*(B2<DATEVALUE("2026-01-31")+1)=0'
        )),
        ("between today and tomorrow", formula("=ISNUMBER(B2)*(B2>=TODAY())*(B2<(TODAY()+1)+1)=1")),
        ("not blank", {"type": "NOT_BLANK"}),
        ("=$B2>TODAY()", {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$B2>TODAY()"}]}),
    ],
)  # fmt: skip
async def test_a_condition_as_people_write_it(
    model: Model, sheets: FakeSheets, value: str, condition: dict[str, Any]
) -> None:
    book = made(sheets)

    await model.call(
        "sheets_format",
        sheet="1b",
        actions=[
            {"do": "conditional", "range": "Data!B2:B", "value": value, "css": "background:#f00"}
        ],
    )

    (rule,) = tab(book).list("conditionalFormats")
    assert rule["booleanRule"] == {"condition": condition, "format": {"backgroundColorStyle": RED}}
    assert rule["ranges"] == [
        {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}
    ]


async def test_rules_are_changed_and_taken_away_by_number(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    scale = {
        "do": "conditional",
        "range": "Data!B2:B4",
        "kind": "gradient",
        "value": "min #fff; 50% #ff0; max #f00",
    }
    await model.call("sheets_format", sheet="1b", actions=[scale])
    gradient = tab(book).list("conditionalFormats")[0]["gradientRule"]

    await model.call(
        "sheets_format",
        sheet="1b",
        actions=[
            {
                "do": "conditional",
                "range": "Data!B2:B4",
                "index": 0,
                "value": "> 1",
                "css": "color:red",
            }
        ],
    )
    changed = list(tab(book).list("conditionalFormats"))
    await model.call(
        "sheets_format", sheet="1b", actions=[{"do": "unconditional", "range": "Data", "index": 0}]
    )

    assert (
        gradient["minpoint"]["type"],
        gradient["midpoint"]["value"],
        gradient["maxpoint"]["colorStyle"],
    ) == ("MIN", "50", RED)
    assert "booleanRule" in changed[0]
    assert len(changed) == 1
    assert tab(book).list("conditionalFormats") == []


async def test_a_rule_keeps_what_is_not_said_anew(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    rule = {"do": "conditional", "range": "Data!B2:B4", "value": "> 5", "css": "background:#f00"}
    newer = {"do": "conditional", "range": "Data!A1", "value": "blank", "css": "color:red"}
    await model.call("sheets_format", sheet="1b", actions=[rule, newer])

    await model.call(
        "sheets_format", sheet="1b", actions=[{"do": "conditional", "range": "Data", "index": 1, "value": "> 9"}]
    )  # fmt: skip
    failure = await model.call_failing(
        "sheets_format", sheet="1b", actions=[{"do": "conditional", "range": "Data", "index": 7, "value": "> 9"}]
    )  # fmt: skip

    first, second = tab(book).list("conditionalFormats")
    assert first["booleanRule"]["condition"] == {"type": "BLANK"}
    assert second["ranges"] == [grid(0, 1, 1, 4, 2)]
    assert second["booleanRule"] == {
        "condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "9"}]},
        "format": {"backgroundColorStyle": RED},
    }
    assert failure.startswith("actions[0]: css is missing: how they should look.")


@pytest.mark.parametrize(
    ("action", "rule"),
    [
        ({"kind": "list", "value": "open, done", "strict": True},
         {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "open"},
          {"userEnteredValue": "done"}]},
          "strict": True, "showCustomUi": True}),
        ({"kind": "range", "value": "Notes!A1:A9"},
         {"condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Notes!A1:A9"}]},
          "strict": False, "showCustomUi": True}),
        ({"kind": "checkbox"}, {"condition": {"type": "BOOLEAN"}, "strict": False}),
        ({"value": ">= today"}, {"condition": {"type": "DATE_ON_OR_AFTER", "values": [{"relativeDate": "TODAY"}]},
         "strict": False}),
        ({"value": "not blank"}, {"condition": formula("=LEN(D2)>0"), "strict": False}),
        ({"value": "> 0"}, {"condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "0"}]},
         "strict": False}),
    ],
)  # fmt: skip
async def test_drop_downs_and_rules_are_set_and_cleared(
    model: Model, sheets: FakeSheets, action: dict[str, Any], rule: dict[str, Any]
) -> None:
    book = made(sheets)

    await model.call(
        "sheets_format", sheet="1b", actions=[{"do": "validate", "range": "Data!D2:D4", **action}]
    )
    found = tab(book).cell(2, 3).rest["dataValidation"]
    await model.call(
        "sheets_format", sheet="1b", actions=[{"do": "unvalidate", "range": "Data!D2:D4"}]
    )

    assert found == rule
    assert "dataValidation" not in tab(book).cell(2, 3).rest


async def test_lines_are_frozen_sized_hidden_and_grouped(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call(
        "sheets_format", sheet="1b",
        actions=[{"do": "freeze", "range": "Data!1:2"}, {"do": "freeze", "range": "Data!A:A"},
                 {"do": "size", "range": "Data!B:C", "value": "150"}, {"do": "size", "range": "Data!A:A",
                  "value": "auto"},
                 {"do": "hide", "range": "Data!3:3"}, {"do": "hide", "range": "Data!4:4"}, {"do": "unhide",
                  "range": "Data!4:4"},
                 {"do": "group", "range": "Data!2:4"}],
    )  # fmt: skip

    properties = tab(book).properties["gridProperties"]
    assert (properties["frozenRowCount"], properties["frozenColumnCount"]) == (2, 1)
    assert tab(book).sizes["COLUMNS"] == {
        1: {"pixelSize": 150},
        2: {"pixelSize": 150},
        0: {"pixelSize": 38},
    }
    assert tab(book).sizes["ROWS"] == {
        2: {"pixelSize": 21, "hiddenByUser": True},
        3: {"pixelSize": 21},
    }
    assert [one["depth"] for one in tab(book).list("rowGroups")] == [1]

    await model.call(
        "sheets_format",
        sheet="1b",
        actions=[{"do": "freeze", "range": "Data"}, {"do": "ungroup", "range": "Data!2:4"}],
    )

    assert (properties := tab(book).properties["gridProperties"])["frozenRowCount"] == 0
    assert properties["frozenColumnCount"] == 0
    assert tab(book).list("rowGroups") == []


async def test_notes_links_chips_banding_and_clearing(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await model.call(
        "sheets_format", sheet="1b",
        actions=[{"do": "note", "range": "Data!A1", "value": "who"}, {"do": "link", "range": "Data!A2",
         "value": "https://example.com"},
                 {"do": "chip", "range": "Data!F2", "value": "bo@example.com"},
                 {"do": "chip", "range": "Data!F3", "value": "https://docs.google.com/document/d/1x/edit"},
                 {"do": "banding", "range": "Data!A1:D4", "css": "background:#f00"},
                 {"do": "style", "range": "Data!D4", "css": "font-weight:bold"}, {"do": "clear", "range": "Data!D4"}],
    )  # fmt: skip

    assert tab(book).cell(0, 0).rest["note"] == "who"
    assert look(book, 1, 0)["textFormat"]["link"] == {"uri": "https://example.com"}
    assert (
        tab(book).cell(1, 5).rest["chipRuns"][0]["chip"]["personProperties"]["email"]
        == "bo@example.com"
    )
    assert (
        tab(book)
        .cell(2, 5)
        .rest["chipRuns"][0]["chip"]["richLinkProperties"]["uri"]
        .endswith("/1x/edit")
    )
    assert tab(book).list("bandedRanges")[0]["rowProperties"]["headerColorStyle"] == RED
    assert look(book, 3, 3) == {}


async def test_several_chips_stand_in_a_cell_or_one_in_each(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)
    two = "bo@example.com, https://docs.google.com/document/d/1x/edit"

    await model.call(
        "sheets_format", sheet="1b",
        actions=[{"do": "chip", "range": "Data!F2", "value": two}, {"do": "chip", "range": "Data!F4:G4", "value": two}],
    )  # fmt: skip
    said = await model.call("sheets_read", sheet="1b", ranges=["Data!F1:G4"], show=["chips"])
    failure = await model.call_failing(
        "sheets_format", sheet="1b", actions=[{"do": "chip", "range": "Data!F6:F8", "value": two}]
    )

    assert tab(book).cell(1, 5).entered == {"stringValue": "@ @"}
    assert said.split("\n")[-6:-1] == [
        "4\t@\t@", "chips:", "F2 bo@example.com https://docs.google.com/document/d/1x/edit",
        "F4 bo@example.com", "G4 https://docs.google.com/document/d/1x/edit",
    ]  # fmt: skip
    assert "one cell, or one into each cell" in failure


async def test_a_chip_takes_no_filled_cell(model: Model, sheets: FakeSheets) -> None:
    made(sheets)

    failure = await model.call_failing(
        "sheets_format",
        sheet="1b",
        actions=[{"do": "chip", "range": "Data!A1", "value": "bo@example.com"}],
    )

    assert failure.startswith("Nothing was changed: chip would take away what is in A1.")


async def test_all_actions_or_none(model: Model, sheets: FakeSheets, faults: Faults) -> None:
    book = made(sheets)
    actions = [
        {"do": "style", "range": "Data!A1", "css": "font-weight:bold"},
        {"do": "freeze", "range": "Data!1:1000"},
    ]

    failure = await model.call_failing("sheets_format", sheet="1b", actions=actions)

    assert "Invalid requests[1].updateSheetProperties: You can't freeze all visible rows" in failure
    assert look(book, 0, 0) == {}
    assert count(faults.seen, "POST /v4/spreadsheets/1b:batchUpdate") == 1


async def test_a_dry_run_changes_nothing(model: Model, sheets: FakeSheets, faults: Faults) -> None:
    made(sheets)

    said = await model.call(
        "sheets_format", sheet="1b", actions=[{"do": "hide", "range": "Data!2:3"}], dry_run=True
    )

    assert said == "Would do:\nhide Data!2:3\nNothing was changed: dry_run."
    assert len(faults.seen) == 1


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"do": "style", "range": "Data!A1"}, "actions[0]: css is missing."),
        (
            {"do": "style", "range": "Data!A1", "css": "zoom: 3"},
            "actions[0]: css has no zoom: 3 here.",
        ),
        (
            {"do": "style", "range": "Data!A1", "css": "color: reddish"},
            "actions[0]: reddish is no colour.",
        ),
        ({"do": "hide", "range": "Data!A1:B2"}, "actions[0]: These are not whole rows or columns."),
        ({"do": "hide", "range": "Data!1:2", "value": "x"}, "actions[0]: hide takes no value."),
        (
            {"do": "number", "range": "Data!A1", "kind": "roman"},
            "actions[0]: kind is one of number, percent",
        ),
        (
            {"do": "conditional", "range": "Data!A1", "value": "odd", "css": "color:red"},
            "actions[0]: That condition is not known.",
        ),
        (
            {"do": "borders", "range": "Data!A1", "value": "middle"},
            "actions[0]: 1 sides are not known.",
        ),
        (
            {"do": "freeze", "range": "Data!3:4"},
            "actions[0]: Only the first rows and columns can be frozen.",
        ),
        (
            {"do": "chip", "range": "Data!H1", "value": "x"},
            "actions[0]: value is neither an email address nor a URL",
        ),
        ({"do": "merge", "range": "Nowhere!A1:B2"}, "actions[0]: There is no tab of that name."),
        (
            {"do": "size", "range": "Data!1:2", "value": "tall"},
            "actions[0]: value is no whole number.",
        ),
    ],
)
async def test_an_action_that_cannot_be_is_named(
    model: Model, sheets: FakeSheets, faults: Faults, action: dict[str, str], said: str
) -> None:
    made(sheets)

    assert (await model.call_failing("sheets_format", sheet="1b", actions=[action])).startswith(
        said
    )
    assert [one for one in faults.seen if not one.startswith("GET")] == []
