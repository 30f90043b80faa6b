"""What differs: by word, by cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace_mcp.formats.difference import Stopped, by_cell, by_word, letters


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        pytest.param("a\nb", "a\nb", (), id="the same"),
        pytest.param("", "a", ("line 1: {+a+}",), id="all new"),
        pytest.param("a", "", ("line 1: [-a-]",), id="all gone"),
        pytest.param("one two", "one three", ("line 1: one [-two-]{+three+}",), id="a word"),
        pytest.param("x\na b", "x\na, b", ("line 2: a{+,+} b",), id="a comma"),
        pytest.param("a\nc", "a\nb\nc", ("line 2: {+b+}",), id="a line between"),
        pytest.param("a\n\nb", "a\nb", (), id="a blank line"),
        pytest.param("ä😀 x", "ä😁 x", ("line 1: ä[-😀-]{+😁+} x",), id="emoji"),
    ],
)
def test_texts_by_word(old: str, new: str, lines: tuple[str, ...]) -> None:
    assert by_word(old, new).lines == lines


def test_the_middle_of_what_stayed_is_left_out() -> None:
    found = by_word("word " * 100 + "old", "word " * 100 + "new").lines[0]

    assert " … " in found
    assert found.endswith("[-old-]{+new+}")
    assert len(found) < 200


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_difference_is_found_only_between_equal_lines(old: str, new: str) -> None:
    lines = [line for line in old.splitlines() if line.strip()]
    same = lines == [line for line in new.splitlines() if line.strip()]

    if not by_word(old, new).changes:
        assert same


def test_tables_by_cell_in_reading_order() -> None:
    old = {("S", 1, 1): "a", ("S", 2, 28): "x", ("T", 1, 1): "same"}
    new = {("S", 1, 1): "b", ("T", 1, 1): "same", ("T", 10, 2): "new"}

    assert by_cell(old, new).lines == (
        "S!A1: a -> b", "S!AB2: x -> (empty)", "T!B10: (empty) -> new",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")]
)
def test_columns_have_letters(number: int, name: str) -> None:
    assert letters(number) == name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n".join(["same"] * 3_000), "\n".join(["same", "other"] * 2_000)),
        ("! " * 900, "! ? " * 450),
    ],
    ids=["lines", "words"],
)
def test_a_comparison_ends_when_nobody_waits_for_it(old: str, new: str) -> None:
    asked = 0

    def wanted() -> bool:
        nonlocal asked
        asked += 1
        return asked < 100

    with pytest.raises(Stopped):
        by_word(old, new, wanted)

    assert asked == 100
