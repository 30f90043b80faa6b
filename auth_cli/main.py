"""`workspace-auth`: every command in one table; our errors become exit codes here."""

import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Annotated, Final, NoReturn

import typer

from auth_cli.commands import (
    accounts,
    approvals,
    checks,
    clients,
    history,
    login,
    setup,
    tour,
    transfer,
)
from auth_cli.console import Session, say, show, written
from auth_cli.exits import exit_code, facts_of, said_of
from workspace_mcp import __version__
from workspace_mcp.errors import WorkspaceError

_SIGNALS: Final = ("SIGTERM", "SIGHUP")

app = typer.Typer(
    name="workspace-auth",
    help="Sign in to Google for workspace-mcp, and see what an agent sees.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
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


app.command("setup", short_help="From nothing to the first sign-in.")(setup.setup)
app.command("login", short_help="Sign in, in a browser.")(login.sign_in)
app.command("list", short_help="Who is signed in here.")(accounts.list_accounts)
app.command("status", short_help="What each account may, and since when.")(accounts.status)
app.command("default", short_help="The account of calls that name none.")(accounts.default)
app.command("alias", short_help="Short names for accounts.")(accounts.alias)
app.command("logout", short_help="Forget an account on this machine.")(accounts.logout)
app.command("refresh", short_help="Get a new access token now.")(accounts.refresh)
app.command("token", short_help="Print an access token, for a script.")(accounts.token)
app.command("export", short_help="Carry a sign-in to another machine.")(transfer.export)
app.command("import", short_help="Take a sign-in from elsewhere.")(transfer.import_)
app.add_typer(clients.clients, name="client")
app.add_typer(clients.service_accounts, name="service-account")
app.command("approve", short_help="Look at what an agent wants to do.")(approvals.approve)
app.command("allow", short_help="Approve a kind of act once and for all.")(approvals.allow)
app.command("history", short_help="What agents changed.")(history.history)
app.command("doctor", short_help="Look for what goes wrong in practice.")(checks.doctor)
app.command("explain", short_help="What an error means, and its fix.")(checks.explain)
app.command("try", short_help="See what an agent sees.")(tour.try_server)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command; an expected failure is a few lines on stderr, never a traceback."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    run = Session(os.environ if environ is None else environ)
    _end_politely()
    try:
        app(given, prog_name="workspace-auth", obj=run)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except WorkspaceError as error:
        if run.as_json:
            show(written({"event": "error", **facts_of(error)}))
        else:
            say(said_of(error), run.environ)
        return exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read stdout has enough
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the end
        return 0
    return 0


def _end_politely() -> None:
    """A closed terminal or a SIGTERM ends a command as Ctrl-C does: files and ports are let go."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        for name in _SIGNALS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), stop)
