"""What a change did to a document, as the journal keeps it; and the way back from what it is now. No I/O.

Kept are the blocks that were there before, and short marks of all that the change left. So a change is
taken back in its place also when somebody wrote elsewhere in the document since.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workspace_mcp.errors import ConflictError
from workspace_mcp.journal.inverses.document.aligned import codes
from workspace_mcp.journal.inverses.document.model import (
    Block,
    Document,
    Json,
    Tab,
    block_of,
    digest,
)
from workspace_mcp.journal.inverses.document.writer import NoWayError, Request, Writer
from workspace_mcp.journal.rule import EARLIER_LOOK, Worked

_SHOWN: Final = 20
_AROUND: Final = 50
"""Blocks beside what was changed by which its place is found again."""
_LEFT: Final = 200
"""Characters of what a change left that are kept for a reader."""
_AFTER: Final = (
    "The document was changed again in the same place since then, so nothing was taken back."
)
_NEWER: Final = "workspace_history shows newer changes: take those back first."


def kept(before: Document, after: Document) -> Json:
    """What is needed to make `before` of `after`; {} when they are the same.

    Raises:
        NoWayError: a part of it cannot be brought back.
    """
    if gone := before.tabs.keys() - after.tabs.keys():
        raise NoWayError("a tab" if len(gone) == 1 else "tabs")
    tabs = {
        key: found
        for key, tab in after.tabs.items()
        if (found := _tab(before.tabs[key], tab) if key in before.tabs else {"made": True})
    }
    return {"tabs": tabs} if tabs else {}


def _tab(before: Tab, after: Tab) -> Json:
    found: dict[str, Any] = {}
    segments: dict[str, Any] = {}
    for key in before.segments.keys() | after.segments.keys():
        kind = after.kinds.get(key) or before.kinds[key]
        if key not in after.segments:
            raise NoWayError(f"a {kind}")
        if key in before.segments:
            if parts := _parts(before.segments[key], after.segments[key]):
                segments[key] = parts
        elif kind != "footnote":  # a footnote goes with its mark in the text
            segments[key] = {"made": kind}
    found |= {"segments": segments} if segments else {}
    for name in ("title", "emoji"):
        if getattr(before, name) != getattr(after, name):
            found[name] = [getattr(before, name), getattr(after, name)]
    style = {
        key: [before.style.get(key), after.style.get(key)]
        for key in before.style.keys() | after.style.keys()
        if before.style.get(key) != after.style.get(key) and not key.endswith("Id")
    }
    found |= {"style": style} if style else {}
    made = [[key, one["name"]] for key, one in after.names.items() if key not in before.names]
    lost = [one for key, one in before.names.items() if key not in after.names]
    return found | ({"named": made} if made else {}) | ({"unnamed": lost} if lost else {})


def _parts(before: Sequence[Block], after: Sequence[Block]) -> Json:
    """`marks` of the blocks around it from the index `at` on, of `of` blocks in all after it; `parts`: which
    of them stand for which of before; `left`: their text."""
    marks, old = [digest(one) for one in after], [digest(one) for one in before]
    parts = [
        (i1, i2, [one.json() for one in before[j1:j2]])
        for kind, i1, i2, j1, j2 in codes(marks, old)
        if kind != "equal"
    ]
    if not parts:
        return {}
    left = [
        " ¶ ".join(one.text.strip() for one in after[i1:i2])[:_LEFT] for i1, i2, _ in parts[:_SHOWN]
    ]
    start, end = max(parts[0][0] - _AROUND, 0), min(parts[-1][1] + _AROUND, len(marks))
    near = [(i1 - start, i2 - start, old) for i1, i2, old in parts]
    return {"marks": marks[start:end], "at": start, "of": len(marks), "parts": near, "left": left}


def worked(found: Json, now: Document) -> Worked:
    """The requests that take a change back, from what the document is now.

    Raises:
        ConflictError: what the change left is not there any more.
        NoWayError: it cannot be brought back.
    """
    requests: list[Request] = []
    shown: list[tuple[str, str]] = []
    last: list[Request] = []
    for key, change in found.get("tabs", {}).items():
        tab = now.tabs.get(key)
        if tab is None:
            raise ConflictError(_AFTER, _NEWER)
        if change.get("made"):
            last.append({"deleteTab": {"tabId": key}})
            continue
        last += _names(change, tab)  # before the text, whose indices they are
        for segment, parts in change.get("segments", {}).items():
            made, told = _segment(tab, segment, parts)
            requests += made
            shown += told
        requests += _properties(change, tab)
    body: Json | None = {
        "requests": [*requests, *last],
        "writeControl": {"requiredRevisionId": now.revision},
    }
    return Worked(body if requests or last else None, shown[:_SHOWN])


def _segment(tab: Tab, key: str, change: Json) -> tuple[list[Request], list[tuple[str, str]]]:
    if key not in tab.segments:
        raise ConflictError(_AFTER, _NEWER)
    if kind := change.get("made"):
        return [{f"delete{kind.title()}": {f"{kind}Id": key, "tabId": tab.id}}], []
    blocks = tab.segments[key]
    places = list(_places(change, [digest(one) for one in blocks]))
    writer = Writer(tab.id, key)
    shown: list[tuple[str, str]] = []
    for (start, end), (_, _, old) in reversed(list(zip(places, change["parts"], strict=True))):
        have, want = blocks[start:end], [block_of(one) for one in old]
        before = blocks[start - 1] if start else None
        writer.blocks(have, want, before, blocks[end] if end < len(blocks) else None)
        now, then = _text(have), _text(want)
        shown.insert(0, (now, then if then != now else EARLIER_LOOK))
    return writer.done(), shown


def _text(blocks: Sequence[Block]) -> str:
    return "\n".join(one.text.rstrip("\n") for one in blocks)


def _places(change: Json, now: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where what the change left stands now.

    Raises:
        ConflictError: it, or what stood beside it, is not there any more, or stands at several places.
    """
    marks = change["marks"]
    same = _same(change, now)
    for start, end, _ in change["parts"]:
        left, right = max(start - 1, 0), min(end + 1, len(marks))
        for i1, i2, by in same:
            if i1 <= left and right <= i2:
                yield start + by, end + by
                break
        else:
            raise ConflictError(_AFTER, _NEWER)


def _same(change: Json, now: Sequence[str]) -> list[tuple[int, int, int]]:
    """Runs of marks that stand in the document still: from, to, and by how much they moved."""
    marks, at = change["marks"], change.get("at", 0)
    whole = len(marks) == change.get("of", len(marks))
    if not whole:
        size = len(marks)
        if len(now) == change["of"] and now[at : at + size] == marks:
            return [(0, size, at)]
        found = [n for n in range(len(now) - size + 1) if now[n : n + size] == marks]
        if found:
            return [(0, size, found[0])] if len(found) == 1 else []
    same = [(i1, i2, j1 - i1) for kind, i1, i2, j1, _ in codes(marks, now) if kind == "equal"]
    return same if whole else [one for one in same if _once(marks[one[0] : one[1]], now)]


def _once(marks: Sequence[str], now: Sequence[str]) -> bool:
    """Whether a run stands at one place alone."""
    size = len(marks)
    return sum(now[n : n + size] == marks for n in range(len(now) - size + 1)) == 1


def _properties(change: Json, tab: Tab) -> Iterator[Request]:
    fields = [name for name in ("title", "emoji") if name in change]
    if fields:
        if any(getattr(tab, name) != change[name][1] for name in fields):
            raise ConflictError(_AFTER, _NEWER)
        names = {"title": "title", "emoji": "iconEmoji"}
        given = {names[one]: change[one][0] for one in fields}
        yield {
            "updateDocumentTabProperties": {
                "tabProperties": {"tabId": tab.id, **given}, "fields": ",".join(given),
            }
        }  # fmt: skip
    style: Mapping[str, Any] = change.get("style", {})
    if style:
        if any(tab.style.get(key) != one[1] for key, one in style.items()):
            raise ConflictError(_AFTER, _NEWER)
        old = {key: one[0] for key, one in style.items() if one[0] is not None}
        yield {
            "updateDocumentStyle": {
                "documentStyle": old, "fields": ",".join(sorted(style)), "tabId": tab.id,
            }
        }  # fmt: skip


def _names(change: Json, tab: Tab) -> Iterator[Request]:
    for key, name in change.get("named", ()):
        same = [one for one, held in tab.names.items() if held["name"] == name]
        if key not in tab.names and len(same) != 1:
            raise ConflictError(_AFTER, _NEWER)
        yield {"deleteNamedRange": {"namedRangeId": key if key in tab.names else same[0]}}
    for one in change.get("unnamed", ()):
        for span in one["ranges"]:
            held = tab.segments.get(span.get("segmentId", ""), ())
            if not held or span.get("endIndex", 0) > held[-1].end:
                raise ConflictError(_AFTER, _NEWER)
            place = {**span, "tabId": tab.id}
            yield {"createNamedRange": {"name": one["name"], "range": place}}
