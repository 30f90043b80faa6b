"""Requests for what is no text, applied to a Doc of the demo: pictures, breaks, chips, footnotes, edges.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from workspace_mcp.demo.docs.batch import Batch, Change, Given
from workspace_mcp.demo.docs.segment import Segment, bad
from workspace_mcp.demo.docs.units import Unit

KEPT: Final = "https://lh3.googleusercontent.com/docsz/"
"""Where the demo's Docs keep their pictures."""
_UNFETCHED: Final = (
    "There was a problem retrieving the image. The provided image should be publicly accessible, "
    "within size limit, and in supported formats."
)


def _in_table(segment: Segment, at: int) -> bool:
    marks = [unit.kind for unit in segment.units[:at]]
    return marks.count("table") > marks.count("end")


def _image(batch: Batch, given: Given) -> dict[str, Any]:
    segment, at = batch.place(given)
    if segment.kind == "footnote":
        raise bad("Inline images cannot be inserted inside a footnote.")
    uri = str(given.get("uri", ""))
    if not re.match(r"https?://", uri) or len(uri) > 2048:
        raise bad(_UNFETCHED)
    if KEPT in uri and uri not in batch.kept:
        raise bad(_UNFETCHED)
    key = batch.number("kix.img")
    size = given.get("objectSize", {})
    default = {"magnitude": 240, "unit": "PT"}
    whole = {"width": size.get("width", default), "height": size.get("height", default)}
    where = given.get("location") or given.get("endOfSegmentLocation") or {}
    segment.put(at, Unit(kind="image", value={"inlineObjectId": key}))
    batch.tab(where).objects[key] = {
        "objectId": key,
        "inlineObjectProperties": {
            "embeddedObject": {
                "imageProperties": {
                    "contentUri": f"{KEPT}{key}",
                    "sourceUri": uri,
                },
                "size": whole,
            }
        },
    }
    return {"insertInlineImage": {"objectId": key}}


def _page_break(batch: Batch, given: Given) -> None:
    segment, at = batch.place(given)
    segment.insertable(at)
    if segment.kind != "body" or _in_table(segment, at):
        raise bad("Page breaks cannot be inserted inside a table, header, footer or footnote.")
    segment.insert(at, "\n")
    segment.put(at, Unit(kind="page"))


def _section_break(batch: Batch, given: Given) -> None:
    segment, at = batch.place(given)
    segment.insertable(at)
    if segment.kind != "body" or _in_table(segment, at):
        raise bad("Section breaks cannot be inserted inside a table, header, footer or footnote.")
    segment.insert(at, "\n")
    value = {"sectionStyle": {"sectionType": given.get("sectionType", "CONTINUOUS")}}
    segment.units.insert(at + 1, Unit(kind="section", value=value))


def _person(batch: Batch, given: Given) -> None:
    segment, at = batch.place(given)
    value = {"personId": batch.number("kix.p"), "personProperties": given["personProperties"]}
    segment.put(at, Unit(kind="person", value=value))


def _rich_link(batch: Batch, given: Given) -> None:
    segment, at = batch.place(given)
    properties = {"title": "A file", **given["richLinkProperties"]}
    value = {"richLinkId": batch.number("kix.r"), "richLinkProperties": properties}
    segment.put(at, Unit(kind="rich", value=value))


def _date(batch: Batch, given: Given) -> None:
    segment, at = batch.place(given)
    properties = given["dateElementProperties"]
    shown = {"displayText": str(properties.get("timestamp", ""))[:10], **properties}
    value = {"dateId": batch.number("kix.d"), "dateElementProperties": shown}
    segment.put(at, Unit(kind="date", value=value))


def _footnote(batch: Batch, given: Given) -> dict[str, Any]:
    segment, at = batch.place(given)
    if segment.kind != "body":
        raise bad("Footnotes cannot be inserted inside a header, footer or footnote.")
    key = batch.number("kix.fn")
    value = {"footnoteId": key, "footnoteNumber": "1"}
    segment.put(at, Unit(kind="footnote", value=value))
    note = Segment(kind="footnote")
    note.insert(0, " ")
    where = given.get("location") or given.get("endOfSegmentLocation") or {}
    batch.tab(where).segments[key] = note
    marks = [n for n, unit in enumerate(segment.units) if unit.kind == "footnote"]
    for number, place in enumerate(marks, 1):
        unit = segment.units[place]
        segment.units[place] = replace(unit, value={**unit.value, "footnoteNumber": str(number)})
    return {"createFootnote": {"footnoteId": key}}


def _create_edge(batch: Batch, given: Given, kind: str) -> dict[str, Any]:
    tab = batch.tab(given.get("sectionBreakLocation", {}))
    if next(tab.of_kind(kind), None) is not None:
        raise bad(f"Default {kind} already exists.")
    key = batch.number(f"kix.{kind[0]}")
    tab.segments[key] = Segment(kind=kind)
    return {f"create{kind.title()}": {f"{kind}Id": key}}


def _header(batch: Batch, given: Given) -> dict[str, Any]:
    return _create_edge(batch, given, "header")


def _footer(batch: Batch, given: Given) -> dict[str, Any]:
    return _create_edge(batch, given, "footer")


def _delete_header(batch: Batch, given: Given) -> None:
    _delete_edge(batch, given, "headerId")


def _delete_footer(batch: Batch, given: Given) -> None:
    _delete_edge(batch, given, "footerId")


def _delete_edge(batch: Batch, given: Given, key: str) -> None:
    tab = batch.tab(given)
    tab.segment(str(given.get(key, "")) or "-")
    del tab.segments[given[key]]


KINDS: Final[Mapping[str, Change]] = {
    "insertInlineImage": _image,
    "insertPageBreak": _page_break,
    "insertSectionBreak": _section_break,
    "insertPerson": _person,
    "insertRichLink": _rich_link,
    "insertDate": _date,
    "createFootnote": _footnote,
    "createHeader": _header,
    "createFooter": _footer,
    "deleteHeader": _delete_header,
    "deleteFooter": _delete_footer,
}
"""Request → what it does."""
