"""Which files may be touched and whose mail may be read: asked before a request leaves and when its answer comes."""

from collections.abc import Awaitable, Callable, Iterable

from workspace_mcp.google.client import Google
from workspace_mcp.google.exchange import Answer
from workspace_mcp.google.resource import Resource
from workspace_mcp.policy import lockdown
from workspace_mcp.policy.effects import Wire
from workspace_mcp.policy.folders import LOOKING, Folders
from workspace_mcp.policy.rules import Policy
from workspace_mcp.policy.touched import touched


class Bounds:
    """`--folders` and `--lockdown`. Without them nothing is asked and nothing is changed."""

    def __init__(
        self,
        policy: Callable[[], Policy],
        known: Callable[[Google, Iterable[str]], Awaitable[frozenset[str]]],
    ) -> None:
        self._policy = policy
        self._known = known
        self._folders = Folders()

    async def check(self, google: Google, wire: Wire) -> None:
        """Nothing, when a request may leave.

        Raises:
            PolicyError: it touches a file, or an attachment, that is out of bounds.
        """
        if LOOKING.get():
            return
        policy = self._policy()
        if policy.folders:
            await self._folders.check(google, wire, policy.folders)
        message = lockdown.attachment(wire) if policy.lockdown else ""
        if message:
            place = Resource(f"https://{wire.host}{message}", "message")
            found = await google.get(place, format="metadata", fields="id,labelIds,payload/headers")
            if await lockdown.strangers(found, google.account, self._friends(google)):
                raise lockdown.refused()

    async def sift(self, google: Google, wire: Wire, answer: Answer) -> Answer:
        """What of an answer may be seen."""
        if LOOKING.get():
            return answer
        policy = self._policy()
        if policy.folders:
            answer = await self._folders.sift(google, touched(wire), answer, policy.folders)
        if policy.lockdown and lockdown.reads_mail(wire):
            answer = await lockdown.withheld(answer, google.account, self._friends(google))
        return answer

    def _friends(self, google: Google) -> lockdown.Known:
        return lambda addresses: self._known(google, addresses)
