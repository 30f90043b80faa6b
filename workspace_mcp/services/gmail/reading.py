"""How mail that was read is laid out: as much as there is room for, and how to go on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Self

from workspace_mcp.formats.clean import clean
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


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of the call that shape its answer."""

    body: str = "markdown"
    last: int | None = None
    offset: int = 0
    limit: int = 10_000
    quoted: bool = False

    def again(self, ids: Sequence[str], offset: int) -> str:
        """The call that goes on at `offset` of the first of `ids`."""
        given = [f"ids={json.dumps(list(ids))}"]
        given += [f'body="{self.body}"'] if self.body != "markdown" else []
        given += ["quoted=true"] if self.quoted else []
        given += [f"last={self.last}"] if self.last is not None else []
        given += [f"offset={offset}"] if offset else []
        given += [f"limit={self.limit}"] if self.limit != Asked.limit else []
        return f"gmail_read({', '.join(given)})"


@dataclass(frozen=True, slots=True)
class Item:
    """A thread, or one message. `letters` are newest first; `of` is how many the thread has."""

    id: str
    letters: Sequence[Letter]
    of: int

    @classmethod
    def of_(cls) -> None: ...
