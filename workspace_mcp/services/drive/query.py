"""What a model looks for → Drive's search language. No I/O.

Source: developers.google.com/workspace/drive/api/guides/ref-search-terms
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, tzinfo
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.services.drive.files import word
from workspace_mcp.services.drive.kinds import TYPES, Type

_TERM: Final = re.compile(
    r"\b(?:name|fullText|mimeType|modifiedTime|viewedByMeTime|createdTime|sharedWithMeTime|visibility|"
    r"shortcutDetails\.targetId)\s*(?:contains|!=|<=|>=|=|<|>)\s*'"
    r"|'\s+in\s+(?:parents|owners|writers|readers)\b"
    r"|\b(?:trashed|starred|sharedWithMe)\s*!?=\s*(?:true|false)\b"
    r"|\b(?:properties|appProperties)\s+has\s*\{"
)
_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_WORD: Final = re.compile(r'"[^"]+"|[^\s"]+')


def is_query(text: str) -> bool:
    """Whether a text is written in Drive's search language, and not in plain words."""
    return _TERM.search(text) is not None


def names_term(text: str, term: str) -> bool:
    """Whether a query uses a term outside of its quoted values."""
    return re.search(rf"\b{term}\b", _QUOTED.sub("''", text)) is not None


def words(text: str) -> str:
    """Plain words as a query: all of them in the text or the name; `"…"` in a row, `-word` not at all.

    `OR` between two of them asks for either. Google matches whole words in texts, and beginnings of
    words in names: so both are asked for.
    """
    found = _WORD.findall(text)
    without = [one[1:] for one in found if one.startswith("-") and len(one) > 1]
    groups = _groups([one for one in found if not (one.startswith("-") and len(one) > 1)])
    alone = [one[0] for one in groups if len(one) == 1]
    terms = [f"fullText contains {word(one)}" for one in alone if one.startswith('"')]
    if plain := [one for one in alone if not one.startswith('"')]:
        names = " and ".join(f"name contains {word(one)}" for one in plain)
        full = f"fullText contains {word(' '.join(plain))}"
        terms.append(f"({full} or ({names}))" if len(plain) > 1 else f"({full} or {names})")
    terms += [f"({' or '.join(map(_either, one))})" for one in groups if len(one) > 1]
    terms += [f"not fullText contains {word(one)}" for one in without]
    return " and ".join(terms)


def _groups(wanted: Sequence[str]) -> list[list[str]]:
    """Words that `OR` joins, together; each other one by itself. An `OR` at an end joins nothing."""
    groups: list[list[str]] = []
    joins = False
    for one in wanted:
        if one == "OR":
            joins = bool(groups)
        elif joins:
            groups[-1].append(one)
            joins = False
        else:
            groups.append([one])
    return groups


def _either(one: str) -> str:
    full = f"fullText contains {word(one)}"
    return full if one.startswith('"') else f"{full} or name contains {word(one)}"


def bound(name: str, text: str, zone: tzinfo, *, end: bool = False) -> str:
    """A date or time as Drive takes it; a bare date is its first moment in `zone`, or its last.

    Raises:
        ArgumentError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            found = datetime.combine(found.date(), time(23, 59, 59) if end else time(0), zone)
        elif found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError):
        raise ArgumentError(f"{name} is no date.", "Write it like 2026-11-20.") from None


def joined(terms: Sequence[str]) -> str:
    """Terms that must all hold."""
    return " and ".join(term for term in terms if term)


def of_type(kind: Type) -> str:
    """Terms for a kind of file."""
    terms = TYPES[kind]
    return terms[0] if len(terms) == 1 else f"({' or '.join(terms)})"
