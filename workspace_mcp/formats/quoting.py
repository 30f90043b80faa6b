"""What a person wrote, apart from what they quoted; and the quote under a reply. No I/O."""

import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_WROTE: Final = re.compile(
    r"^[ \t>]*(?:On|Am|Le|El|Il|Em|Op|Den|W dniu|Dnia|El día|Em|На|В)\b.{3,300}?"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał(?:a|\(a\))?|"
    r"пишет|написал(?:а|\(а\))?)\b[^\n]{0,60}:[ \t]*$",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_ORIGINAL: Final = re.compile(
    r"^[ \t]*-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine|"
    r"Mensaje original|Messaggio originale|Weitergeleitete Nachricht)\s*-{2,}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_OUTLOOK: Final = re.compile(
    r"^(?:-{3,}|_{5,})?\n?[ \t]*(?:\*{0,2})(?:From|Von|De|Da|Van|Från)(?:\*{0,2}):[^\n]{1,300}\n"
    r"(?:[^\n]{0,300}\n){0,2}?[ \t]*(?:\*{0,2})(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Inviato|"
    r"Verzonden|Skickat)(?:\*{0,2}):[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_SHORTEST: Final = 3
"""Lines of trailing ">" that make a quote worth folding."""


@dataclass(frozen=True, slots=True)
class Folded:
    """`own` text, and what it `quoted` below ("" when nothing)."""

    own: str
    quoted: str

    @property
    def lines(self) -> int:
        """How many lines were folded."""
        return len([line for line in self.quoted.split("\n") if line.strip()])


def fold(text: str) -> Folded:
    """Cut the quoted history off the end of a mail's text.

    A forwarded message is no history: from it on, nothing is folded.
    """
    starts = [
        found.start()
        for pattern in (_WROTE, _ORIGINAL, _OUTLOOK)
        if (found := pattern.search(text))
    ]
    marked = _trailing_marks(text)
    if marked is not None:
        starts.append(marked)
    for start in sorted(starts):
        mark = text[start : start + 80].lower()
        if "forward" in mark or "weitergeleitet" in mark:
            break
        own = text[:start].rstrip()
        if own.strip():
            return Folded(own, text[start:].strip("\n"))
    return Folded(text.rstrip(), "")


def _trailing_marks(text: str) -> int | None:
    """Where the last block of "> " lines starts, when nothing of weight follows it."""
    lines = text.split("\n")
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and (lines[start - 1].lstrip().startswith(">") or not lines[start - 1].strip()):
        start -= 1
    marked = [line for line in lines[start:end] if line.lstrip().startswith(">")]
    if len(marked) < _SHORTEST:
        return None
    return len("\n".join(lines[:start])) + (1 if start else 0)


def without_signature(text: str) -> str:
    """The text above the line "-- "."""
    return re.split(r"(?m)^-- ?$", text, maxsplit=1)[0].rstrip()


@dataclass(frozen=True, slots=True)
class Original:
    """The message that is answered or passed on. `html` is "" when it had none."""

    sender: str
    to: str
    cc: str
    subject: str
    date: datetime
    text: str
    html: str = ""

    @property
    def attribution(self) -> str:
        """`On Fri, Nov 20, 2026 at 9:30 AM, Bo <bo@example.com> wrote:`, as Gmail writes it."""
        clock = self.date.strftime("%I:%M %p").lstrip("0")
        return f"On {self.date:%a, %b} {self.date.day}, {self.date.year} at {clock} {self.sender} wrote:"


def quote_text(original: Original) -> str:
    """The quote under a reply, as plain text."""
    lines = original.text.rstrip().split("\n")
    marked = "\n".join(
        f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines
    )
    return f"{original.attribution}\n{marked}"


def quote_html(original: Original) -> str:
    """The quote under a reply, in Gmail's markup, so that mail programs fold it."""
    return (
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        f"{html.escape(original.attribution)}<br></div>"
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;'
        f'padding-left:1ex">{_inner(original)}</blockquote></div>'
    )


def forward_text(original: Original) -> str:
    """The block of a forwarded message, as plain text."""
    return "\n".join(
        ("---------- Forwarded message ---------", *_head(original), "", original.text.rstrip())
    )


def forward_html(original: Original) -> str:
    """The block of a forwarded message, in Gmail's markup."""
    head = "<br>".join(html.escape(line) for line in _head(original))
    return (
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message '
        f"---------<br>{head}<br></div><br><br>{_inner(original)}</div>"
    )


def _head(original: Original) -> list[str]:
    clock = original.date.strftime("%I:%M %p").lstrip("0")
    date = f"{original.date:%a, %b} {original.date.day}, {original.date.year} at {clock}"
    head = [
        f"From: {original.sender}",
        f"Date: {date}",
        f"Subject: {original.subject}",
        f"To: {original.to}",
    ]
    return [*head, f"Cc: {original.cc}"] if original.cc else head


def _inner(original: Original) -> str:
    return original.html or html.escape(original.text).replace("\n", "<br>")
