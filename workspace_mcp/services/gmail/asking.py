"""Mail as acts that a person is asked about."""

from collections.abc import Mapping, Sequence
from typing import Any

from workspace_mcp.formats.clean import clean, clean_line
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.payload import mail
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.effects import Reach
from workspace_mcp.services.gmail.body import Form, written
from workspace_mcp.services.gmail.compose import Letter
from workspace_mcp.services.gmail.envelope import Envelope
from workspace_mcp.services.gmail.leaving import WayOut

_FENCE = Fence("0")
"""A person reads these lines, who needs no marks."""


def sending(letter: Letter, envelope: Envelope) -> Act:
    """Sending a message that was just written, as its finished bytes say."""
    below = (f"Below the text: {', '.join(letter.below)}",) if letter.below else ()
    return Act(
        Reach.SENDS, "Send mail", (*envelope.lines(_FENCE), *below), envelope.recipients,
        clean(letter.own_text), letter.digest, reply=bool(letter.thread_id), final=False,
    )  # fmt: skip


def sending_draft(draft: Mapping[str, Any], envelope: Envelope) -> Act:
    """Sending a draft as it is now. Another version of it is another act."""
    message = draft["message"]
    payload = message["payload"]
    text = written(mail(payload), payload, {}, Form.PLAIN, quoted=False).text
    reply = any(
        header["name"].lower() in {"in-reply-to", "references"} for header in payload["headers"]
    )
    return Act(
        Reach.SENDS, "Send a draft", tuple(envelope.lines(_FENCE)), envelope.recipients,
        clean(text), f"{draft['id']} {message['id']}", reply=reply,
    )  # fmt: skip


def leaving(who: str, way: WayOut) -> Act:
    """Leaving a mailing list: by one click where it takes that, else by a mail."""
    lines = [f"List: {clean_line(who)[:200]}"]
    if way.one_click:
        lines.append(f"By one click, at {way.host}")
    people = frozenset[str]()
    if way.letter is not None:
        otherwise = "Otherwise by" if way.one_click else "By"
        lines.append(f'{otherwise} mail to {way.letter.to}: "{way.letter.subject}"')
        people = frozenset({way.letter.to.lower()})
    return Act(Reach.SENDS, "Leave a mailing list", tuple(lines), people, requests=2)


def filtering(described: str, effects: Sequence[str]) -> Act:
    """Making a filter that hides mail from the inbox."""
    return Act(Reach.WRITES, "Make a mail filter", (clean_line(described)[:400], *effects))


def hides(action: Mapping[str, Any]) -> bool:
    """Whether a filter takes mail out of sight."""
    added, removed = action.get("addLabelIds", ()), action.get("removeLabelIds", ())
    return bool({"TRASH", "SPAM"} & set(added)) or "INBOX" in removed
