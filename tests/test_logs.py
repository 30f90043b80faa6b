"""No secret reaches a log, and a log that cannot be written disturbs nobody."""

import pytest

from workspace_mcp.logs import redact

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
