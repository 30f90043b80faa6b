"""What differs between two texts, by word, or between two tables, by cell. No I/O."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_LONG: Final = 4_000
"""Characters of two lines beyond which they are compared as wholes."""
_AROUND: Final = 60
Cells = Mapping[tuple[str, int, int], str]
"""(sheet, row, column), both from 1 → what stands there."""


class Stopped(Exception):
    """Nobody waits for the comparison any more."""


Wanted = Callable[[], bool]
"""Whether somebody still waits for the comparison."""


class _Watched(list[str]):
    """Lines or words that are handed out as long as somebody waits."""

    def __init__(self, texts: Sequence[str], wanted: Wanted) -> None:
        super().__init__(texts)
        self._wanted = wanted

    def __getitem__(self, place: Any) -> Any:
        if not self._wanted():
            raise Stopped
        return super().__getitem__(place)


def _opcodes(
    old: Sequence[str], new: Sequence[str], wanted: Wanted
) -> Sequence[tuple[str, int, int, int, int]]:
    """What `difflib` says; it looks at one text after the other of `old`, which is where it can be stopped."""
    matcher = SequenceMatcher(None, _Watched(old, wanted), new, autojunk=False)
    return matcher.get_opcodes()


@dataclass(frozen=True, slots=True)
class Difference:
    """What was found: a line each, and how much there is of it."""

    lines: tuple[str, ...]
    changes: int


def by_word(old: str, new: str, wanted: Wanted = lambda: True) -> Difference:
    """Changed lines with `[-gone-]` and `{+new+}`, each after `line N` of the new text.

    Lines are matched first, then words within those that changed, so that long texts cost little.

    Raises:
        Stopped: it is not wanted any more.
    """
    before, after = old.splitlines(), new.splitlines()
    found: list[str] = []
    for tag, a, b, c, d in _opcodes(before, after, wanted):
        if tag != "equal":
            found += _hunk(before[a:b], after[c:d], c + 1, wanted)
    return Difference(tuple(found), len(found))


def _hunk(old: Sequence[str], new: Sequence[str], number: int, wanted: Wanted) -> Iterator[str]:
    """Lines that changed: pairs by word, the rest as a whole."""
    pairs = min(len(old), len(new))
    for at in range(pairs):
        yield f"line {number + at}: {_words(old[at], new[at], wanted)}"
    for line in old[pairs:]:
        if line.strip():
            yield f"line {number + pairs}: [-{line}-]"
    for at, line in enumerate(new[pairs:], pairs):
        if line.strip():
            yield f"line {number + at}: {{+{line}+}}"


def _words(old: str, new: str, wanted: Wanted) -> str:
    if len(old) + len(new) > _LONG:
        return f"[-{old}-]{{+{new}+}}"
    before, after = _WORD.findall(old), _WORD.findall(new)
    parts: list[str] = []
    for tag, a, b, c, d in _opcodes(before, after, wanted):
        if tag == "equal":
            parts.append(_short("".join(before[a:b])))
            continue
        gone, came = "".join(before[a:b]), "".join(after[c:d])
        parts.append((f"[-{gone}-]" if gone else "") + (f"{{+{came}+}}" if came else ""))
    return "".join(parts)


def _short(same: str) -> str:
    """Text that stayed, without its middle when it is long."""
    return same if len(same) <= 2 * _AROUND else f"{same[:_AROUND]} … {same[-_AROUND:]}"


def by_cell(old: Cells, new: Cells) -> Difference:
    """Cells that differ, like `Budget!B4: 12 -> 15`, in reading order."""
    found: list[str] = []
    for place in sorted(old.keys() | new.keys()):
        before, after = old.get(place, ""), new.get(place, "")
        if before != after:
            found.append(f"{_name(place)}: {before or '(empty)'} -> {after or '(empty)'}")
    return Difference(tuple(found), len(found))


def _name(place: tuple[str, int, int]) -> str:
    sheet, row, column = place
    where = f"{letters(column)}{row}"
    return f"{sheet}!{where}" if sheet else where


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    found = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found
