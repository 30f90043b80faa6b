"""Media that comes with a request: simple and multipart uploads.

Source: developers.google.com/workspace/gmail/api/guides/uploads
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from workspace_mcp.demo.http import Refusal, Request


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes, and what JSON came along."""

    data: bytes
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


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
            return Upload(request.body)
        case "multipart":
            return _multipart(request.body, kind)
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
    head, media = (re.split(rb"\r?\n\r?\n", part, maxsplit=1)[1] for part in found)
    return Upload(media, json.loads(head))
