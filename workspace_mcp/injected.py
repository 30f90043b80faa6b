"""The types that `registry` fills in a tool's signature and hides from the model."""

from typing import Final

from workspace_mcp.files import LocalFiles
from workspace_mcp.google.client import Google
from workspace_mcp.journal.file import Journal
from workspace_mcp.one_click import OneClick
from workspace_mcp.policy.consent import Consent
from workspace_mcp.tools import Accounts, Clock, Progress

INJECTED: Final[tuple[type, ...]] = (
    Google, LocalFiles, Clock, Accounts, Progress, OneClick, Consent, Journal,
)  # fmt: skip
