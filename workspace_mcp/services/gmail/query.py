"""Gmail's search language, where ours differs from it: dates are the person's own. No I/O.

Source: developers.google.com/workspace/gmail/api/guides/filtering,
support.google.com/mail/answer/7190
"""

import re
from datetime import datetime, tzinfo
from typing import Final

INBOX: Final = "in:inbox"

_DATED: Final = re.compile(
    r'"[^"]*"|(?<![\w:])(after|before|newer|older):(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?![\w/-])',
    re.IGNORECASE,
)
_EVERYWHERE: Final = re.compile(
    r"(?<![\w:])(?:in|is|label):\"?(?:anywhere|spam|trash|bin|junk)\b", re.IGNORECASE
)


def local_dates(query: str, zone: tzinfo) -> str:
    """`query` with days counted in `zone`.

    Google takes `after:2026/11/20` for midnight in California; a number of seconds since 1970 is
    exact. Text in quotation marks and dates that do not exist stay as they are.
    """

    def exact(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        try:
            midnight = datetime(int(found[2]), int(found[3]), int(found[4]), tzinfo=zone)
            return f"{found[1]}:{midnight.timestamp():.0f}"
        except (ValueError, OverflowError, OSError):
            return found[0]

    return _DATED.sub(exact, query)


def includes_spam_and_trash(query: str) -> bool:
    """Whether `query` names the places that Google leaves out unless told."""
    return _EVERYWHERE.search(query) is not None


def fit_for_google(query: str, zone: tzinfo) -> str:
    """What to send as `q`: an empty query means the inbox."""
    return local_dates(query.strip(), zone) or INBOX
