"""Calls of a tool, made from its schema and the ids of a Workspace.

What a schema does not say stands in `SHAPES`, by the parameter's name; calls of tools that want one of
several arguments, in `STARTS`. A test says which tool needs a line there: all of whose calls failed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workspace_mcp.demo.world import World
from workspace_mcp.registry import Entry

Arguments = dict[str, Any]
_IDS: Final = 45
_VARIED: Final = 2
SHAPES: Final[Mapping[str, Sequence[Any]]] = {
    "sql": ["select * from d", "select * from none"],
    "ranges": [["A1:C5"], ["d=A1:C5"], ["None!A1"]],
    "range": ["A1:B2", "Z90", "1:2"],
    "rows": [[["a", "b"]], ["a"]],
    "csv": ["a,b\n1,2"],
    "values": [{"name": "x"}, {"from": "x@example.com", "add": ["STARRED"]}, {"signature": "s"}],
    "who": [["bo@northlight.example"], ["x@evil.example"]],
    "to": [["bo@northlight.example"], "root", "A1"],
    "since": ["1", "2020-01-01"],
    "query": ["in:anywhere", "report"],
    "text": ["Thanks", "the"],
    "old": ["the", "nowhere"],
    "css": ["font-weight:bold"],
    "columns": [["A"], ["none"]],
    "content": ["Words."],
    "name": ["Other name"],
    "body": ["Thanks."],
    "subject": ["Hello"],
}  # fmt: skip
"""Values by a parameter's name: what stands for nothing in particular, and often fits."""


BO: Final = "bo@northlight.example"
STARTS: Final[Mapping[str, Sequence[Arguments]]] = {
    "gmail_modify": [
        {"ids": ["ID"], "action": "star"}, {"query": "in:anywhere", "action": "archive", "dry_run": True},
    ],
    "gmail_draft": [{"reply_to": "ID", "body": "x"}, {"forward": "ID", "to": [BO]}],
    "gmail_send": [{"reply_to": "ID", "body": "x"}, {"forward": "ID", "to": [BO]}, {"draft_id": "ID"}],
    "drive_organize": [
        {"action": "describe", "files": ["ID"], "description": "d"}, {"action": "copy", "files": ["ID"]},
        {"action": "move", "files": ["ID"], "to": "root", "dry_run": True},
        {"action": "rename", "files": ["ID"], "name": "x"}, {"action": "shortcut", "files": ["ID"]},
        {"action": "star", "files": ["ID"]}, {"action": "move", "files": ["ID"], "to": "/New/Newer"},
    ],
    "drive_share": [
        {"file": "ID", "action": "link", "role": "reader"}, {"file": "ID", "action": "link", "role": "off"},
        {"file": "ID", "action": "grant", "who": [BO], "role": "commenter"},
        {"file": "ID", "action": "revoke", "who": [BO]},
        {"file": "ID", "action": "transfer", "who": [BO], "dry_run": True},
    ],
    "drive_upload": [{"content": "x", "name": "y"}, {"replace": "ID", "content": "x"}],
    "comment": [{"file": "ID", "action": "add", "text": "x"}],
    "sheets_query": [{"sheet": "ID", "sql": "select * from d", "ranges": ["d=A1:C5"]}],
    "sheets_write": [
        {"sheet": "ID", "range": "A1:B2", "rows": [["a", "b"]]}, {"sheet": "ID", "range": "A1", "mode": "clear"},
        {"sheet": "ID", "range": "A1:B2", "rows": [["a", "b"]], "overwrite": True},
        {"sheet": "ID", "range": "1:2", "mode": "delete", "overwrite": True},
        {"sheet": "ID", "range": "A1", "mode": "append", "csv": "a,b\n1,2"},
        {"sheet": "ID", "range": "A1:C9", "mode": "upsert", "key": "A", "rows": [["A"], ["b"]]},
    ],
}  # fmt: skip
"""ID stands for each thing that there is."""


def ids(world: World) -> list[str]:
    """One id or two of each kind of thing that the main account sees."""
    me = world.accounts()[0]
    box = world.gmail(me)
    mails = sorted(box.mails.values(), key=lambda one: len(one.message.get_payload()))
    seen = {
        "aside" if one.labels & {"DRAFT", "SPAM", "TRASH"} else one.header("From"): one
        for one in mails
    }
    plain = [one for one in world.files.files.values() if not one.root]
    fullest = sorted(plain, key=lambda one: (len(one.comments), len(one.id)))
    files = {f"{one.mime}{one.drive[:1]}": one for one in fullest}
    comments = [note.id for one in world.files.files.values() for note in one.comments]
    found = [
        *(one.id for one in list(seen.values())[:14]),
        *list(box.drafts)[:1],
        *(one.id for one in list(box.user_labels())[:1]),
        *list(box.filters)[:1],
        *(one.id for one in files.values()),
        *(one.id for one in plain if one.id.startswith("1north")),
        *list(world.files.drives)[:1],
        *comments[:3],
    ]
    return list(dict.fromkeys(found))[:_IDS]


def first(entry: Entry, one: str) -> list[Arguments]:
    """Calls with what the tool needs, about one thing; the simplest first."""
    schema = entry.listing["inputSchema"]
    rules: Mapping[str, Any] = schema["properties"]
    starts = [_about(given, one) for given in STARTS.get(entry.name, ())]
    shapes = {name: shaped(name, rules[name], one) for name in schema.get("required", ())}
    most = max(map(len, shapes.values()), default=1)
    return starts + [
        {name: found[min(number, len(found) - 1)] for name, found in shapes.items()}
        for number in range(most)
    ]


def _about(given: Arguments, one: str) -> Arguments:
    swapped = {"ID": one}
    return {
        name: [swapped.get(str(each), each) for each in value]
        if isinstance(value, list)
        else swapped.get(str(value), value)
        for name, value in given.items()
    }


def varied(entry: Entry, base: Arguments, known: Sequence[str]) -> Iterator[Arguments]:
    """`base` with one more argument, or one changed; each value of those that have few."""
    rules: Mapping[str, Any] = entry.listing["inputSchema"]["properties"]
    few = known[:_VARIED] if base else known
    for name, rule in rules.items():
        for one in few if rule["type"] in {"string", "array"} else known[:1]:
            for value in shaped(name, rule, one):
                if base.get(name) != value:
                    yield {**base, name: value}


def shaped(name: str, rule: Mapping[str, Any], one: str) -> list[Any]:
    """Values for a parameter; `one` where it may be an id."""
    fitting = [value for value in SHAPES.get(name, ()) if _is(value, rule)]
    if "enum" in rule:
        return list(rule["enum"])
    match rule.get("type"):
        case "string":
            return [*fitting, one]
        case "array" if rule["items"].get("type") == "string":
            return [*fitting, [one]]
        case "array" if rule["items"].get("type") == "object":
            return [[each] for each in _objects(rule["items"], one)]
        case "boolean":
            return [True]
        case "integer":
            return [max(rule.get("minimum", 1), min(2_000, rule.get("maximum", 2_000)))]
        case _:
            return [*fitting, {}]


def _objects(rule: Mapping[str, Any], one: str) -> list[Arguments]:
    """Objects of a schema: for each value of what they must have, alone and with one or two more."""
    rules: Mapping[str, Any] = rule.get("properties", {})
    needed = [name for name in rules if name in rule.get("required", ())]
    values = {name: shaped(name, each, one) for name, each in rules.items()}
    bases: list[Arguments] = [{}]
    for name in needed:
        picked = values[name] if "enum" in rules[name] else values[name][:2]
        bases = [{**base, name: value} for base in bases for value in picked]
    others = [name for name in rules if name not in needed]
    found = list(bases)
    for base in bases:
        found += [{**base, name: value} for name in others for value in values[name][:2]]
        found += [
            {**base, name: values[name][0], other: values[other][0]}
            for at, name in enumerate(others[:6])
            for other in others[at + 1 : 6]
        ]
    return found


def _is(value: Any, rule: Mapping[str, Any]) -> bool:
    kinds = {"string": str, "array": list, "object": dict}
    if not isinstance(value, kinds.get(rule.get("type", ""), type(None))):
        return False
    return not isinstance(value, list) or _item(value[0], rule.get("items", {}))


def _item(value: Any, rule: Mapping[str, Any]) -> bool:
    kinds = {"string": str, "array": list, "object": dict}
    return "type" not in rule or isinstance(value, kinds.get(rule["type"], type(None)))
