"""How answers look: sizes, times, plurals, cuts that say so. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo


def size(count: int) -> str:
    """`340 B`, `12 kB`, `3.4 MB`, `1.2 GB`."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    if count < 1_000_000_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{count / 1_000_000_000:.1f} GB"


def local(moment: datetime, zone: tzinfo) -> str:
    """`Fri 2026-11-20 09:30`, in `zone`."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"


def count(number: int, noun: str) -> str:
    """`1 message`, `2 messages`, `1,200 messages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def fitting(texts: Iterable[str], limit: int, *, gap: int = 1, least: int = 1) -> int:
    """How many texts fit into so many bytes, with `gap` more for each; `least` in any case."""
    number = 0
    for number, text in enumerate(texts, 1):
        limit -= len(text.encode()) + gap
        if limit < 0:
            return max(number - 1, least)
    return number


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a longer text. `end` is where the next piece starts; None: nothing is left."""

    text: str
    end: int | None
    left: int = 0


def piece(text: str, offset: int, limit: int) -> Cut:
    """Characters from `offset`, at most `limit`, up to a paragraph or a line where one ends there."""
    if offset + limit >= len(text):
        return Cut(text[offset:], None)
    window = text[offset : offset + limit]
    for mark, least in (("\n\n", limit // 2), ("\n", limit // 2), (" ", limit // 2)):
        at = window.rfind(mark)
        if at >= least:
            window = window[: at + len(mark)]
            break
    end = offset + len(window)
    return Cut(window.rstrip(), end, len(text) - end)
