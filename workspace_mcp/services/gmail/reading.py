"""How mail that was read is laid out: as much as there is room for, and how to go on."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Self

from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.show import count, piece
from workspace_mcp.services.gmail.letter import Letter
from workspace_mcp.services.gmail.mailbox import Labels
from workspace_mcp.services.gmail.sender import quoted
from workspace_mcp.tools import View

_KIND: Final = "mail text"
_SPARE: Final = 150
"""Bytes kept for our own words around a text."""
_SHORTEST: Final = 300
"""A message is begun only where so many bytes of its text have room."""
_REPLY: Final = ("re:", "aw:", "fwd:", "fw:", "wg:", "antw:", "sv:", "vs:", "tr:", "rv:")


DEFAULT_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of the call that shape its answer."""

    body: str = "markdown"
    last: int | None = None
    offset: int = 0
    limit: int = DEFAULT_LIMIT
    quoted: bool = False

    def again(self, ids: Sequence[str], offset: int) -> str:
        """The call that goes on at `offset` of the first of `ids`."""
        given = [f"ids={json.dumps(list(ids))}"]
        given += [f'body="{self.body}"'] if self.body != "markdown" else []
        given += ["quoted=true"] if self.quoted else []
        given += [f"last={self.last}"] if self.last is not None else []
        given += [f"offset={offset}"] if offset else []
        given += [f"limit={self.limit}"] if self.limit != DEFAULT_LIMIT else []
        return f"gmail_read({', '.join(given)})"


@dataclass(frozen=True, slots=True)
class Item:
    """A thread, or one message: `letters`, newest first, of the `total` that the thread has.

    Offsets count the characters of its texts, one after the other, and one more for each message.
    """

    id: str
    letters: Sequence[Letter]
    total: int

    @classmethod
    def of(cls, identifier: str, letters: Sequence[Letter], last: int | None) -> Self:
        """The newest `last` of `letters`, which come oldest first."""
        newest = list(reversed(letters))
        return cls(identifier, newest[:last], len(letters))

    def heading(self, fence: Fence) -> str:
        """What stands above the messages of a thread; "" for a message alone."""
        if self.total == 1:
            return ""
        newest = self.letters[0]
        subject = quoted(fence.line(newest.subject, 300) or "(no subject)")
        left = self.total - len(self.letters)
        older = f" ({left} older left out)" if left else ""
        sent = next((one for one in self.letters if "DRAFT" not in one.labels), newest)
        who = "you" if sent.own else sent.sender.text(fence)
        return (
            f"Thread [{newest.thread}] {subject}\n"
            f"{count(self.total, 'message')}, newest first{older}; last word: {who}"
        )


@dataclass(frozen=True, slots=True)
class Reading(View):
    """What was read. `failed` has ids and why there is nothing, in our words."""

    items: Sequence[Item]
    failed: Sequence[tuple[str, str]]
    asked: Asked
    labels: Labels
    zone: tzinfo

    def text(self, fence: Fence) -> str:
        """Message after message while there is room, then what is missing."""
        ending = [f"[{identifier}] {why}" for identifier, why in self.failed]
        last_words = self._more(0, self.asked.offset + self.asked.limit)
        spare = sum(len(line.encode()) + 1 for line in (*ending, last_words)) + _SPARE
        page = _Page(fence, self.labels, self.zone, self.asked.limit - spare)
        for number, item in enumerate(self.items):
            stopped = page.take(item, self.asked.offset if number == 0 else 0)
            if stopped is not None:
                ending.append(self._more(number, stopped))
                break
        return "\n".join((*page.lines, *ending)).rstrip()

    def _more(self, number: int, stopped: int) -> str:
        ids = [item.id for item in self.items[number:]]
        others = f" and {count(len(ids) - 1, 'more')[:-1]}" if len(ids) > 1 else ""
        rest = "the rest of " if stopped else ""
        return f"Not shown yet: {rest}[{ids[0]}]{others}. Next: {self.asked.again(ids, stopped)}"


class _Page:
    """Lines, while there is room for them."""

    def __init__(self, fence: Fence, labels: Labels, zone: tzinfo, room: int) -> None:
        self.lines: list[str] = []
        self._fence = fence
        self._labels = labels
        self._zone = zone
        self._room = room

    def take(self, item: Item, offset: int) -> int | None:
        """Lay out `item` from `offset`; where it had to stop, or None when it is all there."""
        if offset == 0 and (heading := item.heading(self._fence)):
            if self.lines and len(heading.encode()) + _SHORTEST > self._room:
                return 0
            self._add(heading)
        begin = 0
        for number, letter in enumerate(item.letters):
            if letter.written is None:
                return begin
            end = begin + len(letter.written.text) + 1
            if end <= offset:
                begin = end
                continue
            place = f"{item.total - number} of {item.total} " if item.total > 1 else ""
            stopped = self._letter(item, letter, place, max(0, offset - begin))
            if stopped is not None:
                return begin + stopped
            begin = end
        return None

    def _letter(self, item: Item, letter: Letter, place: str, start: int) -> int | None:
        """Lay out one message from character `start` of its text; where it had to stop."""
        text = letter.written.text if letter.written else ""
        above = [letter.title(self._zone, self._labels, place)]
        if start:
            above.append(f"From: {letter.sender.text(self._fence)} (continued)")
        else:
            differs = _bare(letter.subject) != _bare(item.letters[0].subject)
            subject = item.total == 1 or differs
            above += letter.head(self._fence, self._zone, subject=subject)
        below = list(letter.tail())
        fixed = _bytes(above) + _bytes(below)
        least = min(_SHORTEST, len(text[start:].encode()))
        if self.lines and fixed + least + _SPARE > self._room:
            return start
        self._add(*above)
        if text.strip():
            shown = self._body(text, start, max(_SHORTEST, self._room - _bytes(below) - _SPARE))
            if shown is not None:
                return shown
        self._add(*below, "")
        return None

    def _body(self, text: str, start: int, room: int) -> int | None:
        fitting = len(text[start:].encode()[:room].decode(errors="ignore"))
        cut = piece(text, start, fitting)
        self._add(self._fence.block(_KIND, cut.text))
        if cut.end is None:
            return None
        self._add(f"[cut here: {cut.left:,} more characters of this message]")
        return cut.end

    def _add(self, *lines: str) -> None:
        self.lines += lines
        self._room -= _bytes(lines)


def _bytes(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _bare(subject: str) -> str:
    """A subject without the marks of answers and forwards."""
    bare = subject.strip().casefold()
    while bare.startswith(_REPLY):
        bare = bare.partition(":")[2].strip()
    return bare
