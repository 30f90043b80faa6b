"""The way back for each route that changes something; a route without one is journalled as not to be taken back."""

from collections.abc import Mapping
from typing import Final

from workspace_mcp.journal.inverses import docs, drive, gmail, sheets
from workspace_mcp.journal.rule import Rule, Way

RULES: Final[tuple[Rule, ...]] = (*gmail.RULES, *drive.RULES, *docs.RULES, *sheets.RULES)
WAYS: Final[Mapping[str, Way]] = {"docs": docs.WAY, "sheets": sheets.WAY, "version": drive.WAY}
"""`Step.way` → how such a step is worked out."""
