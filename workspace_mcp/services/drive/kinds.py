"""What kinds of files there are: names for people, exports, imports. No I/O.

Source: developers.google.com/workspace/drive/api/guides/mime-types, …/ref-export-formats
"""

from collections.abc import Mapping
from typing import Final, Literal

from workspace_mcp.errors import ArgumentError

NATIVE: Final = "application/vnd.google-apps."
FOLDER: Final = f"{NATIVE}folder"
SHORTCUT: Final = f"{NATIVE}shortcut"
DOC: Final = f"{NATIVE}document"
SHEET: Final = f"{NATIVE}spreadsheet"
SLIDES: Final = f"{NATIVE}presentation"
DRAWING: Final = f"{NATIVE}drawing"
SCRIPT: Final = f"{NATIVE}script"
VID: Final = f"{NATIVE}vid"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."
DOCX: Final = f"{_OFFICE}wordprocessingml.document"
XLSX: Final = f"{_OFFICE}spreadsheetml.sheet"
PPTX: Final = f"{_OFFICE}presentationml.presentation"
PDF: Final = "application/pdf"
MARKDOWN: Final = "text/markdown"
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a model can be shown."""

MIMES: Final[Mapping[str, str]] = {
    "pdf": PDF, "docx": DOCX, "xlsx": XLSX, "pptx": PPTX, "md": MARKDOWN, "txt": "text/plain",
    "html": "text/html", "odt": f"{_ODF}text", "ods": f"{_ODF}spreadsheet",
    "odp": f"{_ODF}presentation", "rtf": "application/rtf", "epub": "application/epub+zip",
    "csv": "text/csv", "tsv": "text/tab-separated-values", "zip": "application/zip",
    "png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml",
    "json": f"{SCRIPT}+json", "mp4": "video/mp4", "doc": "application/msword",
    "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
}  # fmt: skip
"""The end of a file's name → its type."""
EXPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    DOC: ("docx", "pdf", "md", "txt", "html", "odt", "rtf", "epub", "zip"),
    SHEET: ("xlsx", "pdf", "csv", "tsv", "ods", "zip"),
    SLIDES: ("pptx", "pdf", "txt", "odp"),
    DRAWING: ("png", "pdf", "jpg", "svg"),
    SCRIPT: ("json",),
    VID: ("mp4",),
}  # fmt: skip
"""What Google exports a native file to; the first is ours when nothing is asked for."""
Target = Literal["doc", "sheet", "slides"]
TARGETS: Final[Mapping[str, str]] = {"doc": DOC, "sheet": SHEET, "slides": SLIDES}
IMPORTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("md", "docx", "html", "htm", "rtf", "odt", "txt", "doc"), "doc"),
    **dict.fromkeys(("xlsx", "ods", "csv", "tsv", "xls"), "sheet"),
    **dict.fromkeys(("pptx", "odp", "ppt"), "slides"),
}  # fmt: skip
"""The end of a file's name → what Google makes of it."""
_NAMES: Final[Mapping[str, str]] = {
    FOLDER: "folder", SHORTCUT: "shortcut", DOC: "Doc", SHEET: "Sheet", SLIDES: "Slides",
    DRAWING: "drawing", SCRIPT: "script", VID: "Vid", f"{NATIVE}form": "Form",
    f"{NATIVE}site": "site", f"{NATIVE}map": "map", PDF: "PDF", DOCX: "Word", XLSX: "Excel",
    PPTX: "PowerPoint", "text/csv": "CSV", "text/plain": "text", MARKDOWN: "Markdown",
    "text/html": "HTML", "application/zip": "ZIP", "message/rfc822": "mail",
    "application/msword": "Word", "application/vnd.ms-excel": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
}  # fmt: skip
Type = Literal[
    "folder", "doc", "sheet", "slides", "form", "pdf", "image", "video", "audio", "office"
]
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "folder": (f"mimeType = '{FOLDER}'",), "doc": (f"mimeType = '{DOC}'",),
    "sheet": (f"mimeType = '{SHEET}'",), "slides": (f"mimeType = '{SLIDES}'",),
    "form": (f"mimeType = '{NATIVE}form'",), "pdf": (f"mimeType = '{PDF}'",),
    "image": ("mimeType contains 'image/'",), "video": ("mimeType contains 'video/'",),
    "audio": ("mimeType contains 'audio/'",),
    "office": tuple(
        f"mimeType = '{mime}'"
        for mime in (DOCX, XLSX, PPTX, *(MIMES[suffix] for suffix in ("doc", "xls", "ppt")))
    ),
}  # fmt: skip
"""A kind of file → terms of Drive's search language, of which one must hold."""


def named(mime: str) -> str:
    """A kind as a person calls it: "Sheet", "PDF", "image/heic"."""
    if mime in _NAMES:
        return _NAMES[mime]
    if mime.startswith(NATIVE):
        return mime.removeprefix(NATIVE)
    return "binary" if mime == "application/octet-stream" else mime


def suffix(name: str) -> str:
    """The end of a file's name, in small letters, without the dot; "" when it has none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def importable(name: str, mime: str) -> str:
    """doc, sheet or slides: what Google makes of a file; "" for nothing."""
    by_mime = {MIMES[one]: one for one in IMPORTS if one in MIMES}
    return IMPORTS.get(suffix(name)) or IMPORTS.get(by_mime.get(mime, ""), "")


def converted(name: str, mime: str, wanted: Target) -> str:
    """The type of Google's that a file becomes: a Doc of PDF and pictures too, by reading their text.

    Raises:
        ArgumentError: Google makes nothing, or something else, of that kind.
    """
    if importable(name, mime) == wanted or (wanted == "doc" and mime in {PDF, *PICTURES}):
        return TARGETS[wanted]
    raise ArgumentError(
        f"Google makes no {named(TARGETS[wanted])} of that kind of file.",
        "doc: md, docx, html, rtf, odt, txt (pdf and pictures by OCR); sheet: xlsx, ods, csv, tsv; "
        "slides: pptx, odp.",
    )


def export(mime: str, wanted: str | None) -> tuple[str, str]:
    """(suffix, mime type) that a native file is exported to.

    Raises:
        ArgumentError: Google does not export that kind, or not to `wanted`.
    """
    known = EXPORTS.get(mime)
    if known is None:
        raise ArgumentError(f"Google exports no {named(mime)}: it has no file form.")
    chosen = (wanted or known[0]).lower().lstrip(".")
    if chosen not in known:
        raise ArgumentError(f"A {named(mime)} cannot become that.", f"format: {', '.join(known)}.")
    return chosen, MIMES[chosen]
