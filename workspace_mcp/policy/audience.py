"""Who sees what is put into a folder of Drive: the person is asked before others get something that way."""

from collections.abc import Mapping
from typing import Any, Final

from workspace_mcp.errors import NotFoundError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import collection
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import Reach
from workspace_mcp.policy.rules import own_domain

_FILES: Final = collection("https://www.googleapis.com/drive/v3/files")
_FIELDS: Final = "name,owners(emailAddress),permissions(type,emailAddress,domain,deleted)"
_SHOWN: Final = 30


async def placing(google: Google, consent: Consent, folder: str, what: str) -> None:
    """Return when `what` ("2 files") may be put into a folder, or into a file of others.

    Who may see a file tells only whom may share it; of others the owner is known. Members of a shared
    drive count as colleagues.

    Raises:
        PolicyError: a limit forbids it, or the person said no.
        ApprovalNeededError: it waits for the person.
    """
    if folder == "root":
        return
    try:
        found = await google.get(_FILES.item(folder), supportsAllDrives=True, fields=_FIELDS)
    except NotFoundError:
        return  # the caller is about to be told so
    seen = _outside(found, google.account)
    if not seen:
        return
    more = [f"and {len(seen) - _SHOWN} more"] if len(seen) > _SHOWN else []
    await consent(
        Act(
            Reach.SHARES,
            f"Put {what} where people outside see it",
            (
                f'Into: "{_line(found.get("name", ""))}"',
                f"Seen by: {', '.join([*seen[:_SHOWN], *more])}",
            ),
            people=frozenset(one for one in seen if "@" in one),
            requests=0,
        )
    )


def _line(name: object) -> str:
    return clean_line(str(name)).replace('"', "'")[:120]


def _outside(found: Mapping[str, Any], account: str) -> list[str]:
    """Addresses and domains of elsewhere, and "anyone with the link"."""
    grants = [one for one in found.get("permissions", ()) if not one.get("deleted")]
    names = {
        "anyone with the link"
        if one.get("type") == "anyone"
        else str(one.get("emailAddress") or one.get("domain") or "").lower()
        for one in (*grants, *({**owner, "type": "user"} for owner in found.get("owners", ())))
    }
    return sorted(
        clean_line(one)[:120] for one in names
        if one and one != account and not own_domain(f"x@{one}" if "@" not in one else one, account)
    )  # fmt: skip
