"""The demo's Sheets answer as Google's do."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.contract import Contract
from workspace_mcp.demo.http import Request
from workspace_mcp.demo.scenario import dump, load
from workspace_mcp.demo.sheets import api
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import FakeSpreadsheet
from workspace_mcp.demo.sheets.references import copied
from workspace_mcp.demo.sheets.render import value_range
from workspace_mcp.demo.world import World
from workspace_mcp.errors import UsageError

ME = "me@example.com"
BASE = f"https://{api.HOST}/v4/spreadsheets"
Json = dict[str, Any]


class Api:
    """Calls the demo as the world does, each request and answer held to Google's document."""

    def __init__(self, world: World, contract: Contract, account: str = ME) -> None:
        self.world, self.contract, self.account = world, contract, account

    def __call__(self, method: str, path: str, body: Json | None = None, **query: Any) -> Json:
        status, found = self.raw(method, path, body, **query)
        assert status == 200, found
        return found

    def raw(
        self, method: str, path: str, body: Json | None = None, **query: Any
    ) -> tuple[int, Json]:
        pairs = [
            (name, one)
            for name, value in query.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        data = json.dumps(body).encode() if body is not None else b""
        url = f"{BASE}{path}" + (f"?{urlencode(pairs)}" if pairs else "")
        known = self.contract.check_request(method, url, data, "application/json")
        token = {"authorization": f"Bearer {self.world.token_for(self.account)}"}
        answer = self.world.handle(
            Request(
                method,
                api.HOST,
                f"/v4/spreadsheets{path}",
                tuple((k, str(v)) for k, v in pairs),
                token,
                data,
            )
        )
        self.contract.check_answer(known, answer.status, answer.body)
        return answer.status, json.loads(answer.body)

    def refused(
        self, method: str, path: str, body: Json | None = None, **query: Any
    ) -> tuple[int, str]:
        status, found = self.raw(method, path, body, **query)
        return status, found["error"]["message"]


@pytest.fixture
def call(world: World, contract: Contract) -> Api:
    return Api(world, contract)


@pytest.fixture
def book(sheets: FakeSheets) -> FakeSpreadsheet:
    return sheets.add(ME, "T", "1b", ("Data", "It's"))


def got(call: Api, place: str, **query: Any) -> Any:
    return call("GET", f"/1b/values/{quote(place, safe='')}", **query).get("values")


def put(call: Api, place: str, rows: list[list[Any]], option: str = "USER_ENTERED") -> Json:
    return call(
        "PUT", f"/1b/values/{quote(place, safe='')}", {"values": rows}, valueInputOption=option
    )


def test_a_spreadsheet_is_created_with_its_tabs(call: Api) -> None:
    made = call(
        "POST",
        "",
        {
            "properties": {"title": "New"},
            "sheets": [{"properties": {"title": "A"}}, {"properties": {"title": "B"}}],
        },
    )

    assert made["properties"]["title"] == "New"
    assert [
        (one["properties"]["sheetId"] == 0, one["properties"]["title"]) for one in made["sheets"]
    ] == [(True, "A"), (False, "B")]
    assert made["spreadsheetUrl"].endswith(f"{made['spreadsheetId']}/edit")


@pytest.mark.parametrize(
    ("typed", "plain", "shown", "kind"),
    [
        ("12", 12, "12", None), ("1,234.50", 1234.5, "1,234.50", "NUMBER"), ("-3.5", -3.5, "-3.5", None),
        ("5%", 0.05, "5%", "PERCENT"), ("2.50%", 0.025, "2.50%", "PERCENT"), ("$4.5", 4.5, "$4.50", "CURRENCY"),
        ("1e3", 1000, "1000", None), ("true", True, "TRUE", None), ("2026-11-20", 46346, "2026-11-20", "DATE"),
        ("11/20/2026", 46346, "2026-11-20", "DATE"), ("Nov 20, 2026", 46346, "2026-11-20", "DATE"), ("1/2",
         46024, "2026-01-02", "DATE"),
        ("2026-11-20 09:30", 46346.3958333333, "2026-11-20 09:30:00", "DATE_TIME"), ("18:00", 0.75,
         "6:00:00 PM", "TIME"),
        ("'12", "12", "12", None), ("007", 7, "7", None), ("2026-13-01", "2026-13-01", "2026-13-01", None),
         ("a b", "a b", "a b", None),
        ("=1+2", 3, "3", None), ("+1+2", 3, "3", None), ("1 000", "1 000", "1 000", None), ("-", "-", "-",
         None), (".", ".", ".", None),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(
    call: Api, book: FakeSpreadsheet, typed: str, plain: Any, shown: str, kind: str | None
) -> None:
    put(call, "Data!A1", [[typed]])

    assert got(call, "Data!A1", valueRenderOption="UNFORMATTED_VALUE") == [[plain]]
    assert got(call, "Data!A1") == [[shown]]
    assert book.tabs[0].cell(0, 0).look.get("numberFormat", {}).get("type") == kind


def test_raw_texts_stay_texts(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!A1:D1", [["=1+1", "5%", 7, True]], "RAW")

    assert got(call, "Data!A1:D1", valueRenderOption="UNFORMATTED_VALUE") == [
        ["=1+1", "5%", 7, True]
    ]


def test_dates_are_numbers_or_texts_as_asked(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!A1", [["2026-11-20", 3]])

    assert got(call, "Data!A1:B1", valueRenderOption="UNFORMATTED_VALUE") == [[46346, 3]]
    assert got(
        call,
        "Data!A1:B1",
        valueRenderOption="UNFORMATTED_VALUE",
        dateTimeRenderOption="FORMATTED_STRING",
    ) == [["2026-11-20", 3]]


def test_blank_ends_are_cut_and_blanks_inside_kept(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!A1:C4", [["a", "", ""], ["", "", ""], ["", "b", ""], ["", "", ""]])

    assert got(call, "Data!A1:C4") == [["a"], [], ["", "b"]]
    assert got(call, "Data!A1:C4", majorDimension="COLUMNS") == [["a"], ["", "", "b"]]
    assert "values" not in call("GET", "/1b/values/Data%21D1%3AE9")
    assert call("GET", "/1b/values/Data%21A1%3AB5000")["range"] == "Data!A1:B1000"


def test_null_keeps_and_an_empty_text_clears(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!A1:C1", [[1, 2, 3]])
    answer = put(call, "Data!A1:C1", [[None, "", 9]])

    assert got(call, "Data!A1:C1") == [["1", "", "9"]]
    assert (answer["updatedRange"], answer["updatedCells"]) == ("Data!A1:C1", 2)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("=B1+B2*2", "8"), ("=SUM(B1:B3)", "9"), ("=SUM(B:B)", "9"), ("=AVERAGE(B1:B3)", "3"), ("=COUNT(B1:C3)", "3"),
        ("=COUNTA(C1:C3)", "1"), ("=MIN(B1:B3)", "2"), ("=MAX(B1:B3)", "4"), ('=IF(B1>1,"yes","no")', "yes"),
        ('=C1&" "&B1', "x 2"), ('=CONCATENATE(C1,"-",B2)', "x-3"), ("=-B1^2", "4"), ("=10%*50", "5"),
         ("=ROUND(B1/B2,2)", "0.67"),
        ("=1/0", "#DIV/0!"), ("=C1+1", "#VALUE!"), ("=A1", "#REF!"), ("=Nope!A1", "#REF!"), ("='It''s'!A1",
         "7"), ("=Rates", "2"),
        ('="a"="A"', "TRUE"), ("=B9", "0"), ("=SUM(B1:B3)/COUNT(B1:B3)", "3"), ("=IF(B1=0,1/0,5)", "5"),
         ('=HYPERLINK("https://x.example","go")', "go"),
        ("=VLOOKUP(1,B1:C3,2)", "=VLOOKUP(1,B1:C3,2)"), ("=1+VLOOKUP(1,B1:C3,2)", "=1+VLOOKUP(1,B1:C3,2)"),
         ("=SUM(", "=SUM("),
    ],
)  # fmt: skip
def test_formulas_are_calculated_or_left_as_they_are(
    call: Api, sheets: FakeSheets, book: FakeSpreadsheet, formula: str, shown: str
) -> None:
    put(call, "Data!B1:C3", [[2, "x"], [3], [4]])
    put(call, "It's!A1", [[7]])
    name = {
        "name": "Rates",
        "range": {
            "sheetId": 0,
            "startRowIndex": 0,
            "endRowIndex": 1,
            "startColumnIndex": 1,
            "endColumnIndex": 2,
        },
    }
    sheets.update(book, ME, {"requests": [{"addNamedRange": {"namedRange": name}}]})

    put(call, "Data!A1", [[formula]])

    assert got(call, "Data!A1") == [[shown]]
    assert got(call, "Data!A1", valueRenderOption="FORMULA") == [[formula]]


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ('=SUMIF(A1:A5,"rent",B1:B5)', "40"), ('=SUMIF(A1:A5,"r*",B1:B5)', "47"), ('=SUMIF(B1:B5,">=10")', "60"),
        ('=SUMIF(A:A,A2,B:B)', "20"), ('=COUNTIF(B1:B5,"<>7")', "4"), ('=COUNTIF(A1:A5,"")', "1"),
        ('=COUNTIF(A1:A5,"~*")', "0"), ('=AVERAGEIF(A1:A5,"Rent",B1:B5)', "20"),
        ('=AVERAGEIF(A1:A5,"none",B1:B5)', "#DIV/0!"), ('=SUMIF(A1:A5,"x",B1:B3)', '=SUMIF(A1:A5,"x",B1:B3)'),
        ("=IFERROR(1/0,5)", "5"), ("=IFERROR(B1/2)", "5"), ("=IFERROR(FOO(1),2)", "=IFERROR(FOO(1),2)"),
        ("=ABS(0-B1)", "10"),
    ],
)  # fmt: skip
def test_conditions_are_met_as_in_sheets(
    call: Api, book: FakeSpreadsheet, formula: str, shown: str
) -> None:
    put(call, "Data!A1:B5", [["Rent", 10], ["Ads", 20], ["rent", 30], ["Rail", 7], ["", "x"]])

    put(call, "Data!D1", [[formula]])

    assert got(call, "Data!D1") == [[shown]]


def test_what_hangs_on_an_unknown_formula_is_not_made_up(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!A1:C1", [['=GOOGLEFINANCE("X")', "=A1*2", "=SUM(A1:B1)"]])

    assert got(call, "Data!A1:C1") == [['=GOOGLEFINANCE("X")', "=A1*2", "=SUM(A1:B1)"]]


@pytest.mark.parametrize(
    ("formula", "after"),
    [
        ("=A1+$A$1+A$1+$A1", "=C3+$A$1+C$1+$A3"),
        ('="A1"&A1', '="A1"&C3'),
        ("='It''s'!A1", "='It''s'!C3"),
        ("=SUM(A1:B2)", "=SUM(C3:D4)"),
        ("=LOG10(A1)", "=LOG10(C3)"),
    ],
)
def test_a_copied_formula_counts_on(formula: str, after: str) -> None:
    assert copied(formula, 2, 2) == after
    assert copied("=A1", -1, 0) == "=#REF!"


def test_append_goes_below_the_last_table_of_the_range(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!A1:B2", [["a", "b"], [1, 2]])
    put(call, "Data!D5:E6", [["c", "d"], [3, 4]])

    last = call("POST", "/1b/values/Data:append", {"values": [[5, 6]]}, valueInputOption="RAW")
    first = call(
        "POST",
        "/1b/values/Data%21A1:append",
        {"values": [[7, 8]]},
        valueInputOption="RAW",
        insertDataOption="INSERT_ROWS",
    )
    empty = call(
        "POST", "/1b/values/%27It%27%27s%27%21C3:append", {"values": [[9]]}, valueInputOption="RAW"
    )

    assert (last["tableRange"], last["updates"]["updatedRange"]) == ("Data!D5:E6", "Data!D7:E7")
    assert (first["tableRange"], first["updates"]["updatedRange"]) == ("Data!A1:B2", "Data!A3:B3")
    assert got(call, "Data!D6:E8") == [["c", "d"], ["3", "4"], ["5", "6"]]
    assert "tableRange" not in empty
    assert empty["updates"]["updatedRange"] == "'It''s'!C3"


def test_batches_of_values_are_all_or_nothing(call: Api, book: FakeSpreadsheet) -> None:
    good = {"range": "Data!A1", "values": [[1]]}
    status, said = call.refused(
        "POST",
        "/1b/values:batchUpdate",
        {"valueInputOption": "RAW", "data": [good, {"range": "Nope!A1", "values": [[2]]}]},
    )

    assert (status, said) == (400, "Invalid data[1]: Unable to parse range: Nope!A1")
    assert got(call, "Data!A1") is None

    answer = call(
        "POST",
        "/1b/values:batchUpdate",
        {"valueInputOption": "RAW", "data": [good, {"range": "'It''s'!B2", "values": [[2, 3]]}]},
    )
    found = call("GET", "/1b/values:batchGet", ranges=["Data!A1", "It's!A1:C2"])

    assert (answer["totalUpdatedCells"], answer["totalUpdatedSheets"]) == (3, 2)
    assert [one.get("values") for one in found["valueRanges"]] == [[["1"]], [[], ["", "2", "3"]]]
    assert call("POST", "/1b/values:batchClear", {"ranges": ["Data!A1:B2"]})["clearedRanges"] == [
        "Data!A1:B2"
    ]
    assert call("POST", "/1b/values/Data:clear", {})["clearedRange"] == "Data!A1:Z1000"


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "said"),
    [
        ("GET", "/1b/values/Nope", None, {}, "Unable to parse range: Nope"),
        ("GET", "/1b/values/Data%21A0", None, {}, "Unable to parse range: Data!A0"),
        ("GET", "/1b/values/Data%21A2000", None, {},
         "Range (Data!A2000) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("PUT", "/1b/values/Data%21A1", {"values": [[1]]}, {}, "'valueInputOption' is required but not specified"),
        ("PUT", "/1b/values/Data%21A1%3AB1", {"values": [[1], [2]]}, {"valueInputOption": "RAW"},
         "Requested writing within range [Data!A1:B1], but tried writing to row [2]"),
        ("PUT", "/1b/values/Data%21A1%3AB1", {"values": [[1, 2, 3]]}, {"valueInputOption": "RAW"},
         "Requested writing within range [Data!A1:B1], but tried writing to column [C]"),
        ("POST", "/1b:batchUpdate", {"requests": []}, {}, "Must specify at least one request."),
        ("POST", "/1b:batchUpdate", {"requests": [{"deleteSheet": {"sheetId": 77}}]}, {},
         "Invalid requests[0]: No grid with id: 77"),
        ("POST", "/1b:batchUpdate", {"requests": [{"addSheet": {"properties": {"title": "data"}}}]}, {},
         'Invalid requests[0]: A sheet with the name "data" already exists. Please enter another name.'),
        ("POST", "/1b:batchUpdate", {"requests": [{"repeatCell": {"range": {"sheetId": 0}, "cell": {},
         "fields": ""}}]}, {},
         "Invalid requests[0]: At least one field must be listed in 'fields'."),
    ],
)  # fmt: skip
def test_errors_are_googles(
    call: Api,
    book: FakeSpreadsheet,
    method: str,
    path: str,
    body: Json | None,
    query: dict[str, str],
    said: str,
) -> None:
    assert call.refused(method, path, body, **query) == (400, said)


def test_strangers_see_nothing_readers_only_read(
    world: World, contract: Contract, sheets: FakeSheets
) -> None:
    world.add_account("bo@example.com")
    book = sheets.add(ME, "T", "1b")
    bo = Api(world, contract, "bo@example.com")

    stranger = bo.refused("GET", "/1b")
    book.readers.add("bo@example.com")

    assert stranger == (404, "Requested entity was not found.")
    assert bo("GET", "/1b", fields="spreadsheetId") == {"spreadsheetId": "1b"}
    assert bo.refused("POST", "/1b/values:batchClear", {"ranges": ["A1"]}) == (
        403,
        "The caller does not have permission",
    )


def test_a_protected_range_refuses_all_but_its_editors(
    world: World, contract: Contract, sheets: FakeSheets
) -> None:
    world.add_account("bo@example.com")
    book = sheets.add(ME, "T", "1b")
    book.editors.add("bo@example.com")
    inside = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2}
    sheets.update(
        book, ME, {"requests": [{"addProtectedRange": {"protectedRange": {"range": inside}}}]}
    )
    bo, me = Api(world, contract, "bo@example.com"), Api(world, contract)

    said = bo.refused("PUT", "/1b/values/A2", {"values": [[1]]}, valueInputOption="RAW")
    batch = bo.refused(
        "POST",
        "/1b:batchUpdate",
        {
            "requests": [
                {
                    "deleteDimension": {
                        "range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
                    }
                }
            ]
        },
    )

    assert said[0] == batch[0] == 400
    assert said[1].startswith("You are trying to edit a protected cell or object.")
    assert "protected cell" in batch[1]
    assert (
        bo("PUT", "/1b/values/A3", {"values": [[1]]}, valueInputOption="RAW")["updatedCells"] == 1
    )
    assert (
        me("PUT", "/1b/values/A2", {"values": [[1]]}, valueInputOption="RAW")["updatedCells"] == 1
    )


def test_get_gives_the_tabs_that_the_ranges_touch(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!B2", [["x"]])

    plain = call("GET", "/1b")
    some = call(
        "GET",
        "/1b",
        ranges=["Data!B2:C9", "Data!A1"],
        fields="sheets(properties(title),data(startRow,startColumn,rowData(values(formattedValue))))",
    )

    assert "data" not in plain["sheets"][0]
    assert some == {"sheets": [{"properties": {"title": "Data"}, "data": [
        {"startRow": 1, "startColumn": 1, "rowData": [{"values": [{"formattedValue": "x"}]}]}, {}]}]}  # fmt: skip
    assert call("GET", "/1b", includeGridData="true")["sheets"][0]["data"][0]["columnMetadata"][
        0
    ] == {"pixelSize": 100}


def test_references_follow_rows_that_come_and_go(call: Api, book: FakeSpreadsheet) -> None:
    put(call, "Data!A1:B3", [[1, "=A3"], [2, "=SUM(A1:A3)"], [3, "='It''s'!A3"]])
    rows = {"sheetId": 0, "dimension": "ROWS"}

    call(
        "POST",
        "/1b:batchUpdate",
        {"requests": [{"insertDimension": {"range": {**rows, "startIndex": 1, "endIndex": 3}}}]},
    )
    inserted = got(call, "Data!B1:B5", valueRenderOption="FORMULA")
    call(
        "POST",
        "/1b:batchUpdate",
        {"requests": [{"deleteDimension": {"range": {**rows, "startIndex": 1, "endIndex": 3}}}]},
    )
    restored = got(call, "Data!B1:B3", valueRenderOption="FORMULA")
    call(
        "POST",
        "/1b:batchUpdate",
        {"requests": [{"deleteDimension": {"range": {**rows, "startIndex": 2, "endIndex": 3}}}]},
    )

    assert inserted == [["=A5"], [], [], ["=SUM(A1:A5)"], ["='It''s'!A3"]]
    assert restored == [["=A3"], ["=SUM(A1:A3)"], ["='It''s'!A3"]]
    assert got(call, "Data!B1", valueRenderOption="FORMULA") == [["=#REF!"]]


def test_the_files_of_the_demo_hear_of_new_and_renamed_spreadsheets() -> None:
    heard: list[tuple[str, ...]] = []

    class Files:
        def add(self, id: str, name: str, mime_type: str, owner: str) -> None:
            heard.append((id, name, mime_type, owner))

        def comment(self, id: str, by: str, said: tuple[str, str, str]) -> None:
            heard.append((id, by, *said))

        def rename(self, id: str, name: str) -> None:
            heard.append((id, name))

    sheets = FakeSheets(lambda: 1, Files())
    book = sheets.add(ME, "T", "1b")
    properties = {"properties": {"title": "U"}, "fields": "title"}
    sheets.update(book, ME, {"requests": [{"updateSpreadsheetProperties": properties}]})

    assert heard == [("1b", "T", "application/vnd.google-apps.spreadsheet", ME), ("1b", "U")]


def test_the_company_has_spreadsheets_that_calculate() -> None:
    world = load(None, now=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    sales = world.spreadsheets.spreadsheets["1northlight-sales-2026"]
    budget = world.spreadsheets.spreadsheets["1northlight-budget-2027"]

    def shows(book: FakeSpreadsheet, place: str) -> str:
        tab, box = book.range(place)
        return str(value_range(book, tab, box, "FORMATTED_VALUE", "SERIAL_NUMBER")["values"][0][0])

    assert shows(sales, "Summary!B6") == "36"
    assert float(shows(sales, "Revenue")) > 5_000
    assert shows(budget, "Costs!F8") == "147590"
    assert shows(budget, "Plan!B6") == "14759"


def test_a_spreadsheet_survives_saving_and_loading(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    rows = [
        ["x", "'007", "4.5%", "2026-11-20", "=B1&A1", True, 1.25, "", "18:30"],
        [],
        ["'=1", "a\nb"],
    ]
    entry = {
        "title": "T", "id": "1t", "names": {"N": "'It''s'!B1:C1"},
        "tabs": [{"title": "It's", "rows": rows, "frozen": 1}, {"title": "O", "rows": [["h"], [1]],
         "table": {"name": "Tab", "range": "A1:A2"}}],
    }  # fmt: skip
    file.write_text(json.dumps({"accounts": [{"email": ME}], "sheets": [entry]}))
    now = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    first = dump(load(file, now=now))
    file.write_text(first)

    assert dump(load(file, now=now)) == first
    (found,) = json.loads(first)["sheets"]
    assert found["names"] == {"N": "'It''s'!B1:C1"}
    assert found["tabs"][1]["table"] == {"name": "Tab", "range": "A1:A2"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"title": "T", "colour": 1}, "sheets[0] has no colour"),
        ({"tabs": []}, "sheets[0] has no title"),
        ({"title": "T", "tabs": [{"title": "A", "cells": []}]}, "a tab has no cells"),
        ({"title": "T", "names": {"N": "Nope!A1"}}, "Unable to parse range: Nope!A1"),
    ],
)
def test_a_spreadsheet_that_cannot_be_is_named(tmp_path: Path, entry: Json, said: str) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps({"accounts": [{"email": ME}], "sheets": [entry]}))

    with pytest.raises(UsageError, match=re.escape(said)):
        load(file)
