"""Every fault against every operation: what became of each, in two tables.

    python -m tests.matrix [OPERATION ...]

Cells: `works` (the right answer, perhaps after a repeat), `says` (a clear error, and nothing lost), or what went
wrong: LOST, DOUBLED, HUNG, LEAKED, HALF (a file under its final name that is not whole), UNTRUE (an error that
denies what happened, or does not say that it may have), UNCLEAR (a bug of ours).
In the first table the fault meets whatever is sent first, in the second the request that
changes something, or carries a file.
The demo is behind a connection that breaks; time is short, nothing sleeps.
"""
