"""Office files as archives of XML, read with bounds: what `word`, `excel`, `powerpoint` and `opendocument` need.

Source: ECMA-376, OASIS OpenDocument 1.3
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_MEMBERS: Final = 5_000
_UNPACKED: Final = 60 << 20
_PART: Final = 25 << 20
RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


_DAMAGED: Final = (
    ValueError, KeyError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError,
    OSError, EOFError,
)  # fmt: skip


class UnreadableError(ValueError):
    """The file is damaged, locked, or larger inside than it may be."""


class Archive:
    """A ZIP whose members are read with bounds."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
            raise UnreadableError("The file is damaged.") from error
        infos = self._zip.infolist()
        if len(infos) > _MEMBERS or sum(one.file_size for one in infos) > _UNPACKED:
            raise UnreadableError("The file is too large inside to be read safely.")
        self.names = frozenset(one.filename for one in infos)

    def xml(self, name: str) -> Element:
        """A member's XML.

        Raises:
            UnreadableError: it is not there, too large, or no XML that may be read.
        """
        try:
            with self._zip.open(name) as member:
                data = member.read(_PART + 1)
            if len(data) > _PART:
                raise UnreadableError("The file is too large inside to be read safely.")
            return fromstring(data, forbid_dtd=True)
        except (ParseError, DefusedXmlException, RecursionError) as error:
            raise UnreadableError("The file holds XML that is not read.") from error
        except _DAMAGED as error:
            raise UnreadableError("The file is damaged or locked.") from error

    def text(self, name: str) -> str:
        """The beginning of a member that is plain text; "" when it is not there."""
        if name not in self.names:
            return ""
        try:
            with self._zip.open(name) as member:
                return member.read(200).decode("ascii", "replace").strip()
        except _DAMAGED as error:
            raise UnreadableError("The file is damaged or locked.") from error

    def links(self, part: str) -> Mapping[str, "Link"]:
        """Id → what a part of an Office file refers to; nothing when it refers to nothing."""
        folder, name = posixpath.split(part)
        place = f"{folder}/_rels/{name}.rels"
        if place not in self.names:
            return {}
        return {
            one.get("Id", ""): Link.of(one, folder)
            for one in self.xml(place)
            if one.get("Target") is not None
        }


@dataclass(frozen=True, slots=True)
class Link:
    """Where a relationship leads: a member's name, or an address outside. `kind` is its last word."""

    target: str
    kind: str

    @classmethod
    def of(cls, one: Element, folder: str) -> "Link":
        """Of a `Relationship`; what is relative starts in `folder`."""
        target = one.get("Target", "")
        if one.get("TargetMode") != "External":
            inside = target if target.startswith("/") else f"{folder}/{target}"
            target = posixpath.normpath(inside).lstrip("/")
        return cls(target, one.get("Type", "").rpartition("/")[2])


_MEMBERS_OF: Final = (
    ("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx"),
)  # fmt: skip
_ODF: Final = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.text-template": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.spreadsheet-template": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.presentation-template": "odp",
}


def kind(data: bytes) -> str:
    """docx, xlsx, pptx, odt, ods, odp, or "" for another archive."""
    try:
        archive = Archive(data)
        found = next((kind for name, kind in _MEMBERS_OF if name in archive.names), "")
        return found or _ODF.get(archive.text("mimetype"), "")
    except UnreadableError:
        return "docx" if b"word/document.xml" in data[:4096] else ""


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as a table in Markdown; the first is taken for the heads."""
    for number, row in enumerate(rows):
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
        if number == 0:
            yield f"|{' --- |' * len(row)}"
