"""Files of a demo file ↔ the demo's Drive. The form is described in docs/demo-file.md."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from workspace_mcp.demo import samples
from workspace_mcp.demo.drive.records import (
    DOC,
    FOLDER,
    SHEET,
    SHORTCUT,
    SLIDES,
    Comment,
    File,
    Permission,
    Reply,
)
from workspace_mcp.demo.drive.store import Store
from workspace_mcp.errors import UsageError

FILE: Final = {
    "account", "key", "id", "name", "type", "folder", "date", "text", "base64", "sample", "shared",
    "starred", "trashed", "description", "comments", "versions", "target", "properties", "viewed",
}  # fmt: skip
DRIVE: Final = {"name", "key", "id", "members", "date"}
_TYPES: Final = {
    "folder": FOLDER, "doc": DOC, "sheet": SHEET, "slides": SLIDES, "shortcut": SHORTCUT,
}  # fmt: skip
When = Callable[[str, str], datetime]
"""(time as it is written, the place in the file) → the time."""


class Reader:
    """Puts the files of a demo file into a store, one after the other."""

    def __init__(self, store: Store, main: str, when: When) -> None:
        self._store = store
        self._main = main
        self._when = when
        self._keys: dict[str, str] = {}

    def drive(self, entry: Mapping[str, Any], place: str) -> None:
        """A shared drive with its members."""
        members: Sequence[Mapping[str, Any]] = entry.get("members") or [
            {"who": self._main, "role": "organizer"}
        ]
        made = self._store.new_drive(str(entry["name"]), self._main, str(entry.get("id", "")))
        made.created = self._when(str(entry.get("date", "-400d")), place)
        root = self._store.files[made.id]
        root.permissions = [self._grant(one, place) for one in members]
        for name in (entry.get("key"), entry["name"], made.id):
            if name:
                self._keys[str(name)] = made.id

    def file(self, entry: Mapping[str, Any], place: str) -> None:
        """A file with its versions, grants and comments."""
        kind = str(entry.get("type", "text/plain"))
        mime = _TYPES.get(kind, kind)
        by = str(entry.get("account", self._main)).lower()
        at = self._when(str(entry.get("date", "-1d")), place)
        folder = self._known(str(entry["folder"]), place) if "folder" in entry else ""
        file = File(
            str(entry.get("id") or self._store.fresh()), str(entry["name"]), mime, at, at, by,
            folder or self._store.root_of(by).id, description=str(entry.get("description", "")),
            properties={str(key): str(value) for key, value in entry.get("properties", {}).items()},
        )  # fmt: skip
        if "target" in entry:
            file.target = self._known(str(entry["target"]), place)
        self._store.put(file)
        for name in (entry.get("key"), file.id):
            if name:
                self._keys[str(name)] = file.id
        self._content(file, entry, by, at, place)
        self._people(file, entry, at, place)
        file.comments = [self._comment(one, by, place) for one in entry.get("comments", ())]

    def _known(self, name: str, place: str) -> str:
        if name not in self._keys:
            raise UsageError(f"--demo: {place}: nothing before it has the key {name}.")
        return self._keys[name]

    def _content(
        self, file: File, entry: Mapping[str, Any], by: str, at: datetime, place: str
    ) -> None:
        if file.mime in {FOLDER, SHORTCUT}:
            return
        file.created = at
        for one in entry.get("versions", ()):
            moment = self._when(str(one.get("date", "-2d")), place)
            file.created = min(file.created, moment)
            writer = str(one.get("account", by)).lower()
            self._store.write(
                file, _data(one, place), file.mime, writer, keep=bool(one.get("keep")), at=moment
            )
        if not file.revisions or {"text", "base64", "sample"} & set(entry):
            self._store.write(file, _data(entry, place), file.mime, by, at=at)

    def _people(self, file: File, entry: Mapping[str, Any], at: datetime, place: str) -> None:
        for one in entry.get("shared", ()):
            grant = self._grant(one, place)
            file.permissions.append(grant)
            if grant.kind == "user":
                file.shared[grant.who] = at
        if entry.get("starred"):
            file.starred = set(_people(entry["starred"], self._main))
        if entry.get("trashed"):
            file.trashed, file.trashed_by = at, file.owner or self._main
        if entry.get("viewed"):
            file.viewed[self._main] = self._when(str(entry["viewed"]), place)

    def _grant(self, entry: Mapping[str, Any], place: str) -> Permission:
        who = str(entry.get("who", "")).lower()
        kind = "user" if "@" in who else "domain" if who and who != "anyone" else "anyone"
        if who.startswith("group:"):
            kind, who = "group", who.removeprefix("group:")
        expires = self._when(str(entry["expires"]), place) if entry.get("expires") else None
        return Permission(
            kind, "" if kind == "anyone" else who, str(entry.get("role", "reader")),
            self._store.name_of(who) if kind == "user" else who,
            discoverable=bool(entry.get("discoverable")), expires=expires,
        )  # fmt: skip

    def _comment(self, entry: Mapping[str, Any], by: str, place: str) -> Comment:
        answers = [
            Reply(
                str(one.get("id") or self._store.fresh("AAABDemo")),
                str(one.get("by", by)).lower(), self._when(str(one.get("date", "-1h")), place),
                str(one.get("text", "")), str(one.get("action", "")),
            )
            for one in entry.get("replies", ())
        ]  # fmt: skip
        return Comment(
            str(entry.get("id") or self._store.fresh("AAAADemo")), str(entry.get("by", by)).lower(),
            self._when(str(entry.get("date", "-1h")), place), str(entry.get("text", "")),
            str(entry.get("quote", "")), resolved=bool(entry.get("resolved")), replies=answers,
        )  # fmt: skip


def _people(given: Any, main: str) -> list[str]:
    return [main] if given is True else [str(one).lower() for one in given]


def _data(entry: Mapping[str, Any], place: str) -> bytes:
    """Bytes from `text`, `base64`, or one of the samples by `sample`."""
    text = entry.get("text", "")
    text = "\n".join(map(str, text)) if isinstance(text, list) else str(text)
    try:
        if "sample" in entry:
            return samples.make(str(entry["sample"]), text)
        if "base64" in entry:
            return base64.b64decode(str(entry["base64"]), validate=True)
    except (KeyError, binascii.Error) as error:
        raise UsageError(f"--demo: {place}: {error}.") from error
    return text.encode()


def drive_entries(store: Store) -> list[dict[str, Any]]:
    """The shared drives, as `Reader.drive` reads them."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "date": _stamp(one.created),
            "members": [_granted(grant) for grant in store.files[one.id].permissions],
        }
        for one in store.drives.values()
    ]


def file_entries(store: Store, main: str) -> list[dict[str, Any]]:
    """Every file, folders before what lies in them, shortcuts last, as `Reader.file` reads them."""
    ordered = sorted(
        (one for one in store.files.values() if not one.root),
        key=lambda one: (one.mime == SHORTCUT, len(list(store.ancestors(one)))),
    )
    return [_entry(store, one, main) for one in ordered]


def _entry(store: Store, file: File, main: str) -> dict[str, Any]:
    types = {mime: name for name, mime in _TYPES.items()}
    entry: dict[str, Any] = {
        "id": file.id, "name": file.name, "type": types.get(file.mime, file.mime),
        "account": file.owner or file.by, "date": _stamp(file.modified),
    }  # fmt: skip
    if file.parent in store.files and (file.drive or not store.files[file.parent].root):
        entry["folder"] = file.parent
    if shared := [_granted(one) for one in file.permissions if one.role != "owner"]:
        entry["shared"] = shared
    kept: dict[str, Any] = {
        "description": file.description, "properties": file.properties, "target": file.target,
        "starred": sorted(file.starred), "trashed": bool(file.trashed),
        "viewed": _stamp(file.viewed[main]) if main in file.viewed else "",
        "comments": [_said(one) for one in file.comments if not one.deleted],
        "versions": [
            {
                "date": _stamp(one.at), "account": one.by, "keep": one.keep,
                "base64": base64.b64encode(one.data).decode(),
            }
            for one in file.revisions
        ],
    }  # fmt: skip
    return entry | {key: value for key, value in kept.items() if value}


def _granted(one: Permission) -> dict[str, Any]:
    who = f"group:{one.who}" if one.kind == "group" else one.who or "anyone"
    entry: dict[str, Any] = {"who": who, "role": one.role}
    if one.discoverable:
        entry["discoverable"] = True
    return entry | ({"expires": _stamp(one.expires)} if one.expires else {})


def _said(one: Comment) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": one.id, "by": one.by, "date": _stamp(one.at), "text": one.content,
    }  # fmt: skip
    if one.quoted:
        entry["quote"] = one.quoted
    if one.resolved:
        entry["resolved"] = True
    answers = [
        {
            "id": each.id,
            "by": each.by,
            "date": _stamp(each.at),
            "text": each.content,
            "action": each.action,
        }
        for each in one.replies
        if not each.deleted
    ]
    return entry | ({"replies": answers} if answers else {})


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
