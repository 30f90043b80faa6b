"""The one way to build an address of Google's: no id can leave its collection.

MESSAGES = collection("https://gmail.googleapis.com/gmail/v1/users/me/messages")
MESSAGES.item("18c2f").sub("attachments").item(attachment_id)
MESSAGES.sub("send")
DOCUMENTS.item("1abc").verb("batchUpdate")
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from workspace_mcp.errors import ArgumentError

_ID = re.compile(r"[A-Za-z0-9_.@%:+=~!' -]{1,1024}", re.ASCII)
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Resource:
    """An address (`url`, without query) and its `template`, which holds no id: for logs, policy."""

    url: str
    template: str

    def item(self, identifier: str) -> "Resource":
        """One member of this collection; the id becomes exactly one path segment.

        Raises:
            ArgumentError: the id is empty, too long, a dot segment, or has characters that no
                id of Google's has (`/`, `?`, `#`, `\\`, control characters, anything not ASCII).
        """
        if not _ID.fullmatch(identifier) or set(identifier) <= {"."} or "%" in identifier:
            shown = re.sub(r"[^ -~]", "?", identifier)[:60]
            raise ArgumentError(
                f"{shown!r} is not an id.",
                "Give an id exactly as an earlier answer shows it. A file's id: drive_search, by its name."
                if "/" in identifier or " " in identifier
                else "Give an id exactly as an earlier answer shows it.",
            )
        return Resource(f"{self.url}/{quote(identifier, safe='')}", f"{self.template}/{{id}}")

    def segment(self, text: str) -> "Resource":
        """One path segment of a text that is no id, such as a range: everything in it is quoted.

        Raises:
            ArgumentError: it is empty, too long, or only dots.
        """
        if not 1 <= len(text) <= 1024 or set(text) <= {"."}:
            raise ArgumentError("That is no range.")
        return Resource(f"{self.url}/{quote(text, safe='')}", f"{self.template}/{{text}}")

    def sub(self, name: str) -> "Resource":
        """The collection or method `name` below this address."""
        if not _WORD.fullmatch(name):
            raise ValueError(name)
        return Resource(f"{self.url}/{name}", f"{self.template}/{name}")

    def verb(self, name: str) -> "Resource":
        """A custom method, such as `:batchUpdate`."""
        if not _WORD.fullmatch(name):
            raise ValueError(name)
        return Resource(f"{self.url}:{name}", f"{self.template}:{name}")


def collection(url: str) -> Resource:
    """A constant address of Google's."""
    if not re.fullmatch(r"https://[a-z]+\.googleapis\.com(/[A-Za-z0-9.]+)+", url):
        raise ValueError(url)
    return Resource(url, url)
