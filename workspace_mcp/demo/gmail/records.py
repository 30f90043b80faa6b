"""What a mailbox holds: messages, labels, lines of history."""

from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from typing import Final

from workspace_mcp.demo.gmail import mime

SYSTEM: Final = (
    "CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "CATEGORY_FORUMS",
    "CATEGORY_UPDATES", "CATEGORY_PERSONAL", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "STARRED",
    "UNREAD",
)  # fmt: skip
_HIDDEN: Final = frozenset({"SPAM", "TRASH"})


@dataclass(slots=True)
class Label:
    """A label; `colour` is (background, text) or None."""

    id: str
    name: str
    message_visibility: str = "show"
    list_visibility: str = "labelShow"
    colour: tuple[str, str] | None = None

    @property
    def system(self) -> bool:
        """Google's own, or a person's."""
        return self.id in SYSTEM


@dataclass
class Mail:
    """One message. `raw` never changes, `labels` do."""

    id: str
    thread_id: str
    raw: bytes
    at_ms: int
    labels: set[str]
    history_id: int

    @cached_property
    def message(self) -> Message:
        """Taken apart."""
        return mime.parse(self.raw)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Names of attachments."""
        return tuple(name for part in self.message.walk() if (name := mime.filename(part)))

    def header(self, name: str) -> str:
        """A header as a person reads it, or ""."""
        return mime.header(self.message, name)

    @property
    def hidden(self) -> bool:
        """In spam or trash, which searches leave out."""
        return bool(self.labels & _HIDDEN)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history."""

    id: int
    kind: str
    mail: Mail
    labels: tuple[str, ...] = ()
