"""Logging to stderr or a file: one line a record, secrets blanked, libraries kept quiet.

Set up before the SDK could set up its own. Nothing here can end the process: a record that
cannot be written is dropped.
"""

import logging
import os
import queue
import re
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from workspace_mcp.errors import UsageError
from workspace_mcp.formats.clean import clean

_SECRETS: Final = re.compile(
    r"""ya29\.[\w.-]+ | 1//[\w-]+ | 4/0[\w-]+ | GOCSPX-[\w-]+
      | (?<=Bearer\ )[^\s"',]+
      | (?<=[?&\s"'{](?:code=))[^&\s"']+
      | eyJ[\w-]{10,}\.[\w-]+\.[\w-]*
      | -----BEGIN[A-Z ]*PRIVATE\ KEY-----.*?(?:-----END[A-Z ]*PRIVATE\ KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_FIELDS: Final = re.compile(
    r"""(["']?\b(?:access_token|refresh_token|id_token|client_secret|code_verifier|assertion"""
    r"""|device_code|token|code)["']?\s*[:=]\s*["']?)([^\s"'&,}]+)"""
)
_NOISY: Final = (
    "httpx2", "httpcore2", "urllib3", "requests", "requests_oauthlib", "oauthlib", "google",
    "asyncio", "mcp", "filelock",
)  # fmt: skip


def redact(text: str) -> str:
    """`text` with everything that looks like a token, code, secret or key replaced by "***"."""
    return _FIELDS.sub(r"\1***", _SECRETS.sub("***", text))


class _OneLine(logging.Formatter):
    """Time, level, logger, message; a traceback follows on lines of its own, all redacted."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return clean(redact(super().format(record)))


class _Unblocked(logging.Handler):
    """Writes to stderr from a thread of its own: a reader that sleeps or left holds nobody up.

    At most `KEPT` records wait; what comes while that many wait is dropped.
    """

    KEPT = 1000

    def __init__(self) -> None:
        super().__init__()
        self._lines: queue.Queue[bytes] = queue.Queue(self.KEPT)
        self._writer: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
        with suppress(queue.Full):
            self._lines.put_nowait(line)
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_on, daemon=True)
            self._writer.start()

    def flush(self) -> None:
        """Give what waits a tenth of a second to leave."""
        until = time.monotonic() + 0.1
        while self._lines.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.002)

    def _write_on(self) -> None:
        while True:
            line = self._lines.get()
            with suppress(OSError):  # stderr is closed: there is nobody to tell
                os.write(2, line)
            self._lines.task_done()


def set_up(level: str, file: Path | None) -> None:
    """Send our records to `file`, or to stderr. `level`: debug, info, warning or error.

    Loggers of libraries stay at warning even at debug: some of them write tokens.

    Raises:
        UsageError: `file` cannot be written.
    """
    handler: logging.Handler
    if file is None:
        handler = _Unblocked()
    else:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handler = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
            file.chmod(0o600)
        except OSError as error:
            raise UsageError(f"--log-file: {file} cannot be written ({error.strerror}).") from error
    handler.setFormatter(_OneLine())
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
