"""Attachments, as a model sees them."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Model
from tests.services.gmail.quota import spent
from workspace_mcp.demo import samples
from workspace_mcp.demo.world import World
from workspace_mcp.services.gmail.attachments import LARGEST, LARGEST_PICTURE

ICS = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Planning\r\n"
    "DTSTART:20261124T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
PNG = samples.png("1 2 3")
FILES = (
    ("offer.pdf", "application/pdf", samples.pdf("Page one\fPage two\fPage three")),
    ("Vertrag.docx", "application/octet-stream", samples.docx("# Terms\nThirty days.")),
    ("list.csv", "text/csv", b"name,price\r\nbeans,14.80\r\n"),
    ("invite.ics", "text/calendar", ICS.encode()),
    ("chart.png", "image/png", PNG),
    ("data.bin", "application/octet-stream", b"\x00\x01\x02"),
)


@pytest.fixture
def message_id(gmail: Any) -> str:
    return gmail.deliver("ana@example.com", "Files", "See below.", attachments=FILES).id


def fenced(answer: str) -> str:
    found = re.search(
        r"^--- attachment text 7f3a00 ---\n(.*)\n--- end 7f3a00 ---$", answer, re.M | re.S
    )
    assert found is not None, answer
    return found[1]


async def test_without_a_name_they_are_listed(model: Model, message_id: str, world: World) -> None:
    assert await model.call("gmail_attachment", message_id=message_id) == "\n".join((
        f'1 "offer.pdf" application/pdf {len(FILES[0][2]) // 1000} kB',
        f'2 "Vertrag.docx" application/octet-stream {len(FILES[1][2])} B',
        '3 "list.csv" text/csv 25 B',
        f'4 "invite.ics" text/calendar {len(ICS)} B',
        f'5 "chart.png" image/png {len(PNG)} B',
        '6 "data.bin" application/octet-stream 3 B',
        f'Get one by number or name: gmail_attachment(message_id="{message_id}", name="1")',
    ))  # fmt: skip
    assert spent(world) == 20


async def test_a_message_without_any_says_so(model: Model, gmail: Any) -> None:
    mail = gmail.deliver("ana@example.com", "None", "x")

    assert await model.call("gmail_attachment", message_id=mail.id) == (
        "Nothing is attached to this message."
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("offer.pdf", "[page 1 of 3]\nPage one\n\n[page 2 of 3]\nPage two\n\n[page 3 of 3]\nPage three"),
        ("2", "# Terms\n\nThirty days."),
        ("list.csv", "name | price\nbeans | 14.80"),
    ],
)  # fmt: skip
async def test_files_are_read_as_text(
    model: Model, message_id: str, world: World, name: str, text: str
) -> None:
    assert fenced(await model.call("gmail_attachment", message_id=message_id, name=name)) == text
    assert spent(world) == 25


async def test_pages_of_a_pdf_can_be_chosen(model: Model, message_id: str) -> None:
    answer = await model.call("gmail_attachment", message_id=message_id, name="1", pages="2-3")

    assert fenced(answer) == "[page 2 of 3]\nPage two\n\n[page 3 of 3]\nPage three"
    assert "1-3,7" in await model.call_failing(
        "gmail_attachment", message_id=message_id, name="1", pages="all"
    )


async def test_a_calendar_file_is_summed_up(model: Model, message_id: str) -> None:
    answer = await model.call("gmail_attachment", message_id=message_id, name="invite.ics")

    assert answer.splitlines()[1] == 'Invitation: "Planning", Tue 2026-11-24 10:00'
    assert fenced(answer).startswith("BEGIN:VCALENDAR")


async def test_a_picture_is_shown(model: Model, message_id: str) -> None:
    answer = await model.call("gmail_attachment", message_id=message_id, name="chart.png")

    (image,) = model.images
    assert answer == f'5 "chart.png" image/png {len(PNG)} B'
    assert (base64.b64decode(image.data), image.mime_type) == (PNG, "image/png")


async def test_a_file_is_saved_byte_for_byte_and_never_over_another(
    model: Model, gmail: Any, tmp_path: Path
) -> None:
    mail = gmail.deliver(
        "ana@example.com", "x", attachments=(("../../.bash\u202ehsrc", "text/plain", b"echo"),)
    )
    answers = [
        await model.call("gmail_attachment", message_id=mail.id, name="1", **{"as": "file"})
        for _ in range(2)
    ]

    paths = [Path(answer.splitlines()[1]) for answer in answers]
    assert [path.read_bytes() for path in paths] == [b"echo", b"echo"]
    assert {path.parent for path in paths} == {tmp_path / "downloads"}
    assert len(set(paths)) == 2


async def test_a_long_text_goes_on_by_offset(model: Model, gmail: Any) -> None:
    text = "\n".join(f"line {number} слово" for number in range(2_000))
    mail = gmail.deliver(
        "ana@example.com", "x", attachments=(("log.txt", "text/plain", text.encode()),)
    )

    pieces: list[str] = []
    offset = 0
    while True:
        answer = await model.call("gmail_attachment", message_id=mail.id, name="1", offset=offset)
        assert len(answer.encode()) <= 10_000
        pieces.append(fenced(answer))
        found = re.search(r"more characters; offset=(\d+) goes on\]$", answer)
        if found is None:
            break
        offset = int(found[1])

    assert "\n".join(pieces) == text
    assert len(pieces) > 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "9"}, "The message has no such attachment.\nIt has 6: without name"),
        ({"name": "0"}, "The message has no such attachment."),
        ({"name": "offer"}, "The message has no such attachment."),
        ({"name": "6"}, "That kind of file holds no text that can be read."),
        ({"name": "1", "as": "image"}, "That attachment is not a picture that can be shown"),
        ({"name": "1", "as": "video"}, "as: "),
    ],
)
async def test_what_cannot_be_had_is_explained(
    model: Model, message_id: str, arguments: dict[str, str], said: str
) -> None:
    failure = await model.call_failing("gmail_attachment", message_id=message_id, **arguments)

    assert said in failure


async def test_two_of_a_name_are_told_apart_by_number(model: Model, gmail: Any) -> None:
    files = (("a.txt", "text/plain", b"first"), ("a.txt", "text/plain", b"second"))
    mail = gmail.deliver("ana@example.com", "x", attachments=files)

    assert await model.call_failing("gmail_attachment", message_id=mail.id, name="a.txt") == (
        "2 attachments have that name.\nTake one of 1, 2."
    )
    assert fenced(await model.call("gmail_attachment", message_id=mail.id, name="2")) == "second"


async def test_a_name_of_digits_wins_over_a_number(model: Model, gmail: Any) -> None:
    files = (("2", "text/plain", b"named two"), ("b.txt", "text/plain", b"second"))
    mail = gmail.deliver("ana@example.com", "x", attachments=files)

    assert fenced(await model.call("gmail_attachment", message_id=mail.id, name="2")) == "named two"


async def test_a_large_picture_is_for_the_disk(model: Model, gmail: Any) -> None:
    picture = PNG + b"\x00" * LARGEST_PICTURE
    mail = gmail.deliver("ana@example.com", "x", attachments=(("big.png", "image/png", picture),))

    assert await model.call_failing("gmail_attachment", message_id=mail.id, name="1") == (
        'That picture has 1.0 MB; 1.0 MB can be shown.\nas="file" saves it.'
    )


async def test_a_mail_of_fifty_megabytes_is_refused_before_it_is_fetched(
    model: Model, gmail: Any, world: World
) -> None:
    mail = gmail.deliver(
        "ana@example.com", "x", attachments=(("big.bin", "application/zip", bytes(LARGEST + 1)),)
    )

    assert await model.call_failing(
        "gmail_attachment", message_id=mail.id, name="1", **{"as": "file"}
    ) == (
        "That attachment has 36.0 MB; 36.0 MB are the most that can be had.\n"
        "The user can download it in Gmail."
    )
    assert spent(world) == 20


async def test_an_attachment_of_25_megabytes_arrives_whole(model: Model, gmail: Any) -> None:
    data = bytes(range(256)) * 98_000
    mail = gmail.deliver(
        "ana@example.com", "x", attachments=(("big.bin", "application/zip", data),)
    )

    answer = await model.call("gmail_attachment", message_id=mail.id, name="1", **{"as": "file"})

    assert Path(answer.splitlines()[1]).read_bytes() == data


async def test_an_unknown_message_is_an_error(model: Model) -> None:
    assert (await model.call_failing("gmail_attachment", message_id="19a00000000000ff")).endswith(
        "Search again: ids go stale."
    )
