"""SQL over tables in memory: SELECT and nothing else, for so long and so much. No network, no disk.

Source: sqlite.org/c3ref/set_authorizer.html, sqlite.org/security.html
"""

import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean_line

Value = str | int | float | None
_STEP: Final = 10_000
_TICKS: Final = 12_000
"""Of so many instructions of SQLite's machine each: a few seconds."""
_SECONDS: Final = 10.0
"""For what takes long with few instructions."""
_HEAP: Final = 256 << 20
_TEXT: Final = 2_000_000
_ALLOWED: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_FORBIDDEN: Final = frozenset({"load_extension", "zeroblob", "randomblob", "fts3_tokenizer"})
_COMMENT: Final = re.compile(r"\A(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_ONLY: Final = "Only one SELECT can be run here (WITH … SELECT too). Nothing can be changed by SQL."


@dataclass(frozen=True, slots=True)
class Relation:
    """A table of the query. `rows` start with the sheet's row number, which is `rowid`."""

    name: str
    columns: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Result:
    """What a query found. `total`: all rows that there are, shown or not."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    total: int


def selected(
    relations: Sequence[Relation],
    sql: str,
    most: int,
    now: Callable[[], float] = time.monotonic,
) -> Result:
    """Run one SELECT over the relations; up to `most` rows of it. `now`: seconds of a clock.

    Raises:
        ArgumentError: it is no SELECT, SQLite does not understand it, or it takes too long.
    """
    statement = checked(sql)
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _filled(database, relations)
        _locked(database, now)
        return _run(database, statement, most)
    except (MemoryError, OverflowError) as error:
        raise ArgumentError(
            "That needs too much memory.", "Give fewer ranges; filter or aggregate earlier."
        ) from error
    finally:
        database.close()


def checked(sql: str) -> str:
    """`sql`, when it starts like a SELECT.

    Raises:
        ArgumentError: it does not.
    """
    rest = _COMMENT.sub("", sql)
    if not re.match(r"(?:select|with|values)\b", rest, re.IGNORECASE):
        raise ArgumentError("That is no SELECT.", _ONLY)
    return sql


def _filled(database: sqlite3.Connection, relations: Sequence[Relation]) -> None:
    database.execute("PRAGMA temp_store = MEMORY")
    database.execute(f"PRAGMA hard_heap_limit = {_HEAP}")
    database.execute("PRAGMA trusted_schema = OFF")
    for one in relations:
        columns = ", ".join(
            f"{_name(name)} {kind}" for name, kind in zip(one.columns, one.types, strict=True)
        )
        database.execute(f"CREATE TABLE {_name(one.name)} ({columns})")
        names = ", ".join(["rowid", *map(_name, one.columns)])
        marks = ", ".join("?" * (len(one.columns) + 1))
        insert = f"INSERT INTO {_name(one.name)} ({names}) VALUES ({marks})"  # noqa: S608 - names are quoted
        database.executemany(insert, one.rows)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _locked(database: sqlite3.Connection, now: Callable[[], float]) -> None:
    """From here on the connection can only read its own tables."""

    def authorize(
        action: int, first: str | None, second: str | None, where: str | None, view: str | None
    ) -> int:
        del where, view
        if action == sqlite3.SQLITE_READ:
            hidden = (first or "").lower().startswith("sqlite_")
            return sqlite3.SQLITE_DENY if hidden else sqlite3.SQLITE_OK
        forbidden = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN
        return sqlite3.SQLITE_OK if action in _ALLOWED and not forbidden else sqlite3.SQLITE_DENY

    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _TEXT)
    database.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20_000)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200)
    database.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100)
    database.set_authorizer(authorize)
    left, end = _TICKS, now() + _SECONDS

    def tick() -> int:
        nonlocal left
        left -= 1
        return int(left < 0 or now() > end)

    database.set_progress_handler(tick, _STEP)


def _run(database: sqlite3.Connection, sql: str, most: int) -> Result:
    try:
        cursor = database.execute(sql)
        columns = [one[0] for one in cursor.description or ()]
        rows = cursor.fetchmany(most)
        total = len(rows) + sum(1 for _ in cursor)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _said(error) from error
    return Result(columns, rows, total)


def _said(error: sqlite3.Error | sqlite3.Warning) -> ArgumentError:
    text = clean_line(str(error))[:200]
    if "interrupted" in text:
        return ArgumentError(
            "The query takes too long and was stopped.",
            "Read fewer ranges, or join on columns that are equal.",
        )
    if (
        "not authorized" in text
        or "prohibited" in text
        or "one statement" in text
        or "attached databases" in text
    ):
        return ArgumentError(f"SQL: {text}.", _ONLY)
    if text.startswith("no such table"):
        return ArgumentError(
            f"SQL: {text}.",
            "Tabs, tables and named ranges are its tables: sheets_read without ranges shows them.",
        )
    return ArgumentError(
        f"SQL: {text}.",
        "It is SQLite's SQL. SELECT * FROM a table LIMIT 1 shows its columns; "
        "names with blanks stand in double quotes.",
    )
