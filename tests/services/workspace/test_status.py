"""Who is signed in and what the server may do, as a model sees it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Model
from workspace_mcp.formats.fence import Fence
from workspace_mcp.scopes import FULL, READ_ONLY, Scope
from workspace_mcp.services.workspace.status import grants, workspace_status
from workspace_mcp.tools import AccountInfo

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class Book:
    """`tools.Accounts` of fixed values."""

    def __init__(self, accounts: Sequence[AccountInfo], trouble: str = "") -> None:
        self._accounts = accounts
        self._trouble = trouble
        self.asked: list[str] = []

    def list(self) -> Sequence[AccountInfo]:
        return self._accounts

    async def check(self, email: str) -> str:
        self.asked.append(email)
        return self._trouble

    def limits(self) -> Sequence[str]:
        return ["read-only: nothing can be changed or sent"]


class Clock:
    """`tools.Clock` that stands."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)

    def now(self) -> datetime:
        return NOW.astimezone(self.zone)


async def shown(book: Book, *, check: bool = False, zone: str = "Europe/Lisbon") -> str:
    view = await workspace_status.function(accounts=book, clock=Clock(zone), check=check)
    return view.text(Fence("1"))


async def test_the_demo_says_that_it_is_one(model: Model) -> None:
    answer = await model.call("workspace_status")

    assert answer.splitlines()[0].startswith("me@example.com (demo): gmail, ")
    assert answer.splitlines()[-1] == "Now: Fri 2026-11-20 09:30 +0000 (UTC)"


async def test_nobody_signed_in_is_an_answer_with_a_way_out() -> None:
    assert await shown(Book(())) == (
        "Nobody is signed in. The user must run in a terminal:\n"
        "    workspace-auth login\n"
        "Then repeat the call; no restart is needed.\n"
        "Limit: read-only: nothing can be changed or sent\n"
        "Now: Fri 2026-11-20 09:30 +0000 (Europe/Lisbon)"
    )


async def test_each_account_shows_what_it_may_and_what_is_wrong() -> None:
    book = Book((
        AccountInfo("a@x.org", ("work",), frozenset(map(str, FULL["gmail"])), default=True),
        AccountInfo("b@x.org", (), frozenset(), problem="It expired.\nSign in again."),
    ))  # fmt: skip

    assert (await shown(book)).splitlines()[:4] == [
        "a@x.org: default, alias work, gmail",
        "b@x.org: permissions unknown until the first call",
        "    It expired.",
        "    Sign in again.",
    ]
    assert book.asked == []


async def test_google_is_asked_when_that_is_wanted() -> None:
    one = (AccountInfo("a@x.org", (), frozenset(map(str, READ_ONLY["gmail"]))),)
    works, broken = Book(one), Book(one, "GOOGLE_LOGIN_REQUIRED account=a@x.org reason=x\nRun it.")

    assert (await shown(works, check=True)).splitlines()[:2] == [
        "a@x.org: gmail (read only)",
        "    Google accepts the sign-in.",
    ]
    assert (await shown(broken, check=True)).splitlines()[1:3] == [
        "    GOOGLE_LOGIN_REQUIRED account=a@x.org reason=x",
        "    Run it.",
    ]
    assert works.asked == ["a@x.org"]


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        ([], "permissions unknown until the first call"),
        ([Scope.OPENID], "no service granted"),
        ([Scope.MAIL, Scope.GMAIL_SETTINGS], "gmail"),
        ([Scope.GMAIL_MODIFY], "gmail (read only)"),
        ([Scope.GMAIL_SETTINGS], "gmail (only gmail.settings.basic)"),
        ([Scope.DRIVE_READONLY], "drive (read only), docs (read only), sheets (read only), slides (read only)"),
        ([Scope.CALENDAR, Scope.TASKS_READONLY], "calendar, tasks (read only)"),
    ],
)  # fmt: skip
def test_grants_are_named_by_service(scopes: list[Any], said: str) -> None:
    assert grants(frozenset(map(str, scopes))) == said
