"""Gmail's addresses, and its labels by name.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Self

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.google.client import Google
from workspace_mcp.google.resource import collection

ME: Final = collection("https://gmail.googleapis.com/gmail/v1/users/me")
PROFILE: Final = ME.sub("profile")
MESSAGES: Final = ME.sub("messages")
THREADS: Final = ME.sub("threads")
DRAFTS: Final = ME.sub("drafts")
LABELS: Final = ME.sub("labels")
HISTORY: Final = ME.sub("history")
SETTINGS: Final = ME.sub("settings")

SYSTEM: Final[Mapping[str, str]] = {
    "INBOX": "inbox",
    "UNREAD": "unread",
    "STARRED": "starred",
    "IMPORTANT": "important",
    "SENT": "sent",
    "DRAFT": "draft",
    "SPAM": "spam",
    "TRASH": "trash",
    "CHAT": "chat",
    "CATEGORY_PERSONAL": "personal",
    "CATEGORY_SOCIAL": "social",
    "CATEGORY_PROMOTIONS": "promotions",
    "CATEGORY_UPDATES": "updates",
    "CATEGORY_FORUMS": "forums",
}
"""Google's own labels: id → the name we show. Ids and names are the same in every mailbox."""

_OTHER_NAMES: Final[Mapping[str, str]] = {
    "drafts": "DRAFT",
    "bin": "TRASH",
    "junk": "SPAM",
    "primary": "CATEGORY_PERSONAL",
}
_NEAR: Final = 5
_LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one mailbox, by id and by name. `names` is id → name as Gmail shows it."""

    names: Mapping[str, str]

    @classmethod
    async def fetch(cls, google: Google) -> Self:
        """The mailbox's labels: one request, 1 unit."""
        return cls.from_api(await google.get(LABELS, fields="labels(id,name,type)"))

    @classmethod
    def from_api(cls, answer: Mapping[str, Any]) -> Self:
        """Read a `ListLabelsResponse`; system labels get the names of `SYSTEM`."""
        return cls({
            label["id"]: SYSTEM.get(label["id"], clean_line(label.get("name", "")))
            for label in answer.get("labels", [])
        })  # fmt: skip

    def name(self, identifier: str) -> str:
        """The name of a label; an id that is not known is its own name."""
        return self.names.get(identifier) or SYSTEM.get(identifier, identifier)

    def shown(self, identifiers: Iterable[str]) -> tuple[str, ...]:
        """Names of `identifiers`, in their order."""
        return tuple(self.name(identifier) for identifier in identifiers)

    def id(self, name: str) -> str:
        """The id of the label `name`: any case, nested as `Work/Invoices`, or an id itself.

        Raises:
            ArgumentError: there is no such label; the text lists near names.
        """
        if name in self.names or name in SYSTEM:
            return name
        wanted = _folded(name)
        for identifier, known in (*self.names.items(), *SYSTEM.items()):
            if wanted in {_folded(known), _folded(identifier)}:
                return identifier
        if wanted in _OTHER_NAMES:
            return _OTHER_NAMES[wanted]
        raise ArgumentError(f"There is no label {clean_line(name)[:100]!r}.", self._instead(wanted))

    def ids(self, names: Iterable[str]) -> list[str]:
        """Ids of `names`, each once, in their order. Raises as `id` does."""
        return list(dict.fromkeys(self.id(name) for name in names))

    def own(self) -> Sequence[str]:
        """Names of the labels that the person made, sorted."""
        mine = (name for identifier, name in self.names.items() if identifier not in SYSTEM)
        return sorted(mine, key=str.casefold)

    def _instead(self, wanted: str) -> str:
        folded = {_folded(name): name for name in (*self.own(), *SYSTEM.values())}
        near = get_close_matches(wanted, folded, n=_NEAR, cutoff=0.5)
        near += [key for key in folded if wanted and wanted in key and key not in near]
        if near:
            return f"Labels like it: {', '.join(folded[key] for key in near[:_NEAR])}."
        own = self.own()
        if not own:
            return "The mailbox has no labels of its own."
        more = f" and {len(own) - _LISTED} more" if len(own) > _LISTED else ""
        return f"The labels are: {', '.join(own[:_LISTED])}{more}."


def _folded(name: str) -> str:
    return "/".join(part.strip() for part in clean_line(name).casefold().split("/"))
