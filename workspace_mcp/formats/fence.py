"""Marks text that strangers wrote, so that a reader can tell it from ours.

One `Fence` an answer; its nonce is random, so no text can close the block it stands in.
"""

import secrets
from dataclasses import dataclass, field

from workspace_mcp.formats.clean import clean, clean_line


def _nonce() -> str:
    return secrets.token_hex(3)


@dataclass(frozen=True, slots=True)
class Fence:
    """Fences the foreign text of one answer. Tests give a fixed nonce."""

    nonce: str = field(default_factory=_nonce)
    heard: list[str] = field(default_factory=list[str], repr=False, compare=False)
    """All foreign text that went through, as it was shown."""

    def block(self, kind: str, text: str) -> str:
        """`text`, cleaned, between two lines that name `kind` ("mail text") and the nonce."""
        cleaned = clean(text)
        self.heard.append(cleaned)
        return f"--- {kind} {self.nonce} ---\n{cleaned}\n--- end {self.nonce} ---"

    def line(self, text: str, limit: int = 200) -> str:
        """`text` on one line, cleaned; longer than `limit` characters ends in "…"."""
        one = clean_line(text)
        self.heard.append(one)
        return one if len(one) <= limit else one[: limit - 1].rstrip() + "…"
