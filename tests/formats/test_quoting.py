"""What a person wrote, apart from what they quoted."""

from datetime import UTC, datetime

import pytest

from workspace_mcp.formats.quoting import Original, fold, quote_html, quote_text


@pytest.mark.parametrize(
    "history",
    [
        "On Fri, Nov 20, 2026 at 9:30 AM Bo <bo@example.com> wrote:\n> old\n> text",
        "On Fri, Nov 20, 2026 at 9:30 AM Bo Lindqvist with a long name\n<bo@example.com> wrote:\n\n> old",
        "Am Fr., 20. Nov. 2026 um 09:30 Uhr schrieb Bo <bo@example.com>:\n> alt",
        "Le ven. 20 nov. 2026 à 09:30, Bo <bo@example.com> a écrit :\n> vieux",
        "El vie, 20 nov 2026 a las 9:30, Bo (<bo@example.com>) escribió:\n> viejo",
        "-----Original Message-----\nFrom: Bo\nSent: Friday\nTo: Ana\n\nold",
        "From: Bo <bo@example.com>\nSent: Friday, November 20, 2026 9:30 AM\nTo: Ana\nSubject: x\n\nold",
        "Von: Bo\nGesendet: Freitag, 20. November 2026 09:30\nAn: Ana\nBetreff: x\n\nalt",
        "________________________________\nFrom: Bo\nDate: Friday\n\nold",
        "> one\n> two\n> three\n> four",
    ],
)
def test_history_is_folded_in_every_style(history: str) -> None:
    found = fold(f"Yes, do it.\n\nAna\n\n{history}\n")

    assert found.own == "Yes, do it.\n\nAna"
    assert found.quoted == history
    assert found.lines == len([line for line in history.split("\n") if line.strip()])


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote to him: nothing came back.",
        "> a short quote\n\nand my answer below it",
        "Plain text.\nFrom: here to there.",
        "---------- Forwarded message ---------\nFrom: Bo\nDate: x\n\nlook at this",
        "see:\n\n---------- Forwarded message ---------\nFrom: Bo <b@x>\nDate: Fri\n\nlook",
        "",
    ],
)
def test_what_a_person_wrote_is_never_folded(text: str) -> None:
    assert fold(text).own == text.rstrip()


ORIGINAL = Original(
    "Bo <bo@example.com>", "ana@example.com", "", "Hi", datetime(2026, 11, 20, 9, 5, tzinfo=UTC),
    "one\n> older", "<b>one</b>",
)  # fmt: skip


def test_a_reply_quotes_as_gmail_does() -> None:
    assert quote_text(ORIGINAL) == (
        "On Fri, Nov 20, 2026 at 9:05 AM Bo <bo@example.com> wrote:\n> one\n>> older"
    )
    assert quote_html(ORIGINAL).startswith(
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri'
    )
    assert "Bo &lt;bo@example.com&gt;" in quote_html(ORIGINAL)
    assert fold(f"answer\n\n{quote_text(ORIGINAL)}").own == "answer"
