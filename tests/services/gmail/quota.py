"""What requests to Gmail cost, by Google's table of 2026.

Source: developers.google.com/workspace/gmail/api/reference/quota
"""

import re

from workspace_mcp.demo.world import World

_COSTS = (
    ("GET", r"/messages", 5),
    ("GET", r"/messages/[^/]+", 20),
    ("GET", r"/messages/[^/]+/attachments/[^/]+", 5),
    ("GET", r"/threads/[^/]+", 40),
    ("GET", r"/history", 2),
    ("GET", r"/labels", 1),
    ("GET", r"/profile", 1),
    ("POST", r"/messages/send", 100),
    ("POST", r"/messages/batchModify", 50),
)


def units(method: str, path: str) -> int:
    """The price of one request."""
    rest = path.removeprefix("/gmail/v1/users/me")
    return next(cost for verb, form, cost in _COSTS if verb == method and re.fullmatch(form, rest))


def spent(world: World) -> int:
    """The price of everything since the last call of this function."""
    total = sum(units(method, path) for method, path, _ in world.requests)
    world.requests.clear()
    return total


def asked(world: World) -> list[str]:
    """The collections that were asked, in order, since the last call of this function."""
    found = [
        path.removeprefix("/gmail/v1/users/me/").split("/")[0] for _, path, _ in world.requests
    ]
    world.requests.clear()
    return found
