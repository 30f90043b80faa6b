"""Local files: names are data, folders are walls."""

import os
from pathlib import Path

import pytest

from workspace_mcp.errors import LocalFileError
from workspace_mcp.files import LocalFiles, safe_name


@pytest.fixture
def allowed(tmp_path: Path) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    return folder


@pytest.fixture
def files(tmp_path: Path, allowed: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "downloads", [allowed], enabled=True)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "shadow"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        ("", "file"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ('a<b>:"c|d?*.txt', "a_b___c_d__.txt"),
        ("a\x00b\n\u202etxt.exe", "ab txt.exe"),
        ("x" * 400 + ".pdf", "x" * 196 + ".pdf"),
        ("ä" * 200 + ".pdf", "ä" * 98 + ".pdf"),
    ],
)
def test_a_name_from_a_stranger_becomes_one_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_nothing_is_overwritten_and_files_are_the_owners_alone(files: LocalFiles) -> None:
    first = files.save("a.txt", b"one")
    second = files.save("../a.txt", b"two")

    assert (first.name, second.name) == ("a.txt", "a (1).txt")
    assert first.read_bytes() == b"one"
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.parent.stat().st_mode & 0o777 == 0o700


def test_a_link_put_in_the_way_of_a_download_is_not_followed(
    files: LocalFiles, tmp_path: Path
) -> None:
    (tmp_path / "downloads").mkdir()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "downloads" / "a.txt").symlink_to(victim)

    assert files.save("a.txt", b"evil").name == "a (1).txt"
    assert victim.read_text() == "precious"


def test_a_file_in_an_allowed_folder_is_read_by_name_path_or_url(
    files: LocalFiles, allowed: Path
) -> None:
    (allowed / "x.csv").write_text("a,b")

    for path in ("x.csv", str(allowed / "x.csv"), f"file://{allowed}/x.csv"):
        found = files.read(path, 100)
        assert (found.name, found.mime, found.data) == ("x.csv", "text/csv", b"a,b")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../outside.txt", "~/.ssh/id_rsa", "/proc/self/environ", "link.txt"]
)
def test_what_lies_outside_is_refused_whatever_way_leads_there(
    files: LocalFiles, allowed: Path, tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    (allowed / "link.txt").symlink_to(tmp_path / "outside.txt")

    with pytest.raises(LocalFileError, match="--files DIR adds one"):
        files.read(path, 100)


@pytest.mark.parametrize(
    "path", [".env", ".git/config", ".google_workspace_mcp/credentials/a.json"]
)
def test_hidden_files_and_our_own_credentials_are_refused_even_inside(
    files: LocalFiles, allowed: Path, path: str
) -> None:
    (allowed / path).parent.mkdir(parents=True, exist_ok=True)
    (allowed / path).write_text("x")

    with pytest.raises(LocalFileError, match="hidden files are not read"):
        files.read(path, 100)


def test_a_fifo_does_not_hang_a_folder_is_no_file_and_large_ones_are_refused(
    files: LocalFiles, allowed: Path
) -> None:
    os.mkfifo(allowed / "pipe")
    (allowed / "folder").mkdir()
    (allowed / "large").write_bytes(bytes(101))

    for name, says in (
        ("pipe", "not a plain file"), ("folder", "is a folder.\nName its files"), ("large", "101 bytes; 100"),
    ):  # fmt: skip
        with pytest.raises(LocalFileError, match=says):
            files.read(name, 100)


def test_nothing_works_where_local_files_are_off(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "d", [tmp_path], enabled=False)

    with pytest.raises(LocalFileError, match="may not touch local files"):
        files.save("a", b"")
    with pytest.raises(LocalFileError, match="may not touch local files"):
        files.read("a", 1)
    assert not (tmp_path / "d").exists()


def test_a_growing_file_has_its_name_only_when_it_is_whole(
    files: LocalFiles, tmp_path: Path
) -> None:
    growing = files.grow("big.bin")
    growing.write(b"one ")
    before = sorted(path.name for path in (tmp_path / "downloads").iterdir())
    growing.write(b"two")
    path = growing.finish()

    assert [name.startswith("big.bin.workspace-") for name in before] == [True]
    assert sorted(one.name for one in (tmp_path / "downloads").iterdir()) == ["big.bin"]
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one two", 0o600)


def test_a_growing_file_overwrites_nothing_and_is_discarded_whole(
    files: LocalFiles, tmp_path: Path
) -> None:
    files.save("a.txt", b"first")
    growing = files.grow("a.txt")
    growing.write(b"second")
    other = files.grow("a.txt")
    other.discard()

    assert growing.finish().name == "a (1).txt"
    assert sorted(one.name for one in (tmp_path / "downloads").iterdir()) == ["a (1).txt", "a.txt"]
    assert (tmp_path / "downloads" / "a.txt").read_bytes() == b"first"


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "sub/a.txt", "~/a.txt"])
def test_files_grow_in_the_download_folder_alone(files: LocalFiles, name: str) -> None:
    with pytest.raises(LocalFileError, match="Files are saved into"):
        files.grow(name)


def test_a_source_is_read_again_and_again_and_never_through_a_new_link(
    files: LocalFiles, allowed: Path, tmp_path: Path
) -> None:
    (allowed / "a.bin").write_bytes(b"data")
    (tmp_path / "secret").write_text("secret")
    found = files.source("a.bin")

    for _ in range(2):
        with found.open() as source:
            assert source.read() == b"data"
    assert (found.name, found.size) == ("a.bin", 4)
    (allowed / "a.bin").unlink()
    (allowed / "a.bin").symlink_to(tmp_path / "secret")
    with pytest.raises(LocalFileError):
        found.open()


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.txt", ".hidden", "missing"])
def test_a_source_outside_of_the_folders_is_refused(
    files: LocalFiles, allowed: Path, path: str
) -> None:
    (allowed / ".hidden").write_text("x")

    with pytest.raises(LocalFileError):
        files.source(path)
