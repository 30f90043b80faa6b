"""One account's mail in memory: messages, threads, labels, drafts, history, settings.

Semantics are Google's; HTTP is `api.py`'s business.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses
from typing import Any, Final

from workspace_mcp.demo.gmail import mime
from workspace_mcp.demo.gmail.letters import (
    bare_subject,
    completed,
    compose,
    criteria_query,
    recipients,
    stamped,
)
from workspace_mcp.demo.gmail.query import Searchable
from workspace_mcp.demo.gmail.records import SYSTEM, Change, Label, Mail
from workspace_mcp.demo.http import Refusal
from workspace_mcp.demo.uploads import Sessions

_UNSETTABLE: Final = frozenset({"SENT", "DRAFT", "CHAT"})
HISTORY_KEPT: Final = 5_000


@dataclass
class Mailbox:
    """The mail of `email`. `numbers` gives ids, `now` the time, `post` delivers to others."""

    email: str
    name: str
    numbers: Callable[[], int]
    now: Callable[[], datetime]
    post: Callable[["Mailbox", bytes], None]
    mails: dict[str, Mail] = field(default_factory=dict[str, Mail])
    drafts: dict[str, str] = field(default_factory=dict[str, str])
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    filters: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    vacation: dict[str, Any] = field(default_factory=dict[str, Any])
    send_as: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    history: list[Change] = field(default_factory=list[Change])
    history_id: int = 1000
    uploads: Sessions = field(default_factory=Sessions)
    _fetches: int = 0

    def __post_init__(self) -> None:
        for name in SYSTEM:
            self.labels.setdefault(name, Label(name, name, "hide", "labelHide"))
        if not self.send_as:
            self.send_as.append(
                {"sendAsEmail": self.email, "displayName": self.name, "replyToAddress": "",
                 "signature": "", "isPrimary": True, "isDefault": True}
            )  # fmt: skip
        self.vacation = self.vacation or {"enableAutoReply": False}

    # Reading

    def find(self, identifier: str) -> Mail:
        """A message.

        Raises:
            Refusal: 400 when it cannot be an id, 404 when there is none.
        """
        if not re.fullmatch(r"[0-9a-f]{1,16}", identifier):
            raise Refusal(400, "Invalid id value", "invalidArgument")
        if identifier not in self.mails:
            raise Refusal(404, "Requested entity was not found.")
        return self.mails[identifier]

    def thread(self, identifier: str) -> list[Mail]:
        """A thread's messages, oldest first.

        Raises:
            Refusal: 404 when there is none.
        """
        found = [mail for mail in self.mails.values() if mail.thread_id == identifier]
        if not found:
            raise Refusal(404, "Requested entity was not found.")
        return sorted(found, key=lambda mail: (mail.at_ms, mail.id))

    def newest_first(self) -> list[Mail]:
        """Every message."""
        return sorted(self.mails.values(), key=lambda mail: (mail.at_ms, mail.id), reverse=True)

    def searchable(self, mail: Mail) -> Searchable:
        """What a query sees of a message."""
        names = frozenset(
            re.sub(r"[\s/]+", "-", self.labels[one].name.lower())
            for one in mail.labels
            if one in self.labels and not self.labels[one].system
        )
        return Searchable(
            mail.id, frozenset(mail.labels), names,
            datetime.fromtimestamp(mail.at_ms / 1000, UTC), len(mail.raw), mail.header("From"),
            mail.header("To"), mail.header("Cc"), mail.header("Bcc"), mail.header("Subject"),
            mime.visible_text(mail.message), mail.files, mail.header("Message-ID"),
            mail.header("List-ID"), mail.header("Delivered-To"),
        )  # fmt: skip

    def attachment_id(self, mail: Mail, part_id: str) -> str:
        """An id that works for this fetch's message and part, and is another at the next fetch."""
        self._fetches += 1
        return "ANGj" + mime.encode(f"{self._fetches}:{mail.id}:{part_id}".encode()).rstrip("=")

    def attachment(self, mail: Mail, identifier: str) -> bytes:
        """The bytes of an attachment.

        Raises:
            Refusal: 400 when the id is not one of this message.
        """
        try:
            _, owner, part_id = mime.decode(identifier.removeprefix("ANGj")).decode().split(":")
        except ValueError:
            raise Refusal(400, "Invalid attachment token", "invalidArgument") from None
        part = mime.part_at(mail.message, part_id) if owner == mail.id else None
        if part is None:
            raise Refusal(400, "Invalid attachment token", "invalidArgument")
        return mime.content(part)

    # Changing

    def new_id(self) -> str:
        """16 hexadecimal digits, counted up."""
        return f"{0x19A0000000000000 + self.numbers():016x}"

    def note(self, kind: str, mail: Mail, labels: tuple[str, ...] = ()) -> None:
        """Write one line of history."""
        self.history_id += 1
        mail.history_id = self.history_id
        self.history.append(Change(self.history_id, kind, mail, labels))
        del self.history[:-HISTORY_KEPT]

    def insert(
        self, raw: bytes, labels: set[str], *, thread_id: str | None = None,
        at_ms: int | None = None,
    ) -> Mail:  # fmt: skip
        """Put a message in; it joins a thread as Google's rules have it."""
        message = mime.parse(raw)
        identifier = self.new_id()
        thread = self._thread_for(message, thread_id) or identifier
        now_ms = int(self.now().timestamp() * 1000)
        mail = Mail(identifier, thread, raw, now_ms if at_ms is None else at_ms, set(labels), 0)
        self.mails[identifier] = mail
        self.note("messagesAdded", mail, tuple(sorted(labels)))
        return mail

    def _thread_for(self, message: Message, asked: str | None) -> str | None:
        """The thread that a message joins: References and a like Subject decide, not the wish alone."""
        named = set(
            re.findall(
                r"<[^<>\s]+>", f"{message.get('References', '')} {message.get('In-Reply-To', '')}"
            )
        )
        subject = bare_subject(mime.header(message, "Subject"))
        for mail in self.mails.values():
            if (
                mail.header("Message-ID") in named
                and bare_subject(mail.header("Subject")) == subject
            ):
                return mail.thread_id
        if asked is not None:
            there = self.thread(asked)
            if bare_subject(there[0].header("Subject")) == subject and (named or len(there) == 0):
                return asked
        return None

    def relabel(self, mail: Mail, add: set[str], remove: set[str]) -> None:
        """Change labels, and write it down.

        Raises:
            Refusal: 400 for an unknown label, or one that only Google sets.
        """
        for one in add | remove:
            if one not in self.labels:
                raise Refusal(400, f"Invalid label: {one}", "invalidArgument")
            if one in _UNSETTABLE:
                raise Refusal(400, f"Cannot modify label: {one}", "invalidArgument")
        if "TRASH" in add:
            remove = remove | ({"INBOX", "SPAM"} - add)
        if "SPAM" in add:
            remove = remove | ({"INBOX"} - add)
        new, gone = add - mail.labels, remove & mail.labels - add
        mail.labels = (mail.labels | add) - (remove - add)
        if new:
            self.note("labelsAdded", mail, tuple(sorted(new)))
        if gone:
            self.note("labelsRemoved", mail, tuple(sorted(gone)))

    def remove(self, mail: Mail) -> None:
        """Delete for good."""
        del self.mails[mail.id]
        for draft in [key for key, value in self.drafts.items() if value == mail.id]:
            del self.drafts[draft]
        self.note("messagesDeleted", mail)

    def send(self, raw: bytes, thread_id: str | None = None) -> Mail:
        """Send: a copy under SENT, one to each inbox here that it is for.

        Raises:
            Refusal: 400 without recipients, or from an address that is not the account's.
        """
        message = mime.parse(raw)
        self._check_sender(message)
        people = recipients(message)
        if not people:
            raise Refusal(400, "Recipient address required", "invalidArgument")
        finished = completed(
            raw, self.email, self.name, f"<{self.new_id()}@mail.gmail.com>", self.now()
        )
        mail = self.insert(finished, {"SENT"}, thread_id=thread_id)
        self.post(self, finished)
        return mail

    def _check_sender(self, message: Message) -> None:
        given = [address for _, address in getaddresses([str(message.get("From", ""))]) if address]
        mine = {alias["sendAsEmail"].lower() for alias in self.send_as}
        if given and given[0].lower() not in mine:
            raise Refusal(400, "Invalid From header", "invalidArgument")

    def deliver(
        self,
        sender: str,
        subject: str = "",
        text: str = "",
        *,
        html: str | None = None,
        to: str | None = None,
        cc: str = "",
        at_ms: int | None = None,
        unread: bool = True,
        headers: dict[str, str] | None = None,
        attachments: tuple[tuple[str, str, bytes], ...] = (),
        reply_to: Mail | None = None,
        labels: tuple[str, ...] = ("INBOX",),
        raw: bytes | None = None,
    ) -> Mail:
        """A message comes in, as tests and scenarios want it. Attachments: (name, type, bytes)."""
        moment = self.now() if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)
        if raw is None:
            raw = compose(
                sender, to or self.email, subject, text, html=html, cc=cc, at=moment,
                message_id=f"<{self.numbers()}@mail.example>",
                headers=stamped(sender, self.email, headers or {}),
                attachments=attachments, reply_to=reply_to,
            )  # fmt: skip
        received = set(labels) | ({"UNREAD"} if unread else set())
        mail = self.insert(raw, received, at_ms=at_ms)
        self._filter(mail)
        return mail

    def receive(self, raw: bytes) -> Mail:
        """A message of another account of this world comes in."""
        without = re.sub(
            rb"(?im)^bcc:.*\r?\n([ \t].*\r?\n)*", b"", raw.split(b"\r\n\r\n", 1)[0] + b"\r\n"
        )
        rest = raw.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in raw else b""
        mail = self.insert(without + b"\r\n" + rest, {"INBOX", "UNREAD"})
        self._filter(mail)
        return mail

    def _filter(self, mail: Mail) -> None:
        from workspace_mcp.demo.gmail.query import understand

        seen = self.searchable(mail)
        for one in self.filters.values():
            if understand(criteria_query(one.get("criteria", {})), self.now()).test(seen):
                action = one.get("action", {})
                self.relabel(
                    mail, set(action.get("addLabelIds", ())) & set(self.labels),
                    set(action.get("removeLabelIds", ())) & set(self.labels),
                )  # fmt: skip

    def new_draft(self, raw: bytes, thread_id: str | None) -> str:
        """Keep a draft; its id."""
        identifier = f"r{0x2A00000000 + self.numbers()}"
        self.drafts[identifier] = self._draft_message(raw, thread_id).id
        return identifier

    def _draft_message(self, raw: bytes, thread_id: str | None) -> Mail:
        self._check_sender(mime.parse(raw))
        finished = completed(
            raw, self.email, self.name, f"<{self.new_id()}@mail.gmail.com>", self.now()
        )
        return self.insert(finished, {"DRAFT"}, thread_id=thread_id)

    def draft(self, identifier: str) -> Mail:
        """A draft's message.

        Raises:
            Refusal: 404 when there is none.
        """
        if identifier not in self.drafts:
            raise Refusal(404, "Requested entity was not found.")
        return self.mails[self.drafts[identifier]]

    def update_draft(self, identifier: str, raw: bytes, thread_id: str | None) -> None:
        """Another text for a draft, which gets another message id by it."""
        old = self.draft(identifier)
        new = self._draft_message(raw, thread_id or None)
        if thread_id is None and new.thread_id != old.thread_id:
            new.thread_id = old.thread_id
        del self.mails[old.id]
        self.note("messagesDeleted", old)
        self.drafts[identifier] = new.id

    def send_draft(self, identifier: str) -> Mail:
        """Send a draft, which is no draft afterwards."""
        old = self.draft(identifier)
        sent = self.send(old.raw, old.thread_id if len(self.thread(old.thread_id)) > 1 else None)
        self.remove(old)
        return sent

    def user_labels(self) -> Iterator[Label]:
        """The person's own."""
        return (label for label in self.labels.values() if not label.system)

    def new_label(self, name: str) -> Label:
        """A label of the person's.

        Raises:
            Refusal: 400 for no name, 409 for one that exists.
        """
        if not name.strip() or len(name) > 225:
            raise Refusal(400, "Invalid label name", "invalidArgument")
        taken = {label.name.lower() for label in self.labels.values()}
        if name.lower() in taken or name.upper() in SYSTEM:
            raise Refusal(409, "Label name exists or conflicts", "aborted")
        label = Label(f"Label_{self.numbers()}", name)
        self.labels[label.id] = label
        return label

    def renamed(self, label: Label, name: str) -> Label:
        """The label under another name.

        Raises:
            Refusal: 409 for a name that exists.
        """
        others = {one.name.lower() for one in self.labels.values() if one.id != label.id}
        if name.lower() in others:
            raise Refusal(409, "Label name exists or conflicts", "aborted")
        self.labels[label.id] = replace(label, name=name)
        return self.labels[label.id]
