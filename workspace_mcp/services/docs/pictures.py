"""Pictures for a document: from a web address, from Drive, from this machine, or from the document itself.

Docs fetches a picture as anyone would, without the account. Nothing is shared for that: Drive makes a
scratch Doc of a DOCX with the pictures, whose short-lived addresses Docs can fetch, and the scratch Doc
goes into the trash. A picture from the web tells its host the address: the person is asked first.

Source: …/docs/api/reference/rest/v1/documents/request#insertinlineimagerequest,
…/documents#imageproperties (contentUri: half an hour, "anyone with the URI … accesses the image")
"""

import io
import re
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from workspace_mcp.errors import ArgumentError, InvalidRequestError, WorkspaceError
from workspace_mcp.files import LocalFiles
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.formats.docs.model import Doc
from workspace_mcp.formats.docs.picture import DOCX, Picture, holding
from workspace_mcp.formats.docs.requests import Request
from workspace_mcp.formats.docs.style import points
from workspace_mcp.google.client import Google
from workspace_mcp.google.media import Media
from workspace_mcp.google.resource import collection
from workspace_mcp.policy.acts import Act
from workspace_mcp.policy.consent import Consent
from workspace_mcp.policy.effects import Reach, elsewhere
from workspace_mcp.services.docs.documents import FILES, Address, fetched
from workspace_mcp.services.docs.scratch import thrown_away, unrecorded

_UPLOAD: Final = collection("https://www.googleapis.com/upload/drive/v3/files")
_BYTES: Final = 20_000_000
_MOST: Final = 50
_TITLE: Final = "Scratch (workspace-mcp: pictures on their way; can be deleted)"
_GOOGLE_DOC: Final = "application/vnd.google-apps.document"
_DRIVE: Final = re.compile(
    r"drive:([\w-]+)|https://drive\.google\.com/(?:file/(?:u/\d/)?d/([\w-]+)|open\?id=([\w-]+)).*"
)


@dataclass(frozen=True, slots=True)
class Ready:
    """Where Google can fetch each picture, and the size that it gets unless another is given."""

    places: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def into(self, requests: Sequence[Request]) -> list[Request]:
        """Requests with addresses that Google can fetch."""
        return [
            {
                "insertInlineImage": {
                    **self.places.get(image["uri"], {}),
                    **image,
                    **self._uri(image),
                }
            }
            if (image := one.get("insertInlineImage"))
            else one
            for one in requests
        ]

    def _uri(self, image: Mapping[str, Any]) -> dict[str, Any]:
        found = self.places.get(image["uri"])
        return {"uri": found["uri"]} if found else {}


def sources(requests: Sequence[Request]) -> Iterator[str]:
    """The pictures that requests insert, as they were written."""
    return (one["insertInlineImage"]["uri"] for one in requests if "insertInlineImage" in one)


@asynccontextmanager
async def pictured(
    google: Google, files: LocalFiles, consent: Consent, wanted: Sequence[str], *,
    doc: Doc | None = None, batches: int = 1,
) -> AsyncGenerator[Ready]:  # fmt: skip
    """Pictures as Google can fetch them while the block runs. Asks the person about other hosts first.

    `doc`: where pictures may be named by the id that `docs_read` shows. `batches`: how many requests
    insert some.

    Raises:
        ArgumentError, LocalFileError: one is not there or no picture. PolicyError: they said no.
        WorkspaceError: Google could not fetch one.
    """
    names = list(dict.fromkeys(wanted))
    if len(names) > _MOST:
        raise ArgumentError(f"{len(names)} pictures at once; {_MOST} can be.", "Insert some first.")
    places = _own(doc, names) if doc else {}
    web = [one for one in names if one not in places and _is_web(one)]
    rest = [one for one in names if one not in places and one not in web]
    found = [Picture.of(await _bytes(google, files, one)) for one in rest]
    if asked := [one for one in web if elsewhere(one)]:
        await consent(_asking(asked, batches))
    scratch = ""
    try:
        if found:
            scratch = await _scratch(google, found)
            addresses = await _addresses(google, scratch, len(found))
            for name, one, address in zip(rest, found, addresses, strict=True):
                places[name] = {"uri": address, "objectSize": _size(*one.points)}
        with explained():
            yield Ready(places)
    finally:
        if scratch:
            await thrown_away(google, scratch)


@contextmanager
def explained() -> Generator[None]:
    """Say what can be done when Google does not fetch a picture.

    Raises:
        WorkspaceError: it did not; whatever else is wrong stays as it was.
    """
    try:
        yield
    except InvalidRequestError as error:
        if "retrieving the image" not in error.what:
            raise
        raise WorkspaceError(
            f"Google could not fetch a picture; the batch was not written. {error.what}",
            "A web address must give a PNG, JPEG or GIF to anyone. For a file of one's own, with the "
            "person's word: drive_share action=link, value=https://drive.google.com/uc?id=ID here, "
            "then drive_share action=link role=off.",
        ) from error


def _own(doc: Doc, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Pictures that the document has already."""
    found: dict[str, Mapping[str, Any]] = {}
    for tab in doc.tabs:
        for name in names:
            held = (
                tab.images.get(name, {}).get("inlineObjectProperties", {}).get("embeddedObject", {})
            )
            address = held.get("imageProperties", {}).get("contentUri", "")
            if address and not elsewhere(address):
                found[name] = {"uri": address, "objectSize": held.get("size", {})}
    return found


def _is_web(name: str) -> bool:
    return name.startswith(("https://", "http://")) and _DRIVE.fullmatch(name) is None


async def _bytes(google: Google, files: LocalFiles, name: str) -> bytes:
    found = _DRIVE.fullmatch(name)
    if found is None:
        return files.read(name, _BYTES).data
    out = bytearray()
    one = FILES.item(found[1] or found[2] or found[3])
    await google.download(one, out.extend, limit_bytes=_BYTES, supportsAllDrives=True)
    return bytes(out)


def _asking(addresses: Sequence[str], batches: int) -> Act:
    return Act(
        Reach.SENDS,
        f"Let Google fetch {len(addresses)} picture{'' if len(addresses) == 1 else 's'} from other sites",
        tuple(clean_line(one)[:300] for one in addresses),
        digest="\n".join(addresses),
        requests=batches,
    )


def _size(width: float, height: float) -> dict[str, Any]:
    return {"width": points(width), "height": points(height)}


async def _scratch(google: Google, found: Sequence[Picture]) -> str:
    data = holding(found)
    media = Media(DOCX, len(data), lambda: io.BytesIO(data))
    with unrecorded():
        made = await google.upload(
            _UPLOAD, {"name": _TITLE, "mimeType": _GOOGLE_DOC}, media, fields="id",
            supportsAllDrives=True,
        )  # fmt: skip
    return str(made["id"])


async def _addresses(google: Google, scratch: str, count: int) -> list[str]:
    """The addresses of the scratch Doc's pictures, in order.

    Raises:
        WorkspaceError: Google's conversion did not keep each of them.
    """
    tab = (await fetched(google, Address(scratch))).tabs[0]
    found = [
        tab.images[run.value["inlineObjectId"]]["inlineObjectProperties"]["embeddedObject"]
        for one in tab.body.blocks
        for run in getattr(one, "runs", ())
        if run.kind == "image"
    ]
    addresses = [str(one.get("imageProperties", {}).get("contentUri", "")) for one in found]
    if len(addresses) != count or any(map(elsewhere, addresses)):
        raise WorkspaceError(
            "Google's conversion did not keep the pictures as they were sent. Nothing was written.",
            "Give a web address instead.",
        )
    return addresses
