"""`export` and `import`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from auth_cli.commands.login import address
from auth_cli.options import AsJson, Debug, NoInput, session
from workspace_mcp.errors import (
    ClientFileError,
    CredentialFileError,
    NotSignedInError,
    UsageError,
)


def export(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The account, or its alias.")],
    file: Annotated[
        Path | None, typer.Option("--file", "-o", help="A new file for it, instead of stdout.")
    ] = None,
    authorized_user: Annotated[
        bool, typer.Option("--authorized-user", help="As JSON that Google's own libraries read.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write an account's sign-in, to be imported on another machine. It opens the account: keep it safe."""
    from auth_cli.accounts import access
    from auth_cli.transfer import armoured
    from auth_cli.transfer import authorized_user as plain

    del as_json
    run = session(context)
    account = access(run.environ).resolve(email)
    credential = run.store.read(account)
    if credential is None or not credential.refresh_token:
        raise NotSignedInError(account, "no_refresh_token" if credential else "not_signed_in")
    text = plain(credential) if authorized_user else armoured(account, credential)
    if file is None:
        run.answer(text, {"email": account, "export": text})
    else:
        _write(file, text)
        run.answer("", {"email": account, "file": str(file)})
    run.say(
        f"Whoever has this can use {account}. On the other machine:\n    workspace-auth import "
        f"{file or '-'}"
    )


def _write(file: Path, text: str) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CredentialFileError(
            f"{file} cannot be written ({error.strerror}).", "Name a file that is not there yet."
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text + "\n")


def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="What export wrote, or a JSON file; - for stdin.")],
    email: Annotated[str | None, typer.Argument(help="Whose it must be.")] = None,
    client: Annotated[str | None, typer.Option(help="Its OAuth client, by name or file.")] = None,
    as_json: AsJson = False,
    no_input: NoInput = False,
    debug: Debug = False,
) -> None:
    """Take a sign-in from another machine or program. Google is asked whether it works, and whose it is."""
    from auth_cli.transfer import LARGEST, carried, keep, proved
    from auth_cli.web import Web
    from workspace_mcp.credentials.clients import choose
    from workspace_mcp.scopes import grants

    del as_json, no_input, debug
    run = session(context)
    try:
        data = (
            sys.stdin.buffer.read(LARGEST + 1)
            if file == "-"
            else Path(file).expanduser().read_bytes()
        )
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}).") from error
    one = carried(data)
    expected = address(email) if email else None
    named = choose(run.environ, run.places, expected or one.email or None, client) if (
        client or one.client is None
    ) else None  # fmt: skip
    chosen = named.client if named else one.client
    if chosen is None:
        raise ClientFileError(
            "This sign-in comes without its OAuth client.",
            "Name it: workspace-auth import FILE --client CLIENT_SECRET.json",
        )
    account, credential = proved(Web(run.environ), one, chosen, expected)
    keep(run.store, account, credential, named.name if named else "")
    run.say(f"{account} is signed in for {grants(frozenset(credential.scopes))}.")
    run.answer(account, {"email": account, "granted": list(credential.scopes)})
