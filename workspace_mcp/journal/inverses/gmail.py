"""How changes in Gmail are taken back. No I/O."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from workspace_mcp.journal.entry import Step
from workspace_mcp.journal.rule import Before, Json, Look, Rule, Turn
from workspace_mcp.policy.effects import Wire

MOST: Final = 100
"""Messages whose labels are looked up before they change."""


def _url(wire: Wire, path: str = "") -> str:
    return f"https://{wire.host}{path or wire.path}"


def _here(wire: Wire, match: re.Match[str]) -> Look:
    del match
    return Look((_url(wire),))


# Labels of messages


def _labels_look(wire: Wire, match: re.Match[str]) -> Look:
    base = f"https://gmail.googleapis.com/gmail/v1/users/{match['user']}"
    fields = (("format", "minimal"), ("fields", "id,labelIds"))
    if match.groupdict().get("thread"):
        query = (("format", "minimal"), ("fields", "id,messages(id,labelIds)"))
        return Look((f"{base}/threads/{match['thread']}",), query)
    if match.groupdict().get("message"):
        return Look((f"{base}/messages/{match['message']}",), fields)
    ids = [str(one) for one in wire.json().get("ids", ())]
    return (
        Look(tuple(f"{base}/messages/{one}" for one in ids), fields) if len(ids) <= MOST else Look()
    )


def _labels_turn(wire: Wire, match: re.Match[str], before: Before, after: Json) -> Turn:
    del after
    body = wire.json()
    add, remove = _trash(match) or (
        frozenset(body.get("addLabelIds", ())), frozenset(body.get("removeLabelIds", ())),
    )  # fmt: skip
    messages = [one for found in before if found for one in found.get("messages", (found,))]
    words = " ".join([*(f"+{one}" for one in sorted(add)), *(f"-{one}" for one in sorted(remove))])
    count = len(messages) or len(body.get("ids", ())) or 1
    what = f"labels {words} of {count} message{'' if count == 1 else 's'}"
    if not messages:
        return Turn(what, lost=f"more than {MOST} messages: their labels were not looked up")
    groups: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for one in messages:
        had = frozenset(one.get("labelIds", ()))
        back = (remove & had, add - had)
        if any(back):
            groups.setdefault(back, []).append(str(one["id"]))
    url = f"https://gmail.googleapis.com/gmail/v1/users/{match['user']}/messages/batchModify"
    steps = tuple(
        Step("POST", url, (), {
            "ids": ids, "addLabelIds": sorted(give), "removeLabelIds": sorted(take),
        })
        for (give, take), ids in groups.items()
    )  # fmt: skip
    return Turn(what, steps)


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
        step = Step("POST", _url(wire, home), (), {"message": kept})
    else:
        now = {"message.id": after.get("message", {}).get("id")}
        step = Step("PUT", _url(wire), (), {"message": kept}, now, _url(wire))
    return Turn(f"draft {identifier} {verb}", (step,))


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
    return Turn(f"{wire.path.rpartition('/')[2]} deleted for good", lost="what is deleted for good", plain=True)


_USER: Final = r"gmail\.googleapis\.com(?:/upload)?/gmail/v1/users/(?P<user>[^/]+)"
_LABEL: Final = ("name", "labelListVisibility", "messageListVisibility", "color")
_VACATION: Final = (
    "enableAutoReply", "responseSubject", "responseBodyPlainText", "responseBodyHtml",
    "restrictToContacts", "restrictToDomain", "startTime", "endTime",
)  # fmt: skip


def _rule(method: str, path: str, turn: Any, look: Any = None) -> Rule:
    compiled = re.compile(_USER + path)
    return Rule(method, compiled, look, turn) if look else Rule(method, compiled, turn=turn)


RULES: Final = (
    _rule("POST", r"/messages/batchModify", _labels_turn, _labels_look),
    _rule("POST", r"/messages/(?P<message>[^/]+)/(?P<verb>modify|trash|untrash)", _labels_turn, _labels_look),
    _rule("POST", r"/threads/(?P<thread>[^/]+)/(?P<verb>modify|trash|untrash)", _labels_turn, _labels_look),
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
