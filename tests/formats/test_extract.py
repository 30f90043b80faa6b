"""Text of attachments, and files that mean harm."""

import io
import zipfile

import pytest

from workspace_mcp.demo import samples
from workspace_mcp.errors import ArgumentError
from workspace_mcp.formats.extract import Extracted, text_of

PDF = samples.pdf("First page (one)\nline\fSecond page")


def test_a_pdf_page_by_page() -> None:
    assert text_of(PDF, "", "x") == Extracted(
        "[page 1 of 2]\nFirst page (one)\nline\n\n[page 2 of 2]\nSecond page"
    )
    assert text_of(PDF, "", "x", "2") == Extracted("[page 2 of 2]\nSecond page")
    assert text_of(PDF, "", "x", "9") == Extracted(
        "", "The PDF has 2 pages; none of those asked for."
    )
    with pytest.raises(ArgumentError, match="is no page"):
        text_of(PDF, "", "x", "one")


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4\n", PDF[:300], PDF.replace(b"/Pages 2 0 R", b"/Pages 1 0 R")]
)
def test_a_broken_pdf_is_named_and_harms_nothing(data: bytes) -> None:
    found = text_of(data, "application/pdf", "x.pdf")

    assert found is not None
    assert found.text == ""
    assert found.note


def test_a_picture_of_text_says_so() -> None:
    found = text_of(samples.pdf(""), "application/pdf", "scan.pdf")

    assert found == Extracted("", "The 1 pages hold no text: they are pictures, as scans are.")


def test_word_csv_html_and_plain_text() -> None:
    assert text_of(samples.docx("# Head\nHi <you>"), "", "x.docx") == Extracted(
        "# Head\n\nHi <you>"
    )
    assert text_of(b"a;b c\n1;2", "text/csv", "x") == Extracted("a | b c\n1 | 2")
    assert text_of(b"<p>Hi<script>x</script>", "text/html", "x") == Extracted("Hi")
    assert text_of("Grüße".encode("cp1252"), "text/plain", "x") == Extracted("Grüße")
    assert text_of(b"{}", "application/json", "x.json") == Extracted("{}")


@pytest.mark.parametrize(
    "data", [samples.png(""), b"\x00\x01binary", b"\x1f\x8bgz", b"PK\x03\x04junk"]
)
def test_what_holds_no_text_is_none(data: bytes) -> None:
    assert text_of(data, "application/octet-stream", "x.bin") is None


def archive(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as built:
        for name, body in parts.items():
            built.writestr(name.replace("__", "/") + ".xml", body)
    return out.getvalue()


SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as built:
        built.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{SHEET}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
            'relationships"><sheets><sheet name="Sales" r:id="r1"/></sheets></workbook>',
        )
        built.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        built.writestr(
            "xl/sharedStrings.xml",
            f'<sst xmlns="{SHEET}"><si><t>Region</t></si><si><t>North</t></si></sst>',
        )
        built.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{SHEET}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
            '<row r="3"><c r="A3" t="s"><v>1</v></c><c r="C3"><v>4.5</v></c></row></sheetData></worksheet>',
        )
    return out.getvalue()


def test_a_workbook_keeps_its_row_numbers_and_columns() -> None:
    assert text_of(workbook(), "", "x.xlsx") == Extracted(
        "[sheet Sales]\n1: Region\n3: North |  | 4.5"
    )


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><w:document>&b;</w:document>'


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (
            archive(word__document=b"0" * (61 << 20)),
            "The file is too large inside to be read safely.",
        ),
        (archive(word__document=BOMB), "The file holds XML that is not read."),
        (archive(word__document="<a>" * 9), "The file holds XML that is not read."),
        (samples.docx("x")[:-30], "The file is damaged."),
    ],
    ids=["bomb", "entities", "broken", "cut"],
)
def test_an_office_file_that_means_harm_is_named(data: bytes, note: str) -> None:
    assert text_of(data, "", "x.docx") == Extracted("", note)
