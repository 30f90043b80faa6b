"""SQL over spreadsheets: what it finds, and that it can do nothing else."""

import sqlite3

import pytest

from tests.conftest import Model
from tests.services.faults import Faults
from tests.services.sheets.made import made, table
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.a1 import Area
from workspace_mcp.services.sheets.relations import Source, loaded
from workspace_mcp.services.sheets.spreadsheets import Place, Tab
from workspace_mcp.services.sheets.sql import Relation, selected

ROWS = [(2, "Ana", 3, None), (3, "Bo", 4.5, "2026-11-20")]
TABLE = Relation("Data", ["Name", "Amount", "Due"], ["TEXT", "NUMERIC", "TEXT"], ROWS)


async def test_a_sum_by_group_reads_everything_and_answers_little(
    model: Model, sheets: FakeSheets, faults: Faults
) -> None:
    made(
        sheets,
        [["Region", "Amount"], *(["north" if n % 2 else "south", n] for n in range(1, 20_001))],
    )

    said = await model.call(
        "sheets_query",
        sheet="1b",
        sql="select Region, sum(Amount) s from Data group by 1 order by 1",
    )

    assert said == (
        "Read Data = Data!A1:Z20001, 20,000 rows below the header\n2 rows found\n--- rows 7f3a00 ---\n"
        "Region\ts\nnorth\t100000000\nsouth\t100010000\n--- end 7f3a00 ---"
    )
    assert len(faults.seen) == 3


async def test_values_have_their_types(model: Model, sheets: FakeSheets) -> None:
    made(
        sheets,
        [
            ["t", "n", "p", "d", "dt", "c", "b", "e"],
            ["007", "1.5", "5%", "2026-11-20", "2026-11-20 09:30", "9:30", "TRUE", ""],
        ],
    )

    said = await model.call(
        "sheets_query", sheet="1b",
        sql="select *, typeof(t), typeof(n), typeof(d), date(d,'+1 day') x, e is null z from Data",
    )  # fmt: skip

    assert said.split("\n")[-2] == (
        "7\t1.5\t0.05\t2026-11-20\t2026-11-20 09:30:00\t09:30:00\t1\t\tinteger\treal\ttext\t2026-11-21\t1"
    )


def test_a_day_beyond_the_calendar_stays_a_number() -> None:
    tab = Tab(0, "Data", 0, 3, 1)
    plain = {"range": "Data!A1:A3", "values": [["d"], [46346], [5_000_000_000]]}
    dated = {"range": "Data!A1:A3", "values": [["d"], ["2026-11-20"], ["far away"]]}

    (first, second) = loaded(Source("Data", Place(tab, Area())), plain, dated).relation.rows

    assert (first, second) == ((2, "2026-11-20"), (3, 5_000_000_000))


async def test_tabs_tables_and_ranges_are_joined(model: Model, sheets: FakeSheets) -> None:
    book = made(sheets, tabs=("Data", "My rates"))
    sheets.fill(book, "'My rates'!B3", [["State", "Rate"], ["open", 2], ["done", 3]])
    table(sheets, book)

    joined = await model.call(
        "sheets_query", sheet="1b",
        sql='select o.Name, o.Amount * r.Rate total from Orders o join "My rates" r on r.State = o.State order by 2',
    )  # fmt: skip
    alias = await model.call(
        "sheets_query", sheet="1b", sql="select max(Rate) m from r", ranges=["r='My rates'!B3:C"]
    )

    assert "Read My rates = 'My rates'!A3:Z1000" not in joined
    assert "--- rows 7f3a00 ---\nName\ttotal\nBo\t240\nAna\t2401\nCy\t4802\n--- end" in joined
    assert alias.startswith("Read r = 'My rates'!B3:C1000, 2 rows below the header")
    assert "m\n3\n" in alias


async def test_rowid_is_the_row_of_the_sheet(model: Model, sheets: FakeSheets) -> None:
    made(sheets)

    said = await model.call(
        "sheets_query", sheet="1b", sql="select rowid, Name from Data where State='open'"
    )

    assert "rowid\tName\n2\tAna\n4\tCy\n" in said


async def test_odd_headers_get_names(model: Model, sheets: FakeSheets) -> None:
    made(sheets, [["a", "a", "", "two\nlines"], [1, 2, 3, 4]])

    said = await model.call(
        "sheets_query", sheet="1b", sql='select a, a_2, C, "two lines" from Data'
    )

    assert "a\ta_2\tC\ttwo lines\n1\t2\t3\t4\n" in said


async def test_texts_among_numbers_are_told(model: Model, sheets: FakeSheets) -> None:
    made(sheets, [["Amount"], [1], ["n/a"], [2], ["=1/0"]])

    said = await model.call("sheets_query", sheet="1b", sql="select sum(Amount) s from Data")

    assert "  Mixed (texts do not sum): Amount: 2 texts among 2 numbers (A3, A5)\n" in said


async def test_more_rows_than_shown_are_counted(model: Model, sheets: FakeSheets) -> None:
    made(sheets, [["n"], *([n] for n in range(300))])

    few = await model.call("sheets_query", sheet="1b", sql="select n from Data", max=2)

    assert "300 rows found, 2 shown\n--- rows 7f3a00 ---\nn\n0\n1\n--- end" in few
    assert few.endswith(
        "Not all rows are shown: aggregate, filter, or go on with LIMIT and OFFSET."
    )


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select nope from Data", "SQL: no such column: nope."),
        ("select * from Elsewhere", "SQL: no such table: Elsewhere."),
        ("select from", 'SQL: near "from": syntax error.'),
        ("", "That is no SELECT."),
    ],
)
async def test_wrong_sql_is_explained(
    model: Model, sheets: FakeSheets, sql: str, said: str
) -> None:
    made(sheets)

    assert (await model.call_failing("sheets_query", sheet="1b", sql=sql)).startswith(said)


FORBIDDEN = [
    "insert into Data values ('x', 1, null)", "update Data set Name = 'x'", "delete from Data", "drop table Data",
    "create table t (a)", "create temp table t as select 1", "create view v as select 1",
    "create trigger g after insert on Data begin select 1; end", "create index i on Data(Name)",
    "alter table Data rename to x", "replace into Data values ('x', 1, null)", "reindex", "analyze", "vacuum",
    "vacuum into '/tmp/sheets-query-test.db'", "attach '/tmp/sheets-query-test.db' as a",
     "attach ':memory:' as a", "detach main",
    "pragma table_info(Data)", "pragma writable_schema = on", "begin", "commit", "rollback", "savepoint s",
    "explain select 1", "explain query plan select 1",
    "create virtual table f using fts5(a)", "select load_extension('/tmp/x.so')", "select 1; delete from Data",
    "with x as (select 1) delete from Data", "with x as (select 1) insert into Data select 1, 2, 3",
    "with x as (select 1) update Data set Name = 'x'", "/* a */ -- b\n delete from Data",
    "select * from sqlite_master", "select * from sqlite_schema", "select * from pragma_table_info('Data')",
    "select * from pragma_database_list", "select * from dbstat", "select * from sqlite_temp_master",
    "select randomblob(1000000000)", "select zeroblob(1000000000)", "select writefile('/tmp/x', 'x')",
    "select readfile('/etc/passwd')", "select fts3_tokenizer('x')",
]  # fmt: skip


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_nothing_but_select_can_be_run(sql: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        selected([TABLE], sql, 10)

    assert caught.value.what.startswith(("That is no SELECT.", "SQL: "))
    assert caught.value.remedy


@pytest.mark.parametrize(
    "sql", ["delete from Data", "pragma table_info(Data)", "attach ':memory:' as a"]
)
async def test_what_is_no_select_asks_google_for_nothing(
    model: Model, sheets: FakeSheets, faults: Faults, sql: str
) -> None:
    made(sheets)

    failure = await model.call_failing("sheets_query", sheet="1b", sql=sql)

    assert failure.startswith("That is no SELECT.\nOnly one SELECT can be run here")
    assert faults.seen == []


@pytest.mark.parametrize(
    "sql",
    [
        "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t",
        "with recursive t(n) as (select 1 union select n + 1 from t) select max(n) from t",
        "with recursive t(n, s) as (select 1, 'x' union all select n + 1, s || s from t) select sum(length(s)) from t",
        "select replace(replace(printf('%900000s', 'x'), ' ', 'aaaaaaaaaa'), 'a', 'bbbbbbbbbb')",
        "with recursive t(s) as (select 'a' union all select s || hex(random()) || printf('%100000s', 'x') from t) "
        "select count(distinct s) from t",
    ],
)
def test_what_never_ends_is_stopped(sql: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        selected([TABLE], sql, 10)

    assert caught.value.what


def test_the_endless_query_says_that_it_took_too_long() -> None:
    sql = "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t"

    with pytest.raises(ArgumentError, match="takes too long and was stopped"):
        selected([TABLE], sql, 10)


def test_few_slow_steps_are_stopped_by_the_clock() -> None:
    sql = "with recursive t(n) as (select 1 union all select n + 1 from t limit 100000) select count(*) from t"
    hours = iter(range(0, 10**9, 3600))

    assert selected([TABLE], sql, 10).rows == [(100_000,)]
    with pytest.raises(ArgumentError, match="takes too long and was stopped"):
        selected([TABLE], sql, 10, now=lambda: next(hours))


def test_tables_beyond_the_memory_are_refused() -> None:
    text = "x" * 1_900_000
    rows = [(n, text) for n in range(2, 180)]

    with pytest.raises(ArgumentError, match="needs too much memory"):
        selected([Relation("Data", ["Text"], ["TEXT"], rows)], "select 1", 10)


def test_names_cannot_leave_their_quotes() -> None:
    hostile = Relation('x" (a); drop table y; --', ['a"b', "select"], ["", ""], [(2, 1, 2)])

    found = selected([hostile], 'select "a""b", "select" from "x"" (a); drop table y; --"', 10)

    assert found.rows == [(1, 2)]


def test_what_a_select_can_do_works() -> None:
    sql = (
        "with s as (select Name, Amount, row_number() over (order by Amount desc) r from Data) "
        "select Name, upper(Name), round(Amount, 1), strftime('%Y', '2026-11-20'), r from s where Name like 'b%'"
    )

    assert selected([TABLE], sql, 10).rows == [("Bo", "BO", 4.5, "2026", 1)]
    assert sqlite3.sqlite_version_info >= (3, 31), "hard_heap_limit"
    assert selected([TABLE], "values (1), (2)", 10).rows == [(1,), (2,)]
