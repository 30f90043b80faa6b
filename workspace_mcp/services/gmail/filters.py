"""Filters: what they look for and do, as Google keeps them, and as a search.

Source: developers.google.com/workspace/gmail/api/guides/filter_settings
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workspace_mcp.errors import ArgumentError, PolicyError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.services.gmail.mailbox import SETTINGS, Labels
from workspace_mcp.services.gmail.values import Values
from workspace_mcp.tools import JsonObject

FILTERS: Final = SETTINGS.sub("filters")
_TEXTS: Final = {
    "from": "from", "to": "to", "subject": "subject", "query": "query", "not": "negatedQuery",
}  # fmt: skip
"""Our field → Google's, of a filter's criteria."""
_EXAMPLE: Final = 'values={"from": "a@example.com", "add": ["Bills"], "remove": ["inbox"]}'


def entry(old: Mapping[str, Any], values: Values, labels: Labels) -> JsonObject:
    """A `Filter` without id: `old` with what `values` set; an empty value takes a field away.

    Raises:
        ArgumentError: it would look for nothing, or do nothing.
        PolicyError: it would forward mail.
    """
    if old.get("action", {}).get("forward"):
        raise forwarding()
    criteria: JsonObject = dict(old.get("criteria", {}))
    for name, key in _TEXTS.items():
        if name in values:
            criteria[key] = values.line(name)
    if "has_attachment" in values:
        criteria["hasAttachment"] = values.flag("has_attachment")
    for name in ("larger", "smaller"):
        if name in values:
            criteria |= {"size": values.size(name), "sizeComparison": name}
    action: JsonObject = dict(old.get("action", {}))
    for name, key in (("add", "addLabelIds"), ("remove", "removeLabelIds")):
        if name in values:
            action[key] = labels.ids(_label_names(values, name))
    criteria = {key: value for key, value in criteria.items() if value}
    action = {key: value for key, value in action.items() if value}
    if not criteria or not action:
        lacks = "something to look for" if not criteria else "something to do: add or remove"
        raise ArgumentError(f"A filter needs {lacks}.", _EXAMPLE)
    return {"criteria": criteria, "action": action}


def _label_names(values: Values, name: str) -> Sequence[str]:
    """Labels; an address in their place is a wish to forward."""
    found = values.strings(name)
    if any("@" in one for one in found):
        raise forwarding()
    return found


def forwarding() -> PolicyError:
    """The refusal of filters that send mail on."""
    return PolicyError(
        "Filters that forward mail are not made or changed here: they let mail leave unseen.",
        "The user can do it in Gmail's settings.",
    )


def described(entry: Mapping[str, Any], labels: Labels) -> str:
    """`from:(x) has:attachment -> +Bills, -inbox`: a filter in one line."""
    action: Mapping[str, Any] = entry.get("action", {})
    done = [f"+{labels.name(one)}" for one in action.get("addLabelIds", ())]
    done += [f"-{labels.name(one)}" for one in action.get("removeLabelIds", ())]
    done += [f"forward to {action['forward']}"] if action.get("forward") else []
    return clean_line(f"{query(entry.get('criteria', {}))} -> {', '.join(done) or 'nothing'}")


def query(criteria: Mapping[str, Any]) -> str:
    """The search that finds what a filter's criteria match."""
    return " ".join(_terms(criteria))


def _terms(criteria: Mapping[str, Any]) -> Iterator[str]:
    for name in ("from", "to", "subject"):
        if criteria.get(name):
            yield f"{name}:({criteria[name]})"
    if criteria.get("query"):
        yield str(criteria["query"])
    if criteria.get("negatedQuery"):
        yield f"-({criteria['negatedQuery']})"
    if criteria.get("hasAttachment"):
        yield "has:attachment"
    if criteria.get("size"):
        yield f"{criteria.get('sizeComparison', 'larger')}:{criteria['size']}"


def effects(action: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What a person should know of what a filter does, in plain words."""
    added, removed = action.get("addLabelIds", ()), action.get("removeLabelIds", ())
    if "TRASH" in added:
        yield "Mail that it matches goes straight to the trash, and is gone after 30 days."
    elif "SPAM" in added:
        yield "Mail that it matches goes to spam."
    elif "INBOX" in removed:
        yield "Mail that it matches skips the inbox."
    if "UNREAD" in removed:
        yield "It is marked as read."
    if "SPAM" in removed:
        yield "It never goes to spam."
