"""Our errors as exit codes, and as words at a terminal."""

from collections.abc import Mapping
from typing import Any, Final

from auth_cli.explain import ScopeRefusedError
from workspace_mcp.errors import (
    ApiDisabledError,
    ClientFileError,
    CodeRefusedError,
    CredentialFileError,
    DeniedError,
    GoogleError,
    MissingScopeError,
    NetworkError,
    NotSignedInError,
    OtherAccountError,
    PolicyError,
    TimedOutError,
    UsageError,
    WorkspaceError,
    login_command,
)

CODES: Final[Mapping[type[WorkspaceError], int]] = {
    UsageError: 2,
    DeniedError: 3,
    NotSignedInError: 4,
    CodeRefusedError: 4,
    OtherAccountError: 5,
    MissingScopeError: 6,
    ScopeRefusedError: 6,
    PolicyError: 7,
    ClientFileError: 8,
    ApiDisabledError: 8,
    NetworkError: 9,
    GoogleError: 9,
    TimedOutError: 10,
    CredentialFileError: 11,
}
MEANINGS: Final[Mapping[int, str]] = {
    0: "done",
    1: "a bug of ours",
    2: "the command cannot be used like this",
    3: "refused or cancelled in the browser",
    4: "not signed in, or the sign-in is over",
    5: "another account was chosen than was asked for",
    6: "some permissions were not granted",
    7: "an organisation's policy does not allow it",
    8: "the OAuth client, or its Cloud project, is wrong",
    9: "Google was not reached",
    10: "nobody answered in time",
    11: "a file cannot be read, written or locked",
    130: "stopped by Ctrl-C",
}


def exit_code(error: WorkspaceError) -> int:
    """The exit code of an error: its class's, or that of the nearest class above it."""
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), 1)


def said_of(error: WorkspaceError) -> str:
    """What a person at a terminal reads of an error."""
    match error:
        case NotSignedInError():
            return f"workspace-auth: {_not_signed_in(error)}"
        case MissingScopeError():
            return (
                f"workspace-auth: {error.account} has not granted: {', '.join(error.scopes)}.\n"
                f"    {login_command(error.account)} --services {error.service}"
            )
        case _:
            return f"workspace-auth: {error}"


def _not_signed_in(error: NotSignedInError) -> str:
    known = f"Signed in here: {', '.join(error.known)}." if error.known else ""
    match error.reason:
        case "several_accounts":
            return f"Several accounts are signed in, and none was named.\n{known}"
        case "not_signed_in" | "unknown_account":
            head = f"{error.account or 'Nobody'} is not signed in here.".replace(
                "Nobody is not", "Nobody is"
            )
        case "session_expired":
            head = f"The organisation ended the sign-in of {error.account}."
        case "no_refresh_token":
            head = f"The sign-in of {error.account} cannot be renewed."
        case _:
            head = f"Google does not take the sign-in of {error.account} any more."
    lines = [head, known, f"Likely cause: {error.hint}" if error.hint else ""]
    return "\n".join([*filter(None, lines), f"    {login_command(error.account)}"])


def facts_of(error: WorkspaceError) -> Mapping[str, Any]:
    """What a program reads of an error."""
    code = exit_code(error)
    facts: dict[str, Any] = {
        "error": type(error).__name__.removesuffix("Error"), "exit_code": code,
        "message": said_of(error).removeprefix("workspace-auth: "), "remedy": error.remedy,
    }  # fmt: skip
    if isinstance(error, NotSignedInError):
        facts |= {"account": error.account, "reason": error.reason}
    return facts
