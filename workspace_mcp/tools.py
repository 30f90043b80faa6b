"""What a tool is: the decorator, its declared effect, and what it may hand back.

A tool is an async function with a docstring and `Annotated` parameters. Parameters whose type is
`Google`, `LocalFiles`, `Clock`, `Accounts` or `Progress` are filled by `registry` and hidden from
the model; all others are the model's. The service is the package the function stands in.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Protocol

from pydantic import Field

from workspace_mcp.formats.fence import Fence
from workspace_mcp.scopes import Scope


class Effect(StrEnum):
    """The worst that a tool can do: one risk class a tool, so that clients can allow by it."""

    READS = "R"
    WRITES = "W"
    """Changes the account's own things, reversibly."""
    LEAVES = "X"
    """Reaches other people: sends, shares, answers."""
    DELETES = "D"


class Tier(IntEnum):
    """How often a tool is needed; `--tool-tier` offers a tier and those below."""

    CORE = 1
    EXTENDED = 2
    COMPLETE = 3


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for the model."""

    data: bytes
    mime: str


class View:
    """What a tool hands back. `text` is all that a model reads of it, besides `images`."""

    def text(self, fence: Fence) -> str:
        """The answer. Text that strangers wrote goes through `fence.block` or `fence.line`."""
        raise NotImplementedError

    def images(self) -> Sequence[Image]:
        """Pictures to send along; most answers have none."""
        return ()


@dataclass(frozen=True, slots=True)
class Done(View):
    """An answer of our own words, such as "Moved 18c2f to the trash."."""

    said: str

    def text(self, fence: Fence) -> str:
        """What was said."""
        return self.said


class Clock(Protocol):
    """The present, and the zone in which times are shown."""

    @property
    def zone(self) -> tzinfo:
        """Zone for every time in an answer."""
        ...

    def now(self) -> datetime:
        """Aware, in `zone`."""
        ...


class Progress(Protocol):
    """Tells the client how far a long call has come; costs nothing when nobody listens."""

    async def __call__(self, done: float, total: float | None = None, message: str = "") -> None:
        """`done` of `total` (same unit); `message` is one line of our own words."""
        ...


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """One signed-in account, as far as it is known without asking Google."""

    email: str
    aliases: tuple[str, ...] = ()
    granted: frozenset[str] = frozenset()
    """Scopes; empty when the file does not say."""
    default: bool = False
    problem: str = ""
    """Why it cannot be used now (our words), or ""."""


class Accounts(Protocol):
    """Who is signed in, and under which limits this server runs."""

    def list(self) -> Sequence[AccountInfo]:
        """Every account that is known here, the default first."""
        ...

    def granted(self, email: str) -> frozenset[str]:
        """Scopes of one account as its credential states them; empty when it does not."""
        ...

    async def check(self, email: str) -> str:
        """Ask Google whether the sign-in works: "" when it does, else the error's text."""
        ...

    def limits(self) -> Sequence[str]:
        """What is in force, a line each: "read-only", "services: gmail"."""
        ...


ToolFunction = Callable[..., Awaitable[View]]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool function with what it declares."""

    function: ToolFunction
    title: str
    needs: tuple[Scope, ...]
    effect: Effect
    tier: Tier
    level: str

    @property
    def name(self) -> str:
        """As the model calls it."""
        return self.function.__name__


_DEFAULT_LEVEL = {
    Effect.READS: "readonly",
    Effect.WRITES: "organize",
    Effect.LEAVES: "send",
    Effect.DELETES: "full",
}


def tool(
    *,
    title: str,
    needs: Sequence[Scope] = (),
    effect: Effect,
    tier: Tier = Tier.EXTENDED,
    level: str = "",
) -> Callable[[ToolFunction], Tool]:
    """Declare a tool.

    `needs` are the permissions without which it cannot work at all. `level` is its rung for
    `--permissions` (readonly, organize, drafts, send, full) where the effect's own is not right.
    """

    def declare(function: ToolFunction) -> Tool:
        if not re.fullmatch(r"[a-z]+(_[a-z]+)*", function.__name__) or not function.__doc__:
            raise TypeError(f"{function.__name__}: a tool needs a plain name and a docstring")
        return Tool(function, title, tuple(needs), effect, tier, level or _DEFAULT_LEVEL[effect])

    return declare


Strings = list[str]
PageToken = Annotated[str | None, Field(description="From the previous answer.")]
JsonObject = dict[str, Any]
