"""What an environment gives access to, a service account among it."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from workspace_mcp.credentials.access import Access
from workspace_mcp.credentials.refresh import SafeRequest
from workspace_mcp.credentials.service_account import key_of, token_for
from workspace_mcp.errors import ClientFileError, NotSignedInError, UsageError

ANA = "ana@example.com"
SCOPES = ("https://www.googleapis.com/auth/gmail.modify",)


@pytest.fixture(scope="session")
def key() -> dict[str, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    return {
        "type": "service_account",
        "client_email": "robot@project.iam.gserviceaccount.com",
        "client_id": "1234567890",
        "private_key": pem,
        "private_key_id": "k1",
        "token_uri": "https://evil.example/token",
    }


@pytest.fixture
def environ(tmp_path: Path, key: dict[str, str]) -> dict[str, str]:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(key))
    return {"HOME": str(tmp_path), "GOOGLE_SERVICE_ACCOUNT_KEY_FILE": str(file)}


def test_a_service_account_acts_for_the_named_account_alone(environ: dict[str, str]) -> None:
    access = Access(environ, ANA, SCOPES)

    assert access.emails() == [ANA]
    assert access.resolve(None) == ANA
    assert access.granted(ANA) == frozenset(SCOPES)
    with pytest.raises(NotSignedInError, match="reason=unknown_account"):
        access.resolve("bo@example.com")


def test_a_service_account_needs_somebody_to_act_for(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="Name the account with --account EMAIL"):
        Access(environ, None, SCOPES)


def test_domains_that_are_not_allowed_are_refused(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="does not allow ana@"):
        Access({**environ, "DWD_ALLOWED_DOMAINS": "corp.example, x.y"}, ANA, SCOPES)

    assert Access({**environ, "DWD_ALLOWED_DOMAINS": "example.com"}, ANA, SCOPES).emails() == [ANA]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type": "authorized_user"}', "x"])
def test_a_file_that_is_no_key_stops_the_start(environ: dict[str, str], text: str) -> None:
    Path(environ["GOOGLE_SERVICE_ACCOUNT_KEY_FILE"]).write_text(text)

    with pytest.raises(UsageError, match="is not the key of a service account"):
        Access(environ, ANA, SCOPES)


def client(status: int, body: Any, seen: list[httpx2.Request]) -> httpx2.Client:
    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(status, json=body)

    return httpx2.Client(transport=httpx2.MockTransport(answer))


def test_its_token_is_asked_for_at_google_whatever_the_key_says(environ: dict[str, str]) -> None:
    found = key_of(environ)
    assert found is not None
    seen: list[httpx2.Request] = []
    http = client(200, {"access_token": "ya29.dwd", "expires_in": 3599}, seen)

    token, _ = token_for(found, ANA, SCOPES, SafeRequest(http))

    assert token == "ya29.dwd"
    assert [request.url.host for request in seen] == ["oauth2.googleapis.com"]
    assert "PRIVATE" not in repr(found)


def test_a_delegation_that_is_missing_names_what_the_administrator_must_enter(
    environ: dict[str, str],
) -> None:
    found = key_of(environ)
    assert found is not None

    with pytest.raises(ClientFileError) as failure:
        token_for(
            found, ANA, SCOPES, SafeRequest(client(401, {"error": "unauthorized_client"}, []))
        )

    assert "client id 1234567890" in str(failure.value)
    assert SCOPES[0] in str(failure.value)
