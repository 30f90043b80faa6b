"""A few of Sheets' formulas, calculated; what is not known here is never made up. No I/O.

Known: + - * / ^ & % = <> < > <= >=, cells, ranges, names, SUM AVERAGE COUNT COUNTA MIN MAX IF IFERROR
SUMIF COUNTIF AVERAGEIF ABS CONCATENATE ROUND HYPERLINK.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from workspace_mcp.demo.http import Refusal
from workspace_mcp.demo.sheets.book import Box, FakeSpreadsheet, Tab, index, letters
from workspace_mcp.demo.sheets.conditions import chosen
from workspace_mcp.demo.sheets.display import general

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"]|"")*")
  | (?P<range>(?:(?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?\$?[A-Za-z]{1,3}(?:\$?\d+)?:\$?[A-Za-z]{1,3}(?:\$?\d+)?)
  | (?P<cell>(?:(?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?\$?[A-Za-z]{1,3}\$?\d+(?![\w(]))
  | (?P<call>[A-Za-z][\w.]*)\s*\(
  | (?P<name>[A-Za-z_]\w*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+)
  | (?P<sign><>|<=|>=|[-+*/^&=<>(),;%])
    )""",
    re.VERBOSE,
)


class Unknown(Exception):
    """A formula that is not calculated here."""


class Wrong(Exception):
    """An error value. `kind` is Google's word, `shown` what a cell shows."""

    def __init__(self, kind: str, shown: str) -> None:
        super().__init__(shown)
        self.kind = kind
        self.shown = shown


DIVIDED: Final = ("DIVIDE_BY_ZERO", "#DIV/0!")
VALUE: Final = ("VALUE", "#VALUE!")
REFERENCE: Final = ("REF", "#REF!")
Table = list[list[Any]]


def value_of(book: FakeSpreadsheet, tab: Tab, row: int, column: int) -> Any:
    """A cell's value; "" when empty; an exception as a value when it is an error or not known."""
    cell = tab.cells.get((row, column))
    if cell is None or cell.empty:
        return ""
    entered = cell.entered
    if "formulaValue" not in entered:
        return next(iter(entered.values()))
    key = (tab.id, row, column)
    if key not in book.calculated:
        book.calculated[key] = Wrong(*REFERENCE)  # what a circle finds
        book.calculated[key] = _calculated(book, tab, str(entered["formulaValue"]))
    return book.calculated[key]


def _calculated(book: FakeSpreadsheet, tab: Tab, text: str) -> Any:
    try:
        found = _Reader(book, tab, text[1:]).whole()
    except (Unknown, Wrong) as problem:
        return problem
    except RecursionError:
        return Unknown()
    while isinstance(found, list):
        found = found[0][0] if found and found[0] else ""
    return 0 if found == "" else found


class _Reader:
    """Reads a formula from left to right, and calculates on its way."""

    def __init__(self, book: FakeSpreadsheet, tab: Tab, text: str) -> None:
        self.book = book
        self.tab = tab
        self.tokens = self._tokens(text)
        self.at = 0

    @staticmethod
    def _tokens(text: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise Unknown
            found.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        return found

    def whole(self) -> Any:
        found = self.comparison()
        if self.at != len(self.tokens):
            raise Unknown
        return found

    def _sign(self, signs: Sequence[str]) -> str:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind == "sign" and text in signs:
                self.at += 1
                return text
        return ""

    def comparison(self) -> Any:
        left = self.joined()
        while sign := self._sign(("=", "<>", "<", ">", "<=", ">=")):
            left = _compared(sign, _single(left), _single(self.joined()))
        return left

    def joined(self) -> Any:
        left = self.sum()
        while self._sign(("&",)):
            left = _text(_single(left)) + _text(_single(self.sum()))
        return left

    def sum(self) -> Any:
        left = self.product()
        while sign := self._sign(("+", "-")):
            other = _number(_single(self.product()))
            left = _number(_single(left)) + (other if sign == "+" else -other)
        return left

    def product(self) -> Any:
        left = self.power()
        while sign := self._sign(("*", "/")):
            other = _number(_single(self.power()))
            if sign == "/" and other == 0:
                raise Wrong(*DIVIDED)
            mine = _number(_single(left))
            left = mine * other if sign == "*" else mine / other
        return left

    def power(self) -> Any:
        left = self.unary()
        while self._sign(("^",)):
            left = _number(_single(left)) ** _number(_single(self.unary()))
        return left

    def unary(self) -> Any:
        if sign := self._sign(("-", "+")):
            value = _number(_single(self.unary()))
            return -value if sign == "-" else value
        value = self.atom()
        while self._sign(("%",)):
            value = _number(_single(value)) / 100
        return value

    def atom(self) -> Any:
        if self._sign(("(",)):
            found = self.comparison()
            if not self._sign((")",)):
                raise Unknown
            return found
        if self.at >= len(self.tokens):
            raise Unknown
        kind, text = self.tokens[self.at]
        self.at += 1
        match kind:
            case "number":
                return float(text) if re.search(r"[.eE]", text) else int(text)
            case "text":
                return text[1:-1].replace('""', '"')
            case "range" | "cell":
                return self._cells(text)
            case "call":
                return self._call(text.upper())
            case "name" if text.upper() in {"TRUE", "FALSE"}:
                return text.upper() == "TRUE"
            case "name" if self.book.named(text):
                return self._cells(text)
            case _:
                raise Unknown

    def _cells(self, text: str) -> Table:
        plain = text.replace("$", "")
        if "!" not in plain and not self.book.named(plain):
            plain = f"{_quoted(self.tab.title)}!{plain}"
        try:
            tab, box = self.book.range(plain)
        except Refusal as refusal:
            raise Wrong(*REFERENCE) from refusal
        if box.bottom - box.top > 1000:
            box = Box(
                box.top, box.left, min(box.bottom, max(tab.used()[0], box.top + 1)), box.right
            )
        return [
            [value_of(self.book, tab, row, column) for column in range(box.left, box.right)]
            for row in range(box.top, box.bottom)
        ]

    def _call(self, name: str) -> Any:
        arguments: list[Any] = []
        while not self._sign((")",)):
            if arguments and not self._sign((",", ";")):
                raise Unknown
            try:
                arguments.append(self.comparison())
            except Wrong as wrong:
                if name not in {"IF", "IFERROR"}:
                    raise
                arguments.append(wrong)
        if name not in _FUNCTIONS:
            raise Unknown
        return _FUNCTIONS[name](arguments)


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"


def _single(value: Any) -> Any:
    while isinstance(value, list):
        if len(value) != 1:
            raise Wrong(*VALUE)
        value = value[0]
    if isinstance(value, Unknown | Wrong):
        raise value
    return value


def _number(value: Any) -> float:
    if value == "":
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except ValueError as error:
        raise Wrong(*VALUE) from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return general(value) if isinstance(value, int | float) else str(value)


def _compared(sign: str, left: Any, right: Any) -> bool:
    one: Any = left.lower() if isinstance(left, str) else left
    two: Any = right.lower() if isinstance(right, str) else right
    if isinstance(one, str) != isinstance(two, str):
        one, two = (
            (0, 0)
            if "" in (one, two) and 0 in (one, two)
            else (isinstance(one, str), isinstance(two, str))
        )
    results: Mapping[str, bool] = {
        "=": one == two, "<>": one != two, "<": one < two, ">": one > two, "<=": one <= two, ">=": one >= two,
    }  # fmt: skip
    return results[sign]


def _flat(arguments: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for one in arguments:
        found += _flat(one) if isinstance(one, list) else [one]
    for one in found:
        if isinstance(one, Unknown | Wrong):
            raise one
    return found


def _numbers(arguments: Sequence[Any]) -> list[float]:
    return [
        one
        for one in _flat(arguments)
        if isinstance(one, int | float) and not isinstance(one, bool)
    ]


def _average(arguments: Sequence[Any]) -> float:
    numbers = _numbers(arguments)
    if not numbers:
        raise Wrong(*DIVIDED)
    return sum(numbers) / len(numbers)


def _if(arguments: Sequence[Any]) -> Any:
    if not 2 <= len(arguments) <= 3:
        raise Unknown
    chosen = 1 if _number(_single(arguments[0])) else 2
    found = arguments[chosen] if chosen < len(arguments) else False
    return _single(found)


def _round(arguments: Sequence[Any]) -> float:
    digits = int(_number(_single(arguments[1]))) if len(arguments) > 1 else 0
    value = _number(_single(arguments[0]))
    factor = 10.0**digits
    found = int(abs(value) * factor + 0.5) / factor
    return -found if value < 0 else found


def _link(arguments: Sequence[Any]) -> Any:
    return _single(arguments[-1]) if arguments else ""


def _none() -> Any:
    raise Unknown


def _if_error(arguments: Sequence[Any]) -> Any:
    if not 1 <= len(arguments) <= 2:
        raise Unknown
    try:
        return _single(arguments[0])
    except Wrong:
        return _single(arguments[1]) if len(arguments) > 1 else ""


def _chosen(arguments: Sequence[Any]) -> list[Any]:
    """What SUMIF and its kind look at. Another range must be as large as the first."""
    if not 2 <= len(arguments) <= 3:
        raise Unknown
    first, other = _flat(arguments[:1]), _flat(arguments[2:] or arguments[:1])
    if len(first) != len(other):
        raise Unknown
    return chosen(first, _single(arguments[1]), other)


_FUNCTIONS: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    "SUM": lambda given: sum(_numbers(given)),
    "AVERAGE": _average,
    "COUNT": lambda given: len(_numbers(given)),
    "COUNTA": lambda given: sum(1 for one in _flat(given) if one != ""),
    "MIN": lambda given: min(_numbers(given), default=0),
    "MAX": lambda given: max(_numbers(given), default=0),
    "IF": _if,
    "IFERROR": _if_error,
    "SUMIF": lambda given: sum(_numbers(_chosen(given))),
    "COUNTIF": lambda given: len(_chosen(given[:2])),
    "AVERAGEIF": lambda given: _average(_chosen(given)),
    "ABS": lambda given: abs(_number(_single(given[0]))) if len(given) == 1 else _none(),
    "CONCATENATE": lambda given: "".join(_text(one) for one in _flat(given)),
    "ROUND": _round,
    "HYPERLINK": _link,
}

# References that move

_REF: Final = re.compile(
    r"""("(?:[^"]|"")*")|((?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?(\$?)([A-Za-z]{1,3})(\$?)(\d+)(?![\w(!])""",
)


def copied(formula: str, rows: int, columns: int) -> str:
    """A formula as it stands after being copied that far."""

    def moved(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        column = index(found[4]) + (0 if found[3] else columns)
        row = int(found[6]) + (0 if found[5] else rows)
        if column < 0 or row < 1:
            return "#REF!"
        return f"{found[2] or ''}{found[3]}{letters(column)}{found[5]}{row}"

    return _REF.sub(moved, formula)


def shifted(
    formula: str, own: str, tab: str, dimension: str, moved: Callable[[int], int | None]
) -> str:
    """A formula of the tab `own` after rows or columns of `tab` moved; None: they are gone."""

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        target = (found[2] or "")[:-1].strip("'").replace("''", "'") or own
        if target.lower() != tab.lower():
            return found[0]
        row, column = int(found[6]) - 1, index(found[4])
        new = moved(row if dimension == "ROWS" else column)
        if new is None:
            return "#REF!"
        row, column = (new, column) if dimension == "ROWS" else (row, new)
        return f"{found[2] or ''}{found[3]}{letters(column)}{found[5]}{row + 1}"

    return _REF.sub(one, formula)
