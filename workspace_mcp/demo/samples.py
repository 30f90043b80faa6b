"""Small real files, made of text: PDF, DOCX, XLSX, PPTX, PNG. No I/O.

Source: ISO 32000-1 (PDF), ECMA-376 (DOCX, XLSX, PPTX), RFC 2083 (PNG)
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Final
from xml.sax.saxutils import escape

_STAMP: Final = (1980, 1, 1, 0, 0, 0)


def pdf(text: str) -> bytes:
    """A PDF of one page a form feed, one line a line, Helvetica 11."""
    pages = text.split("\f")
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(len(pages))), len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        lines = b" T* ".join(b"(%s) Tj" % _pdf_string(line) for line in page.split("\n"))
        stream = b"BT /F1 11 Tf 14 TL 56 780 Td %s ET" % lines
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * number)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, rows)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def _pdf_string(line: str) -> bytes:
    text = line.encode("cp1252", "replace")
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def docx(text: str) -> bytes:
    """A Word document: a paragraph a line; a line that starts with "# " is a heading."""
    paragraphs = "".join(
        f"<w:p>{'<w:pPr><w:pStyle w:val=%sHeading1%s/></w:pPr>' % (chr(34), chr(34)) if line.startswith('# ') else ''}"
        f'<w:r><w:t xml:space="preserve">{escape(line.removeprefix("# "))}</w:t></w:r></w:p>'
        for line in text.split("\n")
    )
    space = "http://schemas.openxmlformats.org/"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{space}package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{space}package/2006/relationships">'
        f'<Relationship Id="r1" Type="{space}officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{space}wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>",
    }
    return _packed(parts)


def _packed(parts: Mapping[str, str]) -> bytes:
    """An Office file of its XML parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            head = '<?xml version="1.0" encoding="UTF-8"?>'
            archive.writestr(zipfile.ZipInfo(name, _STAMP), head + body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def sheets(text: str) -> list[tuple[str, list[list[str]]]]:
    """(name, rows) of each sheet of a text: CSV, with a line "[sheet NAME]" before each sheet."""
    pieces = re.split(r"(?m)^\[sheet ([^\]\n]*)\]\n?", text)
    found = [("Sheet1", pieces[0])] if pieces[0].strip() or len(pieces) == 1 else []
    found += zip(pieces[1::2], pieces[2::2], strict=True)
    return [(name, list(csv.reader(io.StringIO(body.strip("\n"))))) for name, body in found]


def _letters(number: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def _cell(place: str, value: str) -> str:
    if re.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d+)?", value):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def xlsx(text: str) -> bytes:
    """An Excel file of what `sheets` makes of a text; empty cells are left out."""
    space = "http://schemas.openxmlformats.org/"
    found = sheets(text)
    parts = {"[Content_Types].xml": f'<Types xmlns="{space}package/2006/content-types">'
             '<Default Extension="xml" ContentType="application/xml"/></Types>',
             "xl/workbook.xml": f'<workbook xmlns="{space}spreadsheetml/2006/main" '
             f'xmlns:r="{space}officeDocument/2006/relationships"><sheets>'
             + "".join(f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{number}" r:id="r{number}"/>'
                       for number, (name, _) in enumerate(found, 1))
             + "</sheets></workbook>",
             "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{space}package/2006/relationships">'
             + "".join(f'<Relationship Id="r{number}" Type="{space}officeDocument/2006/relationships/worksheet" '
                       f'Target="worksheets/sheet{number}.xml"/>' for number in range(1, len(found) + 1))
             + "</Relationships>"}  # fmt: skip
    for number, (_, rows) in enumerate(found, 1):
        body = "".join(
            f'<row r="{row}">'
            + "".join(
                _cell(f"{_letters(column)}{row}", value)
                for column, value in enumerate(cells, 1)
                if value
            )
            + "</row>"
            for row, cells in enumerate(rows, 1)
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{space}spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'
        )
    return _packed(parts)


def pptx(text: str) -> bytes:
    """A presentation: a slide a form feed, a paragraph a line."""
    space = "http://schemas.openxmlformats.org/"
    slides = text.split("\f")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{space}package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{space}presentationml/2006/main"/>',
    }
    for number, slide in enumerate(slides, 1):
        lines = "".join(
            f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>"
            for line in slide.strip("\n").split("\n")
        )
        parts[f"ppt/slides/slide{number}.xml"] = (
            f'<p:sld xmlns:p="{space}presentationml/2006/main" xmlns:a="{space}drawingml/2006/main">'
            f"<p:cSld><p:spTree><p:sp><p:txBody>{lines}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )
    return _packed(parts)


def png(text: str) -> bytes:
    """A picture of 96 × 64 pixels: a bar chart of the numbers in `text`."""
    values = [int(word) for word in text.split() if word.isdigit()] or [20, 35, 50, 30, 60]
    width, height = 96, 64
    step = width // len(values)
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            bar = x // step < len(values) and x % step < step - 3
            filled = bar and height - y <= values[min(x // step, len(values) - 1)]
            rows += b"\x8b\x4a\x2b" if filled else b"\xfb\xf6\xef"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )  # fmt: skip


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_MAKERS: Final[Mapping[str, Callable[[str], bytes]]] = {
    "pdf": pdf, "docx": docx, "xlsx": xlsx, "pptx": pptx, "png": png,
}  # fmt: skip


def make(kind: str, text: str) -> bytes:
    """A file of `kind` (pdf, docx, xlsx, pptx, png) that holds `text`.

    Raises:
        KeyError: another kind.
    """
    return _MAKERS[kind](text)
