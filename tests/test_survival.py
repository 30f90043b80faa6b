"""Every failure of SURVIVAL.md has its promise, and tests that are there."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
ROW = re.compile(r"^\| (F\d+) \| [^|]+ \| [^|]+ \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)` `(test_\w+)`")


def test_each_failure_has_a_row_and_each_row_tests_that_are_there() -> None:
    rows = ROW.findall((TESTS / "SURVIVAL.md").read_text("utf-8"))
    named = [(case, *test) for case, tests in rows for test in TEST.findall(tests)]
    lacking = [
        (case, test) for case, file, test in named
        if not re.search(rf"def {test}\(", (TESTS / file).read_text("utf-8"))
    ]  # fmt: skip

    assert [case for case, _ in rows] == [f"F{number}" for number in range(1, 28)]
    assert [case for case, tests in rows if TEST.sub("", tests).strip("; ") or not tests] == []
    assert {case for case, *_ in named} == {case for case, _ in rows}
    assert lacking == []


def test_no_test_of_the_folder_is_left_out() -> None:
    page = (TESTS / "SURVIVAL.md").read_text("utf-8")
    written = [
        test for file in (TESTS / "survival").glob("test_*.py")
        for test in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
    ]  # fmt: skip

    assert [test for test in written if f"`{test}`" not in page] == []
