"""What a segment of a Doc consists of: one unit for each index, as Google counts. No I/O.

Text is kept by UTF-16 code unit, so an emoji is two. A newline ends a paragraph and carries its
style and bullet. Tables are kept as Google's indices have them: one unit where the table, each row
and each cell starts, one where the table ends.

Source: developers.google.com/workspace/docs/api/concepts/structure
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Style = Mapping[str, Any]
PLAIN: Final[Style] = {}
_STRIPPED: Final = re.compile("[\x00-\x08\x0c-\x1f\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Unit:
    """One index. `kind` is "" for text, else what stands there; `value` belongs to the kind."""

    char: str = ""
    style: Style = field(default_factory=dict[str, Any])
    kind: str = ""
    value: Mapping[str, Any] = field(default_factory=dict[str, Any])
    paragraph: Style = field(default_factory=dict[str, Any])
    bullet: Mapping[str, Any] | None = None
    inserted: str = ""
    deleted: str = ""
    ranges: frozenset[str] = frozenset()

    @property
    def ends_paragraph(self) -> bool:
        """Whether it is a newline."""
        return self.char == "\n"

    @property
    def inline(self) -> bool:
        """Whether it stands in a paragraph."""
        return self.kind not in MARKERS


MARKERS: Final = frozenset({"table", "row", "cell", "end", "section"})


def stripped(text: str) -> str:
    """`text` without what `insertText` strips."""
    return _STRIPPED.sub("", text)


def code_units(text: str) -> list[str]:
    """UTF-16 code units, each as a string of its own."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [chr(int.from_bytes(data[at : at + 2], "little")) for at in range(0, len(data), 2)]


def text_of(units: Iterable[Unit]) -> str:
    """The text of units, surrogates joined again."""
    joined = "".join(unit.char for unit in units)
    return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def splits_pair(units: Sequence[Unit], at: int) -> bool:
    """Whether `at` lies between the two halves of a character."""
    return (
        0 < at < len(units)
        and "\udc00" <= units[at].char <= "\udfff"
        and "\ud800" <= units[at - 1].char <= "\udbff"
    )
