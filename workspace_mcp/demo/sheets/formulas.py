"""A few of Sheets' formulas, calculated; what is not known here is never made up. No I/O.

Known: + - * / ^ & % = <> < > <= >=, cells, ranges, names, SUM AVERAGE COUNT COUNTA MIN MAX IF IFERROR
SUMIF COUNTIF AVERAGEIF ABS CONCATENATE ROUND HYPERLINK.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from workspace_mcp.demo.http import Refusal
from workspace_mcp.demo.sheets.book import Box, FakeSpreadsheet, Tab
from workspace_mcp.demo.sheets.functions import (
    DIVIDED,
    FUNCTIONS,
    REFERENCE,
    Table,
    Unknown,
    Wrong,
    compared,
    number,
    single,
    text_of,
)

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
            left = compared(sign, single(left), single(self.joined()))
        return left

    def joined(self) -> Any:
        left = self.sum()
        while self._sign(("&",)):
            left = text_of(single(left)) + text_of(single(self.sum()))
        return left

    def sum(self) -> Any:
        left = self.product()
        while sign := self._sign(("+", "-")):
            other = number(single(self.product()))
            left = number(single(left)) + (other if sign == "+" else -other)
        return left

    def product(self) -> Any:
        left = self.power()
        while sign := self._sign(("*", "/")):
            other = number(single(self.power()))
            if sign == "/" and other == 0:
                raise Wrong(*DIVIDED)
            mine = number(single(left))
            left = mine * other if sign == "*" else mine / other
        return left

    def power(self) -> Any:
        left = self.unary()
        while self._sign(("^",)):
            left = number(single(left)) ** number(single(self.unary()))
        return left

    def unary(self) -> Any:
        if sign := self._sign(("-", "+")):
            value = number(single(self.unary()))
            return -value if sign == "-" else value
        value = self.atom()
        while self._sign(("%",)):
            value = number(single(value)) / 100
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
        if name not in FUNCTIONS:
            raise Unknown
        return FUNCTIONS[name](arguments)


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"
