"""Documents of our own that live for a moment: made for a trial or for pictures, then thrown away."""

from collections.abc import Generator
from contextlib import contextmanager

from workspace_mcp.errors import GoogleError
from workspace_mcp.google.client import Google
from workspace_mcp.journal.recorder import RECORDER
from workspace_mcp.services.docs.documents import FILES


@contextmanager
def unrecorded() -> Generator[None]:
    """Keep the scratch Doc's own coming and going out of the journal: nobody takes that back."""
    token = RECORDER.set(None)
    try:
        yield
    finally:
        RECORDER.reset(token)


async def thrown_away(google: Google, identifier: str) -> None:
    """Into the trash; its title says that it can go, should Drive not allow it."""
    try:
        with unrecorded():
            await google.patch(
                FILES.item(identifier), {"trashed": True}, safe=True, supportsAllDrives=True,
                fields="id",
            )  # fmt: skip
    except GoogleError:
        return
