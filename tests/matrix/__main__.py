"""`python -m tests.matrix`."""

import logging
import sys
from collections import Counter

import anyio

from tests.matrix.faults import FAULTS
from tests.matrix.operations import OPERATIONS
from tests.matrix.table import bad, matrix, table


def main() -> int:
    """Print the tables; 1 when a cell is bad."""
    logging.disable(logging.CRITICAL)
    chosen = [one for one in OPERATIONS if one.name in sys.argv[1:] or not sys.argv[1:]]
    found = anyio.run(matrix, chosen)
    print("The fault meets what is sent first:\n" + table(found, aimed=False))
    if any(one.aim is not None for one in chosen):
        print("\nThe fault meets what changes or carries something:\n" + table(found, aimed=True))
    counts = dict(sorted(Counter(found.values()).items()))
    print(f"\n{len(FAULTS)} faults, {len(chosen)} operations, {len(found)} cells: {counts}")
    return 1 if bad(found) else 0


if __name__ == "__main__":
    sys.exit(main())
