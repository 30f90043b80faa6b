"""`workspace-mcp tools`: the table of tools, for a person or (`--json`) for a program."""

import json

from workspace_mcp.registry import ALWAYS, Entry, catalogue, refusal
from workspace_mcp.scopes import SERVICES
from workspace_mcp.settings import TIERS, Settings

EFFECTS = {"R": "reads", "W": "changes", "X": "reaches others", "D": "deletes"}


def summary(entry: Entry) -> str:
    """The first sentence of a tool's description."""
    return entry.listing["description"].partition(". ")[0].rstrip(".") + "."


def rows(settings: Settings) -> list[dict[str, str | bool]]:
    """Every tool: name, service, tier, effect, whether it is offered and why not, summary."""
    tiers = {number: name for name, number in TIERS.items()}
    return [
        {
            "name": entry.name,
            "service": entry.service,
            "tier": tiers[entry.tier],
            "effect": EFFECTS[entry.effect],
            "offered": not refusal(entry, settings),
            "reason": refusal(entry, settings),
            "summary": summary(entry),
        }
        for entry in catalogue()
    ]


def table(settings: Settings) -> str:
    """The rows as lines, then the services that have no tool yet."""
    found = rows(settings)
    name, tier, effect = (
        max(len(str(row[key])) for row in found) for key in ("name", "tier", "effect")
    )
    lines = [
        f"{'*' if row['offered'] else ' '} {row['name']:{name}}  {row['tier']:{tier}}  "
        f"{row['effect']:{effect}}  {row['summary']}"
        for row in found
    ]
    offered = sum(bool(row["offered"]) for row in found)
    lines += ["", f"* offered with these flags: {offered} of {len(found)} tools."]
    here = {row["service"] for row in found}
    if coming := [service for service in SERVICES if service not in here]:
        lines.append(f"Accepted by --tools, but without tools yet: {' '.join(coming)}.")
    return "\n".join(lines)


def output(settings: Settings, *, as_json: bool) -> str:
    """The table, or the same facts as JSON."""
    if not as_json:
        return table(settings)
    facts = {"tools": rows(settings), "always": ALWAYS, "services": SERVICES}
    return json.dumps(facts, indent=1)


def markdown(settings: Settings) -> str:
    """The rows as a table for the README."""
    lines = ["| Tool | Tier | Effect | What it does |", "|---|---|---|---|"]
    lines += [
        f"| `{row['name']}` | {row['tier']} | {row['effect']} | {row['summary']} |"
        for row in rows(settings)
    ]
    return "\n".join(lines)
