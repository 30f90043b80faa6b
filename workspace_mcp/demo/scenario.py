"""A demo Workspace ↔ its file. The form is described in docs/demo-file.md.

`dump(load(file))` is the same Workspace again: what a file leaves to default is written out.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workspace_mcp.demo import editors, samples
from workspace_mcp.demo.docs import sample
from workspace_mcp.demo.drive import scenario as drive
from workspace_mcp.demo.gmail.mailbox import Mailbox
from workspace_mcp.demo.gmail.records import Mail
from workspace_mcp.demo.world import World, utc_now
from workspace_mcp.errors import UsageError

_TOP: Final = {
    "version",
    "now",
    "time_zone",
    "accounts",
    "people",
    "mail",
    "drives",
    "files",
    "docs",
}
LATER: Final = {"events", "contacts", "tasks", "spaces"}
_ACCOUNT: Final = {"email", "name", "labels", "filters", "vacation", "send_as"}
_MAIL: Final = {
    "account", "key", "from", "to", "cc", "bcc", "subject", "text", "html", "date", "unread",
    "starred", "important", "labels", "reply_to", "headers", "attachments", "draft", "raw",
    "references",
}  # fmt: skip
_PLACES: Final = {"inbox": "INBOX", "sent": "SENT", "spam": "SPAM", "trash": "TRASH"}


def load(file: Path | None, *, now: datetime | None = None) -> World:
    """The Workspace of `file`, or the sample company. `now` fixes the clock, and wins over the file.

    Raises:
        UsageError: the file cannot be read or used; the text names the place.
    """
    text = (
        files("workspace_mcp.demo").joinpath("company.json").read_text("utf-8")
        if file is None
        else _text(file)
    )
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--demo: the file is not JSON ({error}).") from error
    _known(found, _TOP | LATER, "the file")
    world = _world(found, now)
    keys: dict[str, Mail] = {}
    for number, entry in enumerate(found.get("mail", [])):
        place = f"mail[{number}]"
        _known(entry, _MAIL, place)
        _put(world, entry, keys, place)
    _files(world, found)
    for number, entry in enumerate(found.get("docs", [])):
        place = f"docs[{number}]"
        _known(entry, sample.KNOWN, place)
        owner = str(entry.get("account", world.accounts()[0])).lower()
        if owner not in world.boxes or not entry.get("title"):
            raise UsageError(f"--demo: {place} has no title, or an account that is not there.")
        doc = sample.put(world.documents, owner, entry)
        for role, people in (("reader", doc.readers), ("writer", doc.editors)):
            for who in sorted(people):
                world.drive(owner).share(doc.id, who, role)
    editors.adopt(world.files, world.documents)
    for box in world.boxes.values():
        box.history.clear()
    return world


def _files(world: World, found: Mapping[str, Any]) -> None:
    main = world.accounts()[0]
    reader = drive.Reader(world.files, main, lambda text, place: _when(text, world, place))
    for number, entry in enumerate(found.get("drives", [])):
        place = f"drives[{number}]"
        _known(entry, drive.DRIVE, place)
        reader.drive(entry, place)
    for number, entry in enumerate(found.get("files", [])):
        place = f"files[{number}]"
        _known(entry, drive.FILE, place)
        if "name" not in entry:
            raise UsageError(f"--demo: {place} has no name.")
        reader.file(entry, place)
    world.files.changes.clear()


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--demo: {file} cannot be read ({error}).") from error


def _known(entry: Any, names: set[str], place: str) -> None:
    if not isinstance(entry, dict):
        raise UsageError(f"--demo: {place} is not an object.", "See docs/demo-file.md.")
    if unknown := sorted(set(entry) - names):
        raise UsageError(
            f"--demo: {place} has no {', '.join(unknown)}.",
            f"It may have {', '.join(sorted(names))}.",
        )


def _world(found: Mapping[str, Any], now: datetime | None) -> World:
    fixed = now or (_absolute(str(found["now"]), "now") if found.get("now") else None)
    name = str(found.get("time_zone", "UTC"))
    try:
        zone = UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"--demo: {name} is no time zone.", "Write it like Europe/Berlin."
        ) from error
    world = World((lambda: fixed) if fixed else utc_now, zone, name)
    world.people = list(found.get("people", []))
    world.kept = {key: found[key] for key in sorted(LATER) if key in found}
    accounts = found.get("accounts") or []
    if not accounts:
        raise UsageError("--demo: the file has no accounts.", "See docs/demo-file.md.")
    for number, account in enumerate(accounts):
        _account(world, account, f"accounts[{number}]")
    return world


def _account(world: World, entry: Mapping[str, Any], place: str) -> None:
    _known(entry, _ACCOUNT, place)
    if "@" not in str(entry.get("email", "")):
        raise UsageError(f"--demo: {place} has no email.")
    box = world.add_account(str(entry["email"]), str(entry.get("name", "")))
    for label in entry.get("labels", []):
        name, colour = (
            (label, None) if isinstance(label, str) else (label["name"], label.get("colour"))
        )
        made = box.new_label(name)
        made.colour = (colour[0], colour[1]) if colour else None
    box.vacation = dict(entry.get("vacation") or box.vacation)
    for alias in entry.get("send_as", []):
        box.send_as = [one for one in box.send_as if one["sendAsEmail"] != alias["sendAsEmail"]]
        box.send_as.append(dict(alias))
    for made in entry.get("filters", []):
        identifier = f"ANe1Bmj{world.number():08d}"
        action = {
            key: [_label_id(box, name, place) for name in names]
            for key, names in made["action"].items()
        }
        box.filters[identifier] = {"id": identifier, "criteria": made["criteria"], "action": action}


def _label_id(box: Mailbox, name: str, place: str) -> str:
    for label in box.labels.values():
        if name.lower() in {label.name.lower(), label.id.lower()}:
            return label.id
    raise UsageError(
        f"--demo: {place}: there is no label {name}.", "List it under the account's labels."
    )


def _put(world: World, entry: Mapping[str, Any], keys: dict[str, Mail], place: str) -> None:
    box = world.boxes.get(str(entry.get("account", world.accounts()[0])).lower())
    if box is None:
        raise UsageError(f"--demo: {place}: {entry['account']} is not among the accounts.")
    before = None
    if "reply_to" in entry:
        before = keys.get(str(entry["reply_to"]))
        if before is None:
            raise UsageError(f"--demo: {place}: no mail before it has the key {entry['reply_to']}.")
    at = _when(str(entry.get("date", "-1h")), world, place)
    labels = {
        _PLACES.get(name) or _label_id(box, name, place) for name in entry.get("labels", ["inbox"])
    }
    for flag, label in (("starred", "STARRED"), ("important", "IMPORTANT")):
        labels |= {label} if entry.get(flag) else set()
    mail = box.deliver(
        str(entry.get("from", f"{box.name} <{box.email}>")),
        str(entry.get("subject", "")),
        _body(entry.get("text", "")),
        html=_body(entry["html"]) if "html" in entry else None,
        to=str(entry.get("to", box.email)),
        cc=str(entry.get("cc", "")),
        at_ms=int(at.timestamp() * 1000),
        unread=bool(entry.get("unread", False)),
        headers=_headers(entry),
        attachments=tuple(_attachment(one, place) for one in entry.get("attachments", [])),
        reply_to=before,
        labels=tuple(sorted(labels if not entry.get("draft") else {"DRAFT"})),
        raw=base64.b64decode(entry["raw"]) if "raw" in entry else None,
    )
    if entry.get("draft"):
        box.drafts[f"r{0x2A00000000 + world.number()}"] = mail.id
    if "key" in entry:
        keys[str(entry["key"])] = mail


def _headers(entry: Mapping[str, Any]) -> dict[str, str]:
    found = {str(name): str(value) for name, value in entry.get("headers", {}).items()}
    return found | ({"Bcc": str(entry["bcc"])} if "bcc" in entry else {})


def _body(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _attachment(entry: Mapping[str, Any], place: str) -> tuple[str, str, bytes]:
    """(name, type, bytes): from `text`, `base64`, or one of the samples by `sample`."""
    _known(entry, {"name", "type", "text", "base64", "sample"}, f"{place}.attachments")
    try:
        if "sample" in entry:
            data = samples.make(str(entry["sample"]), _body(entry.get("text", "")))
        elif "base64" in entry:
            data = base64.b64decode(str(entry["base64"]), validate=True)
        else:
            data = _body(entry.get("text", "")).encode()
    except (KeyError, binascii.Error) as error:
        raise UsageError(f"--demo: {place}: attachment {entry.get('name')}: {error}.") from error
    return str(entry["name"]), str(entry.get("type", "application/octet-stream")), data


def _absolute(text: str, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--demo: {place}: {text!r} is not a time.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _when(text: str, world: World, place: str) -> datetime:
    """`-3h`, `-2d 09:15` (in the world's zone) or an absolute time."""
    found = re.fullmatch(r"-(\d{1,4})([mhd])(?: (\d{2}):(\d{2}))?", text.strip())
    if found is None:
        return _absolute(text, f"{place}.date")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
    moment = world.now() - timedelta(**{unit: int(found[1])})
    if found[3] is None:
        return moment
    local = moment.astimezone(world.zone)
    return local.replace(hour=int(found[3]), minute=int(found[4]), second=0, microsecond=0)


def dump(world: World) -> str:
    """The whole state in the form that `load` reads; the clock is written as it is now."""
    everything = {
        "version": 1,
        "now": world.now().astimezone(UTC).isoformat(),
        "time_zone": world.time_zone,
        "people": world.people,
        "accounts": [_account_entry(box) for box in world.boxes.values()],
        "drives": drive.drive_entries(world.files),
        "files": drive.file_entries(world.files, world.accounts()[0]),
        "mail": [entry for box in world.boxes.values() for entry in _mail_entries(box)],
        "docs": [one for one in sample.entries(world.documents) if one["account"] in world.boxes],
        **world.kept,
    }
    return json.dumps(everything, indent=1, ensure_ascii=False) + "\n"


def _account_entry(box: Mailbox) -> dict[str, Any]:
    named = partial(_names, box)
    return {
        "email": box.email,
        "name": box.name,
        "labels": [
            {"name": label.name, "colour": list(label.colour) if label.colour else None}
            for label in box.user_labels()
        ],
        "vacation": box.vacation,
        "send_as": box.send_as,
        "filters": [
            {
                "criteria": one["criteria"],
                "action": {key: named(ids) for key, ids in one["action"].items()},
            }
            for one in box.filters.values()
        ],
    }


def _names(box: Mailbox, ids: Sequence[str]) -> list[str]:
    return sorted(box.labels[one].name for one in ids if one in box.labels)


def _mail_entries(box: Mailbox) -> list[dict[str, Any]]:
    drafts = set(box.drafts.values())
    marks = {"UNREAD", "STARRED", "IMPORTANT", "DRAFT"}
    return [
        {
            "account": box.email,
            "date": datetime.fromtimestamp(mail.at_ms / 1000, UTC).isoformat(),
            "from": mail.header("From"),
            "to": mail.header("To"),
            "subject": mail.header("Subject"),
            "unread": "UNREAD" in mail.labels,
            "starred": "STARRED" in mail.labels,
            "important": "IMPORTANT" in mail.labels,
            "draft": mail.id in drafts,
            "labels": _names(box, sorted(mail.labels - marks)),
            "raw": base64.b64encode(mail.raw).decode(),
        }
        for mail in sorted(box.mails.values(), key=lambda mail: (mail.at_ms, mail.id))
    ]
