"""How changes of Sheets are taken back. No I/O."""
from typing import Final
from workspace_mcp.journal.rule import Look, Rule, Way, Worked
RULES: Final[tuple[Rule, ...]] = ()
WAY: Final = Way(lambda found: Look(), lambda found, now: Worked(None))
