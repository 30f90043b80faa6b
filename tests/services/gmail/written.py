"""Mail that the tools wrote, taken apart by Python's own parser, and mail to answer."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

from workspace_mcp.demo.gmail.records import Mail

NINE = 1_795_165_200_000
"""2026-11-20 09:00 UTC."""
MINUTE = 60_000


@dataclass(frozen=True)
class Written:
    """One message as the other side gets it."""

    message: EmailMessage
    thread_id: str

    def __getitem__(self, name: str) -> str:
        values = self.message.get_all(name, [])
        assert len(values) <= 1, f"{name} is there twice"
        return str(values[0]) if values else ""

    @property
    def names(self) -> set[str]:
        """Every header's name, in lower case."""
        return {name.lower() for name, _ in self.message.items()}

    @property
    def text(self) -> str:
        """The plain part."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert isinstance(part, EmailMessage)
        return part.get_content().replace("\r\n", "\n").rstrip("\n")

    @property
    def files(self) -> list[tuple[str, str, bytes]]:
        """Name, type and bytes of everything with a file name."""
        return [
            (
                part.get_filename() or "",
                part.get_content_type(),
                _data(part),
            )
            for part in self.message.walk()
            if part.get_filename()
        ]

    @property
    def pictures(self) -> dict[str, bytes]:
        """Content-ID → bytes."""
        return {
            str(part["Content-ID"]).strip("<>"): _data(part)
            for part in self.message.walk()
            if part["Content-ID"]
        }


def _data(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def written(mail: Mail) -> Written:
    """A message of the demo's."""
    message = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Written(message, mail.thread_id)


def only_draft(gmail: Any) -> Written:
    """The mailbox's one draft."""
    assert len(gmail.drafts) == 1
    return written(gmail.draft(next(iter(gmail.drafts))))


def draft_id(gmail: Any) -> str:
    """The id of the mailbox's one draft."""
    assert len(gmail.drafts) == 1
    return next(iter(gmail.drafts))


def sent(gmail: Any) -> list[Written]:
    """What was sent, newest first."""
    return [written(mail) for mail in gmail.newest_first() if "SENT" in mail.labels]


def raw(*lines: str) -> bytes:
    """A message of these lines, as it came over the wire."""
    return "\r\n".join(lines).encode()
