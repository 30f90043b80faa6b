"""An entry as before → after, from what the journal itself kept. No I/O.

What a change left is kept in short alone, so an "after" may be cut, or "" where it is not known.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.formats import a1
from workspace_mcp.formats.clean import clean_line
from workspace_mcp.journal.entry import Entry, Step
from workspace_mcp.journal.inverses.document.model import block_of

Json = Mapping[str, Any]
LONGEST: Final = 200
"""Characters of a text that are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was changed; texts are cleaned, on one line."""

    where: str
    before: str
    after: str

    def text(self) -> str:
        """Like `B3: 7 → 12`."""
        where = f"{self.where}: " if self.where else ""
        after = f" → {self.after}" if self.after else ""
        return f"{where}{self.before or '(nothing)'}{after}"


def told(entry: Entry) -> list[Line]:
    """Everything that taking the entry back would bring, in the order in which it was changed."""
    found = [line for step in reversed(entry.back) for line in _step(step)]
    return [Line(_short(one.where), _short(one.before), _short(one.after)) for one in found]


def _step(step: Step) -> Iterator[Line]:
    body = step.body or {}
    name = step.url.partition("?")[0].rpartition("/")[2]
    match step.way:
        case "docs":
            yield from _document(body)
        case "sheets":
            yield from _cells(body)
        case "version":
            yield Line(
                "content", f"version {body.get('revision', '')}", f"version {body.get('left', '')}"
            )
        case _ if name == "batchModify":
            yield _labels(body)
        case _ if step.method == "DELETE" or body == {"trashed": True}:
            yield Line("", "(nothing)", f"{name} made")
        case _ if step.method == "POST":
            yield Line("", _value(body), "(deleted)")
        case _:
            for key, value in body.items():
                yield Line(key, _value(value), _value(step.expect.get(key)))
            for key, value in step.query:
                if key == "addParents":
                    yield Line("folder", value, dict(step.query).get("removeParents", ""))


def _labels(body: Json) -> Line:
    ids: Sequence[str] = body.get("ids", ())
    had = [*(f"with {one}" for one in body.get("addLabelIds", ())),
           *(f"without {one}" for one in body.get("removeLabelIds", ()))]  # fmt: skip
    has = [*(f"without {one}" for one in body.get("addLabelIds", ())),
           *(f"with {one}" for one in body.get("removeLabelIds", ()))]  # fmt: skip
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return Line(f"{', '.join(ids[:3])}{more}", ", ".join(had), ", ".join(has))


def _cells(body: Json) -> Iterator[Line]:
    left: Sequence[str] = body.get("left", ())
    for number, (_, row, column, cell) in enumerate(body.get("cells", ())):
        after = left[number] if number < len(left) else ""
        yield Line(a1.cell(row, column), cell_text(cell), after)
    for request in body.get("structure", ()):
        yield Line("", f"{next(iter(request))} takes it back", "")
    for _, kind, key, old, _ in body.get("objects", ()):
        yield Line(f"{kind} {key}".strip(), _value(old), "")


def cell_text(cell: Json) -> str:
    """What was typed into a cell, in short; its look alone as "(look)"."""
    value = next(iter(cell.get("userEnteredValue", {}).values()), None)
    if value is None:
        return "(look)" if cell else "(empty)"
    return _value(value)


def _document(body: Json) -> Iterator[Line]:
    for tab in body.get("tabs", {}).values():
        for name in ("title", "emoji"):
            if name in tab:
                yield Line(f"tab's {name}", *tab[name])
        for key, (old, new) in tab.get("style", {}).items():
            yield Line(key, _value(old), _value(new))
        for segment in tab.get("segments", {}).values():
            left: Sequence[str] = segment.get("left", ())
            for number, (_, _, blocks) in enumerate(segment.get("parts", ())):
                before = " ¶ ".join(block_of(one).text.strip() for one in blocks)
                yield Line("", before, left[number] if number < len(left) else "")


def _value(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
