"""Media that comes with a request: simple, multipart and resumable uploads.

Source: developers.google.com/workspace/gmail/api/guides/uploads,
developers.google.com/workspace/drive/api/guides/manage-uploads
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from workspace_mcp.demo.http import Refusal, Request, Response


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes, and what JSON came along. `mime` is what the media says that it is, "" for nothing."""

    data: bytes
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    mime: str = ""


def taken(request: Request) -> Upload | None:
    """The upload of a request; None when it is none.

    Raises:
        Refusal: it cannot be taken apart.
    """
    kind = request.headers.get("content-type", "")
    if "/upload/" not in request.path:
        return None
    match request.one("uploadType"):
        case "media":
            return Upload(request.body, mime=kind)
        case "multipart":
            return _multipart(request.body, kind)
        case "resumable":
            mime = request.headers.get("x-upload-content-type", "")
            return Upload(request.body, json.loads(request.headers[_METADATA]), mime)
        case _:
            raise Refusal(400, "Invalid upload request", "badRequest")


def _multipart(body: bytes, kind: str) -> Upload:
    boundary = re.search(r'boundary="?([^";]+)"?', kind)
    if boundary is None:
        raise Refusal(400, "Missing multipart boundary", "badContent")
    parts = re.split(
        rb"(?:\A|\r?\n)--" + re.escape(boundary[1].encode()) + rb"(?:--)?[ \t]*(?:\r?\n|\Z)", body
    )
    found = [part for part in parts if part.strip()]
    if len(found) != 2:
        raise Refusal(400, "Two parts are needed", "badContent")
    (_, head), (kind_of, media) = (re.split(rb"\r?\n\r?\n", part, maxsplit=1) for part in found)
    said = re.search(rb"(?i)content-type:[ \t]*([^\s;]+)", kind_of)
    return Upload(media, json.loads(head), said[1].decode() if said else "")


_METADATA = "x-demo-metadata"
"""Where a finished upload carries what its session began with."""


@dataclass(slots=True)
class Session:
    """An upload that comes in parts."""

    begun: Request
    total: int
    data: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Sessions:
    """Resumable uploads that are not finished yet, and what came of those that are."""

    open: dict[str, Session] = field(default_factory=dict[str, Session])
    _made: dict[str, Response] = field(default_factory=dict[str, Response])
    _count: int = 0

    def step(self, request: Request, whole: Callable[[Request], Response]) -> Response:
        """One step of an upload; `whole` answers the request that all parts make together.

        Raises:
            Refusal: there is no such session.
        """
        key = request.one("upload_id")
        if key is None:
            return self._begin(request)
        if key in self._made and request.method == "PUT":
            return self._made[key]
        if key not in self.open:
            raise Refusal(404, "Requested entity was not found.")
        session = self.open[key]
        if request.method == "DELETE":
            del self.open[key]
            return Response(499, {}, b"")
        self._take(session, request)
        if len(session.data) < session.total:
            reached = {"range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}
            return Response(308, reached, b"")
        del self.open[key]
        kind = session.begun.headers.get("x-upload-content-type", "")
        headers = {
            **request.headers, _METADATA: session.begun.body.decode() or "{}",
            "x-upload-content-type": kind,
        }  # fmt: skip
        made = whole(replace(session.begun, headers=headers, body=bytes(session.data)))
        self._made[key] = made
        return made

    def _begin(self, request: Request) -> Response:
        self._count += 1
        key = f"demo{self._count}"
        total = int(request.headers.get("x-upload-content-length", "0"))
        self.open[key] = Session(request, total)
        place = f"https://{request.host}{request.path}?uploadType=resumable&upload_id={key}"
        return Response(200, {"location": place}, b"")

    @staticmethod
    def _take(session: Session, request: Request) -> None:
        found = re.fullmatch(r"bytes (\d+)-\d+/\d+", request.headers.get("content-range", ""))
        if found and int(found[1]) == len(session.data):
            session.data += request.body
