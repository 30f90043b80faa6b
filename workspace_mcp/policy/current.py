"""The limits in force: flags as they were given, and `policy.toml` as it is now."""

from collections.abc import Mapping
from pathlib import Path

from workspace_mcp.errors import PolicyError, UsageError
from workspace_mcp.policy import file
from workspace_mcp.policy.rules import Limits, Policy, combined


class Current:
    """Reads the file again when it changed. Without `flags`, `policy` stands as it is."""

    def __init__(
        self, path: Path, flags: Limits | None, levels: Mapping[str, frozenset[str]] | None,
        policy: Policy, standing: frozenset[str],
    ) -> None:  # fmt: skip
        self._path = path
        self._flags = flags
        self._levels = levels
        self._policy = policy
        self._standing = standing
        self._key: tuple[int, int, int] | str | None = "not looked yet"

    def policy(self) -> Policy:
        """What may happen.

        Raises:
            PolicyError: the file was changed into something that cannot be read.
        """
        self._refresh()
        return self._policy

    def standing(self) -> frozenset[str]:
        """What the person approved once and for all. Raises as `policy` does."""
        self._refresh()
        return self._standing

    def _refresh(self) -> None:
        if self._flags is None or (key := self._look()) == self._key:
            return
        try:
            found = file.read(self._path)
        except UsageError as error:
            raise PolicyError(
                f"The limits cannot be read, so nothing is done. {error.what}", error.remedy
            ) from error
        self._policy = combined(self._flags, found, self._levels)
        self._standing = found.standing
        self._key = key

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
