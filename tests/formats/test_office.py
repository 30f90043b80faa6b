"""Office files that other programs wrote, and what is special in them."""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from workspace_mcp.formats import excel, opendocument
from workspace_mcp.formats.extract import Extracted, text_of
from workspace_mcp.formats.office import Archive

RECORDED = Path(__file__).parent.parent / "recorded" / "office"
READ: Mapping[str, str] = {
    "offer.docx": "# Offer\n\n\n# Scope\n\nWe deliver forty bags.\n- first\n1. second\n2. third\n\n"
    "| Item | Price |\n| --- | --- |\n| Bag | 6.20 |\n\n[comment by Bo Berg: Is this right?]",
    "orders.xlsx": "[sheet Orders]\n1: Order | Day | At | Share | Sum | Hours\n"
    "2: 1 | 2026-01-12 | 2026-01-12 09:30 | 12.5% | 0.3 | 26:30\n4: =SUM(A2:A3) | 07:05\n\n"
    "[sheet Second tab]\n3:  | x",
    "deck.pptx": "[slide 1 of 3]\nThree\npoint three\nNotes: Say hello\n\n[slide 2 of 3]\nOne\n"
    "point one\n\n[slide 3 of 3]\nTwo\npoint two\na | b\nc | d",
    "offer.odt": "# Offer\n\nSee [the terms](https://example.com/terms) now   wide[^1]\n- one\n- two\n"
    "  - deep\n\n| Item | Price |\n| --- | --- |\n| Bag | 6.20 |\n\n[^1]: A note.",
    "orders.ods": "[sheet Orders]\n1: Order | Day | Sum\n4: 7 | 2026-01-12 | 6.2",
    "deck.odp": "[slide 1 of 2]\nOne\nNotes: Say One\n\n[slide 2 of 2]\nTwo\nNotes: Say Two",
}


@pytest.mark.parametrize("name", sorted(READ))
def test_what_other_programs_wrote_is_read_whole(name: str) -> None:
    found = text_of((RECORDED / name).read_bytes(), "application/octet-stream", name)

    assert found == Extracted(READ[name])


def test_every_recorded_file_is_read() -> None:
    assert {path.name for path in RECORDED.iterdir()} - {"README.md"} == set(READ)


@pytest.mark.parametrize(
    ("name", "pages", "text"),
    [
        ("deck.pptx", "2", "[slide 2 of 3]\nOne\npoint one"),
        ("deck.odp", "2", "[slide 2 of 2]\nTwo\nNotes: Say Two"),
        ("orders.xlsx", "2", "[sheet Second tab]\n3:  | x"),
        ("orders.ods", "2", ""),
    ],
)
def test_pages_choose_slides_and_sheets(name: str, pages: str, text: str) -> None:
    assert text_of((RECORDED / name).read_bytes(), "", name, pages) == Extracted(text)


def test_cells_of_both_kinds_of_spreadsheet_have_the_same_places() -> None:
    first = excel.cells(Archive((RECORDED / "orders.xlsx").read_bytes()))
    second = opendocument.cells(Archive((RECORDED / "orders.ods").read_bytes()))

    assert first["Orders", 2, 2] == second["Orders", 4, 2] == "2026-01-12"
    assert first["Second tab", 3, 2] == "x"


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(parts: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as built:
        for name, body in parts.items():
            built.writestr(name, body)
    return out.getvalue()


def word(body: str, **parts: str) -> str:
    """What is read of a Word file with this body, and more members."""
    document = f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>'
    more = {f"word/{name}.xml": one for name, one in parts.items() if name != "links"}
    links = {"word/_rels/document.xml.rels": parts["links"]} if "links" in parts else {}
    found = text_of(zipped({"word/document.xml": document, **more, **links}), "", "x.docx")
    assert found is not None
    assert not found.note
    return found.text


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<w:p>{run('a')}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
         f"<w:ins>{run(' new')}</w:ins></w:p>", "a new"),
        (f"<w:p><w:moveFrom>{run('old place')}</w:moveFrom>{run('here')}</w:p>", "here"),
        ("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>", "a\tb\nc"),
        (f"<w:sdt><w:sdtContent><w:p>{run('in a control')}</w:p></w:sdtContent></w:sdt>",
         "in a control"),
        (f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc><w:p>{run('a')}</w:p></w:tc><w:sdt><w:sdtContent>"
         f"<w:tc><w:p>{run('b')}</w:p></w:tc></w:sdtContent></w:sdt></w:tr></w:sdtContent></w:sdt>"
         "</w:tbl>", "| a | b |\n| --- | --- |"),
        (f"<w:tbl><w:tr><w:tc><w:p>{run('a|b')}</w:p><w:p>{run('c')}</w:p></w:tc></w:tr></w:tbl>",
         "| a\\|b c |\n| --- |"),
        (f'<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr>{run("Scope")}</w:p>', "## Scope"),
    ],
    ids=["changes", "moved", "tab-break", "control", "control-in-table", "bar", "heading"],
)  # fmt: skip
def test_a_word_file_is_read_as_it_would_be_printed(body: str, text: str) -> None:
    assert word(body) == text


def test_links_and_notes_of_a_word_file() -> None:
    text = word(
        f'<w:p><w:hyperlink r:id="l">{run("terms")}</w:hyperlink>'
        '<w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
        links='<Relationships><Relationship Id="l" Target="https://example.com/t" '
        'TargetMode="External" Type="x/hyperlink"/></Relationships>',
        footnotes=f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="0" w:type="separator"/>'
        f'<w:footnote w:id="2"><w:p>{run("A note.")}</w:p></w:footnote></w:footnotes>',
    )

    assert text == "[terms](https://example.com/t)[^2]\n\n[^2]: A note."


def test_numbered_lists_count_and_begin_again_below_a_new_item() -> None:
    def entry(level: int, text: str) -> str:
        return (
            f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
            f"{run(text)}</w:p>"
        )

    text = word(
        "".join(map(entry, (0, 1, 1, 0, 1), ("a", "b", "c", "d", "e"))),
        numbering=f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="7">'
        '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>',
    )

    assert text == "1. a\n  1. b\n  2. c\n2. d\n  1. e"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", ""), ("0.00", ""), ("0.0%", "percent"), ("yyyy-mm-dd", "date"),
        ("d. mmm", "date"), ("hh:mm", "time"), ("[h]:mm", "span"), ('0 "days"', ""),
        ("[Red]0", ""), ("[$-407]dd/mm/yyyy", "date"), ("#,##0 [$€-1]", ""), ("mm:ss", "time"),
        ("mmmm", "date"),
    ],
)  # fmt: skip
def test_a_number_format_tells_what_it_shows(code: str, shown: str) -> None:
    assert excel.shows("164", {"164": code}) == shown


def test_excels_own_formats_have_numbers_instead_of_codes() -> None:
    found = [excel.shows(one, {}) for one in ("0", "9", "14", "20", "22", "46", "49", "x")]

    assert found == ["", "percent", "date", "time", "date", "span", "", ""]


NEW, OLD = excel.SINCE_1900, excel.SINCE_1904


@pytest.mark.parametrize(
    ("stored", "shown", "since", "text"),
    [
        ("46034", "date", NEW, "2026-01-12"), ("44572", "date", OLD, "2026-01-12"),
        ("1", "date", NEW, "1900-01-01"), ("61", "date", NEW, "1900-03-01"),
        ("46034.395833333336", "date", NEW, "2026-01-12 09:30"), ("0.5", "time", NEW, "12:00"),
        ("1.5", "span", NEW, "36:00"), ("0.000694444", "span", NEW, "0:01"),
        ("0.125", "percent", NEW, "12.5%"), ("0.30000000000000004", "", NEW, "0.3"),
        ("123456789012345", "", NEW, "123456789012345"), ("1E+300", "date", NEW, "1E+300"),
        ("-3", "date", NEW, "-3"), ("n/a", "percent", NEW, "n/a"),
    ],
)  # fmt: skip
def test_a_stored_number_is_shown_as_it_is_meant(
    stored: str, shown: str, since: datetime, text: str
) -> None:
    assert excel.number(stored, shown, since) == text


@pytest.mark.parametrize("target", ["../../../etc/passwd", "/xl/worksheets/none.xml", "sheet.bin"])
def test_a_workbook_that_names_members_it_has_not_is_empty(target: str) -> None:
    sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    book = zipped({
        "xl/workbook.xml": f'<workbook xmlns="{sheet}" xmlns:r="{R}"><sheets>'
        '<sheet name="A" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Target="{target}"/>'
        "</Relationships>",
    })  # fmt: skip

    assert text_of(book, "", "x.xlsx") == Extracted("")


def test_a_spreadsheet_of_a_billion_repeated_cells_is_bounded() -> None:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    book = zipped({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f'<o:document-content xmlns:o="{space}:office:1.0" xmlns:t="{space}:table:1.0" '
        f'xmlns:x="{space}:text:1.0"><o:body><o:spreadsheet><t:table t:name="A">'
        '<t:table-row t:number-rows-repeated="999999999">'
        '<t:table-cell t:number-columns-repeated="999999999"><x:p>x</x:p></t:table-cell>'
        "</t:table-row></t:table></o:spreadsheet></o:body></o:document-content>",
    })  # fmt: skip

    found = text_of(book, "", "x.ods")

    assert found is not None
    assert len(found.text) == 2_000_000
    assert found.note == "Only the first 2,000,000 characters were read."


def test_deeply_nested_xml_harms_nothing() -> None:
    deep = f'<w:document xmlns:w="{W}"><w:body><w:p>{"<w:r>" * 50_000}{"</w:r>" * 50_000}</w:p></w:body></w:document>'

    found = text_of(zipped({"word/document.xml": deep}), "", "x.docx")

    assert found is not None
    assert found.text == ""
    assert found.note
