"""Disks that are full, folders that cannot be written, processes that die between two steps."""

import errno
import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.auth_cli.kit import Login, browse
from tests.conftest import ME, Model
from tests.google_over_tls import LoopbackGoogle, write
from tests.proxy import GoogleProxy
from tests.wire import ROOT, Wire, tool_text
from workspace_mcp.credentials import disk
from workspace_mcp.credentials.paths import Places
from workspace_mcp.credentials.record import Credential
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.demo.drive.store import Drive
from workspace_mcp.errors import CredentialFileError, LocalFileError
from workspace_mcp.files import LocalFiles
from workspace_mcp.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of Unix")
DATA = bytes(range(256)) * 4_000
OLD, NEW = Credential("1//old", "id", "s", "ya29.old"), Credential("1//new", "id", "s", "ya29.new")


@contextmanager
def small_disk(size: int) -> Generator[None]:
    """No file grows beyond `size` bytes, as on a disk that is full there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path | None) -> list[str]:
    """What lies in a folder."""
    assert folder is not None
    return sorted(path.name for path in folder.iterdir())


async def test_a_full_disk_ends_a_download_and_keeps_nothing_of_it(
    model: Model, drive: Drive, settings: Settings
) -> None:
    drive.add("a.bin", "application/octet-stream", content=DATA)

    with small_disk(100_000):
        failure = await model.call_failing("drive_read", file="/a.bin", save=".")
    kept = names(settings.downloads)
    await model.call("drive_read", file="/a.bin", save=".")

    assert failure == "a.bin could not be written (File too large); nothing of it was kept."
    assert kept == []
    assert names(settings.downloads) == ["a.bin"]


def test_a_full_disk_keeps_nothing_of_an_attachment(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "down", (), enabled=True)

    with small_disk(10), pytest.raises(LocalFileError, match="nothing of it was kept"):
        files.save("a.txt", DATA)
    assert names(tmp_path / "down") == []


def full(*arguments: object) -> None:
    """What a disk says that is full."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_disk_that_is_full_at_the_last_step_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    files = LocalFiles(tmp_path / "down", (), enabled=True)
    monkeypatch.setattr(os, step, full)

    with pytest.raises(LocalFileError, match="No space left on device"):
        files.save("a.txt", DATA)
    assert names(tmp_path / "down") == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_sign_in_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store = CredentialStore(Places(tmp_path / "credentials", tmp_path))
    store.write(ME, OLD)

    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        with pytest.raises(CredentialFileError, match="Nothing was lost"):
            store.write(ME, NEW)

    assert store.read(ME) == OLD
    assert names(tmp_path / "credentials") == [f"{ME}.json"]


def test_a_folder_that_cannot_be_synced_has_the_new_sign_in_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CredentialStore(Places(tmp_path / "credentials", tmp_path))
    real: Callable[[int], None] = os.fsync

    def picky(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    monkeypatch.setattr(os, "fsync", picky)

    assert store.write(ME, NEW)
    assert store.read(ME) == NEW


DYING = """
import os, sys
from pathlib import Path
def die(*arguments): os._exit(9)
setattr(os, sys.argv[1], die)
"""
SAVES = """
from workspace_mcp.files import LocalFiles
LocalFiles(Path(sys.argv[2]), (), enabled=True).save("a.txt", b"new" * 1000)
"""
WRITES = """
from workspace_mcp.credentials import disk
disk.replace(Path(sys.argv[2]) / "a.json", b"new" * 1000)
"""


def dies(step: str, folder: Path, script: str) -> None:
    """A process that dies when it comes to a step."""
    done = subprocess.run(
        [sys.executable, "-c", DYING + script, step, str(folder)], cwd=ROOT, check=False
    )
    assert done.returncode == 9


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_download_whose_process_dies_before_its_last_step_is_not_there(
    tmp_path: Path, step: str
) -> None:
    dies(step, tmp_path, SAVES)
    left = names(tmp_path)
    LocalFiles(tmp_path, (), enabled=True).save("b.txt", b"next")

    assert [name.startswith("a.txt.workspace-") for name in left] == [True]
    assert names(tmp_path) == ["b.txt"], "the next file sweeps what was left"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_file_of_secrets_whose_process_dies_before_its_last_step_is_the_old_one(
    tmp_path: Path, step: str
) -> None:
    disk.replace(tmp_path / "a.json", b"old")

    dies(step, tmp_path, WRITES)
    for path in tmp_path.glob(".*"):
        os.utime(path, (0, 0))
    left = (tmp_path / "a.json").read_bytes()
    disk.replace(tmp_path / "a.json", b"newest")

    assert left == b"old"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    "number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.EIO]
)
def test_where_locks_do_not_work_it_goes_on_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    def broken(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", broken)

    for _ in range(2):  # a lock file without a lock holds nobody up, now or after a crash
        with disk.lock(tmp_path / "locks" / "x.lock", 0.1, "this") as held:
            assert not held
    assert LocalFiles(tmp_path / "down", (), enabled=True).save("a.txt", b"x").read_bytes() == b"x"
    assert "Locks do not work" in caplog.text


def test_a_home_that_cannot_be_written_keeps_the_server_working(tmp_path: Path) -> None:
    google = LoopbackGoogle(tmp_path)
    home = tmp_path / "home" / ".google_workspace_mcp"
    write(home / "credentials")
    for name in ("locks", "journal", "approvals"):
        (home / name).write_text("a file where a folder should be")
    elsewhere = home / "credentials" / f"{ME}.json"
    os.link(elsewhere, tmp_path / "kept.json")
    with GoogleProxy(google.handle, tmp_path) as proxy:
        environ = {**proxy.environ, "HOME": str(tmp_path / "home"), "USER_GOOGLE_EMAIL": ""}
        with Wire("-m", "workspace_mcp", environ=environ) as wire:
            wire.initialize()
            wire.call("1", "gmail_search", query="in:inbox")
            first = tool_text(wire.answer("1"))
            wire.call("2", "gmail_draft", to=["bo@example.com"], subject="x", body="y")
            second = wire.answer("2")["result"]

    assert first.startswith("No mail matches")
    assert not second.get("isError"), second
    assert len(google.world.gmail(ME).drafts) == 1


def test_a_sign_in_that_cannot_be_written_ends_with_11_and_loses_nothing(tmp_path: Path) -> None:
    google = LoopbackGoogle(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    with GoogleProxy(google.handle, tmp_path) as proxy:
        environ = {
            **os.environ, **proxy.environ, "HOME": str(home), "NO_PROXY": "127.0.0.1", "BROWSER": "",
            "DISPLAY": "", "WORKSPACE_MCP_CREDENTIALS_DIR": str(blocked / "credentials"),
            "GOOGLE_OAUTH_CLIENT_ID": "123456-abc.apps.googleusercontent.com",
            "GOOGLE_OAUTH_CLIENT_SECRET": "GOCSPX-0123456789",
        }  # fmt: skip
        login = Login(environ, ME, "--services", "gmail")
        browse(google.consent(login.url))
        status, _, said = login.end()

    assert status == 11
    assert "could not be written" in said or "cannot be written" in said
    assert blocked.read_text() == "a file where a folder should be"
