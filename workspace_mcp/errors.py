"""Every failure that a person or a model is meant to read.

    WorkspaceError                what happened, and the remedy
    ├── UsageError                flags, environment or settings that cannot be used
    ├── ArgumentError             a tool's arguments
    ├── PolicyError               the person who set this server up does not allow it
    ├── ApprovalNeededError       the person must say yes first, at a terminal
    ├── LocalFileError            a path on this machine
    ├── NotSignedInError          no usable credential; the sign-in text, first line fixed
    ├── MissingScopeError         signed in, but this permission was not granted
    ├── CredentialFileError       a credential file that cannot be read or written
    ├── ClientFileError           an OAuth client file that cannot be used
    ├── CodeRefusedError          Google did not take what the browser brought, or nothing to stay signed in
    ├── DeniedError               the person, or their organisation, said no in the browser
    ├── OtherAccountError         another account was chosen in the browser than asked for
    ├── TimedOutError             nobody answered in the browser
    ├── NetworkError              Google was not reached (DNS, proxy, TLS, time)
    ├── OutcomeUnknownError       a change was sent, its answer was lost
    └── GoogleError               Google answered with an error
        ├── NotFoundError         404, 410
        ├── ForbiddenError        403 of the item, the domain or the admin
        ├── ApiDisabledError      the API is off in the Cloud project
        ├── InvalidRequestError   400
        ├── ConflictError         409, 412: it changed, or it exists already
        ├── QuotaError            429, quota 403s
        └── GoogleDownError       5xx, or an answer that cannot be read

`str(error)` is the text for whoever reads it: what happened, then the remedy, one a line. No
token, code or secret and no text that strangers wrote (mail, documents) ever enters an error.
"""

import shlex
from collections.abc import Iterable

from workspace_mcp.program import program


class WorkspaceError(Exception):
    """What happened (`what`) and what to do about it (`remedy`, "" when nothing can be done)."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}\n{self.remedy}" if self.remedy else self.what

    def after(self, done: str, remedy: str = "") -> None:
        """Say first what was done before this happened, and what to do about that."""
        self.what = f"{done} {self.what}"
        self.remedy = f"{remedy} {self.remedy}".strip()


class UsageError(WorkspaceError):
    """A flag, an environment variable or a settings file that cannot be used. Exit code 2."""


class ArgumentError(WorkspaceError):
    """A tool was called with arguments that it cannot take."""


class PolicyError(WorkspaceError):
    """The person who set this server up does not allow the call."""


class ApprovalNeededError(WorkspaceError):
    """An act waits under `code` until the person says yes or no at a terminal."""

    def __init__(self, code: str, title: str, command: str) -> None:
        self.code = code
        super().__init__(
            f"APPROVAL_REQUIRED code={code}\n{title}: not done yet. The person must look at it first.",
            f"Ask the user to run in a terminal:\n    {command}\n"
            "It shows exactly what would happen. When they have approved, repeat this call unchanged.",
        )


class LocalFileError(WorkspaceError):
    """A path on this machine that may not be used, or cannot be."""


class NotSignedInError(WorkspaceError):
    """No usable credential for `account`.

    `reason` is a stable word: not_signed_in, token_expired_or_revoked, session_expired,
    no_refresh_token, several_accounts, unknown_account, delegation_refused.
    `account` is "" when none was named and none is known.
    """

    def __init__(
        self, account: str, reason: str, *, hint: str = "", known: Iterable[str] = ()
    ) -> None:
        self.account = account
        self.reason = reason
        self.hint = hint
        self.known = tuple(known)
        first = f"GOOGLE_LOGIN_REQUIRED account={account or '-'} reason={reason}"
        super().__init__(first, "\n".join(self._remedy()))

    def _remedy(self) -> Iterable[str]:
        if self.known and self.reason in {"several_accounts", "unknown_account"}:
            yield f"Signed in here: {', '.join(self.known)}. Repeat the call with one as account."
            if self.reason == "several_accounts":
                return
        login = login_command(self.account)
        again = (
            "sign in" if self.reason in {"not_signed_in", "unknown_account"} else "sign in again"
        )
        yield f"The user must {again}. In a terminal, run:"
        yield f"    {login}"
        yield (
            f"You (the agent) may run instead:  {login} --start   then show the link, and when the "
            f"user has approved:  {login_command('')} --finish"
        )
        yield "Then repeat this tool call; no restart is needed."
        if self.hint:
            yield f"Likely cause: {self.hint}"


class MissingScopeError(WorkspaceError):
    """`account` is signed in, but Google was not asked for, or was refused, this permission."""

    def __init__(self, account: str, service: str, scopes: Iterable[str]) -> None:
        self.account = account
        self.service = service
        self.scopes = tuple(scopes)
        super().__init__(
            f"GOOGLE_LOGIN_REQUIRED account={account} reason=missing_scope",
            f"{account} has not granted what this needs: {', '.join(self.scopes)}.\n"
            "In a terminal, run:\n"
            f"    {login_command(account)} --services {service}\n"
            "and tick every box. Then repeat this tool call; no restart is needed.",
        )


class CredentialFileError(WorkspaceError):
    """A credential file that cannot be read or written; it is left as it is."""


class ClientFileError(WorkspaceError):
    """An OAuth client (client_secret.json) that cannot be used."""


class CodeRefusedError(WorkspaceError):
    """The sign-in in the browser ended with nothing that can be used. Nothing was written."""


class DeniedError(WorkspaceError):
    """The person, or their organisation, said no in the browser."""


class OtherAccountError(WorkspaceError):
    """Another account was chosen in the browser than was asked for. Nothing was written."""


class TimedOutError(WorkspaceError):
    """Nobody answered in the browser."""


class NetworkError(WorkspaceError):
    """Google was not reached: DNS, proxy, TLS, or no answer in time. Credentials stay."""


class OutcomeUnknownError(WorkspaceError):
    """A change was sent and its answer was lost: it may have happened. Never repeated by us."""


class GoogleError(WorkspaceError):
    """Google answered with an error. `status` is HTTP's, `reason` Google's own word or ""."""

    def __init__(self, what: str, remedy: str = "", *, status: int = 0, reason: str = "") -> None:
        super().__init__(what, remedy)
        self.status = status
        self.reason = reason


class NotFoundError(GoogleError):
    """No such item, or none that this account may see."""


class ForbiddenError(GoogleError):
    """The item, the domain or the administrator does not allow it."""


class ApiDisabledError(GoogleError):
    """The API is switched off in the Cloud project of the OAuth client."""


class InvalidRequestError(GoogleError):
    """Google could not use the request."""


class ConflictError(GoogleError):
    """The item changed since it was read, or exists already."""


class QuotaError(GoogleError):
    """Too many requests, or a limit of the account is used up."""


class GoogleDownError(GoogleError):
    """A server error at Google, or an answer that cannot be read."""


def login_command(account: str) -> str:
    """The command that signs `account` in, as it runs on this machine in a POSIX shell."""
    return f"{program()} login {shlex.quote(account)}" if account else f"{program()} login"
