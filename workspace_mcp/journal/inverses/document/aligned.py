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
_WORDS: Final = re.compile(r"\s[\u0300-\u036f\u200d\ufe0e\ufe0f]*|[^\s]+")
Pair = tuple[Block | None, Block | None]


def matcher(have: Sequence[str], want: Sequence[str]) -> "SequenceMatcher[str]":
    """A comparison that has no idea of its own of what is junk."""
    return SequenceMatcher(None, have, want, autojunk=False)


def pairs(have: Sequence[Block], want: Sequence[Block]) -> list[Pair]:
    """Each block now with what it is to be; (block, None) goes, (None, block) comes, in order."""
    found: list[Pair] = []
    mine, other = [digest(one) for one in have], [digest(one) for one in want]
    for kind, i1, i2, j1, j2 in matcher(mine, other).get_opcodes():
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
            return 0.1 + matcher(words(one.text), words(other.text)).ratio()
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
