"""Who is signed in, what this server may do, and what time it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from workspace_mcp.errors import login_command
from workspace_mcp.formats.fence import Fence
from workspace_mcp.scopes import grants
from workspace_mcp.tools import AccountInfo, Accounts, Clock, Effect, Tier, View, tool


@dataclass(frozen=True, slots=True)
class Status(View):
    """The accounts, what Google said of them (when it was asked), the limits, the time."""

    accounts: Sequence[AccountInfo]
    checked: Mapping[str, str]
    limits: Sequence[str]
    now: datetime

    def text(self, fence: Fence) -> str:
        """A line or two an account, then limits, then the time."""
        del fence
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.accounts:
            yield "Nobody is signed in. The user must run in a terminal:"
            yield f"    {login_command('')}"
            yield "Then repeat the call; no restart is needed."
        for account in self.accounts:
            yield from self._account(account)
        yield from (f"Limit: {limit}" for limit in self.limits)
        yield f"Now: {self.now:%a %Y-%m-%d %H:%M %z} ({zone_name(self.now)})"

    def _account(self, account: AccountInfo) -> Iterator[str]:
        notes = ["default"] if account.default and len(self.accounts) > 1 else []
        notes += [f"alias {alias}" for alias in account.aliases]
        notes += [grants(account.granted)]
        yield f"{account.email}: {', '.join(notes)}"
        if account.problem:
            yield from indented(account.problem)
        elif account.email in self.checked:
            yield from indented(self.checked[account.email] or "Google accepts the sign-in.")


def zone_name(now: datetime) -> str:
    """The zone as a person knows it: "Europe/Lisbon", else its short name."""
    return getattr(now.tzinfo, "key", None) or now.tzname() or "local time"


def indented(text: str) -> Iterator[str]:
    """Each line of `text`, four blanks in."""
    return (f"    {line}" for line in text.splitlines())


@tool(title="Accounts", effect=Effect.READS, tier=Tier.CORE)
async def workspace_status(
    accounts: Accounts,
    clock: Clock,
    check: Annotated[bool, Field(description="Ask Google whether each sign-in works.")] = False,
) -> View:
    """Signed-in accounts, granted services, limits, local time and zone."""
    known = accounts.list()
    answers = {one.email: await accounts.check(one.email) for one in known} if check else {}
    return Status(known, answers, accounts.limits(), clock.now())
