"""All cells of the matrix, and how they are printed."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import anyio

from tests.matrix.faults import FAULTS, Fault
from tests.matrix.operations import Operation, words
from tests.matrix.stage import stage

LIMIT: Final = 30.0
AT_ONCE: Final = 16
GOOD: Final = frozenset({"works", "says"})
Key = tuple[str, str, bool]
"""Fault, operation, and whether the fault meets nothing but the request that matters most."""


async def cell(fault: Fault, operation: Operation, folder: Path, *, aimed: bool) -> str:
    """What became of one operation under one fault."""
    one = stage(fault, folder)
    one.line.left = fault.times
    if aimed and operation.aim is not None:
        one.line.only = operation.aim
    with anyio.move_on_after(LIMIT) as time:
        result = await operation.call(one)
        one.line.left = 0
        await one.backend.close()
        text, failed = words(result), bool(result.is_error)
        wrong = operation.judge(one, text, failed)
        if wrong:
            return wrong
        if "ya29." in text or "Bearer" in text:
            return "LEAKED"
        if "failed inside the server" in text:
            return "UNCLEAR"
        return "says" if failed else "works"
    assert time.cancelled_caught
    return "HUNG"


async def matrix(
    operations: Sequence[Operation], aims: Iterable[bool] = (False, True)
) -> dict[Key, str]:
    """All cells, some at a time: much of it is waiting."""
    found: dict[Key, str] = {}
    turns = anyio.Semaphore(AT_ONCE)

    async def fill(fault: Fault, operation: Operation, aimed: bool) -> None:
        async with turns:
            with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
                became = await cell(fault, operation, Path(folder), aimed=aimed)
            found[fault.name, operation.name, aimed] = became

    async with anyio.create_task_group() as tasks:
        for aimed in aims:
            for fault in FAULTS:
                for operation in operations:
                    if operation.aim is not None or not aimed:
                        tasks.start_soon(fill, fault, operation, aimed)
    return found


def table(found: Mapping[Key, str], *, aimed: bool) -> str:
    """The cells as text."""
    names = list(dict.fromkeys(name for _, name, which in found if which == aimed))
    width = max(len(fault.name) for fault in FAULTS)
    lines = [" " * width + "  " + "  ".join(f"{name:<10}" for name in names)]
    for fault in FAULTS:
        cells = "  ".join(f"{found[fault.name, name, aimed]:<10}" for name in names)
        lines.append(f"{fault.name:<{width}}  {cells}".rstrip())
    return "\n".join(lines)


def bad(found: Mapping[Key, str]) -> dict[Key, str]:
    """The cells that must not be."""
    return {key: became for key, became in found.items() if became not in GOOD}
