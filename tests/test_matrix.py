"""Every fault against every operation: nothing lost, doubled, hung, leaked, half, untrue or unclear."""

import pytest

from tests.matrix import FAULTS, OPERATIONS, matrix, table

pytestmark = pytest.mark.anyio


async def test_no_fault_makes_an_operation_lose_double_hang_or_lie() -> None:
    found = await matrix()

    assert len(FAULTS) >= 40
    assert len(found) == len(FAULTS) * len(OPERATIONS)
    assert set(found.values()) == {"works", "says"}, table(found)
