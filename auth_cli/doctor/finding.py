"""One thing that was looked at. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

State = Literal["ok", "warning", "error", "skipped"]
WORST: Final[Mapping[str, int]] = {"error": 3, "warning": 2, "ok": 1, "skipped": 0}


@dataclass(frozen=True, slots=True)
class Finding:
    """`says`: what was seen. `fix`: what to do, "" when nothing need be done. No secret is in either.

    `code`: the exit code of a run in which this is the worst.
    """

    check: str
    state: State
    says: str
    fix: str = ""
    code: int = 0

    @property
    def text(self) -> str:
        """`ok       folder  /home/ana/…`, the fix below it."""
        head, *rest = self.says.splitlines() or [""]
        lines = [f"{self.state:<8} {self.check}: {head}", *(f"         {line}" for line in rest)]
        lines += [f"         {line}" for line in self.fix.splitlines()]
        return "\n".join(lines)

    @property
    def facts(self) -> Mapping[str, Any]:
        """For a program."""
        return {
            "check": self.check,
            "state": self.state,
            "says": self.says,
            "fix": self.fix or None,
        }


def ok(check: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(check, "ok", says)


def warning(check: str, says: str, fix: str = "") -> Finding:
    """It works, or may; worth knowing."""
    return Finding(check, "warning", says, fix)


def error(check: str, says: str, fix: str, code: int = 11) -> Finding:
    """Something does not work until it is mended."""
    return Finding(check, "error", says, fix, code)


def skipped(check: str, why: str) -> Finding:
    """Not looked at."""
    return Finding(check, "skipped", why)
