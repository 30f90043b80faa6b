"""What lies over the cells: tables, filters, charts, pivot tables, protection, comments."""

import pytest

from tests.conftest import Model
from tests.services.sheets.acting import act
from tests.services.sheets.made import SALES, grid, made
from workspace_mcp.demo.sheets.api import FakeSheets


async def test_a_table_is_made_with_types_renamed_resized_and_deleted(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)

    await act(
        model,
        {
            "do": "table",
            "range": "Data!A1:D4",
            "value": "Orders",
            "columns": ["Amount:currency", "State:open|done"],
        },
    )
    one = dict(book.tabs[0].list("tables")[0])
    await act(
        model,
        {"do": "rename_table", "value": "Orders", "to": "Sales"},
        {"do": "resize_table", "value": "orders", "range": "Data!A1:D6"},
    )
    after = dict(book.tabs[0].list("tables")[0])
    said = await act(model, {"do": "delete_table", "value": "Sales"})

    assert [(c["columnName"], c.get("columnType")) for c in one["columnProperties"]] == [
        ("Name", None), ("Amount", "CURRENCY"), ("Due", None), ("State", "DROPDOWN"),
    ]  # fmt: skip
    assert (after["name"], after["range"]["endRowIndex"]) == ("Sales", 6)
    assert said == "Done:\ndelete_table with its cells Sales"
    assert book.tabs[0].list("tables") == []


async def test_filters_and_filter_views(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    said = await act(
        model, {"do": "filter", "range": "Data!A1:D4", "columns": ["State=open", "Amount > 100"]},
        {"do": "filter", "range": "Data!A1:D4", "columns": ["Name contains a"], "value": "With a"},
    )  # fmt: skip
    (view,) = book.tabs[0].list("filterViews")
    filtered = book.tabs[0].over["basicFilter"]["filterSpecs"]
    await act(
        model, {"do": "unfilter", "tab": "Data"}, {"do": "unfilter", "index": view["filterViewId"]}
    )

    assert said == f"Done:\nfilter Data!A1:D4\nfilter view Data!A1:D4: #{view['filterViewId']}"
    assert filtered == [
        {
            "columnIndex": 3,
            "filterCriteria": {
                "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "open"}]}
            },
        },
        {
            "columnIndex": 1,
            "filterCriteria": {
                "condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "100"}]}
            },
        },
    ]
    assert view["title"] == "With a"
    assert "basicFilter" not in book.tabs[0].over
    assert book.tabs[0].list("filterViews") == []


async def test_a_filter_says_as_a_formula_what_google_has_no_condition_for(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)

    await act(
        model,
        {"do": "filter", "range": "Data!A1:D4", "columns": ["State != open", "Due >= 2026-01-31"]},
    )

    said = [
        one["filterCriteria"]["condition"]["values"][0]["userEnteredValue"]
        for one in book.tabs[0].over["basicFilter"]["filterSpecs"]
    ]
    assert said == ['=D2<>"open"', '=ISNUMBER(C2)*(C2>=DATEVALUE("2026-01-31"))=1']


@pytest.mark.parametrize("kind", ["column", "bar", "line", "area", "scatter", "combo", "pie"])
async def test_charts_are_made_changed_moved_and_deleted(
    model: Model, sheets: FakeSheets, kind: str
) -> None:
    book = made(sheets)

    said = await act(
        model, {"do": "chart", "range": "Data!A1:B4", "kind": kind, "value": "Amounts", "to": "F2"}
    )
    (chart,) = [dict(one) for one in book.tabs[0].list("charts")]
    number = chart["chartId"]
    spec = chart["spec"]
    await act(
        model,
        {"do": "chart", "range": "Data!A1:C4", "kind": "line", "index": number},
        {"do": "move_chart", "index": number, "to": "Notes!B3"},
    )
    (moved,) = book.tabs[1].list("charts")
    await act(model, {"do": "delete_chart", "index": number})

    assert said == f"Done:\n{kind} chart of Data!A1:B4: #{number}"
    domain = (
        spec["pieChart"]["domain"] if kind == "pie" else spec["basicChart"]["domains"][0]["domain"]
    )
    assert domain == {"sourceRange": {"sources": [grid(0, 0, 0, 4, 1)]}}
    assert chart["position"]["overlayPosition"]["anchorCell"] == {
        "sheetId": 0,
        "rowIndex": 1,
        "columnIndex": 5,
    }
    assert len(moved["spec"]["basicChart"]["series"]) == 2
    assert moved["position"]["overlayPosition"]["anchorCell"] == {
        "sheetId": book.tabs[1].id,
        "rowIndex": 2,
        "columnIndex": 1,
    }
    assert book.tabs[1].list("charts") == []


async def test_a_chart_of_another_kind_keeps_its_title(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)
    sales = {"do": "chart", "range": "Data!A1:B4"}
    await act(model, {**sales, "kind": "bar", "value": "Sales"})
    (chart,) = book.tabs[0].list("charts")

    await act(model, {**sales, "kind": "line", "index": chart["chartId"]})

    (chart,) = book.tabs[0].list("charts")
    assert chart["spec"]["title"] == "Sales"
    assert chart["spec"]["basicChart"]["chartType"] == "LINE"


async def test_a_chart_takes_columns_by_header_and_stacks_them(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(
        sheets, [["Team", "Item", "Q1", "Left", "Q2"], ["a", "x", 1, 5, 2], ["b", "y", 3, 6, 4]]
    )

    await act(
        model, {"do": "chart", "range": "Data!A1:E3", "kind": "stacked bar", "columns": ["Item", "Q2", "C"]}
    )  # fmt: skip
    failure = await model.call_failing(
        "sheets_structure", sheet="1b",
        actions=[{"do": "chart", "range": "Data!A1:E3", "kind": "stacked line"}],
    )  # fmt: skip

    (chart,) = [one["spec"]["basicChart"] for one in book.tabs[0].list("charts")]
    assert chart["stackedType"] == "STACKED"
    assert chart["axis"] == [{"position": "LEFT_AXIS", "title": "Item"}]
    sources = [
        *(one["domain"] for one in chart["domains"]),
        *(one["series"] for one in chart["series"]),
    ]
    assert [one["sourceRange"]["sources"] for one in sources] == [
        [grid(0, 0, 1, 3, 2)], [grid(0, 0, 4, 3, 5)], [grid(0, 0, 2, 3, 3)],
    ]  # fmt: skip
    assert failure.startswith(
        "actions[0]: kind is one of column, bar, line, area, scatter, combo, pie"
    )


async def test_a_pivot_table_by_headers(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets)

    await act(
        model,
        {
            "do": "pivot",
            "range": "Data!A1:D4",
            "to": "Notes!A1",
            "rows": ["State"],
            "columns": ["Name"],
            "values": ["sum Amount", "count Due"],
        },
    )

    assert book.tabs[1].cell(0, 0).rest["pivotTable"] == {
        "source": grid(0, 0, 0, 4, 4),
        "rows": [{"sourceColumnOffset": 3, "showTotals": True, "sortOrder": "ASCENDING"}],
        "columns": [{"sourceColumnOffset": 0, "showTotals": True, "sortOrder": "ASCENDING"}],
        "values": [
            {"sourceColumnOffset": 1, "summarizeFunction": "SUM"},
            {"sourceColumnOffset": 2, "summarizeFunction": "COUNTA"},
        ],
    }


async def test_ranges_are_protected_changed_and_free_again(
    model: Model, sheets: FakeSheets
) -> None:
    book = made(sheets)

    await act(
        model, {"do": "protect", "range": "Data!1:1", "value": "header", "who": ["bo@example.com"]}
    )
    (one,) = [dict(found) for found in book.tabs[0].list("protectedRanges")]
    await act(
        model, {"do": "protect", "range": "Data", "kind": "warn", "index": one["protectedRangeId"]}
    )
    (after,) = [dict(found) for found in book.tabs[0].list("protectedRanges")]
    await act(model, {"do": "unprotect", "index": one["protectedRangeId"]})

    assert one["editors"]["users"] == ["me@example.com", "bo@example.com"]
    assert one["description"] == "header"
    assert (after["warningOnly"], after["range"]) == (True, {"sheetId": 0})
    assert book.tabs[0].list("protectedRanges") == []


async def test_a_comment_stands_at_its_cell(model: Model, sheets: FakeSheets) -> None:
    key = "1SheetWithComments00000000001"
    sheets.fill(sheets.add("me@example.com", "Budget", key, ("Data",)), "Data!A1", SALES)
    late = {"do": "comment", "range": "Data!A1:B2", "value": "x"}

    said = await model.call(
        "sheets_structure", sheet=key,
        actions=[{"do": "comment", "range": "Data!B3", "value": "Is this net?"}],
    )  # fmt: skip
    failure = await model.call_failing(
        "sheets_structure", sheet=key,
        actions=[{"do": "comment", "range": "Data!B4", "value": "Gone"}, late],
    )  # fmt: skip
    listed = await model.call("comments", file=key)

    number = said.removeprefix("Done:\ncomment at Data!B3: ")
    assert f"[{number}]" in listed
    assert "on: «80»" in listed
    assert "Is this net?" in listed
    assert failure.startswith("actions[1]: A comment stands at one cell.")
    assert "Gone" not in listed
