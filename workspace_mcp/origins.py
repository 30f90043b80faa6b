"""With which account an id was found: it is used with that account alone. No I/O."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from workspace_mcp.errors import ArgumentError

_SHOWN: Final = re.compile(r"\[([A-Za-z0-9_=-]{10,})\]")
_MOST: Final = 50_000


class Origins:
    """Ids as answers showed them, and the accounts of those answers."""

    def __init__(self) -> None:
        self._found: dict[str, set[str]] = {}

    def note(self, account: str, text: str) -> None:
        """Remember the ids of an answer; the oldest are forgotten."""
        for identifier in _SHOWN.findall(text):
            self._found.setdefault(identifier, set()).add(account)
        while len(self._found) > _MOST:
            del self._found[next(iter(self._found))]

    def check(self, account: str, arguments: Mapping[str, Any]) -> None:
        """Nothing, unless an argument is an id that was found with other accounts alone.

        Raises:
            ArgumentError: naming the account that it belongs to.
        """
        for text in _texts(arguments):
            known = self._found.get(text)
            if known and account not in known:
                other = sorted(known)[0]
                raise ArgumentError(
                    f"{text} was found as {other}, and this call is for {account}. Nothing was done.",
                    f'Repeat the call with account="{other}", or find the item as {account} first.',
                )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(one)
    elif isinstance(value, Mapping):
        for one in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(one)
