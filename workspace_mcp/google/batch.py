"""Many reads in one request, and back. No I/O.

Source: developers.google.com/workspace/gmail/api/guides/batch
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final
from urllib.parse import urlencode, urlsplit

from workspace_mcp.google.resource import Resource, collection

MOST: Final = 50
"""Google takes 100 and advises 50."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch as one request."""

    resource: Resource
    body: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Part:
    """One answer inside a batch's answer."""

    status: int
    body: bytes


def pack(resources: Sequence[Resource], query: Sequence[tuple[str, str]]) -> Packed:
    """GETs of `resources`, all of one host and API, with the same query."""
    split = [urlsplit(resource.url) for resource in resources]
    host = split[0].hostname
    api, version = split[0].path.split("/")[1:3]
    if any(one.hostname != host or one.path.split("/")[1:3] != [api, version] for one in split):
        raise ValueError("a batch goes to one API")
    boundary = f"batch_{secrets.token_hex(12)}"
    suffix = f"?{urlencode(query)}" if query else ""
    parts = [
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <part-{number}>\r\n\r\n"
        f"GET {one.path}{suffix} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
        for number, one in enumerate(split)
    ]
    body = "".join(parts) + f"--{boundary}--\r\n"
    return Packed(
        collection(f"https://{host}/batch/{api}/{version}"),
        body.encode(),
        f"multipart/mixed; boundary={boundary}",
    )


def unpack(body: bytes, mime: str, count: int) -> list[Part | None]:
    """The answers in the order of the requests; None where there is none that can be read."""
    head = b"Content-Type: " + mime.encode("ascii", "replace") + b"\r\n\r\n"
    whole = BytesParser(policy=HTTP).parsebytes(head + body)
    found: list[Part | None] = [None] * count
    for part in whole.get_payload() if whole.is_multipart() else ():
        if not isinstance(part, Message):
            continue
        number = re.search(r"response-part-(\d+)", str(part.get("Content-ID", "")))
        payload = part.get_payload(decode=True)
        if number is None or int(number[1]) >= count or not isinstance(payload, bytes):
            continue
        found[int(number[1])] = _answer(payload)
    return found


def _answer(payload: bytes) -> Part | None:
    whole = payload.lstrip()
    status = re.match(rb"HTTP/\d(?:\.\d)? (\d{3})\b", whole)
    if status is None:
        return None
    body = re.split(rb"\r?\n\r?\n", whole, maxsplit=1)[1:]
    return Part(int(status[1]), b"".join(body).strip())
