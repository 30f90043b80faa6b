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

    Google matches whole words in texts, and beginnings of words in names: so both are asked for.
    """
    found = _WORD.findall(text)
    without = [one[1:] for one in found if one.startswith("-") and len(one) > 1]
    wanted = [one for one in found if not (one.startswith("-") and len(one) > 1)]
    phrases = [one for one in wanted if one.startswith('"')]
    plain = " ".join(one for one in wanted if not one.startswith('"'))
    terms = [f"fullText contains {word(one)}" for one in phrases]
    if plain:
        names = " and ".join(f"name contains {word(one)}" for one in plain.split())
        full = f"fullText contains {word(plain)}"
        terms.append(f"({full} or ({names}))" if " " in plain else f"({full} or {names})")
    terms += [f"not fullText contains {word(one)}" for one in without]
    return " and ".join(terms)


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
