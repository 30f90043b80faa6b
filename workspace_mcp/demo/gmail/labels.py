"""Gmail's labels.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels
"""

from dataclasses import replace
from typing import Any, Final

from workspace_mcp.demo.gmail.mailbox import Mailbox
from workspace_mcp.demo.gmail.records import Label
from workspace_mcp.demo.http import Refusal, Request, Response, answer

SCOPE: Final = "https://www.googleapis.com/auth/gmail.labels"
PALETTE: Final = frozenset(
    [
        "#000000",
        "#434343",
        "#666666",
        "#999999",
        "#cccccc",
        "#efefef",
        "#f3f3f3",
        "#ffffff",
        "#fb4c2f",
        "#ffad47",
        "#fad165",
        "#16a766",
        "#43d692",
        "#4a86e8",
        "#a479e2",
        "#f691b3",
        "#f6c5be",
        "#ffe6c7",
        "#fef1d1",
        "#b9e4d0",
        "#c6f3de",
        "#c9daf8",
        "#e4d7f5",
        "#fcdee8",
        "#efa093",
        "#ffd6a2",
        "#fce8b3",
        "#89d3b2",
        "#a0eac9",
        "#a4c2f4",
        "#d0bcf1",
        "#fbc8d9",
        "#e66550",
        "#ffbc6b",
        "#fcda83",
        "#44b984",
        "#68dfa9",
        "#6d9eeb",
        "#b694e8",
        "#f7a7c0",
        "#cc3a21",
        "#eaa041",
        "#f2c960",
        "#149e60",
        "#3dc789",
        "#3c78d8",
        "#8e63ce",
        "#e07798",
        "#ac2b16",
        "#cf8933",
        "#d5ae49",
        "#0b804b",
        "#2a9c68",
        "#285bac",
        "#653e9b",
        "#b65775",
        "#822111",
        "#a46a21",
        "#aa8831",
        "#076239",
        "#1a764d",
        "#1c4587",
        "#41236d",
        "#83334c",
        "#464646",
        "#e7e7e7",
        "#0d3472",
        "#b6cff5",
        "#0d3b44",
        "#98d7e4",
        "#3d188e",
        "#e3d7ff",
        "#711a36",
        "#fbd3e0",
        "#8a1c0a",
        "#f2b2a8",
        "#7a2e0b",
        "#ffc8af",
        "#7a4706",
        "#ffdeb5",
        "#594c05",
        "#fbe983",
        "#684e07",
        "#fdedc1",
        "#0b4f30",
        "#b3efd3",
        "#04502e",
        "#a2dcc1",
        "#c2c2c2",
        "#4986e7",
        "#2da2bb",
        "#b99aff",
        "#994a64",
        "#f691b2",
        "#ff7537",
        "#ffad46",
        "#662e37",
        "#ebdbde",
        "#cca6ac",
        "#094228",
        "#42d692",
        "#16a765",
    ]
)


def shown(box: Mailbox, label: Label, *, counts: bool) -> dict[str, Any]:
    """A label as Google gives it."""
    body: dict[str, Any] = {
        "id": label.id,
        "name": label.name,
        "type": "system" if label.system else "user",
        "messageListVisibility": label.message_visibility,
        "labelListVisibility": label.list_visibility,
    }
    if label.colour is not None:
        body["color"] = {"backgroundColor": label.colour[0], "textColor": label.colour[1]}
    if counts:
        mails = [mail for mail in box.mails.values() if label.id in mail.labels]
        unread = [mail for mail in mails if "UNREAD" in mail.labels]
        body |= {
            "messagesTotal": len(mails),
            "messagesUnread": len(unread),
            "threadsTotal": len({mail.thread_id for mail in mails}),
            "threadsUnread": len({mail.thread_id for mail in unread}),
        }
    return body


def handle(box: Mailbox, request: Request, rest: list[str]) -> Response:
    """The answer to a request below `labels`."""
    match request.method, rest:
        case "GET", []:
            return answer(
                {"labels": [shown(box, label, counts=False) for label in box.labels.values()]}
            )
        case "GET", [identifier]:
            return answer(shown(box, _find(box, identifier), counts=True))
        case "POST", []:
            body = request.json()
            colour = _colour(body)
            label = box.new_label(str(body.get("name", "")))
            return answer(shown(box, _changed(box, label, body, colour), counts=False))
        case (("PATCH" | "PUT"), [identifier]):
            body = request.json()
            label = _find(box, identifier)
            if label.system:
                raise Refusal(400, "Invalid update request", "invalidArgument")
            colour = _colour(body)
            if "name" in body:
                label = box.renamed(label, str(body["name"]))
            return answer(shown(box, _changed(box, label, body, colour), counts=False))
        case "DELETE", [identifier]:
            label = _find(box, identifier)
            if label.system:
                raise Refusal(400, "Invalid delete request", "invalidArgument")
            del box.labels[identifier]
            for mail in box.mails.values():
                mail.labels.discard(identifier)
            return answer(None)
        case _:
            raise Refusal(404, "Requested entity was not found.")


def _find(box: Mailbox, identifier: str) -> Label:
    if identifier not in box.labels:
        raise Refusal(404, "Requested entity was not found.")
    return box.labels[identifier]


def _colour(body: dict[str, Any]) -> tuple[str, str] | None:
    colour = body.get("color")
    if not colour:
        return None
    pair = (str(colour.get("backgroundColor")), str(colour.get("textColor")))
    for one in pair:
        if one not in PALETTE:
            raise Refusal(
                400, f"Label color {one} is not on the allowed color palette", "invalidArgument"
            )
    return pair


def _changed(
    box: Mailbox, label: Label, body: dict[str, Any], colour: tuple[str, str] | None
) -> Label:
    box.labels[label.id] = replace(
        label,
        message_visibility=body.get("messageListVisibility", label.message_visibility),
        list_visibility=body.get("labelListVisibility", label.list_visibility),
        colour=colour or label.colour,
    )
    return box.labels[label.id]
