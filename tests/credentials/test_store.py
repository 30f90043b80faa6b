"""Credential files: whole or not at all, the owner's alone, and never another account's."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workspace_mcp.credentials.accounts import Book, resolve
from workspace_mcp.credentials.disk import LockTimeoutError
from workspace_mcp.credentials.paths import Places, file_name, places
from workspace_mcp.credentials.record import Credential, MalformedError
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import CredentialFileError, NotSignedInError, UsageError

ANA = "ana@example.com"
CREDENTIAL = Credential(
    "1//canary", "id", "GOCSPX-canary", "ya29.canary", scopes=("a", "b"),
    expiry=datetime(2026, 11, 20, 10, 30, 0, 123456, UTC),
)  # fmt: skip
UPSTREAM = {
    "token": "ya29.canary",
    "refresh_token": "1//canary",
    "token_uri": "https://oauth2.googleapis.com/token",
    "client_id": "id",
    "client_secret": "GOCSPX-canary",
    "scopes": ["a", "b"],
    "expiry": "2026-11-20T10:30:00.123456",
}


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    home = tmp_path / ".google_workspace_mcp"
    return CredentialStore(Places(home / "credentials", home))


def test_a_file_holds_exactly_the_seven_keys_that_upstream_reads() -> None:
    assert CREDENTIAL.render() == json.dumps(UPSTREAM, indent=2).encode()
    assert Credential.parse(json.dumps(UPSTREAM).encode()) == CREDENTIAL


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T10:30:00", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
        ("2026-11-20T10:30:00Z", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
        ("2026-11-20T10:30:00.5", datetime(2026, 11, 20, 10, 30, 0, 500000, UTC)),
        ("2026-11-20T10:30:00+02:00", None),
        ("soon", None),
        (None, None),
        (12, None),
    ],
)
def test_an_expiry_is_naive_utc_and_everything_else_counts_as_over(
    text: object, moment: datetime | None
) -> None:
    found = Credential.parse(json.dumps({**UPSTREAM, "expiry": text}).encode())

    assert found.expiry == moment
    assert not found.fresh(datetime(2027, 1, 1, tzinfo=UTC), timedelta(0))


@pytest.mark.parametrize(
    "change",
    [
        {"token_uri": "https://oauth2.googleapis.com@evil.example/token"},
        {"token_uri": "http://oauth2.googleapis.com/token"},
        {"token": "a\r\nb"},
        {"refresh_token": ["x"]},
        {"scopes": [1]},
    ],
)
def test_a_file_that_could_lead_a_token_astray_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        Credential.parse(json.dumps({**UPSTREAM, **change}).encode())


def test_no_repr_holds_a_secret() -> None:
    assert "canary" not in repr(CREDENTIAL)


def test_a_file_of_the_umask_is_closed_to_others_when_it_is_seen(store: CredentialStore) -> None:
    store.write(ANA, CREDENTIAL)
    path = store.places.credentials / f"{ANA}.json"
    path.chmod(0o644)

    assert store.read(ANA) == CREDENTIAL
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_new_state_is_seen_within_one_tick_of_the_clock(store: CredentialStore) -> None:
    store.write(ANA, CREDENTIAL)
    path = store.places.credentials / f"{ANA}.json"
    before = path.stat()
    assert store.read(ANA) == CREDENTIAL
    data = path.read_bytes().replace(b"ya29.canary", b"ya29.second")
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    found = store.read(ANA)
    assert found is not None
    assert found.token == "ya29.second"


def test_files_of_older_programs_are_found_under_their_names(store: CredentialStore) -> None:
    store.places.credentials.mkdir(parents=True)
    (store.places.credentials / "Ana@Example.com.json").write_bytes(CREDENTIAL.render())
    (store.places.credentials / "a_b@example.com.json").write_bytes(CREDENTIAL.render())

    assert store.read(ANA) == CREDENTIAL
    assert store.read("a+b@example.com") == CREDENTIAL
    assert store.emails() == ["a_b@example.com", ANA]


@pytest.mark.parametrize("email", ["../../x@y.z", "a/b@c.d", "..", "x\x00@y.z"])
def test_no_address_leads_out_of_the_folder(store: CredentialStore, email: str) -> None:
    assert "/" not in file_name(email)
    assert store.read(email) is None


def test_a_refresh_does_not_overwrite_a_login_that_came_meanwhile(store: CredentialStore) -> None:
    store.write(ANA, CREDENTIAL)
    newer = Credential("1//login", "id", "s", "ya29.login")
    store.write(ANA, newer)

    refreshed = CREDENTIAL.refreshed("ya29.refresh", datetime.now(UTC))
    assert store.write(ANA, refreshed, replacing=CREDENTIAL) is False
    assert store.read(ANA) == newer


def test_a_link_keeps_being_a_link(store: CredentialStore, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.json"
    store.write(ANA, CREDENTIAL)
    path = store.places.credentials / f"{ANA}.json"
    path.rename(real)
    path.symlink_to(real)

    store.write(ANA, CREDENTIAL.refreshed("ya29.new", datetime.now(UTC)))

    assert path.is_symlink()
    assert b"ya29.new" in real.read_bytes()


def test_a_folder_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    store = CredentialStore(Places(blocked / "credentials", tmp_path))

    with pytest.raises(CredentialFileError, match="Nothing was lost"):
        store.write(ANA, CREDENTIAL)


def test_temporary_files_of_killed_processes_are_swept(store: CredentialStore) -> None:
    store.write(ANA, CREDENTIAL)
    folder = store.places.credentials
    stale = folder / f".{ANA}.json.tmp-1-abc"
    young = folder / f".{ANA}.json.tmp-2-abc"
    for path in (stale, young):
        path.write_text("1//canary")
    os.utime(stale, (time.time() - 7200, time.time() - 7200))

    store.write(ANA, CREDENTIAL)

    assert sorted(path.name for path in folder.iterdir()) == [young.name, f"{ANA}.json"]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from workspace_mcp.credentials.paths import Places
from workspace_mcp.credentials.record import Credential
from workspace_mcp.credentials.disk import LockTimeoutError
from workspace_mcp.credentials.store import CredentialStore
home = Path(sys.argv[1])
store = CredentialStore(Places(home / "credentials", home))
number = 0
print("ready", flush=True)
while True:
    number += 1
    with store.lock("ana@example.com", 10):
        store.write("ana@example.com", Credential("1//r", "id", "s", "ya29.x" + "y" * (number % 3000)))
"""


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(store: CredentialStore) -> None:
    store.write(ANA, CREDENTIAL)
    for number in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store.places.home)], stdout=subprocess.PIPE
        )
        with process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * number)
            process.send_signal(signal.SIGKILL)
        found = store.read(ANA)
        assert found is not None
        with store.lock(ANA, 1) as held:
            assert held


@pytest.mark.parametrize(
    ("asked", "known", "default", "account"),
    [
        (ANA, [ANA, "bo@x.y"], None, ANA),
        (" ANA@example.com ", [ANA], None, ANA),
        ("work", [ANA, "bo@x.y"], None, ANA),
        (None, [ANA], None, ANA),
        (None, [ANA, "bo@x.y"], "bo@x.y", "bo@x.y"),
        (None, [ANA, "bo@x.y"], "work", ANA),
    ],
)
def test_the_account_that_is_meant(
    asked: str | None, known: list[str], default: str | None, account: str
) -> None:
    assert resolve(asked, known, {"work": ANA}, default) == account


@pytest.mark.parametrize(
    ("asked", "known", "default", "reason"),
    [
        ("zoe@x.y", [ANA], ANA, "unknown_account"),
        ("zoe@x.y", [], None, "not_signed_in"),
        (None, [], None, "not_signed_in"),
        (None, [ANA, "bo@x.y"], None, "several_accounts"),
        (None, [ANA], "gone@x.y", "not_signed_in"),
    ],
)
def test_another_account_never_stands_in(
    asked: str | None, known: list[str], default: str | None, reason: str
) -> None:
    with pytest.raises(NotSignedInError) as failure:
        resolve(asked, known, {}, default)

    assert failure.value.reason == reason


def test_the_book_of_accounts_says_default_and_aliases(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text('default = "Ana@example.com"\n[aliases]\nWork = "ana@example.com"\n')

    assert Book.read(path) == Book(ANA, {"work": ANA}, {})
    assert Book.read(tmp_path / "none.toml") == Book()
    path.write_text("default = [")
    with pytest.raises(CredentialFileError, match="Mend or delete it"):
        Book.read(path)


def test_folders_follow_the_environment() -> None:
    standard = places({"HOME": "/home/ana"})
    named = places({"HOME": "/home/ana", "GOOGLE_MCP_CREDENTIALS_DIR": "~/elsewhere"})
    both = places(
        {
            "HOME": "/h",
            "GOOGLE_MCP_CREDENTIALS_DIR": "/old",
            "WORKSPACE_MCP_CREDENTIALS_DIR": "/new",
        }
    )

    assert standard.credentials == Path("/home/ana/.google_workspace_mcp/credentials")
    assert named.credentials == Path("/home/ana/elsewhere")
    assert both.credentials == Path("/new")
    assert standard.lock(ANA).name == f"{ANA}.lock"
    assert named.lock(ANA) != standard.lock(ANA)


def test_a_setting_for_tls_that_is_wrong_stops_with_its_name(tmp_path: Path) -> None:
    from workspace_mcp.tls import tls_context

    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        for place in ("/no/such.pem", str(empty)):
            with pytest.raises(UsageError, match=f"{name}=.* cannot be used"):
                tls_context({name: place})


def test_a_reader_never_sees_half_a_file(store: CredentialStore) -> None:
    store.write(ANA, CREDENTIAL)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store.places.home)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until = time.monotonic() + 1.0
        seen = 0
        while time.monotonic() < until:
            assert store.read(ANA) is not None
            seen += 1
        process.kill()

    assert seen > 100


def test_a_lock_whose_holder_was_killed_is_free(store: CredentialStore) -> None:
    holder = (
        "import sys, time; from pathlib import Path\n"
        "from workspace_mcp.credentials.paths import Places\n"
        "from workspace_mcp.credentials.store import CredentialStore\n"
        "home = Path(sys.argv[1]); store = CredentialStore(Places(home / 'credentials', home))\n"
        "with store.lock('ana@example.com', 1): print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(store.places.home)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(LockTimeoutError), store.lock(ANA, 0.1):
            pass
        process.kill()
        process.wait()
        with store.lock(ANA, 1) as held:
            assert held
