"""What this process sent a moment ago, so that a repeat by mistake is noticed."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from workspace_mcp.errors import ArgumentError, OutcomeUnknownError, WorkspaceError
from workspace_mcp.google.client import Google
from workspace_mcp.services.gmail.compose import Letter

MINUTES: Final = 10
_KEPT: Final = timedelta(minutes=MINUTES)


@dataclass(slots=True)
class SentLog:
    """Digests of what one account sent, and when."""

    sent: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def check(self, letter: Letter, now: datetime, *, again: bool) -> None:
        """Nothing, when a message did not go lately, so that nobody is asked about it in vain.

        Raises:
            ArgumentError: the same went to the same people, or may have.
        """
        self.sent = {mark: at for mark, at in self.sent.items() if now - at < _KEPT}
        if letter.digest in self.sent and not again:
            raise ArgumentError(
                f"The same mail went to the same people within {MINUTES} minutes, or may have; it "
                "was not sent now.",
                "gmail_search query=in:sent shows it. To send it once more: again=true.",
            )

    @contextmanager
    def once(self, letter: Letter, now: datetime, *, again: bool) -> Generator[None]:
        """Lets a message through that did not go lately.

        It counts as sent from the start, so that two calls at once do not both send it, and when
        the outcome is not known. Only an error that says it was not sent takes it back.

        Raises:
            ArgumentError: the same went to the same people, or may have.
        """
        self.check(letter, now, again=again)
        before = self.sent.get(letter.digest)
        self.sent[letter.digest] = now
        try:
            yield
        except WorkspaceError as error:
            if before is None and not isinstance(error, OutcomeUnknownError):
                self.sent.pop(letter.digest, None)
            raise


_LOGS: Final[WeakKeyDictionary[Google, SentLog]] = WeakKeyDictionary()


def sent_log(google: Google) -> SentLog:
    """The log of the account that `google` is signed in to."""
    return _LOGS.setdefault(google, SentLog())
