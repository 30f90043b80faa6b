"""The way back for each route that changes something; a route without one is journalled as not to be taken back."""

from typing import Final

from workspace_mcp.journal.inverses import drive, gmail
from workspace_mcp.journal.rule import Rule

RULES: Final[tuple[Rule, ...]] = (*gmail.RULES, *drive.RULES)
