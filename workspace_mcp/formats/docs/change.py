"""What one edit of a Doc comes to. No I/O."""

from dataclasses import dataclass

from workspace_mcp.formats.docs.requests import Note, Request, Where


@dataclass(frozen=True, slots=True)
class Change:
    """Requests for one place, whose indices are those of the document as it was read.

    Changes are applied from the last place to the first, so none moves another.
    """

    where: Where
    start: int
    end: int
    requests: tuple[Request, ...]
    before: str
    after: str
    notes: tuple[Note, ...] = ()
