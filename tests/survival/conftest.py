"""The demo behind a connection that can break, as the tools' tests have it."""

from tests.services.conftest import backend, faults, folder

__all__ = ["backend", "faults", "folder"]
