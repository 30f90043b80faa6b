"""Google's `fields` parameter: only what it names comes back. No I/O.

Source: developers.google.com/workspace/gmail/api/guides/performance#partial
"""

import json
import re
from typing import Any

from workspace_mcp.demo.http import Refusal, Response, answer

Tree = dict[str, "Tree"]


def masked(response: Response, mask: str | None) -> Response:
    """`response` with only the fields of `mask`; as it is without one.

    Raises:
        Refusal: 400 when the mask cannot be read.
    """
    if not mask or response.status != 200 or not response.body:
        return response
    tree, end = _read(mask, 0)
    if end != len(mask):
        raise Refusal(400, f"Invalid field selection {mask}", "invalidParameter")
    return answer(_pick(json.loads(response.body), tree))


def _read(mask: str, at: int) -> tuple[Tree, int]:
    tree: Tree = {}
    while True:
        found = re.compile(r"[A-Za-z0-9_*]+").match(mask, at)
        if found is None:
            raise Refusal(400, f"Invalid field selection {mask}", "invalidParameter")
        name, at = found[0], found.end()
        inner: Tree = {}
        path = [name]
        while mask[at : at + 1] == "/":
            found = re.compile(r"[A-Za-z0-9_*]+").match(mask, at + 1)
            if found is None:
                raise Refusal(400, f"Invalid field selection {mask}", "invalidParameter")
            path.append(found[0])
            at = found.end()
        if mask[at : at + 1] == "(":
            inner, at = _read(mask, at + 1)
            at += 1
        node = tree
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node.setdefault(path[-1], {}).update(inner)
        if mask[at : at + 1] != ",":
            return tree, at
        at += 1


def _pick(value: Any, tree: Tree) -> Any:
    if not tree or "*" in tree:
        return value
    if isinstance(value, list):
        return [_pick(member, tree) for member in value]
    if isinstance(value, dict):
        return {key: _pick(value[key], inner) for key, inner in tree.items() if key in value}
    return value
