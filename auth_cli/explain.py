"""Every code that Google's pages, its answers or our own errors show → its cause and its fix. No I/O.

Source: developers.google.com/identity/protocols/oauth2/native-app#authorization-errors and the error
answers of the token endpoint; support.google.com/a/answer/7281227 and 9368756 for administrators.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workspace_mcp.errors import (
    ApiDisabledError,
    ClientFileError,
    CodeRefusedError,
    DeniedError,
    MissingScopeError,
    NetworkError,
    NotSignedInError,
    PolicyError,
    TimedOutError,
    UsageError,
    WorkspaceError,
)

CLIENTS: Final = "https://console.cloud.google.com/auth/clients"
AUDIENCE: Final = "https://console.cloud.google.com/auth/audience"
_DESKTOP: Final = (
    f"Create a client of the type Desktop app at {CLIENTS}, download its JSON, then:\n"
    "    workspace-auth client add FILE"
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`codes`: every name it goes by. `says`: what Google's page shows with it, in small letters."""

    codes: tuple[str, ...]
    kind: type[WorkspaceError]
    cause: str
    fix: str
    says: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The name it usually goes by."""
        return self.codes[0]


TABLE: Final[Sequence[Explanation]] = (
    Explanation(
        ("access_denied",), DeniedError,
        "Somebody pressed Cancel; or the OAuth app is in Testing and this account is not one of its "
        "test users (the page then says that the app has not completed Google's verification).",
        "Run workspace-auth login again and tick every box. If the page spoke of verification or "
        f"testers: open {AUDIENCE} and add the account as a test user, or publish the app.",
        ("has not completed the google verification process", "developer-approved testers",
         "has not been verified by google and is being tested"),
    ),
    Explanation(
        ("admin_policy_enforced",), PolicyError,
        "The Workspace administrator does not allow this app, or not these permissions.",
        "Give the administrator the client id (workspace-auth client list): admin.google.com, "
        "Security, Access and data control, API controls, Manage third-party app access, Trusted.",
        ("access blocked: your institution's admin", "your admin needs to review",
         "unable to access it because of your administrator's policies"),
    ),
    Explanation(
        ("org_internal",), PolicyError,
        "The OAuth app is Internal: only accounts of the organisation that owns it may use it.",
        f"Sign in with an account of that organisation, or set the user type to External at {AUDIENCE}.",
        ("can only be used within its organization", "is restricted to users within its organization"),
    ),
    Explanation(
        ("redirect_uri_mismatch",), ClientFileError,
        "The OAuth client is of the type Web application: it takes no port that the system picks.",
        _DESKTOP,
        ("doesn't comply with google's oauth 2.0 policy", "the redirect uri in the request"),
    ),
    Explanation(
        ("invalid_client",), ClientFileError,
        "Google does not know this client id, or the secret is not the client's, or the client is of "
        "another type (the device flow wants one for TVs and limited input devices).",
        "Look which one is used: workspace-auth client check. " + _DESKTOP,
        ("the oauth client was not found", "no registered origin", "the provided client secret is invalid"),
    ),
    Explanation(
        ("deleted_client",), ClientFileError,
        "The OAuth client was deleted: by hand, or by Google because nobody used it for six months.",
        f"Restore it at {CLIENTS} (within 30 days of its deletion). Otherwise: " + _DESKTOP,
        ("the oauth client was deleted",),
    ),
    Explanation(
        ("disabled_client",), ClientFileError,
        "The OAuth client, or its Cloud project, was switched off.",
        f"Look at {CLIENTS}; mail from Google to the project's owner says why.",
        ("the oauth client was disabled",),
    ),
    Explanation(
        ("unauthorized_client",), ClientFileError,
        "This client may not be used this way: a wrong client type; or a service account to which "
        "nobody has delegated the domain.",
        "For a service account, an administrator adds its client id and scopes under Domain-wide "
        "delegation (workspace-auth service-account add shows both). Otherwise: " + _DESKTOP,
    ),
    Explanation(
        ("invalid_scope",), MissingScopeError,
        "One of the permissions does not exist for this account: some are for Workspace accounts "
        "alone (Chat, for example), or for administrators.",
        "Ask for fewer: workspace-auth login EMAIL --services gmail,drive,calendar --only",
        ("some requested scopes were invalid", "some requested scopes cannot be shown"),
    ),
    Explanation(
        ("restricted_client",), PolicyError,
        "The OAuth app is not verified and asks for too much: about 25 permissions are the limit.",
        "Ask for fewer services at a time: workspace-auth login EMAIL --services gmail,drive --only",
        ("this app is blocked", "tried to access sensitive info in your google account"),
    ),
    Explanation(
        ("disallowed_useragent",), DeniedError,
        "Google's page was opened inside another app, which Google does not allow.",
        "Copy the address and open it in Chrome, Firefox, Safari or Edge: workspace-auth login --no-browser",
        ("disallowed_useragent",),
    ),
    Explanation(
        ("unverified_app",), DeniedError,
        "The OAuth app is not verified by Google, which is normal for one of your own.",
        "Press Advanced, then \"Go to … (unsafe)\". It is your own client; nobody else's app is involved.",
        ("google hasn't verified this app", "google hasn’t verified this app"),
    ),
    Explanation(
        ("invalid_grant",), CodeRefusedError,
        "At the end of a sign-in: the code was used before, is too old, or this machine's clock is wrong. "
        "Later: the sign-in was taken back, its password was changed, it was not used for six months, "
        "or it is seven days old and the OAuth app is in Testing.",
        "Sign in again: workspace-auth login EMAIL. If it happens every week, publish the app at "
        f"{AUDIENCE}. Clock and tokens are looked at by: workspace-auth doctor --online",
        ("malformed auth code", "token has been expired or revoked", "bad request"),
    ),
    Explanation(
        ("invalid_rapt", "rapt_required", "session_expired"), NotSignedInError,
        "The organisation ends the sign-ins of apps after some hours (Google Cloud session control).",
        "Sign in again: workspace-auth login EMAIL. An administrator can exempt the app: "
        "support.google.com/a/answer/9368756",
        ("reauthentication is needed", "reauth related error"),
    ),
    Explanation(
        ("invalid_request",), ClientFileError,
        "Google could not use the request: mostly a client of the wrong type, or a secret left away.",
        _DESKTOP,
        ("client_secret is missing", "access blocked: this app's request is invalid",
         "access blocked: this app’s request is invalid", "access blocked: authorization error"),
    ),
    Explanation(
        ("SERVICE_DISABLED", "accessNotConfigured"), ApiDisabledError,
        "This API is switched off in the Cloud project of the OAuth client.",
        "Open the link that the error shows and press Enable. Every service at once: workspace-auth doctor --online",
        ("has not been used in project", "it is disabled. enable it by visiting"),
    ),
    Explanation(
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions", "insufficientScopes", "missing_scope"),
        MissingScopeError,
        "The account is signed in, but this permission was not asked for, or its box was not ticked.",
        "workspace-auth login EMAIL --services SERVICE, and tick every box.",
        ("request had insufficient authentication scopes",),
    ),
    Explanation(
        ("mailServiceNotEnabled", "domainPolicy", "failedPrecondition"), PolicyError,
        "The administrator switched this service off for the account, or the account never had it.",
        "Ask the administrator, or use another account.",
        ("mail service not enabled", "the domain administrators have disabled"),
    ),
    Explanation(
        ("SSLCertVerificationError", "CERTIFICATE_VERIFY_FAILED"), NetworkError,
        "Something between this machine and Google shows a certificate of its own, as company proxies do.",
        "Name the file with the company's CA certificate: export SSL_CERT_FILE=/path/to/ca.pem (for the "
        "server as well: in the env of your MCP client's configuration).",
        ("unable to get local issuer certificate", "self-signed certificate"),
    ),
    Explanation(
        ("ProxyError",), NetworkError,
        "The proxy did not let the connection through.",
        "Look at HTTPS_PROXY and NO_PROXY; workspace-auth doctor --online shows what is in force.",
    ),
    Explanation(
        ("ConnectError", "ConnectTimeout", "gaierror", "timeout"), NetworkError,
        "Google was not reached: no network, no name service, or a firewall.",
        "Try again when the network is there. The sign-in is kept. See: workspace-auth doctor --online",
        ("temporary failure in name resolution", "name or service not known", "timed out"),
    ),
    Explanation(
        ("ERR_CONNECTION_REFUSED", "connection_refused"), UsageError,
        "The browser was sent to 127.0.0.1, and on the browser's machine nobody listens there: "
        "workspace-auth runs on another machine or in a container, or has ended.",
        "Copy the address of that page and paste it where workspace-auth login waits; or from an "
        "agent's shell: workspace-auth login --finish 'ADDRESS'",
        ("this site can't be reached", "this site can’t be reached", "refused to connect", "unable to connect"),
    ),
    Explanation(
        ("rateLimitExceeded", "userRateLimitExceeded", "RESOURCE_EXHAUSTED", "429"), NetworkError,
        "Too many requests in a short time.",
        "Wait a minute. The server waits and repeats by itself where that is safe.",
    ),
    Explanation(
        ("dailyLimitExceeded", "quotaExceeded"), NetworkError,
        "A quota of the Cloud project or the account is used up for today.",
        "Try again tomorrow, or raise it: https://console.cloud.google.com/apis/dashboard",
    ),
    Explanation(
        ("temporarily_unavailable", "server_error", "internal_failure", "backendError"), NetworkError,
        "Google had a failure of its own.",
        "Try again in a minute; see https://www.google.com/appsstatus",
    ),
    Explanation(
        ("authorization_pending", "slow_down"), TimedOutError,
        "The device sign-in still waits for somebody to type the code.",
        "Open https://www.google.com/device and type the code that the terminal shows.",
    ),
    Explanation(
        ("expired_token", "timed_out"), TimedOutError,
        "Nobody answered in the browser in time.",
        "Start again: workspace-auth login EMAIL (--timeout 600 waits longer).",
    ),
    Explanation(
        ("not_signed_in", "unknown_account", "GOOGLE_LOGIN_REQUIRED"), NotSignedInError,
        "This machine has no sign-in of that account.",
        "workspace-auth login EMAIL; who is signed in: workspace-auth list",
    ),
    Explanation(
        ("token_expired_or_revoked",), NotSignedInError,
        "Google does not take the stored sign-in any more: it was taken back, the password was changed, "
        "six months passed, or seven days with the OAuth app in Testing.",
        f"workspace-auth login EMAIL. If it happens every week, publish the app at {AUDIENCE}.",
    ),
    Explanation(
        ("no_refresh_token",), NotSignedInError,
        "What is stored works for an hour and cannot be renewed.",
        "workspace-auth login EMAIL --force-consent",
    ),
    Explanation(
        ("several_accounts",), NotSignedInError,
        "Several accounts are signed in, and the call named none.",
        "Name one as account, or set one: workspace-auth default EMAIL",
    ),
    Explanation(
        ("delegation_refused",), ClientFileError,
        "The service account may not act for this person.",
        "An administrator adds its client id and scopes: admin.google.com, Security, API controls, "
        "Domain-wide delegation. workspace-auth service-account add shows both.",
    ),
    Explanation(
        ("EADDRINUSE", "port_in_use"), UsageError,
        "The port that was named for the sign-in is used by another program.",
        "Leave --port and WORKSPACE_MCP_OAUTH_PORT away: the system then picks a free one.",
        ("address already in use", "callback server unavailable"),
    ),
)  # fmt: skip

_FRAME: Final = "google_login_required"
"""Stands before the reason that counts."""
_BY_CODE: Final[Mapping[str, Explanation]] = {
    code.lower(): one for one in TABLE for code in one.codes
}


def explanation(text: str) -> Explanation | None:
    """What a code, a line of a log or a sentence of Google's page means; None when it is not known."""
    wanted = re.sub(r"\s+", " ", text.strip().lower())
    if wanted in _BY_CODE:
        return _BY_CODE[wanted]
    words = sorted(re.findall(r"[a-z0-9_]{4,}", wanted), key=lambda word: word == _FRAME)
    coded = next((_BY_CODE[word] for word in words if word in _BY_CODE), None)
    said = next((one for one in TABLE if any(sentence in wanted for sentence in one.says)), None)
    return said or coded


def alike(text: str) -> list[str]:
    """Codes that are written nearly like `text`."""
    return difflib.get_close_matches(text.strip().lower(), list(_BY_CODE), n=3, cutoff=0.6)


def refusal(code: str, email: str = "", client_id: str = "") -> WorkspaceError:
    """The error for a code with which Google ended a sign-in."""
    found = _BY_CODE.get(code.lower())
    if found is None:
        return DeniedError(f"Google ended the sign-in ({code}).", "Sign in again.")
    what = f"Google ended the sign-in ({code}). {found.cause}"
    remedy = found.fix.replace("EMAIL", email) if email else found.fix
    if issubclass(found.kind, PolicyError) and client_id:
        remedy += f"\nThe client id: {client_id}"
    if issubclass(found.kind, NotSignedInError):
        return CodeRefusedError(what, remedy)
    if issubclass(found.kind, MissingScopeError):
        return ScopeRefusedError(what, remedy)
    return found.kind(what, remedy)


class ScopeRefusedError(WorkspaceError):
    """Google does not give this account one of the permissions. Nothing was written."""
