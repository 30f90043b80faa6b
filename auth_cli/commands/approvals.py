"""`approve` and `allow`: the person's word, given at a terminal and nowhere else."""

import tomllib
from pathlib import Path
from typing import Annotated, Final

import typer

from auth_cli.console import Session
from auth_cli.options import AsJson, session
from workspace_mcp.errors import CredentialFileError, PolicyError, UsageError
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.policy.parking import Parked, Parking

AGENTS: Final = (
    "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CURSOR_AGENT", "CODEX_SANDBOX", "GEMINI_CLI",
    "AIDER_MODEL", "OPENCODE", "GOOSE_TERMINAL", "AGENT",
)  # fmt: skip
"""Variables that agents' shells have."""
_BRIEF: Final = 240
"""Characters of an act in the list of what waits."""
STANDING: Final = {
    "own-domain": "mail to people of the account's own organisation, unless only mail named them",
    "replies": "replies in a thread, to people who were written to before",
}


def approve(
    context: typer.Context,
    code: Annotated[
        str | None, typer.Argument(help="The code; what waits is shown without.")
    ] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no without being asked.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at an act of an agent that waits, and let it happen or not."""
    del as_json
    run = session(context)
    parking = Parking(run.places.approvals)
    if code is None:
        _listed(run, parking)
        return
    found = parking.get(code)
    if found is None:
        raise UsageError(
            f"Nothing waits under the code {code}.",
            "It was used, refused, or its day is over. What waits: workspace-auth approve",
        )
    if refuse:
        parking.refuse(found)
        run.tell("refused", "Refused.", code=found.code)
        return
    _person_only(run)
    run.say(f"{found.shown}\n")
    if (
        run.ask(
            f"Let this happen? Type the code {found.code} for yes, anything else for no:"
        ).upper()
        != found.code
    ):
        parking.refuse(found)
        run.say("Refused. Nothing happens.")
        raise typer.Exit(3)
    parking.release(found)
    run.say("Approved, once, for the next 15 minutes. Tell the agent to repeat its call.")


def _listed(run: Session, parking: Parking) -> None:
    waiting = parking.all()
    if run.as_json:
        run.answer("", [_facts(one) for one in waiting])
        return
    for one in waiting:
        state = "approved" if one.released else "waits"
        run.answer(f"{one.code}  {state}  {clean_line(_brief(one.shown))}", {})
    if not waiting:
        run.say("Nothing waits.")


def _brief(shown: str) -> str:
    """What an act is, in a line: its title, and what it does to whom."""
    head = shown.partition("\n\n")[0].splitlines()
    line = " ".join([head[0], "; ".join(head[1:])]).strip()
    return line if len(line) <= _BRIEF else f"{line[:_BRIEF]}…"


def _facts(one: Parked) -> dict[str, object]:
    return {
        "code": one.code, "tool": one.tool, "account": one.account, "shown": one.shown,
        "since": one.since, "approved": bool(one.released),
    }  # fmt: skip


def allow(
    context: typer.Context,
    what: Annotated[
        str | None, typer.Argument(help=f"One of {', '.join(STANDING)}; all are shown without.")
    ] = None,
    never: Annotated[bool, typer.Option("--no", help="Take it back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Approve a kind of act once and for all: mail to your own domain, replies."""
    from workspace_mcp.policy import file

    del as_json
    run = session(context)
    path = run.places.policy
    standing = file.read(path).standing
    if what is None:
        lines = [f"{'yes' if name.replace('-', '_') in standing else 'no ':<4} {name}: {text}"
                 for name, text in STANDING.items()]  # fmt: skip
        run.answer("\n".join(lines), {"standing": sorted(standing)})
        return
    if what not in STANDING:
        raise UsageError(f"{what!r} is not known.", f"Known: {', '.join(STANDING)}.")
    if not never:
        _person_only(run)
        if run.ask(f"From now on without being asked: {STANDING[what]}. [y/N]").lower() not in {
            "y",
            "yes",
        }:
            raise typer.Exit(3)
    _set(path, what.replace("-", "_"), on=not never)
    run.say(
        f"{what}: {'approved' if not never else 'asked about again'}. Servers see it at their next call."
    )


def _set(path: Path, name: str, *, on: bool) -> None:
    """Change one standing approval in the file, and leave the rest as it is."""
    from workspace_mcp.credentials import disk

    try:
        text = path.read_text("utf-8") if path.exists() else ""
        lines = text.splitlines()
        inside = found = False
        for number, line in enumerate(lines):
            inside = line.strip() == "[standing]" if line.strip().startswith("[") else inside
            if inside and line.split("=")[0].strip().replace("-", "_") == name:
                lines[number], found = f"{name} = {str(on).lower()}", True
        if not found and "[standing]" in (one.strip() for one in lines):
            at = next(n for n, one in enumerate(lines) if one.strip() == "[standing]")
            lines.insert(at + 1, f"{name} = {str(on).lower()}")
        elif not found:
            lines += ["", "[standing]", f"{name} = {str(on).lower()}"]
        tomllib.loads("\n".join(lines))
        disk.replace(path, ("\n".join(lines).strip() + "\n").encode())
    except OSError as error:
        raise CredentialFileError(f"{path} cannot be written ({error.strerror}).") from error


def _person_only(run: Session) -> None:
    """Nothing, when a person sits at this terminal.

    Raises:
        PolicyError: there is none, or this is an agent's shell.
    """
    agent = next((name for name in AGENTS if run.environ.get(name)), None)
    if agent is not None or not run.may_ask:
        raise PolicyError(
            "Approving is for a person at a terminal"
            + (f", and this is an agent's shell ({agent} is set)." if agent else "."),
            "Run it in a terminal window of your own.",
        )
