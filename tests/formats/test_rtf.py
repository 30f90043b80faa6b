"""RTF as Word, WordPad, LibreOffice and macOS write it."""

import pytest

from workspace_mcp.formats.rtf import rtf


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (rb"{\rtf1\ansi Hello\par World}", "Hello\nWorld"),
        (rb"{\rtf1\ansi\ansicpg1252 Gr\'fc\'dfe}", "Grüße"),
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8}", "При"),
        (rb"{\rtf1\ansi\uc1 \u8364?5 \u-10179?\u-8704?}", "€5 😀"),
        (rb"{\rtf1\uc2 \u8364??x}", "€x"),
        (rb"{\rtf1{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset128 MS;}}\f1\'93\'fa\'96\'7b\f0 !}",
         "日本!"),
        (rb"{\rtf1{\colortbl;\red0;}{\stylesheet{Normal;}}{\info{\author Bo}}text}", "text"),
        (rb"{\rtf1{\*\generator Word;}{\*\unknown secret}seen}", "seen"),
        (rb"{\rtf1 a{\v hidden}b{\deleted gone}c}", "abc"),
        (rb"{\rtf1\trowd a\cell b\cell\row c\cell d\cell\row}", "a | b\nc | d"),
        (rb"{\rtf1 See{\footnote A note.} now}", "See (A note.) now"),
        (rb"{\rtf1{\field{\*\fldinst HYPERLINK x}{\fldrslt the link}}}", "the link"),
        (rb"{\rtf1 \{a\}\\\~b\_c}", "{a}\\\u00a0b-c"),
        (rb"{\rtf1 a{\pict\bin4 }}}}z}b}", "ab"),
        (rb"{\rtf1 " + b"{" * 3_000 + b"deep" + b"}" * 3_000 + b" end}", "deep end"),
        (rb"{\rtf1 open {\b never closed", "open never closed"),
        (rb"{\rtf1\ansicpg99999 a\u55357?}", "a\ufffd"),
    ],
    ids=["lines", "1252", "1251", "unicode", "two-for-one", "japanese", "tables-of-the-file",
         "unknown", "hidden", "table", "footnote", "field", "escapes", "binary", "deep", "open",
         "unknown-codepage"],
)  # fmt: skip
def test_rtf_is_read_as_text(data: bytes, text: str) -> None:
    assert rtf(data) == text
