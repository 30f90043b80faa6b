"""What the actions of `docs_format` come to, and their one batch. No I/O."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.docs.requests import Request

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Later:
    """Requests that need the id which a reply tells: `make(reply)` gives them."""

    request: int
    make: Callable[[Mapping[str, Any]], list[Request]]
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one action does. `span`: the indices that it moves; None when it moves none."""

    said: str
    requests: list[Request]
    span: tuple[str, int, int] | None = None
    later: tuple[Later, ...] = ()


def together(steps: Sequence[Step]) -> tuple[list[Request], list[Later]]:
    """One batch: what moves nothing first, then the rest from the last place to the first.

    Raises:
        ArgumentError: two steps move the same place.
    """
    still = [one for one in steps if one.span is None and not _is_tab(one)]
    tabs = [one for one in steps if one.span is None and _is_tab(one)]
    moving = sorted(
        ((one.span, number, one) for number, one in enumerate(steps) if one.span is not None),
        key=lambda found: (found[0], found[1]),
    )
    for (one, _, _), (other, _, _) in itertools.pairwise(moving):
        if one[0] == other[0] and other[1] < one[2]:
            raise ArgumentError(
                "Two actions change the same place, and the second depends on the first.",
                "Make them in two calls.",
            )
    requests: list[Request] = []
    later: list[Later] = []
    for one in [*still, *(last[2] for last in reversed(moving)), *tabs]:
        later += [replace(item, request=item.request + len(requests)) for item in one.later]
        requests += one.requests
    return requests, later


def _is_tab(one: Step) -> bool:
    return one.said.endswith("tab_step")
