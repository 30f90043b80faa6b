"""No secret reaches a log, and a log that cannot be written disturbs nobody."""

import logging

import pytest

from workspace_mcp.logs import redact, set_up

CANARIES = [
    "ya29.a0Canary-_x.y",
    "1//0canary-REFRESH_token",
    "4/0canaryCode-_",
    "GOCSPX-canarySecret_1",
    "eyJhbGciOiJSUzI1NiJ9.eyJjYW5hcnkiOjF9.c2ln",
]


@pytest.mark.parametrize("secret", CANARIES)
@pytest.mark.parametrize(
    "around", ["{}", "Bearer {}", "a={}&b=1", '{{"x": "{}"}}', "code={}", "'refresh_token': '{}'"]
)
def test_secrets_are_blanked_wherever_they_stand(secret: str, around: str) -> None:
    assert secret not in redact(around.format(secret))


@pytest.mark.parametrize(
    "line",
    [
        "client_secret=plainword",
        '"refresh_token": "plainword"',
        "POST code=plainword&code_verifier=plainword",
        "Authorization: Bearer plainword",
        "{'access_token': 'plainword', 'n': 1}",
        "-----BEGIN PRIVATE KEY-----\nplainword\n-----END PRIVATE KEY-----",
    ],
)
def test_fields_that_hold_secrets_are_blanked_whatever_they_hold(line: str) -> None:
    assert "plainword" not in redact(line)


def test_other_words_stay() -> None:
    line = "GET gmail.googleapis.com /gmail/v1/users/me/messages/{id} 200 12 ms"

    assert redact(line) == line


def test_libraries_that_write_urls_and_tokens_stay_quiet_even_at_debug() -> None:
    before = list(logging.getLogger().handlers)
    try:
        set_up("debug", None)
    finally:
        logging.getLogger().handlers[:] = before
        logging.getLogger().setLevel(logging.WARNING)

    for name in ("httpx2", "httpcore2", "urllib3", "requests_oauthlib", "oauthlib", "google"):
        assert logging.getLogger(name).getEffectiveLevel() == logging.WARNING
