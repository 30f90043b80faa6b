"""`client add`, `list`, `remove`, `check`; `service-account add`, `remove`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from auth_cli.commands.login import address
from auth_cli.options import AsJson, Debug, NoInput, session
from workspace_mcp.errors import ClientFileError, CredentialFileError, UsageError

clients = typer.Typer(no_args_is_help=True, help="The OAuth clients that sign-ins go through.")
service_accounts = typer.Typer(no_args_is_help=True, help="Service accounts that act for people.")


@clients.command("add")
def add(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The JSON of a Desktop app; - for stdin.")],
    name: Annotated[str, typer.Option(help="The name to keep it under.")] = "default",
    domain: Annotated[
        list[str] | None, typer.Option(help="Use it for accounts of this domain.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the file that Google's console gave, and keep a copy of it."""
    from workspace_mcp.credentials.accounts import Book, change
    from workspace_mcp.credentials.clients import keep, parsed, read

    del as_json
    run = session(context)
    client = (
        parsed(sys.stdin.buffer.read(65537), "stdin")
        if file == "-"
        else read(Path(file).expanduser())
    )
    keep(run.places, name, client)
    domains = [one.strip().lower().lstrip("@") for one in domain or []]

    def having(book: Book) -> Book:
        for one in domains:
            book = book.having("domains", one, name)
        return book

    change(run.places, having)
    run.say(f"Kept as {name}. Next:\n    workspace-auth login")
    run.answer(client.client_id, {"name": name, "client_id": client.client_id, "domains": domains})


@clients.command("list")
def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """The clients that are kept here, and whom they are for."""
    from workspace_mcp.credentials.accounts import Book
    from workspace_mcp.credentials.clients import client_of, kept, names

    del as_json
    run = session(context)
    book = Book.read(run.places.accounts)
    facts: list[dict[str, object]] = []
    for name in names(run.places):
        try:
            client_id, problem = kept(run.places, name).client_id, ""
        except ClientFileError as error:
            client_id, problem = "", error.what
        domains = sorted(domain for domain, of in book.domains.items() if of == name)
        accounts = sorted(email for email, of in book.clients.items() if of == name)
        facts.append(
            {"name": name, "client_id": client_id, "domains": domains, "accounts": accounts,
             "problem": problem or None}
        )  # fmt: skip
        who = [*(f"@{domain}" for domain in domains), *accounts]
        line = f"{name}  {client_id or problem}" + (f"  for {', '.join(who)}" if who else "")
        if not run.as_json:
            run.answer(line, {})
    if (found := client_of(run.environ)) is not None:
        facts.append({"name": None, "client_id": found.client_id, "source": "environment"})
        if not run.as_json:
            run.answer(f"(environment)  {found.client_id}", {})
    if run.as_json:
        run.answer("", facts)
    elif not facts:
        run.say("No client is kept here.\n    workspace-auth client add FILE")


@clients.command("remove")
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name.")],
    as_json: AsJson = False,
) -> None:
    """Forget a client. Sign-ins that were made with it go on working."""
    from dataclasses import replace

    from workspace_mcp.credentials.accounts import change
    from workspace_mcp.credentials.clients import drop

    del as_json
    run = session(context)
    drop(run.places, name)
    change(
        run.places,
        lambda book: replace(
            book,
            clients={key: value for key, value in book.clients.items() if value != name},
            domains={key: value for key, value in book.domains.items() if value != name},
        ),
    )
    run.tell("removed", f"{name} is forgotten.", name=name)


@clients.command("check")
def check(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(help="A name or a file; the one that a login would use when left away."),
    ] = None,
    email: Annotated[str | None, typer.Option(help="For this account's login.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Ask Google whether it takes a client."""
    from auth_cli.login import Wish, client_for
    from auth_cli.oauth.probe import ask
    from auth_cli.oauth.probe import check as judge
    from auth_cli.web import Web

    del as_json, debug
    run = session(context)
    wish = Wish(email=address(email) if email else None, client=name)
    chosen = client_for(wish, run.store, run.environ)
    judge(ask(Web(run.environ), chosen.client), chosen.client)
    run.say(f"Google takes {chosen.why}.")
    run.answer(
        chosen.client.client_id,
        {"client_id": chosen.client.client_id, "works": True, "why": chosen.why},
    )


@service_accounts.command("add")
def add_key(
    context: typer.Context,
    key: Annotated[Path, typer.Argument(help="The JSON key of the service account.")],
    subject: Annotated[list[str], typer.Option(help="Whom it acts for; may be repeated.")],
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show scopes for reading.")
    ] = False,
    as_json: AsJson = False,
    no_input: NoInput = False,
) -> None:
    """Keep a service account's key, for accounts whose administrator delegated to it."""
    from workspace_mcp.credentials import disk
    from workspace_mcp.credentials.accounts import change
    from workspace_mcp.credentials.service_account import key_file
    from workspace_mcp.scopes import FULL, READ_ONLY

    del as_json, no_input
    run = session(context)
    found = key_file(key.expanduser())
    emails = [address(one) for one in subject]
    name = "".join(c if c.isalnum() or c in "@._-" else "_" for c in found.email) + ".json"
    try:
        disk.replace(run.places.keys / name, key.expanduser().read_bytes())
    except OSError as error:
        raise CredentialFileError(f"The key could not be kept ({error.strerror}).") from error
    for email in emails:
        change(run.places, lambda book, e=email: book.having("delegated", e, name))
    table = READ_ONLY if read_only else FULL
    scopes = ",".join(dict.fromkeys(scope for one in table.values() for scope in one))
    run.say(
        f"{found.email} may act for {', '.join(emails)} once an administrator allows it: admin.google.com, "
        "Security, Access and data control, API controls, Domain-wide delegation, Add new.\n"
        f"Client id:\n    {found.client_id}\nOAuth scopes:\n    {scopes}\n"
        f"Then:\n    workspace-auth status {emails[0]} --check"
    )
    run.answer(
        found.client_id,
        {"client_id": found.client_id, "scopes": scopes.split(","), "accounts": emails},
    )


@service_accounts.command("remove")
def remove_key(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="The account that it acts for.")],
    as_json: AsJson = False,
) -> None:
    """Let no service account act for an account any more; its key goes with the last one."""
    from auth_cli.accounts import undelegate
    from workspace_mcp.credentials.accounts import Book

    del as_json
    run = session(context)
    email = address(subject)
    if email not in Book.read(run.places.accounts).delegated:
        raise UsageError(f"No service account acts for {email}.", "See: workspace-auth list")
    undelegate(run.store, email)
    run.tell("removed", f"No service account acts for {email} any more.", email=email)
