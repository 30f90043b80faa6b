"""Requests on text and its look, applied to a Doc of the demo.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from workspace_mcp.demo.docs import lists, styles
from workspace_mcp.demo.docs.batch import Batch, Change, Given
from workspace_mcp.demo.docs.segment import Segment, bad
from workspace_mcp.demo.docs.units import Unit, code_units, text_of


def _insert_text(batch: Batch, given: Given) -> None:
    segment, at = batch.place(given)
    segment.insert(at, given.get("text", ""), batch.suggestion)


def _delete(batch: Batch, given: Given) -> None:
    segment = batch.segment(given["range"])
    start, end = segment.span(given["range"])
    if not batch.suggestion:
        segment.delete(start, end, batch.merging)
        return
    segment.copy().delete(start, end, batch.merging)
    mark = partial(replace, deleted=batch.suggestion)
    segment.edit(range(start, end), mark)


def _replace_all(batch: Batch, given: Given) -> dict[str, Any]:
    wanted = given["containsText"]
    flags = 0 if wanted.get("matchCase") else re.IGNORECASE
    pattern = wanted["text"] if wanted.get("searchByRegex") else re.escape(wanted["text"])
    chosen = set(given.get("tabsCriteria", {}).get("tabIds", ()))
    count = 0
    for tab in batch.doc.tabs.values():
        if chosen and tab.id not in chosen:
            continue
        for segment in tab.segments.values():
            count += _replace(batch, segment, re.compile(pattern, flags), given)
    return {"replaceAllText": {"occurrencesChanged": count}}


def _replace(batch: Batch, segment: Segment, pattern: re.Pattern[str], given: Given) -> int:
    text = "".join(unit.char or "\0" for unit in segment.units)
    found = [one for one in pattern.finditer(text) if "\0" not in one[0]]
    for one in reversed(found):
        style = segment.units[one.start()].style
        made = [Unit(char, style) for char in code_units(given.get("replaceText", ""))]
        segment.units[one.start() : one.end()] = made
    return len(found)


def _text_style(batch: Batch, given: Given) -> None:
    segment = batch.segment(given["range"])
    start, end = segment.span(given["range"])
    style, fields = given.get("textStyle", {}), given.get("fields", "")
    changed: dict[int, Any] = {}

    def change(unit: Unit) -> Unit:
        if not unit.inline:
            return unit
        key = id(unit.style)
        if key not in changed:
            changed[key] = (unit.style, styles.text_style(unit.style, style, fields))
        return replace(unit, style=changed[key][1])

    if not batch.suggestion:
        segment.edit(range(start, end), change)


def _paragraph_style(batch: Batch, given: Given) -> None:
    segment = batch.segment(given["range"])
    style, fields = given.get("paragraphStyle", {}), given.get("fields", "")
    for at in segment.paragraphs(*segment.span(given["range"])):
        unit = segment.units[at]
        heading = f"h.{batch.doc.number():012x}"
        after = styles.paragraph_style(unit.paragraph, style, fields, heading)
        if not batch.suggestion:
            segment.units[at] = replace(unit, paragraph=after)


def _bullets(batch: Batch, given: Given) -> None:
    if not batch.suggestion:
        tab = batch.tab(given["range"])
        fresh = f"kix.list{batch.doc.number():06d}"
        lists.bullets(tab, batch.segment(given["range"]), given, fresh)


def _no_bullets(batch: Batch, given: Given) -> None:
    if not batch.suggestion:
        lists.no_bullets(batch.segment(given["range"]), given)


def _comment(batch: Batch, given: Given) -> dict[str, Any]:
    segment = batch.segment(given["range"])
    start, end = segment.span(given["range"])
    if batch.remarks is None:
        raise bad("Comments are not available for this project.")
    quote = text_of(segment.units[start:end])
    made, anchor = batch.number("AAAA"), batch.number("kix.c")
    batch.remarks.append((made, quote, str(given.get("content", ""))))
    segment.edit(range(start, end), lambda unit: replace(unit, ranges=unit.ranges | {anchor}))
    thread = {"commentId": made, "anchorId": anchor, "plainTextQuote": quote, "status": "OPEN"}
    return {"insertComment": {"commentThread": thread}}


KINDS: Final[Mapping[str, Change]] = {
    "insertText": _insert_text,
    "insertComment": _comment,
    "deleteContentRange": _delete,
    "replaceAllText": _replace_all,
    "updateTextStyle": _text_style,
    "updateParagraphStyle": _paragraph_style,
    "createParagraphBullets": _bullets,
    "deleteParagraphBullets": _no_bullets,
}
"""Request → what it does."""
