"""Values drawn at random, through the front door: what is written is what is read, wherever it stands."""

import os
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import given
from hypothesis import settings as cases
from hypothesis import strategies as st
from mcp import Client

from tests.conftest import NONCE, Model
from tests.services.sheets.made import made
from workspace_mcp.demo.sheets.api import FakeSheets
from workspace_mcp.demo.sheets.book import Cell, letters
from workspace_mcp.formats.clean import clean
from workspace_mcp.server import WorkspaceServer
from workspace_mcp.settings import Settings

cases.register_profile("sheets-many", max_examples=3000, deadline=None)
cases.register_profile("sheets-few", max_examples=100, deadline=None, derandomize=True)
MANY = os.environ.get("SHEETS_CASES") == "many"
PROFILE = cases.get_profile("sheets-many" if MANY else "sheets-few")
"""Hundreds of cases in the checks; SHEETS_CASES=many draws thousands."""
Call = Callable[..., str]

SIGNS = st.sampled_from("=+-@'\"0123456789.,:/%$€ abEe()!\n\täß日🙂")
OTHERS = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Mn", "Me")).filter(
    lambda one: clean(one) == one
)
TEXTS = st.one_of(
    st.text(st.one_of(SIGNS, OTHERS), max_size=12),
    st.sampled_from(
        ["=1+1", "=SUM(A1)", "+49 30 123", "-x", "@here", "007", "'quoted", "1234567890123456", "TRUE",
         "2026-11-20", "5%", "$4.50", "1,200", "9:30", "1e5", "=IMPORTXML(\"https://x.example\")"]
    ),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(10**14), 10**14), st.integers(-(10**9), 10**9).map(lambda one: one / 100)
)
VALUES = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none())
ROWS = st.lists(st.lists(VALUES, min_size=1, max_size=4), min_size=1, max_size=5)
PLACES = st.tuples(st.integers(0, 900), st.integers(0, 20))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Thousands of changes a minute are no accident here."""
    return replace(settings, policy=replace(settings.policy, per_minute=10**9))


@contextmanager
def front_door(server: WorkspaceServer) -> Generator[Call]:
    """One client for all the cases of a test."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(server.mcp)) as client,
    ):
        model = Model(client)

        def call(name: str, **arguments: Any) -> str:
            return portal.call(partial(model.call, name, **arguments))

        yield call


def written_at(sheets: FakeSheets, place: tuple[int, int], rows: Sequence[Sequence[Any]]) -> Any:
    """What the demo holds at each cell that a value was given for."""
    cells = sheets.spreadsheets["1b"].tabs[1].cells
    return [
        [cells.get((place[0] + down, place[1] + across), Cell()).entered for across in range(len(row))]
        for down, row in enumerate(rows)
    ]  # fmt: skip


def seen(answer: str) -> dict[tuple[str, str], str]:
    """Row and column → text, of a table as a model reads it."""
    found = re.search(rf"--- cells {NONCE} ---\n(.*)\n--- end", answer, re.DOTALL)
    if found is None:
        return {}
    head, *lines = found[1].split("\n")
    columns = head.split("\t")[1:]
    cells = [(line.split("\t")[0], line.split("\t")[1:]) for line in lines]
    return {
        (row, column): text
        for row, texts in cells
        for column, text in zip(columns, texts, strict=False)
        if text
    }


def plain(value: Any) -> str:
    """A value as it stands in a table."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float():
            return f"{value:.15g}"
        case _:
            return re.sub(r"\r\n?|\n", "⏎", str(value)).replace("\t", " ")


def test_raw_values_are_read_as_they_were_written_with_true_rows_and_columns(
    server: WorkspaceServer, sheets: FakeSheets
) -> None:
    book = made(sheets)

    with front_door(server) as call:

        @PROFILE
        @given(rows=ROWS, place=PLACES)
        def holds(rows: list[list[Any]], place: tuple[int, int]) -> None:
            book.tabs[1].cells.clear()
            start = f"{letters(place[1])}{place[0] + 1}"
            call("sheets_write", sheet="1b", range=f"Notes!{start}", rows=rows, raw=True)

            said = call("sheets_read", sheet="1b", ranges=["Notes"], unformatted=True, limit=60_000)
            again = call("sheets_read", sheet="1b", ranges=[f"Notes!{start}:Z"], unformatted=True)

            expected = {
                (str(place[0] + down + 1), letters(place[1] + across)): plain(value)
                for down, row in enumerate(rows)
                for across, value in enumerate(row)
                if plain(value)
            }
            assert seen(said) == expected
            assert seen(again) == expected

        holds()


def test_without_formulas_no_text_becomes_one_and_words_stay_as_they_are(
    server: WorkspaceServer, sheets: FakeSheets
) -> None:
    book = made(sheets)

    with front_door(server) as call:

        @PROFILE
        @given(rows=ROWS, place=PLACES)
        def holds(rows: list[list[Any]], place: tuple[int, int]) -> None:
            book.tabs[1].cells.clear()
            start = f"{letters(place[1])}{place[0] + 1}"

            call("sheets_write", sheet="1b", range=f"Notes!{start}", rows=rows)

            held = written_at(sheets, place, rows)
            assert not any("formulaValue" in cell for row in held for cell in row)
            for row, cells in zip(rows, held, strict=True):
                for value, cell in zip(row, cells, strict=True):
                    if isinstance(value, bool):
                        assert cell == {"boolValue": value}
                    elif isinstance(value, int | float):
                        assert cell == {"numberValue": value}
                    elif value and (not re.search(r"\d", value) or re.match(r"[=@']", value)):
                        words = value.strip().upper() not in {"TRUE", "FALSE"}
                        assert not words or cell == {"stringValue": value}

        holds()


def test_an_upsert_brings_every_row_once(server: WorkspaceServer, sheets: FakeSheets) -> None:
    book = made(sheets)
    keys = st.text("abcdefgh", min_size=1, max_size=2)
    drawn = st.dictionaries(keys, NUMBERS, min_size=1, max_size=6)

    with front_door(server) as call:

        @PROFILE
        @given(first=drawn, second=drawn)
        def holds(first: dict[str, Any], second: dict[str, Any]) -> None:
            book.tabs[1].cells.clear()
            rows = [["Key", "Value"], *([one, value] for one, value in first.items())]
            call("sheets_write", sheet="1b", range="Notes!A1", rows=rows)
            rows = [["Value", "Key"], *([value, one] for one, value in second.items())]

            wanted = {"sheet": "1b", "range": "Notes", "mode": "upsert", "key": "Key", "rows": rows}
            call("sheets_write", **wanted)
            again = call("sheets_write", **wanted)

            found = seen(call("sheets_read", sheet="1b", ranges=["Notes!A2:B"], unformatted=True))
            merged = {
                key: plain(float(value) if isinstance(value, float) else value)
                for key, value in (first | second).items()
            }
            assert {
                found[row, "A"]: found[row, "B"] for row, column in found if column == "A"
            } == merged
            assert again.startswith("Updated 0 rows, appended 0: ")

        holds()
