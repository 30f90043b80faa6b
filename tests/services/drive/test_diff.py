"""What changed between versions and files: by word, by cell."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, Model
from workspace_mcp.demo import samples
from workspace_mcp.demo.drive.exports import XLSX
from workspace_mcp.demo.drive.records import DOC, SHEET
from workspace_mcp.demo.drive.store import Drive

DAY = timedelta(days=1)
RECORDED = Path(__file__).parents[2] / "recorded" / "office"


def body(answer: str) -> str:
    return answer.partition("--- differences 7f3a00 ---\n")[2].partition("\n--- end")[0]


@pytest.mark.parametrize(("name", "mime"), [("a.md", "text/markdown"), ("Doc", DOC)])
async def test_texts_are_compared_by_word(model: Model, drive: Drive, name: str, mime: str) -> None:
    file = drive.add(name, mime, content="One\nWe sold 12 bags.\nEnd\ngone", at=NOW - DAY)
    drive.touch(file.id, "One\nWe sold 15 bags, all.\nEnd\n")

    answer = await model.call("drive_diff", file=file.id)

    first, second = file.revisions
    assert answer.splitlines()[0] == (
        f'"{name}": version {first.id} (Thu 2026-11-19 09:30 by me) -> '
        f"version {second.id} (Fri 2026-11-20 09:30 by me)"
    )
    assert body(answer) == "line 2: We sold [-12-]{+15+} bags{+, all+}.\nline 4: [-gone-]"


@pytest.mark.parametrize(
    ("name", "mime", "old", "new", "sheet"),
    [
        ("a.csv", "text/csv", b"k,v\na,1\n", b"k,v\na,2\nb,3\n", ""),
        ("a.xlsx", XLSX, samples.xlsx("k,v\na,1"), samples.xlsx("k,v\na,2\nb,3"), "Sheet1!"),
        ("Sheet", SHEET, b"[sheet S]\nk,v\na,1", b"[sheet S]\nk,v\na,2\nb,3", "S!"),
    ],
)
async def test_tables_are_compared_by_cell(
    model: Model, drive: Drive, name: str, mime: str, old: bytes, new: bytes, sheet: str
) -> None:
    file = drive.add(name, mime, content=old, at=NOW - DAY)
    drive.touch(file.id, new)

    answer = await model.call("drive_diff", file=file.id)

    assert "3 changed cells" in answer
    assert body(answer) == (f"{sheet}B2: 1 -> 2\n{sheet}A3: (empty) -> b\n{sheet}B3: (empty) -> 3")


async def test_any_two_versions_and_two_files_are_compared(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="one", at=NOW - 3 * DAY)
    for number, text in ((2, b"two"), (1, b"three")):
        drive.store.write(file, text, "text/plain", "me@example.com", at=NOW - number * DAY)
    other = drive.add("b.txt", "text/plain", content="four")

    by_id = await model.call("drive_diff", file=file.id, **{"from": file.revisions[0].id})
    by_time = await model.call(
        "drive_diff", file=file.id, **{"from": "2026-11-17T12:00", "to": file.revisions[1].id}
    )
    files = await model.call("drive_diff", file=file.id, other=other.id)
    same = await model.call("drive_diff", file=file.id, other=file.id)

    assert body(by_id) == "line 1: [-one-]{+three+}"
    assert body(by_time) == "line 1: [-one-]{+two+}"
    assert body(files) == "line 1: [-three-]{+four+}"
    assert same.endswith("The text is the same in both.")


async def test_many_differences_go_on(model: Model, drive: Drive) -> None:
    file = drive.add("a.txt", "text/plain", content="\n".join(f"old {n}" for n in range(2_000)))
    drive.touch(file.id, "\n".join(f"new {n}" for n in range(2_000)))

    first = await model.call("drive_diff", file=file.id)
    offset = int(first.rpartition("offset=")[2].partition(" ")[0])
    second = await model.call("drive_diff", file=file.id, offset=offset)

    assert "2,000 changed lines" in first
    assert len(first.encode()) < 10_000
    assert body(second).startswith(f"line {offset + 1}: [-old-]{{+new+}} {offset}")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"file": "/one.txt"}, "Google keeps one version alone."),
        ({"file": "/two.txt", "from": "nope"},
         "The file has no such version.\ndrive_info with revisions=true lists them."),
        ({"file": "/v.mp4"}, "A video/mp4 holds no text that could be compared."),
        ({"file": "/two.txt", "other": "/v.mp4"}, "A text holds no text that could be compared."),
    ],
)  # fmt: skip
async def test_what_cannot_be_compared_is_refused(
    model: Model, drive: Drive, given: dict[str, Any], said: str
) -> None:
    drive.add("one.txt", "text/plain", content="x")
    for name, mime in (("two.txt", "text/plain"), ("v.mp4", "video/mp4")):
        drive.touch(drive.add(name, mime, content=b"\x00x").id, b"\x00y")

    assert (await model.call_failing("drive_diff", **given)).startswith(said)


async def test_spreadsheets_of_excel_and_libreoffice_are_compared_by_cell(
    model: Model, drive: Drive
) -> None:
    first, second = (
        drive.add(name, "application/octet-stream", content=(RECORDED / name).read_bytes())
        for name in ("orders.ods", "orders.xlsx")
    )

    answer = await model.call("drive_diff", file=first.id, other=second.id)

    assert "14 changed cells" in answer
    assert "Orders!B4: 2026-01-12 -> 07:05" in body(answer)
    assert "Orders!A1" not in body(answer)
