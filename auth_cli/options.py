"""Options that several commands share."""

import logging
from typing import Annotated

import typer

from auth_cli.console import Session


def session(context: typer.Context) -> Session:
    """The run's session."""
    found = context.find_object(Session)
    assert found is not None
    return found


def _json(context: typer.Context, value: bool) -> bool:
    if value:
        session(context).as_json = True
        logging.getLogger().addHandler(logging.NullHandler())  # stderr stays empty
    return value


def _no_input(context: typer.Context, value: bool) -> bool:
    session(context).no_input = session(context).no_input or value
    return value


def _debug(value: bool) -> bool:
    if value:
        from workspace_mcp.logs import set_up

        set_up("debug", None)
    return value


AsJson = Annotated[
    bool,
    typer.Option(
        "--json", callback=_json, is_eager=True, help="Answer in JSON, one object a line."
    ),
]
NoInput = Annotated[
    bool, typer.Option("--no-input", callback=_no_input, is_eager=True, help="Never ask.")
]
Debug = Annotated[
    bool, typer.Option("--debug", callback=_debug, is_eager=True, help="Log more to stderr.")
]
