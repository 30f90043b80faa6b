"""Tables, pages and tabs of a document get their look."""

from tests.conftest import Model
from tests.services.docs.acting import BORDER, PT, TABLE, TEXT, act, table_of
from tests.services.docs.written import made, read, shown
from workspace_mcp.demo.docs.api import FakeDocs


async def test_tabs_are_added_renamed_and_deleted(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "x")

    await act(model, {"do": "add_tab", "value": "Notes", "text": "# Hello"})
    await act(model, {"do": "rename_tab", "value": "Minutes"}, tab="Notes")
    names = [tab.title for tab in read(doc).tabs]
    text = shown(doc, 1)
    await act(model, {"do": "delete_tab"}, tab="Minutes")

    assert (names, text) == (["Tab 1", "Minutes"], "# Hello")
    assert [tab.title for tab in read(doc).tabs] == ["Tab 1"]


async def test_a_table_and_the_page_get_their_look(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, TEXT)

    await act(
        model,
        {"do": "cell_style", "row": 1, "column": 1, "columns": 2, "css": "background:#0f0"},
        {"do": "widths", "column": 1, "css": "width:90"},
        {"do": "header_rows", "count": 1},
        {"do": "page", "kind": "landscape", "css": "margin-top:36"},
    )

    raw = read(doc).tabs[0].raw
    table = next(one["table"] for one in raw["body"]["content"] if "table" in one)
    colours = [
        cell["tableCellStyle"].get("backgroundColor")
        for cell in table["tableRows"][0]["tableCells"]
    ]
    assert colours == [{"color": {"rgbColor": {"red": 0.0, "green": 1.0, "blue": 0.0}}}] * 2
    assert table["tableRows"][0]["tableRowStyle"]["tableHeader"] is True
    assert table["tableStyle"]["tableColumnProperties"][0]["widthType"] == "FIXED_WIDTH"
    assert doc.tab().style == {
        "flipPageOrientation": True,
        "marginTop": {"magnitude": 36.0, "unit": "PT"},
    }


async def test_unmerging_and_bullets_taken_away(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, f"- item\n\n{TABLE}")
    await act(model, {"do": "merge", "row": 2, "column": 1, "columns": 2})

    await act(
        model,
        {"do": "unmerge", "row": 2, "column": 1, "columns": 2},
        {"do": "unlist", "text": "item"},
    )

    assert shown(doc) == f"item\n\n{TABLE}".replace("| 1 | 2 |", "| 1<br>2 |  |")


async def test_cells_get_borders_padding_and_alignment_and_rows_a_height(
    model: Model, docs: FakeDocs
) -> None:
    doc = made(docs, TEXT)

    await act(
        model,
        {"do": "cell_style", "row": 2, "css": "border:1pt solid #ccc; border-left:none; padding:3; "
         "padding-top:6; vertical-align:middle; background:#ccc; height:40; break-inside:avoid"},
    )  # fmt: skip

    rows = table_of(doc)["tableRows"]
    line = {**BORDER, "width": {"magnitude": 1.0, **PT}, "dashStyle": "SOLID"}
    black = {"color": {"rgbColor": {"red": 0.0, "green": 0.0, "blue": 0.0}}}
    for cell in rows[1]["tableCells"]:
        style = cell["tableCellStyle"]
        assert [style[f"border{side}"] for side in ("Top", "Right", "Bottom")] == [line] * 3
        assert style["borderLeft"] == {**line, "color": black, "width": {"magnitude": 0.0, **PT}}
        assert style["paddingTop"] == {"magnitude": 6.0, **PT}
        assert style["paddingLeft"] == {"magnitude": 3.0, **PT}
        assert style["contentAlignment"] == "MIDDLE"
        assert style["backgroundColor"] == BORDER["color"]
    assert rows[1]["tableRowStyle"] == {
        "minRowHeight": {"magnitude": 40.0, **PT}, "preventOverflow": True,
    }  # fmt: skip
    assert "borderTop" not in rows[0]["tableCells"][0]["tableCellStyle"]


async def test_all_cells_get_a_border_without_a_row(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, TEXT)

    await act(model, {"do": "cell_style", "css": "border:1pt solid #ccc"})

    cells = [cell for row in table_of(doc)["tableRows"] for cell in row["tableCells"]]
    assert all("borderTop" in cell["tableCellStyle"] for cell in cells)


async def test_a_section_gets_columns_and_the_document_goes_pageless(
    model: Model, docs: FakeDocs
) -> None:
    doc = made(docs, "one\n\ntwo")
    await act(model, {"do": "section_break", "text": "one", "kind": "continuous"})

    await act(
        model,
        {"do": "page", "text": "two", "css": "column-count:2; column-gap:12; column-rule:solid; "
         "margin-left:50; direction:rtl", "kind": "landscape"},
        {"do": "page", "kind": "pageless", "css": "background:#ccc; page-number:3; margin-header:9"},
    )  # fmt: skip

    breaks = [
        one["sectionBreak"]["sectionStyle"]
        for one in read(doc).tabs[0].raw["body"]["content"]
        if "sectionBreak" in one
    ]
    gap = {"paddingEnd": {"magnitude": 12.0, **PT}}
    assert breaks[1] == {
        "sectionType": "CONTINUOUS", "columnProperties": [gap, gap],
        "columnSeparatorStyle": "BETWEEN_EACH_COLUMN", "contentDirection": "RIGHT_TO_LEFT",
        "marginLeft": {"magnitude": 50.0, **PT}, "flipPageOrientation": True,
    }  # fmt: skip
    assert "columnProperties" not in breaks[0]
    assert doc.tab().style == {
        "documentFormat": {"documentMode": "PAGELESS"}, "background": {"color": BORDER["color"]},
        "pageNumberStart": 3, "marginHeader": {"magnitude": 9.0, **PT},
    }  # fmt: skip


async def test_a_tab_is_put_below_another_and_first(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, "x")

    await act(model, {"do": "add_tab", "value": "Below", "kind": "child"}, tab="Tab 1")
    await act(model, {"do": "add_tab", "value": "First", "nth": 1})

    assert [(tab.title, tab.depth) for tab in read(doc).tabs] == [
        ("First", 0),
        ("Tab 1", 0),
        ("Below", 1),
    ]


async def test_one_of_several_tables_is_meant_by_its_number(model: Model, docs: FakeDocs) -> None:
    doc = made(docs, f"{TABLE}\n\ntext\n\n{TABLE}")

    failure = await model.call_failing(
        "docs_format", doc="1plan", actions=[{"do": "cell", "row": 2, "column": 1, "value": "x"}]
    )
    await act(model, {"do": "cell", "table": 2, "row": 2, "column": 1, "value": "x"})

    assert "There are 2 tables.\nGive table, counted from 1." in failure
    assert shown(doc) == f"{TABLE}\n\ntext\n\n{TABLE.replace('| 1 |', '| x |')}"
