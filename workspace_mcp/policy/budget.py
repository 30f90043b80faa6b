"""How much was sent, shared and deleted today, by every server of this machine together."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from workspace_mcp.credentials import disk
from workspace_mcp.errors import CredentialFileError, PolicyError
from workspace_mcp.policy.effects import Reach

_WAIT: Final = 5.0


class Budget:
    """Counts a day's acts in a file, or in memory without one. `today` is the person's date."""

    def __init__(
        self, path: Path | None, limits: Callable[[], Mapping[Reach, int]],
        today: Callable[[], date] = date.today,
    ) -> None:  # fmt: skip
        self._path = path
        self._limits = limits
        self._today = today
        self._memory: dict[str, int] = {}

    def spend(self, kind: Reach, count: int = 1) -> None:
        """Count acts of a kind before they happen.

        Raises:
            PolicyError: there would be more than the day's limit.
            CredentialFileError: the count cannot be kept, so that nothing may happen.
        """
        limit = self._limits().get(kind)
        if limit is None:
            return
        if self._path is None:
            self._memory = self._counted(self._memory, kind, count, limit)
            return
        lock = self._path.parent / "locks" / f"{self._path.name}.lock"
        with disk.lock(lock, _WAIT, "the day's count"):
            spent = self._counted(self._spent(self._path), kind, count, limit)
            try:
                disk.replace(self._path, json.dumps({"day": str(self._today()), **spent}).encode())
            except OSError as error:
                raise CredentialFileError(
                    f"The day's count cannot be kept in {self._path} ({error.strerror}).",
                    "Nothing was done. Mend the folder.",
                ) from error

    @staticmethod
    def _counted(spent: dict[str, int], kind: Reach, count: int, limit: int) -> dict[str, int]:
        if spent.get(kind.value, 0) + count > limit:
            raise PolicyError(
                f"The day's limit is reached ({kind.value}: {limit}). Nothing was done.",
                "Tomorrow again; or the person raises it: --budget, or policy.toml.",
            )
        return {**spent, kind.value: spent.get(kind.value, 0) + count}

    def _spent(self, path: Path) -> dict[str, int]:
        try:
            found: Any = json.loads(path.read_text("utf-8"))
            if found.pop("day") != str(self._today()):
                return {}
            return {str(name): int(count) for name, count in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}  # unreadable: counted anew from here, and the limit holds from now on
