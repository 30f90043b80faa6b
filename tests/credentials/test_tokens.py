"""Refreshing: once, never astray, and never at the cost of the sign-in."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from workspace_mcp.credentials import disk
from workspace_mcp.credentials.paths import Places
from workspace_mcp.credentials.record import Credential
from workspace_mcp.credentials.refresh import refreshed
from workspace_mcp.credentials.store import CredentialStore
from workspace_mcp.credentials.tokens import Tokens
from workspace_mcp.errors import ClientFileError, NetworkError, NotSignedInError

ANA = "ana@example.com"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def held(minutes: float, token: str = "ya29.old", refresh: str = "1//r") -> Credential:
    return Credential(
        refresh, "id", "GOCSPX-canary", token, expiry=NOW + timedelta(minutes=minutes)
    )


class Google:
    """Refreshes, counted; `fails` is raised instead."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: Exception | None = None
        self.rotated = ""
        self.meanwhile: Any = None

    def __call__(self, account: str, credential: Credential) -> Credential:
        self.asked.append(credential.refresh_token)
        if self.meanwhile is not None:
            self.meanwhile()
        if self.fails is not None:
            raise self.fails
        token = f"ya29.new{len(self.asked)}"
        return credential.refreshed(token, NOW + timedelta(hours=1), self.rotated)


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    return CredentialStore(Places(tmp_path / "h" / "credentials", tmp_path / "h"))


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def tokens(store: CredentialStore, google: Google) -> Tokens:
    return Tokens(store, google, lambda: NOW)


@pytest.mark.parametrize(("minutes", "asked"), [(11, 0), (9, 1), (-60, 1)])
async def test_a_token_is_renewed_ten_minutes_before_its_end(
    store: CredentialStore, tokens: Tokens, google: Google, minutes: float, asked: int
) -> None:
    store.write(ANA, held(minutes))

    await tokens.access_token(ANA)

    assert len(google.asked) == asked


async def test_twenty_calls_at_once_refresh_once(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    store.write(ANA, held(-1))

    found = await asyncio.gather(*(tokens.access_token(ANA) for _ in range(20)))

    assert set(found) == {"ya29.new1"}
    assert len(google.asked) == 1


async def test_a_network_failure_keeps_a_token_that_is_good_for_some_minutes(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    store.write(ANA, held(6))
    google.fails = NetworkError("down")

    assert await tokens.access_token(ANA) == "ya29.old"

    store.write(ANA, held(3))
    with pytest.raises(NetworkError):
        await tokens.access_token(ANA)
    assert store.read(ANA) == held(3)


async def test_a_dead_token_costs_one_request_until_the_file_changes(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    store.write(ANA, held(-1))
    google.fails = NotSignedInError(ANA, "token_expired_or_revoked")
    for _ in range(100):
        with pytest.raises(NotSignedInError):
            await tokens.access_token(ANA)
    google.fails = None
    store.write(ANA, held(-1, refresh="1//login"))

    assert await tokens.access_token(ANA) == "ya29.new2"
    assert google.asked == ["1//r", "1//login"]


async def test_a_refused_token_forces_one_refresh_unless_the_file_has_another(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    store.write(ANA, held(50))
    assert await tokens.access_token(ANA, refused="ya29.old") == "ya29.new1"

    store.write(ANA, held(50, "ya29.other"))
    assert await tokens.access_token(ANA, refused="ya29.new1") == "ya29.other"
    assert len(google.asked) == 1


async def test_a_login_during_a_refresh_wins(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    login = held(60, "ya29.login", "1//login")
    store.write(ANA, held(-1))
    google.meanwhile = lambda: store.write(ANA, login)

    await tokens.access_token(ANA)

    assert store.read(ANA) == login


async def test_a_login_during_a_refresh_that_is_refused_is_used(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    store.write(ANA, held(-1))
    google.meanwhile = lambda: store.write(ANA, held(60, "ya29.login", "1//login"))
    google.fails = NotSignedInError(ANA, "token_expired_or_revoked")

    assert await tokens.access_token(ANA) == "ya29.login"


async def test_a_rotated_refresh_token_is_kept(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    store.write(ANA, held(-1))
    google.rotated = "1//rotated"

    await tokens.access_token(ANA)

    found = store.read(ANA)
    assert found is not None
    assert found.refresh_token == "1//rotated"


async def test_a_token_that_cannot_be_written_is_used_from_memory(
    store: CredentialStore, tokens: Tokens, google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(ANA, held(-1))

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "replace", full)

    assert await tokens.access_token(ANA) == "ya29.new1"
    assert await tokens.access_token(ANA) == "ya29.new1"
    assert len(google.asked) == 1
    assert store.read(ANA) == held(-1)


async def test_the_seven_days_of_testing_are_named_when_the_age_fits(
    store: CredentialStore, tokens: Tokens, google: Google
) -> None:
    store.write(ANA, held(-1))
    store.places.accounts.write_text(
        f'[created]\n"{ANA}" = "{NOW - timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"\n'
    )
    google.fails = NotSignedInError(ANA, "token_expired_or_revoked")

    with pytest.raises(NotSignedInError, match="7 days old and the OAuth app is in Testing"):
        await tokens.access_token(ANA)


async def test_a_refresh_that_hangs_does_not_hold_the_loop(
    store: CredentialStore, google: Google
) -> None:
    import threading

    gate = threading.Event()
    google.meanwhile = lambda: gate.wait(5)
    tokens = Tokens(store, google, lambda: NOW)
    store.write(ANA, held(-1))

    with anyio.move_on_after(0.1) as scope:
        await tokens.access_token(ANA)
    gate.set()

    assert scope.cancelled_caught


def endpoint(status: int, body: Any, headers: dict[str, str] | None = None) -> httpx2.Client:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.url.host == "oauth2.googleapis.com"
        return httpx2.Response(status, headers=headers or {}, content=data)

    return httpx2.Client(transport=httpx2.MockTransport(answer), follow_redirects=False)


GOOD = {"access_token": "ya29.new", "expires_in": 3599, "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("body", "refresh"),
    [
        (GOOD, "1//r"),
        ({**GOOD, "refresh_token": ""}, "1//r"),
        ({**GOOD, "refresh_token": "1//rotated"}, "1//rotated"),
        ({"access_token": "ya29.new"}, "1//r"),
        ({**GOOD, "expires_in": "soon"}, "1//r"),
        ({**GOOD, "expires_in": -5}, "1//r"),
    ],
)
def test_a_good_answer_gives_a_token_that_ends_sometime(body: Any, refresh: str) -> None:
    found = refreshed(ANA, held(-1), endpoint(200, body))

    assert (found.token, found.refresh_token) == ("ya29.new", refresh)
    assert found.expiry is not None
    assert found.expiry > datetime.now(UTC)


REAUTH = {
    "error": "invalid_grant", "error_subtype": "invalid_rapt",
    "error_description": "reauth related error (invalid_rapt)",
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (400, {"error": "invalid_grant"}, NotSignedInError, "reason=token_expired_or_revoked"),
        (400, REAUTH, NotSignedInError, "reason=session_expired"),
        (401, {"error": "invalid_client"}, ClientFileError, "does not know the OAuth client"),
        (401, {"error": "deleted_client"}, ClientFileError, "type Desktop app"),
        (200, b"<html>login</html>", NetworkError, "an answer that is no token"),
        (200, b"[]", NetworkError, "no token"),
        (200, b'{"access_token": "x', NetworkError, "no token"),
        (200, {}, NetworkError, "no token"),
        (200, {"access_token": "a\r\nb"}, NetworkError, "no token"),
        (200, b" " * 70_000, NetworkError, "does not end"),
        (302, b"", NetworkError, "redirect"),
        (307, b"", NetworkError, "redirect"),
        (407, b"<html>", NetworkError, "no usable answer"),
        (503, b"<html>", NetworkError, "no usable answer"),
    ],
    ids=str,
)
def test_any_other_answer_is_an_error_that_leaves_the_credential_alone(
    status: int, body: Any, kind: type[Exception], says: str
) -> None:
    client = endpoint(status, body, {"location": "https://evil.example/"})

    with pytest.raises(kind) as failure:
        refreshed(ANA, held(-1), client)

    assert says in str(failure.value)
    assert "gcloud" not in str(failure.value)
    assert "1//r" not in str(failure.value)
    assert "canary" not in str(failure.value)
