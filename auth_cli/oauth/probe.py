"""Asks Google about an OAuth client before anybody opens a browser.

A refresh of the account's present sign-in tells about both; where there is none, a code that cannot be
right does: Google looks at the client first.
"""

from typing import Final

from auth_cli.explain import refusal
from auth_cli.web import TOKEN, Answer, Web
from workspace_mcp.credentials.clients import OAuthClient
from workspace_mcp.credentials.record import Credential

SECONDS: Final = 3.0
_CLIENT: Final = frozenset({
    "invalid_client", "deleted_client", "disabled_client", "unauthorized_client",
})  # fmt: skip


def probe(web: Web, client: OAuthClient, before: Credential | None) -> bool:
    """Whether the sign-in that is stored works with this client; False as well when there is none.

    Raises:
        ClientFileError: Google does not take the client.
        NetworkError: Google was not reached.
    """
    known = {"client_id": client.client_id, "client_secret": client.client_secret}
    if before is not None and before.refresh_token and before.client_id == client.client_id:
        token = before.refresh_token
        fields = {**known, "grant_type": "refresh_token", "refresh_token": token}
        answer = web.form(TOKEN, fields, SECONDS)
        check(answer, client)
        return answer.status == 200
    check(ask(web, client), client)
    return False


def ask(web: Web, client: OAuthClient) -> Answer:
    """Google's answer to a code that cannot be right. Raises NetworkError without one."""
    return web.form(
        TOKEN,
        {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "grant_type": "authorization_code",
            "code": "workspace-auth-asks-whether-this-client-works",
            "redirect_uri": "http://127.0.0.1",
        },
        SECONDS,
    )


def check(answer: Answer, client: OAuthClient) -> None:
    """Nothing, unless Google does not take the client. Raises ClientFileError then."""
    if answer.error in _CLIENT:
        raise refusal(answer.error, client_id=client.client_id)
