"""How changes in Gmail are taken back. No I/O."""

import base64
import email
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from workspace_mcp.journal.entry import Step
from workspace_mcp.journal.rule import Before, Json, Look, Pairs, Rule, Seen, Turn
from workspace_mcp.policy.effects import Wire

ONE_BY_ONE: Final = 20
"""Messages that are asked for their labels, at 20 units each; of more, the labels are asked for their
messages, at 5 units for 500."""
_BATCH: Final = 1_000
MOST: Final = 100
"""Messages that are asked one by one where a label has too many."""


def _url(wire: Wire, path: str = "") -> str:
    return f"https://{wire.host}{path or wire.path}"


def _here(wire: Wire, match: re.Match[str]) -> Look:
    del match
    return Look((_url(wire),))


# Labels of messages


def _labels_look(wire: Wire, match: re.Match[str]) -> Look:
    base = f"https://gmail.googleapis.com/gmail/v1/users/{match['user']}"
    fields = (("format", "minimal"), ("fields", "id,threadId,labelIds"))
    if match.groupdict().get("thread"):
        query = (("format", "minimal"), ("fields", "id,messages(id,labelIds)"))
        return Look((f"{base}/threads/{match['thread']}",), query)
    if match.groupdict().get("message"):
        return Look((f"{base}/messages/{match['message']}",), fields)
    ids = [str(one) for one in wire.json().get("ids", ())]
    return Look(tuple(f"{base}/messages/{one}" for one in ids), fields) if ids else Look()


def _labels_near(wire: Wire, match: re.Match[str], seen: Seen) -> Look:
    """Which of many messages carry a label: the label's own list, narrowed by what the call searched for."""
    ids = {str(one) for one in wire.json().get("ids", ())}
    if len(ids) <= ONE_BY_ONE:
        return _labels_look(wire, match)
    url = f"https://gmail.googleapis.com/gmail/v1/users/{match['user']}/messages"
    query = _searched(ids, seen(url))

    def listed(labels: Sequence[str], cut: bool) -> Look:
        more = (("q", query),) if query else ()
        asked = (
            ("labelIds", labels[0]), ("includeSpamTrash", "true"), ("maxResults", "500"), *more,
            ("fields", "messages(id),nextPageToken"),
        )  # fmt: skip

        def then(found: Before) -> Look:
            over = cut or _cut(found)
            if labels[1:]:
                return listed(labels[1:], over)
            return _labels_look(wire, match) if over and len(ids) <= MOST else Look()

        return Look((url,), asked, then, "messages")

    add, remove = _asked(wire, match)
    labels = sorted(add | remove)
    return listed(labels, cut=False) if labels else Look()


def _cut(found: Before) -> bool:
    return any(one is None or one.get("cut") for one in found)


def _searched(ids: set[str], lists: Iterable[tuple[Pairs, Json]]) -> str:
    """The query that found all the messages, when the call made one; else ""."""
    found: dict[str, set[str]] = {}
    for query, answer in lists:
        wanted = dict(query).get("q", "")
        found.setdefault(wanted, set()).update(one["id"] for one in answer.get("messages", ()))
    return next((query for query, held in found.items() if query and ids <= held), "")


def _labels_turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del after
    add, remove = _asked(wire, match)
    had = _carried(wire, match, before)
    words = " ".join([*(f"+{one}" for one in sorted(add)), *(f"-{one}" for one in sorted(remove))])
    count = len(had or wire.json().get("ids", ())) or 1
    what = f"labels {words} of {count} message{'' if count == 1 else 's'}"
    if not had:
        return Turn(
            what, lost="the labels of so many messages: which had them could not be looked up"
        )
    groups: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for one, labels in had.items():
        back = (remove & labels, add - labels)
        if any(back):
            groups.setdefault(back, []).append(one)
    url = f"https://gmail.googleapis.com/gmail/v1/users/{match['user']}/messages/batchModify"
    steps = tuple(
        Step("POST", url, (), {
            "ids": ids, "addLabelIds": sorted(give), "removeLabelIds": sorted(take),
        })
        for (give, take), ids in groups.items()
    )  # fmt: skip
    return Turn(what, steps)


def gathered(steps: Sequence[Step]) -> list[Step]:
    """Steps that give and take the same labels as one, where no message is in two of them."""
    many = [one for one in steps if one.url.endswith("/messages/batchModify") and one.body]
    ids = [str(each) for one in many for each in (one.body or {}).get("ids", ())]
    if len(many) < 2 or len(set(ids)) < len(ids):
        return list(steps)
    groups: dict[str, list[str]] = {}
    for one in many:
        body = {key: value for key, value in (one.body or {}).items() if key != "ids"}
        key = f"{one.url} {json.dumps(body, sort_keys=True)}"
        groups.setdefault(key, []).extend((one.body or {}).get("ids", ()))
    found = [one for one in steps if one not in many]
    for key, every in groups.items():
        url, _, body = key.partition(" ")
        for start in range(0, len(every), _BATCH):
            part = {"ids": every[start : start + _BATCH], **json.loads(body)}
            found.append(Step("POST", url, (), part))
    return found


def _carried(wire: Wire, match: re.Match[str], before: Before) -> Mapping[str, frozenset[str]]:
    """Message → those of its labels that matter; nothing when they are not known."""
    alone = [one for found in before if found for one in found.get("messages", (found,))]
    if not any(found and "cut" in found for found in before):
        return {str(one["id"]): frozenset(one.get("labelIds", ())) for one in alone}
    ids = [str(one) for one in wire.json().get("ids", ())]
    add, remove = _asked(wire, match)
    labels = sorted(add | remove)
    if not _cut(before[: len(labels)]):
        holding = {
            label: {one["id"] for one in (found or {}).get("messages", ())}
            for label, found in zip(labels, before, strict=False)
        }
        return {
            one: frozenset(label for label, held in holding.items() if one in held) for one in ids
        }
    return {
        str(one["id"]): frozenset(one.get("labelIds", ())) for one in before[len(labels) :] if one
    }


def _asked(wire: Wire, match: re.Match[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Labels that are added, and removed."""
    body = wire.json()
    return _trash(match) or (
        frozenset(body.get("addLabelIds", ())), frozenset(body.get("removeLabelIds", ())),
    )  # fmt: skip


def _trash(match: re.Match[str]) -> tuple[frozenset[str], frozenset[str]] | None:
    match match.groupdict().get("verb"):
        case "trash":
            return frozenset({"TRASH"}), frozenset({"INBOX", "SPAM"})
        case "untrash":
            return frozenset(), frozenset({"TRASH"})
        case _:
            return None


# Things that are made, changed, deleted


def _made(noun: str) -> Callable[[Wire, re.Match[str], Before, Json], Turn]:
    """Something new: it is deleted again."""

    def turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
        del match, before
        identifier = str(after.get("id", ""))
        if not identifier:
            return Turn(f"{noun} made", lost="Google's answer did not say which")
        return Turn(f"{noun} {identifier} made", (Step("DELETE", f"{_url(wire)}/{identifier}"),))

    return turn


def _changed(
    noun: str, method: str, keep: Sequence[str]
) -> Callable[[Wire, re.Match[str], Before, Json], Turn]:
    """Fields that are set: the earlier ones are set again, unless somebody changed them since."""

    def turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
        del match
        old = before[0] if before else None
        name = wire.path.rpartition("/")[2]
        if old is None:
            return Turn(f"{noun} {name} changed", lost="what it was before could not be read")
        body = {key: old[key] for key in keep if key in old}
        now = {key: after[key] for key in keep if key in after}
        return Turn(
            f"{noun} {name} changed", (Step(method, _url(wire), (), body, now, _url(wire)),)
        )

    return turn


def _removed(
    noun: str, keep: Sequence[str], lost: str
) -> Callable[[Wire, re.Match[str], Before, Json], Turn]:
    """Something deleted: the like of it is made, with another id."""

    def turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
        del match, after
        home, _, identifier = wire.path.rpartition("/")
        old = before[0] if before else None
        if old is None:
            return Turn(f"{noun} {identifier} deleted", lost="what it was could not be read")
        body = {key: old[key] for key in keep if key in old}
        return Turn(
            f"{noun} {identifier} deleted", (Step("POST", _url(wire, home), (), body),), lost
        )

    return turn


def _draft_look(wire: Wire, match: re.Match[str]) -> Look:
    del match
    return Look((_url(wire),), (("format", "raw"),))


def _draft_turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del match
    home, _, identifier = wire.path.rpartition("/")
    old = before[0] if before else None
    verb = "deleted" if wire.method == "DELETE" else "changed"
    if old is None or "raw" not in old.get("message", {}):
        return Turn(f"draft {identifier} {verb}", lost="what it was could not be read")
    kept = {key: old["message"][key] for key in ("raw", "threadId") if key in old["message"]}
    if wire.method == "DELETE":
        if not _answers(kept["raw"]):
            kept.pop("threadId", None)  # its thread went with it
        step = Step("POST", _url(wire, home), (), {"message": kept})
    else:
        now = {"message.id": after.get("message", {}).get("id")}
        step = Step("PUT", _url(wire), (), {"message": kept}, now, _url(wire))
    return Turn(f"draft {identifier} {verb}", (step,))


def _answers(raw: str) -> bool:
    """Whether a message, in base64, stands in the thread of another one."""
    data = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    return "In-Reply-To" in email.message_from_bytes(data)


def _sent(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del match, before
    draft = wire.json().get("id")
    return Turn(
        f"mail {after.get('id', '')} sent".replace("  ", " "),
        lost="mail that is sent",
        plain=True,
        spent=_url(wire, f"{wire.path.rpartition('/')[0]}/{draft}") if draft else "",
    )


def _gone(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del match, before, after
    return Turn(
        f"{wire.path.rpartition('/')[2]} deleted for good",
        lost="what is deleted for good",
        plain=True,
    )


_USER: Final = r"gmail\.googleapis\.com(?:/upload)?/gmail/v1/users/(?P<user>[^/]+)"
_LABEL: Final = ("name", "labelListVisibility", "messageListVisibility", "color")
_VACATION: Final = (
    "enableAutoReply", "responseSubject", "responseBodyPlainText", "responseBodyHtml",
    "restrictToContacts", "restrictToDomain", "startTime", "endTime",
)  # fmt: skip


def _rule(method: str, path: str, turn: Any, look: Any = None, **more: Any) -> Rule:
    compiled = re.compile(_USER + path)
    if look is None:
        return Rule(method, compiled, turn=turn, **more)
    return Rule(method, compiled, look, turn, **more)


RULES: Final = (
    Rule("POST", re.compile(_USER + r"/messages/batchModify"), _labels_look, _labels_turn, near=_labels_near),
    _rule("POST", r"/messages/(?P<message>[^/]+)/(?P<verb>modify|trash|untrash)", _labels_turn, _labels_look,
          alone=True),
    _rule("POST", r"/threads/(?P<thread>[^/]+)/(?P<verb>modify|trash|untrash)", _labels_turn, _labels_look,
          alone=True),
    _rule("POST", r"/labels", _made("label")),
    _rule("PATCH", r"/labels/[^/]+", _changed("label", "PATCH", _LABEL), _here),
    _rule("PUT", r"/labels/[^/]+", _changed("label", "PATCH", _LABEL), _here),
    _rule("DELETE", r"/labels/[^/]+",
          _removed("label", _LABEL, "the messages that carried it do not carry the new one"), _here),
    _rule("POST", r"/settings/filters", _made("filter")),
    _rule("DELETE", r"/settings/filters/[^/]+", _removed("filter", ("criteria", "action"), ""), _here),
    _rule("PUT", r"/settings/vacation", _changed("setting", "PUT", _VACATION), _here),
    _rule("PATCH", r"/settings/sendAs/[^/]+",
          _changed("address", "PATCH", ("displayName", "replyToAddress", "signature", "isDefault")), _here),
    _rule("POST", r"/drafts", _made("draft")),
    _rule("PUT", r"/drafts/[^/]+", _draft_turn, _draft_look),
    _rule("DELETE", r"/drafts/[^/]+", _draft_turn, _draft_look),
    _rule("POST", r"/(?:messages|drafts)/send", _sent),
    _rule("DELETE", r"/(?:messages|threads)/[^/]+", _gone),
    _rule("POST", r"/messages/batchDelete", _gone),
)  # fmt: skip
