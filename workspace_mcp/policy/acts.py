"""What a person is asked about before it happens, and what they said beforehand. No I/O."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from workspace_mcp.policy.effects import OUTWARD, Reach
from workspace_mcp.policy.rules import Ask, own_domain

SHORT: Final = 1200
"""Characters of a text that a client's form shows; the terminal shows all."""


class Standing(StrEnum):
    """Acts that a person approved once and for all, at a terminal."""

    OWN_DOMAIN = "own_domain"
    """Mail to people of the account's own organisation."""
    REPLIES = "replies"
    """Replies to people of the same thread, to whom was written before."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act that reaches others or deletes. Texts are cleaned; foreign ones are in `lines` and `text`."""

    kind: Reach
    title: str
    """In our own words: "Send mail"."""
    lines: tuple[str, ...]
    """What exactly: who gets it, the subject, the files; or what goes."""
    people: frozenset[str] = frozenset()
    """Every address that it reaches, in small letters."""
    text: str = ""
    """The whole text that goes out."""
    digest: str = ""
    """What tells these bytes from others."""
    reply: bool = False
    """Whether everybody it reaches is part of the thread already."""
    final: bool = False
    """Whether it cannot be taken back by anything."""
    requests: int = 1
    """How many requests of this kind it takes."""

    @property
    def lost(self) -> str:
        """What of it cannot be taken back; "" when the journal knows better."""
        if self.kind in {Reach.SENDS, Reach.RUNS}:
            return "what went out"
        return "what is deleted for good" if self.final else ""

    def mark(self, account: str) -> str:
        """What tells this act from every other: a yes counts for it alone."""
        parts = (
            account,
            self.kind.value,
            self.title,
            *self.lines,
            *sorted(self.people),
            self.text,
            self.digest,
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Doubts:
    """Who of those that an act reaches is new, and who was only named by what strangers wrote."""

    new: tuple[str, ...] = ()
    named: tuple[str, ...] = field(default=())

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.new or self.named)

    def lines(self) -> list[str]:
        """A line each kind."""
        new = [one for one in self.new if one != "anyone"]  # with a link: nobody's contact
        found = [f"First contact: {', '.join(new)}"] if new else []
        return found + (
            [f"Only named in content that was read here: {', '.join(self.named)}"]
            if self.named
            else []
        )


def doubts(
    people: Iterable[str], account: str, known: Iterable[str], heard: Iterable[str]
) -> Doubts:
    """What is odd about those that an act reaches.

    `known`: addresses of the person's own, of contacts, or written to before. `heard`: addresses in
    what strangers wrote, as far as it was read in this session.
    """
    sure, named = frozenset(known) | {account}, frozenset(heard)
    strangers = sorted(one for one in people if one not in sure)
    return Doubts(
        tuple(one for one in strangers if not own_domain(one, account)),
        tuple(one for one in strangers if one in named and own_domain(one, account)),
    )


def asks(act: Act, ask: Ask, standing: Iterable[str], found: Doubts, account: str) -> bool:
    """Whether a person must be asked."""
    if ask is Ask.NEVER:
        return False
    if found.any or act.final or act.kind is Reach.RUNS:
        return True
    if ask is Ask.FIRST_CONTACT:  # who is reached without a name is nobody whom one knows
        return not act.people and act.kind in OUTWARD
    said = frozenset(standing)
    if act.kind is not Reach.SENDS or not act.people:
        return True
    inside = all(own_domain(one, account) or one == account for one in act.people)
    return not (
        (Standing.OWN_DOMAIN in said and inside) or (Standing.REPLIES in said and act.reply)
    )


def question(act: Act, account: str, found: Doubts, *, longest: int = SHORT) -> str:
    """What the person reads: built from parsed values, never from a model's words."""
    lines = [f"{act.title}, as {account}:", *act.lines, *found.lines()]
    if act.text:
        cut = len(act.text) > longest
        lines += ["", act.text[:longest] + ("…" if cut else "")]
        lines += [f"({len(act.text) - longest} characters more)"] if cut else []
    lines += ["", "This cannot be taken back."] if act.final else []
    return "\n".join(lines)
