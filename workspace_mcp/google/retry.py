"""When to send a request again. No I/O."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_ATTEMPTS: Final = 4
LONGEST_PAUSE: Final = 30.0
"""Seconds; a longer wish of Google's is told to the model instead of waited for."""
BUDGET: Final = 20.0
"""Seconds that the pauses of one request may take in all, unless Google names its wish."""
TURNED_AWAY: Final = frozenset({
    "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED",
    "sharingRateLimitExceeded",
})  # fmt: skip
"""Reasons of a 403 or 429 that say: not now."""
_SERVER_ERRORS: Final = frozenset({500, 502, 503, 504})


def pause(
    attempt: int, status: int, *, reason: str = "", retry_after: float | None = None, safe: bool
) -> float | None:
    """Seconds to wait before attempt `attempt + 1`, or None to give up.

    `attempt` counts from 1. `status` is HTTP's; 0 stands for a broken connection. `safe` says that
    sending twice does no harm; an unsafe request is repeated only when Google says that it was
    turned away. `retry_after` is Google's own wish in seconds and wins over our doubling.

    Source: developers.google.com/workspace/gmail/api/guides/handle-errors
    """
    turned_away = status == 429 or (status == 403 and reason in TURNED_AWAY)
    broken = safe and (status == 0 or status in _SERVER_ERRORS)
    if attempt >= MAX_ATTEMPTS or not (turned_away or broken):
        return None
    if retry_after is not None:
        return retry_after if retry_after <= LONGEST_PAUSE else None
    return min(2.0 ** (attempt - 1), LONGEST_PAUSE)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for; None when it is absent or nonsense.

    Both forms are read: seconds, and an HTTP date.

    Source: RFC 9110, 10.2.3
    """
    if not header:
        return None
    text = header.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
