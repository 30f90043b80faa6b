"""Gmail's settings: filters, vacation responder, send-as, forwarding.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings
"""

from typing import Any, Final

from workspace_mcp.demo.gmail.mailbox import Mailbox
from workspace_mcp.demo.http import Refusal, Request, Response, answer

BASIC: Final = "https://www.googleapis.com/auth/gmail.settings.basic"
SHARING: Final = "https://www.googleapis.com/auth/gmail.settings.sharing"
_READERS: Final = frozenset({
    BASIC, "https://mail.google.com/", "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
})  # fmt: skip
_VACATION: Final = frozenset({
    "enableAutoReply", "responseSubject", "responseBodyPlainText", "responseBodyHtml",
    "restrictToContacts", "restrictToDomain", "startTime", "endTime",
})  # fmt: skip


def scopes(method: str, rest: list[str]) -> frozenset[str]:
    """One of these is needed."""
    if method == "GET":
        return _READERS
    sharing = rest[:1] in (["forwardingAddresses"], ["delegates"], ["autoForwarding"])
    creates = method == "POST" and rest == ["sendAs"]
    return frozenset({SHARING}) if sharing or creates else frozenset({BASIC})


def handle(box: Mailbox, request: Request, rest: list[str]) -> Response:
    """The answer to a request below `settings`."""
    match request.method, rest:
        case _, ["filters", *more]:
            return _filters(box, request, more)
        case "GET", ["vacation"]:
            return answer(box.vacation)
        case "PUT", ["vacation"]:
            body = request.json()
            if body.get("enableAutoReply") and not (
                body.get("responseSubject") or body.get("responseBodyPlainText")
                or body.get("responseBodyHtml")
            ):  # fmt: skip
                raise Refusal(
                    400, "Vacation responder needs a subject or a body", "invalidArgument"
                )
            box.vacation = {key: value for key, value in body.items() if key in _VACATION}
            return answer(box.vacation)
        case _, ["sendAs", *more]:
            return _send_as(box, request, more)
        case "GET", ["forwardingAddresses"]:
            return answer({"forwardingAddresses": []})
        case "GET", ["delegates"]:
            return answer({"delegates": []})
        case "GET", ["autoForwarding"]:
            return answer({"enabled": False})
        case "GET", ["imap"]:
            return answer({"enabled": True, "autoExpunge": True})
        case "GET", ["pop"]:
            return answer({"accessWindow": "disabled", "disposition": "leaveInInbox"})
        case "GET", ["language"]:
            return answer({"displayLanguage": "en"})
        case _:
            raise Refusal(404, "Requested entity was not found.")


def _filters(box: Mailbox, request: Request, rest: list[str]) -> Response:
    match request.method, rest:
        case "GET", []:
            found = list(box.filters.values())
            return answer({"filter": found} if found else {})
        case "GET", [identifier] if identifier in box.filters:
            return answer(box.filters[identifier])
        case "POST", []:
            made = _new_filter(box, request.json())
            return answer(made)
        case "DELETE", [identifier] if identifier in box.filters:
            del box.filters[identifier]
            return answer(None)
        case _:
            raise Refusal(404, "Requested entity was not found.")


def _new_filter(box: Mailbox, body: dict[str, Any]) -> dict[str, Any]:
    criteria, action = body.get("criteria") or {}, body.get("action") or {}
    if not criteria:
        raise Refusal(400, "Filter criteria is required", "invalidArgument")
    if not action:
        raise Refusal(400, "Filter action is required", "invalidArgument")
    named = [*action.get("addLabelIds", ()), *action.get("removeLabelIds", ())]
    if unknown := [one for one in named if one not in box.labels]:
        raise Refusal(400, f"Invalid label: {unknown[0]}", "invalidArgument")
    if action.get("forward"):
        raise Refusal(400, "Unrecognized forwarding address", "invalidArgument")
    if any(one["criteria"] == criteria and one["action"] == action for one in box.filters.values()):
        raise Refusal(400, "Filter already exists", "failedPrecondition")
    identifier = f"ANe1Bmj{box.numbers():08d}"
    box.filters[identifier] = {"id": identifier, "criteria": criteria, "action": action}
    return box.filters[identifier]


def _send_as(box: Mailbox, request: Request, rest: list[str]) -> Response:
    match request.method, rest:
        case "GET", []:
            return answer({"sendAs": box.send_as})
        case (("GET" | "PATCH" | "PUT"), [email]):
            found = [one for one in box.send_as if one["sendAsEmail"] == email]
            if not found:
                raise Refusal(404, "Requested entity was not found.")
            if request.method != "GET":
                body = request.json()
                keys = ("displayName", "replyToAddress", "signature", "isDefault")
                found[0] |= {key: body[key] for key in keys if key in body}
            return answer(found[0])
        case _:
            raise Refusal(404, "Requested entity was not found.")
