"""What a person reads, and what a program reads instead.

Answers go to stdout, everything said to a person to stderr. With `--json` a person is told nothing:
stdout holds one JSON object a line, and stderr stays empty.
"""

import json
import os
import re
import sys
import textwrap
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TextIO

from workspace_mcp.formats.clean import clean

if TYPE_CHECKING:
    from workspace_mcp.credentials.paths import Places
    from workspace_mcp.credentials.store import CredentialStore

_WORDS: Final = {"ok": "green", "warning": "yellow", "error": "red"}


def show(text: str) -> None:
    """What was asked for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def written(facts: Any) -> str:
    """One JSON object on one line; what a terminal would obey, or nobody sees, is escaped in it."""
    found = json.dumps(facts, ensure_ascii=False)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in found)


def say(text: str, environ: Mapping[str, str] | None = None) -> None:
    """Everything said to a person: wrapped between words at a terminal, coloured where it may be."""
    lines = laid_out(clean(text), width(sys.stderr))
    shown = painted(lines, may=colours(environ or {}, sys.stderr))
    sys.stderr.write(f"{shown}\n")
    sys.stderr.flush()


def width(stream: TextIO) -> int:
    """The terminal's columns; 0 when the stream leads to none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0


def colours(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether colours and links may be written to a stream."""
    plain = environ.get("NO_COLOR") or environ.get("TERM", "") in {"dumb", ""}
    return stream.isatty() and not plain


def laid_out(text: str, columns: int) -> str:
    """`text` with prose wrapped between words; addresses and commands (indented) stay whole."""
    if not columns:
        return text
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) <= columns or line.startswith(("    ", "http")):
            lines.append(line)
            continue
        inset = re.match(r" *(?:\S+ {2,})?", line)
        lines += textwrap.wrap(
            line, columns, break_long_words=False, break_on_hyphens=False,
            subsequent_indent=" " * min(len(inset[0]) if inset else 0, columns // 3),
        )  # fmt: skip
    return "\n".join(lines)


def painted(text: str, *, may: bool) -> str:
    """`text` with a link over each address that has its own line, and words of state in colour."""
    if not may:
        return text
    from rich.console import Console
    from rich.text import Text

    console = Console(
        force_terminal=True, color_system="standard", highlight=False, soft_wrap=True, width=10_000
    )
    shown = Text()
    for number, line in enumerate(text.split("\n")):
        shown.append("\n" if number else "")
        first = line.split(" ", 1)[0]
        if line.startswith("https://"):
            shown.append(line, style=f"link {line}")
        elif first in _WORDS:
            shown.append(first, style=_WORDS[first]).append(line[len(first) :])
        else:
            shown.append(line)
    with console.capture() as capture:
        console.print(shown, end="")
    return capture.get()


class Session:
    """One run of the command: its environment, how it answers, and whether it may ask."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.as_json = False
        self.no_input = False

    @cached_property
    def places(self) -> "Places":
        """Where things lie."""
        from workspace_mcp.credentials.paths import places

        return places(self.environ)

    @cached_property
    def store(self) -> "CredentialStore":
        """The accounts' files."""
        from workspace_mcp.credentials.store import CredentialStore

        return CredentialStore(self.places)

    def say(self, text: str) -> None:
        """Something for a person, and for nobody with `--json`."""
        if not self.as_json:
            say(text, self.environ)

    def tell(self, event: str, text: str, **facts: Any) -> None:
        """A step on the way: a line for a person, or an object for a program."""
        if self.as_json:
            show(written({"event": event, **facts}))
        elif text:
            say(text, self.environ)

    def answer(self, text: str, facts: Any) -> None:
        """What was asked for: as text, or as one JSON object."""
        if self.as_json:
            show(written(facts))
        elif text:
            lines = laid_out(clean(text), width(sys.stdout))
            show(painted(lines, may=colours(self.environ, sys.stdout)))

    @property
    def may_ask(self) -> bool:
        """Whether there is a person at this terminal who may be asked."""
        return not (self.no_input or self.as_json) and sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> str:
        """A person's answer in one line; "" when there is nobody to ask or nothing was typed."""
        if not self.may_ask:
            return ""
        sys.stderr.write(f"{clean(question)} ")
        sys.stderr.flush()
        return sys.stdin.readline().strip()
