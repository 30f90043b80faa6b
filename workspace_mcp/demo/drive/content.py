"""What files hold: media, exports, long-running downloads, conversions.

Source: developers.google.com/workspace/drive/api/guides/manage-downloads,
…/guides/long-running-operations
"""

import re
from urllib.parse import quote

from workspace_mcp.demo.drive.call import DRIVE, FILE, READONLY, Call
from workspace_mcp.demo.drive.exports import DEFAULTS, LARGEST, exported, imported
from workspace_mcp.demo.drive.records import FOLDER, SHORTCUT, File, Revision
from workspace_mcp.demo.drive.store import Store
from workspace_mcp.demo.http import Refusal, Request, Response, answer

_TICKETS = "drive.usercontent.google.com"


def fill(call: Call, file: File) -> None:
    """Take in the bytes that came with a request; a native file is converted."""
    media = call.media
    if file.native:
        convert(call, file, media.data if media else b"", media.mime if media else "")
    else:
        data = media.data if media else b""
        keep = call.one("keepRevisionForever") == "true"
        call.store.write(file, data, file.mime, call.me, keep=keep)
    call.store.changed(file)


def convert(call: Call, file: File, data: bytes, mime: str) -> None:
    """Make a native file of bytes of another type."""
    creator = call.store.creators.get(file.mime)
    try:
        text = imported(data, mime, file.name, file.mime) if mime else b""
    except Refusal:
        if not file.revisions:
            call.store.files.pop(file.id, None)
        raise
    call.store.write(file, text, file.mime, call.me)
    if creator is not None:
        creator(file.id, file.name, file.owner or call.me, data, mime)


def _readable(call: Call, file: File) -> None:
    call.need(DRIVE, READONLY, FILE)
    if file.no_copy:
        call.at_least(file, "writer")
    file.viewed[call.me] = call.store.now()


def media(call: Call, file: File) -> Response:
    """The bytes of a file, or a range of them."""
    _readable(call, file)
    if file.native:
        raise Refusal(
            403, "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
            "fileNotDownloadable",
        )  # fmt: skip
    return ranged(call.request, file.data, file.mime)


def ranged(request: Request, data: bytes, mime: str) -> Response:
    """All bytes, or those that a `Range` header asks for."""
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if found is None:
        return Response(200, {"content-type": mime}, data)
    start = int(found[1])
    end = min(int(found[2]) + 1 if found[2] else len(data), len(data))
    if start >= len(data):
        raise Refusal(416, "Request range not satisfiable", "requestedRangeNotSatisfiable")
    headers = {"content-type": mime, "content-range": f"bytes {start}-{end - 1}/{len(data)}"}
    return Response(206, headers, data[start:end])


def export(call: Call, file: File) -> Response:
    """A native file as another type, up to 10 MB."""
    _readable(call, file)
    target = call.one("mimeType") or ""
    data = _exported(call.store, file, file.data, target)
    if len(data) > LARGEST:
        raise Refusal(403, "This file is too large to be exported.", "exportSizeLimitExceeded")
    return Response(200, {"content-type": target}, data)


def _exported(store: Store, file: File, text: bytes, target: str) -> bytes:
    if not file.native or file.mime in {FOLDER, SHORTCUT}:
        raise Refusal(403, "Export only supports Docs Editors files.", "fileNotExportable")
    if file.mime in store.exporters and text is file.data:
        return store.exporters[file.mime](file.id, target)
    return exported(file.mime, text, target)


def begin(call: Call, file: File) -> Response:
    """Start a long-running download; it is finished when it is asked for."""
    _readable(call, file)
    revision = _revision(file, call.one("revisionId"))
    target = call.one("mimeType")
    if not file.native and target:
        raise Refusal(400, "mimeType is only for Google Workspace documents.", "badRequest")
    text = revision.data if revision else file.data
    wanted = target or DEFAULTS.get(file.mime, "")
    data = _exported(call.store, file, text, wanted) if file.native else text
    name = call.store.fresh("op")
    call.store.operations[name] = {"data": data, "polls": 0, "partial": not file.native}
    return answer({"name": name, "metadata": _metadata()})


def _revision(file: File, identifier: str | None) -> Revision | None:
    if identifier is None:
        return None
    for one in file.revisions:
        if one.id == identifier:
            return one
    raise Refusal(404, f"Revision not found: {identifier}.", "notFound")


def _metadata() -> dict[str, str]:
    return {"@type": "type.googleapis.com/google.apps.drive.v3.DownloadFileMetadata"}


def operation(call: Call, name: str) -> Response:
    """How a long-running download stands: pending when asked first, then done."""
    call.need(DRIVE, READONLY, FILE)
    found = call.store.operations.get(name)
    if found is None:
        raise Refusal(404, "Requested entity was not found.", "notFound")
    found["polls"] += 1
    if found["polls"] < 2:
        return answer({"name": name, "metadata": _metadata()})
    return answer(
        {
            "name": name, "done": True, "metadata": _metadata(),
            "response": {
                "@type": "type.googleapis.com/google.apps.drive.v3.DownloadFileResponse",
                "downloadUri": f"https://{_TICKETS}/download?ticket={quote(name)}",
                "partialDownloadAllowed": found["partial"],
            },
        }
    )  # fmt: skip


def ticket(store: Store, request: Request) -> Response:
    """The bytes of a finished long-running download."""
    found = store.operations.get(request.one("ticket") or "")
    if found is None or request.path != "/download":
        raise Refusal(404, "Requested entity was not found.", "notFound")
    if found["partial"]:
        return ranged(request, found["data"], "application/octet-stream")
    return Response(200, {"content-type": "application/octet-stream"}, found["data"])
