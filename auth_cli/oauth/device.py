"""Signing in with a code that is typed on another device: identity and the files this app makes, no more.

Source: developers.google.com/identity/protocols/oauth2/limited-input-device
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from auth_cli.explain import refusal
from auth_cli.web import DEVICE, TOKEN, Answer, Web
from workspace_mcp.credentials.clients import OAuthClient
from workspace_mcp.errors import ClientFileError, DeniedError, NetworkError, TimedOutError

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
PAGE: Final = "https://www.google.com/device"
_PAGES: Final = ("https://www.google.com/", "https://google.com/", "https://accounts.google.com/")
_LONGEST: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What the person types, and where. `interval`: seconds between two questions of ours."""

    user_code: str
    page: str
    seconds: float
    interval: float
    device_code: str = field(repr=False)


def begin(web: Web, client: OAuthClient, scopes: Sequence[str]) -> Shown:
    """Ask Google for a code.

    Raises:
        ClientFileError: the client is not of the type for devices.
        NetworkError: Google was not reached, or its answer could not be read.
    """
    answer = web.form(DEVICE, {"client_id": client.client_id, "scope": " ".join(scopes)})
    if answer.status != 200:
        raise _refused(answer, client)
    body = answer.body
    page = str(body.get("verification_url") or body.get("verification_uri") or PAGE)
    code, secret = str(body.get("user_code", "")), str(body.get("device_code", ""))
    if not (code.isprintable() and 0 < len(code) <= 40 and secret):
        raise NetworkError("Google's answer could not be read.", "Try again.")
    return Shown(
        code, page if page.startswith(_PAGES) else PAGE, _number(body.get("expires_in"), _LONGEST),
        _number(body.get("interval"), 5.0), secret,
    )  # fmt: skip


def wait(
    web: Web, client: OAuthClient, shown: Shown, seconds: float,
    pause: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic,
) -> Mapping[str, Any]:  # fmt: skip
    """The token answer, when the person has typed the code.

    Raises:
        TimedOutError: nobody did in time.
        WorkspaceError: Google or the person said no.
    """
    fields = {
        "client_id": client.client_id, "client_secret": client.client_secret,
        "device_code": shown.device_code, "grant_type": GRANT,
    }  # fmt: skip
    until, interval = now() + min(seconds, shown.seconds), shown.interval
    while True:
        pause(interval)
        if now() > until:
            raise TimedOutError(
                f"Nobody typed the code within {seconds:.0f} seconds.", "Start again."
            )
        try:
            answer = web.form(TOKEN, fields)
        except NetworkError as error:
            if "certificate" in error.what:
                raise
            continue  # asked again after the pause; nothing is used up by asking
        match answer.error:
            case "":
                return answer.body
            case "authorization_pending":
                continue
            case "slow_down" | "rate_limit_exceeded":
                interval += 5.0
            case "access_denied":
                raise DeniedError("The sign-in was refused in the browser.", "Sign in again.")
            case "expired_token":
                raise TimedOutError("The code is over: nobody typed it in time.", "Start again.")
            case _ if answer.status >= 500:
                continue
            case _:
                raise _refused(answer, client)


def _refused(answer: Answer, client: OAuthClient) -> Exception:
    if answer.error in {"invalid_client", "unauthorized_client", "unknown"} and answer.status < 500:
        return ClientFileError(
            f"Google does not take this OAuth client for devices ({answer.error}).",
            "It must be of the type TVs and Limited Input devices: "
            "https://console.cloud.google.com/auth/clients",
        )
    if answer.error == "rate_limit_exceeded" or answer.status >= 500:
        return NetworkError("Google's sign-in service is busy.", "Try again in a minute.")
    return refusal(answer.error, client_id=client.client_id)


def _number(value: Any, otherwise: float) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _LONGEST
    return float(value) if good else otherwise
