"""RTF → text. No I/O.

Source: Rich Text Format (RTF) Specification 1.9.1
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)"
)
_TEXTS: Final[Mapping[str, str]] = {
    "par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "row": "\n", "nestrow": "\n",
    "tab": "\t", "cell": " | ", "nestcell": " | ", "emdash": "—", "endash": "–", "bullet": "•",
    "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d",
    "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS: Final[Mapping[bytes, str]] = {
    b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n",
}  # fmt: skip
_LEFT_OUT: Final = frozenset({
    "colortbl", "stylesheet", "info", "pict", "object", "header", "headerl", "headerr", "headerf",
    "footer", "footerl", "footerr", "footerf", "ftnsep", "ftnsepc", "aftnsep", "generator",
    "themedata", "datastore", "fldinst", "xe", "tc", "nonshppict", "listtext", "pntext", "pntxta",
    "pntxtb", "revtbl", "rsidtbl", "filetbl", "bkmkstart", "bkmkend", "atnid", "atnauthor",
})  # fmt: skip
"""Groups that hold no text of the document."""
_CHARSETS: Final[Mapping[int, str]] = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip
_DEEPEST: Final = 500


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits: shown or not, how many characters follow a Unicode one, the encoding."""

    shown: bool = True
    hidden: bool = False
    skip: int = 1
    codec: str = ""
    fonts: bool = False
    closing: str = ""
    """What is said where the group ends."""


@dataclass(slots=True)
class _Reader:
    parts: list[str] = field(default_factory=list[str])
    raw: bytearray = field(default_factory=bytearray)
    states: list[_State] = field(default_factory=lambda: [_State()])
    codec: str = "cp1252"
    font: int = 0
    fonts: dict[int, str] = field(default_factory=dict[int, str])
    left: int = 0
    """Characters to pass over: they stand for a Unicode one that was read."""
    star: bool = False

    @property
    def state(self) -> _State:
        return self.states[-1]

    def say(self, text: str) -> None:
        self.flush()
        if self.state.shown and not self.state.hidden:
            self.parts.append(text)

    def open(self) -> None:
        """A group begins."""
        self.flush()
        self.left = 0
        if len(self.states) < _DEEPEST:
            self.states.append(replace(self.state, closing=""))

    def close(self) -> None:
        """A group ends."""
        self.flush()
        self.left = 0
        if self.state.closing:
            self.say(self.state.closing)
        if len(self.states) > 1:
            self.states.pop()

    def take(self, data: bytes) -> None:
        """Bytes in the encoding of the font."""
        passed = min(self.left, len(data))
        self.left -= passed
        if self.state.shown and not self.state.hidden:
            self.raw += data[passed:]

    def flush(self) -> None:
        if self.raw:
            self.parts.append(self.raw.decode(self.state.codec or self.codec, "replace"))
            self.raw.clear()

    def change(self, **values: object) -> None:
        self.flush()
        self.states[-1] = replace(self.state, **values)  # pyright: ignore[reportArgumentType]

    def word(self, name: str, number: int | None) -> None:
        """Obey a control word."""
        star, self.star = self.star, False
        if (star and name != "shppict" and name not in _TEXTS) or name in _LEFT_OUT:
            self.change(shown=False)
        elif name in _TEXTS:
            self.say(_TEXTS[name])
        elif name == "fonttbl":
            self.change(shown=False, fonts=True)
        elif name == "footnote":
            self.say(" (")
            self.change(closing=")")
        else:
            self._setting(name, number)

    def _setting(self, name: str, number: int | None) -> None:
        match name, number:
            case "u", int():
                self.flush()
                self.say(chr(number % 65536))
                self.left = self.state.skip
            case "uc", int():
                self.change(skip=max(0, min(number, 10)))
            case "ansicpg", int():
                self.codec = _codec(f"cp{number}", self.codec)
            case "mac", _:
                self.codec = "mac_roman"
            case "f", int():
                self.font = number
                if not self.state.fonts:
                    self.change(codec=self.fonts.get(number, ""))
            case "fcharset", int() if self.state.fonts and number in _CHARSETS:
                self.fonts[self.font] = _CHARSETS[number]
            case "plain", _:
                self.change(codec="", hidden=False)
            case "v" | "deleted", _:
                self.change(hidden=number != 0)
            case _:
                pass


def _codec(name: str, otherwise: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return otherwise


def rtf(data: bytes) -> str:
    """The text of an RTF file: a line a paragraph, cells with bars between, footnotes in brackets."""
    reader = _Reader()
    at = 0
    while (token := _TOKEN.search(data, at)) is not None:
        at = token.end()
        word, number, coded, symbol, brace, text = token.groups()
        if brace == b"{":
            reader.open()
        elif brace:
            reader.close()
        elif word == b"bin":
            at += max(0, int(number or 0))
        elif word:
            reader.word(word.decode(), int(number) if number else None)
        elif coded:
            reader.take(bytes.fromhex(coded.decode()))
        elif symbol == b"*":
            reader.star = True
        elif symbol in _SYMBOLS:
            reader.say(_SYMBOLS[symbol])
        elif text:
            reader.take(text)
    reader.flush()
    found = "".join(reader.parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(r" \| ?(?=\n|$)", "", found).strip()
