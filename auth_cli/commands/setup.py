"""`workspace-auth setup`: from nothing to the first sign-in."""

import shlex
import time
from pathlib import Path
from typing import Annotated

import typer

from auth_cli.commands.login import address, offered
from auth_cli.console import Session
from auth_cli.options import AsJson, NoInput, session
from workspace_mcp.errors import ClientFileError, TimedOutError, WorkspaceError
from workspace_mcp.program import server

_WAIT = 900.0
_BESIDE = 1.0


def setup(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The account to sign in at the end.")] = None,
    services: Annotated[list[str] | None, typer.Option(help="Services to use.")] = None,
    name: Annotated[str, typer.Option(help="The name to keep the client under.")] = "default",
    as_json: AsJson = False,
    no_input: NoInput = False,
) -> None:
    """The way from nothing to the first sign-in: a project, its APIs, a client, and login."""
    from auth_cli.asking import USUAL, chosen_services
    from auth_cli.login import Wish, client_for, login
    from auth_cli.setup import snippet, steps

    del as_json, no_input
    run = session(context)
    account = address(email) if email else None
    wanted = chosen_services(services or []) or tuple(one for one in USUAL if one in offered())
    try:
        found = client_for(Wish(email=account), run.store, run.environ).why
    except ClientFileError:
        found = ""
    if found:
        run.tell("client", f"There is an OAuth client here already: {found}.", why=found)
    elif not run.may_ask:
        said = [f"{number}. {what}\n{url}" for number, (what, url) in enumerate(steps(wanted), 1)]
        run.tell(
            "steps", "\n".join(said) + "\nThen:\n    workspace-auth client add FILE\n    workspace-auth login",
            steps=[{"what": what, "url": url} for what, url in steps(wanted)],
        )  # fmt: skip
        raise typer.Exit(2)
    else:
        _client(run, wanted, name)
    if run.as_json or not run.may_ask:
        run.tell("next", "Next:\n    workspace-auth login", command="workspace-auth login")
        return
    outcome = login(
        Wish(email=account, services=wanted, paste=True),
        run.environ,
        run.store,
        run.tell,
        offered(),
    )
    run.say(outcome.said)
    command = server(run.environ.get("PATH"))
    run.say("Last, for your MCP client's configuration:")
    run.answer(snippet(command, wanted), {})
    run.say(
        f"For Claude Code:\n    claude mcp add workspace -- {shlex.quote(command)} "
        f"--tools {' '.join(wanted)}"
    )


def _client(run: Session, services: tuple[str, ...], name: str) -> None:
    """Find a client, or lead to one, and keep it."""
    from auth_cli.setup import configured_clients, downloads, home_of, steps, usable
    from workspace_mcp.credentials.clients import keep

    home = home_of(run.environ)
    for source, client in configured_clients(home, run.environ):
        if run.ask(
            f"{source} holds the OAuth client {client.client_id}. Use it? [Y/n]"
        ).lower() in {"", "y", "yes"}:
            keep(run.places, name, client)
            return
    for path, client in usable(sorted(downloads(home), key=lambda one: -one.stat().st_mtime)):
        if run.ask(f"{path} is an OAuth client. Use it? [Y/n]").lower() in {"", "y", "yes"}:
            keep(run.places, name, client)
            return
    before = downloads(home)
    run.say("Google wants an OAuth client of your own. It takes five minutes, once:")
    for number, (what, url) in enumerate(steps(services), 1):
        run.say(f"\n{number}. {what}\n{url}")
    path = _wait(run, before, home)
    from workspace_mcp.credentials.clients import read

    keep(run.places, name, read(path))
    run.say(f"{path} is kept as {name}.")


def _wait(run: Session, before: dict[Path, float], home: Path) -> Path:
    """The client file: the next one in the folder of downloads, or the one that is named."""
    import threading

    from auth_cli.setup import downloads, newest
    from workspace_mcp.credentials.clients import read

    typed: list[str] = []

    def listen() -> None:
        while line := run.ask(""):
            typed.append(line)

    run.say("\nWaiting for client_secret….json in your folder of downloads. Or type its path here.")
    threading.Thread(target=listen, daemon=True).start()
    until = time.monotonic() + _WAIT
    while time.monotonic() < until:
        path = newest(before, downloads(home))
        if typed:
            path = Path(typed.pop().strip("'\"")).expanduser()
        if path is not None:
            try:
                read(path)
            except WorkspaceError as error:
                run.say(f"{error}\nWaiting for another one.")
                before = downloads(home)
            else:
                return path
        time.sleep(_BESIDE)
    raise TimedOutError("No client file came.", "Run workspace-auth setup again.")
