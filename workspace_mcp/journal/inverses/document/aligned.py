"""Which block, and which word, became which. No I/O."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from workspace_mcp.journal.inverses.document.model import (
    Block,
    Json,
    Other,
    Paragraph,
    Piece,
    Table,
    digest,
)

_MOST: Final = 2500
WORDS: Final = 1_000_000
"""Comparisons of words that are made in a paragraph."""
_WORDS: Final = re.compile(r"\s[\u0300-\u036f\u200d\ufe0e\ufe0f]*|[^\s]+")
Pair = tuple[Block | None, Block | None]


Code = tuple[str, int, int, int, int]
"""Like those of `SequenceMatcher.get_opcodes`."""


def codes(have: Sequence[str], want: Sequence[str], most: int = 25_000_000) -> list[Code]:
    """What became what. More than `most` comparisons are not made: the middle is then one change."""
    shorter = min(len(have), len(want))
    start = next((n for n in range(shorter) if have[n] != want[n]), shorter)
    rest = shorter - start
    end = next((n for n in range(rest) if have[-1 - n] != want[-1 - n]), rest)
    mine, goal = have[start : len(have) - end], want[start : len(want) - end]
    found: list[Code] = [("equal", 0, start, 0, start)] if start else []
    if len(mine) * len(goal) > most:
        found.append(("replace", start, start + len(mine), start, start + len(goal)))
    else:
        inner = SequenceMatcher(None, mine, goal, autojunk=False).get_opcodes()
        found += [
            (k, i1 + start, i2 + start, j1 + start, j2 + start) for k, i1, i2, j1, j2 in inner
        ]
    if end:
        found.append(("equal", len(have) - end, len(have), len(want) - end, len(want)))
    return _joined(found)


def _joined(found: Sequence[Code]) -> list[Code]:
    """Parts that are equal and beside each other as one."""
    whole: list[Code] = []
    for one in found:
        if whole and one[0] == whole[-1][0] == "equal":
            kind, i1, _, j1, _ = whole.pop()
            whole.append((kind, i1, one[2], j1, one[4]))
        else:
            whole.append(one)
    return whole


def pairs(have: Sequence[Block], want: Sequence[Block]) -> list[Pair]:
    """Each block now with what it is to be; (block, None) goes, (None, block) comes, in order."""
    found: list[Pair] = []
    mine, other = [digest(one) for one in have], [digest(one) for one in want]
    for kind, i1, i2, j1, j2 in codes(mine, other):
        if kind == "equal":
            found += zip(have[i1:i2], want[j1:j2], strict=True)
        else:
            found += _likely(have[i1:i2], want[j1:j2])
    return found


def _likely(have: Sequence[Block], want: Sequence[Block]) -> list[Pair]:
    """The pairs that are most alike, in order; what goes stands before what comes."""
    if len(have) * len(want) > _MOST:
        return [*((one, None) for one in have), *((None, one) for one in want)]
    best = [[0.0] * (len(want) + 1) for _ in range(len(have) + 1)]
    like = [[_like(one, other) for other in want] for one in have]
    for n in range(len(have) - 1, -1, -1):
        for m in range(len(want) - 1, -1, -1):
            both = best[n + 1][m + 1] + like[n][m] if like[n][m] else 0.0
            best[n][m] = max(both, best[n + 1][m], best[n][m + 1])
    found: list[Pair] = []
    n = m = 0
    while n < len(have) and m < len(want):
        if like[n][m] and best[n][m] == best[n + 1][m + 1] + like[n][m]:
            found.append((have[n], want[m]))
            n, m = n + 1, m + 1
        elif best[n][m] == best[n + 1][m]:
            found.append((have[n], None))
            n += 1
        else:
            found.append((None, want[m]))
            m += 1
    return [*found, *((one, None) for one in have[n:]), *((None, one) for one in want[m:])]


def _like(one: Block, other: Block) -> float:
    """How alike two blocks are; 0 for those that cannot become each other."""
    match one, other:
        case Paragraph(), Paragraph():
            mine, goal = words(one.text), words(other.text)
            same = sum(
                i2 - i1 for kind, i1, i2, _, _ in codes(mine, goal, WORDS) if kind == "equal"
            )
            return 0.1 + 2 * same / max(len(mine) + len(goal), 1)
        case Table(), Table():
            same = (len(one.rows), one.columns) == (len(other.rows), other.columns)
            return 1.5 if same else 1.0
        case Other(), Other() if "sectionBreak" in one.raw and "sectionBreak" in other.raw:
            return 1.0
        case _:
            return 0.0


def words(text: str) -> list[str]:
    """Words and blanks: no letter that a person sees is ever parted."""
    return _WORDS.findall(text)


Letter = tuple[str, Json, Json | None]
"""A letter or a thing, with its look."""
Word = tuple[str, tuple[Letter, ...]]
"""What is compared, and what stands there."""


def spelled(pieces: Sequence[Piece]) -> Iterator[Word]:
    """A paragraph's words and things, without the newline at its end."""
    letters: list[Letter] = []
    for one in (*pieces, Piece("", {}, {})):
        if one.thing is None:
            letters += [(char, one.style, None) for char in one.text]
            continue
        at = 0
        for word in words("".join(char for char, _, _ in letters)):
            if word != "\n":
                yield word, tuple(letters[at : at + len(word)])
            at += len(word)
        letters = []
        if one.thing:
            yield f"\n{sorted(one.thing.items())!r}", (("", one.style, one.thing),)
