"""The requests of `documents.batchUpdate`, applied to a Doc of the demo.

Source: developers.google.com/workspace/docs/api/reference/rest/v1/documents/request
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Final, Literal

from workspace_mcp.demo.docs import lists, styles, tables
from workspace_mcp.demo.docs.document import DocTab, FakeDocument
from workspace_mcp.demo.docs.segment import Segment, bad
from workspace_mcp.demo.docs.units import Unit, code_units
from workspace_mcp.demo.http import Refusal

Given = Mapping[str, Any]
Merging = Literal["first", "last"]
_SUGGESTED: Final = frozenset({
    "insertText", "deleteContentRange", "updateTextStyle", "updateParagraphStyle",
    "createParagraphBullets", "deleteParagraphBullets",
})  # fmt: skip


@dataclass(slots=True)
class Changes:
    """One batch on one document. `suggestion`: "" for direct edits, else the suggestion's id."""

    doc: FakeDocument
    merging: Merging
    suggestion: str = ""

    def apply(self, request: Given) -> dict[str, Any]:
        """Do one request; its reply.

        Raises:
            Refusal: it does not fit the document.
        """
        (name, given), *more = request.items() or [("", {})]
        if more or name not in self._KINDS:
            raise bad("Each request must set exactly one kind of request.")
        if self.suggestion and name not in _SUGGESTED:
            raise bad(f"{name} is not supported in suggest mode.")
        return self._KINDS[name](self, given) or {}

    # Where

    def _tab(self, given: Given) -> DocTab:
        return self.doc.tab(given.get("tabId", ""))

    def _segment(self, given: Given) -> Segment:
        return self._tab(given).segment(given.get("segmentId", ""))

    def _place(self, given: Given) -> tuple[Segment, int]:
        if "endOfSegmentLocation" in given:
            segment = self._segment(given["endOfSegmentLocation"])
            return segment, len(segment.units) - 1
        where = given.get("location", {})
        return self._segment(where), int(where.get("index", 0))

    def _number(self, prefix: str) -> str:
        return f"{prefix}{self.doc.number():08d}"

    # Text

    def _insert_text(self, given: Given) -> None:
        segment, at = self._place(given)
        segment.insert(at, given.get("text", ""), self.suggestion)

    def _delete(self, given: Given) -> None:
        segment = self._segment(given["range"])
        start, end = segment.span(given["range"])
        if not self.suggestion:
            segment.delete(start, end, self.merging)
            return
        segment.copy().delete(start, end, self.merging)
        mark = partial(replace, deleted=self.suggestion)
        segment.edit(range(start, end), mark)

    def _replace_all(self, given: Given) -> dict[str, Any]:
        wanted = given["containsText"]
        flags = 0 if wanted.get("matchCase") else re.IGNORECASE
        pattern = wanted["text"] if wanted.get("searchByRegex") else re.escape(wanted["text"])
        chosen = set(given.get("tabsCriteria", {}).get("tabIds", ()))
        count = 0
        for tab in self.doc.tabs.values():
            if chosen and tab.id not in chosen:
                continue
            for segment in tab.segments.values():
                count += self._replace(segment, re.compile(pattern, flags), given)
        return {"replaceAllText": {"occurrencesChanged": count}}

    def _replace(self, segment: Segment, pattern: re.Pattern[str], given: Given) -> int:
        text = "".join(unit.char or "\0" for unit in segment.units)
        found = [one for one in pattern.finditer(text) if "\0" not in one[0]]
        for one in reversed(found):
            style = segment.units[one.start()].style
            made = [Unit(char, style) for char in code_units(given.get("replaceText", ""))]
            segment.units[one.start() : one.end()] = made
        return len(found)

    # Styles

    def _text_style(self, given: Given) -> None:
        segment = self._segment(given["range"])
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

        if not self.suggestion:
            segment.edit(range(start, end), change)

    def _paragraph_style(self, given: Given) -> None:
        segment = self._segment(given["range"])
        style, fields = given.get("paragraphStyle", {}), given.get("fields", "")
        for at in segment.paragraphs(*segment.span(given["range"])):
            unit = segment.units[at]
            heading = f"h.{self.doc.number():012x}"
            after = styles.paragraph_style(unit.paragraph, style, fields, heading)
            if not self.suggestion:
                segment.units[at] = replace(unit, paragraph=after)

    def _bullets(self, given: Given) -> None:
        if not self.suggestion:
            tab = self._tab(given["range"])
            fresh = f"kix.list{self.doc.number():06d}"
            lists.bullets(tab, self._segment(given["range"]), given, fresh)

    def _no_bullets(self, given: Given) -> None:
        if not self.suggestion:
            lists.no_bullets(self._segment(given["range"]), given)

    # Things

    def _image(self, given: Given) -> dict[str, Any]:
        segment, at = self._place(given)
        if segment.kind == "footnote":
            raise bad("Inline images cannot be inserted inside a footnote.")
        uri = str(given.get("uri", ""))
        if not re.match(r"https?://", uri) or len(uri) > 2048:
            raise bad(
                "There was a problem retrieving the image. The provided image should be publicly "
                "accessible, within size limit, and in supported formats."
            )
        key = self._number("kix.img")
        size = given.get("objectSize", {})
        default = {"magnitude": 240, "unit": "PT"}
        whole = {"width": size.get("width", default), "height": size.get("height", default)}
        where = given.get("location") or given.get("endOfSegmentLocation") or {}
        segment.put(at, Unit(kind="image", value={"inlineObjectId": key}))
        self._tab(where).objects[key] = {
            "objectId": key,
            "inlineObjectProperties": {
                "embeddedObject": {
                    "imageProperties": {
                        "contentUri": f"https://lh3.example/{key}",
                        "sourceUri": uri,
                    },
                    "size": whole,
                }
            },
        }
        return {"insertInlineImage": {"objectId": key}}

    def _page_break(self, given: Given) -> None:
        segment, at = self._place(given)
        segment.insertable(at)
        if segment.kind != "body" or _in_table(segment, at):
            raise bad("Page breaks cannot be inserted inside a table, header, footer or footnote.")
        segment.insert(at, "\n")
        segment.put(at, Unit(kind="page"))

    def _section_break(self, given: Given) -> None:
        segment, at = self._place(given)
        segment.insertable(at)
        if segment.kind != "body" or _in_table(segment, at):
            raise bad(
                "Section breaks cannot be inserted inside a table, header, footer or footnote."
            )
        segment.insert(at, "\n")
        value = {"sectionStyle": {"sectionType": given.get("sectionType", "CONTINUOUS")}}
        segment.units.insert(at + 1, Unit(kind="section", value=value))

    def _person(self, given: Given) -> None:
        segment, at = self._place(given)
        value = {"personId": self._number("kix.p"), "personProperties": given["personProperties"]}
        segment.put(at, Unit(kind="person", value=value))

    def _rich_link(self, given: Given) -> None:
        segment, at = self._place(given)
        properties = {"title": "A file", **given["richLinkProperties"]}
        value = {"richLinkId": self._number("kix.r"), "richLinkProperties": properties}
        segment.put(at, Unit(kind="rich", value=value))

    def _date(self, given: Given) -> None:
        segment, at = self._place(given)
        properties = given["dateElementProperties"]
        shown = {"displayText": str(properties.get("timestamp", ""))[:10], **properties}
        value = {"dateId": self._number("kix.d"), "dateElementProperties": shown}
        segment.put(at, Unit(kind="date", value=value))

    def _footnote(self, given: Given) -> dict[str, Any]:
        segment, at = self._place(given)
        if segment.kind != "body":
            raise bad("Footnotes cannot be inserted inside a header, footer or footnote.")
        key = self._number("kix.fn")
        value = {"footnoteId": key, "footnoteNumber": "1"}
        segment.put(at, Unit(kind="footnote", value=value))
        note = Segment(kind="footnote")
        note.insert(0, " ")
        where = given.get("location") or given.get("endOfSegmentLocation") or {}
        self._tab(where).segments[key] = note
        marks = [n for n, unit in enumerate(segment.units) if unit.kind == "footnote"]
        for number, place in enumerate(marks, 1):
            unit = segment.units[place]
            segment.units[place] = replace(
                unit, value={**unit.value, "footnoteNumber": str(number)}
            )
        return {"createFootnote": {"footnoteId": key}}

    def _create_edge(self, given: Given, kind: str) -> dict[str, Any]:
        tab = self._tab(given.get("sectionBreakLocation", {}))
        if next(tab.of_kind(kind), None) is not None:
            raise bad(f"Default {kind} already exists.")
        key = self._number(f"kix.{kind[0]}")
        tab.segments[key] = Segment(kind=kind)
        return {f"create{kind.title()}": {f"{kind}Id": key}}

    def _header(self, given: Given) -> dict[str, Any]:
        return self._create_edge(given, "header")

    def _footer(self, given: Given) -> dict[str, Any]:
        return self._create_edge(given, "footer")

    def _delete_header(self, given: Given) -> None:
        self._delete_edge(given, "headerId")

    def _delete_footer(self, given: Given) -> None:
        self._delete_edge(given, "footerId")

    def _delete_edge(self, given: Given, key: str) -> None:
        tab = self._tab(given)
        tab.segment(str(given.get(key, "")) or "-")
        del tab.segments[given[key]]

    # Tables

    def _insert_table(self, given: Given) -> None:
        segment, at = self._place(given)
        tables.insert_table(segment, at, int(given.get("rows", 0)), int(given.get("columns", 0)))

    def _cell(self, given: Given) -> Segment:
        return self._segment(given["tableCellLocation"]["tableStartLocation"])

    def _insert_row(self, given: Given) -> None:
        below = bool(given.get("insertBelow"))
        tables.insert_row(self._cell(given), given["tableCellLocation"], below=below)

    def _insert_column(self, given: Given) -> None:
        right = bool(given.get("insertRight"))
        tables.insert_column(self._cell(given), given["tableCellLocation"], right=right)

    def _delete_row(self, given: Given) -> None:
        tables.delete_row(self._cell(given), given["tableCellLocation"])

    def _delete_column(self, given: Given) -> None:
        tables.delete_column(self._cell(given), given["tableCellLocation"])

    def _merge_cells(self, given: Given) -> None:
        tables.merge(self._cell(given["tableRange"]), given["tableRange"])

    def _unmerge_cells(self, given: Given) -> None:
        tables.unmerge(self._cell(given["tableRange"]), given["tableRange"])

    def _cell_style(self, given: Given) -> None:
        names = set(given.get("fields", "").split(","))
        if "tableRange" in given:
            segment = self._cell(given["tableRange"])
            table, pairs = tables.cells_of(segment, given["tableRange"])
        else:
            segment = self._segment(given["tableStartLocation"])
            table = tables.table_at(segment, int(given["tableStartLocation"].get("index", 0)))
            pairs = [(r, c) for r, row in enumerate(table.rows) for c in range(len(row.cells))]
        for row, column in pairs:
            at = table.rows[row].cells[column].at
            tables.mark(segment, at, "tableCellStyle", given["tableCellStyle"], names)

    def _row_style(self, given: Given) -> None:
        segment = self._segment(given["tableStartLocation"])
        table = tables.table_at(segment, int(given["tableStartLocation"].get("index", 0)))
        names = set(given.get("fields", "").split(","))
        for index in given.get("rowIndices") or range(len(table.rows)):
            at = table.rows[index].at
            tables.mark(segment, at, "tableRowStyle", given["tableRowStyle"], names)

    def _pin_rows(self, given: Given) -> None:
        segment = self._segment(given["tableStartLocation"])
        table = tables.table_at(segment, int(given["tableStartLocation"].get("index", 0)))
        for number, row in enumerate(table.rows):
            head = number < int(given.get("pinnedHeaderRowsCount", 0))
            tables.mark(segment, row.at, "tableRowStyle", {"tableHeader": head}, {"tableHeader"})

    def _column_properties(self, given: Given) -> None:
        segment = self._segment(given["tableStartLocation"])
        at = int(given["tableStartLocation"].get("index", 0))
        table = tables.table_at(segment, at)
        count = len(table.rows[0].cells)
        style = segment.units[at].value.get("tableStyle", {})
        columns = list(
            style.get("tableColumnProperties") or [{"widthType": "EVENLY_DISTRIBUTED"}] * count
        )
        for index in given.get("columnIndices") or range(count):
            columns[index] = dict(given["tableColumnProperties"])
        value = {**segment.units[at].value, "tableStyle": {"tableColumnProperties": columns}}
        segment.units[at] = replace(segment.units[at], value=value)

    # Named ranges, styles of the whole, tabs

    def _named_range(self, given: Given) -> dict[str, Any]:
        segment = self._segment(given["range"])
        start, end = segment.span(given["range"])
        key = self._number("kix.nr")
        self._tab(given["range"]).ranges[key] = str(given.get("name", ""))
        segment.edit(range(start, end), lambda unit: replace(unit, ranges=unit.ranges | {key}))
        return {"createNamedRange": {"namedRangeId": key}}

    def _named(self, given: Given, identifier: str, name: str) -> list[tuple[DocTab, str]]:
        found = [
            (tab, key)
            for tab in self.doc.tabs.values()
            for key, title in tab.ranges.items()
            if key == given.get(identifier) or title == given.get(name)
        ]
        if not found:
            raise bad("No named range matches.")
        return found

    def _delete_named_range(self, given: Given) -> None:
        for tab, key in self._named(given, "namedRangeId", "name"):
            del tab.ranges[key]

    def _replace_named_range(self, given: Given) -> None:
        for tab, key in self._named(given, "namedRangeId", "namedRangeName"):
            for segment in tab.segments.values():
                held = [at for at, unit in enumerate(segment.units) if key in unit.ranges]
                if held:
                    first = segment.units[held[0]]
                    made = [replace(first, char=c) for c in code_units(given.get("text", ""))]
                    segment.units[held[0] : held[-1] + 1] = made

    def _document_style(self, given: Given) -> None:
        tab = self._tab(given)
        for name in given.get("fields", "").split(","):
            tab.style.pop(name, None)
            tab.style |= {k: v for k, v in given["documentStyle"].items() if k == name}

    def _section_style(self, given: Given) -> None:
        segment = self._segment(given["range"])
        start, _ = segment.span(given["range"])
        at = max(n for n in range(start + 1) if segment.units[n].kind == "section")
        unit = segment.units[at]
        style = {**unit.value.get("sectionStyle", {})}
        for name in given.get("fields", "").split(","):
            style.pop(name, None)
            style |= {k: v for k, v in given["sectionStyle"].items() if k == name}
        segment.units[at] = replace(unit, value={"sectionStyle": style})

    def _add_tab(self, given: Given) -> dict[str, Any]:
        wish = given.get("tabProperties", {})
        parent = wish.get("parentTabId", "")
        if parent:
            self.doc.tab(parent)
        title = wish.get("title") or f"Tab {len(self.doc.tabs) + 1}"
        made = DocTab(f"t.{self.doc.number():010x}", title, parent, wish.get("iconEmoji", ""))
        order = list(self.doc.tabs.values())
        beside = [n for n, tab in enumerate(order) if tab.parent == parent]
        index = int(wish.get("index", len(beside)))
        at = beside[index] if index < len(beside) else len(order)
        order.insert(at, made)
        self.doc.tabs = {tab.id: tab for tab in order}
        properties = {"tabId": made.id, "title": title, "index": index}
        return {
            "addDocumentTab": {
                "tabProperties": properties | ({"parentTabId": parent} if parent else {})
            }
        }

    def _delete_tab(self, given: Given) -> None:
        tab = self._tab(given)
        gone = {tab.id, *(one.id for one in self.doc.in_order(tab.id))}
        if gone >= set(self.doc.tabs):
            raise bad("The last tab of a document cannot be deleted.")
        self.doc.tabs = {key: one for key, one in self.doc.tabs.items() if key not in gone}

    def _update_tab(self, given: Given) -> None:
        wish = given["tabProperties"]
        tab = self._tab(wish)
        names = set(given.get("fields", "").split(","))
        tab.title = wish.get("title", "") if "title" in names else tab.title
        tab.emoji = wish.get("iconEmoji", "") if "iconEmoji" in names else tab.emoji

    _KINDS: ClassVar[Mapping[str, Callable[..., dict[str, Any] | None]]] = {
        "insertText": _insert_text,
        "deleteContentRange": _delete,
        "replaceAllText": _replace_all,
        "updateTextStyle": _text_style,
        "updateParagraphStyle": _paragraph_style,
        "createParagraphBullets": _bullets,
        "deleteParagraphBullets": _no_bullets,
        "insertInlineImage": _image,
        "insertPageBreak": _page_break,
        "insertSectionBreak": _section_break,
        "insertPerson": _person,
        "insertRichLink": _rich_link,
        "insertDate": _date,
        "createFootnote": _footnote,
        "createHeader": _header,
        "createFooter": _footer,
        "insertTable": _insert_table,
        "insertTableRow": _insert_row,
        "insertTableColumn": _insert_column,
        "deleteTableRow": _delete_row,
        "deleteTableColumn": _delete_column,
        "mergeTableCells": _merge_cells,
        "unmergeTableCells": _unmerge_cells,
        "updateTableCellStyle": _cell_style,
        "updateTableRowStyle": _row_style,
        "updateTableColumnProperties": _column_properties,
        "pinTableHeaderRows": _pin_rows,
        "createNamedRange": _named_range,
        "deleteNamedRange": _delete_named_range,
        "replaceNamedRangeContent": _replace_named_range,
        "updateDocumentStyle": _document_style,
        "updateSectionStyle": _section_style,
        "addDocumentTab": _add_tab,
        "deleteTab": _delete_tab,
        "updateDocumentTabProperties": _update_tab,
        "deleteHeader": _delete_header,
        "deleteFooter": _delete_footer,
    }


def _in_table(segment: Segment, at: int) -> bool:
    marks = [unit.kind for unit in segment.units[:at]]
    return marks.count("table") > marks.count("end")


def refusal_in(number: int, request: Given, refusal: Refusal) -> Refusal:
    """Google's form: which request of the batch it was."""
    name = next(iter(request), "")
    return Refusal(
        refusal.status, f"Invalid requests[{number}].{name}: {refusal.message}", refusal.reason
    )
