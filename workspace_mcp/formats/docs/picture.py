"""Pictures: kind and size from their first bytes; a DOCX that holds them, for Drive to make a Doc of. No I/O.

Source: www.w3.org/TR/png, www.w3.org/Graphics/JPEG/itu-t81.pdf, ECMA-376 part 1 (20.4 DrawingML)
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import ArgumentError

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEST: Final = 25_000_000
"""Pixels that Docs takes."""
WIDTH: Final = 468.0
"""Points between the margins of a letter page: no picture is set wider unasked."""
_EMU: Final = 12_700
_OFFICE: Final = "http://schemas.openxmlformats.org"
_RELATIONS: Final = f"{_OFFICE}/package/2006/relationships"
_KIND: Final = f"{_OFFICE}/officeDocument/2006/relationships"
_DRAWING: Final = f"{_OFFICE}/drawingml/2006"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that Docs takes. `kind`: png, jpeg or gif."""

    data: bytes
    kind: str
    width: int
    height: int

    @classmethod
    def of(cls, data: bytes) -> "Picture":
        """Read the head of a file.

        Raises:
            ArgumentError: it is none, or too large.
        """
        kind, (width, height) = _head(data)
        if not kind or not width or not height:
            raise ArgumentError("That file is no picture that Docs takes: PNG, JPEG or GIF.")
        if width * height > LARGEST:
            raise ArgumentError(
                f"The picture has {width} x {height} pixels; Docs takes 25 million at most.",
                "Make it smaller first.",
            )
        return cls(data, kind, width, height)

    @property
    def points(self) -> tuple[float, float]:
        """Width and height on the page: 96 pixels an inch, no wider than the text."""
        wide = min(self.width * 0.75, WIDTH)
        return round(wide, 2), round(wide * self.height / self.width, 2)


def _head(data: bytes) -> tuple[str, tuple[int, int]]:
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png", (int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    if data[:4] == b"GIF8":
        return "gif", (int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    return ("jpeg", _jpeg(data)) if data[:2] == b"\xff\xd8" else ("", (0, 0))


def _jpeg(data: bytes) -> tuple[int, int]:
    """From the frame's header, behind whatever segments come before it."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        mark = data[at + 1]
        if 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 1 if mark == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4])
    return 0, 0


def holding(pictures: Sequence[Picture]) -> bytes:
    """A DOCX with a picture in each paragraph, in order."""
    names = [f"media/picture{n}.{one.kind}" for n, one in enumerate(pictures, 1)]
    links = "".join(
        f'<Relationship Id="p{n}" Type="{_KIND}/image" Target="{name}"/>'
        for n, name in enumerate(names, 1)
    )
    body = "".join(_paragraph(n, one) for n, one in enumerate(pictures, 1))
    types = "".join(
        f'<Default Extension="{ending}" ContentType="{mime}"/>'
        for ending, mime in (
            ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
            ("png", "image/png"), ("jpeg", "image/jpeg"), ("gif", "image/gif"),
        )
    )  # fmt: skip
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">{types}'
        f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="d" '
        f'Type="{_KIND}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_OFFICE}/wordprocessingml/2006/main" '
        f'xmlns:r="{_KIND}" xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:a="{_DRAWING}/main" '
        f'xmlns:pic="{_DRAWING}/picture"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{links}</Relationships>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
        for name, one in zip(names, pictures, strict=True):
            archive.writestr(f"word/{name}", one.data, zipfile.ZIP_STORED)
    return out.getvalue()


def _paragraph(number: int, one: Picture) -> str:
    wide, high = (round(length * _EMU) for length in one.points)
    name = f'id="{number}" name="picture{number}"'
    return (
        f'<w:p><w:r><w:drawing><wp:inline><wp:extent cx="{wide}" cy="{high}"/><wp:docPr {name}/>'
        f'<a:graphic><a:graphicData uri="{_DRAWING}/picture"><pic:pic><pic:nvPicPr>'
        f"<pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>"
        f'<a:blip r:embed="p{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
