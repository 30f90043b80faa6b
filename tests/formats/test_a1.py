"""A1: what people write, and that nothing is lost on the way there and back."""

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import a1
from workspace_mcp.formats.a1 import Area, Reference

settings.register_profile("a1-many", max_examples=5000, deadline=None)
settings.register_profile("a1-few", max_examples=200, deadline=None, derandomize=True)
PROFILE = settings.get_profile("a1-many" if os.environ.get("SHEETS_CASES") == "many" else "a1-few")
"""Hundreds of cases in the checks; SHEETS_CASES=many draws thousands."""


@pytest.mark.parametrize(
    ("text", "tab", "area"),
    [
        ("A1", None, Area(0, 0, 1, 1)),
        ("b2:D10", None, Area(1, 1, 10, 4)),
        ("$B$2:$D$10", None, Area(1, 1, 10, 4)),
        ("D10:B2", None, Area(1, 1, 10, 4)),
        ("A:Z", None, Area(None, 0, None, 26)),
        ("1:5000", None, Area(0, None, 5000, None)),
        ("A5:C", None, Area(4, 0, None, 3)),
        ("A:C5", None, Area(4, 0, None, 3)),
        ("Data!A1:F50", "Data", Area(0, 0, 50, 6)),
        ("'O''Brien'!A1:B", "O'Brien", Area(0, 0, None, 2)),
        ("O'Brien!A1", "O'Brien", Area(0, 0, 1, 1)),
        ("My tab!C3", "My tab", Area(2, 2, 3, 3)),
        ("'a!b'!C3", "a!b", Area(2, 2, 3, 3)),
        ("'Q1'", "Q1", Area()),
        ("Q1!A1", "Q1", Area(0, 0, 1, 1)),
        ("Data!", "Data", Area()),
        ("  Data!A1 \n", "Data", Area(0, 0, 1, 1)),
        ("Übersicht!ZZZ10000000", "Übersicht", Area(9_999_999, 18_277, 10_000_000, 18_278)),
    ],
)
def test_a_range_is_read(text: str, tab: str | None, area: Area) -> None:
    assert a1.parsed(text) == Reference(tab, area)


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [
        ("Sales", "Sales", ""),
        ("Sales_2026", "Sales_2026", ""),
        ("Orders[Amount]", "Orders", "Amount"),
        ("Orders[Due date]", "Orders", "Due date"),
        ("AAAA1", "AAAA1", ""),
        ("A0", "A0", ""),
    ],
)
def test_what_is_no_range_is_a_name(text: str, name: str, column: str) -> None:
    assert a1.parsed(text) == Reference(name=name, column=column)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "'open",
        "''",
        "''!A1",
        "Data!A",
        "Data!7",
        "Data!A0",
        "Data!AAAA1",
        "a\tb",
        "x" * 300,
    ],
)
def test_what_cannot_be_a_range_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        a1.parsed(text)


TITLES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40
).filter(lambda text: text == text.strip())
INDEX = st.integers(0, 5000)
SIZE = st.integers(1, 5000)


@st.composite
def areas(draw: st.DrawFn) -> Area:
    top, left, height, width = draw(INDEX), draw(INDEX), draw(SIZE), draw(SIZE)
    return draw(
        st.sampled_from(
            [
                Area(top, left, top + height, left + width),
                Area(top, None, top + height, None),
                Area(None, left, None, left + width),
                Area(top or 1, left, None, left + width),
                Area(),
            ]
        )
    )


@PROFILE
@given(TITLES, areas())
def test_every_range_of_every_tab_comes_back(tab: str, area: Area) -> None:
    assert a1.parsed(a1.place(tab, area)) == Reference(tab, area) or area == Area()
    assert a1.parsed(f"{a1.quoted(tab)}!{area.text() or 'A1'}").tab == tab


@PROFILE
@given(areas().filter(lambda area: area != Area()))
def test_a_range_without_a_tab_comes_back(area: Area) -> None:
    assert a1.parsed(area.text()) == Reference(None, area)


@PROFILE
@given(areas(), st.integers(0, 2**31 - 1))
def test_a_grid_range_comes_back(area: Area, sheet: int) -> None:
    grid = area.grid(sheet)

    assert Area.from_api(grid) == area
    assert grid["sheetId"] == sheet, "0 is a sheet too"


@st.composite
def written(draw: st.DrawFn, area: Area) -> str:
    """An area as somebody may write it: $, small letters, blanks, corners the wrong way round."""

    def styled(text: str) -> str:
        text = draw(st.sampled_from([text, text.lower()]))
        dollars = draw(st.booleans())
        return re.sub(r"([A-Za-z]+|\d+)", r"$\1", text) if dollars else text

    first, colon, last = area.text().partition(":")
    ends = [styled(first), *([styled(last)] if colon else [])]
    closed = (area.left is None) == (area.right is None) and (area.top is None) == (
        area.bottom is None
    )
    if closed and draw(st.booleans()):
        ends.reverse()
    gap = draw(st.sampled_from(["", " "]))
    return f"{gap}:{gap}".join(ends)


@PROFILE
@given(TITLES, areas().filter(lambda area: area != Area()), st.data())
def test_a_range_is_read_however_it_is_written(tab: str, area: Area, data: st.DataObject) -> None:
    text = data.draw(written(area))
    blank = data.draw(st.sampled_from(["", " ", "\n"]))

    assert a1.parsed(f"{blank}{text}{blank}") == Reference(None, area)
    assert a1.parsed("'" + tab.replace("'", "''") + f"'!{text}") == Reference(tab, area)


@PROFILE
@given(st.integers(0, a1.COLUMNS - 1))
def test_columns_have_one_name_each(column: int) -> None:
    assert a1.number_of(a1.letters(column)) == column
    assert a1.number_of(a1.letters(column).lower()) == column


@PROFILE
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = a1.parsed(text)
    except ArgumentError:
        return
    assert a1.parsed(found.text()).text() == found.text()


@PROFILE
@given(areas(), SIZE, SIZE)
def test_inside_a_tab_all_bounds_are_known(area: Area, rows: int, columns: int) -> None:
    box = area.within(rows, columns)

    assert None not in {box.top, box.left, box.bottom, box.right}
    assert (box.bottom or 0) <= rows
    assert (box.right or 0) <= columns
