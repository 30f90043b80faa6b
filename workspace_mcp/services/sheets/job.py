"""What a call of `sheets_write` is asked to do, read."""

from dataclasses import dataclass

from workspace_mcp.google.client import Google
from workspace_mcp.policy.consent import Consent
from workspace_mcp.services.sheets.cells import raw
from workspace_mcp.services.sheets.spreadsheets import Address, Place
from workspace_mcp.services.sheets.values import Rows, asked, entered, outside


@dataclass(frozen=True, slots=True)
class Job:
    """A call's arguments, read."""

    google: Google
    address: Address
    place: Place
    rows: Rows
    formulas: bool
    raw: bool
    overwrite: bool
    dry_run: bool
    consent: Consent

    async def asked(self, requests: int = 1) -> list[str]:
        """What the user should hear of; they were asked before, where they must be."""
        if not self.formulas or self.raw:
            return []
        return await asked(self.consent, outside(self.rows), requests)

    def sent(self, rows: Rows) -> Rows:
        """Rows as they go out."""
        return [[entered(one, formulas=self.formulas, raw=self.raw) for one in row] for row in rows]


def shown(rows: Rows) -> list[list[str]]:
    """Rows as texts; "" for what is kept."""
    return [["" if one is None else raw(one) for one in row] for row in rows]
