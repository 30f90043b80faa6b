"""A request's method and path → the worst that it can do. No I/O.

A method that is not named here is judged by its verb, on the safe side: GET reads, DELETE deletes,
everything else writes. A test holds this to every method of Google's discovery documents.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from workspace_mcp.errors import PolicyError


class Reach(StrEnum):
    """How far a request reaches, from nowhere to other people."""

    READS = "reads"
    WRITES = "writes"
    SENDS = "sends"
    SHARES = "shares"
    DELETES = "deletes"
    RUNS = "runs"


OUTWARD: Final = frozenset({Reach.SENDS, Reach.SHARES, Reach.RUNS})
"""By which something can leave the account."""
GUARDED: Final = OUTWARD | {Reach.DELETES}
"""What needs a permit of this very call."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A request as it is about to leave. `body` is None when it is streamed or there is none."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    body: bytes | None = None

    def json(self) -> Mapping[str, Any]:
        """The body as an object; {} when it is none."""
        try:
            found: Any = json.loads(self.body) if self.body else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class _Rule:
    host: str
    method: str
    path: re.Pattern[str]
    reach: Reach | Callable[[Wire], Reach]


def _notifies(wire: Wire) -> Reach:
    """An event that Google tells the guests of reaches them."""
    told = wire.query.get("sendUpdates") in {"all", "externalOnly"}
    told = told or wire.query.get("sendNotifications") == "true"
    return Reach.SENDS if told else Reach.DELETES if wire.method == "DELETE" else Reach.WRITES


def _forwards(wire: Wire) -> Reach:
    action = wire.json().get("action")
    forward = isinstance(action, dict) and bool(action.get("forward"))
    return Reach.SHARES if forward else Reach.WRITES


_FETCHING: Final = re.compile(
    r"\s*[=+].*\b(IMPORTXML|IMPORTHTML|IMPORTDATA|IMPORTFEED|IMPORTRANGE|IMAGE)\s*\(",
    re.IGNORECASE | re.DOTALL,
)


def fetching(text: str) -> str:
    """The function of a formula by which Google asks another host, with data in the address; or ""."""
    found = _FETCHING.match(text)
    return found[1].upper() if found else ""


def _fetches(wire: Wire) -> Reach:
    """Cells whose formulas make Google fetch from elsewhere: what they ask for leaves the account."""
    body = wire.json()
    if "RAW" in {wire.query.get("valueInputOption"), body.get("valueInputOption")}:
        return Reach.WRITES
    return Reach.SENDS if any(map(fetching, _texts(body))) else Reach.WRITES


def _texts(node: Any) -> Iterator[str]:
    """What Sheets may read as formulas: texts in lists of values, and those under certain names."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, str):
                yield from [value] if key in {"formulaValue", "replacement", "data"} else ()
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from [value] if isinstance(value, str) else _texts(value)


def _publishes(wire: Wire) -> Reach:
    """A version of a file, shown to everybody on the web or not."""
    told = {"published", "publishAuto", "publishedOutsideDomain"} & set(wire.json())
    return Reach.SHARES if told else Reach.WRITES


_HELD: Final = re.compile(
    r"https://(lh\d+(-[a-z]{1,4})?\.googleusercontent\.com|docs\.google\.com/docs-images-rt)/"
)


def elsewhere(address: str) -> bool:
    """Whether fetching a picture tells a host the address, other than one where Docs keeps pictures."""
    return _HELD.match(address) is None


def _documents(wire: Wire) -> Reach:
    """A Doc's batch: a tab goes with all its text; a picture's host is told the picture's address."""
    found: Any = wire.json().get("requests")
    requests = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    deletes = any("deleteTab" in one for one in requests)
    pictures = [
        one[kind]
        for one in requests
        for kind in ("insertInlineImage", "replaceImage")
        if kind in one
    ]
    asks = any(elsewhere(str(one.get("uri", ""))) for one in pictures)
    if deletes and asks:
        raise PolicyError("A batch that both deletes and fetches from elsewhere was stopped.")
    return Reach.DELETES if deletes else Reach.SENDS if asks else Reach.WRITES


GMAIL, WWW, CALENDAR = "gmail.googleapis.com", "www.googleapis.com", "calendar/v3"
HOSTS: Final = frozenset({
    GMAIL, WWW, "docs.googleapis.com", "sheets.googleapis.com", "slides.googleapis.com",
    "forms.googleapis.com", "tasks.googleapis.com", "people.googleapis.com", "chat.googleapis.com",
    "meet.googleapis.com", "script.googleapis.com", "customsearch.googleapis.com",
    "openidconnect.googleapis.com", "keep.googleapis.com", "admin.googleapis.com",
    "driveactivity.googleapis.com", "drivelabels.googleapis.com", "workspaceevents.googleapis.com",
    "cloudidentity.googleapis.com",
})  # fmt: skip
"""Hosts that this server ever asks."""


def _rules(
    rows: Sequence[tuple[str, str, str, Reach | Callable[[Wire], Reach]]],
) -> Sequence[_Rule]:
    return [_Rule(host, method, re.compile(path), reach) for host, method, path, reach in rows]


RULES: Final = _rules([
    (GMAIL, "POST", r"/batch/gmail/v1", Reach.READS),  # its parts are judged one by one
    (GMAIL, "POST", r"(/upload)?/gmail/v1/users/[^/]+/(messages|drafts)/send", Reach.SENDS),
    (GMAIL, "POST", r"/gmail/v1/users/[^/]+/messages/batchDelete", Reach.DELETES),
    (GMAIL, "POST", r"/gmail/v1/users/[^/]+/settings/filters", _forwards),
    (GMAIL, "DELETE", r"/gmail/v1/users/[^/]+/settings/filters/[^/]+", Reach.WRITES),  # made anew by undo
    (GMAIL, "(POST|PUT|PATCH)", r"/gmail/v1/users/[^/]+/settings/(forwardingAddresses|delegates)(/.*)?", Reach.SHARES),
    (GMAIL, "(PUT|PATCH)", r"/gmail/v1/users/[^/]+/settings/autoForwarding", Reach.SHARES),
    (GMAIL, "(POST|PUT|PATCH)", r"/gmail/v1/users/[^/]+/settings/sendAs/[^/]+/(smimeInfo|verify)(/.*)?", Reach.SHARES),
    (GMAIL, "POST", r"/gmail/v1/users/[^/]+/settings/sendAs", Reach.SHARES),
    (GMAIL, "POST", r"/gmail/v1/users/[^/]+/watch", Reach.SHARES),
    (WWW, "POST", r"/batch/(drive|calendar)/v3", Reach.READS),
    (WWW, "(POST|PATCH|PUT)", r"/drive/v3/files/[^/]+/permissions(/[^/]+)?", Reach.SHARES),
    (WWW, "DELETE", r"/drive/v3/files/[^/]+/permissions/[^/]+", Reach.WRITES),
    (WWW, "POST", r"/drive/v3/(changes|files/[^/]+)/watch", Reach.SHARES),
    (WWW, "PATCH", r"/drive/v3/files/[^/]+/revisions/[^/]+", _publishes),
    (WWW, "POST", r"/drive/v3/files/[^/]+/accessproposals/[^/]+:resolve", Reach.SHARES),
    (WWW, "POST", r"/drive/v3/files/[^/]+/download", Reach.READS),
    (WWW, "POST", r"/calendar/v3/freeBusy", Reach.READS),
    (WWW, "(POST|PUT|PATCH|DELETE)", r"/calendar/v3/calendars/[^/]+/events(/.*)?", _notifies),
    (WWW, "POST", r"/calendar/v3/calendars/[^/]+/(events|acl)/watch", Reach.SHARES),
    (WWW, "POST", r"/calendar/v3/users/me/(calendarList|settings)/watch", Reach.SHARES),
    (WWW, "(POST|PUT|PATCH)", r"/calendar/v3/calendars/[^/]+/acl(/[^/]+)?", Reach.SHARES),
    (WWW, "DELETE", r"/calendar/v3/calendars/[^/]+/acl/[^/]+", Reach.WRITES),
    ("docs.googleapis.com", "POST", r"/v1/documents/[^/]+:batchUpdate", _documents),
    ("sheets.googleapis.com", "POST", r"/v4/spreadsheets/[^/]+(/values)?:(batch)?[gG]etByDataFilter", Reach.READS),
    ("sheets.googleapis.com", "POST", r"/v4/spreadsheets/[^/]+/values:batchGetByDataFilter", Reach.READS),
    ("sheets.googleapis.com", "(POST|PUT)", r"/v4/spreadsheets(/[^/]+(:batchUpdate|/values[:/].*))?", _fetches),
    ("forms.googleapis.com", "POST", r"/v1/forms/[^/]+:setPublishSettings", Reach.SHARES),
    ("forms.googleapis.com", "POST", r"/v1/forms/[^/]+/watches(/.*)?", Reach.SHARES),
    ("chat.googleapis.com", "(POST|PUT|PATCH)", r"/v1/spaces/[^/]+/messages(/[^/]+)?", Reach.SENDS),
    ("chat.googleapis.com", "(POST|PATCH)", r"/v1/spaces(:setup|/[^/]+/members(/[^/]+)?)", Reach.SHARES),
    ("chat.googleapis.com", "POST", r"/v1/spaces/[^/]+/messages/[^/]+/reactions", Reach.SENDS),
    ("chat.googleapis.com", "POST", r"/v1/spaces", Reach.SHARES),
    ("script.googleapis.com", "POST", r"/v1/scripts/[^/]+:run", Reach.RUNS),
    ("script.googleapis.com", "(POST|PUT)", r"/v1/projects/[^/]+/deployments(/[^/]+)?", Reach.SHARES),
    ("meet.googleapis.com", "POST", r"/v2(beta)?/spaces(/[^/]+(/members|:.*))?", Reach.SHARES),
    ("workspaceevents.googleapis.com", "POST", r"/v1(beta)?/subscriptions(/.*)?", Reach.SHARES),
])  # fmt: skip


def reach(wire: Wire) -> Reach:
    """The worst that a request can do.

    Raises:
        PolicyError: it goes to a host that this server has no business with.
    """
    if wire.host not in HOSTS:
        raise PolicyError("A request to a host that is not one of Google's APIs was stopped.")
    for rule in RULES:
        if (
            rule.host == wire.host
            and re.fullmatch(rule.method, wire.method)
            and rule.path.fullmatch(wire.path)
        ):
            return rule.reach if isinstance(rule.reach, Reach) else rule.reach(wire)
    match wire.method:
        case "GET" | "HEAD":
            return Reach.READS
        case "DELETE":
            return Reach.DELETES
        case _:
            return Reach.WRITES


_SERVICE: Final = {
    GMAIL: "gmail", "docs.googleapis.com": "docs", "sheets.googleapis.com": "sheets",
    "slides.googleapis.com": "slides", "forms.googleapis.com": "forms",
    "tasks.googleapis.com": "tasks", "people.googleapis.com": "contacts",
    "chat.googleapis.com": "chat", "script.googleapis.com": "appscript",
    "customsearch.googleapis.com": "search",
}  # fmt: skip


def service_of(wire: Wire) -> str:
    """The service that a request belongs to; "" for what belongs to none."""
    if wire.host == WWW:
        for name in ("drive", "calendar"):
            if re.match(rf"/(upload/|batch/)?{name}/", wire.path):
                return name
        return ""
    return _SERVICE.get(wire.host, "")
