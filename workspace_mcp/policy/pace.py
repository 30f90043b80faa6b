"""How many changes left in the last minute, so that what runs away stops."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from workspace_mcp.errors import PolicyError

_MINUTE: Final = 60.0


class Pace:
    """Counts the changes of this process. `now`: seconds that never go back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left: deque[float] = deque()

    def spend(self, most: int) -> None:
        """Count one change before it happens.

        Raises:
            PolicyError: there were `most` in the last minute.
        """
        now = self._now()
        while self._left and now - self._left[0] >= _MINUTE:
            self._left.popleft()
        if len(self._left) >= most:
            wait = int(_MINUTE - (now - self._left[0])) + 1 if self._left else int(_MINUTE)
            raise PolicyError(
                f"There were {most} changes in the last minute, which is the limit. "
                "This one was not made.",
                f"Go on in {wait} seconds, from there; or the person raises it: --per-minute.",
            )
        self._left.append(now)
