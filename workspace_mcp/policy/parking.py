"""Acts that wait for a person: a file each, with a short code to name it at a terminal.

A release counts once, for exactly what was shown, for a quarter of an hour. So does a refusal, so that
the agent hears of it.
"""

import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from workspace_mcp.credentials import disk
from workspace_mcp.errors import CredentialFileError

WAITS: Final = 24 * 3600.0
"""Seconds for which an act waits."""
RELEASED: Final = 900.0
"""Seconds for which a release or a refusal counts."""
MOST: Final = 50
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE: Final = re.compile(rf"[{_LETTERS}]{{6}}")


@dataclass(frozen=True, slots=True)
class Parked:
    """An act that waits. `shown` is what the person reads."""

    code: str
    mark: str
    account: str
    tool: str
    shown: str
    since: float
    released: float = 0.0
    refused: float = 0.0

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The act in a file; None when it is none, or its time is over."""
        try:
            found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
            one = cls(**found)
            now = time.time()
            said = one.released or one.refused
            late = now - one.since > WAITS or (said and now - said > RELEASED)
        except (OSError, ValueError, TypeError):
            return None
        return None if late or path.stem != one.code else one


class Parking:
    """The folder of acts that wait."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Parked]:
        """What waits, the oldest first."""
        return sorted((one for one in self._each() if not one.refused), key=lambda one: one.since)

    def _each(self) -> Iterator[Parked]:
        if not self.folder.is_dir():
            return
        for path in self.folder.glob("*.json"):
            if (one := Parked.read(path)) is not None:
                yield one
            else:
                path.unlink(missing_ok=True)

    def get(self, code: str) -> Parked | None:
        """The act of a code, whichever case it is typed in."""
        name = code.strip().upper()
        one = Parked.read(self.folder / f"{name}.json") if _CODE.fullmatch(name) else None
        return None if one is None or one.refused else one

    def park(self, mark: str, account: str, tool: str, shown: str) -> Parked:
        """Let an act wait; the same one keeps its code.

        Raises:
            CredentialFileError: it could not be written, or too much waits already.
        """
        waiting = self.all()
        for one in waiting:
            if one.mark == mark:
                return one
        if len(waiting) >= MOST:
            raise CredentialFileError(
                f"{MOST} acts wait for the person already.", "Let them look: workspace-auth approve"
            )
        code = "".join(secrets.choice(_LETTERS) for _ in range(6))
        one = Parked(code, mark, account, tool, shown, time.time())
        self._write(one)
        return one

    def release(self, one: Parked) -> None:
        """Let it happen, once, when the agent repeats its call."""
        self._write(replace(one, released=time.time()))

    def refuse(self, one: Parked) -> None:
        """Say no to it: the next call is told so, one after that is asked about anew."""
        self._write(replace(one, released=0.0, refused=time.time()))

    def used(self, mark: str) -> Parked | None:
        """The release of this act, which is used up; None when it was not released."""
        for one in self.all():
            if one.mark == mark and one.released:
                try:
                    self._path(one).unlink()
                except FileNotFoundError:
                    continue  # another server was faster
                return one
        return None

    def restore(self, one: Parked) -> None:
        """Let a release count after all: what it was used for did not happen. Its time goes on."""
        self._write(one)

    def refused(self, mark: str) -> bool:
        """Whether the person said no to this act; it is forgotten by that."""
        found = [one for one in self._each() if one.mark == mark and one.refused]
        for one in found:
            self._path(one).unlink(missing_ok=True)
        return bool(found)

    def _path(self, one: Parked) -> Path:
        return self.folder / f"{one.code}.json"

    def _write(self, one: Parked) -> None:
        try:
            disk.replace(self._path(one), json.dumps(asdict(one)).encode())
        except OSError as error:
            raise CredentialFileError(
                f"An act that waits could not be written to {self.folder} ({error.strerror})."
            ) from error
