"""Lists of files: what is searched, in which order."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from workspace_mcp.demo.drive.call import Call
from workspace_mcp.demo.drive.exports import EXPORTS
from workspace_mcp.demo.drive.query import Query, Searchable, understand
from workspace_mcp.demo.drive.records import FOLDER, File
from workspace_mcp.demo.drive.shapes import file_json
from workspace_mcp.demo.http import Refusal, Response, answer
from workspace_mcp.formats.extract import text_of

_SEARCHED: Final = 5_000_000


def files(call: Call) -> Response:
    """One page of the files that a query matches."""
    query = understand(call.one("q") or "")
    order = call.one("orderBy")
    if query.full_text and order:
        raise Refusal(
            403,
            "Sorting is not supported for queries with fullText terms. Results are always in "
            "descending relevance order.",
            "forbidden",
        )
    found = [one for one in _corpus(call) if query.test(searchable(call, one, query))]
    rows, token = call.page(_sorted(call, found, order), 100, 1000)
    body: dict[str, Any] = {
        "kind": "drive#fileList", "incompleteSearch": False,
        "files": [file_json(call.store, one, call.me) for one in rows],
    }  # fmt: skip
    return answer(body | ({"nextPageToken": token} if token else {}))


def _corpus(call: Call) -> list[File]:
    """The files among which is searched."""
    corpora = call.one("corpora") or "user"
    drive = call.one("driveId")
    inside = call.one("includeItemsFromAllDrives") == "true"
    if (inside or drive) and not call.all_drives:
        raise Refusal(
            403,
            "The includeItemsFromAllDrives parameter needs supportsAllDrives.",
            "teamDrivesNotSupported",
        )
    if (corpora == "drive") != bool(drive):
        raise Refusal(400, "The driveId parameter goes with corpora=drive.", "badRequest")
    if corpora in {"drive", "allDrives"} and not inside:
        raise Refusal(
            403, "The includeItemsFromAllDrives parameter must be set to true.",
            "teamDrivesParentLimit",
        )  # fmt: skip
    if drive and (
        drive not in call.store.drives or not call.store.role(call.store.files[drive], call.me)
    ):
        raise Refusal(404, f"Shared drive not found: {drive}", "notFound")
    found: list[File] = []
    for one in call.store.files.values():
        if one.root or not call.store.role(one, call.me, listed=True):
            continue
        if one.drive and not inside:
            continue
        if drive and one.drive != drive:
            continue
        found.append(one)
    return found


def searchable(call: Call, file: File, query: Query) -> Searchable:
    """A file as queries see it."""
    store, me = call.store, call.me
    grants = [held.permission for holds in store.held(file).values() for held in holds]
    by_role = {
        role: frozenset(one.who for one in grants if one.role in roles)
        for role, roles in (
            ("owners", {"owner"}),
            ("writers", {"owner", "writer", "organizer", "fileOrganizer"}),
            ("readers", {"owner", "writer", "organizer", "fileOrganizer", "commenter", "reader"}),
        )
    }
    kinds = {one.kind: one for one in grants}
    public = (
        "anyoneCanFind" if "anyone" in kinds and kinds["anyone"].discoverable else "anyoneWithLink"
    )
    visibility = (
        public if "anyone" in kinds else "domainWithLink" if "domain" in kinds else "limited"
    )
    return Searchable(
        name=file.name,
        text=_text(store.texts, file) if query.full_text else "",
        mime=file.mime,
        times={"modifiedTime": file.modified, "createdTime": file.created,
               "viewedByMeTime": file.viewed.get(me), "sharedWithMeTime": file.shared.get(me)},
        flags={"trashed": store.trashed(file), "starred": me in file.starred,
               "sharedWithMe": me in file.shared and file.owner != me and not file.drive},
        people=by_role | {"parents": _parents(call, file)},
        properties={"properties": file.properties, "appProperties": file.app_properties},
        target=file.target,
        visibility=visibility,
    )  # fmt: skip


def _parents(call: Call, file: File) -> frozenset[str]:
    found = {file.parent} if file.parent else set[str]()
    return frozenset(found | ({"root"} if file.parent == call.store.root_of(call.me).id else set()))


def _text(kept: dict[tuple[str, int], str], file: File) -> str:
    """What is indexed of a file."""
    if file.mime == FOLDER:
        return file.description
    key = (file.id, len(file.revisions))
    if key not in kept:
        if file.mime in EXPORTS:
            text = file.data.decode()
        else:
            found = text_of(file.data, file.mime, file.name) if len(file.data) < _SEARCHED else None
            text = found.text if found else ""
        kept[key] = text
    return f"{kept[key]}\n{file.description}"


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", name.lower())
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


_KEYS: Final[Mapping[str, Callable[[File, str], Any]]] = {
    "createdTime": lambda one, _: one.created.timestamp(),
    "folder": lambda one, _: one.mime != FOLDER,
    "modifiedByMeTime": lambda one, me: one.modified.timestamp() if one.by == me else 0.0,
    "modifiedTime": lambda one, _: one.modified.timestamp(),
    "name": lambda one, _: one.name.lower(),
    "name_natural": lambda one, _: _natural(one.name),
    "quotaBytesUsed": lambda one, _: 0 if one.native else len(one.data),
    "recency": lambda one, me: max(
        one.modified.timestamp(), *(at.timestamp() for at in _mine(one, me)), 0.0
    ),
    "sharedWithMeTime": lambda one, me: one.shared[me].timestamp() if me in one.shared else 0.0,
    "starred": lambda one, me: me not in one.starred,
    "viewedByMeTime": lambda one, me: one.viewed[me].timestamp() if me in one.viewed else 0.0,
}


def _mine(file: File, me: str) -> list[Any]:
    return [kept[me] for kept in (file.viewed, file.shared) if me in kept]


def _sorted(call: Call, found: list[File], order: str | None) -> list[File]:
    rows = sorted(found, key=lambda one: (-one.modified.timestamp(), one.id))
    for part in reversed([part.split() for part in (order or "").split(",") if part.strip()]):
        if part[0] not in _KEYS or part[1:] not in ([], ["desc"]):
            raise Refusal(400, "Invalid Value", "invalid")
        key = _KEYS[part[0]]
        rows.sort(key=lambda one, key=key: key(one, call.me), reverse=part[1:] == ["desc"])
    return rows
