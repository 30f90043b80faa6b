"""What a call of `sheets_write` is asked to do, read."""

from dataclasses import dataclass
from typing import Final

from workspace_mcp.google.client import Google
from workspace_mcp.policy.consent import Consent
from workspace_mcp.services.sheets.cells import raw
from workspace_mcp.services.sheets.spreadsheets import Address, Place
from workspace_mcp.services.sheets.values import Rows, asked, entered, outside

AS_TEXT: Final = "What begins with = was written as text; formulas=true makes formulas of it."


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
        if self.raw:
            return []
        if not self.formulas:
            texts = any(
                isinstance(one, str) and one.startswith("=") for row in self.rows for one in row
            )
            return [AS_TEXT] if texts else []
        return await asked(self.consent, outside(self.rows), requests)

    def sent(self, rows: Rows) -> Rows:
        """Rows as they go out."""
        return [[entered(one, formulas=self.formulas, raw=self.raw) for one in row] for row in rows]


def shown(rows: Rows) -> list[list[str]]:
    """Rows as texts; "" for what is kept."""
    return [["" if one is None else raw(one) for one in row] for row in rows]
