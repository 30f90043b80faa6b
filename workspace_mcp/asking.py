"""Asks the person through the MCP client, in both eras of the protocol; the model never sees the answer form.

Before 2026-07-28 the server sends `elicitation/create` and waits. From then on it answers a call with
`input_required`, and the client repeats the call with the person's answer. Either way a caller of
`Asked.put` gets an answer or None, and in the second case the call is run again from its start: so ask
before anything is changed.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import anyio
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)

MODERN: Final = "2026-07-28"
PATIENCE: Final = 45.0
"""Seconds for which a person is waited for before 2026-07-28; a call ends at 55."""
_LATELY: Final = 64
_READING: Final = 0.6
"""Seconds that a person needs at least to read a question."""


class Answer(Enum):
    """What became of a question."""

    YES = "yes"
    NO = "no"
    NOBODY = "nobody"
    """The client cannot ask, would not, or nobody answered in time."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked. `mark` says what exactly is meant: a yes counts for that alone."""

    mark: str
    text: str
    label: str = "Yes, do it"
    seconds: float = PATIENCE

    @property
    def schema(self) -> dict[str, Any]:
        """One box to tick, so that pressing Accept alone says nothing by accident."""
        box = {"type": "boolean", "title": self.label, "default": False}
        return {"type": "object", "properties": {"yes": box}, "required": ["yes"]}


class Repeat(Exception):
    """The call must be answered with `result` and comes back with the person's answer."""

    def __init__(self, result: InputRequiredResult) -> None:
        super().__init__("the client asks the person and repeats the call")
        self.result = result


class Asking:
    """The questions of one server that wait for an answer: key on the wire → what was asked, and when.

    With each: what the person answered to earlier questions of the same call, which is repeated whole.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, float, Mapping[str, Answer]]] = {}

    def of(self, context: ServerRequestContext[Any], params: CallToolRequestParams) -> "Asked":
        """For one call, with the answers that came with it."""
        return Asked(self, context, params)

    def opened(self, mark: str, earlier: Mapping[str, Answer]) -> str:
        """A key for a question; the oldest are forgotten."""
        key = f"ask-{secrets.token_hex(8)}"
        self._open[key] = mark, time.monotonic(), dict(earlier)
        while len(self._open) > _LATELY:
            del self._open[next(iter(self._open))]
        return key

    def closed(self, key: str) -> tuple[str, float, Mapping[str, Answer]] | None:
        """What was asked under a key, how many seconds ago, and what was answered before; once."""
        mark, asked, earlier = self._open.pop(key, ("", 0.0, {}))
        return (mark, time.monotonic() - asked, earlier) if mark else None


class Asked:
    """What one call may ask, and what was answered already."""

    def __init__(
        self, asking: Asking, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> None:
        self._asking = asking
        self._context = context
        self._answers: dict[str, Answer] = {}
        for key, response in (params.input_responses or {}).items():
            found = asking.closed(key)
            if found is not None and isinstance(response, ElicitResult):
                self._answers |= {**found[2], found[0]: _meaning(response, found[1])}

    @property
    def answered(self) -> frozenset[str]:
        """The marks of what came with this call."""
        return frozenset(self._answers)

    @property
    def possible(self) -> bool:
        """Whether the client says that it can show a form."""
        capabilities = self._context.session.client_capabilities
        elicitation = capabilities.elicitation if capabilities else None
        if elicitation is None:
            return False
        return elicitation.form is not None or elicitation.url is None

    async def put(self, question: Question) -> Answer:
        """Ask, unless that was answered already.

        Raises:
            Repeat: the answer comes with the client's repetition of the call.
        """
        if question.mark in self._answers:
            return self._answers[question.mark]
        if not self.possible:
            return Answer.NOBODY
        if self._context.protocol_version >= MODERN:
            raise Repeat(self._required(question))
        found = await self._waited(question)
        self._answers[question.mark] = found
        return found

    def _required(self, question: Question) -> InputRequiredResult:
        request = ElicitRequest(
            params=ElicitRequestFormParams(message=question.text, requested_schema=question.schema)
        )
        key = self._asking.opened(question.mark, self._answers)
        return InputRequiredResult(input_requests={key: request})

    async def _waited(self, question: Question) -> Answer:
        began = time.monotonic()
        with anyio.move_on_after(question.seconds):
            try:
                found = await self._context.session.elicit_form(
                    question.text, question.schema, self._context.request_id
                )
            except MCPError:  # the client cannot after all
                return Answer.NOBODY
            return _meaning(found, time.monotonic() - began)
        return Answer.NOBODY


def _meaning(response: ElicitResult, seconds: float) -> Answer:
    """A yes is an accepted form with its box ticked.

    A dismissal is nobody's answer, and so is a no that came faster than a person reads: some clients
    decline every form by themselves.
    """
    content: Mapping[str, Any] = response.content or {}
    match response.action:
        case "accept" if content.get("yes") is True:
            return Answer.YES
        case "accept":
            return Answer.NO
        case "decline" if seconds > _READING:
            return Answer.NO
        case _:
            return Answer.NOBODY
