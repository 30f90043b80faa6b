"""Every fault against every operation: nothing lost, doubled, hung, leaked, half, untrue or unclear.

Faults meet the request that matters most; `python -m tests.matrix` lets them meet the first as well.
"""

import pytest

from tests.matrix.faults import FAULTS
from tests.matrix.operations import OPERATIONS, Operation
from tests.matrix.table import bad, matrix

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
async def test_no_fault_makes_an_operation_lose_double_hang_or_lie(operation: Operation) -> None:
    found = await matrix([operation], [operation.aim is not None])

    assert len(FAULTS) >= 40
    assert len(found) == len(FAULTS)
    assert bad(found) == {}
