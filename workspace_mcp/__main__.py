"""`python -m workspace_mcp`, and the command `workspace-mcp`."""

import gc
import logging
import os
import signal
import sys
from contextlib import suppress
from types import FrameType


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    os._exit(0)


def main() -> None:
    """Serve, then leave at once: no thread that still waits may keep the process alive.

    The collector rests while the modules load, which saves a quarter of the start; what they
    made is then set aside for good.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # until the server takes them over
        signal.signal(number, _leave)
    gc.disable()
    from workspace_mcp.cli import main as run

    status = run()
    for stream in (sys.stdout, sys.stderr, *logging.getLogger().handlers):
        with suppress(OSError, ValueError, AttributeError):  # closed: there is nobody to tell
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
