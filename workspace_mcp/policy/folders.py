"""Only what lies in certain folders: asked before a request leaves, and sifted from lists that come back."""

import json
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, Final

from workspace_mcp.errors import ForbiddenError, NotFoundError, PolicyError
from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import Answer, object_in
from workspace_mcp.google.resource import collection
from workspace_mcp.policy.effects import Wire
from workspace_mcp.policy.touched import Touched, touched

_FILES: Final = collection("https://www.googleapis.com/drive/v3/files")
_DEEP: Final = 30
LASTS: Final = 30.0
"""Seconds for which it is remembered where something lies."""

LOOKING: Final[ContextVar[bool]] = ContextVar("LOOKING", default=False)
"""Whether a request is our own question where a file lies; it is not asked about in turn."""

Limit = frozenset[str]


class Folders:
    """Where files lie, as far as limits need it. `now`: seconds that never go back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[tuple[str, str], tuple[float, str, str]] = {}
        self._made: set[tuple[str, str]] = set()

    async def check(self, google: Google, wire: Wire, limits: Sequence[Limit]) -> Touched:
        """What a request touches, when all of that lies inside.

        Raises:
            PolicyError: something does not.
        """
        found = touched(wire)
        for limit in limits:
            for one in sorted(found.files):
                if not await self._inside(google, one, limit):
                    raise _outside()
            for one in sorted(found.named):
                if not await self._inside(google, one, limit) and not await self._above(
                    google, one, limit
                ):
                    raise _outside()
        return found

    async def sift(
        self, google: Google, found: Touched, answer: Answer, limits: Sequence[Limit]
    ) -> Answer:
        """An answer without the files that lie elsewhere; what was made here is remembered."""
        if not (found.makes or found.lists):
            return answer
        if (body := object_in(answer.body)) is None:
            return answer
        if found.makes:
            self._remember(google, body)
            return answer
        for name in ("files", "changes"):
            if name in body:
                body[name] = [one for one in body[name] if await self._shown(google, one, limits)]
        return Answer(answer.status, answer.headers, json.dumps(body).encode())

    def _remember(self, google: Google, body: dict[str, Any]) -> None:
        for name in ("id", "documentId", "spreadsheetId", "presentationId", "formId", "scriptId"):
            if isinstance(body.get(name), str):
                self._made.add((google.account, body[name]))

    async def _shown(self, google: Google, entry: Any, limits: Sequence[Limit]) -> bool:
        file = entry.get("file", entry)
        identifier = file.get("id") or entry.get("fileId")
        if not isinstance(identifier, str):
            return False
        if file.get("parents"):
            self._keep(google, identifier, identifier, str(file["parents"][0]))
        for limit in limits:
            if not (
                await self._inside(google, identifier, limit)
                or await self._above(google, identifier, limit)
            ):
                return False
        return True

    async def _inside(self, google: Google, identifier: str, limit: Limit) -> bool:
        """Whether something is one of the folders, lies in one, or was made here."""
        return any(
            one in limit or (google.account, one) in self._made
            for one in await self._chain(google, identifier)
        )

    async def _above(self, google: Google, identifier: str, limit: Limit) -> bool:
        """Whether something is a folder on the way to one of the folders."""
        here = (await self._chain(google, identifier))[:1]
        for one in sorted(limit):
            if here and here[0] in await self._chain(google, one):
                return True
        return False

    async def _chain(self, google: Google, identifier: str) -> list[str]:
        """Something's own id, its folder's, and so on to the top; [] when it cannot be seen."""
        found: list[str] = []
        at = identifier
        for _ in range(_DEEP):
            place = await self._place(google, at)
            if place is None or place[0] in found:
                break
            found.append(place[0])
            if not place[1]:
                break
            at = place[1]
        return found

    async def _place(self, google: Google, identifier: str) -> tuple[str, str] | None:
        kept = self._kept.get((google.account, identifier))
        if kept is not None and self._now() - kept[0] < LASTS:
            return kept[1], kept[2]
        token = LOOKING.set(True)
        try:
            answer = await google.get(
                _FILES.item(identifier), fields="id,parents", supportsAllDrives=True
            )
        except (NotFoundError, ForbiddenError):
            return None
        finally:
            LOOKING.reset(token)
        own, parent = str(answer["id"]), str(next(iter(answer.get("parents", ())), ""))
        self._keep(google, identifier, own, parent)
        return own, parent

    def _keep(self, google: Google, identifier: str, own: str, parent: str) -> None:
        self._kept[google.account, identifier] = (self._now(), own, parent)


def _outside() -> PolicyError:
    return PolicyError(
        "That lies outside of the folders that this server may work in. Nothing was done.",
        "workspace_status names the folders; the person who set this server up can change them.",
    )
