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


def _open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _check_streams() -> None:
    """Leave when there is nobody to talk to; keep what is opened later off a closed stderr's place."""
    if not (_open(0) and _open(1)):
        if _open(2):
            os.write(2, b"workspace-mcp: stdin and stdout must be open: an MCP client starts it.\n")
        os._exit(2)
    if not _open(2):
        os.open(os.devnull, os.O_RDWR)


def main() -> None:
    """Serve, then leave at once: no thread that still waits may keep the process alive.

    The collector rests while the modules load, which saves a quarter of the start; what they
    made is then set aside for good.
    """
    _check_streams()
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
