"""The demo's token endpoint: codes count once, and only for whom they were asked."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from auth_cli.oauth.request import Attempt
from tests.conftest import ME
from workspace_mcp.demo.http import Request
from workspace_mcp.demo.world import World

REDIRECT = "http://127.0.0.1:5/x"


def ask(world: World, **form: str) -> tuple[int, dict[str, str]]:
    answer = world.handle(
        Request("POST", "oauth2.googleapis.com", "/token", body=urlencode(form).encode())
    )
    return answer.status, json.loads(answer.body)


def exchange(world: World, attempt: Attempt, **changes: str) -> tuple[int, dict[str, str]]:
    back = world.sign_in.consent(attempt.url("client"), ME)
    form = {
        "grant_type": "authorization_code", "code": parse_qs(urlsplit(back).query)["code"][0],
        "code_verifier": attempt.verifier, "redirect_uri": REDIRECT,
    }  # fmt: skip
    return ask(world, **{**form, **changes})


@pytest.fixture
def attempt() -> Attempt:
    return Attempt.start(REDIRECT, ["openid"], ME)


def test_a_code_becomes_tokens_and_the_refresh_token_more_of_them(
    world: World, attempt: Attempt
) -> None:
    status, first = exchange(world, attempt)
    again, second = ask(world, grant_type="refresh_token", refresh_token=first["refresh_token"])

    assert (status, again) == (200, 200)
    assert first["scope"] == "openid"
    assert second["access_token"].startswith("ya29.demo")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "other"}, "invalid_grant"),
        ({"code": "4/0other"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:6/x"}, "redirect_uri_mismatch"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_anything_else_is_refused(
    world: World, attempt: Attempt, change: dict[str, str], error: str
) -> None:
    status, answer = exchange(world, attempt, **change)

    assert (status, answer["error"]) == (400, error)


def test_a_revoked_refresh_token_is_refused(world: World) -> None:
    assert ask(world, grant_type="refresh_token", refresh_token="gone") == (
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )
