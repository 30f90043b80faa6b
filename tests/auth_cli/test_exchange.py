"""T24 to T32 of CASES.md: what comes after the browser, up to the written file."""

import base64
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth_cli.asking import Asked, asked, chosen_scopes, chosen_services
from auth_cli.exits import CODES, exit_code
from auth_cli.explain import TABLE, explanation, refusal
from auth_cli.login import Plan, Wish, save
from auth_cli.oauth import exchange as exchanging
from auth_cli.oauth import loopback
from auth_cli.oauth.callback import Code
from auth_cli.oauth.exchange import SignedIn, identity
from auth_cli.oauth.request import Attempt
from auth_cli.web import Web
from tests.auth_cli.kit import CLIENT, Login, browse, home, kept, run, stored
from tests.conftest import ME
from tests.google_over_tls import LoopbackGoogle, write
from workspace_mcp.credentials.clients import OAuthClient, client_of, read
from workspace_mcp.credentials.paths import Places
from workspace_mcp.credentials.record import Credential
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.errors import ClientFileError, CredentialFileError, NetworkError, UsageError
from workspace_mcp.scopes import Scope
from workspace_mcp.tls import tls_context

GMAIL = [str(Scope.GMAIL_MODIFY), str(Scope.GMAIL_SETTINGS)]
IDENTITY = "openid https://www.googleapis.com/auth/userinfo.email"


def signed(google: LoopbackGoogle, environ: dict[str, str], *flags: str, email: str = ME,
           scopes: str | None = None) -> tuple[int, str, str]:  # fmt: skip
    """A sign-in to its end: exit code, stderr, the page."""
    login = Login(environ, *flags)
    _, page, _ = browse(google.consent(login.url, email, scopes))
    code, _, err = login.end()
    return code, err, page


def test_a_token_endpoint_that_hangs_is_given_up(
    google: LoopbackGoogle, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exchanging.TIMEOUT <= 30
    assert exchanging.TIMEOUT < loopback.HOLD
    monkeypatch.setattr(exchanging, "TIMEOUT", 0.5)
    for name in ("HTTPS_PROXY", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, environ[name])
    google.pause = 3.0
    attempt = Attempt.start("http://127.0.0.1:5/x", ["openid"], ME)
    client = OAuthClient("c", "s")
    began = time.monotonic()
    with pytest.raises(NetworkError, match="was not reached"):
        exchanging.exchange(client, attempt, Code("4/0x"), tls_context(environ), Web(environ))

    assert time.monotonic() - began < 2.5


def test_a_browser_is_not_held_longer_than_an_exchange_may_take(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.pause = 2.0
    began = time.monotonic()
    code, _, page = signed(google, environ, ME, "--services", "gmail")

    assert code == 0
    assert "You are signed in" in page
    assert time.monotonic() - began < 12


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("invalid_grant", 4), ("invalid_client", 8), ("deleted_client", 8), ("admin_policy_enforced", 7),
        ("org_internal", 7), ("unauthorized_client", 8), ("invalid_scope", 6), ("access_denied", 3),
        ("temporarily_unavailable", 9),
    ],
)  # fmt: skip
def test_each_error_of_the_exchange_has_its_exit_and_its_words(
    google: LoopbackGoogle, environ: dict[str, str], error: str, code: int
) -> None:
    google.world.sign_in.refuses = error
    ended, err, page = signed(google, environ, ME, "--services", "gmail")

    assert ended == code
    assert f"Google ended the sign-in ({error})" in err
    assert "The sign-in did not work" in page
    assert not stored(environ).exists()


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one.code)
def test_every_row_of_the_table_has_an_exit_code_a_cause_and_a_fix(one: Any) -> None:
    assert any(kind in CODES for kind in one.kind.__mro__)
    assert one.cause.endswith((".", ")."))
    assert one.fix
    for code in one.codes:
        assert explanation(code) is one
        assert exit_code(refusal(code, ME)) in set(CODES.values())
    for sentence in one.says:
        assert sentence == sentence.lower()
        assert explanation(f"Error 400: {sentence} (more)") is not None


def test_boxes_that_were_not_ticked_are_named_and_the_rest_is_kept(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    code, err, page = signed(
        google, environ, ME, "--services", "gmail,drive", scopes=f"{IDENTITY} {GMAIL[0]} {GMAIL[1]}"
    )

    assert code == 6
    assert "is signed in for gmail." in err
    assert f"workspace-auth login {ME} --services drive" in err
    assert "less than was asked for" in page
    assert kept(environ)["scopes"] == [*IDENTITY.split(), *GMAIL]


def test_a_refresh_never_asks_for_scopes(google: LoopbackGoogle, environ: dict[str, str]) -> None:
    bodies: list[str] = []
    inner = google.world.sign_in.handle

    def watch(request: Any) -> Any:
        bodies.append(request.body.decode())
        return inner(request)

    google.world.sign_in.handle = watch  # type: ignore[method-assign]
    signed(google, environ, ME, "--services", "gmail,drive", scopes=f"{IDENTITY} {GMAIL[0]}")
    done = run(environ, "refresh", ME)

    assert done.returncode == 0
    assert "grant_type=refresh_token" in bodies[-1]
    assert "scope" not in bodies[-1]


def test_more_than_was_asked_for_is_kept_as_granted(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    everything = f"{IDENTITY} {' '.join(GMAIL)} {Scope.DRIVE}"
    code, _, _ = signed(google, environ, ME, "--services", "gmail", scopes=everything)

    assert code == 0
    assert kept(environ)["scopes"] == everything.split()


def test_aliases_of_scopes_are_never_asked_for(environ: dict[str, str]) -> None:
    login = Login(environ, ME, "--services", "gmail")
    login.process.terminate()
    login.end()
    asked_for = login.fields["scope"].split()

    assert "email" not in asked_for
    assert "profile" not in asked_for
    assert asked_for[:2] == IDENTITY.split()


def test_a_sign_in_without_a_refresh_token_asks_once_for_consent(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    """You was granted before, so that Google leaves the refresh token away without consent."""
    write(stored(environ).parent, scopes=[*IDENTITY.split(), *GMAIL],
          client_id=CLIENT["installed"]["client_id"])  # fmt: skip
    google.accounts["1//another"] = "you@example.com"
    login = Login(environ, ME, "--services", "gmail", "--any-account")
    prompt = login.fields["prompt"]

    status, location = first_redirect(google.consent(login.url, "you@example.com"))
    browse(google.consent(location, "you@example.com"))
    code, _, err = login.end()

    assert prompt == "select_account"
    assert status == 303
    assert location.startswith("https://accounts.google.com/")
    assert "prompt=consent" in location
    assert code == 0, err
    assert kept(environ, "you@example.com")["refresh_token"].startswith("1//demo")
    assert kept(environ)["refresh_token"] == "1//canary-refresh"


def first_redirect(url: str) -> tuple[int, str]:
    """Where a browser is sent on to."""
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    return answer.status, str(answer.getheader("Location"))


def test_a_refresh_token_that_works_stays_when_google_gives_no_other(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    write(stored(environ).parent, scopes=[*IDENTITY.split(), *GMAIL],
          client_id=CLIENT["installed"]["client_id"])  # fmt: skip
    code, err, _ = signed(google, environ, ME, "--services", "gmail")

    assert code == 0, err
    assert kept(environ)["refresh_token"] == "1//canary-refresh"
    assert kept(environ)["token"] != "ya29.canary-old"


def test_consent_that_brings_no_refresh_token_writes_nothing(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.world.sign_in.body = {"refresh_token": None}
    code, err, _ = signed(google, environ, ME, "--services", "gmail")

    assert code == 4
    assert "https://myaccount.google.com/connections" in err
    assert not stored(environ).exists()


def test_another_account_than_asked_for_writes_nothing(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    code, err, page = signed(google, environ, ME, email="you@example.com")

    assert code == 5
    assert f"You chose you@example.com, and {ME} was asked for. Nothing was written." in err
    assert "workspace-auth login you@example.com" in err
    assert "The sign-in did not work" in page
    assert not (home(environ) / "credentials").exists()


def test_any_account_takes_the_one_that_was_chosen(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    code, _, _ = signed(
        google, environ, ME, "--services", "gmail", "--any-account", email="you@example.com"
    )

    assert code == 0
    assert stored(environ, "you@example.com").exists()
    assert not stored(environ).exists()


def id_token(**changes: Any) -> str:
    claims: dict[str, Any] = {
        "aud": "c", "iss": "https://accounts.google.com", "email": "Ana@Example.com",
        "email_verified": True, "exp": 1, "iat": 4_000_000_000, **changes,
    }  # fmt: skip
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{middle}.x"


def test_a_clock_that_is_wrong_here_does_no_harm() -> None:
    assert identity(id_token(), "c") == "ana@example.com"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(id_token(aud="other"), id="another client"),
        pytest.param(id_token(iss="https://evil.example"), id="another issuer"),
        pytest.param(id_token(email_verified=False), id="not confirmed"),
        pytest.param(id_token(email_verified="false"), id="not confirmed, as text"),
        pytest.param(id_token(email="ana"), id="no address"),
        pytest.param(id_token(email="a b@example.com"), id="a blank in it"),
        pytest.param(id_token(email=None), id="null"),
        pytest.param("a.b.c", id="no token"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_identity_that_is_not_sure_is_none(token: str) -> None:
    with pytest.raises(NetworkError):
        identity(token, "c")


def test_without_an_id_token_google_is_asked_whose_it_is(
    google: LoopbackGoogle, environ: dict[str, str]
) -> None:
    google.world.sign_in.body = {"id_token": None}

    assert signed(google, environ, ME, "--services", "gmail")[0] == 0
    google.world.sign_in.claims = {"email_verified": False}
    google.world.sign_in.body = {}
    assert signed(google, environ, ME, "--services", "gmail")[0] == 9


BAD = {
    "a web client": (json.dumps({"web": CLIENT["installed"]}).encode(), "of the type Web application"),
    "no secret": (
        json.dumps({"installed": {**CLIENT["installed"], "client_secret": ""}}).encode(), "no client secret",
    ),
    "a placeholder": (
        b'{"installed": {"client_id": "YOUR_CLIENT_ID", "client_secret": "x"}}', "no client id of Google's",
    ),
    "a placeholder for the secret": (
        json.dumps({"installed": {**CLIENT["installed"], "client_secret": "YOUR_CLIENT_SECRET"}}).encode(),
        "placeholder for its secret",
    ),
    "a list": (b"[1]", "is not the file of an OAuth client"),
    "no JSON": (b"{", "is not the file of an OAuth client"),
    "a service account": (b'{"type": "service_account"}', "service-account add"),
    "a sign-in": (b'{"type": "authorized_user"}', "workspace-auth import"),
    "endless": (b"[" * 100_000, "is not the file of an OAuth client"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD)
def test_a_client_that_cannot_work_is_refused_before_the_browser_opens(
    environ: dict[str, str], tmp_path: Path, data: bytes, says: str
) -> None:
    file = tmp_path / "client.json"
    file.write_bytes(data)

    with pytest.raises(ClientFileError, match=re.escape(says)):
        read(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_client_file_is_read_however_it_was_saved(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "client.json"
    file.write_text(json.dumps(CLIENT), encoding=encoding)

    found = client_of({"GOOGLE_CLIENT_SECRETS": str(file)})
    assert found is not None
    assert found.client_secret == "GOCSPX-canary-secret"
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("clients", "says"),
    [
        ({"other.apps.googleusercontent.com": "s"}, "invalid_client"),
        ({CLIENT["installed"]["client_id"]: "another-secret"}, "invalid_client"),
    ],
)
def test_a_client_that_google_does_not_know_stops_before_the_browser_opens(
    google: LoopbackGoogle, environ: dict[str, str], clients: dict[str, str], says: str
) -> None:
    google.world.sign_in.clients = clients
    done = run(environ, "login", ME)

    assert done.returncode == 8
    assert says in done.stderr
    assert "https://accounts.google.com" not in done.stderr


def test_without_google_the_browser_opens_all_the_same(environ: dict[str, str]) -> None:
    login = Login({**environ, "HTTPS_PROXY": "http://127.0.0.1:9"}, ME)
    login.process.terminate()
    _, _, err = login.end()

    assert "was not reached" in err or "The proxy did not let" in err
    assert "Going on" in err


def test_a_certificate_that_is_not_trusted_stops_before_the_browser_opens(
    environ: dict[str, str],
) -> None:
    done = run({**environ, "SSL_CERT_FILE": ""}, "login", ME)

    assert done.returncode == 9
    assert "SSL_CERT_FILE" in done.stderr
    assert "https://accounts.google.com" not in done.stderr


FULL_GMAIL = ("openid", "https://www.googleapis.com/auth/userinfo.email", *GMAIL)


@pytest.mark.parametrize(
    ("services", "extra", "had", "how", "scopes", "named"),
    [
        pytest.param((), (), (), {}, FULL_GMAIL, ("gmail",), id="nothing named: what has tools"),
        pytest.param(("drive",), (), FULL_GMAIL, {}, (*FULL_GMAIL[:2], str(Scope.DRIVE), *GMAIL),
                     ("drive",), id="what it has stays"),
        pytest.param(("drive",), (), FULL_GMAIL, {"only": True}, (*FULL_GMAIL[:2], str(Scope.DRIVE)),
                     ("drive",), id="only"),
        pytest.param((), (), FULL_GMAIL, {}, FULL_GMAIL, ("gmail",), id="the same again"),
        pytest.param((), (str(Scope.GMAIL_READONLY),), (), {}, (*FULL_GMAIL[:2], str(Scope.GMAIL_READONLY)),
                     (), id="single permissions"),
        pytest.param((), (str(Scope.GMAIL_METADATA),), FULL_GMAIL, {}, FULL_GMAIL, (),
                     id="a restrictive one is not asked for beside a broad one"),
        pytest.param(("gmail",), (), ("https://www.googleapis.com/auth/cloud-platform",), {}, FULL_GMAIL,
                     ("gmail",), id="never cloud-platform"),
        pytest.param(("gmail",), (), FULL_GMAIL, {"read_only": True},
                     (*FULL_GMAIL[:2], str(Scope.GMAIL_READONLY)), ("gmail",), id="read-only"),
    ],
)  # fmt: skip
def test_what_is_asked_for(
    services: tuple[str, ...], extra: tuple[str, ...], had: tuple[str, ...], how: dict[str, bool],
    scopes: tuple[str, ...], named: tuple[str, ...],
) -> None:  # fmt: skip
    wish: dict[str, bool] = {"read_only": False, "only": False, **how}
    found = asked(services, extra, had, ("gmail",), **wish)

    assert set(found.scopes) == set(scopes)
    assert found.scopes[:2] == FULL_GMAIL[:2]
    assert found.services == named


def test_names_that_are_no_service_or_permission_are_refused_with_the_list() -> None:
    with pytest.raises(UsageError, match="Unknown service: mail"):
        chosen_services(["gmail,mail"])
    with pytest.raises(UsageError, match="Unknown permission: cloud-platform"):
        chosen_scopes(["gmail.readonly", "cloud-platform"])
    assert chosen_scopes(["gmail.readonly"]) == (str(Scope.GMAIL_READONLY),)
    assert len(chosen_services(["all"])) == 12


def test_a_disk_that_keeps_something_else_is_noticed(tmp_path: Path) -> None:
    class Forgetful(CredentialStore):
        def write(
            self, email: str, credential: Credential, *, replacing: Credential | None = None
        ) -> bool:
            return super().write(email, replace(credential, token=""), replacing=replacing)

    store = Forgetful(Places(tmp_path / "credentials", tmp_path))
    plan = Plan(Wish(ME), OAuthClient("c", "s"), "", Asked((), ()), before=None, alive=False)

    def told(event: str, text: str, **facts: Any) -> None:
        raise AssertionError(event)

    signed_in = SignedIn(ME, Credential("1//r", "c", "s", "ya29.x"))
    with pytest.raises(CredentialFileError, match="reads back as something else"):
        save(store, plan, signed_in, told)
