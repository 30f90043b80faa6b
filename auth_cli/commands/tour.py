"""`workspace-auth try`."""

from pathlib import Path
from typing import Annotated

import typer

from auth_cli.console import say, show


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
    from auth_cli.tour import call, server_flags, tour

    flags = server_flags(demo=demo, scenario=scenario, account=account, read_only=read_only)
    if tool is None:
        good = tour(flags, show, say)
    else:
        text, failed = call(flags, tool, arguments or [], as_json=as_json)
        good = not failed
        (show if good or as_json else say)(text)
    if not good:
        raise typer.Exit(1)
