"""What a person checks before a message leaves: from, to, cc, bcc, subject, files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.mime import Built
from workspace_mcp.formats.payload import mail
from workspace_mcp.formats.show import size
from workspace_mcp.services.gmail.sender import Person, decoded, people, quoted
from workspace_mcp.services.gmail.summary import header_map

_SHOWN: Final = 60
"""People or files of one line; more are counted."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Headers and files of a message, as they stand in its bytes. Files are (name, size)."""

    sender: Sequence[Person]
    to: Sequence[Person]
    cc: Sequence[Person]
    bcc: Sequence[Person]
    subject: str
    files: Sequence[tuple[str, int]] = ()

    @classmethod
    def of(cls, built: Built) -> Self:
        """Of a message that was built here, read back from its finished bytes."""
        sender, to, cc, bcc = (
            tuple(Person(one.name, one.email) for one in group)
            for group in (built.sender, built.to, built.cc, built.bcc)
        )
        return cls(sender, to, cc, bcc, built.subject, built.attachments)

    @classmethod
    def from_api(cls, payload: Mapping[str, Any]) -> Self:
        """Of the `payload` of a message with `format=full`."""
        headers = header_map(payload)
        sender, to, cc, bcc = (
            people(headers.get(name, "")) for name in ("from", "to", "cc", "bcc")
        )
        files = [(decoded(leaf.name) or leaf.mime, leaf.size) for leaf in mail(payload).attachments]
        return cls(sender, to, cc, bcc, decoded(headers.get("subject", "")), files)

    @property
    def recipients(self) -> frozenset[str]:
        """Every address that gets it, lower-case."""
        return frozenset(one.address.lower() for one in (*self.to, *self.cc, *self.bcc))

    def lines(self, fence: Fence) -> Iterator[str]:
        """A line each; empty ones are left out, but not To when nobody gets it."""
        for name in ("sender", "to", "cc", "bcc"):
            found: Sequence[Person] = getattr(self, name)
            if found or (name == "to" and not self.recipients):
                shown = _some([one.text(fence) for one in found]) or "nobody yet"
                yield f"{'From' if name == 'sender' else name.capitalize()}: {shown}"
        yield f"Subject: {quoted(fence.line(self.subject, 300) or '(no subject)')}"
        if self.files:
            shown = [f"{quoted(fence.line(name, 80))} {size(count)}" for name, count in self.files]
            yield f"Files: {_some(shown)}"


def _some(parts: Sequence[str]) -> str:
    more = len(parts) - _SHOWN
    return ", ".join([*parts[:_SHOWN], f"and {more} more"] if more > 0 else parts)
