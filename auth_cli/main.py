"""`workspace-auth`: our errors become exit codes here."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auth_cli.console import say, show
from workspace_mcp import __version__
from workspace_mcp.errors import (
    ClientFileError,
    CredentialFileError,
    DeniedError,
    MissingScopeError,
    NetworkError,
    NotSignedInError,
    OtherAccountError,
    PolicyError,
    TimedOutError,
    UsageError,
    WorkspaceError,
)

if TYPE_CHECKING:
    from auth_cli.login import Wish

EXIT_CODES: Mapping[type[WorkspaceError], int] = {
    UsageError: 2,
    DeniedError: 3,
    NotSignedInError: 4,
    OtherAccountError: 5,
    MissingScopeError: 6,
    PolicyError: 7,
    ClientFileError: 8,
    NetworkError: 9,
    TimedOutError: 10,
    CredentialFileError: 11,
}

app = typer.Typer(
    name="workspace-auth",
    help="Sign in to Google for workspace-mcp, and see what an agent sees.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        show(f"workspace-auth {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Sign in to Google for workspace-mcp, and see what an agent sees."""


@app.command("login")
def sign_in(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The account; any when left away.")] = None,
    services: Annotated[
        list[str] | None,
        typer.Option(help="Services to ask for; gmail by default. May be repeated."),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Ask only to read.")] = False,
    client: Annotated[Path | None, typer.Option(help="The OAuth client's JSON file.")] = None,
    port: Annotated[
        int,
        typer.Option(
            envvar="WORKSPACE_MCP_OAUTH_PORT", help="A fixed port; 0: the system's choice."
        ),
    ] = 0,
    browser: Annotated[str | None, typer.Option(help="The browser to start.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Start none.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait.")] = 300.0,
    start: Annotated[
        bool, typer.Option("--start", help="Show the address and leave; --finish waits.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Wait for the sign-in that --start began.")
    ] = False,
    report: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Sign in to Google in a browser; running servers use it from their next call on."""
    from auth_cli import pending
    from auth_cli.login import Wish, chosen_services, login
    from workspace_mcp.credentials.paths import places

    environ: Mapping[str, str] = context.obj
    if finish:
        outcome = pending.finish(places(environ).pending)
        say(outcome.said)
        raise typer.Exit(outcome.exit_code or 0)
    wish = Wish(
        email.strip().lower() if email else None,
        chosen_services(services or []),
        read_only=read_only,
        client=client,
        port=port,
        browser=browser,
        open_browser=not no_browser,
        seconds=timeout,
    )
    if start:
        found = pending.start(places(environ).pending, wish.arguments(pending.LIFE), environ)
        show(found.url)
        say("Open this address and sign in, then run: workspace-auth login --finish")
        return
    if report is not None:
        _reported(wish, environ, report)
        return
    signed = login(wish, environ)
    show(signed.email)
    say(f"{signed.email} is signed in. Running servers use it from their next call on.")


def _reported(wish: "Wish", environ: Mapping[str, str], report: Path) -> None:
    """Sign in, and write how it stands where `--finish` looks."""
    from auth_cli.login import login
    from auth_cli.pending import Report

    url = ""

    def told(address: str) -> None:
        nonlocal url
        url = address
        Report(address).write(report)

    try:
        signed = login(wish, environ, told)
    except WorkspaceError as error:
        Report(url, f"workspace-auth: {error}", EXIT_CODES.get(type(error), 1)).write(report)
    else:
        said = f"{signed.email} is signed in. Running servers use it from their next call on."
        Report(url, said, 0).write(report)


@app.command("try")
def try_server(
    tool: Annotated[str | None, typer.Argument(help="A tool; none shows a short tour.")] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="The tool's arguments.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="On a sample company in memory.")] = False,
    scenario: Annotated[
        Path | None, typer.Option(help="On the Workspace that this file describes.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account to use.")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Offer only reading.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The whole result, as JSON.")] = False,
) -> None:
    """Start the server as an agent's client does, and show what the agent sees."""
    from auth_cli.try_ import call, server_flags, tour

    flags = server_flags(demo=demo, scenario=scenario, account=account, read_only=read_only)
    if tool is None:
        good = tour(flags, show, say)
    else:
        text, failed = call(flags, tool, arguments or [], as_json=as_json)
        good = not failed
        (show if good or as_json else say)(text)
    if not good:
        raise typer.Exit(1)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command; an expected failure is a few lines on stderr, never a traceback."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    settings = os.environ if environ is None else environ
    try:
        app(given, prog_name="workspace-auth", obj=settings)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except WorkspaceError as error:
        say(f"workspace-auth: {error}")
        return EXIT_CODES.get(type(error), 1)
    except KeyboardInterrupt:
        return 130
    return 0
