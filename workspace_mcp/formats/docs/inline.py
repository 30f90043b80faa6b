"""A paragraph's runs → one line of Markdown that our own parser reads back as it was. No I/O."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from workspace_mcp.formats.docs.model import Run
from workspace_mcp.formats.docs.style import Marks, marks_of

LINE_BREAK: Final = "\x0b"
_ESCAPED: Final = re.compile(
    r"[\\`*\[\]|]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~|<(?=[A-Za-z/!?])|&(?=#?\w+;)|\{(?=\+\+|--|\.(?:sub)?title\}$)"
)
_START: Final = re.compile(
    r"(?:#{1,6}(?=\s|$)|>|[-+](?=\s|$)|-(?=-)|=+$|:)|(\d{1,9})([.)])(?=\s|$)"
)
_URL: Final = {
    "\\": "\\\\", "<": "%3C", ">": "%3E", " ": "%20", "(": "\\(", ")": "\\)", "\n": "", "|": "%7C",
    "`": "%60", "*": "\\*",
}  # fmt: skip
_TAGS: Final = (("bold", "b"), ("italic", "i"), ("strike", "s"), ("underline", "u"))


def escaped(text: str) -> str:
    """Text in which nothing is a mark of Markdown; a soft line break is `<br>`."""
    return _ESCAPED.sub(r"\\\g<0>", text).replace(LINE_BREAK, "<br>")


def starting(line: str) -> str:
    """A paragraph's line, so that its start makes no heading, list or quote of it."""
    found = _START.match(line)
    if found is None:
        return line
    at = found.end(1) if found[1] else 0
    return f"{line[:at]}\\{line[at:]}"


def destination(url: str) -> str:
    """A link's target as it may stand in brackets."""
    return re.sub(r"&(?=#?\w+;)", "&amp;", "".join(_URL.get(char, char) for char in url))


Shown = Callable[[Run], str]


def line(runs: Sequence[Run], shown: Shown) -> str:
    """Runs as Markdown; `shown` says what an object is. No newline in it."""
    out = ""
    pieces = list(_pieces(runs))
    for number, (link, group) in enumerate(pieces):
        after = pieces[number + 1][1][0].text[:1] if number + 1 < len(pieces) else ""
        if link and any(run.text.strip() for run in group):
            inner = _marked(group, "[", "]", shown)
            if out.endswith("!"):  # else it would be a picture
                out = f"{out[:-1]}\\!"
            out += f"[{inner}]({destination(link)})"
        else:
            out += _marked(group, out, after, shown)
    return out.strip()


def _pieces(runs: Sequence[Run]) -> Iterator[tuple[str, list[Run]]]:
    """Runs without their newline, neighbours that look the same joined, by link."""
    joined: list[Run] = []
    for run in runs:
        one = replace(run, text=run.text.removesuffix("\n")) if not run.kind else run
        if not one.text and not one.kind:
            continue
        if joined and _same(joined[-1], one):
            joined[-1] = replace(joined[-1], text=joined[-1].text + one.text, end=one.end)
        else:
            joined.append(one)
    for link, group in groupby(
        joined, key=lambda run: marks_of(run.style).link if not run.kind else ""
    ):
        yield link, list(group)


def _same(one: Run, other: Run) -> bool:
    return (
        not one.kind and not other.kind
        and marks_of(one.style) == marks_of(other.style)
        and (one.inserted, one.deleted) == (other.inserted, other.deleted)
    )  # fmt: skip


def _marked(runs: Sequence[Run], before: str, after: str, shown: Shown) -> str:
    out = before
    for number, run in enumerate(runs):
        following = runs[number + 1].text[:1] if number + 1 < len(runs) else after
        if run.kind:
            out += _suggested(run, shown(run))
            continue
        marks = replace(marks_of(run.style), link="")
        lead = run.text[: len(run.text) - len(run.text.lstrip())]
        core = run.text.strip()
        trail = run.text[len(lead) + len(core) :]
        if not core or not marks:
            text = escaped(run.text)
            if out.endswith("]") and text.startswith(
                ("(", ":")
            ):  # else a link, or a footnote's text
                text = f"\\{text}"
            out += _suggested(run, text)
            continue
        out += escaped(lead)
        next_char = trail[:1] or following
        out += _suggested(run, _wrapped(core, marks, out[-1:], next_char)) + escaped(trail)
    return out[len(before) :]


def _suggested(run: Run, text: str) -> str:
    if run.inserted:
        text = f"{{++{text}++}}"
    return f"{{--{text}--}}" if run.deleted else text


def _wrapped(text: str, marks: Marks, before: str, after: str) -> str:
    """`text` within its marks: Markdown's where those work, else tags."""
    inner = _code(text) if marks.code else escaped(text)
    if marks.raised:
        inner = f"<{marks.raised}>{inner}</{marks.raised}>"
    plain = replace(marks, code=False, raised="") in {
        Marks(bold=True), Marks(italic=True), Marks(bold=True, italic=True), Marks(strike=True),
    }  # fmt: skip
    if plain and _flanks(before, inner[0]) and _flanks(after, inner[-1]):
        sign = "~~" if marks.strike else "*" * (2 * marks.bold + marks.italic)
        return f"{sign}{inner}{sign}"
    for name, tag in _TAGS:
        if getattr(marks, name):
            inner = f"<{tag}>{inner}</{tag}>"
    return inner


def _flanks(outside: str, inside: str) -> bool:
    """Whether a mark between these characters opens, or closes."""
    if outside in {"*", "~", "_", "\\"}:
        return False
    return inside.isalnum() or not outside or outside.isspace()


def _code(text: str) -> str:
    """A code span; a line break cannot stand in one, so it parts it."""
    parts = [_span(one) if one.strip() else one for one in text.split(LINE_BREAK)]
    return "<br>".join(parts)


def _span(text: str) -> str:
    longest = max((len(one) for one in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
