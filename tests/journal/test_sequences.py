"""Any sequence of changes over all services, taken back, leaves what was there."""

import json
import os
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from tests.conftest import BO, ME, Model
from tests.journal import test_docs, test_sheets
from tests.services.docs.written import fill
from tests.services.sheets.made import made
from workspace_mcp.backends import DemoBackend
from workspace_mcp.demo.drive.records import DOC
from workspace_mcp.demo.world import World

pytestmark = pytest.mark.anyio

WORDS = [
    "Amber",
    "Basil",
    "cedar",
    "Delta",
    "ember",
    "100",
    "EUR",
    "fig",
    "👩🏽\u200d🚀",
    "Ångström",
    "*bold*",
    "**strong**",
]
CSS = ("font-weight:bold", "color:#f00; font-style:italic", "text-align:right", "background:#eee")


def state(world: World) -> Mapping[str, Any]:
    """All that a person sees, without the ids that a new thing gets, and without what lies in the trash."""
    box, drive = world.gmail(ME), world.drive(ME)
    names = {one.id: one.name for one in box.labels.values()}
    drafts = {box.mails[one].raw for one in box.drafts.values() if one in box.mails}
    files = [one for one in drive.store.files.values() if not one.trashed]
    alive = {one.id for one in files}
    return {
        "mail": {
            mail.raw: frozenset(names.get(one, one) for one in mail.labels)
            for mail in box.mails.values() if "DRAFT" not in mail.labels
        },
        "labels": {one.name for one in box.user_labels()},
        "filters": sorted(json.dumps(
            {key: one.get(key) for key in ("criteria", "action")}, sort_keys=True
        ) for one in box.filters.values()),
        "vacation": {k: v for k, v in box.vacation.items() if v},
        "drafts": drafts,
        "files": {
            one.id: (
                one.name, one.parent, frozenset(one.starred), one.description,
                frozenset(one.properties.items()), bool(one.restriction),
                frozenset((grant.who, grant.role) for grant in one.permissions),
                tuple(said.content for said in one.comments if not said.deleted),
            )
            for one in files
        },
        "docs": {
            key: test_docs.state(doc)
            for key, doc in world.docs(ME).documents.items() if key in alive
        },
        "sheets": {
            key: test_sheets.state(book)
            for key, book in world.sheets(ME).spreadsheets.items() if key in alive
        },
    }  # fmt: skip


async def mail(model: Model, world: World, chance: random.Random, number: int) -> None:
    """One random change in Gmail."""
    box = world.gmail(ME)
    ids = [one.id for one in box.mails.values() if "DRAFT" not in one.labels]
    some = chance.sample(ids, chance.randint(1, min(4, len(ids))))
    plain = ["archive", "star", "read", "unread", "trash", "untrash"]
    match chance.choice([*plain, "label", "filter", "vacation", "draft", "delete"]):
        case "label":
            await model.call("gmail_settings_set", what="label", values={"name": f"L{number}"})
            await model.call("gmail_modify", ids=some, add=[f"L{number}"])
        case "filter":
            values: dict[str, Any] = {"from": f"x{number}@example.com", "add": ["STARRED"]}
            await model.call("gmail_settings_set", what="filter", values=values)
        case "vacation":
            on = chance.random() < 0.7
            values = {"on": on, "subject": f"Away {number}", "body": "Back soon."}
            await model.call("gmail_settings_set", what="vacation", values=values)
        case "draft":
            made = await model.call("gmail_draft", to=[BO], subject=f"D{number}", body="x")
            draft = re.findall(r"\[(r?[0-9a-f-]+)\]", made)[0]
            if chance.random() < 0.5:
                await model.call("gmail_draft", draft_id=draft, body=f"y{number}")
        case "delete":
            await model.call("workspace_delete", kind="message", ids=some)
        case action:
            await model.call("gmail_modify", ids=some, action=action)


async def file(model: Model, world: World, chance: random.Random, number: int) -> None:
    """One random change in Drive."""
    store = world.drive(ME).store
    file = next(one for one in store.files.values() if one.name.startswith("Plan"))
    given: list[tuple[str, dict[str, Any]]] = [
        ("drive_organize", {"files": [file.id], "action": "rename", "name": f"Plan {number}"}),
        ("drive_organize", {"files": [file.id], "action": "move", "to": "/Elsewhere"}),
        ("drive_organize", {"files": [file.id], "action": chance.choice(["star", "unstar"])}),
        ("drive_organize", {"files": [file.id], "action": "describe", "description": f"d{number}"}),
        ("drive_share", {"file": file.id, "action": "grant", "who": [BO], "role": "writer"}),
        ("drive_upload", {"content": "x", "name": f"a{number}.txt"}),
        ("workspace_delete", {"kind": "file", "ids": [file.id]}),
        ("comment", {"file": file.id, "action": "add", "text": f"c{number}"}),
    ]  # fmt: skip
    tool, arguments = chance.choice(given)
    await model.result(tool, **arguments)


def words(chance: random.Random) -> str:
    """Some words."""
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))


def markdown(chance: random.Random) -> str:
    """Paragraphs, lists and tables."""
    kinds = {
        "p": lambda: words(chance),
        "h": lambda: f"{'#' * chance.randint(1, 3)} {words(chance)}",
        "ul": lambda: "\n".join(
            f"{'  ' * (n % 2)}- {words(chance)}" for n in range(chance.randint(1, 4))
        ),
        "ol": lambda: "\n".join(f"{n + 1}. {words(chance)}" for n in range(chance.randint(1, 3))),
        "t": lambda: f"| {words(chance)} | b |\n| --- | --- |\n| {words(chance)} | 2 |",
    }
    chosen = chance.choices(list(kinds), k=chance.randint(1, 3))
    return "\n\n".join(kinds[one]() for one in chosen)


async def text(model: Model, world: World, chance: random.Random, number: int) -> None:
    """One random change of a document; one that does not fit is refused and changes nothing."""
    if chance.random() < 0.1:
        await model.call("docs_create", title=f"New {number}", markdown=markdown(chance))
        return
    doc = world.docs(ME).documents["1contract"]
    lines = [one for one in doc.text().split("\n") if one.strip() and len(one) > 1]
    line = chance.choice(lines) if lines else ""
    part = chance.choice(line.split() or [""])
    heading = {"heading": chance.choice(["Fees", "End", "Contract"])}
    edits: list[dict[str, Any]] = [
        {"old": part, "new": words(chance), "nth": 1},
        {"old": line, "new": markdown(chance), "nth": 1},
        {"old": part, "new": "", "nth": 1},
        {"new": markdown(chance)},
        {"after": line, "new": markdown(chance), "nth": 1},
        {"section": heading["heading"], "new": markdown(chance)},
    ]
    place: dict[str, Any] = {"text": part, "nth": 1}
    cell = {"table": 1, "row": chance.randint(1, 3), "column": chance.randint(1, 2)}
    actions: list[dict[str, Any]] = [
        {"do": "style", "css": chance.choice(CSS), **place},
        {"do": "style", "style": chance.choice(["h1", "h3", "normal"]), **heading},
        {"do": "list", "kind": chance.choice(["bullet", "number", "check"]), **place},
        {"do": "unlist", **place},
        {"do": "table", "rows": [["a", words(chance)], ["c", "d"]], **place},
        {"do": "cell", "value": words(chance), **cell},
        {"do": "add_rows", "rows": [["x", "y"]], "table": 1, "row": cell["row"]},
        {"do": "delete_rows", "table": 1, "row": cell["row"]},
        {"do": "add_columns", "table": 1, "column": cell["column"], "count": 1},
        {"do": "delete_columns", "table": 1, "column": cell["column"]},
        {"do": "cell_style", "css": "background:#eee", **cell},
        {"do": "person", "value": BO, **place},
        {"do": "name", "value": f"n{number}", **place},
        {"do": "rename_tab", "value": f"Tab {number}"},
        {"do": "image", "value": "https://example.com/a.png", **place},
        {"do": "page_break", **place},
    ]
    if chance.random() < 0.5:
        await model.result("docs_edit", doc=doc.id, edits=[chance.choice(edits)])
    else:
        await model.result("docs_format", doc=doc.id, actions=[chance.choice(actions)])


async def cells(model: Model, world: World, chance: random.Random, number: int) -> None:
    """One random change of a spreadsheet; one that does not fit is refused and changes nothing."""
    book = world.sheets(ME).spreadsheets["1b"]
    tab = chance.choice(book.tabs).title
    row, height = chance.randint(1, 5), chance.randint(1, 3)
    lines = f"'{tab}'!{row}:{row + height - 1}"
    left = chance.choice("ABCD")
    area = f"'{tab}'!{left}{row}:{chr(ord(left) + chance.randint(0, 2))}{row + height}"
    rows = [[words(chance), number, "=1+1", None][: chance.randint(1, 4)] for _ in range(height)]
    writes: list[dict[str, Any]] = [
        {"range": f"'{tab}'!{left}{row}", "rows": rows, "formulas": True},
        {"range": f"'{tab}'!A1", "mode": "append", "rows": rows},
        {"range": area, "mode": "clear"},
        {"range": lines, "mode": "insert"},
        {"range": lines, "mode": "delete"},
        {"range": f"'{tab}'!{left}:{left}", "mode": chance.choice(["insert", "delete"])},
        {"range": lines, "mode": "move", "to": f"'{tab}'!{row + height + 2}:{row + height + 2}"},
    ]
    looks: list[dict[str, Any]] = [
        {"do": "style", "range": area, "css": chance.choice(CSS)},
        {"do": "borders", "range": area, "value": "outer"},
        {"do": "merge", "range": area},
        {"do": "unmerge", "range": area},
        {"do": "conditional", "range": area, "value": "> 100", "css": "color:#f00"},
        {"do": "validate", "range": area, "kind": "checkbox"},
        {"do": "size", "range": lines, "value": "40"},
        {"do": "note", "range": f"'{tab}'!{left}{row}", "value": f"n{number}"},
        {"do": "clear", "range": area},
    ]
    structure: list[dict[str, Any]] = [
        {"do": "add_tab", "value": f"T{number}"},
        {"do": "copy_tab", "tab": tab, "value": f"C{number}"},
        {"do": "delete_tab", "tab": tab},
        {"do": "rename_tab", "tab": tab, "value": f"R{number}"},
        {"do": "move_tab", "tab": tab, "index": chance.randint(1, len(book.tabs))},
        {"do": "name", "range": area, "value": f"name{number}"},
        {"do": "sort", "range": area, "columns": [f"{left} desc"]},
        {"do": "cut", "range": area, "to": f"'{tab}'!H9"},
        {"do": "filter", "range": area},
        {"do": "chart", "range": area, "kind": "bar", "value": "Sums"},
        {"do": "protect", "range": area, "value": f"p{number}"},
    ]
    match chance.randint(1, 3):
        case 1:
            given = chance.choice(writes)
            over = {} if given.get("mode") in {"insert", "delete", "move"} else {"overwrite": True}
            await model.result("sheets_write", sheet=book.id, **given, **over)
        case 2:
            await model.result("sheets_format", sheet=book.id, actions=[chance.choice(looks)])
        case _:
            actions = [chance.choice(structure)]
            await model.result("sheets_structure", sheet=book.id, actions=actions, overwrite=True)


Change = Callable[[Model, World, random.Random, int], Awaitable[None]]
CHANGES: Mapping[str, Change] = {"mail": mail, "file": file, "text": text, "cells": cells}


async def begun(model: Model, world: World) -> None:
    """A little of everything."""
    del model
    world.people.append({"email": BO, "name": "Bo Berg"})
    box, drive, docs = world.gmail(ME), world.drive(ME), world.docs(ME)
    for number in range(6):
        labels = ("INBOX", "STARRED") if number % 2 else ("INBOX",)
        box.deliver(f"a{number}@example.com", f"Mail {number}", labels=labels)
    drive.folder("Elsewhere")
    drive.add("Plan", DOC, content="x")
    fill(docs, docs.add(ME, "Contract", "1contract"), test_docs.TEXT)
    book = made(world.sheets(ME))
    world.sheets(ME).fill(book, "Notes!C1", [["=Data!B2", "=SUM(Data!B2:B4)"]])


@pytest.mark.parametrize("seed", range(50))
async def test_any_sequence_of_changes_taken_back_leaves_what_was_there(
    model: Model, world: World, backend: DemoBackend, seed: int
) -> None:
    """A hundred sequences: fifty in each era of the protocol. UNDO_LENGTH: how long one may be.

    UNDO_ONLY: changes of one kind. What cannot be taken back ends a sequence and must say why.
    """
    chance = random.Random(seed)
    await begun(model, world)
    wanted = chance.randint(2, int(os.environ.get("UNDO_LENGTH", "6")))
    kinds = os.environ.get("UNDO_ONLY", "mail file text cells").split()
    states: list[Mapping[str, Any] | None] = [state(world)]
    undoable: list[str] = []
    number = 0
    while len(undoable) < wanted and number < 8 * wanted:
        number += 1
        known = len(list(backend.journal.newest_first()))
        await CHANGES[chance.choice(kinds)](model, world, chance, number)
        entries = list(backend.journal.newest_first())
        for one in reversed(entries[: len(entries) - known]):
            if one.lost:
                states, undoable = [], []
            else:
                undoable.append(one.id)
        if (new := len(undoable) + 1 - len(states)) > 0:
            states += [
                *[None] * (new - 1),
                state(world),
            ]  # several entries: nobody saw between them
    assert undoable

    for before, one in zip(reversed(states[:-1]), reversed(undoable), strict=True):
        await model.call("workspace_undo", id=one)
        assert before is None or state(world) == before
