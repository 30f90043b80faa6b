"""Gmail's search operators: a query → a test of one message. No I/O.

Source: support.google.com/mail/answer/7190
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

PACIFIC: Final = timezone(timedelta(hours=-8))
"""Dates in a query mean midnight there."""
_WORDS: Final = re.compile(r"\w+")
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<open>[({]) | (?P<close>[)}])
      | (?P<not>-)(?=\S)
      | (?P<field>[A-Za-z][A-Za-z0-9_]*):(?=\S)
      | \+?"(?P<phrase>[^"]*)"?
      | (?P<word>[^\s(){}"]+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Searchable:
    """What of a message a query can ask for."""

    id: str
    labels: frozenset[str]
    label_names: frozenset[str]
    """Names of user labels, lower-case, "/" and spaces as "-"."""
    at: datetime
    size: int
    sender: str
    to: str
    cc: str
    bcc: str
    subject: str
    text: str
    files: tuple[str, ...]
    message_id: str
    list_id: str
    delivered_to: str


Test = Callable[[Searchable], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """A query, ready to test messages. `anywhere`: spam and trash are looked at too."""

    test: Test
    anywhere: bool


def words(text: str) -> list[str]:
    """The words of a text, lower-case."""
    return _WORDS.findall(text.lower())


def contains(text: str, wanted: Sequence[str]) -> bool:
    """Whether the words `wanted` stand in `text`, one after the other."""
    if not wanted:
        return True
    there = words(text)
    size = len(wanted)
    return any(there[at : at + size] == list(wanted) for at in range(len(there) - size + 1))


def understand(text: str, now: datetime) -> Query:
    """The query `text`. Nothing is an error: what is no operator is a word."""
    tokens = [(kind, value) for kind, value in _tokens(text)]
    parser = _Parser(tokens, now)
    test = parser.all_of(closing="")
    return Query(test, parser.anywhere)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            return
        at = found.end()
        kind = found.lastgroup
        if kind is not None:
            yield kind, found[kind]


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]], now: datetime) -> None:
        self._tokens = tokens
        self._at = 0
        self._now = now
        self.anywhere = False

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _members(self, closing: str, field: str) -> Iterator[tuple[Test, bool]]:
        """Terms up to `closing`, and whether an OR joins each to the one before."""
        joined = False
        while True:
            kind, value = self._peek()
            if kind == "end":
                return
            if kind == "close":
                self._next()
                if value == closing or not closing:
                    return
                continue
            if (kind, value) in {("word", "OR"), ("word", "|")}:
                self._next()
                joined = True
                continue
            yield self._term(field), joined
            joined = False

    def all_of(self, closing: str, field: str = "") -> Test:
        """AND of the terms, OR binding tighter."""
        groups: list[list[Test]] = []
        for test, joined in self._members(closing, field):
            if joined and groups:
                groups[-1].append(test)
            else:
                groups.append([test])
        return lambda mail: all(any(test(mail) for test in group) for group in groups)

    def any_of(self, field: str = "") -> Test:
        """`{a b}`: one is enough."""
        tests = [test for test, _ in self._members("}", field)]
        return lambda mail: any(test(mail) for test in tests)

    def _term(self, field: str) -> Test:
        kind, value = self._next()
        if kind == "not":
            inner = self._term(field)
            return lambda mail: not inner(mail)
        if kind == "open":
            return self.all_of(")", field) if value == "(" else self.any_of(field)
        if kind == "field":
            return self._term_of_field(value.lower())
        if kind == "word" and value.startswith("+"):
            value = value[1:]
        if field:
            return self._field_test(field, value)
        if self._peek() == ("word", "AROUND"):
            return self._around(value)
        wanted = words(value)
        return lambda mail: _anywhere(mail, wanted)

    def _term_of_field(self, field: str) -> Test:
        if field in FIELDS or field in _SPECIAL:
            return self._term(field)
        kind, value = self._next()
        wanted = words(f"{field} {value if kind in {'word', 'phrase'} else ''}")
        return lambda mail: _anywhere(mail, wanted)

    def _around(self, first: str) -> Test:
        self._next()
        distance = 5
        kind, value = self._peek()
        if kind == "word" and value.isdigit():
            distance = int(self._next()[1])
        one, two = words(first), words(self._next()[1])

        def near(mail: Searchable) -> bool:
            there = words(f"{mail.subject} {mail.text}")
            left = [at for at, word in enumerate(there) if [word] == one[:1]]
            right = [at for at, word in enumerate(there) if [word] == two[:1]]
            return any(abs(a - b) <= distance + 1 for a in left for b in right)

        return near

    def _field_test(self, field: str, value: str) -> Test:
        if field in {"in", "label", "is"}:
            return self._place(field, value.lower())
        if field in FIELDS:
            return FIELDS[field](value)
        return _time_test(field, value, self._now)

    def _place(self, field: str, value: str) -> Test:
        if value in {"anywhere", "spam", "trash", "bin"}:
            self.anywhere = True
        if value == "anywhere":
            return lambda _mail: True
        if value == "read":
            return lambda mail: "UNREAD" not in mail.labels
        name = {"drafts": "draft", "bin": "trash", "starred": "starred"}.get(value, value).upper()
        slug = re.sub(r"[\s/]+", "-", value)
        del field
        return lambda mail: name in mail.labels or slug in mail.label_names


def _anywhere(mail: Searchable, wanted: Sequence[str]) -> bool:
    return any(
        contains(text, wanted)
        for text in (mail.subject, mail.text, mail.sender, mail.to, mail.cc, *mail.files)
    )


def _has(value: str) -> Test:
    match value.lower():
        case "attachment":
            return lambda mail: bool(mail.files)
        case "userlabels":
            return lambda mail: bool(mail.label_names)
        case "nouserlabels":
            return lambda mail: not mail.label_names
        case "drive" | "document" | "spreadsheet" | "presentation" as kind:
            part = {
                "drive": ("drive.google.com", "docs.google.com"),
                "document": ("docs.google.com/document",),
                "spreadsheet": ("docs.google.com/spreadsheets",),
                "presentation": ("docs.google.com/presentation",),
            }[kind]
            return lambda mail: any(address in mail.text for address in part)
        case _:
            return lambda _mail: False


def _filename(value: str) -> Test:
    wanted = value.lower()
    return lambda mail: any(
        name.lower().endswith(f".{wanted}") or contains(name, words(wanted)) for name in mail.files
    )


def _bytes(value: str) -> int:
    found = re.fullmatch(r"(\d+)([kmg]?)b?", value.lower())
    scale = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
    return int(found[1]) * scale[found[2]] if found else -1


def _category(value: str) -> Test:
    name = "CATEGORY_" + {"PRIMARY": "PERSONAL"}.get(value.upper(), value.upper())
    return lambda mail: name in mail.labels


FIELDS: Final[Mapping[str, Callable[[str], Test]]] = {
    "from": lambda value: lambda mail: contains(mail.sender, words(value)),
    "to": lambda value: lambda mail: contains(f"{mail.to} ; {mail.cc} ; {mail.bcc}", words(value)),
    "cc": lambda value: lambda mail: contains(mail.cc, words(value)),
    "bcc": lambda value: lambda mail: contains(mail.bcc, words(value)),
    "subject": lambda value: lambda mail: contains(mail.subject, words(value)),
    "has": _has,
    "filename": _filename,
    "larger": lambda value: lambda mail: mail.size > _bytes(value),
    "size": lambda value: lambda mail: mail.size > _bytes(value),
    "smaller": lambda value: lambda mail: mail.size < _bytes(value),
    "rfc822msgid": lambda value: lambda mail: mail.message_id.strip("<>") == value.strip("<>"),
    "list": lambda value: lambda mail: contains(mail.list_id, words(value)),
    "deliveredto": lambda value: lambda mail: contains(mail.delivered_to, words(value)),
    "category": _category,
}
_SPECIAL: Final = frozenset({
    "in", "label", "is", "before", "older", "after", "newer", "older_than", "newer_than",
})  # fmt: skip


def _moment(value: str) -> datetime | None:
    if re.fullmatch(r"\d{9,11}", value):
        return datetime.fromtimestamp(int(value), UTC)
    found = re.fullmatch(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", value)
    if found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=PACIFIC)
    except ValueError:
        return None


def _age(value: str) -> timedelta | None:
    found = re.fullmatch(r"(\d{1,5})([hdmy])", value.lower())
    days = {"h": 1 / 24, "d": 1, "m": 30, "y": 365}
    return timedelta(days=int(found[1]) * days[found[2]]) if found else None


def _time_test(field: str, value: str, now: datetime) -> Test:
    if field.endswith("_than"):
        age = _age(value)
        if age is None:
            return lambda _mail: False
        edge = now - age
        older = field == "older_than"
    else:
        moment = _moment(value)
        if moment is None:
            return lambda _mail: False
        edge = moment
        older = field in {"before", "older"}
    return lambda mail: mail.at < edge if older else mail.at >= edge
