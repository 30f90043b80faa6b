"""Mail that was written to break readers: readable text or a clear statement, safe names, bounded answers."""

import base64
from collections.abc import Sequence
from typing import Any

import pytest

from tests.conftest import ME, Model, text_of
from workspace_mcp.settings import Settings

pytestmark = pytest.mark.anyio
BODY = "SGVsbG8gd29ybGQ="


def raw(*head: str, body: bytes = b"Hello world", sender: str = "Ana <ana@example.com>") -> bytes:
    """A mail as bytes."""
    lines = [f"From: {sender}", f"To: {ME}", *head, "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


def parts(*each: bytes, boundary: str = "b", end: bool = True) -> bytes:
    """A body of parts."""
    made = b"".join(b"--" + boundary.encode() + b"\r\n" + one + b"\r\n" for one in each)
    return made + (b"--" + boundary.encode() + b"--\r\n" if end else b"")


def nested(depth: int) -> bytes:
    """A text inside that many multiparts."""
    inner = b"Content-Type: text/plain\r\n\r\nHello world"
    for number in range(depth):
        name = f"b{number}"
        head = f'Content-Type: multipart/mixed; boundary="{name}"\r\n\r\n'.encode()
        inner = head + parts(inner, boundary=name)
    return b"From: ana@example.com\r\nSubject: deep\r\n" + inner


def attached(disposition: str, kind: str = "application/octet-stream") -> bytes:
    """A mail with a text and one file, whose name is given as it stands in its header."""
    file = f"Content-Type: {kind}\r\nContent-Disposition: attachment; {disposition}\r\n".encode()
    file += b"Content-Transfer-Encoding: base64\r\n\r\n" + BODY.encode()
    text = b"Content-Type: text/plain\r\n\r\nHello world"
    return raw("Content-Type: multipart/mixed; boundary=b", body=parts(text, file))


TNEF = base64.b64encode(b"\x78\x9f\x3e\x22\x01\x00\x01" + b"\x00" * 40)
WORDS = "Hello world"
READABLE: Sequence[tuple[str, bytes]] = [
    ("a charset that is none", raw("Content-Type: text/plain; charset=x-nonsense")),
    ("UTF-8 that is Latin-1", raw("Content-Type: text/plain; charset=utf-8", body=b"Hello world \xe9")),
    ("Latin-1 that is UTF-8", raw("Content-Type: text/plain; charset=us-ascii", body="Hello world é".encode())),
    ("UTF-7 in name alone", raw("Content-Type: text/plain; charset=utf-7", body=b"Hello world")),
    ("a charset with quotes and spaces", raw('Content-Type: text/plain; charset=" utf-8 "')),
    ("a charset ten thousand letters long", raw(f"Content-Type: text/plain; charset={'x' * 10_000}")),
    ("no type at all", raw()),
    ("a type that is none", raw("Content-Type: text")),
    ("an unknown transfer encoding", raw("Content-Type: text/plain", "Content-Transfer-Encoding: rot13")),
    ("base64 that is none", raw("Content-Type: text/plain", "Content-Transfer-Encoding: 8bit")),
    ("quoted-printable cut short", raw("Content-Transfer-Encoding: quoted-printable", body=b"Hello world =E")),
    ("no last boundary", raw("Content-Type: multipart/mixed; boundary=b",
                             body=parts(b"Content-Type: text/plain\r\n\r\nHello world", end=False))),
    ("a boundary that never comes", raw("Content-Type: text/plain; boundary=zzz")),
    ("twenty layers", nested(20)),
    ("two Content-Type headers", raw("Content-Type: text/plain", "Content-Type: text/html")),
    ("a broken encoded word", raw("Subject: =?utf-8?b?AAA", "Content-Type: text/plain")),
    ("an encoded word of no charset", raw("Subject: =?nonsense?q?a?=", "Content-Type: text/plain")),
    ("raw bytes in the subject", raw("Subject: \udcff\udcfe", "Content-Type: text/plain")),
    ("a null in the text", raw("Content-Type: text/plain", body=b"Hello\x00 world".replace(b"\x00", b""))),
    ("TNEF beside a text", raw("Content-Type: multipart/mixed; boundary=b", body=parts(
        b"Content-Type: text/plain\r\n\r\nHello world",
        b'Content-Type: application/ms-tnef; name="winmail.dat"\r\n'
        b"Content-Disposition: attachment; filename=winmail.dat\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + TNEF))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data"), READABLE, ids=[name for name, _ in READABLE])
async def test_the_text_is_there(model: Model, gmail: Any, name: str, data: bytes) -> None:
    del name
    mail = gmail.deliver("", raw=data)
    answer = await model.call("gmail_read", ids=[mail.id])

    assert WORDS in answer
    assert len(answer.encode()) <= 10_000
    assert not set(answer) & set("\x00\x1b\u202e\u200b\ufeff\udcff")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (nested(150), "[no text]"),
        (raw("Content-Type: multipart/mixed; boundary=b", body=b"nothing of the kind"), "[no text]"),
        (raw("Content-Type: application/ms-tnef", "Content-Transfer-Encoding: base64", body=TNEF), "[no text]"),
        (raw("Content-Type: text/plain", "Content-Transfer-Encoding: base64", body=b"!!!!"), "[no text]"),
    ],
    ids=["a hundred and fifty layers", "parts without a part", "TNEF alone", "base64 without a letter"],
)  # fmt: skip
async def test_what_cannot_be_read_is_said(
    model: Model, gmail: Any, data: bytes, said: str
) -> None:
    mail = gmail.deliver("", raw=data)
    result = await model.result("gmail_read", ids=[mail.id])
    answer = text_of(result)

    assert said in answer
    assert len(answer.encode()) <= 10_000


async def test_ten_thousand_recipients_are_counted(model: Model, gmail: Any) -> None:
    many = ",\r\n ".join(
        f"Person {number} <p{number}@example{number}.org>" for number in range(10_000)
    )
    mail = gmail.deliver("", raw=f"From: ana@example.com\r\nTo: {many}\r\n\r\nHello world".encode())
    read = await model.call("gmail_read", ids=[mail.id])
    listed = await model.call("gmail_search")

    assert WORDS in read
    assert "more" in next(line for line in read.splitlines() if line.startswith("To: "))
    assert max(len(read.encode()), len(listed.encode())) <= 10_000


NAMES = [
    ("../../x", 'filename="../../x"'),
    ("a backslash", r'filename="..\\..\\x.txt"'),
    ("absolute", 'filename="/etc/passwd"'),
    ("a device of Windows", 'filename="con.txt"'),
    ("dots", 'filename="..."'),
    ("emoji of 300 bytes", 'filename="' + "😀" * 75 + '.txt"'),
    ("a thousand letters", f'filename="{"a" * 1_000}.txt"'),
    ("RFC 2231", "filename*=utf-8''%e2%80%ae..%2f..%2fx%00.txt"),
    ("RFC 2231 in pieces", "filename*0*=utf-8''..%2f; filename*1=..%2fx; filename*2=.txt"),
    ("RFC 2231 of no charset", "filename*=nonsense''%ff%fe.txt"),
    ("RFC 2047", "filename==?utf-8?b?Li4vLi4veA==?="),
    ("a line break", "filename*=utf-8''a%0d%0ab.txt"),
    ("an alternate stream", 'filename="a.txt:evil.exe"'),
    ("hidden", 'filename=".bashrc"'),
    ("shell", 'filename="$(touch x);`y`|z.txt"'),
    ("empty", 'filename=""'),
]


@pytest.mark.parametrize("disposition", [one for _, one in NAMES], ids=[one for one, _ in NAMES])
async def test_a_file_is_saved_under_a_safe_name(
    model: Model, gmail: Any, settings: Settings, disposition: str
) -> None:
    mail = gmail.deliver("", raw=attached(disposition))
    result = await model.result("gmail_attachment", message_id=mail.id, name="1", **{"as": "file"})

    folder = settings.downloads
    assert folder is not None
    saved = [one for one in folder.parent.rglob("*") if one.is_file() and one.name != "world.json"]
    if result.is_error:
        assert saved == []
        return
    (file,) = saved
    assert file.parent.is_relative_to(folder)
    assert file.read_bytes() == b"Hello world"
    assert len(file.name.encode()) <= 255
    assert not file.name.startswith((".", "-"))
    assert not set(file.name) & set('/\\:*?"<>|\r\n\x00\u202e')
    assert file.name.partition(".")[0].lower() not in {"con", "nul", "aux", "prn"}
