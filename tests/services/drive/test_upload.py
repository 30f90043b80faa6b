"""Uploading: new files, new content, conversions, large files in parts."""

import io
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.conftest import ME, Model
from tests.services.drive.conftest import Stall
from tests.services.faults import Faults, QuickBackend, count
from workspace_mcp.demo import samples
from workspace_mcp.demo.drive.exports import DOCX
from workspace_mcp.demo.drive.records import DOC, SHEET, SLIDES, File
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.google.client import http_client

UPLOAD = "/upload/drive/v3/files"


def only(drive: Drive, name: str) -> File:
    """The file of that name."""
    (found,) = [one for one in drive.store.files.values() if one.name == name]
    return found


async def test_a_local_file_becomes_a_file_of_its_name_and_type(
    model: Model, drive: Drive, folder: Path
) -> None:
    (folder / "Offer.pdf").write_bytes(samples.pdf("100 EUR"))

    answer = await model.call("drive_upload", path="Offer.pdf")

    file = only(drive, "Offer.pdf")
    assert answer == (
        f'Made [{file.id}] "Offer.pdf" PDF {len(file.data)} B in /\n'
        f"https://drive.google.com/file/d/{file.id}/view?usp=drivesdk"
    )
    assert file.data == samples.pdf("100 EUR")
    assert file.owner == ME


async def test_text_becomes_a_file_in_a_folder_that_is_made(model: Model, drive: Drive) -> None:
    answer = await model.call(
        "drive_upload", content="# Plan", name="plan.md", folder="/Reports/2026"
    )

    file = only(drive, "plan.md")
    assert answer.splitlines()[0] == f'Made [{file.id}] "plan.md" Markdown 6 B in /Reports/2026'
    assert (file.mime, file.data) == ("text/markdown", b"# Plan")
    assert only(drive, "2026").parent == only(drive, "Reports").id


def odt(text: str) -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", f"<office><text:p>{text}</text:p></office>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "convert", "mime", "text"),
    [
        ("a.md", b"# Hi", "doc", DOC, b"# Hi"),
        ("a.txt", b"Hi", "auto", DOC, b"Hi"),
        ("a.html", b"<p>Hi</p>", "auto", DOC, b"Hi"),
        ("a.docx", samples.docx("# Hi"), "auto", DOC, b"# Hi"),
        ("a.rtf", rb"{\rtf1\ansi Hi\par }", "auto", DOC, b"Hi"),
        ("a.odt", odt("Hi"), "auto", DOC, b"Hi"),
        ("a.csv", b"a,b\n1,2", "sheet", SHEET, b"a,b\n1,2"),
        ("a.tsv", b"a\tb", "auto", SHEET, b"a,b\r\n"),
        ("a.xlsx", samples.xlsx("a,1"), "auto", SHEET, b"[sheet Sheet1]\n1: a | 1"),
        ("a.ods", odt("Hi"), "sheet", SHEET, b"Hi"),
        ("a.pptx", samples.pptx("Hi"), "slides", SLIDES, b"[slide 1 of 1]\nHi"),
        ("a.odp", odt("Hi"), "auto", SLIDES, b"Hi"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 9 else "",
)
async def test_files_are_converted_to_googles_own(
    model: Model, drive: Drive, folder: Path, name: str, data: bytes, convert: str, mime: str,
    text: bytes,
) -> None:  # fmt: skip
    (folder / name).write_bytes(data)

    answer = await model.call("drive_upload", path=name, convert=convert)

    file = only(drive, "a")
    assert answer.startswith(f'Made of {name}: [{file.id}] "a" ')
    assert (file.mime, file.data) == (mime, text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"path": "a.csv", "convert": "doc"}, "Google makes no Doc of that kind of file.\n"),
        ({"path": "a.bin", "convert": "auto"}, "Google converts no such file.\nLeave convert away."),
        ({}, "Give either path or content."),
        ({"path": "a.csv", "content": "x"}, "Give either path or content."),
        ({"path": "/etc/passwd"}, "'passwd' is outside the allowed folders."),
        ({"path": "link"}, "'secret' is outside the allowed folders."),
        ({"path": "missing"}, "There is no file 'missing' in the allowed folders."),
        ({"content": "x", "mode": "append"}, "mode=append needs replace: the file to add to."),
        ({"content": "x", "folder": "Reports"}, "That names no folder."),
    ],
)  # fmt: skip
async def test_what_cannot_be_uploaded_is_refused(
    model: Model, drive: Drive, folder: Path, tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    (folder / "a.csv").write_text("a")
    (folder / "a.bin").write_bytes(b"\0")
    (tmp_path / "secret").write_text("s")
    (folder / "link").symlink_to(tmp_path / "secret")

    failure = await model.call_failing("drive_upload", **given)

    assert failure.startswith(said)
    assert [one for one in drive.store.files.values() if not one.root] == []


async def test_new_content_keeps_id_name_and_sharing(
    model: Model, drive: Drive, folder: Path
) -> None:
    file = drive.add("plan.txt", "text/plain", content="old")
    drive.share(file.id, "bo@example.com")
    (folder / "other.txt").write_text("new")

    answer = await model.call("drive_upload", path="other.txt", replace=file.id)

    assert answer.startswith(f'Changed the content of [{file.id}] "plan.txt" text 3 B in /')
    assert [one.data for one in file.revisions] == [b"old", b"new"]
    assert len(file.permissions) == 2


@pytest.mark.parametrize(("mode", "text"), [("append", "old\nnew"), ("prepend", "new\nold")])
async def test_text_is_added_before_or_after(
    model: Model, drive: Drive, mode: str, text: str
) -> None:
    file = drive.add("log.md", "text/markdown", content="old")

    answer = await model.call("drive_upload", content="new", replace="/log.md", mode=mode)

    assert answer.startswith(f'Added to [{file.id}] "log.md" Markdown 7 B')
    assert (file.mime, file.data.decode()) == ("text/markdown", text)


async def test_a_docs_content_is_replaced_by_a_converted_file(
    model: Model, drive: Drive, folder: Path
) -> None:
    file = drive.add("Plan", DOC, content="old")
    (folder / "new.docx").write_bytes(samples.docx("new"))
    (folder / "new.csv").write_text("a,b")

    await model.call("drive_upload", path="new.docx", replace=file.id)
    failure = await model.call_failing("drive_upload", path="new.csv", replace=file.id)
    added = await model.call_failing("drive_upload", content="x", replace=file.id, mode="append")

    assert (file.name, file.mime, file.data) == ("Plan", DOC, b"new")
    assert failure == "A Doc cannot become a Sheet."
    assert added.endswith("docs_edit adds to a Doc, sheets_write to a Sheet.")


async def test_a_large_file_goes_in_parts_with_progress_and_survives_a_break(
    model: Model, drive: Drive, folder: Path, faults: Faults
) -> None:
    data = bytes(range(256)) * 80_000
    (folder / "big.bin").write_bytes(data)
    faults.lose_answer("PUT", UPLOAD)
    seen: list[tuple[float, float | None]] = []

    async def told(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total))

    result = await model.client.call_tool(
        "drive_upload", {"path": "big.bin"}, progress_callback=told
    )

    assert not result.is_error
    assert only(drive, "big.bin").data == data
    assert count(faults.seen, f"POST {UPLOAD}") == 1
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {len(data)}


async def test_an_upload_that_was_called_off_is_gone_on_with_by_the_next_call(
    model: Model, drive: Drive, folder: Path, faults: Faults, backend: QuickBackend
) -> None:
    data = bytes(range(256)) * 80_000
    (folder / "big.bin").write_bytes(data)
    stall = Stall(faults, "PUT", 2)
    backend.http = http_client(tls=False, transport=stall)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(model.call, "drive_upload", path="big.bin"))
        await stall.reached.wait()
        tasks.cancel_scope.cancel()
    await stall.left.wait()
    answer = await model.call("drive_upload", path="big.bin")

    assert answer.startswith("Made")
    assert only(drive, "big.bin").data == data
    assert count(faults.seen, f"POST {UPLOAD}") == 1


async def test_a_lost_answer_never_makes_a_second_file(
    model: Model, drive: Drive, faults: Faults
) -> None:
    faults.lose_answer("POST", UPLOAD)

    failure = await model.call_failing("drive_upload", content="x", name="a.txt")

    assert failure == (
        "Google's answer was lost: the file may be there, or not.\n"
        "drive_search order=created shows the newest files: look before you upload it again."
    )
    assert only(drive, "a.txt").data == b"x"


async def test_a_file_goes_into_a_shared_drive(model: Model, drive: Drive) -> None:
    team = drive.store.new_drive("Team", ME)

    answer = await model.call(
        "drive_upload", content="x", name="a.docx.txt", folder="/Shared drives/Team/New"
    )

    file = only(drive, "a.docx.txt")
    assert (file.drive, file.owner) == (team.id, "")
    assert "in /Shared drives/Team/New\n" in answer
    assert file.mime != DOCX


async def test_another_fake_is_told_of_files_that_drive_makes(model: Model, drive: Drive) -> None:
    told: list[tuple[str, str, str, bytes, str]] = []

    def creator(file_id: str, name: str, owner: str, data: bytes, mime: str) -> None:
        told.append((file_id, name, owner, data, mime))

    drive.creators[DOC] = creator

    await model.call("drive_upload", content="# Hi", name="a.md", convert="doc")

    assert told == [(only(drive, "a").id, "a", ME, b"# Hi", "text/markdown")]
