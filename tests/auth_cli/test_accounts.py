"""Accounts, clients and sign-ins from elsewhere, by their commands."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth_cli.main import main
from auth_cli.transfer import MARK, carried
from tests.auth_cli.kit import (
    CLIENT,
    SECRETS,
    Login,
    Terminal,
    browse,
    home,
    kept,
    rest,
    run,
    stored,
)
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle, credential, write
from tests.wire import Wire, tool_text
from workspace_mcp.credentials.accounts import Book
from workspace_mcp.errors import UsageError

YOU = "you@example.com"
CLIENT_ID = CLIENT["installed"]["client_id"]


@pytest.fixture
def two(google: LoopbackGoogle, environ: dict[str, str]) -> dict[str, str]:
    """Me and You are signed in."""
    folder = stored(environ).parent
    write(folder)
    write(folder, YOU, refresh_token="1//canary-you")
    google.accounts["1//canary-you"] = YOU
    if YOU not in google.world.boxes:
        google.world.add_account(YOU)
    return environ


@pytest.fixture
def command(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Runs a command in this process: exit code, stdout, stderr."""
    for name in ("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, environ[name])  # the HTTP client reads the process's own

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments), environ)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def book(environ: dict[str, str]) -> Book:
    return Book.read(home(environ) / "accounts.toml")


def test_nobody_signed_in_is_said_with_the_command(command: Any) -> None:
    assert command("list") == (0, "", "Nobody is signed in here.\n    workspace-auth login EMAIL\n")
    assert command("list", "--json") == (0, "[]\n", "")
    assert command("status")[0] == 4
    assert command("token")[0] == 4
    assert command("logout", ME)[0] == 4


def test_list_names_each_account_the_default_first(two: dict[str, str], command: Any) -> None:
    command("default", YOU)
    command("alias", "work", ME)

    assert command("list")[1] == (f"{YOU} (default): gmail\n{ME} (alias work): gmail\n")
    facts = json.loads(command("list", "--json")[1])
    assert [(one["email"], one["default"], one["aliases"]) for one in facts] == [
        (YOU, True, []), (ME, False, ["work"]),
    ]  # fmt: skip


def test_the_default_is_set_shown_and_cleared(two: dict[str, str], command: Any) -> None:
    assert command("default")[1] == "\n" or command("default")[1] == ""
    assert command("default", YOU) == (0, "", f"{YOU} is the default.\n")
    assert command("default")[1] == f"{YOU}\n"
    assert command("default", "nobody@example.com")[0] == 4
    assert command("default")[1] == f"{YOU}\n"
    command("default", "--clear")
    assert book(two).default == ""


def test_an_alias_stands_for_an_account_in_every_command(two: dict[str, str], command: Any) -> None:
    assert command("alias", "Work", YOU) == (0, "", f"work is {YOU}.\n")
    assert command("alias")[1] == f"work  {YOU}\n"
    assert command("token", "work")[1].startswith("ya29.")
    assert command("alias", "a@b", YOU)[0] == 2
    assert command("alias", "work", "--remove")[0] == 0
    assert command("token", "work")[0] == 4


def test_the_server_takes_default_and_alias_at_its_next_call(
    google: LoopbackGoogle, two: dict[str, str]
) -> None:
    google.world.gmail(YOU).deliver("ana@example.com", "For you")
    with Wire("-m", "workspace_mcp", environ=two) as wire:
        wire.initialize()
        wire.call("1", "gmail_search", query="in:inbox")
        before = tool_text(wire.answer("1"))
        assert run(two, "default", YOU).returncode == 0
        assert run(two, "alias", "y", YOU).returncode == 0
        wire.call("2", "gmail_search", query="in:inbox")
        by_default = tool_text(wire.answer("2"))
        wire.call("3", "gmail_search", query="in:inbox", account="y")
        by_alias = tool_text(wire.answer("3"))

    assert "reason=several_accounts" in before
    assert '"For you"' in by_default
    assert '"For you"' in by_alias


def test_status_tells_what_is_granted_and_what_is_wrong(
    google: LoopbackGoogle, two: dict[str, str], command: Any
) -> None:
    stored(two, YOU).write_text("{")
    code, out, _ = command("status")

    assert code == 11
    assert f"{ME}\n  may     gmail\n" in out
    assert "  client  canary.apps.googleusercontent.com\n" in out
    assert "  error  The credential file" in out
    assert f"workspace-auth login {YOU}" in out or "cannot be used" in out
    assert "GOCSPX" not in out


def test_status_checked_asks_google(
    google: LoopbackGoogle, two: dict[str, str], command: Any
) -> None:
    del google.accounts["1//canary-you"]
    code, out, _ = command("status", "--check")
    good, _, _ = command("status", ME, "--check")

    assert (code, good) == (4, 0)
    assert "  google  Google accepts it" in out
    assert f"Google does not take the sign-in of {YOU} any more." in out
    assert [
        one["works"] for one in json.loads(command("status", "--check", "--json")[1])["accounts"]
    ] == [
        True,
        False,
    ]


@pytest.mark.parametrize(("days", "warned"), [(4.9, False), (5.5, True), (6.9, True), (7.1, False)])
def test_the_seventh_day_is_announced(
    two: dict[str, str], command: Any, days: float, warned: bool
) -> None:
    since = datetime.now(UTC) - timedelta(days=days)
    (home(two) / "accounts.toml").write_text(f'[created]\n"{ME}" = "{since:%Y-%m-%dT%H:%M:%SZ}"\n')

    assert ("if the OAuth app is in Testing" in command("status", ME)[1]) is warned


def test_a_login_notes_when_and_with_which_client(
    google: LoopbackGoogle, environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "another.json"
    file.write_text(json.dumps(CLIENT))
    run(environ, "client", "add", str(file), "--name", "work")
    login = Login(environ, ME, "--services", "gmail", "--client", "work")
    browse(google.consent(login.url))
    login.end()
    known = book(environ)
    since = datetime.fromisoformat(known.created[ME])

    assert abs(datetime.now(UTC) - since) < timedelta(minutes=1)
    assert known.clients == {ME: "work"}


def test_refresh_gets_a_new_token_and_writes_it(
    google: LoopbackGoogle, two: dict[str, str], command: Any
) -> None:
    assert command("refresh", ME) == (0, "", f"{ME} has a new access token.\n")
    assert google.refreshes == ["1//canary-refresh"]
    assert kept(two)["token"] == command("token", ME)[1].strip()
    assert google.refreshes == ["1//canary-refresh"]


def test_token_prints_the_token_alone(two: dict[str, str], command: Any) -> None:
    code, out, err = command("token", ME)

    assert (code, err) == (0, "")
    assert out.startswith("ya29.demo")
    assert out.count("\n") == 1


def test_logout_forgets_one_account_and_everything_about_it(
    two: dict[str, str], command: Any
) -> None:
    command("default", ME)
    command("alias", "work", ME)
    code, _, err = command("logout", "work")

    assert code == 0
    assert "is signed out on this machine" in err
    assert not stored(two).exists()
    assert stored(two, YOU).exists()
    assert book(two) == Book()


def test_logout_of_all_asks_first(two: dict[str, str], command: Any) -> None:
    assert command("logout", "--all")[0] == 2
    assert stored(two).exists()
    assert command("logout", "--all", "--yes")[0] == 0
    assert list(stored(two).parent.glob("*.json")) == []


def test_a_broken_file_can_be_signed_out(two: dict[str, str], command: Any) -> None:
    stored(two).write_text("{")

    assert command("logout", ME)[0] == 0
    assert not stored(two).exists()


def test_revoking_says_what_it_does_and_asks(
    google: LoopbackGoogle, two: dict[str, str], command: Any
) -> None:
    refused = command("logout", ME, "--revoke")
    assert refused[0] == 2
    assert stored(two).exists()
    terminal = Terminal(two, "logout", ME, "--revoke")
    terminal.wait_for("[y/N]")
    terminal.type("y\n")

    assert terminal.end() == 0
    assert "whole Cloud project" in terminal.text
    assert not stored(two).exists()
    assert "1//canary-refresh" not in google.accounts


def test_a_revocation_that_does_not_reach_google_deletes_nothing(two: dict[str, str]) -> None:
    done = run({**two, "HTTPS_PROXY": "http://127.0.0.1:9"}, "logout", ME, "--revoke", "--yes")

    assert done.returncode == 9
    assert stored(two).exists()


def test_what_was_revoked_already_is_signed_out_all_the_same(
    google: LoopbackGoogle, two: dict[str, str], command: Any
) -> None:
    del google.accounts["1//canary-refresh"]

    assert command("logout", ME, "--revoke", "--yes")[0] == 0
    assert not stored(two).exists()


# Clients


def write_client(folder: Path, number: str, secret: str = "GOCSPX-canary-2") -> Path:
    path = folder / f"client_secret_{number}.json"
    fields = {**CLIENT["installed"], "client_id": f"{number}-x.apps.googleusercontent.com",
              "client_secret": secret}  # fmt: skip
    path.write_text(json.dumps({"installed": fields}))
    return path


def test_clients_are_kept_by_name_and_shown_without_their_secret(
    environ: dict[str, str], command: Any, tmp_path: Path
) -> None:
    file = write_client(tmp_path, "111")
    code, out, err = command(
        "client", "add", str(file), "--name", "work", "--domain", "@Example.org"
    )
    listed = command("client", "list")[1]
    path = home(environ) / "clients" / "work.json"

    assert (code, out) == (0, "111-x.apps.googleusercontent.com\n")
    assert "Kept as work." in err
    assert path.stat().st_mode & 0o777 == 0o600
    assert "work  111-x.apps.googleusercontent.com  for @example.org\n" in listed
    assert "(environment)  " + CLIENT_ID in listed
    assert "GOCSPX" not in listed + err
    assert command("client", "remove", "work")[0] == 0
    assert not path.exists()
    assert book(environ).domains == {}
    assert command("client", "remove", "work")[0] == 8


@pytest.mark.parametrize(
    ("email", "flag", "used"),
    [
        pytest.param("ana@example.org", None, "222", id="of its domain"),
        pytest.param("ana@example.com", None, "123456", id="of the environment"),
        pytest.param("bo@example.com", None, "333", id="of the account"),
        pytest.param("ana@example.org", "work", "111", id="named"),
        pytest.param("ana@example.org", "FILE", "444", id="a file"),
    ],
)
def test_which_client_a_login_uses(
    environ: dict[str, str], command: Any, tmp_path: Path, email: str, flag: str | None, used: str
) -> None:
    command("client", "add", str(write_client(tmp_path, "111")), "--name", "work")
    command(
        "client",
        "add",
        str(write_client(tmp_path, "222")),
        "--name",
        "org",
        "--domain",
        "example.org",
    )
    command("client", "add", str(write_client(tmp_path, "333")), "--name", "third")
    (home(environ) / "accounts.toml").write_text(
        '[domains]\n"example.org" = "org"\n\n[clients]\n"bo@example.com" = "third"\n'
    )
    named = str(write_client(tmp_path, "444")) if flag == "FILE" else flag
    login = Login(environ, email, "--services", "gmail", *(["--client", named] if named else []))
    login.process.terminate()
    login.end()

    assert login.fields["client_id"].startswith(used)


def test_an_account_signs_in_again_with_the_client_that_it_had(
    environ: dict[str, str], two: dict[str, str]
) -> None:
    alone = {name: value for name, value in environ.items() if name != "GOOGLE_CLIENT_SECRET_PATH"}
    login = Login(alone, ME, "--services", "gmail")
    login.process.terminate()
    login.end()

    assert login.fields["client_id"] == "canary.apps.googleusercontent.com"


def test_without_a_client_the_way_to_one_is_named(environ: dict[str, str]) -> None:
    alone = {name: value for name, value in environ.items() if name != "GOOGLE_CLIENT_SECRET_PATH"}
    done = run(alone, "login", ME)

    assert done.returncode == 8
    assert "workspace-auth setup" in done.stderr
    assert "workspace-auth client add FILE" in done.stderr


def test_check_asks_google_about_a_client(
    google: LoopbackGoogle, environ: dict[str, str], command: Any, tmp_path: Path
) -> None:
    good = command("client", "check")
    google.world.sign_in.clients = {"other": "s"}
    bad = command("client", "check", str(write_client(tmp_path, "555")))

    assert good == (0, f"{CLIENT_ID}\n", "Google takes the environment's client.\n")
    assert bad[0] == 8
    assert "does not know this client id" in bad[2]


def test_a_named_client_never_leads_out_of_its_folder(
    environ: dict[str, str], command: Any, tmp_path: Path
) -> None:
    file = str(write_client(tmp_path, "666"))

    assert command("client", "add", file, "--name", "../evil")[0] == 8
    assert not (home(environ) / "evil.json").exists()


# Export and import


def test_a_sign_in_travels_to_another_machine(
    google: LoopbackGoogle, two: dict[str, str], tmp_path: Path
) -> None:
    exported = run(two, "export", ME)
    other = {**two, "HOME": str(tmp_path / "other")}
    imported = run(other, "import", "-", given=exported.stdout)

    assert exported.returncode == 0
    assert exported.stdout.startswith(MARK)
    assert exported.stdout.count("\n") == 1
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout == f"{ME}\n"
    assert kept(other)["refresh_token"] == "1//canary-refresh"
    assert kept(other)["token"].startswith("ya29.demo")
    assert stored(other).stat().st_mode & 0o777 == 0o600


def test_an_export_to_a_file_is_for_its_owner_and_replaces_nothing(
    two: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "out.txt"
    first = run(two, "export", ME, "--file", str(file))
    second = run(two, "export", ME, "--file", str(file))

    assert (first.returncode, second.returncode) == (0, 11)
    assert file.stat().st_mode & 0o777 == 0o600
    assert first.stdout == ""


GOG = {
    "email": ME,
    "client": "default",
    "services": ["gmail"],
    "refresh_token": "1//canary-refresh",
}
FOREIGN = {
    "workspace-mcp 1.x and 2.x": (credential(), ()),
    "gcloud and gws": (
        {"type": "authorized_user", "client_id": "9-a.apps.googleusercontent.com",
         "client_secret": "d-canary", "refresh_token": "1//canary-refresh", "quota_project_id": "p"}, (),
    ),
    "gog, with the client of the environment": (GOG, ()),
}  # fmt: skip


@pytest.mark.parametrize(("found", "flags"), FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_sign_ins_of_other_programs_are_taken(
    google: LoopbackGoogle, environ: dict[str, str], command: Any, tmp_path: Path,
    found: dict[str, Any], flags: tuple[str, ...], encoding: str,
) -> None:  # fmt: skip
    file = tmp_path / "foreign.json"
    file.write_text(json.dumps(found), encoding=encoding)
    code, out, err = command("import", str(file), *flags)

    assert (code, out) == (0, f"{ME}\n"), err
    assert kept(environ)["refresh_token"] == "1//canary-refresh"
    assert [one for one in SECRETS if one in out + err] == []


def test_what_google_does_not_take_is_not_written(
    google: LoopbackGoogle, environ: dict[str, str], command: Any, tmp_path: Path
) -> None:
    file = tmp_path / "old.json"
    file.write_text(json.dumps(credential(refresh_token="1//canary-gone")))
    code, _, err = command("import", str(file))

    assert code == 4
    assert "does not take this sign-in any more" in err
    assert not stored(environ).parent.exists()


def test_the_sign_in_of_another_is_not_taken_for_mine(
    google: LoopbackGoogle, environ: dict[str, str], command: Any, tmp_path: Path
) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps(GOG | {"email": YOU}))
    code, _, err = command("import", str(file))
    named = command("import", str(file), YOU)

    assert (code, named[0]) == (5, 5)
    assert f"This is the sign-in of {ME}, and {YOU} was expected." in err
    assert not stored(environ).parent.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no sign-in that can be read"),
        (b"{", "no sign-in that can be read"),
        (b"[" * 60_000, "no sign-in that can be read"),
        (MARK.encode() + b"!!!", "no sign-in that can be read"),
        (b"x" * 70_000, "too large"),
        (b"{}", "no refresh token"),
        (b'{"refresh_token": "a b"}', "no refresh token"),
        (b'{"refresh_token": "x", "token_uri": "https://evil.example/"}', "not Google's"),
        (b'{"type": "service_account"}', "service-account add"),
        (b'{"type": "external_account"}', "cannot be imported"),
        (json.dumps(CLIENT).encode(), "client add"),
    ],
)
def test_what_is_no_sign_in_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        carried(data)

    assert "evil" not in str(raised.value)


# Service accounts


def test_a_service_account_is_kept_for_the_people_it_acts_for(
    environ: dict[str, str], command: Any, tmp_path: Path
) -> None:
    key = {"type": "service_account", "client_email": "bot@p.iam.gserviceaccount.com", "client_id": "117",
           "private_key": "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"}  # fmt: skip
    file = tmp_path / "key.json"
    file.write_text(json.dumps(key))
    code, out, err = command("service-account", "add", str(file), "--subject", ME, "--subject", YOU)
    listed = command("list")[1]

    assert (code, out) == (0, "117\n")
    assert "Domain-wide delegation" in err
    assert "https://www.googleapis.com/auth/gmail.modify" in err
    assert "canary" not in err
    assert f"{ME}: what its administrator delegated" in listed
    stored_key = next((home(environ) / "keys").iterdir())
    assert stored_key.stat().st_mode & 0o777 == 0o600
    assert command("service-account", "remove", ME)[0] == 0
    assert stored_key.exists()
    assert command("service-account", "remove", YOU)[0] == 0
    assert not stored_key.exists()
    assert command("service-account", "remove", YOU)[0] == 2


def test_a_sign_in_in_a_browser_takes_the_place_of_a_service_account(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    home(environ).mkdir()
    (home(environ) / "accounts.toml").write_text(f'[delegated]\n"{ME}" = "bot.json"\n')
    login = Login(environ, ME, "--services", "gmail")
    browse(google.consent(login.url))

    assert login.end()[0] == 0
    assert book(environ).delegated == {}


# The book


def test_the_book_survives_what_it_is_given(environ: dict[str, str]) -> None:
    odd = Book(
        "ana@example.com", {"ä \"x\"\\": "a@b"}, {"a@b": "x\ny\t\x7f"}, {"😀@b": "c"}, {"d": "e"}, {"f@g": "h"}
    )  # fmt: skip
    path = Path(environ["HOME"]) / "book.toml"
    path.write_text(odd.render(), encoding="utf-8")

    assert Book.read(path) == odd


def test_fifty_commands_at_once_lose_no_alias(two: dict[str, str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(10) as pool:
        calls = [["alias", f"n{number}", ME] for number in range(50)]
        done = [one.result() for one in [pool.submit(main, call, two) for call in calls]]

    assert done == [0] * 50
    assert len(book(two).aliases) == 50


def test_a_broken_book_stops_commands_and_stays_as_it_is(two: dict[str, str], command: Any) -> None:
    path = home(two) / "accounts.toml"
    path.write_text("= broken")
    os.utime(path, (time.time(), time.time()))

    assert command("default", ME)[0] == 11
    assert path.read_text() == "= broken"


# The device flow


def test_a_device_signs_in_by_a_typed_code(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    import subprocess
    import sys

    process = subprocess.Popen(
        [sys.executable, "-m", "auth_cli", "login", "--device", "--json"], env=environ, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    shown = json.loads(process.stdout.readline())
    google.world.sign_in.type_code(shown["user_code"], ME)
    ended = json.loads(rest(process)[0] or "{}")

    assert shown["url"] == "https://www.google.com/device"
    assert ended == {"event": "signed_in", "email": ME, "granted": ["drive.file"], "missing": []}
    assert process.returncode == 0
    assert "https://www.googleapis.com/auth/drive.file" in kept(environ)["scopes"]


def test_a_device_whose_person_says_no_writes_nothing(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    login = Terminal(environ, "login", "--device")
    login.wait_for("DEMO-0001")
    google.world.sign_in.type_code("DEMO-0001", "")

    assert login.end() == 3
    assert not home(environ).exists()


@pytest.mark.parametrize(
    "flags", [("--services", "gmail"), ("--scopes", "drive"), ("--read-only",)]
)
def test_more_than_google_allows_on_a_device_is_refused_before_any_request(
    google: LoopbackGoogle, environ: dict[str, str], command: Any, flags: tuple[str, ...]
) -> None:
    code, _, err = command("login", "--device", *flags)

    assert code == 2
    assert "--no-browser" in err
    assert "--finish" in err
    assert google.world.sign_in.devices == {}


# Limits


def test_status_shows_what_is_in_force(two: dict[str, str], command: Any) -> None:
    (home(two) / "policy.toml").write_text(
        'no_send = true\nask = "first-contact"\n[standing]\nown_domain = true\n'
    )
    out = command("status")[1]

    assert "  no sending\n" in out
    assert "  approved once and for all: own-domain\n" in out
    assert "services:" not in out
    assert "asks the person before it sends, shares or deletes: first-contact" in out
    (home(two) / "policy.toml").write_text("no_send = 1\n")
    assert command("status")[0] == 2


def test_a_read_only_machine_asks_google_only_to_read(environ: dict[str, str]) -> None:
    home(environ).mkdir()
    (home(environ) / "policy.toml").write_text("read_only = true\n")
    login = Login(environ, ME, "--services", "gmail")
    login.process.terminate()
    login.end()

    assert "gmail.readonly" in login.fields["scope"]
    assert "gmail.modify" not in login.fields["scope"]
