"""Throws broken input at every parser that meets strangers' bytes.

    python -m tests.fuzz [SECONDS] [NAME …]

Each parser gets SECONDS (10) of mutated seeds. Anything but an answer or one of our own errors is a find, and so
is an input that takes longer than two seconds. A find is written beside the temporary files and named.
"""

import contextlib
import io
import random
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from auth_cli.main import main as auth_main
from auth_cli.oauth.callback import brought, pasted
from auth_cli.transfer import carried
from workspace_mcp import cli
from workspace_mcp.credentials.accounts import Book
from workspace_mcp.credentials.clients import parsed
from workspace_mcp.credentials.record import Credential, MalformedError
from workspace_mcp.demo import samples
from workspace_mcp.demo.gmail import mime as demo_mime
from workspace_mcp.errors import WorkspaceError
from workspace_mcp.formats import a1, extract, html_text, markdown_mail, payload
from workspace_mcp.formats.clean import clean, clean_line
from workspace_mcp.formats.docs.blocks import parsed as markdown_for_docs
from workspace_mcp.formats.fence import Fence
from workspace_mcp.formats.lookalike import Familiar
from workspace_mcp.google.batch import unpack
from workspace_mcp.google.failures import Problem
from workspace_mcp.google.retry import retry_after
from workspace_mcp.journal.entry import Entry
from workspace_mcp.policy.file import read as policy_read
from workspace_mcp.services.drive import query as drive_query
from workspace_mcp.services.drive.locating import identifier
from workspace_mcp.services.gmail.invitation import Invitation
from workspace_mcp.services.gmail.leaving import WayOut
from workspace_mcp.services.gmail.query import fit_for_google
from workspace_mcp.services.gmail.sender import decoded, people, warnings
from workspace_mcp.services.sheets import sql

SLOW: Final = 2.0
_TOKENS: Final = (
    b"\r\n\r\n", b"--", b"=?utf-8?Q?", b"?=", b"<", b">", b"<!--", b"&#x202e;", b"\x00", b"\xff\xfe", b"%2e%2e/",
    b"../", b"[" * 50, b"{" * 50, b"<div>" * 40, b'"', b"'", b"\\", b"\x1b[2J", "\u202e😀\u200b".encode(), b"1e999",
    b"-1", b"9" * 40, b"boundary=", b"Content-Type: ", b"multipart/mixed;", b"charset=utf-7", b"=", b"&", b"code=",
    b"state=", b"null", b"true", b"PK\x03\x04", b"%PDF-1.4", b"endobj", b"<<", b">>", b"<![CDATA[", b"<!ENTITY a 'b'>",
)  # fmt: skip

Parse = Callable[[bytes], Any]


def text(data: bytes) -> str:
    """Bytes as text, whatever they are."""
    return data.decode("utf-8", "replace")


def _mail(data: bytes) -> None:
    message = demo_mime.parse(data)
    for part in message.walk():
        demo_mime.header(part, "subject")
        found = part.get_payload(decode=True)
        payload.decoded(found if isinstance(found, bytes) else None, text(data[:20]))
    words = text(data)
    payload.unflowed(words)
    decoded(words)
    for one in people(words[:2000]):
        one.text(Fence("0"))


def _payload(data: bytes) -> None:
    words = text(data)
    part = {
        "partId": "0", "mimeType": words[:40], "filename": words[40:120],
        "headers": [{"name": "Content-Type", "value": words}, {"name": "Content-Disposition", "value": words[::-1]}],
        "body": {"data": words[:400], "size": len(words)}, "parts": [],
    }  # fmt: skip
    found = payload.mail({**part, "parts": [part]})
    for leaf in found.leaves:
        leaf.text()


def _office(name: str, mime: str) -> Parse:
    return lambda data: extract.text_of(data, mime, name)


_ZONE: Final = ZoneInfo("America/New_York")


def _headers(data: bytes) -> None:
    words = text(data)
    names = ("from", "reply-to", "authentication-results", "list-unsubscribe", "dkim-signature")
    headers = dict.fromkeys(names, words) | {"list-unsubscribe-post": "List-Unsubscribe=One-Click"}
    warnings(headers, own=False, familiar=_FAMILIAR)
    WayOut.from_headers(headers)
    for word in words.split():
        _FAMILIAR.doubt(word)


def _event(data: bytes) -> None:
    found = Invitation.from_text(text(data))
    if found is not None:
        found.text(Fence("0"), _ZONE)


def _drive_query(data: bytes) -> None:
    words = text(data)
    drive_query.is_query(words)
    drive_query.names_term(words, "trashed")
    drive_query.joined([drive_query.words(words), words])
    identifier(words)
    drive_query.bound("after", words, _ZONE)


def _place(data: bytes, read: Callable[[Path], Any]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        read(Path(file.name))


def _arguments(data: bytes) -> list[str]:
    return [word for word in text(data).split("\n") if "\x00" not in word][:12]


def _server(data: bytes) -> None:
    try:
        cli.read(_arguments(data), {"HOME": "/nonexistent"})
    except SystemExit:
        return


_WORDS: Final = (
    "explain",
    "alias",
    "default",
    "client",
    "status",
    "list",
    "approve",
    "logout",
    "import",
)


def _auth(data: bytes) -> None:
    words = _arguments(data)
    with tempfile.TemporaryDirectory() as home:
        auth_main([_WORDS[len(data) % len(_WORDS)], *words], {"HOME": home})


def _inside(name: str, whole: bytes, part: str) -> tuple[Parse, Sequence[bytes]]:
    """Reads an Office file one of whose parts is broken; and that part, whole."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        others = {one: archive.read(one) for one in archive.namelist()}
    return lambda data: extract.text_of(_zipped({**others, part: data}), "", name), [others[part]]


def _zipped(names: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return made.getvalue()


_DOCX: Final = _zipped({
    "[Content_Types].xml": "<Types/>",
    "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "<w:p><w:r><w:t>Hello</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl></w:body></w:document>",
})  # fmt: skip
_XLSX: Final = _zipped({
    "xl/workbook.xml": '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/worksheets/sheet1.xml": '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    "</sheetData></worksheet>",
    "xl/sharedStrings.xml": "<sst><si><t>Hello</t></si></sst>",
})  # fmt: skip
_ODT: Final = _zipped({
    "mimetype": "application/vnd.oasis.opendocument.text",
    "content.xml": '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
    '<text:h text:outline-level="1">A</text:h><text:p>b</text:p></office:text></office:body></office:document-content>',
})  # fmt: skip
_RTF: Final = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 A\'e4 \u8364? {\*\x hidden}{\v hidden}"
    rb"\par\b b\b0\bin3 abc}"
)
_PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n4 0 obj<</Length 30>>stream\n"
    b"BT /F1 9 Tf (Hello) Tj ET\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)
_MAIL: Final = (
    b"From: =?utf-8?Q?An=C3=A4?= <ana@example.com>\r\nTo: b@c.d\r\nSubject: =?iso-2022-jp?B?GyRCJCIbKEI=?=\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Hi</p>\r\n"
    b"--x\r\nContent-Disposition: attachment; filename*0*=utf-8''%41; filename*1=b\r\n\r\nYQ==\r\n--x--\r\n"
)
_HTML: Final = (
    b'<html><style>.q{display:none}</style><body><p style="color:#fff">a<b>c</b></p><table><tr><td>1<td>2</table>'
    b'<a href="https://evil.example">https://good.example</a><!-- x --><img alt=y width=1 height=1></body></html>'
)
_JSON: Final = (
    b'{"token": "ya29.x", "refresh_token": "1//r", "token_uri": "https://oauth2.googleapis.com/token", '
    b'"client_id": "a", '
    b'"client_secret": "b", "scopes": ["x"], "expiry": "2026-11-20T09:30:00.123456", "installed": {"client_id": "1"}}'
)
_ENTRY: Final = (
    b'{"id":"j1","at":"2026-11-20T09:30:00+00:00","account":"a@b","tool":"t","what":["x"],"back":[{"method":"POST",'
    b'"url":"https://x","query":[],"body":{},"expect":{},"look":""}],"lost":[],"undoes":""}'
)
_TOML: Final = (
    b'no_send = true\nask = "all"\nrecipients = ["a.org"]\n[budgets]\nsends = 5\n'
    b"[standing]\nreplies = true\n"
)
_BOOK: Final = (
    b'default = "a@b.c"\n[aliases]\n"work" = "a@b.c"\n[created]\n"a@b.c" = "2026-11-20T09:30:00Z"\n'
)

_ICS: Final = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=X:20261120T093000\r\nRRULE:FREQ=DAILY\r\n"
    b"END:VEVENT\r\n"
)
_FAMILIAR: Final = Familiar.of(["me@northlight.com"], ["anna.silva@gmail.com", "x@harborcafe.org"])
_HEADERS: Final = (
    b'mx.google.com; dkim=pass header.i=@a.org; spf=fail (x "y") smtp.mailfrom=b@c.org; dmarc=none header.from=a.org',
    b'"Boss, A" <boss@n\xd0\xberthlight.com>, team: a@xn--nrthlight-02h.com;, anna.si1va@gmail.com (x)',
    b"<mailto:leave@a.org?subject=x>, <https://a.org/leave?id=1>",
)
_MARKDOWN: Final = b"# A\n\n* b\n  1. c\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> q `c`"
_CALLBACK: Final = (
    b"http://127.0.0.1:5/oauth2/callback?code=4/0x&state=s&iss=https://accounts.google.com"
)
_ERROR: Final = (
    b'{"error":{"code":403,"message":"x","errors":[{"reason":"y"}],'
    b'"details":[{"metadata":{"a":"b"}}]}}'
)

PARSERS: Final[Mapping[str, tuple[Parse, Sequence[bytes]]]] = {
    "mail": (_mail, [_MAIL]),
    "payload": (_payload, [_MAIL, b"text/plain; charset=utf-8; format=flowed"]),
    "html": (lambda data: html_text.html_text(text(data)), [_HTML]),
    "word": (_office("a.docx", ""), [_DOCX, samples.docx("# A\nb")]),
    "excel": (_office("a.xlsx", ""), [_XLSX, samples.xlsx("[sheet A]\na,1\n")]),
    "powerpoint": (_office("a.pptx", ""), [samples.pptx("a\fb")]),
    "opendocument": (_office("a.odt", ""), [_ODT]),
    "word inside": _inside("a.docx", _DOCX, "word/document.xml"),
    "excel inside": _inside("a.xlsx", _XLSX, "xl/worksheets/sheet1.xml"),
    "excel texts": _inside("a.xlsx", _XLSX, "xl/sharedStrings.xml"),
    "powerpoint inside": _inside("a.pptx", samples.pptx("a"), "ppt/slides/slide1.xml"),
    "opendocument inside": _inside("a.odt", _ODT, "content.xml"),
    "rtf": (_office("a.rtf", "application/rtf"), [_RTF]),
    "pdf": (_office("a.pdf", "application/pdf"), [_PDF]),
    "csv": (_office("a.csv", "text/csv"), [b"a,b\n1,2\n", b'"a";"b"\n']),
    "calendar": (_office("a.ics", "text/calendar"), [_ICS]),
    "markdown": (lambda data: markdown_mail.body(text(data)), [_MARKDOWN]),
    "markdown for docs": (lambda data: markdown_for_docs(text(data)), [_MARKDOWN]),
    "headers": (_headers, _HEADERS),
    "invitation": (_event, [_ICS]),
    "a1": (lambda data: a1.parsed(text(data)), [b"'My ''tab'!$A$1:C10", b"B:D", b"5:7", b"Name", b"AAA99999999"]),
    "sql": (
        lambda data: sql.checked(text(data)),
        [b'select a, sum(b) from "T" group by 1 -- x', b"with x as (select 1)"],
    ),
    "drive query": (
        _drive_query,
        [b"name contains 'a\\'b' and trashed = false", b"https://docs.google.com/a/d/1abcdefgh", b"9999-12-31"],
    ),
    "mail query": (
        lambda data: fit_for_google(text(data), _ZONE),
        [b"after:2026/11/20 \"before:x\" {from:a to:b} -in:spam", b"newer_than:2d OR (a b)"],
    ),
    "batch": (
        lambda data: unpack(data, "multipart/mixed; boundary=x", 3),
        [
            b"--x\r\nContent-Type: application/http\r\nContent-ID: <response-part-1>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\n\r\n{}\r\n--x--"
        ],
    ),
    "clean": (lambda data: (clean(text(data)), clean_line(text(data))), [_HTML]),
    "credential": (Credential.parse, [_JSON]),
    "client": (lambda data: parsed(data, "x"), [_JSON]),
    "import": (carried, [_JSON, b"workspace-auth-1:eyJ4IjoxfQ"]),
    "redirect": (lambda data: brought(pasted(text(data)), "s"), [_CALLBACK]),
    "book": (lambda data: _place(data, Book.read), [_BOOK]),
    "policy": (lambda data: _place(data, policy_read), [_TOML]),
    "journal": (lambda data: Entry.from_json(text(data)), [_ENTRY]),
    "google error": (lambda data: Problem.read(403, data), [_ERROR]),
    "retry-after": (lambda data: retry_after(text(data), datetime.now(UTC)), [b"5", b"Sat, 01 Jan 2000 00:00:00 GMT"]),
    "server flags": (_server, [b"--tools\ngmail\n--ask\nnever\n--budget\nsends=5", b"--permissions\ngmail:drafts"]),
    "auth words": (_auth, [b"work\nana@example.com", b"--json", b"http://127.0.0.1:5/?code=x"]),
}  # fmt: skip
EXPECTED: Final[Mapping[str, tuple[type[Exception], ...]]] = {
    "credential": (MalformedError,), "journal": (ValueError, KeyError, TypeError),
}  # fmt: skip


def mutated(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A seed with some things wrong."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0 if data:
                data[min(at, len(data) - 1)] = chance.randrange(256)
            case 1:
                data[at:at] = chance.choice(_TOKENS)
            case 2:
                del data[at : at + chance.choice((1, 2, 10, 100))]
            case 3:
                piece = data[at : at + chance.choice((1, 5, 50))]
                data[at:at] = piece * chance.choice((1, 2, 20))
            case 4:
                del data[at:]
            case 5:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 16))))
            case _:
                other = chance.choice(seeds)
                data[at:at] = other[chance.randrange(len(other) + 1) :]
        if len(data) > 200_000:
            del data[200_000:]
    return bytes(data)


def fuzz(name: str, seconds: float, seed: int) -> tuple[int, list[str]]:
    """How many inputs a parser got in the time, and what was found."""
    parse, seeds = PARSERS[name]
    good = (WorkspaceError, *EXPECTED.get(name, ()))
    chance = random.Random(seed)
    count, finds = 0, list[str]()
    until = time.monotonic() + seconds
    while time.monotonic() < until and len(finds) < 5:
        data = mutated(chance, seeds)
        began = time.process_time()
        count += 1
        try:
            parse(data)
        except good:
            pass
        except Exception:  # noqa: BLE001 - what is looked for
            finds.append(_find(name, data, traceback.format_exc(limit=-3)))
        if (took := time.process_time() - began) > SLOW:
            finds.append(_find(name, data, f"took {took:.1f} s"))
    return count, finds


def _find(name: str, data: bytes, why: str) -> str:
    with tempfile.NamedTemporaryFile(
        prefix=f"fuzz-{name.replace(' ', '-')}-", delete=False
    ) as file:
        file.write(data)
    return f"{name}: {file.name}\n{why}"


def main() -> int:
    """Fuzz and print; 1 when something was found."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    names = sys.argv[2:] or list(PARSERS)
    bad = 0
    for name in names:
        nowhere = io.StringIO()
        with (
            contextlib.redirect_stderr(nowhere),
            contextlib.redirect_stdout(nowhere),
        ):
            count, finds = fuzz(name, seconds, int(time.time()))
        print(f"{name:<14} {count:>8} inputs  {len(finds)} finds", flush=True)
        for one in finds:
            print(one)
        bad += len(finds)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
