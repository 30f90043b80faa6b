"""Documents of our own that live for a moment: made for a trial or for pictures, then thrown away."""

from workspace_mcp.errors import GoogleError
from workspace_mcp.google.client import Google
from workspace_mcp.services.docs.documents import FILES


async def thrown_away(google: Google, identifier: str) -> None:
    """Into the trash; its title says that it can go, should Drive not allow it."""
    try:
        await google.patch(
            FILES.item(identifier), {"trashed": True}, safe=True, supportsAllDrives=True, fields="id",
        )  # fmt: skip
    except GoogleError:
        return
