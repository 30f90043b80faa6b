"""`doctor` and `explain`."""

from typing import Annotated

import typer

from auth_cli.options import AsJson, Debug, NoInput, session
from workspace_mcp.errors import UsageError


def doctor(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Ask Google as well.")] = False,
    as_json: AsJson = False,
    no_input: NoInput = False,
    debug: Debug = False,
) -> None:
    """Look at everything that goes wrong in practice. Nothing is changed; nothing secret is shown."""
    from auth_cli.doctor import around, here
    from auth_cli.doctor.finding import Finding

    del as_json, no_input, debug
    run = session(context)
    found: list[Finding] = []

    def tell(finding: Finding) -> None:
        found.append(finding)
        run.answer(finding.text, finding.facts)

    for finding in (*here.look(run), *around.look(run)):
        tell(finding)
    if online:
        from auth_cli.doctor import online as asked

        for finding in asked.look(run):
            tell(finding)
    elif not any(one.state == "error" for one in found):
        run.say("Google was not asked. To ask it: workspace-auth doctor --online")
    codes = [one.code for one in found if one.state == "error"]
    if codes:
        raise typer.Exit(codes[0])


def explain(
    context: typer.Context,
    code: Annotated[
        list[str], typer.Argument(help="A code, an exit code, or a sentence of Google's page.")
    ],
    as_json: AsJson = False,
) -> None:
    """What an error of Google's page, of a log or of ours means, and what mends it."""
    from auth_cli.exits import CODES, MEANINGS
    from auth_cli.explain import TABLE, alike, explanation

    del as_json
    run = session(context)
    text = " ".join(code)
    if text.isdigit() and int(text) in MEANINGS:
        number = int(text)
        kinds = [one for one in TABLE if CODES.get(one.kind) == number]
        lines = [f"Exit code {number}: {MEANINGS[number]}."]
        lines += [f"  {one.code}: {one.cause}" for one in kinds if number]
        run.answer(
            "\n".join(lines),
            {
                "exit_code": number,
                "meaning": MEANINGS[number],
                "codes": [one.code for one in kinds],
            },
        )
        return
    found = explanation(text)
    if found is None:
        near = alike(text)
        raise UsageError(
            f"{text!r} is not known.",
            f"Near: {', '.join(near)}."
            if near
            else f"Known: {', '.join(one.code for one in TABLE)}.",
        )
    run.answer(
        f"{found.code}\n{found.cause}\n\n{found.fix}",
        {
            "code": found.code,
            "cause": found.cause,
            "fix": found.fix,
            "exit_code": CODES.get(found.kind, 1),
        },
    )
