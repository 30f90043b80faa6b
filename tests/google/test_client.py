"""Requests to Google: again where that is safe, never where it is not, always with an end."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import httpx2
import pytest

from workspace_mcp.errors import (
    ApiDisabledError,
    ForbiddenError,
    GoogleDownError,
    MissingScopeError,
    NetworkError,
    NotFoundError,
    NotSignedInError,
    OutcomeUnknownError,
    QuotaError,
)
from workspace_mcp.google import exchange
from workspace_mcp.google.client import Google, http_client
from workspace_mcp.google.resource import collection

MESSAGES = collection("https://gmail.googleapis.com/gmail/v1/users/me/messages")
ME = "me@example.com"
OK = httpx2.Response(200, json={"ok": True})
Step = httpx2.Response | Exception


def error(status: int, reason: str = "x", **headers: str) -> httpx2.Response:
    body = {"error": {"code": status, "message": "No.", "errors": [{"reason": reason}]}}
    return httpx2.Response(status, json=body, headers=headers)


class Script(httpx2.AsyncBaseTransport):
    """Plays one step after the other and remembers the requests."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return httpx2.Response(step.status_code, headers=step.headers, content=step.content)


class Client:
    """A Google on a script, whose sleeps only are noted."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self.slept: list[float] = []
        self.refused: list[str | None] = []
        http = http_client(tls=False, transport=transport)
        self.google = Google(ME, self._token, http, sleep=self._sleep, jitter=lambda: 0.0)

    async def _token(self, refused: str | None) -> str:
        self.refused.append(refused)
        return f"token-{sum(one is not None for one in self.refused)}"

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def play(*steps: Step) -> tuple[Client, Script]:
    script = Script(*steps)
    return Client(script), script


async def test_a_read_is_repeated_after_server_errors_and_breaks() -> None:
    client, script = play(error(503), httpx2.ReadError("cut"), OK)

    assert await client.google.get(MESSAGES, q="a b", flag=True, none=None) == {"ok": True}

    assert len(script.requests) == 3
    assert str(script.requests[0].url).endswith("/messages?q=a+b&flag=true")


@pytest.mark.parametrize(
    "step",
    [
        httpx2.ReadError("cut"), httpx2.RemoteProtocolError("cut"), httpx2.ReadTimeout("late"),
        httpx2.WriteError("cut"), error(503), error(500),
        httpx2.Response(200, content=b"<html>"), httpx2.Response(200, content=b"[1"),
    ],
    ids=["read", "protocol", "timeout", "write", "503", "500", "html", "half"],
)  # fmt: skip
async def test_what_is_not_safe_is_sent_once_and_its_outcome_is_called_unknown(step: Step) -> None:
    client, script = play(step)

    with pytest.raises(OutcomeUnknownError, match="may have happened"):
        await client.google.post(MESSAGES.sub("send"), {"raw": "x"})

    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "step", [error(429), error(403, "rateLimitExceeded"), httpx2.ConnectError("no")]
)
async def test_what_was_turned_away_or_never_left_is_sent_again_even_when_unsafe(
    step: Step,
) -> None:
    client, script = play(step, OK)

    assert await client.google.post(MESSAGES.sub("send"), {"raw": "x"}) == {"ok": True}
    assert len(script.requests) == 2


async def test_a_refused_token_is_renewed_once_and_the_request_repeated_whatever_its_kind() -> None:
    client, script = play(error(401), OK)

    await client.google.post(MESSAGES.sub("send"), {"raw": "x"})

    assert client.refused == [None, "token-0"]
    sent = [request.headers["authorization"] for request in script.requests]
    assert sent == ["Bearer token-0", "Bearer token-1"]


async def test_a_second_refusal_is_the_sign_in_text() -> None:
    client, script = play(error(401))

    with pytest.raises(NotSignedInError, match=f"account={ME} reason=token_expired_or_revoked"):
        await client.google.get(MESSAGES)
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("wish", "slept"),
    [("1", [1.0]), ("7", [7.0]), ("-1", [1.0]), ("abc", [1.0]), ("", [1.0])],
)
async def test_googles_wish_for_a_pause_is_kept(wish: str, slept: list[float]) -> None:
    client, _ = play(error(429, **{"retry-after": wish}), OK)

    await client.google.get(MESSAGES)

    assert client.slept[:1] == slept


async def test_a_wish_longer_than_a_call_lasts_is_told_instead() -> None:
    client, script = play(error(429, **{"retry-after": "86400"}))

    with pytest.raises(QuotaError, match="Try again in 86400 seconds"):
        await client.google.get(MESSAGES)
    assert len(script.requests) == 1


async def test_it_gives_up_after_four_tries() -> None:
    client, script = play(error(503))

    with pytest.raises(GoogleDownError):
        await client.google.get(MESSAGES)
    assert len(script.requests) == 4
    assert sum(client.slept[::1]) < 30


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(status: int) -> None:
    client, script = play(httpx2.Response(status, headers={"location": "https://evil.example/"}))

    with pytest.raises(GoogleDownError):
        await client.google.get(MESSAGES)
    assert {request.url.host for request in script.requests} == {"gmail.googleapis.com"}


DISABLED = {
    "error": {
        "code": 403, "message": "Gmail API has not been used", "status": "PERMISSION_DENIED",
        "details": [{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED",
            "metadata": {"activationUrl": "https://console.developers.google.com/apis/api/gmail/x?project=1"},
        }],
    }
}  # fmt: skip
SCOPE = {
    "error": {
        "code": 403, "message": "Insufficient", "status": "PERMISSION_DENIED",
        "details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}],
    }
}  # fmt: skip


@pytest.mark.parametrize(
    ("response", "kind", "says"),
    [
        (httpx2.Response(403, json=DISABLED), ApiDisabledError,
         "open https://console.developers.google.com/apis/api/gmail/x?project=1 and press Enable"),
        (httpx2.Response(403, json=SCOPE), MissingScopeError,
         "    workspace-auth login me@example.com --services gmail\n"),
        (error(404), NotFoundError, "Search again: ids go stale."),
        (httpx2.Response(502, content=b"<html>" * 9), GoogleDownError, "Google has a problem of its own (502)."),
        (httpx2.Response(200, content=b"[" * 99_999), GoogleDownError, "could not be read"),
        (httpx2.Response(200, json=[1]), GoogleDownError, "could not be read"),
    ],
    ids=["disabled", "scope", "404", "html", "deep", "list"],
)  # fmt: skip
async def test_googles_errors_become_ours_with_a_remedy(
    response: httpx2.Response, kind: type[Exception], says: str
) -> None:
    client, _ = play(response)

    with pytest.raises(kind) as failure:
        await client.google.get(MESSAGES)
    assert says in str(failure.value)


async def test_at_most_eight_requests_are_in_flight() -> None:
    now, most = 0, 0

    class Slow(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await anyio.sleep(0.002)
            now -= 1
            return httpx2.Response(200, json={})

    client = Client(Slow())
    async with anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(client.google.get, MESSAGES.item(str(number)))

    assert most == 8


class Stream(httpx2.AsyncByteStream):
    def __init__(self, chunks: Callable[[], AsyncIterator[bytes]]) -> None:
        self._chunks = chunks

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks()

    async def aclose(self) -> None:
        """Nothing to close."""


class Endless(httpx2.AsyncBaseTransport):
    """Answers with a body that does not end; `pause` seconds between its pieces."""

    def __init__(self, piece: bytes, pause: float) -> None:
        self._piece, self._pause = piece, pause
        self.given = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        async def chunks() -> AsyncIterator[bytes]:
            while True:
                await anyio.sleep(self._pause)
                self.given += len(self._piece)
                yield self._piece

        return httpx2.Response(200, stream=Stream(chunks))


async def test_an_answer_that_never_ends_is_cut_at_the_limit() -> None:
    endless = Endless(b" " * (1 << 20), 0)

    with pytest.raises(GoogleDownError, match="larger than 32 MB"):
        await Client(endless).google.get(MESSAGES)
    assert endless.given <= exchange.LARGEST + (1 << 20)


async def test_a_dripping_answer_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from workspace_mcp.google.exchange import Sending

    client = Client(Endless(b" ", 0.01))
    short = replace(Sending("GET", MESSAGES), seconds=0.1)

    with anyio.fail_after(5):
        answer, broken = await client.google.sender.once(short, "t")

    assert answer is None
    assert isinstance(broken, TimeoutError)


async def test_pages_end_and_a_circle_is_noticed() -> None:
    first = httpx2.Response(200, json={"messages": [{"id": "1"}], "nextPageToken": "a"})
    last = httpx2.Response(200, json={"messages": [{"id": "2"}]})
    client, _ = play(first, last)
    assert [one["id"] async for one in client.google.pages(MESSAGES, "messages", most=10)] == [
        "1",
        "2",
    ]

    client, _ = play(first)
    with pytest.raises(GoogleDownError, match="in a circle"):
        async for _ in client.google.pages(MESSAGES, "messages", most=99):
            pass


def batch_answer(*parts: tuple[int, int, Any]) -> httpx2.Response:
    body = "".join(
        f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-part-{number}>\r\n\r\n"
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\r\n{json.dumps(answer)}\r\n"
        for number, status, answer in parts
    )
    return httpx2.Response(
        200,
        headers={"content-type": "multipart/mixed; boundary=b"},
        content=f"{body}--b--".encode(),
    )


async def test_a_batch_pairs_by_id_and_asks_again_for_what_was_turned_away() -> None:
    gone = {"error": {"code": 404, "message": "no"}}
    busy = {"error": {"code": 429, "message": "busy"}}
    client, script = play(
        batch_answer((2, 429, busy), (1, 404, gone), (0, 200, {"id": "a"})),
        httpx2.Response(200, json={"id": "c"}),
    )

    found = await client.google.get_many([MESSAGES.item(one) for one in "abc"], format="minimal")

    assert found[0] == {"id": "a"}
    assert isinstance(found[1], NotFoundError)
    assert found[2] == {"id": "c"}
    assert [request.url.path for request in script.requests] == [
        "/batch/gmail/v1", "/gmail/v1/users/me/messages/c",
    ]  # fmt: skip


async def test_a_part_that_is_missing_from_a_batch_is_asked_for_alone() -> None:
    client, script = play(
        batch_answer((0, 200, {"id": "a"})), httpx2.Response(200, json={"id": "b"})
    )

    found = await client.google.get_many([MESSAGES.item(one) for one in "ab"])

    assert found == [{"id": "a"}, {"id": "b"}]
    assert len(script.requests) == 2


async def test_no_secret_and_no_id_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "workspace_mcp")
    client, _ = play(OK)

    await client.google.get(MESSAGES.item("18canary"), q="subject canary")

    assert "/gmail/v1/users/me/messages/{id} 200" in caplog.text
    assert "canary" not in caplog.text
    assert "token-0" not in caplog.text


async def test_a_broken_network_keeps_the_sign_in() -> None:
    client, _ = play(httpx2.ConnectError("refused"))

    with pytest.raises(NetworkError, match="Google was not reached"):
        await client.google.get(MESSAGES)


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://gmail.googleapis.com/gmail/v1/users/me/messages", "gmail"),
        ("https://www.googleapis.com/drive/v3/files", "drive"),
        ("https://www.googleapis.com/upload/drive/v3/files", "drive"),
        ("https://www.googleapis.com/batch/calendar/v3", "calendar"),
    ],
)
async def test_an_error_names_the_service_by_host_or_path(url: str, service: str) -> None:
    client, _ = play(error(403, "insufficientPermissions"))

    with pytest.raises(MissingScopeError) as missing:
        await client.google.get(collection(url))
    assert missing.value.service == service
    assert f"--services {service}" in str(missing.value)


async def test_the_apis_own_reason_counts_before_the_general_one() -> None:
    body = {"error": {"code": 403, "message": "No.", "status": "PERMISSION_DENIED",
                      "errors": [{"reason": "exportSizeLimitExceeded"}]}}  # fmt: skip
    client, _ = play(httpx2.Response(403, json=body))

    with pytest.raises(ForbiddenError) as refused:
        await client.google.get(MESSAGES)
    assert refused.value.reason == "exportSizeLimitExceeded"


@pytest.mark.parametrize(
    "step", [httpx2.ReadError("cut"), error(503), httpx2.Response(200, content=b"<html>")]
)
async def test_a_change_that_was_repeated_in_vain_may_have_been_made_all_the_same(
    step: Step,
) -> None:
    client, script = play(step)

    with pytest.raises((NetworkError, GoogleDownError), match="may have been made all the same"):
        await client.google.put(MESSAGES.item("1"), {})
    assert len(script.requests) in {1, 4}


async def test_a_change_that_never_left_was_not_made() -> None:
    client, _ = play(httpx2.ConnectError("no"))

    with pytest.raises(NetworkError) as failure:
        await client.google.put(MESSAGES.item("1"), {})
    assert "may have" not in str(failure.value)


async def test_an_endless_answer_to_a_change_says_nothing_about_the_change() -> None:
    with pytest.raises(OutcomeUnknownError):
        await Client(Endless(b" " * (1 << 20), 0)).google.post(MESSAGES.sub("send"), {"raw": "x"})


@pytest.mark.parametrize("body", [b"", b" \n"])
async def test_an_empty_answer_is_no_empty_list(body: bytes) -> None:
    client, _ = play(httpx2.Response(200, content=body))

    with pytest.raises(GoogleDownError, match="could not be read"):
        await client.google.get(MESSAGES)


async def test_a_field_that_lacks_in_the_answer_to_a_safe_change_leaves_it_in_doubt() -> None:
    client, _ = play(httpx2.Response(200, json={}))

    answer = await client.google.put(MESSAGES.item("1"), {})

    with pytest.raises(GoogleDownError, match="may have been made all the same"):
        _ = answer["id"]
