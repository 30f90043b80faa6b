"""The tables of what upstream's tools are here: each row that says what holds it names tests that exist.

A table without a column "held by" is left alone. A test is named `test_x`, `test_file.py::test_x` or with a
case's id in brackets, `test_x[bold]`; it is sought in the folder that the page's service has its tests in, and
below `tests/` else.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("from-upstream-*.md"))
_NAMED = re.compile(r"`(?:([\w/.-]+\.py)::)?(test_\w+)(?:\[([^\]]+)\])?`")
Tests = dict[str, list[tuple[Path, str]]]


@pytest.fixture(scope="module")
def tests() -> Tests:
    """Every test by its name: its file, and its own text with its decorators."""
    found: Tests = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                own = "\n".join(text.split("\n")[first - 1 : node.end_lineno])
                found.setdefault(node.name, []).append((path, own))
    return found


def rows(page: Path) -> Iterator[tuple[str, str]]:
    """The first cell and the cell "held by" of each row of tables that have one."""
    column = -1
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if not cells:
            column = -1
        elif column < 0:
            names = [cell.lower() for cell in cells]
            column = next((n for n, one in enumerate(names) if one.startswith("held by")), -1)
            column = len(cells) if column < 0 else column
        elif column < len(cells) and not set(cells[0]) <= set("-: "):
            yield cells[0], cells[column]


def problems(cell: str, tests: Tests) -> list[str]:
    """What is wrong with a cell: no test named, or one that there is not."""
    named = _NAMED.findall(cell)
    if not named:
        return ["names no test"]
    wrong: list[str] = []
    for file, name, case in named:
        places = [own for path, own in tests.get(name, []) if path.as_posix().endswith(file)]
        if not places:
            wrong.append(f"{file}::{name} is not there".removeprefix("::"))
        elif case and not any(re.search(rf'["\']{re.escape(case)}["\']', own) for own in places):
            wrong.append(f"{name} has no case {case}")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_row_is_held_by_tests_that_there_are(page: Path, tests: Tests) -> None:
    found = {theirs: wrong for theirs, held in rows(page) if (wrong := problems(held, tests))}

    assert found == {}


def test_the_documents_page_says_what_holds_each_row() -> None:
    assert len(list(rows(ROOT / "docs" / "from-upstream-docs.md"))) > 60


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("`test_parity.py::test_what_is_wrong_is_found`, `test_what_is_wrong_is_found[nothing]`", []),
        ("nothing", ["names no test"]),
        ("`test_that_is_not`", ["test_that_is_not is not there"]),
        ("`other.py::test_what_is_wrong_is_found`", ["other.py::test_what_is_wrong_is_found is not there"]),
        ("`test_what_is_wrong_is_found[nowhere at" " all]`",
         ["test_what_is_wrong_is_found has no case nowhere at" " all"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(cell: str, wrong: list[str], tests: Tests) -> None:
    assert problems(cell, tests) == wrong
