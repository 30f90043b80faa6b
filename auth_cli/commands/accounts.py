"""`list`, `status`, `default`, `alias`, `logout`, `refresh`, `token`."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from auth_cli.commands.login import address
from auth_cli.console import Session
from auth_cli.exits import exit_code, said_of
from auth_cli.options import AsJson, Debug, NoInput, session
from workspace_mcp import cli
from workspace_mcp.errors import NotSignedInError, UsageError, WorkspaceError

if TYPE_CHECKING:
    from auth_cli.accounts import Standing
    from workspace_mcp.credentials.access import Access

Email = Annotated[str, typer.Argument(help="An account, or its alias.")]
Whose = Annotated[
    str | None, typer.Argument(help="An account, or its alias; the default one when left away.")
]


def _access(run: Session) -> "Access":
    from auth_cli.accounts import access

    return access(run.environ)


def list_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """The accounts that are signed in here, one a line."""
    from auth_cli.accounts import standing

    del as_json
    run = session(context)
    found = standing(_access(run), run.store)
    if run.as_json:
        run.answer("", [one.facts for one in found])
        return
    for one in found:
        run.answer(one.line, {})
    if not found:
        run.say("Nobody is signed in here.\n    workspace-auth login EMAIL")


def status(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="One account; all when left away.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Ask Google whether each sign-in works.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Each account: what was granted, since when, and what to look after."""
    from auth_cli.accounts import standing

    del as_json, debug
    run = session(context)
    reach = _access(run)
    wanted = reach.resolve(email) if email else None
    found = [one for one in standing(reach, run.store) if wanted in {None, one.email}]
    if check:
        found = [_checked(reach, one) for one in found]
    chosen = cli.read([], run.environ)
    limits = chosen.lines(chosen.policy, chosen.standing)
    if run.as_json:
        run.answer("", {"accounts": [one.facts for one in found], "limits": limits})
    else:
        run.answer("\n".join(one.text for one in found), {})
        run.answer("limits of a server that is started without flags", {})
        for line in limits:
            run.answer(f"  {line}", {})
        if not found:
            run.say("Nobody is signed in here.\n    workspace-auth login EMAIL")
    worst = max((one.exit_code for one in found), default=4)
    if worst:
        raise typer.Exit(worst)


def _checked(reach: "Access", one: "Standing") -> "Standing":
    if one.problem:
        return one
    try:
        asyncio.run(_renewed(reach, one.email))
    except WorkspaceError as error:
        says = said_of(error).removeprefix("workspace-auth: ")
        return replace(one, checked="failed", problem=says, exit_code=exit_code(error))
    return replace(one, checked="Google accepts it")


async def _renewed(reach: "Access", email: str) -> str:
    """A new access token, whether or not the old one has time left."""
    return await reach.token(email, reach.stored_token(email))


def refresh(
    context: typer.Context, email: Whose = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Get a new access token now, and so see whether the sign-in works."""
    del as_json, debug
    run = session(context)
    reach = _access(run)
    account = reach.resolve(email)
    asyncio.run(_renewed(reach, account))
    run.say(f"{account} has a new access token.")
    if run.as_json:
        run.answer("", {"email": account, "refreshed": True})


def token(
    context: typer.Context, email: Whose = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Print an access token that works for some minutes at least, for a script: it opens the account."""
    del as_json, debug
    run = session(context)
    reach = _access(run)
    account = reach.resolve(email)
    text = asyncio.run(reach.token(account, None))
    run.answer(text, {"email": account, "access_token": text})


def default(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The account; shown when left away.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Have none.")] = False,
    as_json: AsJson = False,
) -> None:
    """The account of calls that name none."""
    from workspace_mcp.credentials.accounts import Book, change

    del as_json
    run = session(context)
    if email is None and not clear:
        book = Book.read(run.places.accounts)
        run.answer(book.default, {"default": book.default or None})
        if not book.default:
            run.say("No account is the default.")
        return
    account = "" if clear else _access(run).resolve(email)
    change(run.places, lambda book: replace(book, default=account))
    run.say(f"{account} is the default." if account else "No account is the default any more.")
    if run.as_json:
        run.answer("", {"default": account or None})


def alias(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A short name; all are shown without.")] = None,
    email: Annotated[str | None, typer.Argument(help="The account that it stands for.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Forget the name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Short names for accounts: `workspace-auth alias work ana@example.com`."""
    from workspace_mcp.credentials.accounts import Book, change

    del as_json
    run = session(context)
    if name is None or (email is None and not remove):
        known = Book.read(run.places.accounts).aliases
        chosen = {key: value for key, value in known.items() if name in {None, key}}
        lines = "\n".join(f"{key}  {value}" for key, value in sorted(chosen.items()))
        run.answer(lines, {"aliases": chosen})
        return
    short = name.strip().lower()
    if not short or "@" in short or not short.isprintable() or " " in short or len(short) > 40:
        raise UsageError(f"{name!r} cannot be an alias.", "Use a short word without @ and blanks.")
    if remove:
        change(run.places, lambda book: book.without("aliases", short))
        run.say(f"{short} stands for nothing any more.")
        return
    account = _access(run).resolve(email)
    change(run.places, lambda book: book.having("aliases", short, account))
    run.say(f"{short} is {account}.")
    if run.as_json:
        run.answer("", {"alias": short, "email": account})


def logout(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The account, or its alias.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every account.")] = False,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Take the sign-in back at Google as well.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
    no_input: NoInput = False,
    debug: Debug = False,
) -> None:
    """Forget an account on this machine. Google is told only with --revoke."""
    from auth_cli.accounts import sign_out

    del as_json, no_input, debug
    run = session(context)
    if bool(email) == everyone:
        raise UsageError("Name an account, or --all.", "See who is signed in: workspace-auth list")
    reach = _access(run)
    known = reach.emails()
    whom = known if everyone else [_meant(reach, str(email))]
    if not whom:
        raise NotSignedInError("", "not_signed_in")
    if (everyone or revoke) and not yes and not _sure(run, whom, revoke=revoke):
        raise UsageError("Nothing was done.", "Say --yes to do it without being asked.")
    for account in whom:
        said = sign_out(run.environ, run.store, account, revoke=revoke)
        run.tell("signed_out", said, email=account, revoked=revoke)


def _meant(reach: "Access", email: str) -> str:
    """The account, or an address whose file cannot be read."""
    try:
        return reach.resolve(email)
    except NotSignedInError:
        account = address(email)
        if account not in reach.emails():
            raise
        return account


def _sure(run: Session, whom: list[str], *, revoke: bool) -> bool:
    what = f"Sign out {', '.join(whom)}?"
    if revoke:
        what = (
            "Revoking takes back everything that this OAuth app's whole Cloud project was granted, on "
            f"every machine.\n{what}"
        )
    return run.ask(f"{what} [y/N]").lower() in {"y", "yes"}
