"""Marks text that strangers wrote, so that a reader can tell it from ours.

One `Fence` an answer; its nonce is random, so no text can close the block it stands in.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from workspace_mcp.formats.clean import clean, clean_line, hidden

_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9_ ,→]{0,48}")


def _nonce() -> str:
    return secrets.token_hex(3)


@dataclass(frozen=True, slots=True)
class Fence:
    """Fences the foreign text of one answer. Tests give a fixed nonce."""

    nonce: str = field(default_factory=_nonce)
    heard: list[str] = field(default_factory=list[str], repr=False, compare=False)
    """All foreign text that went through, as it was shown."""
    dropped: list[int] = field(default_factory=list[int], repr=False, compare=False)
    """How many characters nobody could have seen were dropped, text by text."""

    def block(self, kind: str, text: str) -> str:
        """`text`, cleaned, between two lines that name `kind` ("mail text") and the nonce.

        Raises:
            ValueError: `kind` is not plain words of ours. What strangers call a thing stands inside.
        """
        if not _KIND.fullmatch(kind):
            raise ValueError("the kind of a fence is plain words")
        cleaned = clean(text)
        self._note(text, cleaned)
        return f"--- {kind} {self.nonce} ---\n{cleaned}\n--- end {self.nonce} ---"

    def quoted(self, text: str, limit: int = 200) -> str:
        """`text` on one line in quotes that nothing in it can close: a title, among our own words."""
        return '"' + self.line(text, limit).replace('"', "'") + '"'

    def line(self, text: str, limit: int = 200) -> str:
        """`text` on one line, cleaned; longer than `limit` characters ends in "…"."""
        one = clean_line(text)
        self._note(text, one)
        return one if len(one) <= limit else one[: limit - 1].rstrip() + "…"

    @property
    def notice(self) -> str:
        """What to say of the drops; "" when there were none."""
        count = sum(self.dropped)
        return f"[invisible characters removed: {count:,}]" if count else ""

    def _note(self, text: str, cleaned: str) -> None:
        self.heard.append(cleaned)
        if count := hidden(text):
            self.dropped.append(count)
