"""Google-native files → other types, and back, as far as a text can tell. No I/O.

A native file of the demo holds text: a document Markdown, a spreadsheet CSV (a line "[sheet NAME]"
before each sheet), a presentation its slides between form feeds. The fakes of Docs, Sheets and Slides
take this over by `Store.exporters` and `Store.creators`.

Source: developers.google.com/workspace/drive/api/guides/ref-export-formats
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from html import escape, unescape
from typing import Final

from workspace_mcp.demo import samples
from workspace_mcp.demo.drive.records import DOC, SHEET, SLIDES
from workspace_mcp.demo.http import Refusal
from workspace_mcp.formats.extract import text_of

LARGEST: Final = 10 << 20
"""Bytes that `files.export` gives at most."""
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
DOCX: Final = f"{_OFFICE}wordprocessingml.document"
XLSX: Final = f"{_OFFICE}spreadsheetml.sheet"
PPTX: Final = f"{_OFFICE}presentationml.presentation"
PDF: Final = "application/pdf"
DRAWING: Final = "application/vnd.google-apps.drawing"
SCRIPT: Final = "application/vnd.google-apps.script"


def _rtf(text: str) -> bytes:
    body = "".join(
        "\\par "
        if char == "\n"
        else f"\\u{ord(char)}?"
        if ord(char) > 126
        else f"\\{char}"
        if char in "\\{}"
        else char
        for char in text
    )
    return ("{\\rtf1\\ansi " + body + "}").encode()


def _rtf_text(data: bytes) -> str:
    text = re.sub(r"\\par[d]?\b ?", "\n", data.decode("latin-1"))
    text = re.sub(r"\\u(-?\d+)\??", lambda found: chr(int(found[1]) % 65536), text)
    return re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", text).strip()


def _odf_text(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("content.xml").decode()
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"</text:(?:p|h)>", "\n", xml))).strip()


def _html(text: str) -> bytes:
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())
    return f"<html><body>{lines}</body></html>".encode()


def _delimited(text: str, delimiter: str) -> bytes:
    """The first sheet alone, as Google does it."""
    out = io.StringIO()
    found = samples.sheets(text)
    csv.writer(out, delimiter=delimiter).writerows(found[0][1] if found else [])
    return out.getvalue().encode()


_Make = Callable[[str], bytes]
EXPORTS: Final[Mapping[str, Mapping[str, _Make]]] = {
    DOC: {
        "text/markdown": str.encode, "text/plain": str.encode, "text/html": _html,
        PDF: samples.pdf, DOCX: samples.docx, "application/rtf": _rtf,
    },
    SHEET: {
        XLSX: samples.xlsx, PDF: samples.pdf, "text/csv": lambda text: _delimited(text, ","),
        "text/tab-separated-values": lambda text: _delimited(text, "\t"),
    },
    SLIDES: {PPTX: samples.pptx, PDF: samples.pdf, "text/plain": str.encode},
    DRAWING: {"image/png": samples.png, PDF: samples.pdf},
    SCRIPT: {"application/vnd.google-apps.script+json": str.encode},
}  # fmt: skip
"""Native type → what it is exported to."""
DEFAULTS: Final = {DOC: DOCX, SHEET: XLSX, SLIDES: PPTX, DRAWING: "image/png",
                   SCRIPT: "application/vnd.google-apps.script+json"}  # fmt: skip
"""What `files.download` makes of a native file when nothing else is asked for."""
_WORDS: Final = (
    "text/plain", "text/markdown", "text/html", DOCX, "application/rtf", "application/msword", PDF,
    "application/vnd.oasis.opendocument.text", "image/png", "image/jpeg",
)  # fmt: skip
_TABLES: Final = (
    "text/csv", "text/tab-separated-values", XLSX, "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)  # fmt: skip
_DECKS: Final = (
    PPTX, "application/vnd.ms-powerpoint", "application/vnd.oasis.opendocument.presentation",
)  # fmt: skip
IMPORTS: Final = {
    **dict.fromkeys(_WORDS, DOC), **dict.fromkeys(_TABLES, SHEET), **dict.fromkeys(_DECKS, SLIDES),
}  # fmt: skip
"""Type → the native type that Google makes of it."""


def exported(native: str, data: bytes, target: str) -> bytes:
    """A native file's text as another type.

    Raises:
        Refusal: 400, there is no such export.
    """
    make = EXPORTS.get(native, {}).get(target)
    if make is None:
        raise Refusal(400, "The requested conversion is not supported.", "badRequest")
    return make(data.decode())


def imported(data: bytes, mime: str, name: str, native: str) -> bytes:
    """Bytes of another type as the text of a native file.

    Raises:
        Refusal: 400, Google makes no such file of them.
    """
    if IMPORTS.get(mime) != native:
        raise Refusal(
            400,
            "Bad Request. Conversion of the uploaded content to the requested output type is not "
            "supported.",
            "badRequest",
        )
    if mime in {"text/markdown", "text/plain", "text/csv"}:
        return data
    if mime == "text/tab-separated-values":
        out = io.StringIO()
        csv.writer(out).writerows(csv.reader(io.StringIO(data.decode()), delimiter="\t"))
        return out.getvalue().encode()
    if mime == "application/rtf":
        return _rtf_text(data).encode()
    if "opendocument" in mime:
        return _odf_text(data).encode()
    found = text_of(data, mime, name)
    return (found.text if found else "").encode()
