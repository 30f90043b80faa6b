"""A Doc of the demo as the API's JSON. No I/O.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents
"""

from dataclasses import dataclass
from typing import Any, Final

from workspace_mcp.demo.docs.document import DocTab, FakeDocument
from workspace_mcp.demo.docs.segment import Segment
from workspace_mcp.demo.docs.units import Unit, text_of

JsonObject = dict[str, Any]
VIEWS: Final = {
    "SUGGESTIONS_INLINE", "PREVIEW_SUGGESTIONS_ACCEPTED", "PREVIEW_WITHOUT_SUGGESTIONS",
}  # fmt: skip
_SIZES: Final = {"TITLE": 26, "HEADING_1": 20, "HEADING_2": 16, "HEADING_3": 14}
_OBJECTS: Final = {
    "image": "inlineObjectElement", "footnote": "footnoteReference", "page": "pageBreak",
    "person": "person", "rich": "richLink", "date": "dateElement", "rule": "horizontalRule",
}  # fmt: skip


def document(doc: FakeDocument, view: str, *, tabs: bool) -> JsonObject:
    """The `Document`: with `tabs`, or the first tab in the fields that are older than tabs."""
    answer: JsonObject = {
        "documentId": doc.id, "title": doc.title, "revisionId": doc.revision_id,
        "suggestionsViewMode": view,
    }  # fmt: skip
    if tabs:
        return answer | {"tabs": _tabs(doc, "", 0, view)}
    return answer | _content(doc.tab(), view)


def _tabs(doc: FakeDocument, parent: str, level: int, view: str) -> list[JsonObject]:
    found: list[JsonObject] = []
    for index, tab in enumerate(doc.children(parent)):
        properties: JsonObject = {"tabId": tab.id, "title": tab.title, "index": index}
        if parent:
            properties |= {"parentTabId": parent, "nestingLevel": level}
        if tab.emoji:
            properties["iconEmoji"] = tab.emoji
        one: JsonObject = {"tabProperties": properties, "documentTab": _content(tab, view)}
        if below := _tabs(doc, tab.id, level + 1, view):
            one["childTabs"] = below
        found.append(one)
    return found


def _content(tab: DocTab, view: str) -> JsonObject:
    answer: JsonObject = {
        "body": {"content": content(tab.segments[""], view)},
        "documentStyle": tab.style | _defaults(tab),
        "namedStyles": {"styles": [_named(name) for name in ("NORMAL_TEXT", *_SIZES)]},
    }
    for kind in ("header", "footer", "footnote"):
        rendered = {
            key: {f"{kind}Id": key, "content": content(one, view)} for key, one in tab.of_kind(kind)
        }
        if rendered:
            answer[f"{kind}s"] = rendered
    if tab.lists:
        answer["lists"] = tab.lists
    if tab.objects:
        answer["inlineObjects"] = tab.objects
    if ranges := _ranges(tab):
        answer["namedRanges"] = ranges
    return answer


def _defaults(tab: DocTab) -> JsonObject:
    found = {kind: next(tab.of_kind(kind), None) for kind in ("header", "footer")}
    return {f"default{kind.title()}Id": one[0] for kind, one in found.items() if one}


def _named(name: str) -> JsonObject:
    size = {"magnitude": _SIZES.get(name, 11), "unit": "PT"}
    return {"namedStyleType": name, "textStyle": {"fontSize": size}}


def _ranges(tab: DocTab) -> JsonObject:
    found: JsonObject = {}
    for key, name in tab.ranges.items():
        spans: list[JsonObject] = []
        for segment, one in tab.segments.items():
            held = [at for at, unit in enumerate(one.units) if key in unit.ranges]
            if held:
                span = {"startIndex": held[0], "endIndex": held[-1] + 1, "tabId": tab.id}
                spans.append(span | ({"segmentId": segment} if segment else {}))
        group = found.setdefault(name, {"name": name, "namedRanges": []})
        group["namedRanges"].append({"namedRangeId": key, "name": name, "ranges": spans})
    return found


def content(segment: Segment, view: str = "SUGGESTIONS_INLINE") -> list[JsonObject]:
    """The structural elements of a segment."""
    units = segment.units
    if view == "PREVIEW_SUGGESTIONS_ACCEPTED":
        units = [unit for unit in units if not unit.deleted]
    elif view == "PREVIEW_WITHOUT_SUGGESTIONS":
        units = [unit for unit in units if not unit.inserted]
    return _Reader(units, inline=view == "SUGGESTIONS_INLINE").blocks()


@dataclass(slots=True)
class _Reader:
    units: list[Unit]
    inline: bool
    at: int = 0

    def blocks(self) -> list[JsonObject]:
        found: list[JsonObject] = []
        while self.at < len(self.units) and self.units[self.at].kind not in {"cell", "row", "end"}:
            start = self.at
            if self.units[start].kind == "section":
                self.at += 1
                value = {"sectionBreak": dict(self.units[start].value) or {"sectionStyle": {}}}
            elif self.units[start].kind == "table":
                value = {"table": self._table()}
            else:
                value = {"paragraph": self._paragraph()}
            place = {"endIndex": self.at} | ({"startIndex": start} if start else {})
            found.append(place | value)
        return found

    def _paragraph(self) -> JsonObject:
        elements: list[JsonObject] = []
        while True:
            start = self.at
            unit = self.units[start]
            if unit.kind:
                self.at += 1
                element = _object(unit)
            else:
                self._run(unit)
                element = {"textRun": self._text(start)}
            place = {"endIndex": self.at} | ({"startIndex": start} if start else {})
            elements.append(place | element)
            if self.units[self.at - 1].ends_paragraph:
                break
        ending = self.units[self.at - 1]
        paragraph: JsonObject = {"elements": elements, "paragraphStyle": dict(ending.paragraph)}
        if ending.bullet is not None:
            paragraph["bullet"] = dict(ending.bullet)
        return paragraph

    def _run(self, first: Unit) -> None:
        while self.at < len(self.units):
            unit = self.units[self.at]
            same = (
                not unit.kind
                and (unit.style is first.style or unit.style == first.style)
                and (unit.inserted, unit.deleted) == (first.inserted, first.deleted)
            )
            if not same:
                return
            self.at += 1
            if unit.ends_paragraph:
                return

    def _text(self, start: int) -> JsonObject:
        first = self.units[start]
        run: JsonObject = {
            "content": text_of(self.units[start : self.at]), "textStyle": dict(first.style),
        }  # fmt: skip
        if self.inline and first.inserted:
            run["suggestedInsertionIds"] = [first.inserted]
        if self.inline and first.deleted:
            run["suggestedDeletionIds"] = [first.deleted]
        return run

    def _table(self) -> JsonObject:
        table = self.units[self.at]
        self.at += 1
        rows: list[JsonObject] = []
        while self.units[self.at].kind == "row":
            rows.append(self._row())
        self.at += 1
        columns = len(rows[0]["tableCells"])
        found: JsonObject = {"rows": len(rows), "columns": columns, "tableRows": rows}
        return found | dict(table.value)

    def _row(self) -> JsonObject:
        start = self.at
        self.at += 1
        cells: list[JsonObject] = []
        while self.units[self.at].kind == "cell":
            begin = self.at
            self.at += 1
            inner = self.blocks()
            style = self.units[begin].value.get("tableCellStyle", {})
            cells.append(
                {
                    "startIndex": begin, "endIndex": self.at, "content": inner,
                    "tableCellStyle": {"rowSpan": 1, "columnSpan": 1} | style,
                }
            )  # fmt: skip
        found = {"startIndex": start, "endIndex": self.at, "tableCells": cells}
        return found | {"tableRowStyle": self.units[start].value.get("tableRowStyle", {})}


def _object(unit: Unit) -> JsonObject:
    style = {} if unit.kind == "rule" and not unit.style else {"textStyle": dict(unit.style)}
    return {_OBJECTS[unit.kind]: {**unit.value, **style}}
