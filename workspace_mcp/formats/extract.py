"""Files → text: PDF, Word, Excel, PowerPoint, OpenDocument, RTF, CSV, HTML, mail, plain text. No I/O.

Every reader is bounded: archives by members and unpacked size, pages by number, text by length.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats import excel, office, opendocument, powerpoint, word
from workspace_mcp.formats.clean import clean
from workspace_mcp.formats.payload import decoded
from workspace_mcp.formats.rtf import rtf

LONGEST: Final = 2_000_000
"""Characters of text that are kept of a file."""
_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file, and what is to be said about it ("" for nothing).

    `unread` names pages that follow and were not read, such as "pages 13-300".
    """

    text: str
    note: str = ""
    unread: str = ""


def text_of(
    data: bytes, mime: str, name: str, pages: str | None = None, enough: int = LONGEST
) -> Extracted | None:
    """The text of a file; None when it holds none that we can read.

    `pages` chooses pages of a PDF, slides of a presentation or sheets of a workbook, such as "1-3,7".
    A PDF is not read further than to the page on which `enough` characters are reached.

    Raises:
        ArgumentError: `pages` cannot be read.
    """
    reader = _reader(data, mime, name)
    if reader is None:
        return None
    wanted = _numbers(pages)
    found = _pdf(data, wanted, enough) if reader is _pdf else reader(data, wanted)
    text = clean(found.text)
    if len(text) > LONGEST:
        return Extracted(text[:LONGEST], f"Only the first {LONGEST:,} characters were read.")
    return Extracted(text, found.note, found.unread)


_BROKEN_PDF: Final = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, RecursionError,
    ZeroDivisionError,
)  # fmt: skip
"""What pypdf lets through of damaged files, besides errors of its own."""
_Wanted = frozenset[int] | None
_Reader = Callable[[bytes, _Wanted], Extracted]


def _reader(data: bytes, mime: str, name: str) -> _Reader | None:
    suffix = name.lower().rpartition(".")[2]
    if data.startswith(b"%PDF-"):
        return _pdf
    if data.startswith(b"PK\x03\x04"):
        return _OFFICE.get(office.kind(data))
    if data.startswith(b"{\\rtf"):
        return _rtf
    if data.startswith((b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")):
        return None
    if mime in {"text/html", "application/xhtml+xml"} or suffix in {"html", "htm"}:
        return _html
    if mime == "message/rfc822" or suffix == "eml":
        return _eml
    if mime in {"text/csv", "text/tab-separated-values"} or suffix in {"csv", "tsv"}:
        return _csv
    textual = mime.startswith("text/") or mime in _TEXTUAL or suffix in _SUFFIXES
    return _plain if textual and b"\x00" not in data[:4096] else None


_TEXTUAL: Final = frozenset({
    "application/json", "application/xml", "application/ics", "application/x-yaml",
    "application/javascript", "application/sql",
})  # fmt: skip
_SUFFIXES: Final = frozenset({
    "txt", "md", "json", "xml", "ics", "vcf", "log", "yaml", "yml", "ini", "toml", "py", "js", "ts",
    "sql", "tex", "srt",
})  # fmt: skip


def _numbers(pages: str | None) -> frozenset[int] | None:
    """`1-3,7` → {1, 2, 3, 7}; None for all."""
    if pages is None or not pages.strip():
        return None
    found: set[int] = set()
    for part in pages.split(","):
        span = re.fullmatch(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5}))?\s*", part)
        if span is None:
            raise ArgumentError(f"pages: {part.strip()[:20]!r} is no page.", "Write it like 1-3,7.")
        first, last = int(span[1]), int(span[2] or span[1])
        found.update(range(first, min(last, first + 2_000) + 1))
    return frozenset(found)


def _pdf(data: bytes, wanted: _Wanted, enough: int = LONGEST) -> Extracted:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    texts: list[str] = []
    size = 0
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return Extracted("", "The PDF is locked with a password.")
        total = len(reader.pages)
        chosen = [number for number in range(1, total + 1) if wanted is None or number in wanted]
        for number in chosen:
            text = reader.pages[number - 1].extract_text().strip()
            texts.append(f"[page {number} of {total}]\n{text}")
            size += len(text)
            if size > enough:
                break
    except (PyPdfError, *_BROKEN_PDF) as error:
        return Extracted(
            "\n\n".join(texts) if size else "",
            f"The PDF could not be read{' further' if size else ''} ({type(error).__name__}).",
        )
    if not chosen:
        return Extracted("", f"The PDF has {total} pages; none of those asked for.")
    if not size:
        return Extracted("", f"The {total} pages hold no text: they are pictures, as scans are.")
    left = chosen[len(texts) :]
    unread = f"pages {left[0]}-{left[-1]}" if left else ""
    return Extracted("\n\n".join(texts), unread=unread)


def _html(data: bytes, wanted: _Wanted) -> Extracted:
    from workspace_mcp.formats.html_text import html_text

    del wanted
    found = html_text(decoded(data, "utf-8"))
    return Extracted(found.text, "Only a part of the page was read." if found.cut else "")


def _csv(data: bytes, wanted: _Wanted) -> Extracted:
    del wanted
    text = decoded(data, "utf-8")
    sample = text[:4096]
    delimiter = max(",;\t|", key=sample.count)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    rows: list[str] = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(lines), delimiter=delimiter), 1):
            if number > _ROWS:
                return Extracted("\n".join(rows), f"Only the first {_ROWS:,} rows were read.")
            rows.append(" | ".join(" ".join(cell.split()) for cell in row))
    except csv.Error:  # a field of more than 128 kB, or no table at all
        return Extracted(text, "The table is damaged; this is its text as it stands.")
    return Extracted("\n".join(rows))


def _eml(data: bytes, wanted: _Wanted) -> Extracted:
    """Who, to whom, when, what about; the text; what is attached."""
    from workspace_mcp.formats import tolerant

    del wanted
    try:
        mail = tolerant.modern(data)
        lines = [f"{name}: {mail[name]}" for name in _HEADERS if mail[name]]
        body = mail.get_body(("plain", "html"))
        text = ""
        if body is not None:
            read = _html if body.get_content_type() == "text/html" else _plain
            raw = body.get_payload(decode=True)
            charset = body.get_content_charset("utf-8")
            text = read(decoded(raw, charset).encode(), None).text if isinstance(raw, bytes) else ""
        names = [str(part.get_filename() or "unnamed") for part in mail.iter_attachments()]
    except (ValueError, LookupError, AttributeError, KeyError, IndexError, TypeError) as error:
        return Extracted("", f"The mail could not be read ({type(error).__name__}).")
    attached = [f"Attached: {', '.join(names)}"] if names else []
    return Extracted("\n".join((*lines, *attached, "", text.strip())))


_HEADERS: Final = ("From", "To", "Cc", "Date", "Subject")


def _plain(data: bytes, wanted: _Wanted) -> Extracted:
    del wanted
    return Extracted(decoded(data, "utf-8"))


def _rtf(data: bytes, wanted: _Wanted) -> Extracted:
    del wanted
    return Extracted(rtf(data))


def _office(read: Callable[[office.Archive, _Wanted], str]) -> _Reader:
    def reader(data: bytes, wanted: _Wanted) -> Extracted:
        try:
            return Extracted(read(office.Archive(data), wanted))
        except office.UnreadableError as error:
            return Extracted("", str(error))
        except RecursionError:
            return Extracted("", "The file is nested too deeply to be read.")
        except LookupError:  # XML in an encoding that does not exist
            return Extracted("", "The file holds XML that is not read.")

    return reader


_OFFICE: Final[Mapping[str, _Reader]] = {
    "docx": _office(word.docx), "xlsx": _office(excel.xlsx), "pptx": _office(powerpoint.pptx),
    "odt": _office(opendocument.odt), "ods": _office(opendocument.ods),
    "odp": _office(opendocument.odp),
}  # fmt: skip
