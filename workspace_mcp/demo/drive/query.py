"""Drive's search language, as the API takes it in `q`. No I/O.

Source: developers.google.com/workspace/drive/api/guides/ref-search-terms
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from workspace_mcp.demo.http import Refusal

Test = Callable[["Searchable"], bool]


@dataclass(frozen=True, slots=True)
class Searchable:
    """What the terms of a query are held against."""

    name: str
    text: str
    mime: str
    times: Mapping[str, datetime | None]
    flags: Mapping[str, bool]
    people: Mapping[str, frozenset[str]]
    """parents, owners, writers, readers → ids or addresses."""
    properties: Mapping[str, Mapping[str, str]]
    target: str
    visibility: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood. `full_text`: its answers are in the order of their worth."""

    test: Test
    full_text: bool


_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|[=<>(){}])|(?P<word>[A-Za-z.]+))",
    re.DOTALL,
)
_TIMES: Final = {"modifiedTime", "viewedByMeTime", "createdTime", "sharedWithMeTime"}
_FLAGS: Final = {"trashed", "starred", "sharedWithMe"}
_PEOPLE: Final = {"parents", "owners", "writers", "readers"}
_COMPARE: Final[Mapping[str, Callable[[datetime, datetime], bool]]] = {
    "=": datetime.__eq__, "!=": datetime.__ne__, "<": datetime.__lt__, "<=": datetime.__le__,
    ">": datetime.__gt__, ">=": datetime.__ge__,
}  # fmt: skip


def invalid() -> Refusal:
    """Google's answer to a query that it does not understand: it never says where."""
    return Refusal(400, "Invalid Value", "invalid")


def understand(text: str) -> Query:
    """A query as a test.

    Raises:
        Refusal: 400.
    """
    tokens = _tokens(text)
    if not tokens:
        return Query(lambda _: True, full_text=False)
    parser = _Parser(tokens)
    test = parser.either()
    if parser.at != len(tokens):
        raise invalid()
    return Query(test, ("word", "fullText") in tokens)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise invalid()
        value = match[match.lastgroup]
        if match.lastgroup == "text":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append((match.lastgroup, value))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self.at = 0

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self.at] if self.at < len(self._tokens) else ("", "")

    def _next(self, kind: str) -> str:
        found, value = self._peek()
        if found != kind:
            raise invalid()
        self.at += 1
        return value

    def either(self) -> Test:
        """Terms between "or"."""
        tests = [self._both()]
        while self._peek() == ("word", "or"):
            self.at += 1
            tests.append(self._both())
        return lambda one: any(test(one) for test in tests)

    def _both(self) -> Test:
        tests = [self._not()]
        while self._peek() == ("word", "and"):
            self.at += 1
            tests.append(self._not())
        return lambda one: all(test(one) for test in tests)

    def _not(self) -> Test:
        if self._peek() == ("word", "not"):
            self.at += 1
            test = self._not()
            return lambda one: not test(one)
        if self._peek() == ("sign", "("):
            self.at += 1
            test = self.either()
            if self._next("sign") != ")":
                raise invalid()
            return test
        return self._term()

    def _term(self) -> Test:
        if self._peek()[0] == "text":
            value = self._next("text")
            if self._next("word") != "in" or (field := self._next("word")) not in _PEOPLE:
                raise invalid()
            wanted = value if field == "parents" else value.lower()
            return lambda one: wanted in one.people[field]
        field = self._next("word")
        kind, sign = self._peek()
        if kind not in {"word", "sign"}:
            raise invalid()
        self.at += 1
        if field in {"properties", "appProperties"} and sign == "has":
            return self._property(field)
        if field in _FLAGS and sign in {"=", "!="}:
            wanted = self._next("word") == "true"
            return lambda one: (one.flags[field] == wanted) == (sign == "=")
        value = self._next("text")
        if field in _TIMES and sign in _COMPARE:
            return _time(field, _COMPARE[sign], value)
        return _text(field, sign, value)

    def _property(self, field: str) -> Test:
        """`{ key='k' and value='v' }`."""
        expected = [("sign", "{"), ("word", "key"), ("sign", "=")]
        between = [("word", "and"), ("word", "value"), ("sign", "=")]
        self._all(expected)
        key = self._next("text")
        self._all(between)
        value = self._next("text")
        self._all([("sign", "}")])
        return lambda one: one.properties[field].get(key) == value

    def _all(self, expected: Sequence[tuple[str, str]]) -> None:
        for token in expected:
            if self._peek() != token:
                raise invalid()
            self.at += 1


def _time(field: str, compare: Callable[[datetime, datetime], bool], value: str) -> Test:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise invalid() from None
    wanted = moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def test(one: Searchable) -> bool:
        found = one.times[field]
        return found is not None and compare(found, wanted)

    return test


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _text(field: str, sign: str, value: str) -> Test:
    lower = value.lower()
    match field, sign:
        case "name", "=":
            return lambda one: one.name.lower() == lower
        case "name", "!=":
            return lambda one: one.name.lower() != lower
        case "name", "contains":
            return lambda one: _begins(_words(one.name), _words(value))
        case "fullText", "contains":
            return _full_text(value)
        case "mimeType", "=":
            return lambda one: one.mime == value
        case "mimeType", "!=":
            return lambda one: one.mime != value
        case "mimeType", "contains":
            return lambda one: one.mime.startswith(value) or value in one.mime.split("/")
        case "shortcutDetails.targetId", "=":
            return lambda one: one.target == value
        case "visibility", "=":
            return lambda one: one.visibility == value
        case "visibility", "!=":
            return lambda one: one.visibility != value
        case _:
            raise invalid()


def _begins(have: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the words stand in a row in `have`; each only has to begin its own there."""
    size = len(wanted)
    return bool(wanted) and any(
        all(word.startswith(part) for word, part in zip(have[at : at + size], wanted, strict=True))
        for at in range(len(have) - size + 1)
    )


def _full_text(value: str) -> Test:
    """Whole words, anywhere; between double quotes in a row."""
    phrase = re.fullmatch(r'"(.*)"', value.strip(), re.DOTALL)
    wanted = _words(value)
    if not wanted:
        raise invalid()

    def test(one: Searchable) -> bool:
        have = _words(f"{one.name} \0 {one.text}")
        if not phrase:
            return set(wanted) <= set(have)
        size = len(wanted)
        return any(have[at : at + size] == wanted for at in range(len(have) - size + 1))

    return test
