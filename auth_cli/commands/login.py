"""`workspace-auth login`, in each of its ways."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auth_cli.console import Session
from auth_cli.exits import exit_code, facts_of, said_of
from auth_cli.options import AsJson, Debug, NoInput, session
from workspace_mcp.errors import UsageError, WorkspaceError
from workspace_mcp.policy import file as policy_file

if TYPE_CHECKING:
    from auth_cli.login import Outcome, Wish
    from auth_cli.pending import Report

_MISSING = 6


def sign_in(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The account; any when left away.")] = None,
    services: Annotated[
        list[str] | None,
        typer.Option(
            help="Services to ask for, or all; what it has, or the usual ones, by default."
        ),
    ] = None,
    scopes: Annotated[
        list[str] | None, typer.Option(help="Single permissions instead, like gmail.readonly.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Ask only to read.")] = False,
    only: Annotated[
        bool, typer.Option("--only", help="Give up what the account has beyond this.")
    ] = False,
    client: Annotated[str | None, typer.Option(help="An OAuth client, by name or file.")] = None,
    any_account: Annotated[
        bool, typer.Option("--any-account", help="Take another account than EMAIL as well.")
    ] = False,
    force_consent: Annotated[
        bool, typer.Option("--force-consent", help="Let Google show its permissions again.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            envvar="WORKSPACE_MCP_OAUTH_PORT", help="A fixed port; 0: the system's choice."
        ),
    ] = 0,
    browser: Annotated[str | None, typer.Option(help="The browser to start.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Start none.")] = False,
    device: Annotated[
        bool, typer.Option("--device", help="Type a code elsewhere; Drive files of this app only.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait.")] = 300.0,
    start: Annotated[
        bool, typer.Option("--start", help="Show the address and leave; --finish waits.")
    ] = False,
    finish: Annotated[
        bool,
        typer.Option(
            "--finish", help="Wait for --start; or give the address copied from the browser, or -."
        ),
    ] = False,
    as_json: AsJson = False,
    no_input: NoInput = False,
    debug: Debug = False,
    report: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Sign in to Google in a browser; running servers use it from their next call on."""
    from auth_cli.asking import chosen_scopes, chosen_services
    from auth_cli.login import Wish, device_login, login

    del as_json, no_input, debug
    run = session(context)
    read_only = read_only or "read_only" in policy_file.read(run.places.policy).switches
    if finish:
        _finish(run, email)
        return
    wish = Wish(
        address(email) if email else None, chosen_services(services or []), chosen_scopes(scopes or []),
        read_only=read_only, only=only, client=client, any_account=any_account,
        force_consent=force_consent, port=port, browser=browser, open_browser=not no_browser,
        seconds=timeout, paste=run.may_ask,
    )  # fmt: skip
    if start:
        _start(run, wish)
    elif report is not None:
        _reported(run, wish, report)
    elif device:
        _done(run, device_login(wish, run.environ, run.store, run.tell))
    else:
        _done(run, login(wish, run.environ, run.store, run.tell, offered()))


def address(text: str) -> str:
    """An e-mail address in small letters.

    Raises:
        UsageError: it is none.
    """
    email = text.strip().lower()
    name, at, domain = email.rpartition("@")
    if not (name and at and domain) or not email.isprintable() or " " in email or len(email) > 254:
        raise UsageError(f"{text!r} is no e-mail address.", "Write it like ana@example.com.")
    return email


def offered() -> tuple[str, ...]:
    """Services that have tools."""
    import workspace_mcp
    from workspace_mcp.scopes import SERVICES

    place = Path(workspace_mcp.__file__).with_name("catalogue.json")
    having = {entry["service"] for entry in json.loads(place.read_text("utf-8"))}
    return tuple(name for name in SERVICES if name in having)


def _done(run: Session, outcome: "Outcome") -> None:
    if run.as_json:
        run.tell("signed_in", "", **outcome.facts)
    else:
        run.say(outcome.said)
        run.answer(outcome.email, {})
    if outcome.missing:
        raise typer.Exit(_MISSING)


def _start(run: Session, wish: "Wish") -> None:
    from auth_cli import pending

    found = pending.start(run.places.pending, flags(wish, pending.LIFE), run.environ)
    if found.exit_code is not None:
        _ended(run, found)
        return
    if run.as_json:
        run.tell("authorize", "", url=found.url, expires_in=int(pending.LIFE))
        return
    run.answer(found.url, {})
    run.say(
        "Open this address and sign in, then run:\n    workspace-auth login --finish\n"
        "If the last page fails to load, copy its address:\n    workspace-auth login --finish 'ADDRESS'"
    )


def flags(wish: "Wish", seconds: float) -> list[str]:
    """The same wish as flags, with another patience."""
    words = ["--timeout", str(seconds), *([wish.email] if wish.email else [])]
    for name, value in (
        ("--services", ",".join(wish.services)), ("--scopes", ",".join(wish.scopes)),
        ("--client", _whole(wish.client)), ("--browser", wish.browser), ("--port", wish.port or ""),
    ):  # fmt: skip
        words += [name, str(value)] if value else []
    for name, chosen in (
        ("--read-only", wish.read_only), ("--only", wish.only), ("--any-account", wish.any_account),
        ("--force-consent", wish.force_consent), ("--no-browser", not wish.open_browser),
    ):  # fmt: skip
        words += [name] if chosen else []
    return words


def _whole(client: str | None) -> str | None:
    """A file's whole path, so that it is found from another folder; a kept client's name as it is."""
    return str(Path(client).absolute()) if client and Path(client).is_file() else client


def _reported(run: Session, wish: "Wish", path: Path) -> None:
    """Sign in, and write how it stands where `--finish` looks."""
    from auth_cli.login import Plan, login
    from auth_cli.oauth.request import Attempt
    from auth_cli.pending import Report

    stands = Report(email=wish.email or "", wish=asdict(wish))

    def attempted(attempt: Attempt, settled: Plan) -> None:
        nonlocal stands
        url = attempt.url(settled.client.client_id)
        stands = Report(url, wish.email or "", attempt=asdict(attempt), wish=asdict(wish))

    def told(event: str, text: str, **facts: Any) -> None:
        del text, facts
        if event == "authorize":
            stands.write(path)

    try:
        outcome = login(wish, run.environ, run.store, told, offered(), attempted)
    except WorkspaceError as error:
        ended = Report(stands.url, stands.email, said_of(error), exit_code(error), facts_of(error))
    else:
        code = _MISSING if outcome.missing else 0
        ended = Report(stands.url, outcome.email, outcome.said, code, outcome.facts)
    if path.exists() or not stands.url:
        ended.write(path)


def _finish(run: Session, given: str | None) -> None:
    from auth_cli import pending
    from auth_cli.oauth.callback import pasted

    line = sys.stdin.readline() if given == "-" else given or ""
    if given == "-" or pasted(line):
        _finish_with(run, line)
        return
    email = address(given) if given else None
    _ended(run, pending.wait(pending.newest(run.places.pending, email)))


def _finish_with(run: Session, line: str) -> None:
    """A copied address: to the process that waits for it, else straight to Google."""
    from auth_cli import pending
    from auth_cli.login import Wish, complete

    path, found, answer = pending.find(run.places.pending, line)
    if pending.deliver(found, line):
        _ended(run, pending.wait(path))
        return
    if not pending.alone(path):
        raise UsageError("Another command is finishing this sign-in.", "See: workspace-auth list")
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in found.wish.items()
    }
    wish = Wish(**known)
    _done(run, complete(wish, found.asked, answer, run.environ, run.store, run.tell, offered()))


def _ended(run: Session, found: "Report") -> None:
    """Say how a sign-in of another process ended, and leave as it would have."""
    if run.as_json:
        good = found.exit_code in {0, _MISSING}
        run.tell("signed_in" if good else "error", "", **found.facts)
    else:
        run.say(found.said)
        if not found.exit_code:
            run.answer(found.email, {})
    raise typer.Exit(found.exit_code or 0)
