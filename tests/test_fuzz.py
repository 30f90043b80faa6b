"""A moment of `python -m tests.fuzz` for each parser, always the same inputs to begin with."""

import pytest

from tests.fuzz import PARSERS, fuzz


@pytest.mark.parametrize("name", PARSERS)
def test_broken_input_gives_an_answer_or_one_of_our_errors(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    count, finds = fuzz(name, 0.7, 1)
    capsys.readouterr()

    assert count
    assert finds == []
